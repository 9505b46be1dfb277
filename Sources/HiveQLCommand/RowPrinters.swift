import HiveQL
import Platform

/// Prints rows to standard output.
protocol RowPrinter: RowConsumer {
    /// Prints what was held back. Called after the last row.
    func finish() throws
}

/// Values separated by tabs, a row a line.
final class TabPrinter: RowPrinter {
    private let printer: ResultPrinter

    /// - Parameter isForTerminal: control characters of values are shown, not sent.
    init(printsHeader: Bool, isForTerminal: Bool = Console.outputIsTerminal) {
        printer = ResultPrinter(printsHeader: printsHeader) { bytes in
            if isForTerminal, let shown = ControlCharacters.shown(in: bytes, keepingLayout: true) {
                shown.withUnsafeBufferPointer(Console.write)
            } else {
                Console.write(bytes)
            }
        }
    }

    func begin(_ schema: [SchemaColumn], hasHeader: Bool) throws { try printer.begin(schema, hasHeader: hasHeader) }

    func consume(_ batch: Batch) throws { try printer.consume(batch) }

    func finish() throws {}
}

/// A line for each column of a row, under the row's number.
final class RecordPrinter: RowPrinter {
    private var names: [String] = []
    private var hasHeader = true
    private var rowNumber = 0
    private let isForTerminal = Console.outputIsTerminal

    func begin(_ schema: [SchemaColumn], hasHeader: Bool) throws {
        self.hasHeader = hasHeader && !schema.isRunningText
        let width = schema.map { $0.name.displayWidth }.max() ?? 0
        names = schema.map { $0.name + String(repeating: " ", count: width - $0.name.displayWidth) }
    }

    func consume(_ batch: Batch) throws {
        let texts = try batch.columns.indices.map { try batch.texts(ofColumn: $0) }
        var lines: [String] = []
        for row in 0..<batch.rowCount {
            rowNumber += 1
            if hasHeader { lines.append("─── row \(rowNumber) ───") }
            for (index, name) in names.enumerated() {
                let cell = texts[index][row]
                lines.append(hasHeader ? "\(name) │ \(isForTerminal ? cell.withoutControls : cell)" : cell)
            }
        }
        Console.print(lines)
    }

    func finish() throws {}
}

extension [SchemaColumn] {
    /// Lines that make no table: the statements and plans that SHOW CREATE TABLE and EXPLAIN print.
    var isRunningText: Bool { count == 1 && ["createtab_stmt", "explain"].contains(self[0].name.lowercased()) }
}

extension Batch {
    /// The selected rows of a column as Hive's command line prints them.
    func texts(ofColumn index: Int) throws -> [String] {
        let single = Batch(columns: [columns[index]], capacity: capacity, rows: rows)
        let schema = [SchemaColumn(name: "", type: columns[index].type)]
        return QueryResult(schema: schema, batches: [single]).lines()
    }
}

extension String {
    /// Columns of a terminal that the text takes; wide characters of East Asian scripts and emoji take two.
    var displayWidth: Int {
        if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
        return unicodeScalars.reduce(0) { width, scalar in
            switch scalar.value {
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
                0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
                return width + 2
            case 0x200B...0x200F, 0xFE00...0xFE0F: return width
            default:
                switch scalar.properties.generalCategory {
                case .nonspacingMark, .enclosingMark: return width
                default: return width + 1
                }
            }
        }
    }

    /// Cut with an ellipsis when it takes more than `width` columns.
    func fitted(to width: Int) -> String {
        guard displayWidth > width else { return self }
        var text = ""
        var used = 1
        for character in self {
            used += String(character).displayWidth
            if used > width { break }
            text.append(character)
        }
        return text + "…"
    }

    /// Control characters as escapes, so that a value stays on its line and can't steer the terminal.
    var withoutControls: String {
        guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            case _ where scalar.properties.generalCategory == .control:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
