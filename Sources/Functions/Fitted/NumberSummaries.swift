// What scalers keep of numbers.

/// Count, mean and spread.
struct Moments: NumberSummary {
    private var count: Int64 = 0
    private var sum = ExactSum(.smallest)
    private var squares = ExactSum(.smallestSquared)

    init() {}

    var heapBytes: Int { sum.heapBytes + squares.heapBytes }

    var rowCount: Int64 { count }
    /// nil of no numbers.
    var mean: Double? { count > 0 ? sum.divided(by: count) : nil }
    /// Of the sample: the sum of squared distances is divided by one less than the count.
    var deviation: Double { ExactSum.deviation(count: count, sum: sum, squares: squares) }

    /// Of all there are: the sum of squared distances is divided by the count.
    var wholeDeviation: Double { count > 1 ? deviation * (Double(count - 1) / Double(count)).squareRoot() : 0 }

    mutating func add(_ value: Double) {
        count &+= 1
        sum.add(value)
        squares.add(value)
    }

    mutating func merge(_ other: Moments) {
        count &+= other.count
        sum.add(other.sum)
        squares.add(other.squares)
    }

    func write(to writer: inout FittedStateWriter) {
        writer.write(count)
        sum.write(to: &writer)
        squares.write(to: &writer)
    }

    init(_ reader: inout FittedStateReader) throws {
        count = try reader.number(Int64.self)
        sum = try ExactSum(.smallest, &reader)
        squares = try ExactSum(.smallestSquared, &reader)
    }
}

final class MomentsFitter: NumberFitter {
    let summaries = SummaryStorage<Moments>()
    let makeState: @Sendable (Moments) -> [UInt8]
    init(_ makeState: @escaping @Sendable (Moments) -> [UInt8]) { self.makeState = makeState }
}

/// The least and the greatest number; infinite, the other way round, of no numbers.
struct Extremes: NumberSummary {
    private(set) var least = Double.infinity
    private(set) var greatest = -Double.infinity

    init() {}

    var heapBytes: Int { 0 }
    var isEmpty: Bool { least > greatest }

    // Of -0.0 and 0.0 the first to come would stay.
    mutating func add(_ value: Double) {
        least = min(least, value + 0)
        greatest = max(greatest, value + 0)
    }

    mutating func merge(_ other: Extremes) {
        least = min(least, other.least)
        greatest = max(greatest, other.greatest)
    }

    func write(to writer: inout FittedStateWriter) {
        writer.write(least)
        writer.write(greatest)
    }

    init(_ reader: inout FittedStateReader) throws {
        least = Double(bitPattern: try reader.number(UInt64.self))
        greatest = Double(bitPattern: try reader.number(UInt64.self))
    }
}

final class ExtremesFitter: NumberFitter {
    let summaries = SummaryStorage<Extremes>()
    let makeState: @Sendable (Extremes) -> [UInt8]
    init(_ makeState: @escaping @Sendable (Extremes) -> [UInt8]) { self.makeState = makeState }
}

final class QuantileFitter: NumberFitter {
    let summaries = SummaryStorage<QuantileSketch>()
    let makeState: @Sendable (QuantileSketch) -> [UInt8]
    init(_ makeState: @escaping @Sendable (QuantileSketch) -> [UInt8]) { self.makeState = makeState }
}
