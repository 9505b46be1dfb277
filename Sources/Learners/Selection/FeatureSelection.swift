import FeatureTables

/// Which columns a learner gets of those that could be features: the ones that say most about the label in the rows that are
/// trained on.
public struct FeatureSelection: Sendable, Equatable {
    /// By what columns are compared. Of a column that becomes several features the best one counts.
    public enum Measure: String, CaseIterable, Sendable {
        /// Nats that the value tells about the label; sees what is not linear, too.
        case mutualInformation = "mutual-information"
        /// The label's classes' F of an analysis of variance, or that of a straight line through a label that is a number.
        case fScore = "f-score"
        /// How far the sums of the classes are from what their sizes would give; for numbers that are not negative, as counts.
        case chiSquare = "chi-square"
        /// Pearson's coefficient without its sign, or the correlation ratio of classes.
        case correlation
        /// Of the value alone.
        case variance
    }

    /// The most columns that are kept.
    public var columnCount: Int
    public var measure: Measure

    public init(columnCount: Int, measure: Measure = .mutualInformation) {
        self.columnCount = columnCount
        self.measure = measure
    }
}

extension FeatureSelection {
    /// The columns of an encoding that are kept, in their order, and what a person is told of them and of the others.
    struct Choice {
        var kept: [Int]
        var leftOut: [ImportSummary.ColumnSummary] = []
        var notes: [String] = []
    }

    /// Of columns that say as much the first ones are kept; columns of which nothing can be said come last.
    /// - Parameter table: the rows to train on, with all columns.
    /// - Throws: `FeatureError`, `LearnerError`.
    func choice(from table: FeatureTable, isCancelled: (@Sendable () -> Bool)? = nil) throws -> Choice {
        let columns = table.encoding.columns
        guard columns.count > columnCount else { return Choice(kept: Array(columns.indices)) }
        let features = try FeatureScores(table, isCancelled: isCancelled).scores(measure)
        if isCancelled?() == true { throw LearnerError.cancelled }
        var place = 0
        let scores = columns.map { column -> Double? in
            defer { place += column.width }
            return features[place..<place + column.width].compactMap { $0 }.max()
        }
        let ranked = columns.indices.sorted { left, right in
            let (first, second) = (scores[left] ?? -.infinity, scores[right] ?? -.infinity)
            return first != second ? first > second : left < right
        }
        let kept = ranked.prefix(columnCount)
        var choice = Choice(kept: kept.sorted())
        func told(_ position: Int) -> String { scores[position].map { Self.short($0) } ?? "none" }
        choice.notes = [
            "\(columnCount) of \(columns.count) columns selected by \(measure.rawValue): "
                + kept.map { "\(columns[$0].name) \(told($0))" }.joined(separator: ", ")
        ]
        choice.leftOut = ranked.dropFirst(columnCount).sorted().map {
            ImportSummary.ColumnSummary(name: columns[$0].name, leftOut: "not selected, \(measure.rawValue) \(told($0))")
        }
        return choice
    }

    /// Four digits.
    private static func short(_ score: Double) -> String {
        guard score.isFinite, score != 0 else { return "\(score)" }
        var scale = 1.0
        while abs(score) * scale < 1000, scale < 1e12 { scale *= 10 }
        return "\((score * scale).rounded() / scale)"
    }
}
