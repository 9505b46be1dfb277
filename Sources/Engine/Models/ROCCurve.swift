import Expressions
import FeatureTables
import Learners

/// The receiver operating characteristic of two classes: for thresholds of the positive class's probability, highest first,
/// how many rows are found and how many are taken for it wrongly.
struct ROCCurve {
    /// threshold, recall, false positive rate, true positives, false positives, true negatives, false negatives; weights of
    /// rows where these have some. At most about `mostPoints` thresholds, each a probability that occurs.
    private(set) var points: [[LiteralValue]] = []

    private static let mostPoints = 100

    init(_ judged: BatchJudge.Judgements) {
        guard case .classes(let probabilities, _) = judged.predictions, case .classes(let codes, _) = judged.label,
            probabilities.count == codes.count * 2
        else { return }
        let order = codes.indices.sorted { probabilities[$0 * 2 + 1] > probabilities[$1 * 2 + 1] }
        func weight(_ row: Int) -> Double { judged.weights?[row] ?? 1 }
        let positives = order.reduce(0) { $0 + (codes[$1] == 1 ? weight($1) : 0) }
        let negatives = order.reduce(0) { $0 + (codes[$1] == 1 ? 0 : weight($1)) }
        let step = max(order.count / Self.mostPoints, 1)
        var found = 0.0, wrong = 0.0, told = 0
        for (position, row) in order.enumerated() {
            if codes[row] == 1 { found += weight(row) } else { wrong += weight(row) }
            let isLast = position + 1 == order.count
            let threshold = probabilities[row * 2 + 1]
            // Rows of equal probability pass a threshold together.
            guard isLast || threshold != probabilities[order[position + 1] * 2 + 1], isLast || position + 1 - told >= step else {
                continue
            }
            told = position + 1
            points.append(
                [
                    threshold, positives > 0 ? found / positives : nil, negatives > 0 ? wrong / negatives : nil, found, wrong,
                    negatives - wrong, positives - found,
                ].map { $0.map { LiteralValue.floating($0) } ?? .null })
        }
    }
}
