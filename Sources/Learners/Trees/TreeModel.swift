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
        try requireFeatures(of: matrix)
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
