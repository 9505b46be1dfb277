/// `SKEWED BY (a, b) ON ((1, 'x'), (2, 'y')) STORED AS DIRECTORIES`
package struct SkewedColumns: Sendable, Hashable {
    /// Empty for a table that has `locations` alone.
    package var columns: [String]
    /// A value for each of the columns, as text.
    package var values: [[String]]
    package var storedAsDirectories: Bool
    /// What SET SKEWED LOCATION said: URIs, by values.
    package var locations: [[String]: String] = [:]

    package init(columns: [String], values: [[String]], storedAsDirectories: Bool) {
        self.columns = columns
        self.values = values
        self.storedAsDirectories = storedAsDirectories
    }

    /// The number of columns, the columns, then the values, as the metastore keeps them. Where there are locations the first part
    /// also says how many rows of values there are; behind these stand the locations, each with the number of its values before.
    var text: String {
        let first = (storedAsDirectories ? "directories" : "") + (locations.isEmpty ? "" : "/\(values.count)")
        let places = locations.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap { ["\($0.key.count)"] + $0.key + [$0.value] }
        return PropertyText.encode([first, "\(columns.count)"] + columns + values.flatMap { $0 } + places)
    }

    /// nil for a text that is none of `text`.
    init?(text: String) {
        var parts = PropertyText.decodeList(text)[...]
        func take(_ count: Int) -> [String]? {
            guard (0...parts.count).contains(count) else { return nil }
            defer { parts = parts.dropFirst(count) }
            return Array(parts.prefix(count))
        }
        guard let first = parts.popFirst(), let width = parts.popFirst().flatMap({ Int($0) }), let columns = take(width) else { return nil }
        let head = first.split(separator: "/", omittingEmptySubsequences: false)
        let hasLocations = head.count > 1
        guard width > 0 || hasLocations, hasLocations || parts.count % width == 0 else { return nil }
        guard let count = hasLocations ? Int(head[1]) : parts.count / width, count >= 0 else { return nil }
        self.columns = columns
        values = []
        for _ in 0..<count {
            guard width > 0, let row = take(width) else { return nil }
            values.append(row)
        }
        while let size = parts.popFirst() {
            guard let size = Int(size), let key = take(size), let location = parts.popFirst() else { return nil }
            locations[key] = location
        }
        storedAsDirectories = head[0] == "directories"
    }
}
