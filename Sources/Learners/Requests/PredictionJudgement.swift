import FeatureTables

/// How good predictions are on the rows whose label is known, and why the others could not be judged.
///
/// Judged are the rows that a training would evaluate on: with a prediction, a label that the model knows and, where the
/// data has the model's weight column, a weight.
public struct PredictionJudgement: Sendable, Equatable {
    public var task: LearningTask
    /// nil of a model without one, whose quality is how it describes the rows.
    public var label: String?
    public var positiveClass: String?
    /// The column of the rows' weights; nil when the model has none, or the data lacks it.
    public var weight: String?
    public var rows: Int
    public var rowsJudged = 0
    /// Rows that the policy `drop-row` left without a prediction.
    public var rowsWithoutPrediction: Int
    public var rowsWithoutLabel = 0
    /// Rows with a label that the model does not know, and the first of these labels.
    public var rowsWithUnknownLabel = 0
    public var unknownLabels: [String] = []
    public var rowsWithoutWeight = 0
    /// Whether the data has a column of the label's name.
    public var hasLabel: Bool
    /// nil when no row could be judged.
    public var quality: ModelQuality?
    /// What else there is to know: why the label or the weights cannot be used.
    public var notes: [String] = []

    /// - Parameters:
    ///   - predictions: of the rows of `table`, in their order.
    ///   - table: rows of `data`.
    /// - Returns: the judgement, and the rows that could be judged where there are some and a label to judge them by.
    /// - Throws: as a model without a label does, of which nothing is to be compared.
    static func make(
        _ predictions: Predictions, data: ImportData, table: FeatureTable, model: TrainedModel, threads: Int
    ) throws -> (judgement: PredictionJudgement, judged: JudgedRows?) {
        var judgement = PredictionJudgement(data, predictedRows: table.sourceRows.count, model)
        guard let label = model.encoding.label else {
            try judgement.judge(table, data, model, threads: threads)
            return (judgement, nil)
        }
        let judged = judgement.judge(predictions, data, table.sourceRows, label, weightName: model.encoding.weight)
        return (judgement, judged)
    }

    private init(_ data: ImportData, predictedRows: Int, _ model: TrainedModel) {
        let encoding = model.encoding
        task = model.model.task
        label = encoding.label?.name
        positiveClass = encoding.label?.positiveClass
        rows = data.rowCount
        rowsWithoutPrediction = data.rowCount - predictedRows
        hasLabel = data.hasColumn(encoding.label?.name)
    }

    private mutating func judge(
        _ predictions: Predictions, _ data: ImportData, _ rows: [Int32], _ label: LabelEncoding, weightName: String?
    ) -> JudgedRows? {
        guard hasLabel else {
            notes.append("the query has no column '\(label.name)' to compare the predictions with")
            return nil
        }
        do {
            let known = try data.knownLabels(label, rows: rows)
            rowsWithoutLabel = known.rowsWithoutLabel
            rowsWithUnknownLabel = known.rowsWithUnknownLabel
            unknownLabels = known.unknownLabels
            var judged = Array(known.places.indices)
            var weights: [Double]?
            if let name = weightName {
                if data.hasColumn(name) {
                    weights = usableWeights(name, data, known.places.map { rows[$0] }, &judged)
                } else {
                    notes.append("the query has no weight column '\(name)': every row counts the same")
                }
            }
            rowsJudged = judged.count
            guard !judged.isEmpty else { return nil }
            let found = JudgedRows(
                predictions: predictions.selecting(judged.map { known.places[$0] }), label: known.label.selecting(judged),
                weights: weights, rows: judged.map { rows[known.places[$0]] })
            quality = try ModelQuality(found.predictions, found.label, weights: weights)
            return found
        } catch {
            notes.append("the predictions cannot be compared with column '\(label.name)': \(error)")
            return nil
        }
    }

    /// How a model without a label describes rows.
    private mutating func judge(_ table: FeatureTable, _ data: ImportData, _ model: TrainedModel, threads: Int) throws {
        guard let unsupervised = model.model as? any UnsupervisedModel else { return }
        var judged = Array(table.sourceRows.indices)
        var weights: [Double]?
        if let name = model.encoding.weight, data.hasColumn(name) {
            weights = usableWeights(name, data, table.sourceRows, &judged)
        }
        rowsJudged = judged.count
        guard !judged.isEmpty else { return }
        let fits = try unsupervised.fits(table.matrix, threads: threads)
        quality = ModelQuality(
            unsupervised, RowFits(first: judged.map { fits.first[$0] }, second: judged.map { fits.second[$0] }),
            weights: weights)
    }

    /// The weights of the rows that have one, of which `judged` keeps the positions; nil when they are none.
    private mutating func usableWeights(_ name: String, _ data: ImportData, _ rows: [Int32], _ judged: inout [Int]) -> [Double]? {
        do {
            let all = try data.numbers(try data.columnIndex(name))
            let with = judged.filter { !all[Int(rows[$0])].isNaN }
            let weights = with.map { all[Int(rows[$0])] }
            if let negative = weights.first(where: { $0 < 0 }) {
                throw FeatureError.invalidWeight(column: name, value: "\(negative)")
            }
            rowsWithoutWeight = judged.count - with.count
            judged = with
            weight = name
            return weights
        } catch {
            notes.append("every row counts the same: \(error)")
            return nil
        }
    }
}

extension ImportData {
    fileprivate func hasColumn(_ name: String?) -> Bool {
        guard let wanted = name?.lowercased() else { return false }
        return schema.contains { $0.name.lowercased() == wanted }
    }
}

extension Predictions {
    /// The predictions of some rows.
    /// - Precondition: every element of `rows` is a row.
    func selecting(_ rows: [Int]) -> Predictions {
        switch self {
        case .numbers(let values): return .numbers(rows.map { values[$0] })
        case .findings: return self
        case .classes(let probabilities, let names):
            let count = names.count
            return .classes(
                probabilities: rows.flatMap { probabilities[($0 * count)..<(($0 + 1) * count)] }, names: names)
        }
    }
}

extension FeatureLabel {
    /// The labels of some rows.
    /// - Precondition: every element of `rows` is a row.
    func selecting(_ rows: [Int]) -> FeatureLabel {
        switch self {
        case .classes(let codes, let names): .classes(codes: rows.map { codes[$0] }, names: names)
        case .numbers(let values): .numbers(rows.map { values[$0] })
        }
    }
}
