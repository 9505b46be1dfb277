/// How a text table's bytes become rows: Hive's `LazySimpleSerDe` over `TextInputFormat`.
package struct TextFormat: Sendable, Hashable {
    /// Delimiters by nesting level: 0 separates fields, 1 collection items, 2 map keys from values, and so on.
    package var delimiters: [UInt8]
    /// The byte that takes away the special meaning of the next one, if the table has one.
    package var escape: UInt8?
    /// The field that stands for NULL.
    package var nullSequence: [UInt8]
    /// Lines left out at the beginning and at the end of every file.
    package var skipHeaderLines: Int
    package var skipFooterLines: Int
    /// The last column keeps delimiters that follow it.
    package var lastColumnTakesRest: Bool
    /// `\r` and `\n` inside strings are written (and read) as escapes; needs `escape`.
    package var escapesLineEnds: Bool
    /// 't', 'f', '1' and '0' are booleans too.
    package var extendedBooleanLiterals: Bool
    /// Tried before the standard form of a timestamp; none for most tables.
    var timestamps: TimestampFormats
    /// Of the files when it is not UTF-8.
    var encoding: TextEncoding?
    /// What records end at instead of lines, if not empty.
    var recordDelimiter: [UInt8] = []
    /// BINARY stands in files as Base64.
    var encodesBinary = true

    package var fieldDelimiter: UInt8 { delimiters[0] }
    package var collectionDelimiter: UInt8 { delimiters[1] }
    package var mapKeyDelimiter: UInt8 { delimiters[2] }

    /// Hive's defaults: ^A, ^B, ^C…, no escape, `\N`.
    package init() {
        delimiters = Self.defaultDelimiters
        escape = nil
        nullSequence = Array(#"\N"#.utf8)
        skipHeaderLines = 0
        skipFooterLines = 0
        lastColumnTakesRest = false
        escapesLineEnds = false
        extendedBooleanLiterals = false
        timestamps = TimestampFormats()
        encoding = nil
    }

    /// From a table's storage descriptor. Keys that Hive does not know are ignored, as Hive does.
    /// - Parameter settings: what the session says where properties do not.
    /// - Throws: `TableFormatError` when the table's encoding or line delimiter is one that cannot be read.
    package init(
        serdeProperties: [String: String], tableProperties: [String: String] = [:], settings: [String: String] = [:]
    ) throws {
        self.init()
        func property(_ name: String) -> String? { serdeProperties[name] ?? tableProperties[name] }
        if let text = property("field.delim") ?? property("serialization.format") {
            delimiters[0] = Self.delimiterByte(text, default: 1)
        }
        if let text = property("colelction.delim") ?? property("collection.delim") {
            delimiters[1] = Self.delimiterByte(text, default: 2)
        }
        if let text = property("mapkey.delim") { delimiters[2] = Self.delimiterByte(text, default: 3) }
        if let text = property("escape.delim") { escape = Self.delimiterByte(text, default: UInt8(ascii: "\\")) }
        if let text = property("serialization.null.format") { nullSequence = Array(text.utf8) }
        if let text = property("serialization.last.column.takes.rest") {
            lastColumnTakesRest = text.lowercased() == "true"
        }
        if let text = property("serialization.escape.crlf") { escapesLineEnds = text.lowercased() == "true" }
        let extendedBooleans = "hive.lazysimple.extended_boolean_literal"
        if let text = property(extendedBooleans) ?? settings[extendedBooleans] {
            extendedBooleanLiterals = text.lowercased() == "true"
        }
        timestamps = try TimestampFormats(property("timestamp.formats"))
        skipHeaderLines = property("skip.header.line.count").flatMap { Int($0) } ?? 0
        skipFooterLines = property("skip.footer.line.count").flatMap { Int($0) } ?? 0
        skipHeaderLines = max(skipHeaderLines, 0)
        skipFooterLines = max(skipFooterLines, 0)
        let delimiterName = "textinputformat.record.delimiter"
        recordDelimiter = Array((property(delimiterName) ?? settings[delimiterName] ?? "").utf8)
        if let text = property("serialization.encoding") { encoding = try TextEncoding(named: text) }
        if let text = property("line.delim"), text != "\n", text != "10" {
            throw TableFormatError("LINES TERMINATED BY only supports newline '\\n' right now", path: "")
        }
    }

    init(_ storage: TableStorage) throws {
        try self.init(
            serdeProperties: storage.serdeProperties, tableProperties: storage.tableProperties, settings: storage.settings)
    }

    /// ^A … ^H, then the control bytes that Hive appends for deeper nesting.
    private static let defaultDelimiters: [UInt8] =
        Array(1...8) + [11] + Array(14...26) + Array(28...31)

    /// A delimiter as table properties spell it: a number is a byte's value, anything else the low byte of its first
    /// character.
    static func delimiterByte(_ text: String, default missing: UInt8) -> UInt8 {
        guard let first = text.unicodeScalars.first else { return missing }
        if let number = Int8(text) { return UInt8(bitPattern: number) }
        return UInt8(truncatingIfNeeded: first.value)
    }
}
