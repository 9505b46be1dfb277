import Columnar
import FeatureTables

/// Applies a model to batches of a query's rows. May be used from several threads.
package struct BatchPredictor: Sendable {
    private let model: TrainedModel
    private let schema: [SchemaColumn]
    /// Of two classes the positive one is predicted from this probability on.
    private let threshold: Double?

    /// The columns that a model needs of rows, in the order in which batches have them.
    package static func inputs(of model: TrainedModel) -> [String] { model.encoding.columns.map(\.name) }

    /// - Parameters:
    ///   - schema: the types of the model's inputs in the query.
    ///   - threshold: nil: the most probable class is predicted.
    /// - Throws: `FeatureError` for a type that the model was not trained on; `LearnerError.positiveOfMany` and
    ///   `.positiveOfNumber` for a threshold where there are not two classes.
    package init(_ model: TrainedModel, schema: [SchemaColumn], threshold: Double? = nil) throws {
        self.model = model
        self.schema = schema
        self.threshold = threshold
        if threshold != nil {
            let label = model.encoding.label?.name ?? ""
            guard let classes = model.encoding.label?.classes else { throw LearnerError.positiveOfNumber(label: label) }
            guard classes.count == 2 else { throw LearnerError.positiveOfMany(label: label, classes: classes.count) }
        }
        do {
            _ = try ImportData(schema: schema, batches: []).featureTable(encoding: model.encoding, needsLabel: false)
        } catch FeatureError.noRows {}
    }

    /// STRUCT of `predicted_<label>` and, for classes, `predicted_<label>_probs`, an ARRAY with each class and its
    /// probability.
    package var resultType: SQLType {
        let label = model.encoding.label?.name ?? "label"
        let predicted = "predicted_\(label)"
        guard model.encoding.label?.classes != nil else { return .structure([StructField(name: predicted, type: .double)]) }
        let type = model.classType
        return .structure([
            StructField(name: predicted, type: type),
            StructField(
                name: "\(predicted)_probs",
                type: .array(.structure([StructField(name: "label", type: type), StructField(name: "prob", type: .double)]))),
        ])
    }

    /// One value of `resultType` for each selected row; NULL for others and for rows that the policy `drop-row` leaves out.
    /// - Parameter count: rows of the batch.
    /// - Throws: `FeatureError`, `LearnerError`.
    package func predict(_ columns: [Column], rows: RowSelection, count: Int) throws -> Column {
        let builder = ColumnBuilder(resultType, capacity: count)
        guard !rows.isEmpty else {
            for _ in 0..<count { builder.appendNull() }
            return builder.finish()
        }
        let data = try ImportData(schema: schema, batches: [Batch(columns: columns, capacity: count, rows: rows)])
        let table: FeatureTable
        do { table = try data.featureTable(encoding: model.encoding, needsLabel: false) } catch FeatureError.noRows {
            for _ in 0..<count { builder.appendNull() }
            return builder.finish()
        }
        let predictions = try model.model.predict(table.matrix, threads: 1)
        // The matrix row of each row of the batch, −1 where there is none.
        var places = [Int](repeating: -1, count: count)
        for (place, row) in table.sourceRows.enumerated() { places[rows[Int(row)]] = place }
        switch predictions {
        case .numbers(let values):
            for place in places {
                guard place >= 0 else {
                    builder.appendNull()
                    continue
                }
                builder.children[0].append(values[place])
                builder.appendStructure()
            }
        case .classes(let probabilities, let names):
            let predicted = predictedClasses(predictions)
            for place in places {
                guard place >= 0 else {
                    builder.appendNull()
                    continue
                }
                TrainedModel.append(class: names[Int(predicted[place])], to: builder.children[0])
                append(probabilities[(place * names.count)..<((place + 1) * names.count)], names, to: builder.children[1])
                builder.appendStructure()
            }
        }
        return builder.finish()
    }

    /// For each row of the matrix the position of its class.
    func predictedClasses(_ predictions: Predictions) -> [Int32] {
        guard let threshold, case .classes(let probabilities, _) = predictions else { return predictions.predictedClasses ?? [] }
        return (0..<probabilities.count / 2).map { probabilities[$0 * 2 + 1] >= threshold ? 1 : 0 }
    }

    private func append(_ probabilities: ArraySlice<Double>, _ names: [String], to list: ColumnBuilder) {
        let pair = list.children[0]
        for (name, probability) in zip(names, probabilities) {
            TrainedModel.append(class: name, to: pair.children[0])
            pair.children[1].append(probability)
            pair.appendStructure()
        }
        list.append(listOf: names.count)
    }
}
