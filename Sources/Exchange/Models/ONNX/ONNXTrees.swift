import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// XGBoost's trees as the attributes of a TreeEnsembleRegressor, which adds up what their leaves hold.
struct ONNXTrees {
    /// Margins before the trees: one, or one a class.
    private let baseMargin: Float
    private let outputCount: Int
    private var treeNumbers: [Int] = [], nodeNumbers: [Int] = [], features: [Int] = [], values: [Float] = []
    private var modes: [String] = []
    private var trueNodes: [Int] = [], falseNodes: [Int] = [], missingIsTrue: [Int] = []
    private var leafTrees: [Int] = [], leafNodes: [Int] = [], leafTargets: [Int] = [], leafWeights: [Float] = []

    /// - Parameters:
    ///   - booster: XGBoost's JSON of a model that was checked when it was loaded.
    ///   - isLogistic: the base score is a probability.
    /// - Throws: `ExportError` for what is no such booster.
    init(_ booster: [UInt8], outputCount: Int, isLogistic: Bool) throws {
        guard let document = try? JSON(booster, depth: 16), let learner = document["learner"],
            let base = learner["learner_model_param"]?["base_score"]?.text.flatMap({ Double($0) }),
            let model = learner["gradient_booster"]?["model"], let trees = model["trees"]?.elements,
            let groups = model["tree_info"]?.elements, groups.count == trees.count
        else { throw ExportError("the booster has another form than XGBoost's") }
        self.outputCount = outputCount
        baseMargin = Float(isLogistic ? -log(1 / base - 1) : base)
        for (number, tree) in trees.enumerated() { try append(tree, number, target: groups[number].integer ?? 0) }
    }

    private mutating func append(_ tree: JSON, _ number: Int, target: Int) throws {
        guard let left = tree["left_children"]?.elements, let right = tree["right_children"]?.elements,
            let splits = tree["split_indices"]?.elements, let conditions = tree["split_conditions"]?.elements,
            let defaults = tree["default_left"]?.elements
        else { throw ExportError("tree \(number) has no nodes") }
        let count = [left.count, right.count, splits.count, conditions.count, defaults.count].min() ?? 0
        // Nodes that were pruned are led to by none.
        var waiting = [0]
        while let node = waiting.popLast() {
            guard node < count, let yes = left[node].integer, let no = right[node].integer, let value = conditions[node].double
            else { throw ExportError("tree \(number) has no node \(node)") }
            let isLeaf = yes < 0
            treeNumbers.append(number)
            nodeNumbers.append(node)
            features.append(isLeaf ? 0 : splits[node].integer ?? 0)
            values.append(isLeaf ? 0 : Float(value))
            modes.append(isLeaf ? "LEAF" : "BRANCH_LT")
            trueNodes.append(isLeaf ? 0 : yes)
            falseNodes.append(isLeaf ? 0 : no)
            missingIsTrue.append(!isLeaf && (defaults[node] == .boolean(true) || defaults[node].integer == 1) ? 1 : 0)
            if isLeaf {
                leafTrees.append(number)
                leafNodes.append(node)
                leafTargets.append(target)
                leafWeights.append(Float(value))
            } else {
                waiting += [no, yes]
            }
        }
    }

    /// Adds the node.
    /// - Parameter features: a matrix of `float`.
    /// - Returns: a margin a row and output.
    func append(to graph: inout ONNXGraph, _ features: String) -> String {
        graph.node(
            "TreeEnsembleRegressor", [features],
            [
                ("nodes_treeids", .integers(treeNumbers)), ("nodes_nodeids", .integers(nodeNumbers)),
                ("nodes_featureids", .integers(self.features)), ("nodes_values", .floats(values)), ("nodes_modes", .texts(modes)),
                ("nodes_truenodeids", .integers(trueNodes)), ("nodes_falsenodeids", .integers(falseNodes)),
                ("nodes_missing_value_tracks_true", .integers(missingIsTrue)), ("target_treeids", .integers(leafTrees)),
                ("target_nodeids", .integers(leafNodes)), ("target_ids", .integers(leafTargets)),
                ("target_weights", .floats(leafWeights)), ("n_targets", .integer(outputCount)),
                ("base_values", .floats([Float](repeating: baseMargin, count: outputCount))),
                ("aggregate_function", .text("SUM")), ("post_transform", .text("NONE")),
            ], domain: ONNXGraph.learningDomain)
    }
}
