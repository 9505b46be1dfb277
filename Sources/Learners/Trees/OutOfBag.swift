import FeatureTables

/// The rows that a tree of a forest is grown from, drawn with replacement.
struct RowBag: Sendable {
    /// Those that were drawn, ascending.
    private(set) var rows: [Int32]
    /// Of all rows, times how often they were drawn.
    private(set) var weights: WorkBuffer<Double>

    /// - Parameter share: of the rows that weigh something.
    init(_ source: TreeRows, share: Double, _ random: inout TreeRandom) {
        let all = source.weighty
        let times = WorkBuffer<UInt16>(all.count, filledWith: 0)
        let draws = max(1, Int((share * Double(all.count)).rounded()))
        for _ in 0..<draws {
            let place = random.below(all.count)
            // Sixty thousand times the same row of many does not happen.
            times.start[place] &+= 1
        }
        rows = []
        rows.reserveCapacity(all.count)
        weights = WorkBuffer(source.rowCount, filledWith: 0)
        for (place, row) in all.enumerated() where times.start[place] > 0 {
            rows.append(row)
            weights.start[Int(row)] = Double(times.start[place]) * source.weights.start[Int(row)]
        }
        withExtendedLifetime(times) {}
    }

    /// What tells the rows alone.
    func withoutWeights() -> RowBag {
        var bag = self
        bag.weights = WorkBuffer(0, filledWith: 0)
        return bag
    }
}

/// Predictions of each row by the trees that did not see it.
struct OutOfBag {
    private let sums: WorkBuffer<Double>
    /// Trees that did not see each row.
    private let counts: WorkBuffer<Int32>
    private let classCount: Int
    private let rowCount: Int
    private let reservation: ImportReservation

    /// - Throws: `FeatureError.outOfMemory`.
    init(_ rows: TreeRows, memory: ImportMemory) throws {
        if case .classes(_, let count) = rows.labels { classCount = count } else { classCount = 0 }
        rowCount = rows.rowCount
        let width = max(classCount, 1)
        reservation = try ImportReservation(
            memory, for: "out-of-bag predictions", help: "do without them (out-of-bag=false), or raise hiveql.memory.limit",
            bytes: rowCount * (width * 8 + 4))
        sums = WorkBuffer(rowCount * width, filledWith: 0)
        counts = WorkBuffer(rowCount, filledWith: 0)
    }

    func add(_ trees: [(tree: TreeStructure, bag: RowBag)], _ matrix: FeatureMatrix, threads: Int) {
        let width = max(classCount, 1), classCount = classCount
        let sums = sums.start, counts = counts.start
        RowBlocks(rowCount: rowCount).forEach(threads: threads) { _, rows in
            TreeWalk.forEachPart(of: rows, in: matrix) { rows, elements in
                let own = sums + rows.lowerBound * width
                var isDrawn = [Bool](repeating: false, count: rows.count)
                for (tree, bag) in trees {
                    for place in 0..<rows.count { isDrawn[place] = false }
                    var place = bag.rows.firstPlace(from: rows.lowerBound)
                    while place < bag.rows.count, Int(bag.rows[place]) < rows.upperBound {
                        isDrawn[Int(bag.rows[place]) - rows.lowerBound] = true
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
            case nil: nil
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
        let means = rows.flatMap { row in
            (0..<width).map { sums.start[row * width + $0] / Double(counts.start[row]) }
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

extension [Int32] {
    /// The first place of an ascending list whose element is at least `row`.
    fileprivate func firstPlace(from row: Int) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if Int(self[middle]) < row { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
