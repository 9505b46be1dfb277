import Columnar

/// Names, types and quotes as Weka reads them.
enum ARFFHeader {
    static func append(_ schema: RowSchema, to text: ByteBuffer) {
        text.append("@relation hiveql\n\n")
        for (position, column) in schema.columns.enumerated() {
            text.append("@attribute ")
            append(quoting: column.name, to: text)
            text.append(0x20)
            if let levels = schema.levels[position] {
                appendNominal(levels, to: text)
            } else {
                switch column.type {
                case let type where type.isNumeric: text.append("numeric")
                case .boolean: appendNominal(["false", "true"], to: text)
                case .date: text.append("date \"yyyy-MM-dd\"")
                case .timestamp: text.append("date \"yyyy-MM-dd HH:mm:ss.SSS\"")
                default: text.append("string")
                }
            }
            text.append(10)
        }
        text.append("\n@data\n")
    }

    private static func appendNominal(_ levels: [String], to text: ByteBuffer) {
        text.append(0x7B)
        for (position, level) in levels.enumerated() {
            if position > 0 { text.append(0x2C) }
            append(quoting: level, to: text)
        }
        text.append(0x7D)
    }

    static func append(quoting word: String, to text: ByteBuffer) {
        var word = word
        word.withUTF8 { append(quoting: $0, to: text) }
    }

    /// In single quotes with backslashes, where something in the word would not stand for itself.
    static func append(quoting word: UnsafeBufferPointer<UInt8>, to text: ByteBuffer) {
        let isPlain =
            !word.isEmpty && !(word.count == 1 && word[0] == UInt8(ascii: "?"))
            && word.allSatisfy { $0 > 0x20 && $0 != 0x7F && !special.contains($0) }
        guard !isPlain else { return text.append(word) }
        text.append(0x27)
        for byte in word {
            switch byte {
            case 0x09: text.append("\\t")
            case 0x0A: text.append("\\n")
            case 0x0D: text.append("\\r")
            case 0x1E: text.append("\\u001E")
            case 0x22, 0x25, 0x27, 0x5C:
                text.append(0x5C)
                text.append(byte)
            default: text.append(byte)
            }
        }
        text.append(0x27)
    }

    private static let special = Set("'\"%,{}\\@".utf8)
}
