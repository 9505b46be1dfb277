import FeatureTables

/// Predictions of rows, and what each column of the query adds to each: the contributions of the column's features added up.
///
/// Of classes it is the score of the predicted one that is explained: of two classes its log-odds, of more what softmax makes its
/// probability of.
struct ColumnAttributions {
    let predictions: Predictions
    /// nil where numbers are predicted.
    let predictedClasses: [Int32]?
    private let contributions: FeatureContributions
    /// How many features each column has.
    private let widths: [Int]

    /// - Throws: `LearnerError.noContributions`, also for a model without a label.
    init(_ model: TrainedModel, _ matrix: FeatureMatrix, threads: Int) throws {
        guard model.encoding.label != nil else { throw LearnerError.noContributions }
        predictions = try model.model.predict(matrix, threads: threads)
        predictedClasses = predictions.predictedClasses
        contributions = try model.model.contributions(matrix, threads: threads)
        widths = model.encoding.columns.map(\.width)
    }

    /// Rows, and contributions of features, that are in memory together.
    private static let mostRows = 16_384
    private static let mostContributions = 4_194_304

    /// Some rows of a table after the other, in their order.
    /// - Throws: as `init`; `LearnerError.cancelled`.
    static func forEachBlock(
        of table: FeatureTable, _ model: TrainedModel, threads: Int, isCancelled: (@Sendable () -> Bool)? = nil,
        _ body: (_ block: ColumnAttributions, _ rows: Range<Int>) -> Void
    ) throws {
        let width = (table.featureNames.count + 1) * (model.encoding.label?.classes?.count ?? 1)
        let step = max(1, min(mostRows, mostContributions / max(width, 1)))
        // A table without rows is refused as others are.
        for start in stride(from: 0, to: max(table.rowCount, 1), by: step) {
            if isCancelled?() == true { throw LearnerError.cancelled }
            let rows = start..<min(start + step, table.rowCount)
            let part = rows.count == table.rowCount ? table : try table.selecting(rows.map { Int32($0) })
            body(try ColumnAttributions(model, part.matrix, threads: threads), 0..<rows.count)
        }
    }

    /// The probability of a row's predicted class; nil where numbers are predicted.
    func probability(row: Int) -> Double? {
        guard case .classes(let probabilities, let names) = predictions, let predictedClasses else { return nil }
        return probabilities[row * names.count + Int(predictedClasses[row])]
    }

    /// The number that is predicted, or the probability of the predicted class.
    func prediction(row: Int) -> Double {
        if case .numbers(let values) = predictions { values[row] } else { probability(row: row) ?? 0 }
    }

    /// What the score of a row is made of; it is the sum.
    func parts(row: Int) -> (baseline: Double, columns: [Double]) {
        var output = 0
        // Of two classes there is the score of the second; the first one's is its opposite.
        var isOpposite = false
        if let predictedClasses {
            let predicted = Int(predictedClasses[row])
            if contributions.outputCount > 1 { output = predicted } else { isOpposite = predicted == 0 }
        }
        func signed(_ value: Double) -> Double { isOpposite ? 0 - value : value }
        let range = contributions.range(row: row, output: output)
        var start = range.lowerBound
        let columns = widths.map { width in
            defer { start += width }
            return signed(contributions.values[start..<start + width].reduce(0, +))
        }
        return (signed(contributions.values[range.upperBound]), columns)
    }
}
