/// Bytes in runs: a control byte of 0…127 and a byte that occurs three times more often; or a negative control byte
/// and as many bytes.
final class ORCByteDecoder {
    fileprivate let stream: ORCStream
    /// Values left of the current run.
    private var left = 0
    private var isLiteral = false
    private var value: UInt8 = 0

    init(_ stream: ORCStream) { self.stream = stream }

    private func beginRun() throws {
        let control = Int8(bitPattern: try stream.require(1)[0])
        stream.advance(1)
        isLiteral = control < 0
        if control < 0 {
            left = -Int(control)
        } else {
            left = Int(control) + 3
            value = try stream.require(1)[0]
            stream.advance(1)
        }
    }

    func read(into target: UnsafeMutablePointer<UInt8>, count: Int) throws {
        var done = 0
        while done < count {
            if left == 0 { try beginRun() }
            let piece = min(left, count - done)
            if isLiteral {
                try stream.read(into: target + done, count: piece)
            } else {
                (target + done).update(repeating: value, count: piece)
            }
            left -= piece
            done += piece
        }
    }

    func skip(_ count: Int) throws {
        var done = 0
        while done < count {
            if left == 0 { try beginRun() }
            let piece = min(left, count - done)
            if isLiteral { try stream.skip(piece) }
            left -= piece
            done += piece
        }
    }

    func seek(_ positions: inout ORCPositions) throws {
        try stream.seek(&positions)
        left = 0
        let count = try positions.next()
        // A run is at most 130 values; some writers count one that just ended.
        guard count <= 130 else { throw stream.damaged("the row index points behind a run") }
        try skip(count)
    }
}

/// Bits, the highest of a byte first, in runs of bytes.
final class ORCBooleanDecoder {
    private let bytes: ORCByteDecoder
    /// Bits of the current byte that are left, the next one lowest.
    private var rest: UInt8 = 0
    private var restCount = 0

    init(_ stream: ORCStream) { bytes = ORCByteDecoder(stream) }

    /// Writes `count` bits, the lowest of a word first, and zeros behind them up to the end of the last word.
    func read(into words: UnsafeMutablePointer<UInt64>, count: Int) throws {
        guard count > 0 else { return }
        let wordCount = (count + 63) / 64
        words[wordCount - 1] = 0
        let target = UnsafeMutableRawPointer(words).assumingMemoryBound(to: UInt8.self)
        if restCount == 0 {
            // Words are stored with their lowest byte first.
            let whole = count / 8
            try bytes.read(into: target, count: whole)
            for index in 0..<(whole + 7) / 8 { words[index] = Self.reversed(words[index]) }
            let tail = count & 7
            if tail > 0 {
                try nextByte()
                target[whole] = rest & (1 << tail - 1)
                rest >>= UInt8(tail)
                restCount = 8 - tail
            }
            return
        }
        if wordCount > 1 { words.update(repeating: 0, count: wordCount - 1) }
        for index in 0..<count {
            if restCount == 0 { try nextByte() }
            words[index >> 6] |= UInt64(rest & 1) << UInt64(index & 63)
            rest >>= 1
            restCount -= 1
        }
    }

    private func nextByte() throws {
        var byte: UInt8 = 0
        try bytes.read(into: &byte, count: 1)
        rest = UInt8(truncatingIfNeeded: Self.reversed(UInt64(byte)))
        restCount = 8
    }

    /// The bits of each byte in the other order.
    @inline(__always)
    private static func reversed(_ word: UInt64) -> UInt64 {
        var value = word
        value = (value >> 1) & 0x5555_5555_5555_5555 | (value & 0x5555_5555_5555_5555) << 1
        value = (value >> 2) & 0x3333_3333_3333_3333 | (value & 0x3333_3333_3333_3333) << 2
        return (value >> 4) & 0x0F0F_0F0F_0F0F_0F0F | (value & 0x0F0F_0F0F_0F0F_0F0F) << 4
    }

    func seek(_ positions: inout ORCPositions) throws {
        try bytes.seek(&positions)
        restCount = 0
        let bits = try positions.next()
        guard bits > 0 else { return }
        // 8: the byte before was just full.
        guard bits <= 8 else { throw bytes.stream.damaged("the row index points behind a byte") }
        try nextByte()
        rest = bits == 8 ? 0 : rest >> UInt8(bits)
        restCount = 8 - bits
    }
}
