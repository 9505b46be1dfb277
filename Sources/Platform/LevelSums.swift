/// How often each level of a column occurs in the training rows and with which answers, each fold on its own.
package struct LevelSums: Sendable {
    /// Sums a level has: the weight of each class; or weights, answers' distances from their mean, and the squares of these.
    package let width: Int
    /// The last is that of missing values.
    package let levelCount: Int
    package let foldCount: Int
    /// Of all folds together.
    package let totals: [Double]
    /// Fold after fold.
    private let parts: [Double]

    /// - Parameter parts: the sums of each level, fold after fold.
    package init(parts: [Double], width: Int, levelCount: Int, foldCount: Int) {
        self.width = width
        self.levelCount = levelCount
        self.foldCount = foldCount
        self.parts = parts
        var totals = [Double](repeating: 0, count: levelCount * width)
        for fold in 0..<foldCount {
            for place in totals.indices { totals[place] += parts[fold * totals.count + place] }
        }
        self.totals = totals
    }

    /// Whether a training row has a level.
    package func occurs(_ level: Int) -> Bool { totals[level * width..<(level + 1) * width].contains { $0 != 0 } }

    /// The sums of the rows that are not in a fold.
    package func without(_ fold: Int) -> [Double] {
        let first = fold * totals.count
        return totals.indices.map { totals[$0] - parts[first + $0] }
    }
}
