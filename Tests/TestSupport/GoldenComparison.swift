/// Compares the rows of an engine with the recorded ones.
///
/// Cells are compared as text. In a floating-point column two different numbers also agree when they differ by at most
/// `relativeTolerance`; the same number printed differently (`1` for `1.0`) does not agree.
package struct GoldenComparison: Sendable {
    package let columnTypes: [GoldenColumnType]
    package let ordered: Bool
    package var relativeTolerance = 1e-9

    package init(columnTypes: [GoldenColumnType], ordered: Bool) {
        self.columnTypes = columnTypes
        self.ordered = ordered
    }

    /// - Complexity: O(rows log rows) when the texts agree; unordered rows that agree only by tolerance cost O(rows²).
    package func agrees(expected: [String], got: [String]) -> Bool {
        guard expected.count == got.count else { return false }
        if ordered { return zip(expected, got).allSatisfy { sameRow($0, $1) } }
        let expected = expected.sorted(), got = got.sorted()
        if zip(expected, got).allSatisfy({ sameRow($0, $1) }) { return true }
        // Sorting as text may pair the wrong rows when a number differs in its last digits.
        var open = got
        for row in expected {
            guard let match = open.firstIndex(where: { sameRow(row, $0) }) else { return false }
            open.remove(at: match)
        }
        return true
    }

    /// The rows as a golden file writes them: a row a line, `(empty)` for an empty cell. The recorder drops empty lines
    /// at the end of an answer, so a surplus of them over `expectedCount` is dropped here too: from the end, or, where rows
    /// may come in any order, from wherever they came.
    package static func normalized(_ lines: [String], expectedCount: Int, ordered: Bool) -> [String] {
        var rows = lines.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }
        while rows.count > expectedCount, let last = ordered ? rows.indices.last : rows.lastIndex(where: \.isEmpty),
            rows[last].isEmpty
        {
            rows.remove(at: last)
        }
        return rows.map { row in
            row.split(separator: "\t", omittingEmptySubsequences: false)
                .map { $0.isEmpty ? "(empty)" : String($0) }
                .joined(separator: "\t")
        }
    }

    private func sameRow(_ expected: String, _ got: String) -> Bool {
        if expected == got && expected.utf8.elementsEqual(got.utf8) { return true }
        let expectedCells = expected.split(separator: "\t", omittingEmptySubsequences: false)
        let gotCells = got.split(separator: "\t", omittingEmptySubsequences: false)
        guard expectedCells.count == gotCells.count else { return false }
        for index in expectedCells.indices {
            let type = index < columnTypes.count ? columnTypes[index] : .text
            guard sameCell(expectedCells[index], gotCells[index], type) else { return false }
        }
        return true
    }

    private func sameCell(_ expected: Substring, _ got: Substring, _ type: GoldenColumnType) -> Bool {
        // Byte for byte: Swift's == would take two Unicode forms of a letter for the same text.
        if expected.utf8.elementsEqual(got.utf8) { return true }
        guard type == .floating, let p = Double(expected), let q = Double(got), p != q else { return false }
        return abs(p - q) <= relativeTolerance * max(abs(p), abs(q))
    }
}
