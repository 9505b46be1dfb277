/// How far predicted probabilities are the shares in which things happen: rows in ten bins of one width by the probability that
/// was predicted for them.
public struct Reliability: Sendable, Equatable {
    public struct Bin: Sendable, Equatable {
        /// The weight of the rows in it.
        public var weight = 0.0
        fileprivate var predicted = 0.0
        fileprivate var happened = 0.0

        /// nil in an empty bin.
        public var meanPrediction: Double? { weight > 0 ? predicted / weight : nil }
        /// The share of the rows for which it came true; nil in an empty bin.
        public var share: Double? { weight > 0 ? happened / weight : nil }
    }

    public static let binCount = 10
    /// Bin `b` holds probabilities from `b` / 10 up to below the next one's; the last one holds 1 as well.
    public private(set) var bins = [Bin](repeating: Bin(), count: binCount)

    /// The place of a probability among `count` bins of one width; NaN is in the first.
    @inline(__always)
    static func bin(of probability: Double, among count: Int = binCount) -> Int {
        probability > 0 ? min(Int(min(probability, 1) * Double(count)), count - 1) : 0
    }

    @inline(__always)
    mutating func add(_ probability: Double, happened: Bool, weight: Double) {
        let place = Self.bin(of: probability)
        bins[place].weight += weight
        bins[place].predicted += weight * probability
        if happened { bins[place].happened += weight }
    }

    /// The mean over the rows of |mean prediction − share| of their bins; nil of no rows.
    public var expectedCalibrationError: Double? {
        let total = bins.reduce(0) { $0 + $1.weight }
        guard total > 0 else { return nil }
        return bins.reduce(0) { $0 + abs($1.predicted - $1.happened) } / total
    }
}
