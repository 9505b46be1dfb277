import Columnar

/// The fractions that a percentile function asks for: a number or an array, constant for the query.
private struct Fractions {
    private(set) var values: [Double] = []
    private var isRead = false

    /// Reads them from the first row of an argument.
    mutating func read(_ column: Column, _ row: Int) throws {
        guard !isRead else { return }
        isRead = true
        if column.type.physical == .list {
            guard let list = column.list(row), let elements = column.children.first else { return }
            for place in list where !elements.isNull(place) { try add(elements.doubleAnyEncoding(place)) }
        } else if !column.isNull(row) {
            try add(column.values(as: Double.self)[column.isConstant ? 0 : row])
        }
    }

    private mutating func add(_ value: Double) throws {
        guard value >= 0, value <= 1 else { throw FunctionError(.argument, "Percentile value must be within the range of 0 to 1.") }
        values.append(value)
    }

    mutating func adopt(_ other: Fractions) {
        if !isRead { self = other }
    }

    init() {}

    init(saved: [Double]) {
        values = saved
        isRead = true
    }
}

extension Column {
    fileprivate func doubleAnyEncoding(_ row: Int) -> Double {
        if encoding == .dictionary, let base { return base.values(as: Double.self)[Int(indices[row])] }
        return values(as: Double.self)[isConstant ? 0 : row]
    }
}

/// How a percentile function writes its results: one number, or an array of them.
private func percentileColumn(
    _ isArray: Bool, _ groups: Range<Int>, _ values: (Int) -> [Double]?
) -> Column {
    let builder = ColumnBuilder(isArray ? .array(.double) : .double, capacity: groups.count)
    for group in groups {
        guard let results = values(group) else {
            builder.appendNull()
            continue
        }
        if isArray {
            for result in results { builder.children[0].append(result) }
            builder.append(listOf: results.count)
        } else if let result = results.first {
            builder.append(result)
        } else {
            builder.appendNull()
        }
    }
    return builder.finish()
}

/// A value that percentiles are exactly known of.
private protocol PercentileValue: ExtremeValue {
    var bits: Int64 { get }
    init(bits: Int64)
    var double: Double { get }
}

extension Int64: PercentileValue {
    fileprivate var bits: Int64 { self }
    fileprivate init(bits: Int64) { self = bits }
    fileprivate var double: Double { Double(self) }
}

extension Double: PercentileValue {
    fileprivate var bits: Int64 { Int64(bitPattern: bitPattern) }
    fileprivate init(bits: Int64) { self = Double(bitPattern: UInt64(bitPattern: bits)) }
    fileprivate var double: Double { self }
}

/// What stands at a place between two values.
private enum PercentileRule: Sendable {
    /// Their mean, weighted by nearness.
    case interpolated
    /// The one behind it.
    case following

    func value<Value: PercentileValue>(_ sorted: [Value], at fraction: Double) -> Double {
        let position = Double(sorted.count - 1) * fraction
        let below = Int(position.rounded(.down)), above = Int(position.rounded(.up))
        let lower = sorted[below].double, upper = sorted[above].double
        guard below != above, lower != upper else { return lower }
        switch self {
        case .interpolated: return (Double(above) - position) * lower + (position - Double(below)) * upper
        case .following: return upper
        }
    }
}

/// Exact percentiles: all values of each group are kept and sorted at the end.
private final class PercentileAccumulator<Value: PercentileValue>: Accumulator {
    private var groups: [[Value]] = []
    private var fractions = Fractions()
    private let rule: PercentileRule
    private let isArray: Bool
    private let isDescending: Bool
    /// Which argument is the value; the other one says the fractions.
    private let valuePlace: Int
    /// Bytes of all groups' values.
    private var valueBytes = 0

    /// - Parameter fractions: those that are known before an argument says them.
    init(
        _ rule: PercentileRule, isArray: Bool, isDescending: Bool = false, valuePlace: Int = 0, fractions: Fractions = Fractions()
    ) {
        self.rule = rule
        self.fractions = fractions
        self.isArray = isArray
        self.isDescending = isDescending
        self.valuePlace = valuePlace
    }

    package var byteCount: Int { groups.capacity * MemoryLayout<[Value]>.stride + valueBytes }

    package func resize(groupCount: Int) {
        while groups.count < groupCount { groups.append([]) }
    }

    package func reset(_ groups: Range<Int>) {
        for group in groups {
            valueBytes -= self.groups[group].capacity * MemoryLayout<Value>.stride
            self.groups[group] = []
        }
    }

    private func readFractions(_ arguments: [Column], _ row: Int) throws {
        if arguments.count > 1 { try fractions.read(arguments[1 - valuePlace], row) }
    }

    @inline(__always)
    private func add(_ values: some Collection<Value>, to group: Int) {
        let capacity = groups[group].capacity
        groups[group].append(contentsOf: values)
        valueBytes += (groups[group].capacity - capacity) * MemoryLayout<Value>.stride
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups targets: UnsafePointer<Int32>) throws {
        guard rows.count > 0 else { return }
        try readFractions(arguments, rows[0])
        let values = arguments[valuePlace].values(as: Value.self)
        forEachValid(arguments[valuePlace], rows) { ordinal, element in
            add(CollectionOfOne(values[element]), to: Int(targets[ordinal]))
        }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) throws {
        guard rows.count > 0 else { return }
        try readFractions(arguments, rows[0])
        let values = arguments[valuePlace].values(as: Value.self)
        forEachValid(arguments[valuePlace], rows) { _, element in
            add(CollectionOfOne(values[element]), to: group)
        }
    }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? PercentileAccumulator else { throw AccumulatorMismatch.error }
        fractions.adopt(other.fractions)
        for pair in 0..<count {
            add(other.groups[Int(sources[pair])], to: Int(targets[pair]))
        }
    }

    package func finish(_ range: Range<Int>) -> Column {
        percentileColumn(isArray, range) { group in
            guard !groups[group].isEmpty else { return nil }
            let sorted = groups[group].sorted { Value.precedes($0, $1) }
            return fractions.values.map { rule.value(sorted, at: isDescending ? 1 - $0 : $0) }
        }
    }

    /// A row holds how many fractions, their bits, then those of the values.
    package func save(_ range: Range<Int>) throws -> Column {
        let builder = ColumnBuilder(.array(.bigint), capacity: range.count)
        for group in range {
            let header = [Int64(fractions.values.count)] + fractions.values.map { Int64(bitPattern: $0.bitPattern) }
            for word in header { builder.children[0].append(word) }
            for value in groups[group] { builder.children[0].append(value.bits) }
            builder.append(listOf: header.count + groups[group].count)
        }
        return builder.finish()
    }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        guard let words = saved.children.first, words.type == .bigint else { throw AccumulatorMismatch.error }
        let values = words.values(as: Int64.self)
        for row in 0..<saved.count {
            guard let list = saved.list(row), let first = list.first, list.count > Int(values[first]), values[first] >= 0
            else { throw AccumulatorMismatch.error }
            let start = first + 1 + Int(values[first])
            fractions.adopt(Fractions(saved: (first + 1..<start).map { Double(bitPattern: UInt64(bitPattern: values[$0])) }))
            add((start..<list.upperBound).map { Value(bits: values[$0]) }, to: Int(targets[row]))
        }
    }
}

/// `percentile_approx` and `histogram_numeric`: a stream histogram a group.
private final class HistogramAccumulator: Accumulator {
    enum Result: Sendable { case percentile, percentiles, bins }

    private var groups: [StreamHistogram?] = []
    private var fractions = Fractions()
    /// Bytes of all histograms.
    private var histogramBytes = 0
    private let result: Result
    private let limit: Int

    init(_ result: Result, limit: Int) {
        self.result = result
        self.limit = limit
    }

    package var byteCount: Int { groups.capacity * MemoryLayout<StreamHistogram?>.stride + histogramBytes }

    package func resize(groupCount: Int) {
        while groups.count < groupCount { groups.append(nil) }
    }

    package func reset(_ range: Range<Int>) {
        for group in range {
            histogramBytes -= groups[group]?.byteCount ?? 0
            groups[group] = nil
        }
    }

    private func add(_ value: Double, to group: Int) { change(group) { $0.add(value) } }

    private func change(_ group: Int, _ body: (inout StreamHistogram) -> Void) {
        if groups[group] == nil { groups[group] = StreamHistogram(limit: limit) }
        histogramBytes -= groups[group]?.byteCount ?? 0
        groups[group]?.apply(body)
        histogramBytes += groups[group]?.byteCount ?? 0
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups targets: UnsafePointer<Int32>) throws {
        guard rows.count > 0 else { return }
        if result != .bins { try fractions.read(arguments[1], rows[0]) }
        let values = arguments[0].values(as: Double.self)
        forEachValid(arguments[0], rows) { ordinal, element in add(values[element], to: Int(targets[ordinal])) }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) throws {
        guard rows.count > 0 else { return }
        if result != .bins { try fractions.read(arguments[1], rows[0]) }
        let values = arguments[0].values(as: Double.self)
        forEachValid(arguments[0], rows) { _, element in add(values[element], to: group) }
    }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? HistogramAccumulator else { throw AccumulatorMismatch.error }
        fractions.adopt(other.fractions)
        for pair in 0..<count {
            guard let added = other.groups[Int(sources[pair])] else { continue }
            change(Int(targets[pair])) { $0.merge(added) }
        }
    }

    private func settled(_ group: Int) -> StreamHistogram? {
        if groups[group] != nil { change(group) { $0.settle() } }
        return groups[group]
    }

    package func finish(_ range: Range<Int>) -> Column {
        guard result == .bins else {
            return percentileColumn(result == .percentiles, range) { group in
                settled(group).map { histogram in fractions.values.compactMap { histogram.quantile($0) } }
            }
        }
        let builder = ColumnBuilder(HistogramAccumulator.binsType, capacity: range.count)
        for group in range {
            guard let histogram = settled(group) else {
                builder.appendNull()
                continue
            }
            let structs = builder.children[0]
            for bin in histogram.bins {
                structs.children[0].append(bin.position)
                structs.children[1].append(bin.weight)
                structs.appendStructure()
            }
            builder.append(listOf: histogram.bins.count)
        }
        return builder.finish()
    }

    static let binsType = SQLType.array(
        .structure([StructField(name: "x", type: .double), StructField(name: "y", type: .double)]))

    /// A row holds how many fractions, the fractions, then position and weight of each bin.
    package func save(_ range: Range<Int>) throws -> Column {
        let builder = ColumnBuilder(.array(.double), capacity: range.count)
        for group in range {
            let bins = settled(group)?.bins ?? []
            let words = [Double(fractions.values.count)] + fractions.values + bins.flatMap { [$0.position, $0.weight] }
            for word in words { builder.children[0].append(word) }
            builder.append(listOf: words.count)
        }
        return builder.finish()
    }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        guard let words = saved.children.first, words.type == .double else { throw AccumulatorMismatch.error }
        let values = words.values(as: Double.self)
        for row in 0..<saved.count {
            guard let list = saved.list(row), let first = list.first, let count = Int(exactly: values[first]), count >= 0,
                count < list.count
            else { throw AccumulatorMismatch.error }
            let start = first + 1 + count
            fractions.adopt(Fractions(saved: (first + 1..<start).map { values[$0] }))
            var bins: [StreamHistogram.Bin] = []
            for place in stride(from: start, to: list.upperBound - 1, by: 2) {
                bins.append(StreamHistogram.Bin(position: values[place], weight: values[place + 1]))
            }
            guard !bins.isEmpty else { continue }
            change(Int(targets[row])) { $0.merge(bins) }
        }
    }
}

/// The type percentiles are asked for in: a number, or an array of numbers.
private func fractionsType(_ call: FunctionCall, _ index: Int = 1) throws -> (type: SQLType, isArray: Bool) {
    switch call.argumentTypes[index] {
    case .array(let element) where element.isNumeric: (.array(.double), true)
    // `array()` is an array of texts.
    case .array(.string) where call.constants[1]?.list(0)?.isEmpty ?? false: (.array(.double), true)
    case let type where type.isNumeric: (.double, false)
    case let type:
        throw FunctionError(
            .argumentType(index), "A percentile must be a number or an array of numbers, but \(type) was passed.")
    }
}

private func binCount(_ call: FunctionCall, _ index: Int, fallback: Int) throws -> Int {
    guard call.count > index else { return fallback }
    guard call.argumentTypes[index].isIntegral, let bins = call.constantInteger(index) else {
        throw FunctionError(.argumentType(index), "The number of histogram bins must be an integer constant.")
    }
    guard bins >= 2, bins <= 10_000_000 else {
        throw FunctionError(.argumentType(index), "\(call.name) needs nb to be at least 2, but you supplied \(bins).")
    }
    return Int(bins)
}

private func numericArgument(_ call: FunctionCall, _ index: Int = 0) throws {
    let type = call.argumentTypes[index]
    guard type.isNumeric || type.isCharacter || type == .timestamp || type == .void else {
        throw FunctionError(.argumentType(index), "Only numeric type arguments are accepted but \(type) was passed as parameter \(index + 1).")
    }
}

/// `percentile_cont` and `percentile_disc`: of the first argument, or of the key that WITHIN GROUP orders by.
private func exactPercentile(_ name: String, _ rule: PercentileRule, _ usage: String) -> AggregateFunction {
    AggregateFunction(
        name,
        documentation: FunctionDocumentation(
            usage,
            extended: "p is a fraction between 0 and 1 or an array of them.\n"
                + "Example:\n  > SELECT _FUNC_(0.5) WITHIN GROUP (ORDER BY fare) FROM trips;\n  > SELECT _FUNC_(fare, 0.5) FROM trips;"),
        traits: AggregateTraits(acceptsSortKeys: true),
        resolve: { call in
            guard call.sortKeyCount <= 1, call.writtenCount == 2 - call.sortKeyCount else {
                throw FunctionError(
                    .argumentCount, "\(name) takes a number and a fraction, or a fraction and WITHIN GROUP (ORDER BY number)")
            }
            let valuePlace = call.sortKeyCount
            try numericArgument(call, valuePlace)
            let (type, isArray) = try fractionsType(call, 1 - valuePlace)
            let isDescending = call.sortKeyCount == 1 && call.sortOrders[0].isDescending
            return ResolvedAggregate(
                argumentTypes: (valuePlace == 0 ? [.double, type] : [type, .double]) + call.argumentTypes.dropFirst(2),
                resultType: isArray ? .array(.double) : .double
            ) { _ in PercentileAccumulator<Double>(rule, isArray: isArray, isDescending: isDescending, valuePlace: valuePlace) }
        })
}

/// The middle of numbers, or the mean of the two in the middle.
private let median = AggregateFunction(
    "median",
    documentation: FunctionDocumentation(
        "_FUNC_(expr) - Returns the middle value of numbers, between two the mean of them",
        extended: "Example:\n  > SELECT _FUNC_(fare) FROM trips;"),
    resolve: { call in
        guard call.count == 1 else { throw FunctionError(.argumentCount, "Exactly one argument is expected.") }
        try numericArgument(call)
        return ResolvedAggregate(argumentTypes: [.double], resultType: .double) { _ in
            PercentileAccumulator<Double>(.interpolated, isArray: false, fractions: Fractions(saved: [0.5]))
        }
    })

let percentileFunctions: [AggregateFunction] = [
    exactPercentile(
        "percentile_cont", .interpolated,
        "_FUNC_(p) WITHIN GROUP (ORDER BY expr [DESC]) - Returns the exact percentile of numbers, interpolated between two"),
    exactPercentile(
        "percentile_disc", .following,
        "_FUNC_(p) WITHIN GROUP (ORDER BY expr [DESC]) - Returns the exact percentile of numbers, one of them"),
    median,
    AggregateFunction(
        "percentile",
        documentation: FunctionDocumentation(
            "_FUNC_(expr, p) - Returns the exact percentile of an integer column, for a p or an array of them between 0 and 1"),
        resolve: { call in
            guard call.count == 2 else { throw FunctionError(.argumentCount, "percentile takes an integer column and a fraction, got \(call.count) arguments") }
            guard call.argumentTypes[0].isIntegral || call.argumentTypes[0] == .void else {
                throw FunctionError(.argumentType(0), "No matching method for class org.apache.hadoop.hive.ql.udf.UDAFPercentile with (\(call.argumentTypes.map(\.description).joined(separator: ", ")))")
            }
            let (type, isArray) = try fractionsType(call)
            return ResolvedAggregate(argumentTypes: [.bigint, type], resultType: isArray ? .array(.double) : .double) { _ in
                PercentileAccumulator<Int64>(.interpolated, isArray: isArray)
            }
        }),
    AggregateFunction(
        "percentile_approx", "approx_percentile",
        documentation: FunctionDocumentation(
            "_FUNC_(expr, p[, nb]) - Returns an approximate percentile of numbers from a histogram of nb bins (10000 unless given)",
            extended: "Exact when expr has at most nb different values. p is a fraction between 0 and 1 or an array of them."),
        // What bins become one depends on the order of the rows.
        traits: AggregateTraits(isOrderSensitive: true),
        resolve: { call in
            guard (2...3).contains(call.count) else {
                throw FunctionError(.argumentCount, "Please specify either two or three arguments.")
            }
            try numericArgument(call)
            let (type, isArray) = try fractionsType(call)
            let bins = try binCount(call, 2, fallback: 10_000)
            return ResolvedAggregate(
                argumentTypes: [.double, type] + (call.count == 3 ? [.int] : []),
                resultType: isArray ? .array(.double) : .double
            ) { _ in HistogramAccumulator(isArray ? .percentiles : .percentile, limit: bins) }
        }),
    AggregateFunction(
        "histogram_numeric",
        documentation: FunctionDocumentation(
            "_FUNC_(expr, nb) - Returns a histogram of nb bins as an array of structs of centre x and height y"),
        traits: AggregateTraits(isOrderSensitive: true),
        resolve: { call in
            guard call.count == 2 else {
                throw FunctionError(.argumentCount, "Please specify exactly two arguments.")
            }
            try numericArgument(call)
            let bins = try binCount(call, 1, fallback: 10)
            return ResolvedAggregate(argumentTypes: [.double, .int], resultType: HistogramAccumulator.binsType) { _ in
                HistogramAccumulator(.bins, limit: bins)
            }
        }),
]
