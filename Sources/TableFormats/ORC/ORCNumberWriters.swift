import Columnar

/// BOOLEAN.
final class ORCBooleanWriter: ORCColumnWriter {
    private lazy var data = ORCBooleanEncoder(makeStream())

    override func writeValues(_ source: Column, _ elements: UnsafeBufferPointer<Int>) throws {
        let values = source.values(as: UInt8.self)
        var trueCount = 0
        for element in elements {
            try data.write(values[element] != 0)
            trueCount &+= values[element] != 0 ? 1 : 0
        }
        statistics.add(trueCount: trueCount)
    }

    override func flushValues() throws { try data.flush() }

    override func appendDataPosition() {
        var positions: [UInt64] = []
        data.appendPosition(to: &positions)
        dataPositions.append(positions)
    }

    override func finishStreams() throws -> [(kind: ORCStripeFooter.StreamKind, stream: ORCOutputStream)] {
        try data.finish()
        return [(.data, data.stream)]
    }

    override var bufferedBytes: Int { data.stream.byteCount }
    override func removeStripe() { data.stream.removeAll() }
}

/// TINYINT.
final class ORCByteWriter: ORCColumnWriter {
    private lazy var data = ORCByteEncoder(makeStream())

    override func writeValues(_ source: Column, _ elements: UnsafeBufferPointer<Int>) throws {
        guard let first = elements.first else { return }
        let values = source.values(as: Int8.self)
        var (low, high, sum) = (values[first], values[first], 0)
        for element in elements {
            let value = values[element]
            try data.write(UInt8(bitPattern: value))
            low = min(low, value)
            high = max(high, value)
            sum &+= Int(value)
        }
        statistics.add(minimum: .integer(Int64(low)), maximum: .integer(Int64(high)))
        statistics.add(sum: Int128(sum))
    }

    override func flushValues() throws { try data.flush() }

    override func appendDataPosition() {
        var positions: [UInt64] = []
        data.appendPosition(to: &positions)
        dataPositions.append(positions)
    }

    override func finishStreams() throws -> [(kind: ORCStripeFooter.StreamKind, stream: ORCOutputStream)] {
        [(.data, data.stream)]
    }

    override var bufferedBytes: Int { data.stream.byteCount }
    override func removeStripe() { data.stream.removeAll() }
}

/// SMALLINT, INT, BIGINT and DATE.
final class ORCIntegerWriter: ORCColumnWriter {
    private lazy var data = ORCIntegerEncoder(makeStream(), signed: true)
    private let scratch = ORCScratch()

    override func writeValues(_ source: Column, _ elements: UnsafeBufferPointer<Int>) throws {
        switch type.physical {
        case .int64: try write(source.values(as: Int64.self), elements)
        case .int32: try write(source.values(as: Int32.self), elements)
        default: try write(source.values(as: Int16.self), elements)
        }
    }

    private func write<T: FixedWidthInteger>(_ values: UnsafePointer<T>, _ elements: UnsafeBufferPointer<Int>) throws {
        guard let first = elements.first else { return }
        let target = scratch.room(elements.count)
        var (low, high) = (values[first], values[first])
        // Sums of a batch fit: a batch has fewer than 2^63 rows.
        var sum: Int128 = 0
        for index in 0..<elements.count {
            let value = values[elements[index]]
            target[index] = Int64(truncatingIfNeeded: value)
            low = min(low, value)
            high = max(high, value)
            sum &+= Int128(truncatingIfNeeded: value)
        }
        try data.write(target, count: elements.count)
        if type == .date {
            statistics.add(
                minimum: .day(Int32(truncatingIfNeeded: low)), maximum: .day(Int32(truncatingIfNeeded: high)))
        } else {
            statistics.add(
                minimum: .integer(Int64(truncatingIfNeeded: low)), maximum: .integer(Int64(truncatingIfNeeded: high)))
            statistics.add(sum: sum)
        }
    }

    override func flushValues() throws { try data.flush() }

    override func appendDataPosition() {
        var positions: [UInt64] = []
        data.appendPosition(to: &positions)
        dataPositions.append(positions)
    }

    override func finishStreams() throws -> [(kind: ORCStripeFooter.StreamKind, stream: ORCOutputStream)] {
        [(.data, data.stream)]
    }

    override var encoding: ORCStripeFooter.Encoding { .init(kind: .directV2) }
    override var bufferedBytes: Int { data.stream.byteCount }
    override func removeStripe() { data.stream.removeAll() }
}

/// FLOAT and DOUBLE.
final class ORCFloatingPointWriter: ORCColumnWriter {
    private lazy var data = makeStream()

    override func writeValues(_ source: Column, _ elements: UnsafeBufferPointer<Int>) throws {
        if type == .float {
            try write(source.values(as: Float.self), elements)
        } else {
            try write(source.values(as: Double.self), elements)
        }
    }

    private func write<T: BinaryFloatingPoint>(_ values: UnsafePointer<T>, _ elements: UnsafeBufferPointer<Int>) throws {
        guard !elements.isEmpty else { return }
        let stride = MemoryLayout<T>.stride
        let target = UnsafeMutableRawPointer(data.raw.reserve(elements.count * stride))
        var (low, high, sum) = (Double.infinity, -Double.infinity, 0.0)
        var hasNaN = false
        for index in 0..<elements.count {
            let value = values[elements[index]]
            target.storeBytes(of: value, toByteOffset: index * stride, as: T.self)
            let wide = Double(value)
            if wide < low { low = wide }
            if wide > high { high = wide }
            hasNaN = hasNaN || wide != wide
            sum += wide
        }
        data.raw.advance(elements.count * stride)
        try data.settle()
        statistics.add(doubleSum: sum, hasNaN: hasNaN)
        if low <= high { statistics.add(minimum: .double(low), maximum: .double(high)) }
    }

    override func appendDataPosition() {
        var positions: [UInt64] = []
        data.appendPosition(to: &positions)
        dataPositions.append(positions)
    }

    override func finishStreams() throws -> [(kind: ORCStripeFooter.StreamKind, stream: ORCOutputStream)] { [(.data, data)] }
    override var bufferedBytes: Int { data.byteCount }
    override func removeStripe() { data.removeAll() }
}
