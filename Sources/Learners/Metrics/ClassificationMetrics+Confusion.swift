/// Measures that the confusion matrix alone tells; 0 where nothing is there to divide by.
extension ClassificationMetrics {
    private var total: Double { classes.reduce(0) { $0 + $1.support } }

    private func claimed(_ position: Int) -> Double { confusion.reduce(0) { $0 + $1[position] } }

    /// The positive one of two classes.
    public var positive: ClassMetrics? { classes.count == 2 ? classes.last : nil }

    /// The mean recall of the classes that occur.
    public var balancedAccuracy: Double {
        let occurring = classes.filter { $0.support > 0 }
        return occurring.isEmpty ? 0 : occurring.reduce(0) { $0 + $1.recall } / Double(occurring.count)
    }

    /// The share of the rows of other classes that are not taken for a class.
    public func specificity(of position: Int) -> Double {
        let others = total - classes[position].support
        return others > 0 ? 1 - (claimed(position) - confusion[position][position]) / others : 0
    }

    /// The correlation of truth and prediction: 1 is agreement, 0 is chance (Matthews; for more than two classes Gorodkin's R).
    public var matthewsCorrelation: Double {
        let total = total
        var hits = 0.0, product = 0.0, actualSquare = 0.0, claimedSquare = 0.0
        for position in classes.indices {
            let support = classes[position].support, claimed = claimed(position)
            hits += confusion[position][position]
            product += support * claimed
            actualSquare += support * support
            claimedSquare += claimed * claimed
        }
        let spread = (total * total - actualSquare) * (total * total - claimedSquare)
        return spread > 0 ? (hits * total - product) / spread.squareRoot() : 0
    }

    /// How much of the agreement beyond chance there is (Cohen).
    public var cohensKappa: Double {
        let total = total
        guard total > 0 else { return 0 }
        let chance = classes.indices.reduce(0) { $0 + classes[$1].support * claimed($1) } / (total * total)
        return chance < 1 ? (accuracy - chance) / (1 - chance) : 0
    }

    /// Means over the classes, which count by the weight of their rows.
    public var weightedPrecision: Double { weighted(\.precision) }
    public var weightedRecall: Double { weighted(\.recall) }
    public var weightedF1: Double { weighted(\.f1) }

    private func weighted(_ value: (ClassMetrics) -> Double) -> Double {
        let total = total
        return total > 0 ? classes.reduce(0) { $0 + $1.support * value($1) } / total : 0
    }

    /// Precision, recall and F1 of all decisions about all classes together: every wrong one is wrong about two classes, so
    /// all three are the accuracy.
    public var microPrecision: Double { accuracy }
    public var microRecall: Double { accuracy }
    public var microF1: Double { accuracy }

    /// Twice the area under the ROC curve, less 1.
    public var gini: Double? { areaUnderROC.map { 2 * $0 - 1 } }
}
