/// What ANALYZE … FOR COLUMNS found of a column, or what ALTER TABLE … UPDATE STATISTICS says of it.
///
/// Values are texts, as SQL prints them, by the names that ALTER TABLE … UPDATE STATISTICS FOR COLUMN has for them.
package struct ColumnStatistics: Sendable, Hashable {
    package enum Measure: String, CaseIterable, Sendable {
        case lowest = "lowValue"
        case highest = "highValue"
        case nullCount = "numNulls"
        case distinctCount = "numDVs"
        case averageLength = "avgColLen"
        case longest = "maxColLen"
        case trueCount = "numTrues"
        case falseCount = "numFalses"
    }

    /// In the order of DESCRIBE FORMATTED.
    package static let shown: [Measure] = [
        .lowest, .highest, .nullCount, .distinctCount, .averageLength, .longest, .trueCount, .falseCount,
    ]

    private var values: [String: String]

    package init() { values = [:] }

    package subscript(_ measure: Measure) -> String? {
        get { values[measure.rawValue] }
        set { values[measure.rawValue] = newValue }
    }

    init(text: String) { values = PropertyText.decodeProperties(text) }
    var text: String { PropertyText.encode(values) }
}

/// The table property that says which of the statistics hold: `{"BASIC_STATS":"true","COLUMN_STATS":{"a":"true"}}`.
package enum StatisticsAccuracy {
    package static let property = "COLUMN_STATS_ACCURATE"
    /// Counts of rows and bytes hold, and no column's statistics do.
    package static let basic = #"{"BASIC_STATS":"true"}"#

    /// - Parameter columns: whose statistics hold; sorted by their names.
    package static func text(isBasic: Bool, columns: Set<String>) -> String? {
        var parts: [String] = isBasic ? [#""BASIC_STATS":"true""#] : []
        if !columns.isEmpty {
            let names = columns.sorted().map { "\(PropertyText.quoted($0)):\"true\"" }
            parts.append("\"COLUMN_STATS\":{\(names.joined(separator: ","))}")
        }
        return parts.isEmpty ? nil : "{\(parts.joined(separator: ","))}"
    }

    /// Whether counts hold, and whose columns' statistics do.
    package static func read(_ text: String?) -> (isBasic: Bool, columns: Set<String>) {
        guard let text else { return (false, []) }
        // All strings in order: BASIC_STATS, true, COLUMN_STATS, a, true, b, true.
        var strings = PropertyText.decodeList(text)[...]
        var isBasic = false
        if strings.first == "BASIC_STATS" {
            isBasic = strings.dropFirst().first == "true"
            strings = strings.dropFirst(2)
        }
        guard strings.first == "COLUMN_STATS" else { return (isBasic, []) }
        let pairs = Array(strings.dropFirst())
        let names = stride(from: 0, to: pairs.count - 1, by: 2).filter { pairs[$0 + 1] == "true" }.map { pairs[$0] }
        return (isBasic, Set(names))
    }
}
