import Columnar

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Finds how far each column tells the label.
struct AssociationFinder {
    private let worker: ProfileWorker
    private let moments: MomentSums
    private let nameOfClass: (LabelReader.ClassName) -> String

    private var plan: ProfilePlan { worker.plan }

    init(_ worker: ProfileWorker, _ moments: MomentSums, _ nameOfClass: @escaping (LabelReader.ClassName) -> String) {
        self.worker = worker
        self.moments = moments
        self.nameOfClass = nameOfClass
    }

    func label() -> LabelProfile? {
        guard let reader = worker.label, let label = plan.label else { return nil }
        // In the order of the classes, the later of two being the positive one.
        let order = reader.names.indices.sorted { Self.precedes(reader.names[$0], reader.names[$1]) }
        let others = plan.columns.indices.filter { $0 != label }
        var associations: [Association]
        if !reader.hasTooManyClasses {
            associations = others.map { withClasses($0, order, reader) }
        } else if ProfilePlan.isNumber(plan.columns[label]) {
            associations = others.map { withNumber($0, label) }
        } else {
            associations = others.map {
                Association(column: plan.columns[$0].name, reason: "the label has more than \(plan.options.classLimit) classes")
            }
        }
        associations = associations.enumerated()
            .sorted { ($1.element.strength, $0.offset) < ($0.element.strength, $1.offset) }.map(\.element)
        return LabelProfile(
            name: plan.columns[label].name,
            classes: reader.hasTooManyClasses
                ? nil : order.map { FrequentValue(value: nameOfClass(reader.names[$0]), count: reader.rowCounts[$0]) },
            missing: reader.missing, associations: associations.filter { $0.value != nil } + associations.filter { $0.value == nil })
    }

    private static func precedes(_ left: LabelReader.ClassName, _ right: LabelReader.ClassName) -> Bool {
        switch (left, right) {
        case (.word(let left), .word(let right)): left < right
        case (.text(let left), .text(let right)): left.lexicographicallyPrecedes(right)
        default: false
        }
    }

    // MARK: A label of classes

    private func withClasses(_ index: Int, _ order: [Int], _ reader: LabelReader) -> Association {
        var result = Association(column: plan.columns[index].name)
        guard order.count > 1 else {
            result.reason = order.isEmpty ? "no row has a label" : "the label has one class"
            return result
        }
        var table: ContingencyTable
        switch worker.counters[index] {
        case .places:
            result.reason = "type \(plan.columns[index].type)"
            return result
        case .texts(let counter):
            guard let levels = Self.table(counter, order) else {
                result.reason = "more than \(TextCounter.levelLimit) different texts"
                return result
            }
            table = levels
        case .words(let counter):
            table = Self.table(counter, order)
            if order.count == 2 { result.areaUnderROC = table.areaUnderROC.map(Self.rounded) }
            table = table.merged(into: Self.mostBins)
        }
        // That a value is missing may tell the class too.
        table.append(order.enumerated().map { reader.rowCounts[$1] - table.columnTotal($0) })
        result.measure = .cramersV
        result.value = table.cramersV.map(Self.rounded)
        result.mutualInformation = table.mutualInformation.map(Self.rounded)
        if result.value == nil { result.reason = "its values do not repeat, or are all the same" }
        return result
    }

    /// Ranges of numbers with about equally many rows.
    private static let mostBins = 20

    private static func table(_ counter: WordCounter, _ order: [Int]) -> ContingencyTable {
        let classes = order.map { counter.classes.indices.contains($0) ? counter.classes[$0].ranges : ValueRanges() }
        let shift = classes.map(\.shift).max() ?? 0
        var rows: [UInt64: [Int]] = [:]
        for (column, ranges) in classes.enumerated() {
            for range in ranges.coarsened(to: shift).ranges {
                rows[range.low >> UInt64(shift), default: [Int](repeating: 0, count: order.count)][column] += range.count
            }
        }
        return ContingencyTable(columnCount: order.count, rows: rows.sorted { $0.key < $1.key }.map(\.value))
    }

    private static func table(_ counter: TextCounter, _ order: [Int]) -> ContingencyTable? {
        guard !counter.hasTooManyLevels else { return nil }
        var rows: [[UInt8]: [Int]] = [:]
        for (column, code) in order.enumerated() where counter.classes.indices.contains(code) {
            counter.classes[code].forEachText { text, _, count in
                rows[Array(text.bytes), default: [Int](repeating: 0, count: order.count)][column] += count
            }
        }
        guard rows.count <= TextCounter.levelLimit else { return nil }
        return ContingencyTable(
            columnCount: order.count, rows: rows.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value))
    }

    // MARK: A label that is a number

    private func withNumber(_ index: Int, _ label: Int) -> Association {
        var result = Association(column: plan.columns[index].name)
        switch worker.counters[index] {
        case .places: result.reason = "type \(plan.columns[index].type)"
        case .words:
            result.measure = .pearson
            result.value = moments.correlation(plan, index, label)
            if result.value == nil {
                let isPaired = plan.columns[index].number.map { $0 < plan.paired } ?? false
                result.reason = isPaired ? "it or the label is constant" : "more than \(ProfilePlan.mostCorrelated) numeric columns"
            }
        case .texts(let counter):
            guard let sums = counter.sums else {
                result.reason = "more than \(TextCounter.levelLimit) different texts"
                return result
            }
            result.measure = .correlationRatio
            result.value = correlationRatio(sums.levels, label)
            if result.value == nil { result.reason = "its texts do not repeat, or the label is constant" }
        }
        return result
    }

    /// With Kelley's correction ("An unbiased correlation ratio measure", 1935): many levels of few rows vary by themselves.
    private func correlationRatio(_ levels: [(count: Int, sum: Double)], _ label: Int) -> Double? {
        guard let number = plan.columns[label].number else { return nil }
        let whole = moments.columns[number]
        guard whole.squares > 0, whole.squares.isFinite else { return nil }
        var between = 0.0, count = 0.0, sum = 0.0, groups = 0.0
        func add(_ rows: Double, _ total: Double) {
            guard rows > 0 else { return }
            let distance = total / rows - whole.mean
            between += rows * distance * distance
            groups += 1
        }
        for level in levels {
            add(Double(level.count), level.sum)
            count += Double(level.count)
            sum += level.sum
        }
        // Rows without a text are a level of their own.
        add(whole.count - count, whole.mean * whole.count - sum)
        guard whole.count > groups else { return nil }
        let within = max(1 - between / whole.squares, 0) * (whole.count - 1) / (whole.count - groups)
        return Self.rounded(max(1 - within, 0).squareRoot())
    }

    private static func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }
}

/// How many rows have a value of one column (a row of the table) and a class (a column of it).
struct ContingencyTable: Sendable {
    let columnCount: Int
    private(set) var rows: [[Int]]

    init(columnCount: Int, rows: [[Int]]) {
        self.columnCount = columnCount
        self.rows = rows
    }

    func columnTotal(_ column: Int) -> Int { rows.reduce(0) { $0 + $1[column] } }

    mutating func append(_ row: [Int]) {
        if row.contains(where: { $0 > 0 }) { rows.append(row.map { max($0, 0) }) }
    }

    /// Neighbouring rows put together until there are at most `most`, of about equal size.
    func merged(into most: Int) -> ContingencyTable {
        guard rows.count > most else { return self }
        let total = rows.reduce(0) { $0 + $1.reduce(0, +) }
        var result = ContingencyTable(columnCount: columnCount, rows: [])
        var open = [Int](repeating: 0, count: columnCount)
        var taken = 0
        for row in rows {
            for column in 0..<columnCount { open[column] += row[column] }
            taken += row.reduce(0, +)
            if Double(taken) >= Double(total) * Double(result.rows.count + 1) / Double(most) {
                result.rows.append(open)
                open = [Int](repeating: 0, count: columnCount)
            }
        }
        result.append(open)
        return result
    }

    /// Cramér's V, corrected as by Bergsma ("A bias-correction for Cramér's V and Tschuprow's T", 2013); nil where rows or
    /// columns say nothing.
    var cramersV: Double? {
        let rowTotals = rows.map { Double($0.reduce(0, +)) }
        let columnTotals = (0..<columnCount).map { Double(columnTotal($0)) }
        let total = rowTotals.reduce(0, +)
        guard total > 1 else { return nil }
        var chiSquare = 0.0
        for (row, rowTotal) in zip(rows, rowTotals) where rowTotal > 0 {
            for (count, columnTotal) in zip(row, columnTotals) where columnTotal > 0 {
                let expected = rowTotal * columnTotal / total
                let distance = Double(count) - expected
                chiSquare += distance * distance / expected
            }
        }
        let height = Double(rowTotals.count { $0 > 0 }), width = Double(columnTotals.count { $0 > 0 })
        let square = max(0, chiSquare / total - (height - 1) * (width - 1) / (total - 1))
        let least = min(
            height - (height - 1) * (height - 1) / (total - 1), width - (width - 1) * (width - 1) / (total - 1)) - 1
        return least > 1e-9 ? min((square / least).squareRoot(), 1) : nil
    }

    /// In bits, less the bias by Miller and Madow.
    var mutualInformation: Double? {
        let rowTotals = rows.map { Double($0.reduce(0, +)) }
        let columnTotals = (0..<columnCount).map { Double(columnTotal($0)) }
        let total = rowTotals.reduce(0, +)
        guard total > 0 else { return nil }
        var sum = 0.0, cells = 0.0
        for (row, rowTotal) in zip(rows, rowTotals) {
            for (count, columnTotal) in zip(row, columnTotals) where count > 0 {
                sum += Double(count) / total * log2(Double(count) * total / (rowTotal * columnTotal))
                cells += 1
            }
        }
        let height = Double(rowTotals.count { $0 > 0 }), width = Double(columnTotals.count { $0 > 0 })
        return max(sum - (cells - height - width + 1) / (2 * total * log(2)), 0)
    }

    /// Of two columns: the part of the pairs of a row of the second and a row of the first in which the former stands behind
    /// the latter, ties by half.
    var areaUnderROC: Double? {
        guard columnCount == 2 else { return nil }
        let negatives = Double(columnTotal(0)), positives = Double(columnTotal(1))
        guard negatives > 0, positives > 0 else { return nil }
        var below = 0.0, area = 0.0
        for row in rows {
            area += Double(row[1]) * (below + Double(row[0]) / 2)
            below += Double(row[0])
        }
        return area / (negatives * positives)
    }
}
