/// Lines over the unit square in characters of two by four dots (Braille), for a terminal.
struct TextPlot {
    private static let columns = 30, rows = 9
    /// The character of no dots.
    private static let base: UInt32 = 0x2800
    /// The bits of a character's dots, by row and column.
    private static let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]

    let title: String
    private let x: String
    private let y: String
    /// What the upper end of the y axis is.
    private let top: String
    private var cells = [[UInt32]](repeating: [UInt32](repeating: 0, count: columns), count: rows)

    /// - Parameter points: in the unit square, of a line from left to right.
    init(_ title: String, x: String, y: String, top: String = "1", _ points: [(x: Double, y: Double)]) {
        self.title = title
        self.x = x
        self.y = y
        self.top = top
        var last: (x: Int, y: Int)?
        for point in points where point.x.isFinite && point.y.isFinite {
            let here = (x: Self.dot(point.x, Self.columns * 2), y: Self.dot(point.y, Self.rows * 4))
            let from = last ?? here
            let steps = max(abs(here.x - from.x), abs(here.y - from.y), 1)
            for step in 0...steps {
                set(from.x + (here.x - from.x) * step / steps, from.y + (here.y - from.y) * step / steps)
            }
            last = here
        }
    }

    private static func dot(_ value: Double, _ count: Int) -> Int {
        Int((min(max(value, 0), 1) * Double(count - 1)).rounded())
    }

    private mutating func set(_ x: Int, _ y: Int) {
        let row = Self.rows * 4 - 1 - y
        cells[row / 4][x / 2] |= Self.bits[row % 4][x % 2]
    }

    /// All of one width and height.
    var lines: [String] {
        let margin = max(top.count, 1)
        var lines = ["\(title): \(y) over \(x)"]
        for (place, row) in cells.enumerated() {
            // Not all fonts show the character of no dots as nothing.
            let text = String(String.UnicodeScalarView(row.compactMap { $0 == 0 ? " " : Unicode.Scalar(Self.base | $0) }))
            let label = place == 0 ? top : place == Self.rows - 1 ? "0" : ""
            lines.append(String(repeating: " ", count: margin - label.count) + label + "│" + text)
        }
        lines.append(String(repeating: " ", count: margin) + "└" + String(repeating: "─", count: Self.columns))
        lines.append(String(repeating: " ", count: margin + 1) + "0" + String(repeating: " ", count: Self.columns - 2) + "1")
        let width = lines.map(\.displayWidth).max() ?? 0
        return lines.map { $0.padded(to: width) }
    }

    /// Plots side by side as far as they fit, and below each other.
    static func arranged(_ plots: [TextPlot], width: Int) -> [String] {
        var result: [String] = []
        var rest = plots.map(\.lines)[...]
        while let first = rest.popFirst() {
            var block = first
            while let next = rest.first, let head = block.first, let other = next.first,
                head.displayWidth + other.displayWidth + 4 <= width
            {
                block = zip(block, next).map { $0 + "    " + $1 }
                rest.removeFirst()
            }
            result += block.map { line in
                var line = line
                while line.hasSuffix(" ") { line.removeLast() }
                return line
            } + [""]
        }
        return result
    }
}
