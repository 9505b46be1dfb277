import Columnar

/// The two classes `JsonSerDe`: an object a line, whose members are columns by name, whatever the case of letters.
struct JSONSerDe: TextSerDe {
    /// HCatalog's class takes values as they are meant and refuses others; Hive's own (since 3.0) converts what it can.
    let isStrict: Bool
    /// Lines that would be refused are NULL in all columns.
    let ignoresMalformed: Bool
    let nullsEmptyLines: Bool
    let ignoresExtraFields: Bool
    /// Objects and arrays in columns of text are their JSON.
    let keepsComplexAsText: Bool
    let isBinaryBase64: Bool
    let timestamps: TimestampFormats

    init(_ storage: TableStorage) throws {
        func flag(_ name: String, default missing: Bool) -> Bool {
            storage.property(name).map { $0.lowercased() == "true" } ?? missing
        }
        isStrict = storage.serde.contains(".hcatalog.")
        ignoresMalformed = flag("ignore.malformed.json", default: false)
        nullsEmptyLines = flag("text.null.empty.line", default: false)
        ignoresExtraFields = flag("text.ignore.extra.fields", default: true)
        keepsComplexAsText = flag("json.stringify.complex.fields", default: true)
        let binary = storage.property("json.binary.format")?.lowercased() ?? "base64"
        guard ["base64", "rawstring"].contains(binary) else {
            throw TableFormatError("No such binary encoding: \(binary)", path: "")
        }
        isBinaryBase64 = binary == "base64"
        timestamps = try TimestampFormats(storage.property("timestamp.formats"))
    }

    func makeDeserializer(schema: [SchemaColumn]) throws -> any LineDeserializer {
        JSONDeserializer(self, schema: schema)
    }

    func makeSerializer(schema: [SchemaColumn]) throws -> any LineSerializer { JSONSerializer(self, schema: schema) }
}

/// Why a value or a line is refused; whoever knows the line adds its place.
struct JSONRefusal: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
}

/// What kinds of values there are, one bit each.
struct JSONKinds: OptionSet {
    let rawValue: UInt8
    static let text = JSONKinds(rawValue: 1)
    /// Text with backslashes.
    static let escapedText = JSONKinds(rawValue: 2)
    static let whole = JSONKinds(rawValue: 4)
    /// A number with a fraction or an exponent.
    static let fraction = JSONKinds(rawValue: 8)
    static let boolean = JSONKinds(rawValue: 16)
    static let nested = JSONKinds(rawValue: 32)
    static let null = JSONKinds(rawValue: 64)
}

/// The members that a type has, and their types' own.
final class JSONNode {
    let type: SQLType
    let children: [JSONNode]
    private let names: [[UInt8]: Int]
    /// For a structure: where the value of each field was found last.
    var positions: [Int]

    init(_ type: SQLType) {
        self.type = type
        children = type.childTypes.map { JSONNode($0) }
        if case .structure(let fields) = type {
            names = Self.numbered(fields.map(\.name))
        } else {
            names = [:]
        }
        positions = children.map { _ in -1 }
    }

    convenience init(columns: [SchemaColumn]) {
        self.init(.structure(columns.map { StructField(name: $0.name, type: $0.type) }))
    }

    private static func numbered(_ names: [String]) -> [[UInt8]: Int] {
        var numbers: [[UInt8]: Int] = [:]
        for (number, name) in names.enumerated().reversed() { numbers[Array(name.lowercased().utf8)] = number }
        return numbers
    }

    /// The field of that name; Hive's internal names `_col0` … stand for the fields by number.
    func field(_ name: UnsafeBufferPointer<UInt8>) -> Int? {
        var key = Array(name)
        var isASCII = true
        for at in key.indices {
            let byte = key[at]
            if byte &- 0x41 < 26 { key[at] = byte | 0x20 }
            if byte >= 128 { isASCII = false }
        }
        if !isASCII { key = Array(String(decoding: key, as: UTF8.self).lowercased().utf8) }
        if let known = names[key] { return known }
        guard key.starts(with: Array("_col".utf8)), key.count > 4, key.count < 12,
            key.dropFirst(4).allSatisfy({ $0 &- 0x30 < 10 })
        else { return nil }
        let number = key.dropFirst(4).reduce(0) { $0 * 10 + Int($1 &- 0x30) }
        return children.indices.contains(number) ? number : nil
    }
}
