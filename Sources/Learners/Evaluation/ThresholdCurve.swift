/// What is found and what is taken wrongly as the threshold of a class's probability falls: the curves of ROC, of precision over
/// recall, and of gain and lift are views of it.
public struct ThresholdCurve: Sendable, Equatable {
    /// The weights of the rows of the class and of all others.
    public let positives: Double
    public let negatives: Double
    /// For thresholds that occur, highest first. At most some two hundred: one for each further hundredth of the rows of the
    /// class, or of the others.
    public let points: [Point]

    public struct Point: Sendable, Equatable {
        /// Rows of this probability and of higher ones are taken for the class.
        public var threshold: Double
        /// The weight of those that are of it.
        public var found: Double
        /// The weight of those that are not.
        public var wrong: Double
    }

    private static let steps = 100.0

    init(_ ranked: RankedScores, _ weights: [Double]? = nil) {
        let (positives, negatives) = ranked.totals(weights)
        var points: [Point] = []
        var now = Point(threshold: .infinity, found: 0, wrong: 0)
        var told = now
        ranked.forEachTie(weights) { tie in
            now = Point(threshold: tie.score, found: now.found + tie.positive, wrong: now.wrong + tie.negative)
            let isStep = (now.found - told.found) * Self.steps >= positives && now.found > told.found
                || (now.wrong - told.wrong) * Self.steps >= negatives && now.wrong > told.wrong
            guard isStep else { return }
            points.append(now)
            told = now
        }
        if now != told { points.append(now) }
        self.positives = positives
        self.negatives = negatives
        self.points = points
    }

    public func recall(_ point: Point) -> Double? { positives > 0 ? point.found / positives : nil }
    public func falsePositiveRate(_ point: Point) -> Double? { negatives > 0 ? point.wrong / negatives : nil }

    public func precision(_ point: Point) -> Double? {
        let taken = point.found + point.wrong
        return taken > 0 ? point.found / taken : nil
    }

    /// The share of all rows that are taken for the class.
    public func takenShare(_ point: Point) -> Double? {
        let all = positives + negatives
        return all > 0 ? (point.found + point.wrong) / all : nil
    }

    /// How many times more often the class is among what is taken than among all.
    public func lift(_ point: Point) -> Double? {
        let all = positives + negatives
        guard positives > 0, let precision = precision(point) else { return nil }
        return precision / (positives / all)
    }
}

extension JudgedRows {
    /// The curve of the positive one of two classes; nil for anything else.
    package var thresholdCurve: ThresholdCurve? {
        guard case .classes(let rows) = try? arranged(), rows.names.count == 2 else { return nil }
        return ThresholdCurve(rows.ranking(of: 1), weights)
    }
}
