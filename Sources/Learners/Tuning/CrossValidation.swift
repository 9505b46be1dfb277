/// What a learner's models are worth on rows that they were not trained on, fold by fold.
public struct CrossValidation: Codable, Sendable, Equatable {
    public struct Fold: Codable, Sendable, Equatable {
        public var trainingRows: Int
        /// On the fold's rows, every row counting the same.
        public var metrics: EvaluationMetrics
    }

    public var folds: [Fold]

    /// A measure over the folds.
    public struct Summary: Sendable, Equatable {
        public var measure: Measure
        public var mean: Double
        /// Of the folds as a sample of all.
        public var deviation: Double
        public var values: [Double]
    }

    /// The measures that all folds have.
    public var summaries: [Summary] {
        guard let first = folds.first else { return [] }
        let all = folds.map(\.metrics.measures)
        return first.metrics.measures.compactMap { measure in
            let values = all.compactMap { $0.first { $0.name == measure.name }?.value }
            guard values.count == folds.count else { return nil }
            let (mean, deviation) = Self.moments(values)
            return Summary(measure: measure, mean: mean, deviation: deviation, values: values)
        }
    }

    /// Those that reports show.
    package var shownSummaries: [Summary] { summaries.filter { !$0.measure.isRepetition } }

    static func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
        let count = Double(values.count)
        guard count > 0 else { return (0, 0) }
        let mean = values.reduce(0, +) / count
        let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, count > 1 ? (square / (count - 1)).squareRoot() : 0)
    }
}
