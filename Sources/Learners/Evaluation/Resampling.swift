import FeatureTables
import Platform

/// The bootstrap: how much measures depend on the chance of which rows they are taken of, seen from samples that are drawn with
/// replacement from these rows.
///
/// Which row is drawn is a hash of seed, sample and place, so samples are the same for any number of threads.
public struct Resampling: Sendable, Equatable {
    public enum Method: String, Sendable, CaseIterable {
        /// The quantiles of the samples' values.
        case percentile
        /// Those quantiles corrected for bias and skewness (Efron's BCa).
        case bca
    }

    /// How often such intervals hold the true value; between 0 and 1.
    public var level: Double
    public var count: Int
    public var seed: UInt64
    public var method: Method

    public static let counts = 10...1_000_000
    /// The skewness that BCa corrects for is seen by leaving out one of so many parts of the rows at a time: row by row where
    /// there are no more rows.
    private static let mostParts = 200
    /// A measure that fewer of the samples have says nothing of its spread.
    private static let leastShare = 0.9

    public init(level: Double = 0.95, count: Int = 1_000, seed: UInt64 = 0, method: Method = .percentile) {
        self.level = level
        self.count = count
        self.seed = seed
        self.method = method
    }

    // MARK: Samples

    /// How often each row is drawn.
    private func weights(ofSample sample: Int, rows: Int) -> [Double] {
        var weights = [Double](repeating: 0, count: rows)
        let stream = SplitMix.mix(SplitMix.mix(seed) ^ UInt64(truncatingIfNeeded: sample))
        for place in 0..<rows { weights[SplitMix.below(rows, stream &+ UInt64(truncatingIfNeeded: place))] += 1 }
        return weights
    }

    /// Numbers that a sample gives, for each sample.
    /// - Throws: `LearnerError.cancelled`.
    private func samples(
        rows: Int, threads: Int, _ isCancelled: (@Sendable () -> Bool)?, _ body: @Sendable ([Double]) -> [Double?]
    ) throws -> [[Double?]] {
        try Self.eachOf(count, threads: threads, isCancelled) { body(weights(ofSample: $0, rows: rows)) }
    }

    /// The numbers without a part of the rows, for each part.
    private func leavingOut(
        rows: Int, threads: Int, _ isCancelled: (@Sendable () -> Bool)?, _ body: @Sendable ([Double]) -> [Double?]
    ) throws -> [[Double?]] {
        let parts = min(rows, Self.mostParts)
        return try Self.eachOf(parts, threads: threads, isCancelled) { part in
            var weights = [Double](repeating: 1, count: rows)
            for row in stride(from: part, to: rows, by: parts) { weights[row] = 0 }
            return body(weights)
        }
    }

    private static func eachOf(
        _ count: Int, threads: Int, _ isCancelled: (@Sendable () -> Bool)?, _ body: (Int) -> [Double?]
    ) throws -> [[Double?]] {
        let found = RowBlocks(groups: count).map(threads: threads) { number, _ -> [Double?]? in
            isCancelled?() == true ? nil : body(number)
        }
        return try found.map { values in
            guard let values else { throw LearnerError.cancelled }
            return values
        }
    }

    // MARK: Intervals

    /// The interval of each number that `body` gives for weights of rows.
    /// - Returns: nil where too few samples have the number.
    func intervals(
        rows: Int, threads: Int, _ isCancelled: (@Sendable () -> Bool)?, _ body: @Sendable ([Double]) -> [Double?]
    ) throws -> [Interval?] {
        guard rows > 0 else { return [] }
        let estimates = body([Double](repeating: 1, count: rows))
        let samples = try samples(rows: rows, threads: threads, isCancelled, body)
        let left = method == .bca ? try leavingOut(rows: rows, threads: threads, isCancelled, body) : []
        return estimates.indices.map { place in
            guard let estimate = estimates[place] else { return nil }
            return interval(of: estimate, samples.compactMap { $0[place] }, leftOut: left.compactMap { $0[place] })
        }
    }

    package struct Interval: Equatable {
        package var lower: Double
        package var upper: Double
        /// The deviation of the samples' values.
        package var standardError: Double
    }

    /// - Parameters:
    ///   - values: of the samples.
    ///   - leftOut: without a part of the rows each; what BCa needs.
    /// - Returns: nil where too few samples have a value.
    package func interval(of estimate: Double, _ values: [Double], leftOut: [Double]) -> Interval? {
        let sorted = values.filter(\.isFinite).sorted()
        guard Double(sorted.count) >= Double(count) * Self.leastShare, sorted.count > 1 else { return nil }
        let (low, high) = method == .bca ? corrected(estimate, sorted, leftOut) : ((1 - level) / 2, (1 + level) / 2)
        return Interval(
            lower: SortedNumbers.quantile(sorted, low), upper: SortedNumbers.quantile(sorted, high),
            standardError: SampleMoments(sorted).deviation)
    }

    /// The fractions at which BCa reads the interval off.
    private func corrected(_ estimate: Double, _ sorted: [Double], _ leftOut: [Double]) -> (Double, Double) {
        var below = 0.0
        for value in sorted { below += value < estimate ? 1 : value == estimate ? 0.5 : 0 }
        let bias = NormalDistribution.quantile(below / Double(sorted.count))
        // Beyond all samples there is no bias to be told from them.
        guard bias.isFinite else { return ((1 - level) / 2, (1 + level) / 2) }
        let mean = leftOut.isEmpty ? 0 : leftOut.reduce(0, +) / Double(leftOut.count)
        var cubes = 0.0, squares = 0.0
        for value in leftOut {
            let distance = mean - value
            squares += distance * distance
            cubes += distance * distance * distance
        }
        let acceleration = squares > 0 ? cubes / (6 * squares * squares.squareRoot()) : 0
        func fraction(_ share: Double) -> Double {
            let z = bias + NormalDistribution.quantile(share)
            let scale = 1 - acceleration * z
            return scale > 0 ? NormalDistribution.cumulative(bias + z / scale) : z > 0 ? 1 : 0
        }
        return (fraction((1 - level) / 2), fraction((1 + level) / 2))
    }

    /// What measures may be by the chance of which rows they are taken of.
    /// - Parameter judged: with rankings kept, or each sample sorts the rows.
    func intervals(
        of judged: ArrangedRows, rows: Int, threads: Int, _ isCancelled: (@Sendable () -> Bool)?
    ) throws -> [MeasureInterval] {
        let found = try intervals(rows: rows, threads: threads, isCancelled) { judged.metrics($0).measures.map(\.value) }
        return zip(judged.metrics(nil).measures, found).compactMap { measure, interval in
            guard let interval, let value = measure.value else { return nil }
            return MeasureInterval(
                name: measure.name, title: measure.title, value: value, lower: interval.lower, upper: interval.upper,
                standardError: interval.standardError)
        }
    }
}

/// What a measure may be by chance.
public struct MeasureInterval: Sendable, Equatable {
    public var name: String
    public var title: String
    public var value: Double
    public var lower: Double
    public var upper: Double
    /// The deviation of the samples' values.
    public var standardError: Double
}
