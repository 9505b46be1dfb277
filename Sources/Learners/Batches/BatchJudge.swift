import Columnar
import FeatureTables

/// Sets a model's predictions for batches of a query's rows beside the truth, and makes measures of all of them. May be used
/// from several threads.
package struct BatchJudge: Sendable {
    private let model: TrainedModel
    private let encoder: BatchEncoder
    /// nil of a model without one, which measures how it describes rows.
    private let label: LabelEncoding?
    private let weight: String?

    /// The columns that are needed of rows, in the order in which batches have them: the model's inputs, its label and,
    /// where the rows have it, its weight.
    package static func inputs(of model: TrainedModel, available: [String]) -> [String] {
        let weight = model.encoding.weight.map { [$0] } ?? []
        let known = Set(available.map { $0.lowercased() })
        return BatchPredictor.inputs(of: model) + (model.encoding.label.map { [$0.name] } ?? [])
            + weight.filter { known.contains($0.lowercased()) }
    }

    /// - Parameter schema: the names and types of the inputs in the query.
    /// - Throws: `FeatureError` for a type that the model was not trained on.
    package init(_ model: TrainedModel, schema: [SchemaColumn]) throws {
        self.model = model
        label = model.encoding.label
        let count = BatchPredictor.inputs(of: model).count
        weight = schema.dropFirst(label == nil ? count : count + 1).first?.name
        encoder = try BatchEncoder(model, schema: schema)
    }

    /// STRUCT of the truth (a class's position), the weight, and the probabilities of the classes or the number predicted;
    /// without a label what `RowFits` has of the row.
    package static let judgementType = SQLType.structure([
        StructField(name: "truth", type: .double), StructField(name: "weight", type: .double),
        StructField(name: "predicted", type: .array(.double)),
    ])

    /// One value of `judgementType` for each selected row that can be judged; NULL for one without a prediction, a label that
    /// the model knows, or a weight where there are some.
    /// - Throws: `FeatureError`, `LearnerError`.
    package func judge(_ columns: [Column], rows: RowSelection, count: Int) throws -> Column {
        let encoded = try encoder.encode(columns, rows: rows, count: count)
        var judged: [(row: Int, truth: Double, weight: Double, predicted: ArraySlice<Double>)] = []
        if !encoded.batchRows.isEmpty {
            let (predicted, width) = try predictions(encoded.matrix)
            let known = try label.map { try encoded.data.knownLabels($0, rows: encoded.dataRows) }
            let weights = try weight.map { try encoded.data.numbers(try encoded.data.columnIndex($0)) }
            let places = known?.places ?? Array(encoded.dataRows.indices)
            let truths = known.map { Self.numbers($0.label) } ?? [Double](repeating: 0, count: places.count)
            for (place, truth) in zip(places, truths) {
                let weight = weights?[Int(encoded.dataRows[place])] ?? 1
                if weight.isNaN { continue }
                guard weight >= 0 else { throw FeatureError.invalidWeight(column: self.weight ?? "", value: "\(weight)") }
                judged.append((encoded.batchRows[place], truth, weight, predicted[(place * width)..<((place + 1) * width)]))
            }
        }
        let builder = ColumnBuilder(Self.judgementType, capacity: count)
        var next = 0
        for row in 0..<count {
            guard next < judged.count, judged[next].row == row else {
                builder.appendNull()
                continue
            }
            builder.children[0].append(judged[next].truth)
            builder.children[1].append(judged[next].weight)
            for value in judged[next].predicted { builder.children[2].children[0].append(value) }
            builder.children[2].append(listOf: judged[next].predicted.count)
            builder.appendStructure()
            next += 1
        }
        return builder.finish()
    }

    /// Row-major.
    private func predictions(_ matrix: FeatureMatrix) throws -> (values: [Double], width: Int) {
        if let unsupervised = model.model as? any UnsupervisedModel {
            let fits = try unsupervised.fits(matrix, threads: 1)
            return (zip(fits.first, fits.second).flatMap { [$0, $1] }, 2)
        }
        switch try model.model.predict(matrix, threads: 1) {
        case .classes(let probabilities, let names): return (probabilities, names.count)
        case .numbers(let values): return (values, 1)
        case .findings: throw LearnerError.inconsistentModel
        }
    }

    private static func numbers(_ label: FeatureLabel) -> [Double] {
        switch label {
        case .classes(let codes, _): codes.map { Double($0) }
        case .numbers(let values): values
        }
    }

    /// What was judged.
    package enum Judged: Sendable {
        case rows(JudgedRows)
        /// By a model without a label.
        case fits(RowFits, any UnsupervisedModel, weights: [Double]?)

        /// nil of no rows.
        /// - Throws: as `EvaluationMetrics` does.
        package func metrics() throws -> EvaluationMetrics? {
            switch self {
            case .rows(let rows): return try rows.metrics()
            case .fits(let fits, let model, let weights):
                return fits.count == 0 ? nil : .unsupervised(model.measures(of: fits, weights: weights))
            }
        }
    }

    /// What was judged, of a row of an ARRAY of `judgementType`.
    /// - Parameter list: an ARRAY of `judgementType`.
    package func judged(of list: Column, row: Int) -> Judged {
        let plain = list.decoded(.all(list.count))
        let range = plain.list(row) ?? 0..<0
        let values = plain.children[0]
        let truths = values.children[0].values(as: Double.self)
        let allWeights = values.children[1].values(as: Double.self)
        let lists = values.children[2]
        let numbers = lists.children[0].values(as: Double.self)
        let predicted = range.flatMap { place in (lists.list(place) ?? 0..<0).map { numbers[$0] } }
        let weights: [Double]? = weight == nil ? nil : range.map { allWeights[$0] }
        if let unsupervised = model.model as? any UnsupervisedModel {
            let places = 0..<predicted.count / 2
            let fits = RowFits(first: places.map { predicted[2 * $0] }, second: places.map { predicted[2 * $0 + 1] })
            return .fits(fits, unsupervised, weights: weights)
        }
        let names = label?.classes
        return .rows(
            JudgedRows(
                predictions: names.map { .classes(probabilities: predicted, names: $0) } ?? .numbers(predicted),
                label: names.map { .classes(codes: range.map { Int32(truths[$0]) }, names: $0) }
                    ?? .numbers(range.map { truths[$0] }),
                weights: weights, rows: []))
    }
}
