import CKernels

/// The hybrid of runs and bit-packed groups of eight (Encodings.md, "RLE / bit-packing hybrid"), decoded piece by piece.
/// - Precondition: eight bytes behind the end may be read.
package struct HybridDecoder {
    private var next: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    private let bitWidth: Int
    /// Values left of the run.
    private var left = 0
    /// Of a run of equal values.
    private var value: UInt32 = 0
    private var isPacked = false
    /// Of a packed run: the bit at which its next value begins, from `packed` on.
    private var packed: UnsafePointer<UInt8>
    private var bit = 0

    /// - Throws: `CorruptParquet` for more than 32 bits a value.
    package init(_ bytes: UnsafeBufferPointer<UInt8>, bitWidth: Int) throws {
        guard 0...32 ~= bitWidth, let start = bytes.baseAddress else {
            throw CorruptParquet("values of \(bitWidth) bits")
        }
        next = start
        end = start + bytes.count
        packed = start
        self.bitWidth = bitWidth
    }

    private mutating func beginRun() throws {
        if bitWidth == 0, next == end {
            // All values are 0, which some writers say with no run at all.
            left = .max
            value = 0
            isPacked = false
            return
        }
        var head: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard next < end, shift < 64 else { throw CorruptParquet("runs end before the values do") }
            let byte = next.pointee
            next += 1
            head |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        let count = head >> 1
        guard count <= 1 << 31 else { throw CorruptParquet("a run of \(count) values") }
        isPacked = head & 1 == 1
        if isPacked {
            // The last group may be cut where the values end.
            let bytes = min(Int(count) * bitWidth, end - next)
            left = bitWidth == 0 ? Int(count) * 8 : bytes * 8 / bitWidth
            packed = next
            bit = 0
            next += bytes
            guard left > 0 || count == 0 else { throw CorruptParquet("runs end before the values do") }
        } else {
            let bytes = (bitWidth + 7) / 8
            guard bytes <= end - next else { throw CorruptParquet("runs end before the values do") }
            value = 0
            for byte in 0..<bytes { value |= UInt32(next[byte]) << UInt32(8 * byte) }
            // Whole bytes could hold more than the codes that whoever reads them has looked at the width for.
            guard bitWidth == 32 || value >> UInt32(bitWidth) == 0 else {
                throw CorruptParquet("a run of the value \(value) in \(bitWidth) bits")
            }
            next += bytes
            left = Int(count)
        }
    }

    /// The value of the next `count` values, which are then taken, when they are one run; otherwise nil.
    mutating func takeRun(_ count: Int) throws -> UInt32? {
        while left == 0 { try beginRun() }
        guard !isPacked, left >= count else { return nil }
        left -= count
        return value
    }

    mutating func skip(_ count: Int) throws {
        var count = count
        while count > 0 {
            while left == 0 { try beginRun() }
            let taken = min(count, left)
            if isPacked { bit += taken * bitWidth }
            left -= taken
            count -= taken
        }
    }

    /// The next `count` values.
    package mutating func decode<T: FixedWidthInteger>(into target: UnsafeMutablePointer<T>, count: Int) throws {
        var done = 0
        while done < count {
            while left == 0 { try beginRun() }
            let taken = min(count - done, left)
            if isPacked {
                unpack(into: target + done, count: taken)
            } else {
                (target + done).update(repeating: T(truncatingIfNeeded: value), count: taken)
            }
            left -= taken
            done += taken
        }
    }

    @inline(__always)
    private mutating func unpack<T: FixedWidthInteger>(into target: UnsafeMutablePointer<T>, count: Int) {
        let width = bitWidth
        let source = UnsafeRawPointer(packed)
        let mask = (UInt64(1) << UInt64(width)) &- 1
        var at = bit
        var index = 0
        if T.self == Int32.self {
            // Eight at a time from a whole byte on.
            while at & 7 != 0, index < count {
                let word = source.loadUnaligned(fromByteOffset: at >> 3, as: UInt64.self) &>> UInt64(truncatingIfNeeded: at & 7)
                target[index] = T(truncatingIfNeeded: word & mask)
                index &+= 1
                at &+= width
            }
            let place = packed + (at >> 3)
            let done = hiveql_unpack_low_first(
                place, end - place + 8, UInt32(width), count &- index,
                UnsafeMutableRawPointer(target + index).assumingMemoryBound(to: Int32.self))
            index &+= done
            at &+= done &* width
        }
        // Two values a load where they are narrow.
        if width <= 28 {
            while index &+ 2 <= count {
                let word = source.loadUnaligned(fromByteOffset: at >> 3, as: UInt64.self) &>> UInt64(truncatingIfNeeded: at & 7)
                target[index] = T(truncatingIfNeeded: word & mask)
                target[index &+ 1] = T(truncatingIfNeeded: (word &>> UInt64(truncatingIfNeeded: width)) & mask)
                index &+= 2
                at &+= 2 &* width
            }
        }
        while index < count {
            let word = source.loadUnaligned(fromByteOffset: at >> 3, as: UInt64.self) &>> UInt64(truncatingIfNeeded: at & 7)
            target[index] = T(truncatingIfNeeded: word & mask)
            index &+= 1
            at &+= width
        }
        bit = at
    }
}

/// Definition or repetition levels of a page.
struct LevelDecoder {
    private enum Form {
        case none
        case hybrid(HybridDecoder)
        /// Encodings.md, "Bit-packed (deprecated)": the first value in the highest bits.
        case bitPacked(UnsafePointer<UInt8>, bitWidth: Int, bit: Int, end: Int)
    }

    private var form: Form
    private let maximum: UInt8

    /// All levels are 0.
    init() {
        form = .none
        maximum = 0
    }

    init(_ bytes: UnsafeBufferPointer<UInt8>, maximum: Int) throws {
        form = .hybrid(try HybridDecoder(bytes, bitWidth: Self.bitWidth(maximum)))
        self.maximum = UInt8(maximum)
    }

    init(bitPacked bytes: UnsafeBufferPointer<UInt8>, maximum: Int) throws {
        guard let start = bytes.baseAddress else { throw CorruptParquet("levels without bytes") }
        form = .bitPacked(start, bitWidth: Self.bitWidth(maximum), bit: 0, end: bytes.count * 8)
        self.maximum = UInt8(maximum)
    }

    static func bitWidth(_ maximum: Int) -> Int { Int.bitWidth - maximum.leadingZeroBitCount }

    /// The level of all of the next `count` values, which are then taken, when they are one run.
    mutating func takeRun(_ count: Int) throws -> UInt8? {
        switch form {
        case .none: return 0
        case .hybrid(var decoder):
            let run = try decoder.takeRun(count)
            form = .hybrid(decoder)
            guard let run else { return nil }
            guard run <= UInt32(maximum) else { throw CorruptParquet("a level of \(run) where \(maximum) is the highest") }
            return UInt8(run)
        case .bitPacked: return nil
        }
    }

    mutating func decode(into target: UnsafeMutablePointer<UInt8>, count: Int) throws {
        switch form {
        case .none: target.update(repeating: 0, count: count)
        case .hybrid(var decoder):
            try decoder.decode(into: target, count: count)
            form = .hybrid(decoder)
        case .bitPacked(let bytes, let width, let start, let end):
            guard start + count * width <= end else { throw CorruptParquet("levels end before the values do") }
            var bit = start
            for index in 0..<count {
                var level: UInt8 = 0
                for _ in 0..<width {
                    level = level << 1 | (bytes[bit >> 3] >> UInt8(7 - bit & 7) & 1)
                    bit += 1
                }
                target[index] = level
            }
            form = .bitPacked(bytes, bitWidth: width, bit: bit, end: end)
        }
        var highest: UInt8 = 0
        for index in 0..<count { highest = max(highest, target[index]) }
        guard highest <= maximum else { throw CorruptParquet("a level of \(highest) where \(maximum) is the highest") }
    }
}
