import Columnar
import FeatureTables

/// Weka's format: typed attributes, then a line a row; NULL is `?`. Sparse lines hold what is not 0.
///
/// Numbers are `numeric`; BOOLEAN and the classes of a label nominal; DATE and TIMESTAMP `date` (Weka has milliseconds);
/// everything else is `string`.
struct ARFFFormat: RowFormat {
    let isSparse: Bool
    var name: String { isSparse ? "sparse-arff" : "arff" }
    var suffixes: [String] { isSparse ? [] : [".arff"] }
    var summary: String { isSparse ? "Weka's format, features that are not 0" : "Weka's format" }
    var takesRows: Bool { !isSparse }

    func makeWriter(_ schema: RowSchema, to file: ExportFile) throws -> any RowWriter {
        guard takesRows else { throw ExportError(path: file.path, "\(name) holds features alone, not rows of a query") }
        return ARFFWriter(schema, file)
    }

    func write(_ table: FeatureTable, to file: ExportFile, check: () throws -> Void) throws {
        let rows = FeatureRows(table)
        if isSparse { try writeSparse(table, rows.schema, file, check) } else { try write(rows, to: file, check: check) }
    }

    private func writeSparse(
        _ table: FeatureTable, _ schema: RowSchema, _ file: ExportFile, _ check: () throws -> Void
    ) throws {
        let text = ByteBuffer(capacity: 80_000)
        ARFFHeader.append(schema, to: text)
        let width = table.matrix.columnCount
        for row in 0..<table.rowCount {
            var separator: UInt8 = 0x7B
            func append(_ column: Int, _ value: Double) {
                guard value != 0 || value.sign == .minus else { return }
                text.append(separator)
                separator = 0x2C
                NumberFormatter.append(Int64(column), to: text)
                text.append(0x20)
                if value.isNaN { text.append(0x3F) } else { PlainNumber.append(value, to: text) }
            }
            switch table.matrix.storage {
            case .dense(let elements):
                for column in 0..<width { append(column, elements[row * width + column]) }
            case .sparse(let rows):
                for place in rows.range(row) { append(Int(rows.columns[place]), rows.values[place]) }
            }
            switch table.label {
            case .classes(let codes, let names):
                // What is left out would be the first class.
                text.append(separator)
                separator = 0x2C
                NumberFormatter.append(Int64(width), to: text)
                text.append(0x20)
                ARFFHeader.append(quoting: names[Int(codes[row])], to: text)
            case .numbers(let numbers): append(width, numbers[row])
            case nil: break
            }
            if let weights = table.weights { append(width + (table.label == nil ? 0 : 1), weights[row]) }
            if separator == 0x7B { text.append(separator) }
            text.append("}\n")
            if text.count > 65_536 {
                try check()
                try file.take(text)
            }
        }
        withExtendedLifetime(table) {}
        try file.take(text)
    }
}

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

private final class ARFFWriter: RowWriter {
    private let file: ExportFile
    private let text = ByteBuffer(capacity: 80_000)
    private let value = ByteBuffer()
    private let formatter = TextFormatter(.output)

    init(_ schema: RowSchema, _ file: ExportFile) {
        self.file = file
        ARFFHeader.append(schema, to: text)
    }

    func write(_ batch: Batch) throws {
        let columns = batch.columns.map { $0.decoded(batch.rows) }
        for ordinal in 0..<batch.rowCount {
            let row = batch.rows[ordinal]
            for (position, column) in columns.enumerated() {
                if position > 0 { text.append(0x2C) }
                if column.isNull(row) { text.append(0x3F) } else { append(column, row) }
            }
            text.append(10)
            if text.count > 65_536 { try file.take(text) }
        }
    }

    func finish() throws { try file.take(text) }

    private func append(_ column: Column, _ row: Int) {
        let element = column.element(of: row)
        switch column.type {
        case .double: PlainNumber.append(column.values(as: Double.self)[element], to: text)
        case .float: PlainNumber.append(column.values(as: Float.self)[element], to: text)
        case .boolean, .tinyint, .smallint, .int, .bigint, .decimal: formatter.append(column, row: row, to: text)
        case .date: quoted { formatter.append(column, row: row, to: text) }
        case .timestamp: quoted { appendMilliseconds(column.values(as: Timestamp.self)[element]) }
        case .string, .varchar, .binary:
            ARFFHeader.append(quoting: column.values(as: StringView.self)[element].bytes, to: text)
        default:
            formatter.append(column, row: row, to: value)
            ARFFHeader.append(quoting: value.bytes, to: text)
            value.removeAll()
        }
    }

    private func quoted(_ body: () -> Void) {
        text.append(0x22)
        body()
        text.append(0x22)
    }

    private func appendMilliseconds(_ time: Timestamp) {
        DateTimeFormatter.append(Timestamp(seconds: time.seconds), to: text)
        // Whole seconds may print with a fraction of their own.
        if text.bytes.suffix(2).elementsEqual(".0".utf8) { text.truncate(to: text.count - 2) }
        text.append(0x2E)
        NumberFormatter.append(Int(time.nanoseconds) / 1_000_000, width: 3, to: text)
    }
}
