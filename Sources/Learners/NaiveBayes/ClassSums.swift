import FeatureTables

/// Weights, sums, means and variances of the features in each class. Cells are class by class, a feature each.
struct ClassSums {
    private(set) var classWeights: [Double]
    /// Of the rows that have the feature's value.
    private(set) var presentWeights: [Double]
    /// Of values; of Bernoulli features of the rows above 0.
    private(set) var sums: [Double]
    /// Of Gaussian features.
    private(set) var means: [Double] = []
    private(set) var variances: [Double] = []
    /// Of Gaussian features, over all classes.
    private(set) var featureVariances: [Double] = []

    private let width: Int
    private let forms: [NaiveBayesModel.Form]

    /// - Throws: `FeatureError.outOfMemory`, `LearnerError.cancelled`.
    init(
        _ table: FeatureTable, _ codes: [Int32], classCount: Int, forms: [NaiveBayesModel.Form], context: TrainingContext
    ) throws {
        let matrix = table.matrix
        let width = matrix.columnCount
        self.width = width
        self.forms = forms
        let cells = classCount * width
        let blocks = RowBlocks(rowCount: matrix.rowCount, width: 3 * cells)
        let reservation = try ImportReservation(
            table.source.memory, for: "the sums of \(classCount) classes and \(width) features",
            help: "select fewer features or classes, or raise hiveql.memory.limit", bytes: (blocks.count + 3) * 3 * cells * 8)
        // Of each cell the sum, and the weights of missing values and of the elements that are there; then the weights of the
        // classes, added in the same order: where a class has no value of a feature, nothing is left of its weight.
        let first = Self.rowSums(blocks, width: 3 * cells + classCount, context) { row, sums in
            let weight = table.weights?[row] ?? 1
            let code = Int(codes[row])
            sums[3 * cells + code] += weight
            let own = sums + code * width
            matrix.forEachElement(row) { feature, value in
                own[2 * cells + feature] += weight
                if value.isNaN {
                    own[cells + feature] += weight
                } else if forms[feature] == .bernoulli {
                    own[feature] += value > 0 ? weight : 0
                } else {
                    own[feature] += weight * value
                }
            }
        }
        sums = Array(first[..<cells])
        let weights = Array(first[(3 * cells)...])
        classWeights = weights
        presentWeights = (0..<cells).map { weights[$0 / width] - first[cells + $0] }
        if forms.contains(.gaussian) {
            findVariances(table, codes, blocks, elementWeights: Array(first[2 * cells..<3 * cells]), context)
        }
        withExtendedLifetime(reservation) {}
        if context.isCancelled?() == true { throw LearnerError.cancelled }
    }

    private mutating func findVariances(
        _ table: FeatureTable, _ codes: [Int32], _ blocks: RowBlocks, elementWeights: [Double], _ context: TrainingContext
    ) {
        let matrix = table.matrix, forms = forms, width = width
        let cells = sums.count
        // The feature's mean where a class knows no value of it.
        let featureWeights = featureSums { presentWeights[$0] }
        let featureMeans = zip(featureSums { sums[$0] }, featureWeights).map { $1 > 0 ? $0 / $1 : 0 }
        means = (0..<cells).map { presentWeights[$0] > 0 ? sums[$0] / presentWeights[$0] : featureMeans[$0 % max(width, 1)] }
        let means = means
        var squares = Self.rowSums(blocks, width: cells, context) { row, squares in
            let weight = table.weights?[row] ?? 1
            let offset = Int(codes[row]) * width
            matrix.forEachElement(row) { feature, value in
                guard forms[feature] == .gaussian, !value.isNaN else { return }
                let difference = value - means[offset + feature]
                squares[offset + feature] += weight * difference * difference
            }
        }
        if matrix.layout == .sparse {
            // What is absent is 0.
            for cell in 0..<cells {
                let absent = max(0, classWeights[cell / width] - elementWeights[cell])
                squares[cell] += absent * means[cell] * means[cell]
            }
        }
        let between = featureSums {
            let difference = means[$0] - featureMeans[$0 % max(width, 1)]
            return squares[$0] + presentWeights[$0] * difference * difference
        }
        featureVariances = zip(between, featureWeights).map { $1 > 0 ? $0 / $1 : 0 }
        // A feature that no row has must not outweigh those that are known.
        let otherwise = zip(featureVariances, featureWeights).map { $1 > 0 ? $0 : 1 }
        variances = (0..<cells).map {
            presentWeights[$0] > 0 ? squares[$0] / presentWeights[$0] : otherwise[$0 % max(width, 1)]
        }
    }

    /// The sums over the classes of something of each cell.
    private func featureSums(_ value: (Int) -> Double) -> [Double] {
        (0..<width).map { feature in classWeights.indices.reduce(0) { $0 + value($1 * width + feature) } }
    }

    /// Rows between two looks whether the training is cancelled.
    private static let rowsALook = 4096

    /// `body` adds a row's share to zeros. Ends early, with what is of no use, once the training is cancelled.
    private static func rowSums(
        _ blocks: RowBlocks, width: Int, _ context: TrainingContext,
        _ body: (_ row: Int, _ sums: UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        blocks.sums(width: width, threads: context.threads) { rows, sums in
            for start in stride(from: rows.lowerBound, to: rows.upperBound, by: rowsALook) {
                guard context.isCancelled?() != true else { return }
                for row in start..<min(start + rowsALook, rows.upperBound) { body(row, sums) }
            }
        }
    }
}
