import Columnar
import FeatureTables

/// Applies a trained model to a table.
public struct PredictionRequest: Sendable {
    public var model: TrainedModel
    /// Columns of the table to carry over, besides the model's identifiers.
    public var carried: [String]
    /// Of a model without a label: tell which rows are anomalies, as far above the others as this share of the training rows; nil:
    /// tell what the model finds.
    public var contamination: Double?

    public init(model: TrainedModel, carried: [String] = []) {
        self.model = model
        self.carried = carried
    }

    /// One prediction a row, in the order of the rows.
    ///
    /// Columns: the identifiers and carried columns; `prediction` (the class in the label's own type, or a double); for
    /// classes `probability` of that class and `probability_<class>` of each; of a model without a label what it tells of
    /// the row (`centroid_id`, `principal_component_1`, `anomaly_score`). A row that the policy `drop-row` leaves out has
    /// NULL predictions. The outcome's judgement holds the quality on the rows whose label is known.
    /// - Parameter transformed: the same rows, each at its place, as the model's TRANSFORM makes them; nil: the model has none.
    /// - Throws: `FeatureError`, `LearnerError`.
    public func run(on data: ImportData, transformed: ImportData? = nil, threads: Int = 1) throws -> PredictionOutcome {
        let rows = try model.rows(of: data, transformed)
        let findings = try findings()
        let classes = model.encoding.label?.classes
        let positions = try model.carriedPositions(
            carried, in: data,
            beside: findings?.fields.map(\.name)
                ?? ["prediction"] + (classes.map { ["probability"] + $0.map { "probability_\($0)" } } ?? []))
        let table = try rows.featureTable(encoding: model.encoding, needsLabel: false)
        let predictions = try model.model.predict(table.matrix, threads: max(1, threads))
        var schema = positions.map { data.schema[$0] }
        var columns = positions.map { data.columns[$0] }
        let places = PlacedRows(table, of: data)
        switch predictions {
        case .findings(let told):
            guard let findings else { throw LearnerError.inconsistentModel }
            let builders = findings.fields.map { ColumnBuilder($0.type, capacity: data.rowCount) }
            let anomalies = findings.anomalies(of: told)
            places.forEach { place in
                if let place {
                    findings.append(told, anomalies, row: place, to: builders)
                } else {
                    for builder in builders { builder.appendNull() }
                }
            }
            schema += findings.fields.map { SchemaColumn(name: $0.name, type: $0.type) }
            columns += builders.map { $0.finish() }
        case .numbers(let values):
            schema.append(SchemaColumn(name: "prediction", type: .double))
            columns.append(places.numbers { values[$0] })
        case .classes(let probabilities, let names):
            let predicted = predictions.predictedClasses ?? []
            let type = model.classType
            schema.append(SchemaColumn(name: "prediction", type: type))
            columns.append(places.classes(predicted, names, type))
            schema.append(SchemaColumn(name: "probability", type: .double))
            columns.append(places.numbers { probabilities[$0 * names.count + Int(predicted[$0])] })
            for (position, name) in names.enumerated() {
                schema.append(SchemaColumn(name: "probability_\(name)", type: .double))
                columns.append(places.numbers { probabilities[$0 * names.count + position] })
            }
        }
        let judgement = try PredictionJudgement.make(
            predictions, data: rows, table: table, model: model, threads: max(1, threads)
        ).judgement
        return PredictionOutcome(
            schema: schema, columns: columns, rowCount: data.rowCount, summary: table.summary, judgement: judgement)
    }

    /// What a model without a label tells; nil of one that predicts.
    private func findings() throws -> FindingColumns? {
        if let contamination { return try FindingColumns(anomaliesOf: model, contamination: contamination) }
        return (model.model as? any UnsupervisedModel).map { FindingColumns($0, .prediction) }
    }
}

/// Predictions as columns.
public struct PredictionOutcome: Sendable {
    public var schema: [SchemaColumn]
    /// One flat column a column of `schema`, each of `rowCount` rows.
    public var columns: [Column]
    public var rowCount: Int
    /// All rows as one batch.
    public var batch: Batch { Batch(columns: columns, capacity: rowCount) }
    /// What importing the rows did.
    public var summary: ImportSummary
    /// How good the predictions are, as far as the data tells.
    public var judgement: PredictionJudgement
    /// The quality on the rows whose label is known, every row counting the same; nil when there are none.
    public var metrics: EvaluationMetrics? { judgement.quality?.unweighted }
}
