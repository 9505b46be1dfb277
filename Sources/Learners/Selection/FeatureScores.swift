import FeatureTables
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How much each feature of a table says, as scikit-learn's `f_classif`, `f_regression`, `chi2`, `mutual_info_score` and `var` have
/// it. Rows without a value are left out, but for mutual information, where its absence is a value. Weights do not count.
package struct FeatureScores {
    private let matrix: FeatureMatrix
    private let label: FeatureLabel?
    private let labelName: String
    private let entries: Entries
    private let threads: Int
    private let isCancelled: (@Sendable () -> Bool)?
    private let reservation: ImportReservation

    /// A number that is told in ranges is cut into as many, of about as many rows.
    static let ranges = 20

    /// - Parameter isCancelled: asked before each feature; those after a yes have no score.
    /// - Throws: `FeatureError.outOfMemory`.
    package init(_ table: FeatureTable, isCancelled: (@Sendable () -> Bool)? = nil) throws {
        matrix = table.matrix
        label = table.label
        labelName = table.encoding.label?.name ?? ""
        threads = table.source.threads
        self.isCancelled = isCancelled
        // A feature's values, their rows, and the values once more in order.
        reservation = try ImportReservation(
            table.source.memory, for: "the scores of features", help: ImportMemory.fewerRows,
            bytes: min(threads, matrix.columnCount) * matrix.rowCount * 24)
        entries = try Entries(matrix, memory: table.source.memory)
    }

    /// A score a feature; nil where a feature has none, as one whose values do not differ.
    /// - Throws: `FeatureError` for a measure that the label or the features do not have.
    package func scores(_ measure: FeatureSelection.Measure) throws -> [Double?] {
        if measure == .variance { return each { variance($0) } }
        switch label {
        case nil: throw FeatureError.missingLabel
        case .classes(let codes, let names):
            let classes = ClassLabel(codes, count: names.count)
            switch measure {
            case .fScore: return each { feature in moments(feature, classes)?.fScore }
            case .correlation: return each { feature in moments(feature, classes)?.ratio }
            case .chiSquare:
                try refuseNegatives()
                return each { chiSquare($0, classes) }
            default: return each { mutualInformation($0, classes) }
            }
        case .numbers(let values):
            let numbers = NumberLabel(values)
            switch measure {
            case .fScore:
                return each { feature in
                    line(feature, numbers).map { line in
                        let square = line.correlation * line.correlation
                        return square < 1 ? square / (1 - square) * (line.rows - 2) : .infinity
                    }
                }
            case .correlation: return each { line($0, numbers).map { abs($0.correlation) } }
            case .chiSquare:
                throw FeatureError.invalidOption("chi-square needs a label of classes, and '\(labelName)' is a number")
            default:
                let cuts = Self.cuts(of: values)
                let ranges = ClassLabel(values.map { Int32(Self.range(of: $0, cuts)) }, count: cuts.count + 1)
                return each { mutualInformation($0, ranges) }
            }
        }
    }

    /// Infinite values have no mean: of a feature with one there is no number to tell.
    private func each(_ score: (Int) -> Double?) -> [Double?] {
        RowBlocks(groups: matrix.columnCount).map(threads: threads) { feature, _ in
            isCancelled?() == true ? nil : score(feature).flatMap { $0.isNaN ? nil : $0 }
        }
    }

    // MARK: Measures

    private func variance(_ feature: Int) -> Double? {
        var count = 0.0, sum = 0.0, absent = Double(matrix.rowCount)
        entries.forEach(of: feature) { _, value in
            absent -= 1
            guard !value.isNaN else { return }
            count += 1
            sum += value
        }
        let rows = count + absent
        guard rows > 0 else { return nil }
        let mean = sum / rows
        var squares = absent * mean * mean
        entries.forEach(of: feature) { _, value in if !value.isNaN { squares += (value - mean) * (value - mean) } }
        return squares / rows
    }

    private struct ClassLabel {
        let codes: [Int32]
        let totals: [Double]

        init(_ codes: [Int32], count: Int) {
            self.codes = codes
            var totals = [Double](repeating: 0, count: count)
            for code in codes { totals[Int(code)] += 1 }
            self.totals = totals
        }
    }

    /// Squared distances of a feature's values from the means of their classes, and of these from the mean of all.
    private struct Spread {
        var within: Double
        var between: Double
        var classes: Double
        var rows: Double

        var fScore: Double? {
            guard classes > 1, rows > classes, between > 0 else { return nil }
            return within > 0 ? between / (classes - 1) / (within / (rows - classes)) : .infinity
        }

        var ratio: Double? { between > 0 ? (between / (between + within)).squareRoot() : nil }
    }

    /// For each class, how many rows have a value, the sum of these, and how many of them are not in the matrix, being 0.
    private func sums(_ feature: Int, _ label: ClassLabel) -> (rows: [Double], sums: [Double], absent: [Double]) {
        var rows = label.totals, sums = [Double](repeating: 0, count: rows.count), absent = rows
        entries.forEach(of: feature) { row, value in
            let code = Int(label.codes[row])
            absent[code] -= 1
            if value.isNaN { rows[code] -= 1 } else { sums[code] += value }
        }
        return (rows, sums, absent)
    }

    private func moments(_ feature: Int, _ label: ClassLabel) -> Spread? {
        let (rows, sums, absent) = sums(feature, label)
        let count = rows.reduce(0, +)
        guard count > 0 else { return nil }
        let mean = sums.reduce(0, +) / count
        let means = zip(sums, rows).map { $1 > 0 ? $0 / $1 : 0 }
        var spread = Spread(within: 0, between: 0, classes: 0, rows: count)
        for code in rows.indices where rows[code] > 0 {
            spread.classes += 1
            spread.between += rows[code] * (means[code] - mean) * (means[code] - mean)
            spread.within += absent[code] * means[code] * means[code]
        }
        entries.forEach(of: feature) { row, value in
            guard !value.isNaN else { return }
            let distance = value - means[Int(label.codes[row])]
            spread.within += distance * distance
        }
        return spread.between + spread.within > 0 ? spread : nil
    }

    private func refuseNegatives() throws {
        for feature in 0..<matrix.columnCount {
            var least = 0.0
            entries.forEach(of: feature) { _, value in if value < least { least = value } }
            guard least == 0 else {
                throw FeatureError.invalidOption(
                    "chi-square compares counts, and \(matrix.columnNames[feature]) has negative values: "
                        + "f-score and mutual-information take all numbers")
            }
        }
    }

    private func chiSquare(_ feature: Int, _ label: ClassLabel) -> Double? {
        let (rows, sums, _) = sums(feature, label)
        let total = sums.reduce(0, +), count = rows.reduce(0, +)
        guard total > 0 else { return nil }
        return zip(rows, sums).reduce(0) { result, pair in
            let expected = total * pair.0 / count
            return expected > 0 ? result + (pair.1 - expected) * (pair.1 - expected) / expected : result
        }
    }

    private struct NumberLabel {
        let values: [Double]
        let mean: Double
        /// Squared distances from the mean.
        let squares: Double

        init(_ values: [Double]) {
            self.values = values
            let mean = values.reduce(0, +) / Double(max(values.count, 1))
            self.mean = mean
            squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        }

        /// Without some rows.
        func without(_ rows: Set<Int>) -> NumberLabel {
            rows.isEmpty ? self : NumberLabel(values.indices.filter { !rows.contains($0) }.map { values[$0] })
        }
    }

    /// nil where the values of one of both do not differ.
    private func line(_ feature: Int, _ label: NumberLabel) -> (correlation: Double, rows: Double)? {
        var sum = 0.0, present = 0.0
        var missing: Set<Int> = []
        entries.forEach(of: feature) { row, value in
            guard !value.isNaN else {
                missing.insert(row)
                return
            }
            sum += value
            present += 1
        }
        let rows = Double(matrix.rowCount - missing.count)
        guard rows > 2 else { return nil }
        let mean = sum / rows, known = label.without(missing)
        let absent = rows - present
        var squares = absent * mean * mean, products = 0.0, labelDistances = 0.0
        entries.forEach(of: feature) { row, value in
            guard !value.isNaN else { return }
            squares += (value - mean) * (value - mean)
            products += (value - mean) * (label.values[row] - known.mean)
            labelDistances += label.values[row] - known.mean
        }
        // The label's distances from its mean add up to 0, so those of the absent rows need no pass of their own.
        if absent > 0 { products += mean * labelDistances }
        guard squares > 0, known.squares > 0 else { return nil }
        return (max(-1, min(1, products / (squares * known.squares).squareRoot())), rows)
    }

    private func mutualInformation(_ feature: Int, _ label: ClassLabel) -> Double? {
        var values: [Double] = [], rows: [Int] = [], missing: [Int] = []
        entries.forEach(of: feature) { row, value in
            guard !value.isNaN else {
                missing.append(row)
                return
            }
            values.append(value)
            rows.append(row)
        }
        let cuts = Self.cuts(of: values, andZeros: matrix.rowCount - values.count - missing.count)
        // A row of counts a range, and one for missing values. All rows are 0 until their value is known.
        let count = label.totals.count
        var table = [Double](repeating: 0, count: (cuts.count + 2) * count)
        let zeros = Self.range(of: 0, cuts)
        table.replaceSubrange(zeros * count..<(zeros + 1) * count, with: label.totals)
        func move(_ row: Int, to range: Int) {
            let code = Int(label.codes[row])
            table[zeros * count + code] -= 1
            table[range * count + code] += 1
        }
        for (value, row) in zip(values, rows) { move(row, to: Self.range(of: value, cuts)) }
        for row in missing { move(row, to: cuts.count + 1) }
        var information = 0.0
        let total = Double(matrix.rowCount)
        for range in 0..<cuts.count + 2 {
            let part = table[range * count..<(range + 1) * count]
            let sum = part.reduce(0, +)
            for (rows, all) in zip(part, label.totals) where rows > 0 { information += rows / total * log(rows * total / (sum * all)) }
        }
        return max(0, information)
    }

    /// The greatest number of each range but the last: of up to `ranges` different numbers each is one; others are cut so that
    /// ranges have about as many rows.
    private static func cuts(of values: [Double], andZeros zeros: Int = 0) -> [Double] {
        let sorted = values.sorted()
        var different: [Double] = []
        if zeros > 0, !sorted.contains(0) { different.append(0) }
        for value in sorted where different.count <= ranges && (different.isEmpty || different[different.count - 1] != value) {
            different.append(value)
        }
        if different.count <= ranges { return different.sorted().dropLast() }
        // Zeros stand where they belong in the order.
        let below = sorted.partitioningIndex { $0 >= 0 }
        func value(_ rank: Int) -> Double { rank < below ? sorted[rank] : rank < below + zeros ? 0 : sorted[rank - zeros] }
        let count = sorted.count + zeros
        var cuts: [Double] = []
        for part in 1..<ranges {
            let cut = value((part * count + ranges - 1) / ranges - 1)
            if cuts.last != cut, cut < value(count - 1) { cuts.append(cut) }
        }
        return cuts
    }

    /// How many cuts are below a number.
    private static func range(of value: Double, _ cuts: [Double]) -> Int { cuts.partitioningIndex { $0 >= value } }
}

/// The elements of a matrix by features: all of a dense one, and those that are there of a sparse one.
private struct Entries {
    private enum Storage {
        case dense
        /// The elements of feature `f` are those from `starts[f]` up to `starts[f + 1]`.
        case sparse(starts: [Int], rows: [Int32], values: [Double])
    }

    private let matrix: FeatureMatrix
    private let storage: Storage
    private let reservation: ImportReservation?

    init(_ matrix: FeatureMatrix, memory: ImportMemory) throws {
        self.matrix = matrix
        guard case .sparse(let source) = matrix.storage else {
            storage = .dense
            reservation = nil
            return
        }
        let count = source.rowStarts[matrix.rowCount]
        reservation = try ImportReservation(
            memory, for: "the features one by one", help: ImportMemory.fewerRows, bytes: count * 12 + matrix.columnCount * 16)
        var starts = [Int](repeating: 0, count: matrix.columnCount + 1)
        for place in 0..<count { starts[Int(source.columns[place]) + 1] += 1 }
        for feature in 0..<matrix.columnCount { starts[feature + 1] += starts[feature] }
        var next = starts
        var rows = [Int32](repeating: 0, count: count), values = [Double](repeating: 0, count: count)
        for row in 0..<matrix.rowCount {
            for place in source.range(row) {
                let feature = Int(source.columns[place])
                rows[next[feature]] = Int32(truncatingIfNeeded: row)
                values[next[feature]] = source.values[place]
                next[feature] += 1
            }
        }
        storage = .sparse(starts: starts, rows: rows, values: values)
    }

    @inline(__always)
    func forEach(of feature: Int, _ body: (_ row: Int, _ value: Double) -> Void) {
        switch storage {
        case .dense:
            guard let elements = matrix.dense else { return }
            for row in 0..<matrix.rowCount { body(row, elements[row * matrix.columnCount + feature]) }
        case .sparse(let starts, let rows, let values):
            for place in starts[feature]..<starts[feature + 1] { body(Int(rows[place]), values[place]) }
        }
    }
}
