import Columnar
import Platform

extension AvroSchema {
    /// The columns that a table with this schema has, as Hive makes them.
    /// - Throws: `AvroSchemaError` when it is no record.
    package func columns() throws(AvroSchemaError) -> [SchemaColumn] {
        guard let fields else { throw AvroSchemaError(reason: "a table's rows must be records, and not \(kindName)") }
        return fields.map { SchemaColumn(name: $0.name.lowercased(), type: $0.schema.sqlType, comment: $0.comment) }
    }

    /// The type of values. A union with null is the type of its other branch; several others are a UNIONTYPE.
    package var sqlType: SQLType {
        switch logical {
        case .decimal(let precision, let scale): return .decimal(precision: precision, scale: scale)
        case .date: return .date
        case .timestamp: return .timestamp
        case .char(let length): return .char(length: length)
        case .varchar(let length): return .varchar(length: length)
        case nil: break
        }
        switch kind {
        case .null: return .void
        case .boolean: return .boolean
        case .int: return .int
        case .long: return .bigint
        case .float: return .float
        case .double: return .double
        case .bytes, .fixed: return .binary
        case .string, .enumeration: return .string
        case .record(_, let fields):
            return .structure(fields.map { StructField(name: $0.name.lowercased(), type: $0.schema.sqlType) })
        case .array(let items): return .array(items.sqlType)
        case .map(let values): return .map(key: .string, value: values.sqlType)
        case .union(let branches):
            let others = branches.filter { $0.kind != .null }
            if others.isEmpty { return .void }
            if others.count == 1, branches.count > 1 { return others[0].sqlType }
            return .union(others.map(\.sqlType))
        }
    }

    /// The schema of a table that says only its columns, as JSON text in Hive's form: everything may be NULL.
    /// - Parameter name: of the table; its database is the namespace.
    /// - Throws: `AvroSchemaError` for types that Avro has not.
    package static func text(
        of columns: [SchemaColumn], name: String, namespace: String
    ) throws(AvroSchemaError) -> String {
        var maker = AvroSchemaMaker()
        var fields: [JSON] = []
        for column in columns { fields.append(try maker.field(column.name, column.type, comment: column.comment)) }
        let schema = JSON.object([
            .init("type", .string("record")), .init("name", .string(name)), .init("namespace", .string(namespace)),
            .init("fields", .array(fields)),
        ])
        do { return try schema.written() } catch { throw AvroSchemaError(reason: "\(error)") }
    }
}

/// Makes the schemas of columns. Records inside have no names of their own and get numbers.
private struct AvroSchemaMaker {
    private var recordCount = 0

    mutating func field(_ name: String, _ type: SQLType, comment: String?) throws(AvroSchemaError) -> JSON {
        guard Self.isName(name) else {
            throw AvroSchemaError(reason: "the column name \(name) is no name of Avro: letters, digits and _ only")
        }
        var members = [JSON.Member("name", .string(name)), JSON.Member("type", try nullable(type))]
        if let comment { members.append(.init("doc", .string(comment))) }
        members.append(.init("default", .null))
        return .object(members)
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first else { return false }
        func isLetter(_ scalar: Unicode.Scalar) -> Bool { scalar == "_" || scalar.properties.isAlphabetic }
        return isLetter(first) && name.unicodeScalars.allSatisfy { isLetter($0) || $0.properties.numericType != nil }
    }

    private mutating func nullable(_ type: SQLType) throws(AvroSchemaError) -> JSON {
        if type == .void { return .string("null") }
        guard case .union(let members) = type else { return .array([.string("null"), try plain(type)]) }
        var branches = [JSON.string("null")]
        for member in members { branches.append(try plain(member)) }
        return .array(branches)
    }

    private mutating func plain(_ type: SQLType) throws(AvroSchemaError) -> JSON {
        func logical(_ type: String, _ name: String, _ more: [(String, Int)] = []) -> JSON {
            .object(
                [.init("type", .string(type)), .init("logicalType", .string(name))]
                    + more.map { .init($0.0, .integer(Int64($0.1))) })
        }
        switch type {
        case .void: return .string("null")
        case .boolean: return .string("boolean")
        case .tinyint, .smallint, .int: return .string("int")
        case .bigint: return .string("long")
        case .float: return .string("float")
        case .double: return .string("double")
        case .string: return .string("string")
        case .binary: return .string("bytes")
        case .char(let length): return logical("string", "char", [("maxLength", length)])
        case .varchar(let length): return logical("string", "varchar", [("maxLength", length)])
        case .decimal(let precision, let scale):
            return logical("bytes", "decimal", [("precision", precision), ("scale", scale)])
        case .date: return logical("int", "date")
        case .timestamp: return logical("long", "timestamp-millis")
        case .array(let items):
            return .object([.init("type", .string("array")), .init("items", try nullable(items))])
        case .map(let key, let value):
            guard key.isCharacter else { throw AvroSchemaError(reason: "Avro only supports maps with keys that are strings, and not \(key)") }
            return .object([.init("type", .string("map")), .init("values", try nullable(value))])
        case .structure(let fields):
            let name = "record_\(recordCount)"
            recordCount += 1
            var inner: [JSON] = []
            for entry in fields { inner.append(try field(entry.name, entry.type, comment: entry.type.description)) }
            return .object([
                .init("type", .string("record")), .init("name", .string(name)), .init("namespace", .string("")),
                .init("doc", .string(type.description)), .init("fields", .array(inner)),
            ])
        case .union: throw AvroSchemaError(reason: "a union inside a union is no type of Avro")
        case .timestampLocalTimeZone, .intervalYearMonth, .intervalDayTime:
            throw AvroSchemaError(reason: "\(type) is no type of Avro")
        }
    }
}
