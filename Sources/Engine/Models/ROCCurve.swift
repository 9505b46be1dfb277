import Expressions
import Learners

/// The receiver operating characteristic of two classes as a table.
struct ROCCurve {
    /// threshold, recall, false positive rate, true positives, false positives, true negatives, false negatives; weights of
    /// rows where these have some.
    let points: [[LiteralValue]]

    init(_ judged: JudgedRows) {
        guard let curve = judged.thresholdCurve else {
            points = []
            return
        }
        points = curve.points.map { point in
            [
                point.threshold, curve.recall(point), curve.falsePositiveRate(point), point.found, point.wrong,
                curve.negatives - point.wrong, curve.positives - point.found,
            ].map { $0.map { LiteralValue.floating($0) } ?? .null }
        }
    }
}
