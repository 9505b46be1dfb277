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
            let moments = SampleMoments(values)
            return Summary(measure: measure, mean: moments.mean, deviation: moments.deviation, values: values)
        }
    }

    /// Those that reports show.
    package var shownSummaries: [Summary] { summaries.filter { !$0.measure.isRepetition } }
}
