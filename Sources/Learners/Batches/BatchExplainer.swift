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
        let attributions = try ColumnAttributions(model, encoded.matrix, threads: 1)
        return encoded.column(resultType, count: count) { append($0, attributions, to: $1) }
    }

    private func append(_ place: Int, _ explained: ColumnAttributions, to row: ColumnBuilder) {
        var fields = row.children[...]
        switch explained.predictions {
        case .findings: return row.appendNull()
        case .numbers(let values): fields.removeFirst().append(values[place])
        case .classes(_, let names):
            TrainedModel.append(class: names[Int(explained.predictedClasses?[place] ?? 0)], to: fields.removeFirst())
            fields.removeFirst().append(explained.probability(row: place) ?? 0)
        }
        let (baseline, attributions) = explained.parts(row: place)
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

    // MARK: Of all rows

    /// The predicted class (0 where it is a number), and the magnitude of what each of the model's columns adds to a row's prediction.
    package static let magnitudesType = SQLType.array(.double)

    /// One value of `magnitudesType` for each selected row; NULL as in `explain`.
    /// - Throws: `FeatureError`, `LearnerError`.
    package func magnitudes(_ inputs: [Column], rows: RowSelection, count: Int) throws -> Column {
        let encoded = try encoder.encode(inputs, rows: rows, count: count)
        if encoded.batchRows.isEmpty { return .nulls(Self.magnitudesType, count: count) }
        let attributions = try ColumnAttributions(model, encoded.matrix, threads: 1)
        return encoded.column(Self.magnitudesType, count: count) { row, builder in
            let columns = attributions.parts(row: row).columns
            builder.children[0].append(Double(attributions.predictedClasses?[row] ?? 0))
            for attribution in columns { builder.children[0].append(attribution.magnitude) }
            builder.append(listOf: columns.count + 1)
        }
    }

    /// What the rows of a list say together.
    /// - Parameter list: an ARRAY of `magnitudesType`.
    package func explanation(of list: Column, row: Int) -> GlobalExplanation {
        let plain = list.decoded(.all(list.count))
        let rows = plain.children[0]
        let magnitudes = rows.children[0].values(as: Double.self)
        var sums = GlobalExplanation.Sums(of: model)
        for place in plain.list(row) ?? 0..<0 {
            guard let values = rows.list(place), let predicted = values.first else { continue }
            sums.add(values.dropFirst().lazy.map { magnitudes[$0] }, of: Int(magnitudes[predicted]))
        }
        return GlobalExplanation(sums, of: model)
    }
}
