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

    func makeDeserializer(schema: [SchemaColumn], fields: [Int: FieldSelection]) throws -> any LineDeserializer {
        JSONDeserializer(self, schema: schema, fields: fields)
    }

    func makeSerializer(schema: [SchemaColumn]) throws -> any LineSerializer { JSONSerializer(self, schema: schema) }
}

/// Why a value or a line is refused; whoever knows the line adds its place.
struct JSONRefusal: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
}
