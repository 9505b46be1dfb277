import FeatureTables

/// One tree or the mean of many: for each row the shares of the classes, or the mean number, of the leaves that it comes to.
public struct TreeModel: Model {
    public let task: LearningTask
    public let featureNames: [String]
    /// Empty for regression.
    public let classes: [String]
    public let influences: [FeatureInfluence]
    let trees: [TreeStructure]
    let gains: TreeGains

    /// - Throws: `LearnerError.inconsistentModel` for what are no trees over these features and classes.
    init(task: LearningTask, featureNames: [String], classes: [String], trees: [TreeStructure], gains: TreeGains) throws {
        guard !trees.isEmpty, gains.totals.count == featureNames.count, gains.shares.count == featureNames.count,
            trees.allSatisfy({ $0.isSound(featureCount: featureNames.count, classCount: classes.count) })
        else { throw LearnerError.inconsistentModel }
        self.task = task
        self.featureNames = featureNames
        self.classes = classes
        self.trees = trees
        self.gains = gains
        influences = gains.influences(featureNames, splits: Self.splits(trees, featureNames.count))
    }

    /// How many divisions there are by each feature.
    private static func splits(_ trees: [TreeStructure], _ featureCount: Int) -> [Int] {
        var splits = [Int](repeating: 0, count: featureCount)
        for tree in trees { for node in tree.nodes where !node.isLeaf { splits[node.feature] += 1 } }
        return splits
    }

    public func predict(_ matrix: FeatureMatrix, threads: Int) throws -> Predictions {
        guard matrix.columnCount == featureNames.count else {
            throw LearnerError.featureCountMismatch(expected: featureNames.count, found: matrix.columnCount)
        }
        let width = max(classes.count, 1)
        var sums = [Double](repeating: 0, count: matrix.rowCount * width)
        sums.withUnsafeMutableBufferPointer { sums in
            guard let sums = sums.baseAddress else { return }
            RowBlocks(rowCount: matrix.rowCount).forEach(threads: threads) { _, rows in
                TreeWalk.forEachPart(of: rows, in: matrix) { rows, elements in
                    let start = sums + rows.lowerBound * width
                    for tree in trees {
                        TreeWalk.addLeaves(of: tree, rows.count, elements, matrix.columnCount, classCount: classes.count, to: start)
                    }
                    for place in 0..<rows.count * width { start[place] /= Double(trees.count) }
                }
            }
        }
        withExtendedLifetime(matrix) {}
        return classes.isEmpty ? .numbers(sums) : .classes(probabilities: sums, names: classes)
    }
}

/// What divisions by each feature were good for.
struct TreeGains: Codable, Sendable, Equatable {
    /// The sums of the decreases of impurity, each times its share of the rows' weights, over all trees.
    var totals: [Double]
    /// The means over the trees of each feature's share of the tree's total.
    var shares: [Double]

    init(_ trees: [GrownTree], featureCount: Int) {
        totals = [Double](repeating: 0, count: featureCount)
        shares = totals
        for tree in trees {
            let sum = tree.gains.reduce(0, +)
            for (feature, gain) in tree.gains.enumerated() {
                totals[feature] += gain
                if sum > 0 { shares[feature] += gain / sum }
            }
        }
        // Trees without a division have no shares.
        let all = shares.reduce(0, +)
        if all > 0 { shares = shares.map { $0 / all } }
    }

    func influences(_ names: [String], splits: [Int]) -> [FeatureInfluence] {
        names.indices.map { feature in
            FeatureInfluence(
                feature: names[feature], magnitude: shares[feature],
                gain: splits[feature] > 0 ? totals[feature] / Double(splits[feature]) : 0, splits: splits[feature])
        }.enumerated().sorted {
            $0.element.magnitude != $1.element.magnitude
                ? $0.element.magnitude > $1.element.magnitude : $0.offset < $1.offset
        }.map(\.element)
    }
}

/// The way of rows through trees.
enum TreeWalk {
    /// Calls `body` with some rows after the other, whose elements are all there, row by row.
    static func forEachPart(
        of rows: Range<Int>, in matrix: FeatureMatrix, _ body: (_ rows: Range<Int>, _ elements: UnsafePointer<Double>) -> Void
    ) {
        let width = matrix.columnCount
        switch matrix.storage {
        case .dense(let elements): body(rows, elements + rows.lowerBound * width)
        case .sparse(let sparse):
            let together = max(1, min(rows.count, 32_768 / max(width, 1)))
            let elements = WorkBuffer<Double>(together * width, filledWith: 0)
            for start in stride(from: rows.lowerBound, to: rows.upperBound, by: together) {
                let part = start..<min(start + together, rows.upperBound)
                for row in part {
                    for place in sparse.range(row) {
                        elements.start[(row - start) * width + Int(sparse.columns[place])] = sparse.values[place]
                    }
                }
                body(part, UnsafePointer(elements.start))
                for row in part {
                    for place in sparse.range(row) { elements.start[(row - start) * width + Int(sparse.columns[place])] = 0 }
                }
            }
            withExtendedLifetime(elements) {}
        }
    }

    /// Adds what `tree` says of each row: a share a class, or a number.
    /// - Parameter isWanted: nil: all rows.
    static func addLeaves(
        of tree: TreeStructure, _ rowCount: Int, _ elements: UnsafePointer<Double>, _ width: Int, classCount: Int,
        to sums: UnsafeMutablePointer<Double>, isWanted: ((Int) -> Bool)? = nil
    ) {
        tree.nodes.withUnsafeBufferPointer { nodes in
            tree.distributions.withUnsafeBufferPointer { distributions in
                guard let nodes = nodes.baseAddress else { return }
                for row in 0..<rowCount {
                    if let isWanted, !isWanted(row) { continue }
                    let leaf = TreeStructure.leaf(nodes, elements + row * width)
                    guard classCount > 0 else {
                        sums[row] += leaf.threshold
                        continue
                    }
                    let next = Int(leaf.next)
                    let own = sums + row * classCount
                    if next < classCount {
                        own[next] += 1
                    } else {
                        let start = (next - classCount) * classCount
                        for position in 0..<classCount { own[position] += distributions[start + position] }
                    }
                }
            }
        }
    }
}
