import Platform

extension AvroSchema {
    /// Reads the JSON text of a schema.
    /// - Throws: `AvroSchemaError`, which names what is wrong and where in the schema it stands.
    package init(_ text: [UInt8]) throws(AvroSchemaError) {
        let json: JSON
        do { json = try JSON(text) } catch { throw AvroSchemaError(reason: "it is no JSON: \(error)") }
        var parser = AvroSchemaParser()
        self = try parser.schema(json, namespace: "", place: "the schema")
    }
}

/// Reads one schema, whose named types may be used again behind where they are declared.
private struct AvroSchemaParser {
    private var known: [String: AvroSchema] = [:]
    private var open: Set<String> = []
    private var depth = 0

    /// More are refused: types that use each other again and again would grow without end.
    private static let largestNodeCount = 100_000
    private static let largestDepth = 64

    mutating func schema(_ json: JSON, namespace: String, place: String) throws(AvroSchemaError) -> AvroSchema {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.largestDepth else { throw AvroSchemaError(reason: "types nested more than \(Self.largestDepth) deep") }
        let schema: AvroSchema
        switch json {
        case .string(let name): schema = try named(name, namespace, place)
        case .array(let branches): schema = try union(branches, namespace, place)
        case .object: schema = try declared(json, namespace, place)
        default: throw AvroSchemaError(reason: "\(place) is no type")
        }
        guard schema.nodeCount <= Self.largestNodeCount else {
            throw AvroSchemaError(reason: "\(place) has more than \(Self.largestNodeCount) types inside it")
        }
        guard schema.depth <= Self.largestDepth else {
            throw AvroSchemaError(reason: "types nested more than \(Self.largestDepth) deep")
        }
        return schema
    }

    private static func primitive(_ name: String) -> AvroSchema.Kind? {
        switch name {
        case "null": .null
        case "boolean": .boolean
        case "int": .int
        case "long": .long
        case "float": .float
        case "double": .double
        case "bytes": .bytes
        case "string": .string
        default: nil
        }
    }

    private func named(_ name: String, _ namespace: String, _ place: String) throws(AvroSchemaError) -> AvroSchema {
        if let kind = Self.primitive(name) { return AvroSchema(kind) }
        let full = name.contains(".") || namespace.isEmpty ? name : "\(namespace).\(name)"
        for candidate in [full, name] {
            if open.contains(candidate) {
                throw AvroSchemaError(reason: "the type \(candidate) contains itself; such recursive schemas are not supported")
            }
            if let schema = known[candidate] { return schema }
        }
        throw AvroSchemaError(reason: "\(place) has the unknown type \(name)")
    }

    private mutating func union(
        _ branches: [JSON], _ namespace: String, _ place: String
    ) throws(AvroSchemaError) -> AvroSchema {
        var schemas: [AvroSchema] = []
        for branch in branches {
            let schema = try schema(branch, namespace: namespace, place: place)
            if case .union = schema.kind { throw AvroSchemaError(reason: "\(place) is a union inside a union") }
            schemas.append(schema)
        }
        guard !schemas.isEmpty else { throw AvroSchemaError(reason: "\(place) is a union of nothing") }
        return AvroSchema(.union(schemas))
    }

    private mutating func declared(
        _ json: JSON, _ namespace: String, _ place: String
    ) throws(AvroSchemaError) -> AvroSchema {
        guard let type = json["type"] else { throw AvroSchemaError(reason: "\(place) has no type") }
        guard case .string(let word) = type else {
            return try schema(type, namespace: namespace, place: place)
        }
        switch word {
        case "record", "error": return try record(json, namespace, place)
        case "enum":
            let name = try self.name(json, namespace, place)
            guard let list = json["symbols"]?.elements else { throw AvroSchemaError(reason: "\(place) has no symbols") }
            let symbols = list.compactMap(\.text)
            guard symbols.count == list.count, Set(symbols).count == symbols.count else {
                throw AvroSchemaError(reason: "\(place) has symbols that are none, or twice the same")
            }
            return declare(name, AvroSchema(.enumeration(name, symbols: symbols, fallback: json["default"]?.text)))
        case "fixed":
            let name = try self.name(json, namespace, place)
            guard let size = json["size"]?.integer, (0...(1 << 30)).contains(size) else {
                throw AvroSchemaError(reason: "\(place) has no size")
            }
            return declare(name, AvroSchema(.fixed(name, size: size), logical: Self.logical(json, .fixed(name, size: size))))
        case "array":
            guard let items = json["items"] else { throw AvroSchemaError(reason: "\(place) has no items") }
            return AvroSchema(.array(try schema(items, namespace: namespace, place: "\(place)[]")))
        case "map":
            guard let values = json["values"] else { throw AvroSchemaError(reason: "\(place) has no values") }
            return AvroSchema(.map(try schema(values, namespace: namespace, place: "\(place)[]")))
        default:
            guard let kind = Self.primitive(word) else { return try named(word, namespace, place) }
            return AvroSchema(kind, logical: Self.logical(json, kind))
        }
    }

    private mutating func record(
        _ json: JSON, _ namespace: String, _ place: String
    ) throws(AvroSchemaError) -> AvroSchema {
        let name = try self.name(json, namespace, place)
        guard let list = json["fields"]?.elements else { throw AvroSchemaError(reason: "\(place) has no fields") }
        // Inner types without a namespace of their own have the record's.
        let inner = Self.namespace(of: name.full)
        open.insert(name.full)
        defer { open.remove(name.full) }
        var fields: [AvroField] = []
        var names = Set<String>()
        for entry in list {
            guard let fieldName = entry["name"]?.text, let type = entry["type"] else {
                throw AvroSchemaError(reason: "\(place) has a field without name or type")
            }
            guard names.insert(fieldName).inserted else {
                throw AvroSchemaError(reason: "\(place) has the field \(fieldName) twice")
            }
            let schema = try schema(type, namespace: inner, place: "field \(fieldName)")
            fields.append(
                AvroField(
                    name: fieldName, aliases: entry["aliases"]?.elements?.compactMap(\.text) ?? [], schema: schema,
                    fallback: entry["default"], comment: entry["doc"]?.text))
        }
        return declare(name, AvroSchema(.record(name, fields)))
    }

    private mutating func declare(_ name: AvroName, _ schema: AvroSchema) -> AvroSchema {
        known[name.full] = schema
        return schema
    }

    private static func namespace(of full: String) -> String {
        full.lastIndex(of: ".").map { String(full[..<$0]) } ?? ""
    }

    private func name(_ json: JSON, _ namespace: String, _ place: String) throws(AvroSchemaError) -> AvroName {
        guard let name = json["name"]?.text, !name.isEmpty else { throw AvroSchemaError(reason: "\(place) has no name") }
        let own = json["namespace"]?.text ?? namespace
        let full = name.contains(".") || own.isEmpty ? name : "\(own).\(name)"
        guard known[full] == nil, !open.contains(full) else {
            throw AvroSchemaError(reason: "the type \(full) is declared twice")
        }
        let space = Self.namespace(of: full)
        let aliases = json["aliases"]?.elements?.compactMap(\.text) ?? []
        return AvroName(full: full, aliases: aliases.map { $0.contains(".") || space.isEmpty ? $0 : "\(space).\($0)" })
    }

    /// Logical types that are unknown, or do not fit, are passed over, as the specification wants it.
    private static func logical(_ json: JSON, _ kind: AvroSchema.Kind) -> AvroSchema.Logical? {
        switch (json["logicalType"]?.text?.lowercased(), kind) {
        case ("decimal", .bytes), ("decimal", .fixed):
            let precision = json["precision"]?.integer ?? 0
            let scale = json["scale"]?.integer ?? 0
            return (1...38).contains(precision) && (0...precision).contains(scale)
                ? .decimal(precision: precision, scale: scale) : nil
        case ("date", .int): return .date
        case ("timestamp-millis", .long), ("local-timestamp-millis", .long): return .timestamp(units: 1_000)
        case ("timestamp-micros", .long), ("local-timestamp-micros", .long): return .timestamp(units: 1_000_000)
        case ("timestamp-nanos", .long), ("local-timestamp-nanos", .long): return .timestamp(units: 1_000_000_000)
        case ("char", .string):
            return length(json, 255).map { .char(length: $0) }
        case ("varchar", .string):
            return length(json, 65535).map { .varchar(length: $0) }
        default: return nil
        }
    }

    private static func length(_ json: JSON, _ most: Int) -> Int? {
        json["maxLength"]?.integer.flatMap { (1...most).contains($0) ? $0 : nil }
    }
}
