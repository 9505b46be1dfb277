import Platform

/// Checks a saved booster before XGBoost reads it: XGBoost trusts its own files, and one that was made up ends the
/// process or keeps it busy for ever.
struct BoosterStructure {
    struct Invalid: Error, Equatable {
        let reason: String
    }

    /// What the model around the booster says.
    let featureCount: Int
    let objective: String
    /// Trees of a round: one a class, or one.
    let groupCount: Int

    init(task: LearningTask, featureCount: Int, classCount: Int) {
        self.featureCount = featureCount
        switch task {
        case .regression, .clustering, .dimensionReduction, .anomalyDetection: (objective, groupCount) = ("reg:squarederror", 1)
        case .binaryClassification: (objective, groupCount) = ("binary:logistic", 1)
        case .multiclassClassification: (objective, groupCount) = ("multi:softprob", classCount)
        }
    }

    /// - Throws: `Invalid` unless `bytes` are trees in XGBoost's JSON that fit the model, every tree a tree.
    func check(_ bytes: [UInt8]) throws {
        // By its first two bytes XGBoost tells JSON from its binary form.
        guard bytes.starts(with: "{\"".utf8) else { throw Invalid(reason: "it is not in XGBoost's JSON form") }
        let document: JSON
        do { document = try JSON(bytes, depth: 16) } catch { throw Invalid(reason: "it is no JSON: \(error)") }
        guard Self.hasUniqueNames(document) else { throw Invalid(reason: "a name stands twice in an object") }
        let learner = try member(document, "learner")
        let parameters = try member(learner, "learner_model_param")
        guard try number(parameters, "num_feature") == featureCount else {
            throw Invalid(reason: "its trees are over another number of features")
        }
        guard try number(parameters, "num_class") == (groupCount > 1 ? groupCount : 0) else {
            throw Invalid(reason: "its trees are for another number of classes")
        }
        guard let base = parameters["base_score"]?.text, Double(base)?.isFinite == true else {
            throw Invalid(reason: "its base score is no number")
        }
        guard try number(parameters, "num_target") ?? 1 == 1 else { throw Invalid(reason: "it predicts several values") }
        try checkObjective(try member(learner, "objective"))
        try checkNames(learner)
        let booster = try member(learner, "gradient_booster")
        guard booster["name"]?.text == "gbtree" else { throw Invalid(reason: "it is no ensemble of plain trees") }
        let model = try member(booster, "model")
        let trees = try elements(model, "trees")
        let modelParameters = try member(model, "gbtree_model_param")
        guard try number(modelParameters, "num_trees") == trees.count, try number(modelParameters, "num_parallel_tree") == 1,
            trees.count % groupCount == 0
        else { throw Invalid(reason: "its number of trees is wrong") }
        guard try number(modelParameters, "size_leaf_vector") ?? 0 <= 1 else { throw Invalid(reason: "its leaves are vectors") }
        if model["iteration_indptr"] != nil {
            let rounds = try integers(model, "iteration_indptr")
            guard rounds == Array(stride(from: 0, through: trees.count, by: groupCount)) else {
                throw Invalid(reason: "its rounds do not fit its trees")
            }
        }
        let groups = try integers(model, "tree_info")
        guard groups.count == trees.count, groups.allSatisfy({ (0..<groupCount).contains($0) }) else {
            throw Invalid(reason: "a tree is of no class")
        }
        for (index, tree) in trees.enumerated() {
            // XGBoost puts each tree where its number says.
            guard tree["id"]?.integer == index else { throw Invalid(reason: "tree \(index) has another number") }
            do { try check(tree: tree) } catch let error as Invalid {
                throw Invalid(reason: "tree \(index): \(error.reason)")
            }
        }
    }

    private func checkObjective(_ value: JSON) throws {
        guard value["name"]?.text == objective else { throw Invalid(reason: "its objective is not \(objective)") }
        guard groupCount > 1 else { return }
        guard try number(try member(value, "softmax_multiclass_param"), "num_class") == groupCount else {
            throw Invalid(reason: "its objective is for another number of classes")
        }
    }

    private func checkNames(_ learner: JSON) throws {
        for name in ["feature_names", "feature_types"] {
            let texts = learner[name]?.elements ?? []
            guard texts.isEmpty || texts.count == featureCount, texts.allSatisfy({ $0.text != nil }) else {
                throw Invalid(reason: "'\(name)' does not fit its features")
            }
        }
        if case .object(let attributes)? = learner["attributes"] {
            guard attributes.allSatisfy({ $0.value.text != nil }) else { throw Invalid(reason: "an attribute is no text") }
        }
    }

    private func check(tree: JSON) throws {
        let parameters = try member(tree, "tree_param")
        guard let count = try number(parameters, "num_nodes"), count > 0 else { throw Invalid(reason: "it has no nodes") }
        guard try number(parameters, "num_feature") == featureCount else {
            throw Invalid(reason: "it is over another number of features")
        }
        guard try number(parameters, "size_leaf_vector") ?? 0 <= 1 else { throw Invalid(reason: "its leaves are vectors") }
        let left = try integers(tree, "left_children", count)
        let right = try integers(tree, "right_children", count)
        let parents = try integers(tree, "parents", count)
        let features = try integers(tree, "split_indices", count)
        for name in ["split_conditions", "base_weights", "loss_changes", "sum_hessian"] {
            guard try elements(tree, name, count).allSatisfy({ $0.double != nil }) else {
                throw Invalid(reason: "'\(name)' holds what is no number")
            }
        }
        for name in ["default_left", "split_type"] where tree[name] != nil || name == "default_left" {
            let values = try elements(tree, name, count)
            let isPlain = values.allSatisfy { value in
                switch value {
                case .boolean: true
                case .integer(let number): number == 0 || (number == 1 && name == "default_left")
                default: false
                }
            }
            guard isPlain else { throw Invalid(reason: "'\(name)' holds what does not belong there") }
        }
        for name in ["categories", "categories_nodes", "categories_segments", "categories_sizes"] {
            guard tree[name]?.elements?.isEmpty ?? true else { throw Invalid(reason: "it splits by categories") }
        }
        guard parents[0] == Self.noParent else { throw Invalid(reason: "its root has a parent") }
        // Every node that the root leads to is met once.
        var isMet = [Bool](repeating: false, count: count)
        var metCount = 0
        var waiting = [0]
        while let node = waiting.popLast() {
            guard !isMet[node] else { throw Invalid(reason: "node \(node) has two parents") }
            isMet[node] = true
            metCount += 1
            if left[node] == -1, right[node] == -1 { continue }
            guard (0..<featureCount).contains(features[node]) else {
                throw Invalid(reason: "node \(node) splits by a feature that is not there")
            }
            for child in [left[node], right[node]] {
                guard child > 0, child < count, parents[child] == node else {
                    throw Invalid(reason: "node \(node) has a child that is not its own")
                }
                waiting.append(child)
            }
        }
        // The others were pruned; XGBoost marks and counts them.
        let isPruned = isMet.indices.allSatisfy { isMet[$0] || (left[$0] == -1 && features[$0] >= Self.prunedFeature) }
        guard isPruned, try number(parameters, "num_deleted") == count - metCount else {
            throw Invalid(reason: "it has nodes that nothing leads to")
        }
    }

    private static let prunedFeature = 1 << 30
    private static let noParent = Int(Int32.max)

    // MARK: Parts of the document

    private func member(_ value: JSON, _ name: String) throws -> JSON {
        guard let found = value[name] else { throw Invalid(reason: "'\(name)' is absent") }
        return found
    }

    /// XGBoost writes its parameters as texts.
    private func number(_ value: JSON, _ name: String) throws -> Int? {
        guard let text = value[name]?.text, text.utf8.count < 12 else { return nil }
        return Int(text)
    }

    private func elements(_ value: JSON, _ name: String, _ count: Int? = nil) throws -> [JSON] {
        guard let found = value[name]?.elements else { throw Invalid(reason: "'\(name)' is absent") }
        guard count == nil || found.count == count else { throw Invalid(reason: "'\(name)' has not an entry a node") }
        return found
    }

    private func integers(_ value: JSON, _ name: String, _ count: Int? = nil) throws -> [Int] {
        try elements(value, name, count).map { element in
            guard let integer = element.integer, let small = Int32(exactly: integer) else {
                throw Invalid(reason: "'\(name)' holds what is no integer")
            }
            return Int(small)
        }
    }

    private static func hasUniqueNames(_ value: JSON) -> Bool {
        switch value {
        case .object(let members):
            Set(members.map(\.name)).count == members.count && members.allSatisfy { hasUniqueNames($0.value) }
        case .array(let elements): elements.allSatisfy(hasUniqueNames)
        default: true
        }
    }
}
