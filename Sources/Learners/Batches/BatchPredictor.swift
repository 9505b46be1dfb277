import Columnar
import FeatureTables

/// Applies a model to batches of a query's rows. May be used from several threads.
package struct BatchPredictor: Sendable {
    private let model: TrainedModel
    private let encoder: BatchEncoder
    /// Of two classes the positive one is predicted from this probability on.
    private let threshold: Double?
    private let columns: PredictionColumns
    /// What is told of rows that have no label.
    private let findings: FindingColumns?

    /// The columns that a model needs of rows, in the order in which batches have them.
    package static func inputs(of model: TrainedModel) -> [String] { model.encoding.columns.map(\.name) }

    /// - Parameters:
    ///   - schema: the types of the model's inputs in the query.
    ///   - threshold: nil: the most probable class is predicted.
    /// - Throws: `FeatureError` for a type that the model was not trained on; `LearnerError.positiveOfMany` and
    ///   `.positiveOfNumber` for a threshold where there are not two classes.
    package init(_ model: TrainedModel, schema: [SchemaColumn], threshold: Double? = nil) throws {
        self.model = model
        self.threshold = threshold
        encoder = try BatchEncoder(model, schema: schema)
        columns = PredictionColumns(model)
        findings = (model.model as? any UnsupervisedModel).map { FindingColumns($0, .prediction) }
        if threshold != nil {
            guard findings == nil else { throw LearnerError.notWithoutLabel("threshold of two classes", learner: model.learner) }
            let label = model.encoding.label?.name ?? ""
            guard let classes = model.encoding.label?.classes else { throw LearnerError.positiveOfNumber(label: label) }
            guard classes.count == 2 else { throw LearnerError.positiveOfMany(label: label, classes: classes.count) }
        }
    }

    /// Tells anomalies from other rows.
    /// - Parameter contamination: the share of the training rows that are taken for anomalies; nil: as the model was told.
    /// - Throws: `FeatureError` for a type that the model was not trained on; `LearnerError.wrongTask` for a model with a label.
    package init(anomaliesOf model: TrainedModel, schema: [SchemaColumn], contamination: Double?) throws {
        findings = try FindingColumns(anomaliesOf: model, contamination: contamination)
        self.model = model
        threshold = nil
        encoder = try BatchEncoder(model, schema: schema)
        columns = PredictionColumns(model)
    }

    /// STRUCT of `predicted_<label>` and, for classes, `predicted_<label>_probs`, an ARRAY with each class and its
    /// probability; of a model without a label STRUCT of what it tells.
    package var resultType: SQLType {
        if let findings { return .structure(findings.fields) }
        return columns.type
    }

    /// One value of `resultType` for each selected row; NULL for others and for rows that the policy `drop-row` leaves out.
    /// - Parameter count: rows of the batch.
    /// - Throws: `FeatureError`, `LearnerError`.
    package func predict(_ inputs: [Column], rows: RowSelection, count: Int) throws -> Column {
        let encoded = try encoder.encode(inputs, rows: rows, count: count)
        if encoded.batchRows.isEmpty { return .nulls(resultType, count: count) }
        let predictions = try model.model.predict(encoded.matrix, threads: 1)
        var places = [Int32](repeating: -1, count: count)
        for (place, row) in encoded.batchRows.enumerated() { places[row] = Int32(truncatingIfNeeded: place) }
        switch predictions {
        case .numbers(let values): return columns.column(of: values, places: places)
        case .findings(let told): return try column(of: told, places: places)
        case .classes(let probabilities, let names):
            guard names.count == columns.classCount else { throw LearnerError.inconsistentModel }
            return columns.column(of: predictedClasses(predictions), probabilities: probabilities, places: places)
        }
    }

    /// - Parameter places: for each row of the batch its row among the findings; −1: NULL.
    private func column(of told: Findings, places: [Int32]) throws -> Column {
        guard let findings else { throw LearnerError.inconsistentModel }
        let builder = ColumnBuilder(resultType, capacity: places.count)
        let anomalies = findings.anomalies(of: told)
        for place in places {
            guard place >= 0 else {
                builder.appendNull()
                continue
            }
            findings.append(told, anomalies, row: Int(place), to: builder.children)
            builder.appendStructure()
        }
        return builder.finish()
    }

    /// For each row of the matrix the position of its class.
    func predictedClasses(_ predictions: Predictions) -> [Int32] {
        guard let threshold, case .classes(let probabilities, _) = predictions else { return predictions.predictedClasses ?? [] }
        return (0..<probabilities.count / 2).map { probabilities[$0 * 2 + 1] >= threshold ? 1 : 0 }
    }
}
