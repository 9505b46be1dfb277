import Columnar

/// Gathers the statistics of one column: of a row group, a stripe or the file.
struct ORCStatisticsBuilder {
    private(set) var valueCount = 0
    private(set) var nullCount = 0
    private(set) var minimum: ORCColumnStatistics.Bound?
    private(set) var maximum: ORCColumnStatistics.Bound?
    /// Of integers and DECIMAL, or bytes of strings; nil: too large.
    private var sum: Int128? = 0
    private var doubleSum = 0.0
    private var trueCount = 0
    private var byteCount = 0
    private(set) var hasNaN = false

    var hasNull: Bool { nullCount > 0 }

    mutating func add(values: Int, nulls: Int) {
        valueCount += values
        nullCount += nulls
    }

    mutating func add(minimum: ORCColumnStatistics.Bound, maximum: ORCColumnStatistics.Bound) {
        self.minimum = self.minimum.map { Self.isBefore(minimum, $0) ? minimum : $0 } ?? minimum
        self.maximum = self.maximum.map { Self.isBefore($0, maximum) ? maximum : $0 } ?? maximum
    }

    mutating func add(sum more: Int128?) {
        guard let sum, let more else { return self.sum = nil }
        let (total, isTooLarge) = sum.addingReportingOverflow(more)
        self.sum = isTooLarge ? nil : total
    }

    mutating func add(doubleSum more: Double, hasNaN: Bool) {
        doubleSum += more
        self.hasNaN = self.hasNaN || hasNaN
    }

    mutating func add(trueCount more: Int) { trueCount += more }

    mutating func add(byteCount more: Int) { byteCount += more }

    mutating func merge(_ other: ORCStatisticsBuilder) {
        valueCount += other.valueCount
        nullCount += other.nullCount
        if let minimum = other.minimum, let maximum = other.maximum { add(minimum: minimum, maximum: maximum) }
        add(sum: other.sum)
        add(doubleSum: other.doubleSum, hasNaN: other.hasNaN)
        trueCount += other.trueCount
        byteCount += other.byteCount
    }

    private static func isBefore(_ left: ORCColumnStatistics.Bound, _ right: ORCColumnStatistics.Bound) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.double(let left), .double(let right)): left < right
        case (.bytes(let left), .bytes(let right)): left.lexicographicallyPrecedes(right)
        case (.decimal(let left), .decimal(let right)): left < right
        case (.day(let left), .day(let right)): left < right
        case (.timestamp(let left), .timestamp(let right)): left < right
        default: false
        }
    }

    // MARK: Form in the file

    /// Longer bounds of strings are cut.
    private static let longestBound = 64 << 10

    func encode(_ type: SQLType, to message: inout ProtobufWriter) {
        message.count(1, valueCount)
        switch type {
        case .boolean: message.message(5) { $0.packed(1, [UInt64(trueCount)]) }
        case .binary: message.message(8) { $0.zigzag(1, Int64(byteCount)) }
        default: if let minimum, let maximum { encode(type, minimum, maximum, to: &message) }
        }
        message.unsigned(10, hasNull ? 1 : 0)
    }

    private func encode(
        _ type: SQLType, _ minimum: ORCColumnStatistics.Bound, _ maximum: ORCColumnStatistics.Bound,
        to message: inout ProtobufWriter
    ) {
        switch (minimum, maximum) {
        case (.integer(let low), .integer(let high)):
            message.message(2) {
                $0.zigzag(1, low)
                $0.zigzag(2, high)
                if let sum, let small = Int64(exactly: sum) { $0.zigzag(3, small) }
            }
        case (.double(let low), .double(let high)):
            // Bounds that leave NaN out would be taken for bounds of all values.
            guard !hasNaN else { return }
            message.message(3) {
                $0.double(1, low)
                $0.double(2, high)
                $0.double(3, doubleSum)
            }
        case (.bytes(let low), .bytes(let high)):
            message.message(4) {
                if low.count <= Self.longestBound { $0.bytes(1, low) } else { $0.bytes(4, Self.prefix(low)) }
                if high.count <= Self.longestBound {
                    $0.bytes(2, high)
                } else {
                    // No character comes behind this one.
                    $0.bytes(5, Self.prefix(high) + [0xF4, 0x8F, 0xBF, 0xBF])
                }
                $0.zigzag(3, Int64(byteCount))
            }
        case (.decimal(let low), .decimal(let high)):
            guard case .decimal(_, let scale) = type else { return }
            message.message(6) {
                $0.bytes(1, Self.text(low, scale))
                $0.bytes(2, Self.text(high, scale))
                if let sum, Decimals.checked(sum, precision: 38) != nil { $0.bytes(3, Self.text(sum, scale)) }
            }
        case (.day(let low), .day(let high)):
            message.message(7) {
                $0.zigzag(1, Int64(low))
                $0.zigzag(2, Int64(high))
            }
        case (.timestamp(let low), .timestamp(let high)):
            message.message(9) {
                // Of a file written in UTC the local form is the same.
                for (number, time) in [(1, low), (2, high), (3, low), (4, high)] {
                    $0.zigzag(number, time.seconds &* 1000 &+ Int64(time.nanoseconds / 1_000_000))
                }
                $0.count(5, Int(low.nanoseconds % 1_000_000) + 1)
                $0.count(6, Int(high.nanoseconds % 1_000_000) + 1)
            }
        default: return
        }
    }

    /// Whole characters.
    private static func prefix(_ bytes: [UInt8]) -> [UInt8] {
        var end = longestBound
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return Array(bytes[0..<end])
    }

    private static func text(_ value: Int128, _ scale: Int) -> [UInt8] {
        let buffer = ByteBuffer(capacity: 64)
        NumberFormatter.append(value, scale: scale, trimming: true, to: buffer)
        return Array(buffer.bytes)
    }
}
