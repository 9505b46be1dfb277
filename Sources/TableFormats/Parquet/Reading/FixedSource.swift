import Columnar

/// Values of one width as a page has them, given as plain little-endian bytes whatever the encoding is. Dictionaries are
/// not among the encodings.
struct FixedSource {
    private enum Form {
        case none
        case plain
        /// Booleans, a bit each, the lowest first.
        case bits(Int)
        case runs(HybridDecoder)
        case delta(DeltaDecoder)
        /// Encodings.md, "Byte Stream Split": the first bytes of all values, then the second ones …
        case split(total: Int, next: Int)
        case strings(BytesSource)
    }

    private let physical: ParquetPhysicalType
    private let width: Int
    private var form = Form.none
    private var next: UnsafePointer<UInt8>?
    private var left = 0
    private var scratch: UnsafeMutablePointer<UInt8>
    private var scratchCapacity = 64
    private var views = ViewBuffer()

    init(_ physical: ParquetPhysicalType, width: Int) {
        self.physical = physical
        self.width = width
        scratch = .allocate(capacity: scratchCapacity)
    }

    func deallocate() {
        scratch.deallocate()
        views.deallocate()
    }

    mutating func begin(
        _ bytes: UnsafeBufferPointer<UInt8>, count: Int, encoding: ParquetEncoding, page: PageBuffer, memory: ParquetMemory
    ) throws {
        next = bytes.baseAddress
        left = bytes.count
        switch (encoding, physical) {
        case (.plain, .boolean): form = .bits(0)
        case (.plain, _): form = .plain
        case (.rle, .boolean):
            // The bytes of the runs, then they themselves.
            guard bytes.count >= 4, let start = bytes.baseAddress else { throw CorruptParquet("runs without a length") }
            let stated = Int(UInt32(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)))
            let rest = UnsafeBufferPointer(start: start + 4, count: min(stated, bytes.count - 4))
            form = .runs(try HybridDecoder(rest, bitWidth: 1))
        case (.deltaBinaryPacked, .int32), (.deltaBinaryPacked, .int64): form = .delta(try DeltaDecoder(bytes))
        case (.byteStreamSplit, .float), (.byteStreamSplit, .double), (.byteStreamSplit, .int32), (.byteStreamSplit, .int64),
            (.byteStreamSplit, .fixedLengthByteArray):
            guard width > 0, bytes.count % width == 0 else { throw CorruptParquet("split values of uneven bytes") }
            form = .split(total: bytes.count / width, next: 0)
        case (.deltaByteArray, .fixedLengthByteArray):
            var source = BytesSource(physical, width: width)
            try source.begin(bytes, count: count, encoding: encoding, page: page, memory: memory)
            form = .strings(source)
        default: throw CorruptParquet("values of \(physical) in the encoding \(encoding)")
        }
    }

    /// The next `count` values; the bytes are valid until the next call.
    mutating func take(_ count: Int) throws -> UnsafeRawPointer {
        switch form {
        case .plain:
            guard let start = next, count <= left / max(width, 1) else { throw tooFew }
            next = start + count * width
            left -= count * width
            return UnsafeRawPointer(start)
        case .bits(let bit):
            guard let start = next, bit + count <= left * 8 else { throw tooFew }
            makeRoom(count)
            for index in 0..<count {
                let at = bit &+ index
                scratch[index] = start[at >> 3] &>> UInt8(truncatingIfNeeded: at & 7) & 1
            }
            form = .bits(bit + count)
        case .runs(var decoder):
            makeRoom(count)
            try decoder.decode(into: scratch, count: count)
            form = .runs(decoder)
        case .delta(var decoder):
            makeRoom(count * width)
            if physical == .int32 {
                try decoder.decode(into: UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt32.self), count: count)
            } else {
                try decoder.decode(into: UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt64.self), count: count)
            }
            form = .delta(decoder)
        case .split(let total, let first):
            guard let start = next, count <= total - first else { throw tooFew }
            makeRoom(count * width)
            for byte in 0..<width {
                let stream = start + byte * total + first
                let target = scratch + byte
                for index in 0..<count { target[index &* width] = stream[index] }
            }
            form = .split(total: total, next: first + count)
        case .strings(var source):
            makeRoom(count * width)
            let elements = views.room(count)
            // Strings are put together for this call alone.
            source.heap = StringHeap()
            try source.take(count, into: elements)
            for index in 0..<count {
                guard elements[index].count == width else { throw CorruptParquet("a value of \(elements[index].count) bytes") }
                (scratch + index * width).update(from: elements[index].pointer, count: width)
            }
            form = .strings(source)
        case .none: throw tooFew
        }
        return UnsafeRawPointer(scratch)
    }

    private var tooFew: CorruptParquet { CorruptParquet("a page holds fewer values than its header says") }

    private mutating func makeRoom(_ bytes: Int) {
        guard bytes > scratchCapacity else { return }
        scratch.deallocate()
        scratchCapacity = max(bytes, 32 << 10)
        scratch = .allocate(capacity: scratchCapacity)
    }
}
