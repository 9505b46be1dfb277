/// Bytes in runs, as `ORCByteDecoder` reads them.
final class ORCByteEncoder {
    let stream: ORCOutputStream
    private let literals = UnsafeMutablePointer<UInt8>.allocate(capacity: 128)
    private var count = 0
    private var isRepeat = false
    /// Equal bytes at the end of the literals.
    private var tail = 0

    init(_ stream: ORCOutputStream) { self.stream = stream }
    deinit { literals.deallocate() }

    func write(_ value: UInt8) throws {
        if isRepeat {
            if value == literals[0] {
                count += 1
                if count == 130 { try flush() }
                return
            }
            try flush()
        }
        tail = count > 0 && value == literals[count - 1] ? tail + 1 : 1
        if tail == 3 {
            count -= 2
            try flush()
            literals[0] = value
            isRepeat = true
            count = 3
        } else {
            literals[count] = value
            count += 1
            if count == 128 { try flush() }
        }
    }

    /// Ends the current run, so that the next value begins one.
    func flush() throws {
        if count > 0 {
            if isRepeat {
                stream.raw.append(UInt8(truncatingIfNeeded: count - 3))
                stream.raw.append(literals[0])
            } else {
                stream.raw.append(UInt8(bitPattern: Int8(truncatingIfNeeded: -count)))
                stream.raw.append(UnsafePointer(literals), count: count)
            }
            try stream.settle()
        }
        count = 0
        tail = 0
        isRepeat = false
    }

    /// - Precondition: no run is open.
    func appendPosition(to positions: inout [UInt64]) {
        stream.appendPosition(to: &positions)
        positions.append(0)
    }
}

/// Bits, as `ORCBooleanDecoder` reads them.
final class ORCBooleanEncoder {
    private let bytes: ORCByteEncoder
    private var current: UInt8 = 0
    private var count = 0

    var stream: ORCOutputStream { bytes.stream }

    init(_ stream: ORCOutputStream) { bytes = ORCByteEncoder(stream) }

    @inline(__always)
    func write(_ bit: Bool) throws {
        current = current << 1 | (bit ? 1 : 0)
        count += 1
        if count == 8 {
            try bytes.write(current)
            count = 0
        }
    }

    func write(ones more: Int) throws {
        var left = more
        while left > 0, count > 0 || left < 8 {
            try write(true)
            left -= 1
        }
        while left >= 8 {
            try bytes.write(0xFF)
            left -= 8
        }
        while left > 0 {
            try write(true)
            left -= 1
        }
    }

    /// Ends the run of whole bytes; bits of a byte that is not full stay for later.
    func flush() throws { try bytes.flush() }

    /// Ends the last byte.
    func finish() throws {
        if count > 0 { try bytes.write(current << UInt8(8 - count)) }
        count = 0
        try bytes.flush()
    }

    /// - Precondition: `flush` came before.
    func appendPosition(to positions: inout [UInt64]) {
        bytes.appendPosition(to: &positions)
        positions.append(UInt64(count))
    }
}
