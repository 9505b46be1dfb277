/// What is left of numbers when the predictions are taken from them, in pictures; every row counts the same.
public struct ResidualEvaluation: Sendable, Equatable {
    /// truth − prediction.
    public struct Quantile: Sendable, Equatable {
        public var fraction: Double
        public var residual: Double
    }

    /// Linear between neighbours, as `numpy.quantile`.
    public var quantiles: [Quantile]
    public var meanResidual: Double
    /// One more than bars.
    public var edges: [Double]
    public var counts: [Int]
    /// Rows by prediction in ten groups of about one size, of those that differ.
    public var groups: [Group]
    /// Rows by prediction (columns, from the left) and truth (rows, from below), both from `least` to `greatest`.
    public var density: [[Int]]
    public var least: Double
    public var greatest: Double
    /// Rows beyond these.
    public var rowsOutside: Int

    public struct Group: Sendable, Equatable {
        public var rows: Int
        public var meanPrediction: Double
        public var meanTruth: Double
    }

    private static let fractions = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]
    private static let bars = 20
    private static let cells = 32
    private static let groupCount = 10

    /// nil where there are no rows, or numbers that are not finite.
    init?(_ rows: PredictedNumbers) {
        guard !rows.actual.isEmpty, (rows.actual + rows.predicted).allSatisfy(\.isFinite) else { return nil }
        let residuals = zip(rows.actual, rows.predicted).map { $0 - $1 }
        let sorted = residuals.sorted()
        guard let first = sorted.first, let last = sorted.last, (last - first).isFinite else { return nil }
        quantiles = Self.fractions.map { Quantile(fraction: $0, residual: SortedNumbers.quantile(sorted, $0)) }
        meanResidual = residuals.reduce(0, +) / Double(residuals.count)
        // A single value stands in the middle of one bar.
        let bars = first < last ? Self.bars : 1
        let start = first < last ? first : first - 0.5, width = first < last ? (last - first) / Double(bars) : 1
        edges = (0...bars).map { start + Double($0) * width }
        var counts = [Int](repeating: 0, count: bars)
        for residual in residuals { counts[Self.place(residual, from: start, width: width, count: bars)] += 1 }
        self.counts = counts
        groups = Self.groups(rows)
        // The bulk of the rows fills the picture: a few far ones would leave a dot of it.
        let predicted = rows.predicted.sorted(), actual = rows.actual.sorted()
        let low = min(SortedNumbers.quantile(predicted, 0.005), SortedNumbers.quantile(actual, 0.005))
        let high = max(SortedNumbers.quantile(predicted, 0.995), SortedNumbers.quantile(actual, 0.995))
        let margin = low < high ? (high - low) * 0.02 : 0.5
        least = max(low - margin, -.greatestFiniteMagnitude)
        greatest = min(high + margin, .greatestFiniteMagnitude)
        var density = [[Int]](repeating: [Int](repeating: 0, count: Self.cells), count: Self.cells)
        var outside = 0
        let cell = (greatest - least) / Double(Self.cells)
        for (prediction, truth) in zip(rows.predicted, rows.actual) {
            guard least...greatest ~= prediction, least...greatest ~= truth else {
                outside += 1
                continue
            }
            let row = Self.place(truth, from: least, width: cell, count: Self.cells)
            density[row][Self.place(prediction, from: least, width: cell, count: Self.cells)] += 1
        }
        self.density = density
        rowsOutside = outside
    }

    private static func place(_ value: Double, from start: Double, width: Double, count: Int) -> Int {
        let place = ((value - start) / width).rounded(.down)
        return place > 0 ? min(Int(min(place, Double(count))), count - 1) : 0
    }

    private static func groups(_ rows: PredictedNumbers) -> [Group] {
        let order = rows.predicted.indices.sorted {
            (rows.predicted[$0], rows.actual[$0]) < (rows.predicted[$1], rows.actual[$1])
        }
        return (0..<groupCount).compactMap { group in
            let members = order[(order.count * group / groupCount)..<(order.count * (group + 1) / groupCount)]
            guard !members.isEmpty else { return nil }
            let count = Double(members.count)
            return Group(
                rows: members.count, meanPrediction: members.reduce(0) { $0 + rows.predicted[$1] } / count,
                meanTruth: members.reduce(0) { $0 + rows.actual[$1] } / count)
        }
    }
}
