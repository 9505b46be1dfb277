import FeatureTables

/// A single tree in words.
package struct TreeRules {
    private let model: TreeModel
    private let tree: TreeStructure

    /// nil: it is a forest.
    package init?(of model: any Model) {
        guard let model = model as? TreeModel, model.trees.count == 1 else { return nil }
        self.init(model)
    }

    /// - Precondition: the model has one tree; of several it is the first that is told.
    init(_ model: TreeModel) {
        self.model = model
        tree = model.trees.first ?? TreeStructure()
    }

    /// Divisions on the longest way.
    var depth: Int {
        var deepest = 0
        var depths = [Int](repeating: 0, count: tree.nodes.count)
        // Children stand behind their parents.
        for (index, node) in tree.nodes.enumerated() where !node.isLeaf {
            for child in [Int(node.next), Int(node.next) + 1] { depths[child] = depths[index] + 1 }
            deepest = max(deepest, depths[index] + 1)
        }
        return deepest
    }

    // MARK: As a text

    /// A line a side of a division, that of a leaf with what it predicts.
    package var lines: [String] {
        var lines: [String] = []
        // What is to be told next is last.
        var waiting: [(node: Int, depth: Int, condition: String)] = [(0, -1, "")]
        while let (index, depth, condition) = waiting.popLast() {
            let node = tree.nodes[index]
            let indent = String(repeating: "|  ", count: max(depth, 0))
            let rows = "\(ReportNumber.count(Double(tree.rowCounts[index]))) row(s)"
            guard !node.isLeaf else {
                lines.append("\(indent)\(condition): \(value(of: node)) (\(rows))")
                continue
            }
            if depth >= 0 { lines.append("\(indent)\(condition) (\(rows))") }
            waiting.append((Int(node.next) + 1, depth + 1, side(of: node, isLeft: false)))
            waiting.append((Int(node.next), depth + 1, side(of: node, isLeft: true)))
        }
        return lines
    }

    private func side(of node: TreeStructure.Node, isLeft: Bool) -> String {
        let name = model.featureNames[node.feature]
        guard node.threshold < .infinity else { return name + (isLeft ? " present" : " missing") }
        let missing = node.sawMissing && node.missingGoesLeft == isLeft ? " or missing" : ""
        return "\(name) \(isLeft ? "<=" : ">") \(HyperparameterValue.number(node.threshold).text)\(missing)"
    }

    /// The most frequent classes with their shares, or the mean.
    private func value(of leaf: TreeStructure.Node) -> String {
        guard !model.classes.isEmpty else { return ReportNumber.short(leaf.threshold) }
        let shares = tree.distribution(leaf, classCount: model.classes.count)
        let order = shares.indices.filter { shares[$0] > 0 }.sorted { shares[$0] != shares[$1] ? shares[$0] > shares[$1] : $0 < $1 }
        return order.prefix(3).map { "\(model.classes[$0]) \(ReportNumber.fixed(shares[$0], 3))" }.joined(separator: ", ")
            + (order.count > 3 ? ", …" : "")
    }

    // MARK: As a table

    /// A leaf and the way to it.
    package struct Rule {
        /// What all features must meet, each named once.
        package var condition: String
        /// The most frequent class with its share; nil: a number is predicted.
        package var predictedClass: (name: String, share: Double)?
        package var predictedNumber: Double?
        package var rowCount: Int
    }

    /// What a way has met of one feature's values.
    private struct Bounds {
        var above = -Double.infinity
        var upTo = Double.infinity
        /// Whether missing values come here.
        var takesMissing = true
        /// Whether rows of the training lacked the value at a division.
        var isTold = false
        var takesValues = true
    }

    /// A rule a leaf, from left to right.
    package var rules: [Rule] {
        var rules: [Rule] = []
        var waiting: [(node: Int, bounds: [Int: Bounds])] = [(0, [:])]
        while let (index, bounds) = waiting.popLast() {
            let node = tree.nodes[index]
            guard !node.isLeaf else {
                rules.append(rule(node, bounds, rows: Int(tree.rowCounts[index])))
                continue
            }
            for isLeft in [false, true] {
                var own = bounds[node.feature] ?? Bounds()
                if isLeft {
                    own.upTo = min(own.upTo, node.threshold)
                } else if node.threshold < .infinity {
                    own.above = max(own.above, node.threshold)
                } else {
                    own.takesValues = false
                }
                own.takesMissing = own.takesMissing && node.missingGoesLeft == isLeft
                own.isTold = own.isTold || node.sawMissing
                var all = bounds
                all[node.feature] = own
                waiting.append((Int(node.next) + (isLeft ? 0 : 1), all))
            }
        }
        return rules
    }

    private func rule(_ leaf: TreeStructure.Node, _ bounds: [Int: Bounds], rows: Int) -> Rule {
        let conditions = bounds.sorted { $0.key < $1.key }.map { feature, bounds in
            Self.condition(model.featureNames[feature], bounds)
        }
        var rule = Rule(condition: conditions.isEmpty ? "true" : conditions.joined(separator: " AND "), rowCount: rows)
        guard !model.classes.isEmpty else {
            rule.predictedNumber = leaf.threshold
            return rule
        }
        let shares = tree.distribution(leaf, classCount: model.classes.count)
        let best = shares.indices.reduce(0) { shares[$1] > shares[$0] ? $1 : $0 }
        rule.predictedClass = (model.classes[best], shares[best])
        return rule
    }

    private static func condition(_ name: String, _ bounds: Bounds) -> String {
        guard bounds.takesValues else { return "\(name) IS NULL" }
        var parts: [String] = []
        if bounds.above > -.infinity { parts.append("\(name) > \(HyperparameterValue.number(bounds.above).text)") }
        if bounds.upTo < .infinity { parts.append("\(name) <= \(HyperparameterValue.number(bounds.upTo).text)") }
        if parts.isEmpty { return bounds.takesMissing ? "true" : "\(name) IS NOT NULL" }
        let range = parts.joined(separator: " AND ")
        guard bounds.isTold, bounds.takesMissing else { return range }
        return parts.count > 1 ? "((\(range)) OR \(name) IS NULL)" : "(\(range) OR \(name) IS NULL)"
    }
}
