import FeatureTables

/// Predictions beside the truth they are to be judged by.
public struct JudgedRows: Sendable {
    public var predictions: Predictions
    public var label: FeatureLabel
    /// nil: every row counts the same.
    public var weights: [Double]?
    /// Where the rows stood among those that were asked about, ascending; empty where nobody asks.
    public var rows: [Int32]

    public var rowCount: Int { label.count }

    /// The rows of both that stood at the same places, every row counting the same.
    func paired(with other: JudgedRows) -> (JudgedRows, JudgedRows) {
        let places = Dictionary(zip(other.rows, other.rows.indices), uniquingKeysWith: { first, _ in first })
        var mine: [Int] = [], others: [Int] = []
        for (place, row) in rows.enumerated() {
            guard let found = places[row] else { continue }
            mine.append(place)
            others.append(found)
        }
        var own = selecting(mine), theirs = other.selecting(others)
        own.weights = nil
        theirs.weights = nil
        return (own, theirs)
    }

    /// Some of the rows.
    /// - Precondition: every element of `places` is a row.
    func selecting(_ places: [Int]) -> JudgedRows {
        JudgedRows(
            predictions: predictions.selecting(places), label: label.selecting(places),
            weights: weights.map { weights in places.map { weights[$0] } }, rows: rows.isEmpty ? [] : places.map { rows[$0] })
    }

    /// More rows of the same model.
    mutating func append(_ other: JudgedRows) {
        switch (predictions, other.predictions) {
        case (.classes(var own, let names), .classes(let others, _)):
            predictions = .numbers([])
            own += others
            predictions = .classes(probabilities: own, names: names)
        case (.numbers(var own), .numbers(let others)):
            predictions = .numbers([])
            own += others
            predictions = .numbers(own)
        default: return
        }
        switch (label, other.label) {
        case (.classes(let own, let names), .classes(let others, _)): label = .classes(codes: own + others, names: names)
        case (.numbers(let own), .numbers(let others)): label = .numbers(own + others)
        default: return
        }
        if let others = other.weights { weights = (weights ?? []) + others }
        rows += other.rows
    }

    /// The measures by the rows' weights; nil of no rows.
    /// - Throws: as `EvaluationMetrics` does.
    package func metrics() throws -> EvaluationMetrics? {
        rowCount == 0 ? nil : try EvaluationMetrics(predictions, label, weights: weights)
    }

    /// With what measures need worked out once.
    /// - Throws: `LearnerError.wrongTask` when the label is of the other kind, or has other classes.
    func arranged() throws -> ArrangedRows {
        switch (predictions, label) {
        case (.classes(let probabilities, let names), .classes(let codes, let actualNames)):
            guard names == actualNames, probabilities.count == codes.count * names.count, names.count > 1 else {
                throw LearnerError.wrongTask(learner: "the model", task: "evaluation on other classes")
            }
            return .classes(ClassifiedRows(probabilities: probabilities, actual: codes, names: names))
        case (.numbers(let predicted), .numbers(let actual)):
            return .numbers(PredictedNumbers(predicted: predicted, actual: actual))
        default: throw LearnerError.wrongTask(learner: "the model", task: "evaluation on a label of the other kind")
        }
    }
}

/// Judged rows with what measures under any weights need worked out once.
enum ArrangedRows: Sendable {
    case classes(ClassifiedRows)
    case numbers(PredictedNumbers)

    /// As `ClassifiedRows.keepingMeasures`, of which numbers have no need.
    func keepingMeasures() -> ArrangedRows {
        guard case .classes(let rows) = self else { return self }
        return .classes(rows.keepingMeasures())
    }

    func metrics(_ weights: [Double]?) -> EvaluationMetrics {
        switch self {
        case .classes(let rows): .classification(rows.metrics(weights))
        case .numbers(let rows): .regression(rows.metrics(weights))
        }
    }
}
