import Columnar

/// DECIMAL: numbers of any length beside the scale of each.
final class ORCDecimalReader: ORCColumnReader {
    private let data: ORCStream
    private let scales: ORCIntegerDecoder
    private let precision: Int
    private let scale: Int

    init(_ node: ORCSchemaNode, _ streams: ORCStripeStreams, precision: Int, scale: Int) throws {
        data = try streams.open(.data, node.id)
        scales = try streams.integers(.secondary, node.id, signed: true)
        self.precision = precision
        self.scale = scale
        try super.init(node, streams)
    }

    override func read(_ count: Int, mask: ValidityBitmap?) throws -> Column {
        let presence = try presence(count, mask)
        let column = try makeColumn(count, presence)
        let target = column.values(as: Int128.self)
        let valueScales = try numbers(presence.count)
        try scales.read(into: valueScales, count: presence.count)
        try readValues(target, presence.count)
        var tooLarge: [Int] = []
        let limit = Decimals.powerOfTen(precision)
        for index in 0..<presence.count {
            let value = target[index]
            if valueScales[index] == Int64(scale), value < limit, value > -limit { continue }
            let from = Int(clamping: valueScales[index])
            if let fitting = Self.rescale(value, from: from, to: scale, precision: precision) {
                target[index] = fitting
            } else {
                target[index] = 0
                tooLarge.append(index)
            }
        }
        presence.spread(target, rows: count)
        if !tooLarge.isEmpty { setNull(tooLarge, in: column, presence) }
        return column
    }

    private static func rescale(_ value: Int128, from: Int, to: Int, precision: Int) -> Int128? {
        if value == 0 { return 0 }
        if from < 0 { return from < -38 ? nil : Decimals.rescale(value, from: 0, to: to - from, precision: precision) }
        // Nothing is left of a value whose digits all stand behind the last place.
        if from - to > 38 { return 0 }
        return Decimals.rescale(value, from: from, to: to, precision: precision)
    }

    /// Values that do not fit the column's type are NULL, as in Hive. `ordinals` count values, not rows.
    private func setNull(_ ordinals: [Int], in column: Column, _ presence: Presence) {
        let bits = presence.validity.map(ValidityBitmap.init(copying:)) ?? ValidityBitmap(count: column.count)
        var ordinal = 0
        var next = 0
        for row in 0..<column.count where presence.validity?[row] ?? true {
            if next < ordinals.count, ordinals[next] == ordinal {
                bits.clear(row)
                next += 1
            }
            ordinal += 1
        }
        column.setValidity(bits)
    }

    /// Base 128 with the lowest group first, of zigzag numbers.
    private func readValues(_ target: UnsafeMutablePointer<Int128>, _ count: Int) throws {
        var index = 0
        while index < count {
            try data.fill(min((count - index) * 19, 4096))
            var position = 0
            let available = data.available
            let bytes = data.cursor
            // A number that is cut off by the end of what is available is read after the next fill.
            while index < count {
                var low: UInt64 = 0
                var used = 0
                var isComplete = false
                while used < 9, position + used < available {
                    let byte = bytes[position + used]
                    low |= UInt64(byte & 0x7F) &<< UInt64(7 &* used)
                    used &+= 1
                    if byte < 0x80 {
                        isComplete = true
                        break
                    }
                }
                if isComplete {
                    target[index] = Int128(Int64(bitPattern: low >> 1) ^ (0 &- Int64(bitPattern: low & 1)))
                } else {
                    guard let wide = try wideValue(bytes + position, available - position, &used) else { break }
                    target[index] = wide
                }
                position += used
                index += 1
            }
            guard position > 0 else { throw data.damaged("it ends within a number") }
            data.advance(position)
        }
    }

    /// nil: it is cut off.
    private func wideValue(_ bytes: UnsafePointer<UInt8>, _ available: Int, _ used: inout Int) throws -> Int128? {
        var value: UInt128 = 0
        for index in 0..<min(available, 19) {
            let byte = bytes[index]
            // 18 groups are 126 bits: two are left.
            if index == 18, byte > 3 { throw data.damaged("a number has more than 38 digits") }
            value |= UInt128(byte & 0x7F) << UInt128(7 * index)
            if byte < 0x80 {
                used = index + 1
                return Int128(bitPattern: value >> 1) ^ (0 &- Int128(bitPattern: value & 1))
            }
        }
        if available >= 19 { throw data.damaged("a number has more than 38 digits") }
        return nil
    }

    override func seekData(_ positions: inout ORCPositions) throws {
        try data.seek(&positions)
        try scales.seek(&positions)
    }
}

/// DECIMAL of at most 18 digits in files of version 2: integers of the column's own scale.
final class ORCShortDecimalReader: ORCColumnReader {
    private let data: ORCIntegerDecoder

    init(_ node: ORCSchemaNode, _ streams: ORCStripeStreams) throws {
        data = ORCIntegerDecoder(try streams.open(.data, node.id), signed: true, version2: true)
        try super.init(node, streams)
    }

    override func read(_ count: Int, mask: ValidityBitmap?) throws -> Column {
        let presence = try presence(count, mask)
        let column = try makeColumn(count, presence)
        let target = column.values(as: Int128.self)
        let wide = try numbers(presence.count)
        try data.read(into: wide, count: presence.count)
        for row in 0..<presence.count { target[row] = Int128(wide[row]) }
        presence.spread(target, rows: count)
        return column
    }

    override func seekData(_ positions: inout ORCPositions) throws { try data.seek(&positions) }
}
