/// Integers as differences (Encodings.md, "Delta Encoding"), decoded piece by piece. Sums wrap, as the specification
/// wants.
/// - Precondition: eight bytes behind the end may be read.
struct DeltaDecoder {
    private var next: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    private let miniblocks: Int
    private let valuesPerMiniblock: Int
    /// Values that the head announces.
    let count: Int
    /// Of them, those not decoded yet.
    private(set) var left: Int
    /// The latest value; before the first, the first.
    private var value: UInt64
    private var isFirst = true
    private var minimumDelta: UInt64 = 0
    /// The widths of the block's miniblocks that are not begun yet.
    private var widths: UnsafePointer<UInt8>
    private var widthsLeft = 0
    /// Of the miniblock that is being read.
    private var deltasLeft = 0
    private var width = 0
    private var packed: UnsafePointer<UInt8>
    private var bit = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) throws {
        guard let start = bytes.baseAddress else { throw CorruptParquet("delta-coded values without bytes") }
        next = start
        end = start + bytes.count
        widths = start
        packed = start
        let blockSize = try Self.varint(&next, end)
        let miniblocks = try Self.varint(&next, end)
        let count = try Self.varint(&next, end)
        let first = try Self.varint(&next, end)
        guard 1...(1 << 20) ~= blockSize, 1...(1 << 12) ~= miniblocks, blockSize % miniblocks == 0, count <= 1 << 31 else {
            throw CorruptParquet("delta-coded blocks of \(blockSize) values in \(miniblocks) parts")
        }
        self.miniblocks = Int(miniblocks)
        valuesPerMiniblock = Int(blockSize / miniblocks)
        self.count = Int(count)
        left = Int(count)
        value = first >> 1 ^ (0 &- (first & 1))
    }

    private static func varint(_ next: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard next < end else { break }
            let byte = next.pointee
            next += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw CorruptParquet("delta-coded values end too early")
    }

    private mutating func beginMiniblock() throws {
        if widthsLeft == 0 {
            let delta = try Self.varint(&next, end)
            minimumDelta = delta >> 1 ^ (0 &- (delta & 1))
            guard miniblocks <= end - next else { throw CorruptParquet("delta-coded values end too early") }
            widths = next
            widthsLeft = miniblocks
            next += miniblocks
        }
        width = Int(widths.pointee)
        widths += 1
        widthsLeft -= 1
        guard width <= 64 else { throw CorruptParquet("delta-coded values of \(width) bits") }
        deltasLeft = valuesPerMiniblock
        packed = next
        bit = 0
        let bytes = (valuesPerMiniblock * width + 7) / 8
        if bytes <= end - next {
            next += bytes
        } else {
            // The last miniblock may be cut behind the last value.
            guard (min(left, valuesPerMiniblock) * width + 7) / 8 <= end - next else {
                throw CorruptParquet("delta-coded values end too early")
            }
            next = end
        }
    }

    /// The next `count` values, as many bits of each as `T` has.
    mutating func decode<T: FixedWidthInteger>(into target: UnsafeMutablePointer<T>, count: Int) throws {
        guard count <= left else { throw CorruptParquet("there are fewer delta-coded values than the page says") }
        var done = 0
        if isFirst, count > 0 {
            target[0] = T(truncatingIfNeeded: value)
            isFirst = false
            left -= 1
            done = 1
        }
        while done < count {
            if deltasLeft == 0 { try beginMiniblock() }
            let taken = min(count - done, deltasLeft)
            unpack(into: target + done, count: taken)
            deltasLeft -= taken
            left -= taken
            done += taken
        }
    }

    @inline(__always)
    private mutating func unpack<T: FixedWidthInteger>(into target: UnsafeMutablePointer<T>, count: Int) {
        var sum = value
        let minimum = minimumDelta
        let width = width
        let source = UnsafeRawPointer(packed)
        var at = bit
        if width == 0 {
            for index in 0..<count {
                sum = sum &+ minimum
                target[index] = T(truncatingIfNeeded: sum)
            }
        } else if width <= 56 {
            let mask = (UInt64(1) << UInt64(width)) &- 1
            for index in 0..<count {
                let word = source.loadUnaligned(fromByteOffset: at >> 3, as: UInt64.self)
                sum = sum &+ minimum &+ (word &>> UInt64(truncatingIfNeeded: at & 7) & mask)
                target[index] = T(truncatingIfNeeded: sum)
                at &+= width
            }
        } else {
            let mask = width == 64 ? ~0 : (UInt64(1) << UInt64(width)) &- 1
            for index in 0..<count {
                let shift = UInt64(truncatingIfNeeded: at & 7)
                let low = source.loadUnaligned(fromByteOffset: at >> 3, as: UInt64.self) >> shift
                let high = UInt64(source.load(fromByteOffset: at >> 3 &+ 8, as: UInt8.self))
                sum = sum &+ minimum &+ ((low | (shift == 0 ? 0 : high << (64 - shift))) & mask)
                target[index] = T(truncatingIfNeeded: sum)
                at &+= width
            }
        }
        bit = at
        value = sum
    }

    /// Where the bytes behind the values begin, once all are decoded.
    var rest: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: next, count: end - next) }
}
