import FeatureTables

/// A learner that learns from tables of rows, one after the other, and needs none of them again but in the next pass.
public protocol StreamedLearner: Learner {
    /// How often it wants to see so many rows.
    func passes(rowCount: Int) -> Int
    /// Begins a training.
    /// - Parameter sample: some of the rows, each class among them.
    /// - Throws: `LearnerError` for rows that it cannot learn from.
    func learning(like sample: FeatureTable, context: TrainingContext) throws -> any StreamedLearning
}

/// A training that has seen some of its rows.
public protocol StreamedLearning {
    /// Learns from a table of the sample's encoding.
    /// - Returns: the sum of the rows' losses by their weights, each before its row was learned from.
    /// - Throws: `LearnerError`.
    mutating func learn(_ table: FeatureTable, pass: Int, part: Int, _ context: TrainingContext) throws -> Double
    /// What was learned by now.
    /// - Parameter loss: the mean one of the last pass.
    /// - Throws: `LearnerError`.
    func result(passes: Int, of all: Int, loss: Double) throws -> TrainingResult
}
