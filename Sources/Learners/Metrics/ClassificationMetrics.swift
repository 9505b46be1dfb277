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
    /// The greatest distance between the distributions of probabilities of rows of a class and of all others; as the areas
    /// are. nil also in models saved by versions that did not tell it, as what follows is.
    public var kolmogorovSmirnov: Double?
    /// Two classes: the mean of (probability of the positive class − 1 or 0)². More: the mean of the sum of such squares
    /// over the classes.
    public var brierScore: Double?
    /// Over ten bins of the positive class's probability; of more than two classes, of that of the most probable class.
    public var expectedCalibrationError: Double?
    /// More than two classes: the shares of rows whose truth is among the 2, 3, … up to 5 most probable classes, as long as
    /// there are more classes.
    public var topAccuracies: [Double]?

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
        self = ClassifiedRows(probabilities: probabilities, actual: actual, names: names).metrics(weights)
    }

    /// With what a confusion matrix tells.
    init(rows: Int, names: [String], confusion: [[Double]], logLoss: Double) {
        self.rows = rows
        self.confusion = confusion
        self.logLoss = logLoss
        let hits = names.indices.map { confusion[$0][$0] }
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
        let total = classes.reduce(0) { $0 + $1.support }
        accuracy = total > 0 ? hits.reduce(0, +) / total : 0
    }
}
