import Columnar
import FeatureTables

/// Looks for what makes a trained model doubtful.
struct WarningFinder {
    let data: ImportData
    let table: FeatureTable
    let fit: FitSummary
    let quality: ModelQuality
    let evaluation: ModelQuality?
    let wasSplit: Bool

    /// A class of fewer training rows is told about.
    private static let fewRows = 10
    /// Below so many rows a number's values may all differ without saying anything.
    private static let identifierRows = 50
    private static let identifierShare = 0.95
    /// Rows that associations are measured on.
    private static let sampleSize = 10_000

    func find() throws -> [ModelWarning] {
        var warnings: [ModelWarning] = []
        if !fit.converged {
            let remedy = table.label == nil ? "raise max-iterations" : "raise max-iterations, or the penalty"
            warnings.append(
                ModelWarning(.notConverged, "the search had not converged after \(fit.iterations) iteration(s): \(remedy)"))
        }
        if wasSplit, evaluation == nil {
            warnings.append(
                ModelWarning(.noEvaluation, "no row is left to evaluate on: the measures are those of the training rows"))
        }
        warnings += rareClasses()
        warnings += try identifiers()
        warnings += try constants()
        if let leak = try suspectedLeak() { warnings.append(leak) }
        return warnings
    }

    private func rareClasses() -> [ModelWarning] {
        guard case .classes(let codes, let names) = table.label else { return [] }
        var counts = [Int](repeating: 0, count: names.count)
        for code in codes { counts[Int(code)] += 1 }
        return names.indices.filter { counts[$0] < Self.fewRows }.map {
            ModelWarning(.rareClass, "class '\(names[$0])' has \(counts[$0]) row(s) to train on")
        }
    }

    private func identifiers() throws -> [ModelWarning] {
        let rows = table.sourceRows
        guard rows.count >= Self.identifierRows else { return [] }
        return try table.encoding.columns.compactMap { column in
            let position = try data.columnIndex(column.name)
            let distinct: Int
            switch column.form {
            case .levels(let levels):
                // Levels of their own in the first rows of many: more than the limit of levels are grouped or left out.
                let most = levels.groupsRareLevels ? try data.distinct(position).count : levels.levels.count
                distinct = Double(most) >= Self.identifierShare * Double(rows.count) ? most : 0
            case .statistics(let statistics): distinct = statistics.levels.count
            case .number where data.schema[position].type.isIntegral:
                distinct = try distinctNumbers(position, rows)
            default: return nil
            }
            guard Double(distinct) >= Self.identifierShare * Double(rows.count) else { return nil }
            return ModelWarning(
                .identifierLike, feature: column.name,
                "column \(column.name) has \(min(distinct, rows.count)) values in \(rows.count) rows: if it names the row, make it an "
                    + "identifier or exclude it")
        }
    }

    /// How many numbers the rows have; 0 as soon as a sample shows that they repeat.
    private func distinctNumbers(_ position: Int, _ rows: [Int32]) throws -> Int {
        let values = try data.numbers(position)
        let step = max(1, rows.count / Self.sampleSize)
        let sample = Set(stride(from: 0, to: rows.count, by: step).map { values[Int(rows[$0])].bitPattern })
        let sampled = (rows.count + step - 1) / step
        guard Double(sample.count) >= Self.identifierShare * Double(sampled) else { return 0 }
        if step == 1 { return sample.count }
        return Set(rows.map { values[Int($0)].bitPattern }).count
    }

    private func constants() throws -> [ModelWarning] {
        // That no level was too rare is no news.
        let expected = Set(
            table.encoding.columns.flatMap { column -> [String] in
                guard case .statistics(let statistics) = column.form, statistics.form == .counts else { return [] }
                return column.featureNames.suffix(1)
            })
        return try table.matrix.constantColumns().filter { !expected.contains(table.featureNames[$0]) }.map {
            ModelWarning(
                .constantFeature, feature: table.featureNames[$0],
                "feature \(table.featureNames[$0]) has one value in all training rows")
        }
    }

    // MARK: Leaks

    private func suspectedLeak() throws -> ModelWarning? {
        guard let metrics = (evaluation ?? quality).plain, let measure = Self.perfection(metrics) else { return nil }
        guard let strongest = try strongestFeature() else { return nil }
        // Without rows set aside a model may know its training rows by heart.
        if evaluation == nil, strongest.value < 0.999 { return nil }
        return ModelWarning(
            .suspectedLeak, feature: strongest.name,
            "\(measure): does a feature hold the answer? By itself \(strongest.name) has the strongest association, "
                + "\(strongest.measure) \(ReportNumber.fixed(strongest.value, 4))")
    }

    private static func perfection(_ metrics: EvaluationMetrics) -> String? {
        switch metrics {
        case .classification(let metrics): (metrics.areaUnderROC ?? 0) >= 1 - 1e-12 ? "AUC is 1" : nil
        case .regression(let metrics): (metrics.rSquared ?? 0) >= 1 - 1e-9 ? "R² is 1" : nil
        case .unsupervised: nil
        }
    }

    private func strongestFeature() throws -> (name: String, value: Double, measure: String)? {
        let step = max(1, table.rowCount / Self.sampleSize)
        let sample = try table.selecting(stride(from: 0, to: table.rowCount, by: step).map { Int32($0) })
        var best: (feature: Int, value: Double)?
        for feature in 0..<sample.matrix.columnCount {
            let values = sample.matrix.column(feature)
            let value: Double
            switch sample.label {
            case .classes(let codes, let names): value = separation(values, codes, names.count)
            case .numbers(let numbers): value = abs(correlation(values, numbers))
            case nil: return nil
            }
            if value.isFinite, value > best?.value ?? -1 { best = (feature, value) }
        }
        guard let best else { return nil }
        let isNumber = if case .numbers = table.label { true } else { false }
        return (table.featureNames[best.feature], best.value, isNumber ? "correlation" : "AUC")
    }

    /// How well a feature alone puts the rows of some class before or behind all others.
    private func separation(_ values: [Double], _ codes: [Int32], _ classes: Int) -> Double {
        var best = 0.0
        for code in (classes == 2 ? 1 : 0)..<classes {
            let area = RankingMetrics.areaUnderROC(scores: values, isPositive: codes.map { Int($0) == code }) ?? 0
            best = max(best, area, area > 0 ? 1 - area : 0)
        }
        return best
    }

    private func correlation(_ left: [Double], _ right: [Double]) -> Double {
        let known = left.indices.filter { !left[$0].isNaN }
        let count = Double(known.count)
        guard count > 1 else { return 0 }
        let leftMean = known.reduce(0) { $0 + left[$1] } / count, rightMean = known.reduce(0) { $0 + right[$1] } / count
        var product = 0.0, leftSquare = 0.0, rightSquare = 0.0
        for row in known {
            let x = left[row] - leftMean, y = right[row] - rightMean
            product += x * y
            leftSquare += x * x
            rightSquare += y * y
        }
        return leftSquare > 0 && rightSquare > 0 ? product / (leftSquare * rightSquare).squareRoot() : 0
    }
}

extension FeatureMatrix {
    /// The columns with one value in all rows, or none, in order; all of them where there are no rows.
    /// - Complexity: O(rows × columns), but little more than the number of both where values differ soon.
    /// - Throws: `FeatureError.outOfMemory`.
    func constantColumns() throws -> [Int] {
        guard layout == .dense else { return sparseConstantColumns() }
        var candidates = Array(0..<columnCount)
        var first: [Double] = []
        let blocks = try DenseBlocks(self)
        while !candidates.isEmpty, let block = blocks.nextBlock() {
            if first.isEmpty { first = Array(UnsafeBufferPointer(start: block.elements, count: columnCount)) }
            for row in 0..<block.rows.count where !candidates.isEmpty {
                let values = block.elements + row * columnCount
                candidates.removeAll { values[$0] != first[$0] && !(values[$0].isNaN && first[$0].isNaN) }
            }
        }
        return candidates
    }

    private func sparseConstantColumns() -> [Int] {
        guard case .sparse(let rows) = storage else { return [] }
        var counts = [Int](repeating: 0, count: columnCount)
        var first = [Double](repeating: 0, count: columnCount)
        var varies = [Bool](repeating: false, count: columnCount)
        for place in 0..<rows.rowStarts[rowCount] {
            let column = Int(rows.columns[place]), value = rows.values[place]
            if counts[column] == 0 { first[column] = value }
            counts[column] += 1
            if value != first[column], !(value.isNaN && first[column].isNaN) { varies[column] = true }
        }
        return (0..<columnCount).filter { !varies[$0] && (counts[$0] == rowCount || first[$0] == 0) }
    }
}
