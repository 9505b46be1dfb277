import Columnar

/// TIMESTAMP: seconds since the beginning of 2015 where the file was written, and nanoseconds.
final class ORCTimestampReader: ORCColumnReader {
    private let seconds: ORCIntegerDecoder
    private let nanoseconds: ORCIntegerDecoder
    /// nil: instants, whose seconds count from 2015 in UTC.
    private let writerZone: ORCWriterZone?
    private let base: Int64
    private let isHybrid: Bool

    /// 2015-01-01 00:00:00.
    static let base: Int64 = 1_420_070_400

    init(_ node: ORCSchemaNode, _ streams: ORCStripeStreams) throws {
        seconds = try streams.integers(.data, node.id, signed: true)
        nanoseconds = try streams.integers(.secondary, node.id, signed: false)
        writerZone = node.type == .timestampLocalTimeZone ? nil : try streams.writerZone()
        base = writerZone?.base ?? Self.base
        isHybrid = !streams.usesProlepticCalendar
        try super.init(node, streams)
    }

    override func read(_ count: Int, mask: ValidityBitmap?) throws -> Column {
        let presence = try presence(count, mask)
        let column = try makeColumn(count, presence)
        let target = column.values(as: Timestamp.self)
        let numbers = try numbers(presence.count)
        try seconds.read(into: numbers, count: presence.count)
        let base = base
        for index in 0..<presence.count { target[index].seconds = numbers[index] &+ base }
        try nanoseconds.read(into: numbers, count: presence.count)
        for index in 0..<presence.count {
            var nanoseconds = try Self.nanoseconds(numbers[index], data: self.nanoseconds.stream)
            if nanoseconds < 0 {
                // Arrow's writer cuts seconds toward the epoch and leaves the rest its sign.
                nanoseconds += 1_000_000_000
                target[index].seconds &-= 1
            } else if target[index].seconds < 0, nanoseconds > 999_999 {
                // The others cut milliseconds toward the epoch.
                target[index].seconds &-= 1
            }
            target[index].nanoseconds = nanoseconds
        }
        writerZone?.makeLocal(target, presence.count)
        if isHybrid { makeProleptic(target, presence.count) }
        presence.spread(target, rows: count)
        return column
    }

    private static let powers: [Int64] = [1, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]

    /// The lowest three bits say how many zeros were cut off, less one.
    @inline(__always)
    private static func nanoseconds(_ coded: Int64, data: ORCStream) throws -> Int32 {
        let (value, isTooLarge) = (coded >> 3).multipliedReportingOverflow(by: powers[Int(coded & 7)])
        guard !isTooLarge, value.magnitude < 1_000_000_000 else { throw data.damaged("\(coded) is no number of nanoseconds") }
        return Int32(truncatingIfNeeded: value)
    }

    private func makeProleptic(_ times: UnsafeMutablePointer<Timestamp>, _ count: Int) {
        let start = Int64(ORCCalendar.gregorianStart) * 86_400
        for index in 0..<count where times[index].seconds < start {
            let (day, second) = CivilDate.split(times[index].seconds)
            times[index].seconds = Int64(ORCCalendar.proleptic(day)) * 86_400 + Int64(second)
        }
    }

    override func seekData(_ positions: inout ORCPositions) throws {
        try seconds.seek(&positions)
        try nanoseconds.seek(&positions)
    }
}
