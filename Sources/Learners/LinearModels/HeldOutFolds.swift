import FeatureTables

/// Rows to train on, cut so that each can be scored by what others teach.
struct HeldOutFolds {
    private let table: FeatureTable
    private let codes: [Int32]
    private let classCount: Int
    private let weights: [Double]
    private let splits: [RowSplit]

    /// Folds; some of them may leave nothing to learn from.
    var count: Int { splits.count }

    /// - Parameters:
    ///   - most: folds; fewer where a class has fewer rows.
    ///   - key: what keeps rows together when they are divided.
    /// - Throws: `LearnerError.noRows` when a class has one row; `FeatureError` for too few rows or groups.
    init(_ most: Int, of table: FeatureTable, _ codes: [Int32], classes: [String], key: SplitOptions.Key) throws {
        self.table = table
        self.codes = codes
        classCount = classes.count
        let weights = table.weights ?? [Double](repeating: 1, count: table.rowCount)
        self.weights = weights
        var counts = [Int](repeating: 0, count: classes.count)
        for (row, code) in codes.enumerated() where weights[row] > 0 { counts[Int(code)] += 1 }
        let label = table.encoding.label?.name ?? "label"
        if let rare = counts.indices.first(where: { counts[$0] < 2 }) {
            throw LearnerError.noRows(
                "class '\(classes[rare])' of label '\(label)' has \(counts[rare]) row(s) that count: probabilities need at least 2 of "
                    + "each class, one to learn from and one to judge by")
        }
        let hasLabel = (try? table.source.columnIndex(label)) != nil
        splits = try table.source.crossValidation(
            min(most, counts.min() ?? most), SplitOptions(key: key), rows: table.sourceRows, stratifiedBy: hasLabel ? label : nil)
    }

    /// One fold and what is learned from for it.
    struct Part {
        /// Of all rows; 0 of those that are not learned from.
        var weights: [Double]
        /// Rows to be scored, ascending.
        var judged: [Int]
    }

    /// nil when the others lack a class.
    func part(_ fold: Int) -> Part? {
        enum Use: UInt8 { case none, learned, judged }
        var uses = [Use](repeating: .none, count: table.source.rowCount)
        for row in splits[fold].first { uses[Int(row)] = .learned }
        for row in splits[fold].second { uses[Int(row)] = .judged }
        var part = Part(weights: [Double](repeating: 0, count: weights.count), judged: [])
        var isLeft = [Bool](repeating: false, count: classCount)
        for (row, source) in table.sourceRows.enumerated() where weights[row] > 0 {
            switch uses[Int(source)] {
            case .learned:
                part.weights[row] = weights[row]
                isLeft[Int(codes[row])] = true
            case .judged: part.judged.append(row)
            case .none: break
            }
        }
        return isLeft.allSatisfy { $0 } ? part : nil
    }
}
