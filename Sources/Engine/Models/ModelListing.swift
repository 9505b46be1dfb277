import Learners

/// A model of the warehouse, in a few words.
public struct ModelListing: Sendable {
    public var database: String
    public var name: String
    public var learner: String
    /// Seconds since 1970-01-01 UTC when it was made.
    public var created: Int64
    /// How many rows the query gave that it was made of; nil where nobody wrote it down.
    public var rowCount: Int?
    /// What its file says; nil where that cannot be read.
    public var content: Content?
    /// Why the file cannot be read.
    public var damage: String?

    /// What is told of a model whose file can be read.
    public struct Content: Sendable {
        public var task: LearningTask
        public var label: String?
        public var hasTransform: Bool
        /// The measure that tells most of the model, as far as its training measured something.
        public var measure: Measure?
        /// Whether the measure is of rows that the training did not see.
        public var isHeldOut: Bool

        init(_ model: TrainedModel) {
            task = model.model.task
            label = model.encoding.label?.name
            hasTransform = model.transform != nil
            measure = model.report.flatMap { ($0.evaluation ?? $0.training).plain?.headline }
            isHeldOut = model.report?.evaluation != nil
        }
    }
}
