import FeatureTables

/// A search that was done: what was tried, and what came of it.
public struct HyperparameterSearch: Codable, Sendable, Equatable {
    public struct Trial: Codable, Sendable, Equatable {
        /// Those that were tried, by name.
        public var hyperparameters: [String: String]
        /// Of the training rows the share that it was tried on.
        public var rowShare: Double
        /// The objective on each fold; empty where the training failed.
        public var values: [Double]
        public var mean: Double?
        public var deviation: Double?
        /// Why there is no value.
        public var error: String?
    }

    public var method: SearchOptions.Method
    /// The name of the measure.
    public var objective: String
    /// As reports call it.
    public var title: String
    public var isBetterHigher: Bool
    public var folds: Int
    /// In the order in which they were tried.
    public var trials: [Trial]
    /// The place of the best among `trials`.
    public var best: Int

    /// Whether the first value of the objective is better.
    func isBetter(_ value: Double, than other: Double) -> Bool { isBetterHigher ? value > other : value < other }

    /// The trials' places, the best first: those on more rows before those on fewer, failures last.
    public var ranking: [Int] {
        trials.indices.sorted { left, right in
            let a = trials[left], b = trials[right]
            if a.rowShare != b.rowShare { return a.rowShare > b.rowShare }
            switch (a.mean, b.mean) {
            case (let one?, let other?) where one != other: return isBetter(one, than: other)
            case (_?, nil): return true
            case (nil, _?): return false
            default: return left < right
            }
        }
    }
}
