import Columnar
import FeatureTables

/// Applies a trained model to a table.
public struct PredictionRequest: Sendable {
    public var model: TrainedModel
    /// Columns of the table to carry over, besides the model's identifiers.
    public var carried: [String]

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
    /// - Throws: `FeatureError`, `LearnerError`.
    public func run(on data: ImportData, threads: Int = 1) throws -> PredictionOutcome {
        guard model.transform == nil else { throw LearnerError.needsTransform }
        let positions = try carriedPositions(data)
        let table = try data.featureTable(encoding: model.encoding, needsLabel: false)
        let predictions = try model.model.predict(table.matrix, threads: max(1, threads))
        var schema = positions.map { data.schema[$0] }
        var columns = positions.map { data.columns[$0] }
        let findings = findings
        // The matrix row of each row of the data, −1 where it was dropped.
        var places = [Int](repeating: -1, count: data.rowCount)
        for (place, row) in table.sourceRows.enumerated() { places[Int(row)] = place }
        switch predictions {
        case .findings(let told):
            guard let findings else { throw LearnerError.inconsistentModel }
            let builders = findings.fields.map { ColumnBuilder($0.type, capacity: data.rowCount) }
            let anomalies = findings.anomalies(of: told)
            for place in places {
                if place < 0 {
                    for builder in builders { builder.appendNull() }
                } else {
                    findings.append(told, anomalies, row: place, to: builders)
                }
            }
            schema += findings.fields.map { SchemaColumn(name: $0.name, type: $0.type) }
            columns += builders.map { $0.finish() }
        case .numbers(let values):
            schema.append(SchemaColumn(name: "prediction", type: .double))
            columns.append(numberColumn(places) { values[$0] })
        case .classes(let probabilities, let names):
            let predicted = predictions.predictedClasses ?? []
            let type = model.classType
            schema.append(SchemaColumn(name: "prediction", type: type))
            columns.append(classColumn(places, predicted, names, type))
            schema.append(SchemaColumn(name: "probability", type: .double))
            columns.append(numberColumn(places) { probabilities[$0 * names.count + Int(predicted[$0])] })
            for (position, name) in names.enumerated() {
                schema.append(SchemaColumn(name: "probability_\(name)", type: .double))
                columns.append(numberColumn(places) { probabilities[$0 * names.count + position] })
            }
        }
        let judgement = try PredictionJudgement.make(
            predictions, data: data, table: table, model: model, threads: max(1, threads)
        ).judgement
        return PredictionOutcome(
            schema: schema, columns: columns, rowCount: data.rowCount, summary: table.summary, judgement: judgement)
    }

    /// The columns that stand beside the predictions: identifiers as far as they are there, and what was asked for.
    private func carriedPositions(_ data: ImportData) throws -> [Int] {
        var positions: [Int] = []
        for name in model.encoding.identifiers where data.schema.contains(where: { $0.name.lowercased() == name.lowercased() }) {
            positions.append(try data.columnIndex(name))
        }
        for name in carried {
            let position = try data.columnIndex(name)
            if !positions.contains(position) { positions.append(position) }
        }
        let classes = model.encoding.label?.classes
        let results = findings?.fields.map(\.name)
            ?? ["prediction"] + (classes.map { ["probability"] + $0.map { "probability_\($0)" } } ?? [])
        for name in positions.map({ data.schema[$0].name }) where results.contains(name) {
            throw FeatureError.conflictingRoles(column: name, "kept beside the predictions", "one of their columns")
        }
        return positions
    }

    /// What a model without a label tells.
    private var findings: FindingColumns? {
        (model.model as? any UnsupervisedModel).map { FindingColumns($0, .prediction) }
    }

    private func numberColumn(_ places: [Int], _ value: (Int) -> Double) -> Column {
        let builder = ColumnBuilder(.double, capacity: places.count)
        for place in places { if place < 0 { builder.appendNull() } else { builder.append(value(place)) } }
        return builder.finish()
    }

    private func classColumn(_ places: [Int], _ predicted: [Int32], _ names: [String], _ type: SQLType) -> Column {
        let builder = ColumnBuilder(type, capacity: places.count)
        for place in places {
            guard place >= 0 else {
                builder.appendNull()
                continue
            }
            TrainedModel.append(class: names[Int(predicted[place])], to: builder)
        }
        return builder.finish()
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
