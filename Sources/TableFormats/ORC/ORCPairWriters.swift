import Columnar

/// A column of two streams of numbers: DECIMAL and timestamps.
class ORCPairWriter: ORCColumnWriter {
    let scratch = ORCScratch()
    private(set) lazy var secondary = ORCIntegerEncoder(makeStream(), signed: isSecondarySigned)

    var isSecondarySigned: Bool { false }
    /// The first stream.
    var data: ORCOutputStream { preconditionFailure("a writer of \(type) without a stream") }
    func flushData() throws {}
    func appendDataPosition(to positions: inout [UInt64]) {}

    override final func flushValues() throws {
        try flushData()
        try secondary.flush()
    }

    override final func appendDataPosition() {
        var positions: [UInt64] = []
        appendDataPosition(to: &positions)
        secondary.appendPosition(to: &positions)
        dataPositions.append(positions)
    }

    override final func finishStreams() throws -> [(kind: ORCStripeFooter.StreamKind, stream: ORCOutputStream)] {
        [(.data, data), (.secondary, secondary.stream)]
    }

    override final var encoding: ORCStripeFooter.Encoding { .init(kind: .directV2) }
    override final var bufferedBytes: Int { data.byteCount + secondary.stream.byteCount }

    override final func removeStripe() {
        data.removeAll()
        secondary.stream.removeAll()
    }
}

/// DECIMAL: numbers in base 128, all with the column's scale.
final class ORCDecimalWriter: ORCPairWriter {
    private lazy var numbers = makeStream()

    override var isSecondarySigned: Bool { true }
    override var data: ORCOutputStream { numbers }
    override func appendDataPosition(to positions: inout [UInt64]) { numbers.appendPosition(to: &positions) }

    override func writeValues(_ source: Column, _ elements: UnsafeBufferPointer<Int>) throws {
        guard let first = elements.first, case .decimal(_, let scale) = type else { return }
        let values = source.values(as: Int128.self)
        var (low, high) = (values[first], values[first])
        var sum: Int128? = 0
        let scales = scratch.room(elements.count)
        let target = numbers.raw.reserve(elements.count * 19)
        var used = 0
        for index in 0..<elements.count {
            let value = values[elements[index]]
            scales[index] = Int64(scale)
            low = min(low, value)
            high = max(high, value)
            if let before = sum {
                let (next, isTooLarge) = before.addingReportingOverflow(value)
                sum = isTooLarge ? nil : next
            }
            var rest = UInt128(bitPattern: value << 1 ^ value >> 127)
            while rest >= 0x80 {
                target[used] = UInt8(truncatingIfNeeded: rest) | 0x80
                used &+= 1
                rest >>= 7
            }
            target[used] = UInt8(truncatingIfNeeded: rest)
            used &+= 1
        }
        numbers.raw.advance(used)
        try numbers.settle()
        try secondary.write(scales, count: elements.count)
        statistics.add(minimum: .decimal(low), maximum: .decimal(high))
        statistics.add(sum: sum)
    }
}

/// TIMESTAMP, written as the wall clock of UTC, and TIMESTAMP WITH LOCAL TIME ZONE.
final class ORCTimestampWriter: ORCPairWriter {
    private lazy var seconds = ORCIntegerEncoder(makeStream(), signed: true)

    override var data: ORCOutputStream { seconds.stream }
    override func flushData() throws { try seconds.flush() }
    override func appendDataPosition(to positions: inout [UInt64]) { seconds.appendPosition(to: &positions) }

    override func writeValues(_ source: Column, _ elements: UnsafeBufferPointer<Int>) throws {
        guard let first = elements.first else { return }
        let values = source.values(as: Timestamp.self)
        var (low, high) = (Self.readBack(values[first]), Self.readBack(values[first]))
        let target = scratch.room(elements.count)
        for index in 0..<elements.count {
            let value = values[elements[index]]
            let kept = Self.readBack(value)
            if kept < low { low = kept }
            if high < kept { high = kept }
            // All readers expect that milliseconds were cut toward the epoch.
            let isCut = value.seconds < 0 && value.nanoseconds > 999_999
            target[index] = value.seconds &- ORCTimestampReader.base &+ (isCut ? 1 : 0)
        }
        try seconds.write(target, count: elements.count)
        for index in 0..<elements.count { target[index] = Self.coded(values[elements[index]].nanoseconds) }
        try secondary.write(target, count: elements.count)
        statistics.add(minimum: .timestamp(low), maximum: .timestamp(high))
    }

    /// What readers find in place of a value: those of the last second before 1970 come back as of the first one after it.
    @inline(__always)
    static func readBack(_ value: Timestamp) -> Timestamp {
        value.seconds == -1 && value.nanoseconds > 999_999 ? Timestamp(seconds: 0, nanoseconds: value.nanoseconds) : value
    }

    /// Nanoseconds without zeros at the end, whose number less one stands in the lowest three bits.
    private static func coded(_ nanoseconds: Int32) -> Int64 {
        var value = Int64(nanoseconds)
        guard value != 0 else { return 0 }
        guard value % 100 == 0 else { return value << 3 }
        value /= 100
        var zeros: Int64 = 1
        while value % 10 == 0, zeros < 7 {
            value /= 10
            zeros += 1
        }
        return value << 3 | zeros
    }
}
