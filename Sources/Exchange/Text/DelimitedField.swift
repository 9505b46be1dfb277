import Columnar

/// A field of delimited text, in RFC 4180's quotes where it would not stand for itself. NULL is empty, the empty text `""`.
package struct DelimitedField: Sendable {
    package let separator: UInt8

    package init(separator: UInt8) { self.separator = separator }

    package static let comma = DelimitedField(separator: UInt8(ascii: ","))
    package static let tab = DelimitedField(separator: UInt8(ascii: "\t"))

    /// NULL in a line of so many fields: a line without a byte is no row to most readers.
    package static func null(fieldCount: Int) -> StaticString { fieldCount == 1 ? "\"\"" : "" }

    /// `text` as it stands in a line.
    package func quoted(_ text: String) -> String {
        var text = text
        return text.withUTF8 { bytes -> String? in
            guard needsQuotes(bytes) else { return nil }
            let field = ByteBuffer(capacity: bytes.count + 16)
            append(bytes, to: field)
            return String(decoding: field.bytes, as: UTF8.self)
        } ?? text
    }

    func append(_ bytes: UnsafeBufferPointer<UInt8>, to line: ByteBuffer) {
        guard needsQuotes(bytes) else { return line.append(bytes) }
        line.append(Self.quote)
        for byte in bytes {
            if byte == Self.quote { line.append(Self.quote) }
            line.append(byte)
        }
        line.append(Self.quote)
    }

    private static let quote = UInt8(ascii: "\"")

    private func needsQuotes(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        // Some readers cut blanks at the ends, and an empty field is NULL.
        bytes.isEmpty || bytes.first == 0x20 || bytes.last == 0x20
            || bytes.contains { $0 == Self.quote || $0 == separator || $0 == 10 || $0 == 13 }
    }
}
