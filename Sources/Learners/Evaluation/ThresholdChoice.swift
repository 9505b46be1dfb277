/// What a mistake costs, for choosing a threshold.
public struct MistakeCosts: Sendable, Equatable {
    /// Of a row that is taken for the positive class and is not.
    public var falsePositive: Double
    /// Of a row of the positive class that is missed.
    public var falseNegative: Double

    public init(falsePositive: Double = 1, falseNegative: Double = 1) {
        self.falsePositive = falsePositive
        self.falseNegative = falseNegative
    }
}

/// A threshold of the positive class's probability that somebody may want, and what it does.
public struct ThresholdChoice: Sendable, Equatable {
    public enum Reason: String, Sendable {
        /// The most probable class, which is what a model predicts by itself.
        case even
        /// The greatest F1.
        case greatestF1 = "greatest-f1"
        /// The greatest distance of recall and false positive rate (Youden's J).
        case greatestDistance = "greatest-distance"
        /// The least cost of the mistakes.
        case leastCost = "least-cost"

        /// As reports say it.
        public var title: String {
            switch self {
            case .even: "the more probable class"
            case .greatestF1: "greatest F1"
            case .greatestDistance: "greatest recall − false positive rate"
            case .leastCost: "least cost"
            }
        }
    }

    public var reason: Reason
    /// Infinite where it is best to take no row for the class.
    public var threshold: Double
    public var truePositives: Double
    public var falsePositives: Double
    public var trueNegatives: Double
    public var falseNegatives: Double
    /// Of all mistakes together, where costs are given.
    public var cost: Double?

    public var recall: Double { Self.ratio(truePositives, truePositives + falseNegatives) }
    public var precision: Double { Self.ratio(truePositives, truePositives + falsePositives) }
    public var specificity: Double { Self.ratio(trueNegatives, trueNegatives + falsePositives) }
    public var f1: Double { Self.ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives) }
    public var accuracy: Double {
        Self.ratio(truePositives + trueNegatives, truePositives + trueNegatives + falsePositives + falseNegatives)
    }

    private static func ratio(_ part: Double, _ whole: Double) -> Double { whole > 0 ? part / whole : 0 }

    /// - Complexity: O(rows).
    static func choices(_ ranked: RankedScores, costs: MistakeCosts?) -> [ThresholdChoice] {
        let (positives, negatives) = ranked.totals(nil)
        func choice(_ threshold: Double, _ found: Double, _ wrong: Double) -> ThresholdChoice {
            ThresholdChoice(
                reason: .even, threshold: threshold, truePositives: found, falsePositives: wrong,
                trueNegatives: negatives - wrong, falseNegatives: positives - found,
                cost: costs.map { $0.falsePositive * wrong + $0.falseNegative * (positives - found) })
        }
        let none = choice(.infinity, 0, 0)
        var even = none, byF1 = none, byDistance = none, byCost = none
        var found = 0.0, wrong = 0.0
        ranked.forEachTie(nil) { tie in
            found += tie.positive
            wrong += tie.negative
            let here = choice(tie.score, found, wrong)
            // Of two equal probabilities the first class is predicted.
            if tie.score > 0.5 { even = here }
            if here.f1 > byF1.f1 { byF1 = here }
            if here.recall + here.specificity > byDistance.recall + byDistance.specificity { byDistance = here }
            if let cost = here.cost, let least = byCost.cost, cost < least { byCost = here }
        }
        even.threshold = 0.5
        byF1.reason = .greatestF1
        byDistance.reason = .greatestDistance
        byCost.reason = .leastCost
        return [even, byF1, byDistance] + (costs == nil ? [] : [byCost])
    }
}
