/// How unusual the training rows of a model were, from the least to the most: what a share of them to be taken for
/// anomalies is turned into a limit by.
public struct AnomalyThresholds: Sendable, Equatable {
    /// Ascending: all of few rows, else quantiles at equal distances.
    let values: [Double]

    /// No more rows than these are looked at.
    static let mostRows = 100_000
    /// No more quantiles than these are kept, of which the first and the last are the extremes.
    private static let mostValues = 4097
    static let part = "thresholds"

    package init(_ unsorted: [Double]) {
        let sorted = unsorted.filter { !$0.isNaN }.sorted()
        guard sorted.count > Self.mostValues else {
            values = sorted
            return
        }
        let steps = Double(Self.mostValues - 1)
        values = (0..<Self.mostValues).map { SortedNumbers.quantile(sorted, Double($0) / steps) }
    }

    /// - Throws: `LearnerError.inconsistentModel` unless the part is one of these.
    init(_ saved: SavedModel) throws {
        guard let values = NumberBytes.numbers(saved.part(Self.part)), !values.isEmpty, values.allSatisfy({ !$0.isNaN }),
            zip(values, values.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw LearnerError.inconsistentModel }
        self.values = values
    }

    var bytes: [UInt8] { NumberBytes.bytes(values) }

    /// What a share `contamination` of the training rows exceeds; no row exceeds it where nothing is known.
    package func limit(contamination: Double) -> Double {
        values.isEmpty ? .infinity : SortedNumbers.quantile(values, min(max(1 - contamination, 0), 1))
    }

    /// Rows at equal distances, all where they are few.
    package static func sample(of rowCount: Int) -> [Int32] {
        let count = min(rowCount, mostRows)
        return (0..<count).map { Int32($0 * rowCount / count) }
    }
}
