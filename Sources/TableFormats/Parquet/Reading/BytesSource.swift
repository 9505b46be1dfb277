import Columnar

/// Strings as a page has them, whatever the encoding is. They point into the page, or into `heap` where they had to be
/// put together. Dictionaries are not among the encodings.
struct BytesSource {
    private enum Form {
        case none
        /// Each behind its length in four bytes.
        case plain
        case fixed
        /// Encodings.md, "Delta-length byte array": all lengths, then all bytes.
        case lengths(LengthBuffer)
        /// Encodings.md, "Delta Strings": how much of the string before is kept, then what follows it.
        case prefixes(LengthBuffer, suffixes: LengthBuffer)
        case split(total: Int)
    }

    private let isFixed: Bool
    private let width: Int
    private var form = Form.none
    private var next: UnsafePointer<UInt8>
    private var end: UnsafePointer<UInt8>
    /// Values taken of the page.
    private var taken = 0
    private var previous = StringView()
    private var previousHeap: StringHeap?
    private var memory: ParquetMemory?
    /// Where strings go that are put together: the batch's.
    var heap = StringHeap()
    /// Whether values of the page are put together, and do not point into it.
    private(set) var isBuilt = false

    init(_ physical: ParquetPhysicalType, width: Int) {
        isFixed = physical == .fixedLengthByteArray
        self.width = width
        next = StringView().pointer
        end = next
    }

    mutating func begin(
        _ bytes: UnsafeBufferPointer<UInt8>, count: Int, encoding: ParquetEncoding, page: PageBuffer, memory: ParquetMemory
    ) throws {
        guard let start = bytes.baseAddress else { throw CorruptParquet("a page without bytes") }
        next = start
        end = start + bytes.count
        taken = 0
        previous = StringView()
        self.memory = memory
        isBuilt = false
        switch encoding {
        case .plain: form = isFixed ? .fixed : .plain
        case .deltaLengthByteArray where !isFixed:
            let (lengths, rest) = try LengthBuffer.decode(bytes, atMost: count, memory: memory)
            form = .lengths(lengths)
            next = rest.baseAddress ?? end
        case .deltaByteArray:
            let (prefixes, suffixBytes) = try LengthBuffer.decode(bytes, atMost: count, memory: memory)
            let (suffixes, rest) = try LengthBuffer.decode(suffixBytes, atMost: count, memory: memory)
            form = .prefixes(prefixes, suffixes: suffixes)
            next = rest.baseAddress ?? end
            isBuilt = true
        case .byteStreamSplit where isFixed && width > 0 && bytes.count % width == 0:
            form = .split(total: bytes.count / width)
            isBuilt = true
        default: throw CorruptParquet("strings in the encoding \(encoding)")
        }
    }

    private var tooFew: CorruptParquet { CorruptParquet("a page holds fewer strings than its header says") }

    mutating func take(_ count: Int, into views: UnsafeMutablePointer<StringView>) throws {
        switch form {
        case .none: if count > 0 { throw tooFew }
        case .plain: try takePlain(count, into: views)
        case .fixed:
            guard width == 0 || count <= (end - next) / width else { throw tooFew }
            for index in 0..<count { views[index] = StringView(next + index * width, length: width) }
            next += count * width
        case .lengths(let lengths):
            guard count <= lengths.count - taken else { throw tooFew }
            for index in 0..<count {
                let length = Int(lengths.elements[taken + index])
                guard length >= 0, length <= end - next else { throw CorruptParquet("a string of \(length) bytes") }
                views[index] = StringView(next, length: length)
                next += length
            }
        case .prefixes(let prefixes, let suffixes):
            guard count <= prefixes.count - taken, count <= suffixes.count - taken else { throw tooFew }
            try build(count, prefixes, suffixes, into: views)
        case .split(let total):
            guard count <= total - taken else { throw tooFew }
            for index in 0..<count {
                let place = heap.allocate(width)
                for byte in 0..<width { place[byte] = next[byte * total + taken + index] }
                views[index] = StringView(place, length: width)
            }
        }
        taken += count
    }

    private mutating func takePlain(_ count: Int, into views: UnsafeMutablePointer<StringView>) throws {
        var at = next
        let end = end
        for index in 0..<count {
            guard end - at >= 4 else { throw tooFew }
            let length = Int(UInt32(littleEndian: UnsafeRawPointer(at).loadUnaligned(as: UInt32.self)))
            at += 4
            guard length <= end - at else { throw CorruptParquet("a string of \(length) bytes, where \(end - at) are left") }
            views[index] = StringView(at, length: length)
            at += length
        }
        next = at
    }

    private mutating func build(
        _ count: Int, _ prefixes: LengthBuffer, _ suffixes: LengthBuffer, into views: UnsafeMutablePointer<StringView>
    ) throws {
        // What another batch holds goes with it.
        if previousHeap !== heap { previous = heap.copy(previous) }
        previousHeap = heap
        let held = heap.byteCount
        for index in 0..<count {
            let prefix = Int(prefixes.elements[taken + index])
            let suffix = Int(suffixes.elements[taken + index])
            guard prefix >= 0, prefix <= previous.count, suffix >= 0, suffix <= end - next else {
                throw CorruptParquet("a string of \(prefix) and \(suffix) bytes")
            }
            if prefix == 0 {
                // It stands in the page; copied, because the page may go before the next string asks for it.
                previous = heap.copy(UnsafeBufferPointer(start: next, count: suffix))
            } else if suffix > 0 || prefix < previous.count {
                let place = heap.allocate(prefix + suffix)
                place.update(from: previous.pointer, count: prefix)
                (place + prefix).update(from: next, count: suffix)
                previous = StringView(place, length: prefix + suffix)
            }
            next += suffix
            views[index] = previous
            // Few bytes of a page may stand for very many.
            if heap.byteCount - held > 1 << 24 { try memory?.check(heap.byteCount) }
        }
    }
}

/// Lengths of a page's strings.
final class LengthBuffer {
    let elements: UnsafeMutablePointer<Int32>
    let count: Int
    private let memory: ParquetMemory

    private init(count: Int, memory: ParquetMemory) throws {
        try memory.grow(by: count * 4)
        self.count = count
        self.memory = memory
        elements = .allocate(capacity: max(count, 1))
    }

    deinit {
        elements.deallocate()
        memory.shrink(by: count * 4)
    }

    /// The delta-coded lengths at the beginning of `bytes`, and what follows them.
    static func decode(
        _ bytes: UnsafeBufferPointer<UInt8>, atMost limit: Int, memory: ParquetMemory
    ) throws -> (LengthBuffer, rest: UnsafeBufferPointer<UInt8>) {
        var decoder = try DeltaDecoder(bytes)
        guard decoder.count <= limit else {
            throw CorruptParquet("a page with \(decoder.count) lengths for \(limit) strings")
        }
        let buffer = try LengthBuffer(count: decoder.count, memory: memory)
        try decoder.decode(into: buffer.elements, count: buffer.count)
        return (buffer, decoder.rest)
    }
}
