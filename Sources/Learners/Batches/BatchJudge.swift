import Columnar
import FeatureTables

/// Sets a model's predictions for batches of a query's rows beside the truth, and makes measures of all of them. May be used
/// from several threads.
package struct BatchJudge: Sendable {
    private let model: TrainedModel
    private let encoder: BatchEncoder
    private let label: LabelEncoding
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
    /// - Throws: `FeatureError` for a type that the model was not trained on; `LearnerError.missingLabel`.
    package init(_ model: TrainedModel, schema: [SchemaColumn]) throws {
        self.model = model
        guard let label = model.encoding.label else { throw LearnerError.missingLabel }
        self.label = label
        let count = BatchPredictor.inputs(of: model).count
        weight = schema.count > count + 1 ? schema[count + 1].name : nil
        encoder = try BatchEncoder(model, schema: schema)
    }

    /// STRUCT of the truth (a class's position), the weight, and the probabilities of the classes or the number predicted.
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
            let (predicted, width) = Self.flat(try model.model.predict(encoded.matrix, threads: 1))
            let known = try encoded.data.knownLabels(label, rows: encoded.dataRows)
            let weights = try weight.map { try encoded.data.numbers(try encoded.data.columnIndex($0)) }
            for (place, truth) in zip(known.places, Self.numbers(known.label)) {
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

    private static func flat(_ predictions: Predictions) -> (values: [Double], width: Int) {
        switch predictions {
        case .classes(let probabilities, let names): (probabilities, names.count)
        case .numbers(let values): (values, 1)
        }
    }

    private static func numbers(_ label: FeatureLabel) -> [Double] {
        switch label {
        case .classes(let codes, _): codes.map { Double($0) }
        case .numbers(let values): values
        }
    }

    /// What was judged, of a row of an ARRAY of `judgementType`.
    /// - Parameter list: an ARRAY of `judgementType`.
    package func judgedRows(of list: Column, row: Int) -> JudgedRows {
        let plain = list.decoded(.all(list.count))
        let range = plain.list(row) ?? 0..<0
        let values = plain.children[0]
        let truths = values.children[0].values(as: Double.self)
        let allWeights = values.children[1].values(as: Double.self)
        let lists = values.children[2]
        let numbers = lists.children[0].values(as: Double.self)
        let predicted = range.flatMap { place in (lists.list(place) ?? 0..<0).map { numbers[$0] } }
        let names = label.classes
        return JudgedRows(
            predictions: names.map { .classes(probabilities: predicted, names: $0) } ?? .numbers(predicted),
            label: names.map { .classes(codes: range.map { Int32(truths[$0]) }, names: $0) }
                ?? .numbers(range.map { truths[$0] }),
            weights: weight == nil ? nil : range.map { allWeights[$0] }, rows: [])
    }
}
