import Columnar

/// Integers in runs of version 2, as `ORCIntegerDecoder` reads them.
final class ORCIntegerEncoder {
    let stream: ORCOutputStream
    private let isSigned: Bool
    private let values: UnsafeMutablePointer<Int64>
    /// What is packed of a run.
    private let packed: UnsafeMutablePointer<UInt64>
    private var count = 0

    init(_ stream: ORCOutputStream, signed: Bool) {
        self.stream = stream
        isSigned = signed
        values = .allocate(capacity: ORCIntegerDecoder.longestRun)
        packed = .allocate(capacity: ORCIntegerDecoder.longestRun)
    }

    deinit {
        values.deallocate()
        packed.deallocate()
    }

    func write(_ source: UnsafePointer<Int64>, count more: Int) throws {
        var done = 0
        while done < more {
            let piece = min(more - done, ORCIntegerDecoder.longestRun - count)
            (values + count).update(from: source + done, count: piece)
            count += piece
            done += piece
            if count == ORCIntegerDecoder.longestRun { try flush() }
        }
    }

    /// Ends the current run, so that the next value begins one.
    func flush() throws {
        let end = count
        count = 0
        var first = 0
        // Values that occur often one behind the other are runs of their own where that is shorter.
        let width = directWidth(0, end)
        let shortest = max(3, min(10, (48 + width - 1) / width))
        var index = 0
        while index < end {
            var next = index + 1
            while next < end, values[next] == values[index] { next += 1 }
            if next - index >= shortest {
                try encode(first, index)
                try encodeRepeated(values[index], next - index)
                first = next
            }
            index = next
        }
        try encode(first, end)
    }

    /// - Precondition: `flush` came before.
    func appendPosition(to positions: inout [UInt64]) {
        stream.appendPosition(to: &positions)
        positions.append(0)
    }

    @inline(__always)
    private static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: value << 1 ^ value >> 63) }

    @inline(__always)
    private func unsigned(_ value: Int64) -> UInt64 { isSigned ? Self.zigzag(value) : UInt64(bitPattern: value) }

    private func directWidth(_ first: Int, _ end: Int) -> Int {
        var bits: UInt64 = 0
        for index in first..<end { bits |= unsigned(values[index]) }
        return BitUnpacking.closestWidth(64 - bits.leadingZeroBitCount)
    }

    private func encodeRepeated(_ value: Int64, _ count: Int) throws {
        guard count <= 10 else {
            appendHeader(kind: 3, code: 0, count: count)
            appendVarint(unsigned(value))
            appendVarint(0)
            return try stream.settle()
        }
        let bits = unsigned(value)
        let size = max(1, (64 - bits.leadingZeroBitCount + 7) / 8)
        stream.raw.append(UInt8(size - 1) << 3 | UInt8(count - 3))
        for byte in (0..<size).reversed() { stream.raw.append(UInt8(truncatingIfNeeded: bits >> UInt64(byte * 8))) }
        try stream.settle()
    }

    /// A run of values that differ, in the form that is shortest.
    private func encode(_ first: Int, _ end: Int) throws {
        let count = end - first
        guard count > 0 else { return }
        let width = directWidth(first, end)
        if count > 2, let delta = deltas(first, end), delta.width < width {
            appendHeader(kind: 3, code: delta.width == 0 ? 0 : BitUnpacking.code(ofWidth: delta.width), count: count)
            appendVarint(unsigned(values[first]))
            appendVarint(Self.zigzag(values[first + 1] &- values[first]))
            if delta.width > 0 { BitPacking.append(packed, count: count - 2, width: delta.width, to: stream.raw) }
        } else if count > 20, let patched = ORCPatchedRun(values + first, count: count, directWidth: width, scratch: packed) {
            appendHeader(kind: 2, code: BitUnpacking.code(ofWidth: patched.width), count: count)
            patched.append(packed, count: count, to: stream.raw)
        } else {
            appendHeader(kind: 1, code: BitUnpacking.code(ofWidth: width), count: count)
            for index in 0..<count { packed[index] = unsigned(values[first + index]) }
            BitPacking.append(packed, count: count, width: width, to: stream.raw)
        }
        try stream.settle()
    }

    /// Of values that only rise or only fall: the bits of their differences, which stand in `packed` from the third
    /// value on; 0 when all are the same.
    private func deltas(_ first: Int, _ end: Int) -> (width: Int, Void)? {
        let (start, isTooLarge) = values[first + 1].subtractingReportingOverflow(values[first])
        guard !isTooLarge else { return nil }
        var bits: UInt64 = 0
        var isFixed = true
        for index in first + 2..<end {
            let (delta, isTooLarge) = values[index].subtractingReportingOverflow(values[index - 1])
            // What is no difference has the sign of rising values.
            guard !isTooLarge, start < 0 ? delta <= 0 : delta >= 0 else { return nil }
            isFixed = isFixed && delta == start
            packed[index - first - 2] = delta.magnitude
            bits |= delta.magnitude
        }
        // The code of one bit means that all are the same.
        return (isFixed ? 0 : max(2, BitUnpacking.closestWidth(64 - bits.leadingZeroBitCount)), ())
    }

    private func appendHeader(kind: UInt8, code: Int, count: Int) {
        stream.raw.append(kind << 6 | UInt8(code) << 1 | UInt8((count - 1) >> 8))
        stream.raw.append(UInt8(truncatingIfNeeded: count - 1))
    }

    private func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            stream.raw.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        stream.raw.append(UInt8(rest))
    }
}

/// Values above a base, of which few have more bits than most.
struct ORCPatchedRun {
    /// Bits that most values have.
    let width: Int
    private let base: Int64
    private let patches: [(position: Int, value: UInt64)]
    private let patchWidth: Int

    /// nil when it would not be shorter. Leaves in `scratch` the lower bits of the values above the base.
    init?(_ values: UnsafePointer<Int64>, count: Int, directWidth: Int, scratch: UnsafeMutablePointer<UInt64>) {
        var least = values[0]
        for index in 1..<count { least = min(least, values[index]) }
        // The base has a sign and at most eight bytes.
        guard least.magnitude < 1 << 55 else { return nil }
        var counts = [Int](repeating: 0, count: 65)
        for index in 0..<count {
            let (above, isTooLarge) = values[index].subtractingReportingOverflow(least)
            guard !isTooLarge else { return nil }
            scratch[index] = UInt64(above)
            counts[64 - scratch[index].leadingZeroBitCount] += 1
        }
        guard let largest = counts.lastIndex(where: { $0 > 0 }) else { return nil }
        // Up to 5 of 100 values are patched; a list has room for 31 entries, and a gap may need two.
        var left = min(count / 20, 24)
        var bits = largest
        while bits > 1, counts[bits] <= left {
            left -= counts[bits]
            bits -= 1
        }
        width = BitUnpacking.closestWidth(bits)
        patchWidth = BitUnpacking.closestWidth(largest - width)
        guard largest > width, width < directWidth, patchWidth + 8 <= 56, width + patchWidth <= 64 else { return nil }
        base = least
        var patches: [(position: Int, value: UInt64)] = []
        let mask: UInt64 = 1 << UInt64(width) - 1
        for index in 0..<count where scratch[index] > mask {
            patches.append((index, scratch[index] >> UInt64(width)))
            scratch[index] &= mask
        }
        self.patches = patches
        let patchBits = (patches.count + 3) * BitUnpacking.closestWidth(patchWidth + 8)
        guard count * (directWidth - width) > patchBits + 80 else { return nil }
    }

    /// What follows the first two bytes of the header.
    func append(_ packed: UnsafePointer<UInt64>, count: Int, to buffer: ByteBuffer) {
        var list: [(gap: UInt64, value: UInt64)] = []
        var last = 0
        for patch in patches {
            var gap = patch.position - last
            while gap > 255 {
                list.append((255, 0))
                gap -= 255
            }
            list.append((UInt64(gap), patch.value))
            last = patch.position
        }
        let gapWidth = 8
        let baseBits = 64 - base.magnitude.leadingZeroBitCount + 1
        let baseSize = (baseBits + 7) / 8
        buffer.append(UInt8(baseSize - 1) << 5 | UInt8(BitUnpacking.code(ofWidth: patchWidth)))
        buffer.append(UInt8(gapWidth - 1) << 5 | UInt8(list.count))
        let sign: UInt64 = base < 0 ? 1 << UInt64(baseSize * 8 - 1) : 0
        let stored = base.magnitude | sign
        for byte in (0..<baseSize).reversed() { buffer.append(UInt8(truncatingIfNeeded: stored >> UInt64(byte * 8))) }
        BitPacking.append(packed, count: count, width: width, to: buffer)
        let entries = list.map { $0.gap << UInt64(patchWidth) | $0.value }
        entries.withUnsafeBufferPointer { entries in
            guard let start = entries.baseAddress else { return }
            BitPacking.append(
                start, count: entries.count, width: BitUnpacking.closestWidth(patchWidth + gapWidth), to: buffer)
        }
    }
}
