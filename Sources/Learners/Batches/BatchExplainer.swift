import Columnar
import FeatureTables

/// Explains a model's predictions of batches of a query's rows by what their columns add to them. May be used from several threads.
package struct BatchExplainer: Sendable {
    private let model: TrainedModel
    private let encoder: BatchEncoder
    private let columnCount: Int
    /// STRUCT of `predicted_<label>`, for classes `probability`, `top_feature_attributions` (an ARRAY of columns and what they
    /// add, the greatest first), `baseline_prediction_value`, `prediction_value` and `approximation_error`, which is 0: the
    /// baseline and the attributions of all columns are the prediction.
    package let resultType: SQLType

    /// - Parameters:
    ///   - schema: the types of the model's inputs in the query.
    ///   - columnCount: how many columns are told of a row.
    /// - Throws: `FeatureError` for a type that the model was not trained on; `LearnerError.noContributions` for a model without
    ///   a label.
    package init(_ model: TrainedModel, schema: [SchemaColumn], columnCount: Int) throws {
        guard model.encoding.label != nil else { throw LearnerError.noContributions }
        self.model = model
        encoder = try BatchEncoder(model, schema: schema)
        self.columnCount = columnCount
        let isClass = model.encoding.label?.classes != nil
        let attributions = SQLType.array(
            .structure([StructField(name: "feature", type: .string), StructField(name: "attribution", type: .double)]))
        resultType = .structure(
            [StructField(name: "predicted_\(model.encoding.label?.name ?? "label")", type: isClass ? model.classType : .double)]
                + (isClass ? [StructField(name: "probability", type: .double)] : [])
                + [StructField(name: "top_feature_attributions", type: attributions)]
                + ["baseline_prediction_value", "prediction_value", "approximation_error"].map { StructField(name: $0, type: .double) })
    }

    /// One value of `resultType` for each selected row; NULL for others and for rows that the policy `drop-row` leaves out.
    /// - Parameter count: rows of the batch.
    /// - Throws: `FeatureError`, `LearnerError`.
    package func explain(_ inputs: [Column], rows: RowSelection, count: Int) throws -> Column {
        let encoded = try encoder.encode(inputs, rows: rows, count: count)
        if encoded.batchRows.isEmpty { return .nulls(resultType, count: count) }
        let predictions = try model.model.predict(encoded.matrix, threads: 1)
        let contributions = try model.model.contributions(encoded.matrix, threads: 1)
        let classes = predictions.predictedClasses
        let builder = ColumnBuilder(resultType, capacity: count)
        var next = 0
        for row in 0..<count {
            guard next < encoded.batchRows.count, encoded.batchRows[next] == row else {
                builder.appendNull()
                continue
            }
            append(next, predictions, classes?[next], contributions, to: builder)
            next += 1
        }
        return builder.finish()
    }

    private func append(
        _ place: Int, _ predictions: Predictions, _ predicted: Int32?, _ contributions: FeatureContributions, to row: ColumnBuilder
    ) {
        var fields = row.children[...]
        var output = 0
        // Of two classes there is the score of the second; the first one's is its opposite.
        var sign = 1.0
        switch predictions {
        case .findings: return row.appendNull()
        case .numbers(let values): fields.removeFirst().append(values[place])
        case .classes(let probabilities, let names):
            let predicted = Int(predicted ?? 0)
            TrainedModel.append(class: names[predicted], to: fields.removeFirst())
            fields.removeFirst().append(probabilities[place * names.count + predicted])
            if contributions.outputCount > 1 { output = predicted } else if predicted == 0 { sign = -1 }
        }
        let range = contributions.range(row: place, output: output)
        let baseline = sign * contributions.values[range.upperBound]
        var start = range.lowerBound
        let attributions = model.encoding.columns.map { column in
            defer { start += column.width }
            return sign * contributions.values[start..<start + column.width].reduce(0, +)
        }
        let order = attributions.indices.sorted {
            let (left, right) = (attributions[$0].magnitude, attributions[$1].magnitude)
            return left != right ? left > right : $0 < $1
        }
        let list = fields.removeFirst()
        for position in order.prefix(columnCount) {
            list.children[0].children[0].append(model.encoding.columns[position].name)
            list.children[0].children[1].append(attributions[position])
            list.children[0].appendStructure()
        }
        list.append(listOf: min(columnCount, order.count))
        for value in [baseline, attributions.reduce(baseline, +), 0] { fields.removeFirst().append(value) }
        row.appendStructure()
    }
}
