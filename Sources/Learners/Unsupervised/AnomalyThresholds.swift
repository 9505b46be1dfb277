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
        values = (0..<Self.mostValues).map { Self.quantile(Double($0) / steps, of: sorted) }
    }

    /// - Throws: `LearnerError.inconsistentModel` unless the part is one of these.
    init(_ saved: SavedModel) throws {
        guard let values = NumberBytes.numbers(saved.part(Self.part)), !values.isEmpty, values.allSatisfy({ !$0.isNaN }),
            zip(values, values.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw LearnerError.inconsistentModel }
        self.values = values
    }

    var bytes: [UInt8] { NumberBytes.bytes(values) }

    /// What a share `contamination` of the training rows exceeds.
    package func limit(contamination: Double) -> Double { Self.quantile(1 - contamination, of: values) }

    /// Between two values by the share of the way.
    private static func quantile(_ share: Double, of sorted: [Double]) -> Double {
        guard let last = sorted.last else { return .infinity }
        let place = min(max(share, 0), 1) * Double(sorted.count - 1)
        let below = Int(place)
        guard below + 1 < sorted.count else { return last }
        let low = sorted[below], high = sorted[below + 1]
        return low == high ? low : low + (place - Double(below)) * (high - low)
    }

    /// Rows at equal distances, all where they are few.
    package static func sample(of rowCount: Int) -> [Int32] {
        let count = min(rowCount, mostRows)
        return (0..<count).map { Int32($0 * rowCount / count) }
    }
}
