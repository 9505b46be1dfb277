import Foundation
import HiveQL

/// Rows in aligned columns for a terminal. Widths come from the first rows; later ones that do not fit stick out.
final class TablePrinter: RowConsumer {
    private static let rowsForWidths = 1_000
    private static let widestColumn = 60

    private var schema: [SchemaColumn] = []
    private var held: [[String]] = []
    private var widths: [Int]?
    private var hasHeader = true
    private let willPrint: () -> Void

    init(willPrint: @escaping () -> Void) { self.willPrint = willPrint }

    func begin(_ schema: [SchemaColumn], hasHeader: Bool) throws {
        self.schema = schema
        self.hasHeader = hasHeader
    }

    func consume(_ batch: Batch) throws {
        let texts = try batch.columns.indices.map { try batch.texts(ofColumn: $0) }
        for row in 0..<batch.rowCount {
            let cells = texts.map { $0[row] }
            if let widths { printRow(cells, widths) } else { held.append(cells) }
        }
        if held.count >= Self.rowsForWidths { printHeld() }
    }

    /// Prints what was held back. Call after the last row.
    func finish() throws {
        printHeld()
        if let widths, hasHeader { printRule(widths, "└", "┴", "┘") }
    }

    private func printHeld() {
        guard widths == nil, !schema.isEmpty else { return }
        willPrint()
        guard hasHeader else {
            for row in held { print(row.joined(separator: "\t")) }
            held = []
            return
        }
        let titles = schema.map(\.name)
        let chosen = schema.indices.map { index in
            min(Self.widestColumn, held.reduce(titles[index].displayWidth) { max($0, $1[index].displayWidth) })
        }
        widths = chosen
        printRule(chosen, "┌", "┬", "┐")
        printCells(titles, chosen, isRight: schema.map { _ in false })
        printRule(chosen, "├", "┼", "┤")
        for row in held { printRow(row, chosen) }
        held = []
    }

    private func printRow(_ cells: [String], _ widths: [Int]) {
        printCells(cells, widths, isRight: schema.map { $0.type.isNumeric })
    }

    private func printCells(_ cells: [String], _ widths: [Int], isRight: [Bool]) {
        let padded = cells.enumerated().map { index, cell in
            let text = cell.replacingOccurrences(of: "\n", with: "\\n").fitted(to: widths[index])
            let padding = String(repeating: " ", count: max(0, widths[index] - text.displayWidth))
            return isRight[index] ? padding + text : text + padding
        }
        print("│ " + padded.joined(separator: " │ ") + " │")
    }

    private func printRule(_ widths: [Int], _ left: String, _ middle: String, _ right: String) {
        print(left + widths.map { String(repeating: "─", count: $0 + 2) }.joined(separator: middle) + right)
    }
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
    fileprivate var displayWidth: Int {
        unicodeScalars.reduce(0) { width, scalar in
            switch scalar.value {
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
                0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
                width + 2
            default: width + (scalar.properties.generalCategory == .nonspacingMark ? 0 : 1)
            }
        }
    }

    fileprivate func fitted(to width: Int) -> String {
        guard displayWidth > width else { return self }
        var text = self
        while text.displayWidth > width - 1, !text.isEmpty { text.removeLast() }
        return text + "…"
    }
}
