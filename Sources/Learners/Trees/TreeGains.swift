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
        }.greatestFirst()
    }
}
