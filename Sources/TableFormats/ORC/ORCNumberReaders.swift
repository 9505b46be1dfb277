import Columnar

/// BOOLEAN: bits.
final class ORCBooleanReader: ORCColumnReader {
    private let data: ORCBooleanDecoder

    init(_ node: ORCSchemaNode, _ streams: ORCStripeStreams) throws {
        data = ORCBooleanDecoder(try streams.open(.data, node.id))
        try super.init(node, streams)
    }

    override func read(_ count: Int, mask: ValidityBitmap?) throws -> Column {
        let presence = try presence(count, mask)
        let column = try makeColumn(count, presence)
        let target = column.values(as: UInt8.self)
        let bits = try numbers(presence.count / 64 + 1)
        let words = UnsafeMutableRawPointer(bits).assumingMemoryBound(to: UInt64.self)
        try data.read(into: words, count: presence.count)
        for row in 0..<presence.count {
            target[row] = UInt8(truncatingIfNeeded: words[row >> 6] >> UInt64(row & 63) & 1)
        }
        presence.spread(target, rows: count)
        return column
    }

    override func seekData(_ positions: inout ORCPositions) throws { try data.seek(&positions) }
}

/// TINYINT: bytes.
final class ORCByteReader: ORCColumnReader {
    private let data: ORCByteDecoder

    init(_ node: ORCSchemaNode, _ streams: ORCStripeStreams) throws {
        data = ORCByteDecoder(try streams.open(.data, node.id))
        try super.init(node, streams)
    }

    override func read(_ count: Int, mask: ValidityBitmap?) throws -> Column {
        let presence = try presence(count, mask)
        let column = try makeColumn(count, presence)
        let target = column.values(as: Int8.self)
        try data.read(into: UnsafeMutableRawPointer(target).assumingMemoryBound(to: UInt8.self), count: presence.count)
        presence.spread(target, rows: count)
        return column
    }

    override func seekData(_ positions: inout ORCPositions) throws { try data.seek(&positions) }
}

/// SMALLINT, INT, BIGINT and DATE.
final class ORCIntegerReader: ORCColumnReader {
    private let data: ORCIntegerDecoder
    private let isHybridDate: Bool

    init(_ node: ORCSchemaNode, _ streams: ORCStripeStreams) throws {
        data = try streams.integers(.data, node.id, signed: true)
        isHybridDate = node.type == .date && !streams.usesProlepticCalendar
        try super.init(node, streams)
    }

    override func read(_ count: Int, mask: ValidityBitmap?) throws -> Column {
        let presence = try presence(count, mask)
        let column = try makeColumn(count, presence)
        switch type.physical {
        case .int64:
            let target = column.values(as: Int64.self)
            try data.read(into: target, count: presence.count)
            presence.spread(target, rows: count)
        case .int32:
            try narrow(column.values(as: Int32.self), count, presence) { Int32(truncatingIfNeeded: $0) }
            if isHybridDate { makeProleptic(column.values(as: Int32.self), count) }
        default:
            try narrow(column.values(as: Int16.self), count, presence) { Int16(truncatingIfNeeded: $0) }
        }
        return column
    }

    @inline(__always)
    private func narrow<T: ColumnElement>(
        _ target: UnsafeMutablePointer<T>, _ count: Int, _ presence: Presence, _ convert: (Int64) -> T
    ) throws {
        let wide = try numbers(presence.count)
        try data.read(into: wide, count: presence.count)
        for row in 0..<presence.count { target[row] = convert(wide[row]) }
        presence.spread(target, rows: count)
    }

    private func makeProleptic(_ days: UnsafeMutablePointer<Int32>, _ count: Int) {
        for row in 0..<count { days[row] = ORCCalendar.proleptic(days[row]) }
    }

    override func seekData(_ positions: inout ORCPositions) throws { try data.seek(&positions) }
}

/// FLOAT and DOUBLE: IEEE 754, lowest byte first.
final class ORCFloatingPointReader: ORCColumnReader {
    private let data: ORCStream

    init(_ node: ORCSchemaNode, _ streams: ORCStripeStreams) throws {
        data = try streams.open(.data, node.id)
        try super.init(node, streams)
    }

    override func read(_ count: Int, mask: ValidityBitmap?) throws -> Column {
        let presence = try presence(count, mask)
        let column = try makeColumn(count, presence)
        // Memory is little-endian on all machines that Swift compiles for.
        try data.read(
            into: column.rawValues.assumingMemoryBound(to: UInt8.self), count: presence.count * type.physical.stride)
        if type == .float {
            presence.spread(column.values(as: Float.self), rows: count)
        } else {
            presence.spread(column.values(as: Double.self), rows: count)
        }
        return column
    }

    override func seekData(_ positions: inout ORCPositions) throws { try data.seek(&positions) }
}
