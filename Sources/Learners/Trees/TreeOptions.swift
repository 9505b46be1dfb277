import FeatureTables

/// What learners of trees can be told, each with defaults of its own.
public struct TreeOptions: Sendable, Equatable {
    /// What divisions of classes lessen; numbers have the squared error.
    public enum Criterion: String, Sendable, CaseIterable {
        case gini, entropy
    }

    public var criterion = Criterion.gini
    /// Divisions from the root to a leaf at most; nil: no limit.
    public var depth: Int?
    /// Training rows of a leaf at least, each counting once.
    public var minimumLeafRows: Int
    /// The least decrease of impurity that a division must bring, times the node's share of all rows' weights.
    public var minimumGain = 0.0
    /// At most `FeatureBins.most`.
    public var bins = FeatureBins.most

    init(depth: Int?, minimumLeafRows: Int) {
        self.depth = depth
        self.minimumLeafRows = minimumLeafRows
    }

    init(_ values: HyperparameterValues) throws {
        self.init(
            depth: try values.integerOrAutomatic("depth"), minimumLeafRows: try values.integer("min-leaf-rows"))
        criterion = Criterion(rawValue: try values.choice("criterion")) ?? .gini
        minimumGain = try values.number("min-gain")
        bins = try values.integer("bins")
    }

    var descriptions: [HyperparameterDescription] {
        [
            .init(
                "criterion", .choice(Criterion.allCases.map(\.rawValue)), default: .choice(criterion.rawValue),
                "impurity of classes; numbers have the squared error"),
            .init(
                "depth", .integer(1...1_000_000), default: depth.map { .integer($0) } ?? .automatic,
                "divisions from the root to a leaf at most", automatic: "no limit"),
            .init(
                "min-leaf-rows", .integer(1...Int(Int32.max)), default: .integer(minimumLeafRows),
                "training rows of a leaf at least"),
            .init(
                "min-gain", .number(.atLeast(0)), default: .number(minimumGain),
                "least decrease of impurity by a division, times its share of the rows"),
            .init(
                "bins", .integer(2...FeatureBins.most), default: .integer(bins),
                "bins a feature; exact for features of so many values"),
        ]
    }

    var hyperparameters: [String: HyperparameterValue] {
        [
            "criterion": .choice(criterion.rawValue), "depth": depth.map { .integer($0) } ?? .automatic,
            "min-leaf-rows": .integer(minimumLeafRows), "min-gain": .number(minimumGain), "bins": .integer(bins),
        ]
    }
}
