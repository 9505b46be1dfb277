import Columnar
import Platform

/// What all columns need whose levels become numbers: the training rows' answers, weights and folds.
struct LevelStatisticsFitting: Sendable {
    let options: LevelStatisticOptions
    let answers: LevelSums.Answers
    let classes: [String]
    let answerMean: Double
    /// Of all rows of the table; nil: each row counts once.
    let weights: [Double]?
    let folds: [UInt8]
    /// Rows with a label and a weight, and what they weigh.
    let rows: [Int32]
    let rowCount: Double
    let label: String
}

extension ImportData {
    /// nil when no column becomes numbers of its levels.
    /// - Throws: `FeatureError` without a label where the numbers come from one, and for options out of range.
    func statisticsFitting(
        _ assigned: AssignedRoles, _ options: ImportOptions, _ label: LabelEncoding?, _ folding: SplitOptions, _ rows: [Int32]
    ) throws -> LevelStatisticsFitting? {
        let forms = assigned.features.compactMap { assigned.forms[$0] }.filter(\.isStatistic)
        guard let first = forms.first else { return nil }
        try options.statistics.check()
        var kept = rows
        let weights = try assigned.weight.map { try self.weights($0, keeping: &kept) }
        var answers = LevelSums.Answers.none
        var classes: [String] = []
        var mean = 0.0
        var folds: [UInt8] = []
        func weight(_ row: Int32) -> Double { weights?[Int(row)] ?? 1 }
        if let needing = forms.first(where: \.needsLabel) {
            guard let label else {
                throw FeatureError.invalidOption("the encoding '\(needing.rawValue)' is learned from a label, and none is named")
            }
            let values = try LabelValues(label, self)
            kept.removeAll { values.isMissing(Int($0)) }
            answers = values.answers
            classes = label.classes ?? []
            switch answers {
            case .classes(_, let count):
                guard count == 2 || !forms.contains(.weightOfEvidence) else {
                    throw FeatureError.invalidOption(
                        "the encoding 'weight-of-evidence' is of two classes, and label '\(label.name)' has \(count)")
                }
            case .numbers(let numbers):
                if let other = forms.first(where: { $0 == .weightOfEvidence || $0 == .counts }) {
                    throw FeatureError.invalidOption(
                        "the encoding '\(other.rawValue)' is of classes, and label '\(label.name)' is a number")
                }
                let total = kept.reduce(0) { $0 + weight($1) }
                mean = total > 0 ? kept.reduce(0) { $0 + weight($1) * numbers[Int($1)] } / total : 0
                answers = .numbers(numbers.map { $0 - mean })
            case .none: break
            }
            folds = try self.folds(options.statistics.folds, folding)
        }
        guard !kept.isEmpty else {
            throw FeatureError.noRows("there are no rows with a label to learn the encoding '\(first.rawValue)' from")
        }
        return LevelStatisticsFitting(
            options: options.statistics, answers: answers, classes: classes, answerMean: mean, weights: weights, folds: folds,
            rows: kept, rowCount: kept.reduce(0) { $0 + weight($1) }, label: label?.name ?? "")
    }

    func fitStatistics(
        _ position: Int, _ form: CategoricalForm, _ fitting: LevelStatisticsFitting, _ options: ImportOptions,
        _ own: MissingPolicy?, _ rows: [Int32]
    ) throws -> Result {
        let name = schema[position].name
        guard let formulaForm = form.formula else { throw FeatureError.invalidOption("the encoding '\(form.rawValue)' makes no numbers of levels") }
        var policy = own ?? options.missing ?? .ownLevel
        switch policy {
        case .keep, .ownLevel, .dropRow, .dropColumn: break
        case .constant, .mean, .median, .mode, .indicator:
            if own != nil {
                throw FeatureError.invalidPolicy(
                    column: name, policy: policy.name, reason: "its levels become numbers, and missing values are a level")
            }
            policy = .ownLevel
        }
        let distinct = try distinct(position)
        let missing = rows.count { distinct.codes[Int($0)] < 0 }
        if missing == rows.count { return .leftOut(name: name, missing: missing, reason: "it has no values") }
        if policy == .dropColumn, missing > 0 {
            return .leftOut(name: name, missing: missing, reason: "\(missing) missing value(s) (drop-column)")
        }
        let answers = form.needsLabel ? fitting.answers : .none
        let foldCount = form.needsLabel ? fitting.options.folds : 1
        let formula = LevelFormula(
            form: formulaForm, classCount: form.needsLabel ? fitting.classes.count : 0, answerMean: fitting.answerMean,
            smoothing: fitting.options.smoothing, leastRows: fitting.options.leastRows)
        let reservation = try ImportReservation(
            memory, for: "what is learned of the \(distinct.count) levels of column '\(name)'",
            help: "choose frequency, or fewer folds",
            bytes: LevelSums.byteCount(levels: distinct.count, folds: foldCount, answers)
                + (distinct.count + 2) * (foldCount + 1) * formula.width * MemoryLayout<Double>.stride)
        let sums = LevelSums(
            codes: distinct.codes, levels: distinct.count, rows: fitting.rows, answers: answers, weights: fitting.weights,
            folds: form.needsLabel ? fitting.folds : [], foldCount: foldCount)
        let numbers = formula.numbers(sums.totals, width: sums.width, rowCount: fitting.rowCount)
        let encoding = ColumnEncoding(
            name: name, type: "\(schema[position].type)", missing: policy,
            form: .statistics(saved(form, numbers, sums, formula, fitting.classes, position, distinct, policy)))
        defer { withExtendedLifetime(reservation) {} }
        guard form.needsLabel else { return .encoding(encoding) }
        // A level that does not occur has no rows.
        var byFold: [Double] = []
        for fold in 0..<foldCount {
            byFold += formula.numbers(sums.without(fold), width: sums.width, rowCount: fitting.rowCount).dropLast(formula.width)
        }
        let note = "learned from \(fitting.label), for training rows from the other \(foldCount - 1) of \(foldCount) folds"
        return .encoding(
            encoding, notes: [note],
            outOfFold: LevelNumbers(distinct: distinct, width: formula.width, values: byFold, folds: fitting.folds, reservation))
    }

    /// The numbers of the levels that the training rows have, by the levels' hashes.
    private func saved(
        _ form: CategoricalForm, _ numbers: [Double], _ sums: LevelSums, _ formula: LevelFormula, _ classes: [String], _ position: Int,
        _ distinct: DistinctValues, _ policy: MissingPolicy
    ) -> LevelStatistics {
        let width = formula.width
        let hashes = levelHashes(position, distinct)
        let known = hashes.indices.filter { sums.occurs($0) }.sorted { hashes[$0] < hashes[$1] }
        func slice(_ level: Int) -> ArraySlice<Double> { numbers[level * width..<(level + 1) * width] }
        var values: [Double] = []
        values.reserveCapacity(known.count * width)
        for level in known { values += slice(level) }
        let hasMissing = policy == .ownLevel && sums.occurs(distinct.count)
        return LevelStatistics(
            form: form, features: formula.featureNames(classes), levels: known.map { hashes[$0] }, values: values,
            other: Array(slice(distinct.count + 1)), missing: hasMissing ? Array(slice(distinct.count)) : nil)
    }
}
