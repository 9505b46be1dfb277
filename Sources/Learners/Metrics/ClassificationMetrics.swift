#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How well class predictions agree with the truth; rows count by weight.
public struct ClassificationMetrics: Codable, Sendable, Equatable {
    public var rows: Int
    /// One a class, in the order of the label's classes.
    public var classes: [ClassMetrics]
    /// `confusion[actual][predicted]`: the weight of such rows.
    public var confusion: [[Double]]
    public var accuracy: Double
    /// Means over the classes that occur as truth or prediction.
    public var macroPrecision: Double
    public var macroRecall: Double
    public var macroF1: Double
    /// Mean of −log(probability of the true class), probabilities clipped to the smallest step of `Double`.
    public var logLoss: Double
    /// Two classes: of the positive one. More: the mean over each class against the rest. nil when some truth is absent.
    public var areaUnderROC: Double?
    /// As average precision; for more than two classes the mean over each class against the rest.
    public var areaUnderPR: Double?

    /// One class against the rest; 0 where nothing is there to divide by.
    public struct ClassMetrics: Codable, Sendable, Equatable {
        public var name: String
        /// The weight of the rows whose truth it is.
        public var support: Double
        public var precision: Double
        public var recall: Double
        public var f1: Double
    }

    /// - Parameters:
    ///   - probabilities: row-major, one a row and class.
    ///   - actual: the true class of each row.
    /// - Precondition: the sizes agree, every class is a position in `names`, and there are at least two names.
    /// - Complexity: O(classes · n log n).
    public init(probabilities: [Double], actual: [Int32], names: [String], weights: [Double]? = nil) {
        let count = names.count
        precondition(probabilities.count == actual.count * count && count > 1)
        let predicted = Predictions.classes(probabilities: probabilities, names: names).predictedClasses ?? []
        var confusion = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
        var total = 0.0
        var loss = 0.0
        for (row, truth) in actual.enumerated() {
            let weight = weights?[row] ?? 1
            confusion[Int(truth)][Int(predicted[row])] += weight
            let probability = probabilities[row * count + Int(truth)]
            loss -= weight * log(min(max(probability, Double.ulpOfOne), 1 - Double.ulpOfOne))
            total += weight
        }
        let hits = names.indices.map { confusion[$0][$0] }
        rows = actual.count
        self.confusion = confusion
        let classes = names.indices.map { position in
            let hit = hits[position]
            let support = confusion[position].reduce(0, +)
            let claimed = confusion.reduce(0) { $0 + $1[position] }
            let precision = claimed > 0 ? hit / claimed : 0
            let recall = support > 0 ? hit / support : 0
            let f1 = support + claimed > 0 ? 2 * hit / (support + claimed) : 0
            return ClassMetrics(name: names[position], support: support, precision: precision, recall: recall, f1: f1)
        }
        let occurring = classes.indices.filter { position in
            classes[position].support > 0 || confusion.contains { $0[position] > 0 }
        }
        func mean(_ value: (ClassMetrics) -> Double) -> Double {
            occurring.isEmpty ? 0 : occurring.reduce(0) { $0 + value(classes[$1]) } / Double(occurring.count)
        }
        self.classes = classes
        macroPrecision = mean(\.precision)
        macroRecall = mean(\.recall)
        macroF1 = mean(\.f1)
        accuracy = total > 0 ? names.indices.reduce(0, { $0 + hits[$1] }) / total : 0
        logLoss = total > 0 ? loss / total : 0
        let measured = count == 2 ? [1] : Array(names.indices)
        var areas: [Double] = []
        var precisions: [Double] = []
        for position in measured {
            let scores = actual.indices.map { probabilities[$0 * count + position] }
            let isPositive = actual.map { Int($0) == position }
            if let area = RankingMetrics.areaUnderROC(scores: scores, isPositive: isPositive, weights: weights) {
                areas.append(area)
            }
            if let area = RankingMetrics.averagePrecision(scores: scores, isPositive: isPositive, weights: weights) {
                precisions.append(area)
            }
        }
        areaUnderROC = areas.count == measured.count ? areas.reduce(0, +) / Double(areas.count) : nil
        areaUnderPR = precisions.count == measured.count ? precisions.reduce(0, +) / Double(precisions.count) : nil
    }
}
