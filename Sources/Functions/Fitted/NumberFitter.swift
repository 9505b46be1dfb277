import Columnar

/// What is kept of the finite numbers of one group while they are learned from. Equal numbers lead to equal bytes of a
/// state, whatever their order and that of merges. NULL, NaN and infinities are never added: nothing could be scaled by
/// them.
protocol NumberSummary {
    init()
    /// Bytes that it holds outside of itself.
    var heapBytes: Int { get }
    mutating func add(_ value: Double)
    mutating func merge(_ other: Self)
    func write(to writer: inout FittedStateWriter)
    init(_ reader: inout FittedStateReader) throws
}

/// The summaries of all groups of an accumulator.
final class SummaryStorage<Summary: NumberSummary> {
    private(set) var groups: [Summary] = []
    private var heapBytes = 0

    var byteCount: Int { groups.capacity * MemoryLayout<Summary>.stride + heapBytes }

    func resize(_ groupCount: Int) {
        while groups.count < groupCount { groups.append(Summary()) }
    }

    func reset(_ range: Range<Int>) {
        for group in range { change(group) { $0 = Summary() } }
    }

    @inline(__always)
    func change<Result>(_ group: Int, _ body: (inout Summary) throws -> Result) rethrows -> Result {
        let before = groups[group].heapBytes
        defer { heapBytes += groups[group].heapBytes - before }
        return try body(&groups[group])
    }

    /// Adds rows to the groups that `groupOf` gives by their ordinals.
    @inline(__always)
    func add(_ column: Column, _ rows: RowSelection, _ groupOf: UnsafePointer<Int32>) {
        let values = column.values(as: Double.self)
        var grown = 0
        groups.withUnsafeMutableBufferPointer { groups in
            forEachValid(column, rows) { ordinal, element in
                let group = Int(groupOf[ordinal]), value = values[element]
                guard value.isFinite else { return }
                grown -= groups[group].heapBytes
                groups[group].add(value)
                grown += groups[group].heapBytes
            }
        }
        heapBytes += grown
    }

    @inline(__always)
    func add(_ column: Column, _ rows: RowSelection, _ group: Int) {
        let values = column.values(as: Double.self)
        change(group) { summary in
            forEachValid(column, rows) { _, element in
                let value = values[element]
                if value.isFinite { summary.add(value) }
            }
        }
    }
}

/// An accumulator of numbers whose groups are summaries, and whose values are states. The conforming class says which
/// summary, so that the loops are made for it; all else follows.
protocol NumberFitter: Accumulator {
    associatedtype Summary: NumberSummary
    var summaries: SummaryStorage<Summary> { get }
    /// The bytes of the state that a summary becomes.
    var makeState: @Sendable (Summary) -> [UInt8] { get }
}

extension NumberFitter {
    package func resize(groupCount: Int) { summaries.resize(groupCount) }
    package func reset(_ groups: Range<Int>) { summaries.reset(groups) }
    package var byteCount: Int { summaries.byteCount }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        summaries.add(arguments[0], rows, groups)
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) { summaries.add(arguments[0], rows, group) }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? Self else { throw AccumulatorMismatch.error }
        for pair in 0..<count {
            let source = other.summaries.groups[Int(sources[pair])]
            summaries.change(Int(targets[pair])) { $0.merge(source) }
        }
    }

    package func finish(_ groups: Range<Int>) -> Column {
        Column.binaries(groups.count) { row in makeState(summaries.groups[groups.lowerBound + row]) }
    }

    package func save(_ groups: Range<Int>) -> Column {
        Column.binaries(groups.count) { row in
            var writer = FittedStateWriter()
            summaries.groups[groups.lowerBound + row].write(to: &writer)
            return writer.bytes
        }
    }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        guard saved.type == .binary else { throw AccumulatorMismatch.error }
        for row in 0..<saved.count {
            var reader = FittedStateReader(saved.stringAnyEncoding(row), function: "an aggregate")
            let summary = try Summary(&reader)
            summaries.change(Int(targets[row])) { $0.merge(summary) }
        }
    }
}

extension Column {
    /// A flat BINARY column of `count` rows.
    static func binaries(_ count: Int, _ bytes: (Int) throws -> [UInt8]) rethrows -> Column {
        let builder = ColumnBuilder(.binary, capacity: count)
        for row in 0..<count { try bytes(row).withUnsafeBufferPointer { builder.append(bytes: $0) } }
        return builder.finish()
    }
}
