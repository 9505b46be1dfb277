/// Rows of texts as columns two spaces apart, for output that is no table of a query.
enum AlignedText {
    /// - Parameter areNumbers: columns that stand to the right.
    static func lines(_ rows: [[String]], areNumbers: [Bool]) -> [String] {
        let rows = rows.map { $0.map(\.withoutControls) }
        let widths = areNumbers.indices.map { column in rows.reduce(0) { max($0, $1[column].displayWidth) } }
        return rows.map { row in
            let cells = row.indices.map { column in
                areNumbers[column]
                    ? "".padded(to: widths[column] - row[column].displayWidth) + row[column]
                    : row[column].padded(to: widths[column])
            }
            var line = cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}

extension String {
    /// With spaces behind it up to a width on a terminal.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - displayWidth)) }
}
