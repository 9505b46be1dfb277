/// Integers in runs, of version 1 or 2 of the run-length encoding.
final class ORCIntegerDecoder {
    /// No run is longer.
    static let longestRun = 512

    let stream: ORCStream
    let isSigned: Bool
    private let isVersion2: Bool
    /// The current run where it does not fit what is asked for.
    private let run: UnsafeMutablePointer<Int64>
    private var runPosition = 0
    private var runCount = 0

    init(_ stream: ORCStream, signed: Bool, version2: Bool) {
        self.stream = stream
        isSigned = signed
        isVersion2 = version2
        run = .allocate(capacity: Self.longestRun)
    }

    deinit { run.deallocate() }

    func read(into target: UnsafeMutablePointer<Int64>, count: Int) throws {
        var done = min(count, runCount - runPosition)
        if done > 0 {
            target.update(from: run + runPosition, count: done)
            runPosition += done
        }
        while done < count {
            if count - done >= Self.longestRun {
                done += try decodeRun(target + done)
            } else {
                runCount = 0
                runPosition = 0
                runCount = try decodeRun(run)
                let piece = min(runCount, count - done)
                (target + done).update(from: run, count: piece)
                runPosition = piece
                done += piece
            }
        }
    }

    func skip(_ count: Int) throws {
        var left = count
        while left > 0 {
            if runPosition == runCount {
                runCount = 0
                runPosition = 0
                runCount = try decodeRun(run)
            }
            let piece = min(left, runCount - runPosition)
            runPosition += piece
            left -= piece
        }
    }

    func seek(_ positions: inout ORCPositions) throws {
        try stream.seek(&positions)
        runCount = 0
        runPosition = 0
        let count = try positions.next()
        guard count <= Self.longestRun else { throw stream.damaged("the row index points behind a run") }
        try skip(count)
    }

    /// Writes the next run, 1…512 values, and returns how many they are.
    private func decodeRun(_ target: UnsafeMutablePointer<Int64>) throws -> Int {
        guard isVersion2 else { return try decodeVersion1(target) }
        let header = try stream.require(1)[0]
        switch header >> 6 {
        case 0: return try decodeShortRepeat(header, target)
        case 1: return try decodeDirect(target)
        case 2: return try decodePatchedBase(target)
        default: return try decodeDelta(target)
        }
    }

    @inline(__always)
    static func zigzag(_ value: Int64) -> Int64 {
        Int64(bitPattern: UInt64(bitPattern: value) >> 1) ^ (0 &- (value & 1))
    }

    private func unzigzag(_ target: UnsafeMutablePointer<Int64>, _ count: Int) {
        guard isSigned else { return }
        for index in 0..<count { target[index] = Self.zigzag(target[index]) }
    }

    // MARK: Version 1

    private func decodeVersion1(_ target: UnsafeMutablePointer<Int64>) throws -> Int {
        let control = Int8(bitPattern: try stream.require(1)[0])
        stream.advance(1)
        if control < 0 {
            let count = -Int(control)
            for index in 0..<count { target[index] = try varint(signed: isSigned) }
            return count
        }
        let count = Int(control) + 3
        let delta = Int64(Int8(bitPattern: try stream.require(1)[0]))
        stream.advance(1)
        var value = try varint(signed: isSigned)
        for index in 0..<count {
            target[index] = value
            value &+= delta
        }
        return count
    }

    /// Base 128, lowest group first.
    private func varint(signed: Bool) throws -> Int64 {
        try stream.fill(10)
        let bytes = stream.cursor
        let limit = min(stream.available, 10)
        var value: UInt64 = 0
        var index = 0
        while index < limit {
            let byte = bytes[index]
            value |= UInt64(byte & 0x7F) &<< UInt64(7 &* index)
            index &+= 1
            if byte < 0x80 {
                stream.advance(index)
                let bits = Int64(bitPattern: value)
                return signed ? Self.zigzag(bits) : bits
            }
        }
        throw stream.damaged(limit < 10 ? "it ends within a number" : "a number is too long")
    }

    // MARK: Version 2

    @inline(__always)
    private func bigEndian(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<count { value = value << 8 | UInt64(bytes[index]) }
        return value
    }

    private func decodeShortRepeat(_ header: UInt8, _ target: UnsafeMutablePointer<Int64>) throws -> Int {
        let width = Int(header >> 3 & 7) + 1
        let count = Int(header & 7) + 3
        let bytes = try stream.require(1 + width)
        var value = Int64(bitPattern: bigEndian(bytes + 1, width))
        if isSigned { value = Self.zigzag(value) }
        stream.advance(1 + width)
        target.update(repeating: value, count: count)
        return count
    }

    private func decodeDirect(_ target: UnsafeMutablePointer<Int64>) throws -> Int {
        let header = try stream.require(2)
        let width = BitUnpacking.width(ofCode: Int(header[0] >> 1 & 31))
        let count = (Int(header[0] & 1) << 8 | Int(header[1])) + 1
        let size = BitUnpacking.byteCount(count, width: width)
        let bytes = try stream.require(2 + size)
        BitUnpacking.unpack(bytes + 2, width: width, count: count, into: target)
        stream.advance(2 + size)
        unzigzag(target, count)
        return count
    }

    private func decodeDelta(_ target: UnsafeMutablePointer<Int64>) throws -> Int {
        let header = try stream.require(2)
        let code = Int(header[0] >> 1 & 31)
        let width = code == 0 ? 0 : BitUnpacking.width(ofCode: code)
        let count = (Int(header[0] & 1) << 8 | Int(header[1])) + 1
        stream.advance(2)
        var value = try varint(signed: isSigned)
        target[0] = value
        let delta = try varint(signed: true)
        guard count > 1 else { return 1 }
        if width == 0 {
            for index in 1..<count {
                value &+= delta
                target[index] = value
            }
            return count
        }
        value &+= delta
        target[1] = value
        guard count > 2 else { return count }
        let size = BitUnpacking.byteCount(count - 2, width: width)
        let bytes = try stream.require(size)
        BitUnpacking.unpack(bytes, width: width, count: count - 2, into: target + 2)
        stream.advance(size)
        if delta < 0 {
            for index in 2..<count {
                value &-= target[index]
                target[index] = value
            }
        } else {
            for index in 2..<count {
                value &+= target[index]
                target[index] = value
            }
        }
        return count
    }

    /// Values above a base; of few large ones the high bits stand in a list of patches.
    private func decodePatchedBase(_ target: UnsafeMutablePointer<Int64>) throws -> Int {
        let header = try stream.require(4)
        let width = BitUnpacking.width(ofCode: Int(header[0] >> 1 & 31))
        let count = (Int(header[0] & 1) << 8 | Int(header[1])) + 1
        let baseWidth = Int(header[2] >> 5) + 1
        let patchWidth = BitUnpacking.width(ofCode: Int(header[2] & 31))
        let gapWidth = Int(header[3] >> 5) + 1
        let patchCount = Int(header[3] & 31)
        guard patchWidth + gapWidth <= 64, width + patchWidth <= 64 || patchCount == 0 else {
            throw stream.damaged("patches of \(patchWidth) bits do not fit")
        }
        let entryWidth = BitUnpacking.closestWidth(patchWidth + gapWidth)
        let size = BitUnpacking.byteCount(count, width: width)
        let patchSize = BitUnpacking.byteCount(patchCount, width: entryWidth)
        let total = 4 + baseWidth + size + patchSize
        let bytes = try stream.require(total)
        // The highest bit is the sign of the rest.
        let rawBase = bigEndian(bytes + 4, baseWidth)
        let signBit: UInt64 = 1 << UInt64(baseWidth * 8 - 1)
        let magnitude = Int64(bitPattern: rawBase & (signBit - 1))
        let base = rawBase & signBit != 0 ? 0 &- magnitude : magnitude
        BitUnpacking.unpack(bytes + 4 + baseWidth, width: width, count: count, into: target)
        try withUnsafeTemporaryAllocation(of: Int64.self, capacity: 32) { patches in
            guard let list = patches.baseAddress else { return }
            BitUnpacking.unpack(bytes + 4 + baseWidth + size, width: entryWidth, count: patchCount, into: list)
            var position = 0
            for index in 0..<patchCount {
                let entry = UInt64(bitPattern: list[index])
                position += Int(truncatingIfNeeded: entry >> UInt64(patchWidth) & 0xFF)
                let patch = patchWidth == 64 ? entry : entry & (1 << UInt64(patchWidth) - 1)
                // A gap of 255 without a patch only leads on.
                guard patch != 0 else { continue }
                guard position < count else { throw stream.damaged("a patch lies behind its run") }
                target[position] |= Int64(bitPattern: patch &<< UInt64(width))
            }
        }
        for index in 0..<count { target[index] &+= base }
        stream.advance(total)
        return count
    }
}
