import FeatureTables

/// Predictions of each row by the trees that did not see it.
struct OutOfBag {
    private let sums: WorkBuffer<Double>
    /// Trees that did not see each row.
    private let counts: WorkBuffer<Int32>
    private let classCount: Int
    private let rowCount: Int
    private let reservation: ImportReservation

    /// - Throws: `FeatureError.outOfMemory`.
    init(_ rows: TreeRows) throws {
        if case .classes(_, let count) = rows.labels { classCount = count } else { classCount = 0 }
        rowCount = rows.rowCount
        let width = max(classCount, 1)
        // What is summed and counted, and what `judgement` makes of it: places, means, labels and weights.
        reservation = try ImportReservation(
            rows.memory, for: "out-of-bag predictions", help: "do without them (out-of-bag=false), or raise hiveql.memory.limit",
            bytes: rowCount * (width * 16 + 28))
        sums = WorkBuffer(rowCount * width, filledWith: 0)
        counts = WorkBuffer(rowCount, filledWith: 0)
    }

    /// Adds what trees say of the rows that were not drawn for them. Ends early once the training is cancelled.
    /// - Parameter trees: with the rows drawn for each, ascending.
    func add(_ trees: [(tree: TreeStructure, drawn: [Int32])], _ matrix: FeatureMatrix, _ context: TrainingContext) {
        let width = max(classCount, 1), classCount = classCount
        let sums = sums.start, counts = counts.start
        RowBlocks(rowCount: rowCount).forEach(threads: context.threads) { _, rows in
            guard context.isCancelled?() != true else { return }
            TreeWalk.forEachPart(of: rows, in: matrix) { rows, elements in
                let own = sums + rows.lowerBound * width
                var isDrawn = [Bool](repeating: false, count: rows.count)
                for (tree, drawn) in trees {
                    for place in 0..<rows.count { isDrawn[place] = false }
                    var place = drawn.partitioningIndex { Int($0) >= rows.lowerBound }
                    while place < drawn.count, Int(drawn[place]) < rows.upperBound {
                        isDrawn[Int(drawn[place]) - rows.lowerBound] = true
                        place += 1
                    }
                    TreeWalk.addLeaves(of: tree, rows.count, elements, matrix.columnCount, classCount: classCount, to: own) {
                        !isDrawn[$0]
                    }
                    for place in 0..<rows.count where !isDrawn[place] { counts[rows.lowerBound + place] += 1 }
                }
            }
        }
        withExtendedLifetime((matrix, self)) {}
    }

    /// What the rows that some tree did not see tell of the forest.
    struct Judgement {
        var quality: ModelQuality
        var rowCount: Int

        /// The log loss, or the mean squared error.
        var objective: Double? {
            switch quality.weighted ?? quality.unweighted {
            case .classification(let metrics): metrics.logLoss
            case .regression(let metrics): metrics.rootMeanSquaredError * metrics.rootMeanSquaredError
            case .unsupervised, nil: nil
            }
        }

        /// For the report.
        var notes: [String] {
            [("out of bag", quality.unweighted), ("out of bag, weighted", quality.weighted)].compactMap { name, metrics in
                guard let metrics else { return nil }
                let measures = metrics.named.compactMap { measure in
                    measure.value.map { "\(measure.name) \(ReportNumber.fixed($0, 4))" }
                }
                return "\(name) (\(ReportNumber.count(Double(rowCount))) rows): \(measures.joined(separator: ", "))"
            }
        }
    }

    /// nil: every tree saw every row.
    func judgement(_ target: TrainingTarget, _ weights: [Double]?) throws -> Judgement? {
        let width = max(classCount, 1)
        let rows = (0..<rowCount).filter { counts.start[$0] > 0 }
        guard !rows.isEmpty else { return nil }
        var means: [Double] = []
        means.reserveCapacity(rows.count * width)
        for row in rows {
            for position in 0..<width { means.append(sums.start[row * width + position] / Double(counts.start[row])) }
        }
        let predictions: Predictions, label: FeatureLabel
        switch target {
        case .classes(let codes, let names):
            predictions = .classes(probabilities: means, names: names)
            label = .classes(codes: rows.map { codes[$0] }, names: names)
        case .numbers(let values):
            predictions = .numbers(means)
            label = .numbers(rows.map { values[$0] })
        }
        let quality = try ModelQuality(predictions, label, weights: weights.map { weights in rows.map { weights[$0] } })
        return Judgement(quality: quality, rowCount: rows.count)
    }
}
