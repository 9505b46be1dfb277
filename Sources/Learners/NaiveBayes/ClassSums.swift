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
        let rows = RowGroups(rowCount: matrix.rowCount, width: 3 * cells)
        let reservation = try ImportReservation(
            table.source.memory, for: "the sums of \(classCount) classes and \(width) features",
            help: "select fewer features or classes, or raise hiveql.memory.limit", bytes: (rows.count + 3) * 3 * cells * 8)
        classWeights = [Double](repeating: 0, count: classCount)
        for (row, code) in codes.enumerated() { classWeights[Int(code)] += table.weights?[row] ?? 1 }
        // Of each cell the sum, and the weights of missing values and of the elements that are there.
        let first = rows.sums(width: 3 * cells, context: context) { row, sums in
            let weight = table.weights?[row] ?? 1
            let own = sums + Int(codes[row]) * width
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
        let weights = classWeights
        presentWeights = (0..<cells).map { first[cells + $0] == 0 ? weights[$0 / width] : weights[$0 / width] - first[cells + $0] }
        if forms.contains(.gaussian) {
            try findVariances(table, codes, rows, elementWeights: Array(first[(2 * cells)...]), missing: Array(first[cells..<2 * cells]), context)
        }
        withExtendedLifetime(reservation) {}
        if context.isCancelled?() == true { throw LearnerError.cancelled }
    }

    private mutating func findVariances(
        _ table: FeatureTable, _ codes: [Int32], _ rows: RowGroups, elementWeights: [Double], missing: [Double],
        _ context: TrainingContext
    ) throws {
        let matrix = table.matrix, forms = forms, width = width
        let cells = sums.count
        // The feature's mean where a class knows no value of it.
        let featureWeights = featureSums { presentWeights[$0] }
        let featureMeans = zip(featureSums { sums[$0] }, featureWeights).map { $1 > 0 ? $0 / $1 : 0 }
        means = (0..<cells).map { presentWeights[$0] > 0 ? sums[$0] / presentWeights[$0] : featureMeans[$0 % max(width, 1)] }
        let means = means
        var squares = rows.sums(width: cells, context: context) { row, squares in
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
                let absent = max(0, presentWeights[cell] + missing[cell] - elementWeights[cell])
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
}

/// Rows in groups whose sums are added in order: as `RowBlocks`, with fewer of them where sums are wide.
struct RowGroups {
    let rowCount: Int
    let count: Int

    init(rowCount: Int, width: Int) {
        self.rowCount = rowCount
        count = max(1, min(32, 16_777_216 / max(width, 1), (rowCount + 1023) / 1024))
    }

    /// `body` adds a row's share to zeros. Ends early, with what is of no use, once the training is cancelled.
    func sums(width: Int, context: TrainingContext, _ body: (_ row: Int, _ sums: UnsafeMutablePointer<Double>) -> Void) -> [Double] {
        let size = (rowCount + count - 1) / count
        return RowBlocks(groups: count).sums(width: width, threads: context.threads) { group, sums in
            guard context.isCancelled?() != true else { return }
            let start = min(group.lowerBound * size, rowCount)
            for row in start..<min(start + size, rowCount) { body(row, sums) }
        }
    }
}

extension FeatureMatrix {
    /// Calls `body` with each element of a row that is there.
    @inline(__always)
    func forEachElement(_ row: Int, _ body: (_ column: Int, _ value: Double) -> Void) {
        switch storage {
        case .dense(let elements):
            let own = elements + row * columnCount
            for column in 0..<columnCount { body(column, own[column]) }
        case .sparse(let rows):
            for place in rows.range(row) { body(Int(rows.columns[place]), rows.values[place]) }
        }
    }

    /// Of each column whether an element that is there meets a condition.
    func columns(where condition: (Double) -> Bool) -> [Bool] {
        var found = [Bool](repeating: false, count: columnCount)
        for row in 0..<rowCount { forEachElement(row) { column, value in if condition(value) { found[column] = true } } }
        return found
    }
}
