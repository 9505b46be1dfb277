/// `SKEWED BY (a, b) ON ((1, 'x'), (2, 'y')) STORED AS DIRECTORIES`
package struct SkewedColumns: Sendable, Hashable {
    package var columns: [String]
    /// A value for each of the columns, as text.
    package var values: [[String]]
    package var storedAsDirectories: Bool

    package init(columns: [String], values: [[String]], storedAsDirectories: Bool) {
        self.columns = columns
        self.values = values
        self.storedAsDirectories = storedAsDirectories
    }

    /// The number of columns, the columns, then the values, as the metastore keeps them.
    var text: String {
        PropertyText.encode([storedAsDirectories ? "directories" : "", "\(columns.count)"] + columns + values.flatMap { $0 })
    }

    /// nil for a text that is none of `text`.
    init?(text: String) {
        let parts = PropertyText.decodeList(text)
        guard parts.count > 2, let width = Int(parts[1]), width > 0, parts.count >= 2 + width else { return nil }
        columns = Array(parts[2..<(2 + width)])
        let rest = parts.dropFirst(2 + width)
        guard rest.count % width == 0 else { return nil }
        values = stride(from: rest.startIndex, to: rest.endIndex, by: width).map { Array(rest[$0..<($0 + width)]) }
        storedAsDirectories = parts[0] == "directories"
    }
}
