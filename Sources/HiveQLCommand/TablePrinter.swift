import HiveQL

/// Rows in aligned columns for a terminal. Widths come from the first rows; of later ones, texts that do not fit are
/// cut, numbers stick out.
final class TablePrinter: RowPrinter {
    private static let rowsForWidths = 1_000

    private let terminalWidth: Int
    private var schema: [SchemaColumn] = []
    private var held: [[String]] = []
    private var layout: TableLayout?
    private var hasHeader = true

    init(width: Int) { terminalWidth = width }

    func begin(_ schema: [SchemaColumn], hasHeader: Bool) throws {
        self.schema = schema
        self.hasHeader = hasHeader
    }

    func consume(_ batch: Batch) throws {
        let isPlain = self.isPlain
        let texts = try batch.columns.indices.map { index in
            let texts = try batch.texts(ofColumn: index)
            return isPlain ? texts : texts.map(\.withoutControls)
        }
        let rows = (0..<batch.rowCount).map { row in texts.map { $0[row] } }
        if let layout {
            Console.print(rows.map { layout.line($0) })
        } else {
            held += rows
            if held.count >= Self.rowsForWidths || isPlain { printHeld() }
        }
    }

    func finish() throws {
        printHeld()
        guard let layout else { return }
        Console.print(layout.rule("└", "┴", "┘"))
        if layout.shown.count < schema.count {
            let counts = "\(schema.count) columns, \(layout.shown.count) shown"
            Console.print("(\(counts); set hiveql.shell.output=lines; shows a column a line)")
        }
    }

    private var isPlain: Bool { !hasHeader || schema.isRunningText }

    private func printHeld() {
        guard layout == nil, !schema.isEmpty else { return }
        defer { held = [] }
        if isPlain {
            Console.print(held.map { $0.joined(separator: "\t") })
            return
        }
        let layout = TableLayout(schema: schema, rows: held, terminalWidth: terminalWidth)
        self.layout = layout
        Console.print(
            [layout.rule("┌", "┬", "┐"), layout.titleLine, layout.rule("├", "┼", "┤")] + held.map { layout.line($0) })
    }
}

/// Which columns are shown, and how wide.
struct TableLayout {
    /// A column of text is not made narrower than this.
    private static let narrowestText = 12

    /// Positions of the columns that are shown. Where some are left out, a column of dots stands between the halves.
    let shown: [Int]
    private let gap: Int?
    private let titles: [String]
    private let widths: [Int]
    private let isNumeric: [Bool]

    init(schema: [SchemaColumn], rows: [[String]], terminalWidth: Int) {
        titles = schema.map(\.name.withoutControls)
        isNumeric = schema.map(\.type.isNumeric)
        let values = schema.indices.map { index in rows.reduce(0) { max($0, $1[index].displayWidth) } }
        var natural: [Int] = []
        var least: [Int] = []
        for index in schema.indices {
            let wanted = max(values[index], titles[index].displayWidth, 1)
            natural.append(wanted)
            let narrow = min(wanted, Self.narrowestText)
            least.append(isNumeric[index] ? max(values[index], narrow) : narrow)
        }
        (shown, gap) = Self.choose(least, terminalWidth)
        // A border and two spaces a column.
        let available = terminalWidth - 1 - 3 * shown.count - (gap == nil ? 0 : 4)
        widths = Self.shrink(natural, least, shown, to: available)
    }

    /// The outer columns, as many as fit at their least widths; the first and the last in any case.
    private static func choose(_ least: [Int], _ terminalWidth: Int) -> (shown: [Int], gap: Int?) {
        let all = Array(least.indices)
        guard least.reduce(1, { $0 + $1 + 3 }) > terminalWidth, least.count > 2 else { return (all, nil) }
        var left = 1
        var right = least.count - 1
        var used = 1 + 4 + least[0] + 3 + least[right] + 3
        while left < right {
            let next = left <= least.count - right ? left : right - 1
            used += least[next] + 3
            if used > terminalWidth { break }
            if next == left { left += 1 } else { right -= 1 }
        }
        return (Array(all[..<left]) + Array(all[right...]), left)
    }

    /// The widest columns give way until all fit, none below its least width.
    private static func shrink(_ natural: [Int], _ least: [Int], _ shown: [Int], to available: Int) -> [Int] {
        func total(_ cap: Int) -> Int {
            shown.reduce(0) { $0 + max(least[$1], min(natural[$1], cap)) }
        }
        var low = 0
        var high = max(natural.max() ?? 0, 1)
        if total(high) <= available { return natural }
        while low < high {
            let middle = (low + high + 1) / 2
            if total(middle) <= available { low = middle } else { high = middle - 1 }
        }
        return natural.indices.map { max(least[$0], min(natural[$0], low)) }
    }

    var titleLine: String {
        joined(titles.indices.map { padded(titles[$0].fitted(to: widths[$0]), $0, isRight: false) })
    }

    func line(_ cells: [String]) -> String {
        joined(cells.indices.map { index in
            let isRight = isNumeric[index]
            let text = isRight ? cells[index] : cells[index].fitted(to: widths[index])
            return padded(text, index, isRight: isRight)
        })
    }

    func rule(_ left: String, _ middle: String, _ right: String) -> String {
        var parts = shown.map { String(repeating: "─", count: widths[$0] + 2) }
        if let gap { parts.insert("───", at: gap) }
        return left + parts.joined(separator: middle) + right
    }

    private func joined(_ cells: [String]) -> String {
        var parts = shown.map { cells[$0] }
        if let gap { parts.insert("…", at: gap) }
        return "│ " + parts.joined(separator: " │ ") + " │"
    }

    private func padded(_ text: String, _ index: Int, isRight: Bool) -> String {
        let padding = String(repeating: " ", count: max(0, widths[index] - text.displayWidth))
        return isRight ? padding + text : text + padding
    }
}
