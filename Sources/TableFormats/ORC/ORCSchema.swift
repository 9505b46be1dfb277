import Columnar

/// A type of a file's schema and its number, by which stripes name its streams.
package final class ORCSchemaNode: Sendable {
    package let id: Int
    package let type: SQLType
    package let children: [ORCSchemaNode]

    init(id: Int, type: SQLType, children: [ORCSchemaNode]) {
        self.id = id
        self.type = type
        self.children = children
    }
}

/// Makes Hive's columns of the types that a footer lists.
struct ORCSchema {
    let columns: [SchemaColumn]
    let root: ORCSchemaNode

    /// Deeper ones are refused: types are walked recursively everywhere.
    private static let deepest = 64

    /// The fields that wrap the rows of transactional tables.
    private static let transactionFields: [Set<String>] = [
        ["operation"], ["originaltransaction", "originalwriteid"], ["bucket"], ["rowid"],
        ["currenttransaction", "currentwriteid"], ["row"],
    ]

    init(_ types: [ORCType], part: ORCPart) throws {
        guard let first = types.first else { throw part.damaged("it has no types") }
        guard first.kind == .structure else {
            throw TableFormatError("the rows of this ORC file are no structures but \(first.kind)", path: part.path)
        }
        let names = first.fieldNames.map { $0.lowercased() }
        if names.count == Self.transactionFields.count, zip(names, Self.transactionFields).allSatisfy({ $1.contains($0) }) {
            throw TableFormatError("this is a file of a transactional (ACID) table, which cannot be read", path: part.path)
        }
        var builder = Builder(types: types, part: part)
        root = try builder.node(0, depth: 0)
        columns = zip(names, root.children).map { SchemaColumn(name: $0, type: $1.type) }
    }

    private struct Builder {
        let types: [ORCType]
        let part: ORCPart
        /// Types are numbered in pre-order: any other number would be a cycle or a type that is used twice.
        var next = 0

        mutating func node(_ id: Int, depth: Int) throws -> ORCSchemaNode {
            guard id == next, id < types.count else { throw part.damaged("type \(id) is out of order") }
            guard depth <= ORCSchema.deepest else { throw part.damaged("types are nested more than \(ORCSchema.deepest) deep") }
            next += 1
            let type = types[id]
            var children: [ORCSchemaNode] = []
            for child in type.children {
                guard let number = Int(exactly: child) else { throw part.damaged("a type has no type \(child)") }
                children.append(try node(number, depth: depth + 1))
            }
            return ORCSchemaNode(id: id, type: try sqlType(type, id, children.map(\.type)), children: children)
        }

        private func sqlType(_ type: ORCType, _ id: Int, _ children: [SQLType]) throws -> SQLType {
            func expect(_ count: Int) throws {
                guard children.count == count else {
                    throw part.damaged("type \(id) (\(type.kind)) has \(children.count) children")
                }
            }
            switch type.kind {
            case .list: try expect(1)
            case .map: try expect(2)
            case .structure: try expect(type.fieldNames.count)
            case .union: guard 1...256 ~= children.count else { throw part.damaged("type \(id) has \(children.count) members") }
            default: try expect(0)
            }
            switch type.kind {
            case .boolean: return .boolean
            case .byte: return .tinyint
            case .short: return .smallint
            case .int: return .int
            case .long: return .bigint
            case .float: return .float
            case .double: return .double
            case .string: return .string
            case .binary: return .binary
            case .timestamp: return .timestamp
            case .timestampInstant: return .timestampLocalTimeZone
            case .date: return .date
            case .list: return .array(children[0])
            case .map: return .map(key: children[0], value: children[1])
            case .structure:
                return .structure(zip(type.fieldNames, children).map { StructField(name: $0.lowercased(), type: $1) })
            case .union: return .union(children)
            case .decimal:
                // Files of Hive 0.11 say neither.
                let precision = type.precision.flatMap { $0 == 0 ? nil : $0 } ?? 38
                let scale = type.scale ?? (type.precision == nil ? 10 : 0)
                guard 1...38 ~= precision, 0...precision ~= scale else {
                    throw part.damaged("decimal(\(precision),\(scale)) is no type")
                }
                return .decimal(precision: precision, scale: scale)
            case .varchar:
                guard 1...65535 ~= type.maximumLength else { throw part.damaged("varchar(\(type.maximumLength)) is no type") }
                return .varchar(length: type.maximumLength)
            case .char:
                guard 1...255 ~= type.maximumLength else { throw part.damaged("char(\(type.maximumLength)) is no type") }
                return .char(length: type.maximumLength)
            }
        }
    }
}
