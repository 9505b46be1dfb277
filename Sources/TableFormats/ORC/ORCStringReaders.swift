import Columnar

/// STRING, VARCHAR, CHAR and BINARY one behind the other, beside their lengths.
final class ORCDirectStringReader: ORCColumnReader {
    private let data: ORCStream
    private let lengths: ORCIntegerDecoder

    init(_ node: ORCSchemaNode, _ streams: ORCStripeStreams) throws {
        data = try streams.open(.data, node.id)
        lengths = try streams.integers(.length, node.id, signed: false)
        try super.init(node, streams)
    }

    override func read(_ count: Int, mask: ValidityBitmap?) throws -> Column {
        let presence = try presence(count, mask)
        let heap = StringHeap()
        let column = try makeColumn(count, heap: heap, presence)
        let sizes = try numbers(presence.count)
        try lengths.read(into: sizes, count: presence.count)
        let target = column.values(as: StringView.self)
        try ORCStrings.read(
            presence.count, lengths: sizes, from: data, isPadded: ORCStrings.isPadded(type), heap: heap, memory: memory,
            into: target)
        presence.spread(target, rows: count)
        return column
    }

    override func seekData(_ positions: inout ORCPositions) throws {
        try data.seek(&positions)
        try lengths.seek(&positions)
    }
}

/// STRING, VARCHAR and CHAR as numbers of a stripe's dictionary.
final class ORCDictionaryStringReader: ORCColumnReader {
    private let data: ORCIntegerDecoder
    private let dictionary: Column
    /// The same for batches with NULLs.
    private let dictionaryWithNull: Column
    /// Where the dictionary has its NULL, behind all others.
    private let size: Int
    private var indices: UnsafeMutablePointer<Int32>
    private var capacity = 0

    init(_ node: ORCSchemaNode, _ streams: ORCStripeStreams) throws {
        data = try streams.integers(.data, node.id, signed: false)
        size = streams.footer.encodings[node.id].dictionarySize
        indices = .allocate(capacity: 1)
        let lengths = try streams.integers(.length, node.id, signed: false)
        let part = streams.part(ofColumn: node.id)
        guard size < Int(Int32.max) else { throw part.damaged("its dictionary has \(size) entries") }
        let heap = StringHeap()
        let scratch = ORCScratch()
        try streams.memory.grow(by: (size + 1) * 24, for: part)
        dictionary = Column(flat: node.type, count: size + 1, heap: heap)
        let sizes = scratch.room(max(size, 1))
        try lengths.read(into: sizes, count: size)
        let target = dictionary.values(as: StringView.self)
        try ORCStrings.read(
            size, lengths: sizes, from: streams.open(.dictionaryData, node.id), isPadded: ORCStrings.isPadded(node.type),
            heap: heap, memory: streams.memory, into: target)
        try streams.memory.grow(by: heap.byteCount, for: part)
        target[size] = StringView()
        let bits = ValidityBitmap(count: size + 1)
        bits.clear(size)
        dictionaryWithNull = dictionary.replacingValidity(bits)
        try super.init(node, streams)
    }

    deinit { indices.deallocate() }

    override func read(_ count: Int, mask: ValidityBitmap?) throws -> Column {
        let presence = try presence(count, mask)
        let numbers = try numbers(presence.count)
        try data.read(into: numbers, count: presence.count)
        if count > capacity {
            try memory.growBatch(count, stride: 4, for: part)
            indices.deallocate()
            indices = .allocate(capacity: count)
            capacity = count
        }
        let indices = indices
        var largest: UInt64 = 0
        for index in 0..<presence.count {
            largest = max(largest, UInt64(bitPattern: numbers[index]))
            indices[index] = Int32(truncatingIfNeeded: numbers[index])
        }
        guard presence.count == 0 || largest < UInt64(size) else {
            throw data.stream.damaged("a value has the number \(largest) in a dictionary of \(size)")
        }
        if presence.validity != nil {
            presence.spread(indices, rows: count)
            markNulls(count, presence)
        }
        try memory.growBatch(count, stride: 4, for: part)
        return Column.dictionary(
            presence.validity == nil ? dictionary : dictionaryWithNull, indices: indices, count: count)
    }

    private func markNulls(_ count: Int, _ presence: Presence) {
        guard let words = presence.validity?.words else { return }
        let indices = indices
        let null = Int32(truncatingIfNeeded: size)
        for row in 0..<count where words[row >> 6] >> UInt64(row & 63) & 1 == 0 { indices[row] = null }
    }

    override func seekData(_ positions: inout ORCPositions) throws { try data.seek(&positions) }
}

/// Strings that stand one behind the other in a stream.
enum ORCStrings {
    /// Whether blanks at the end do not count.
    static func isPadded(_ type: SQLType) -> Bool {
        if case .char = type { return true }
        return false
    }

    /// More bytes are read piece by piece: they may not be there.
    private static let largestPiece = 4 << 20

    static func read(
        _ count: Int, lengths: UnsafePointer<Int64>, from data: ORCStream, isPadded: Bool, heap: StringHeap,
        memory: ORCMemory, into target: UnsafeMutablePointer<StringView>
    ) throws {
        var total = 0
        for index in 0..<count {
            let length = lengths[index]
            guard 0...Int64(Int32.max) ~= length else { throw data.damaged("a string of \(length) bytes") }
            total &+= Int(length)
        }
        if total <= largestPiece {
            let bytes = heap.allocate(total)
            try data.read(into: bytes, count: total)
            place(0..<count, lengths, bytes, isPadded, target)
            return
        }
        var index = 0
        while index < count {
            // As many strings as a piece takes, one at least.
            let first = index
            var size = 0
            while index < count, index == first || size + Int(lengths[index]) <= largestPiece {
                size += Int(lengths[index])
                index += 1
            }
            let bytes = size <= largestPiece ? heap.allocate(size) : try readLarge(size, data, heap, memory)
            if size <= largestPiece {
                try memory.growBatch(size, stride: 1, for: data.part)
                try data.read(into: bytes, count: size)
            }
            place(first..<index, lengths, bytes, isPadded, target)
        }
    }

    /// One string of many megabytes, into a buffer that grows with what is there.
    private static func readLarge(
        _ size: Int, _ data: ORCStream, _ heap: StringHeap, _ memory: ORCMemory
    ) throws -> UnsafeMutablePointer<UInt8> {
        let buffer = ByteBuffer(capacity: largestPiece)
        while buffer.count < size {
            let piece = min(largestPiece, size - buffer.count)
            try memory.growBatch(2 * piece, stride: 1, for: data.part)
            try data.read(into: buffer.reserve(piece), count: piece)
            buffer.advance(piece)
        }
        heap.retain(buffer)
        return buffer.start
    }

    @inline(__always)
    private static func place(
        _ range: Range<Int>, _ lengths: UnsafePointer<Int64>, _ bytes: UnsafePointer<UInt8>, _ isPadded: Bool,
        _ target: UnsafeMutablePointer<StringView>
    ) {
        var start = bytes
        for index in range {
            let stored = Int(lengths[index])
            var length = stored
            if isPadded {
                while length > 0, start[length &- 1] == 0x20 { length &-= 1 }
            }
            target[index] = StringView(start, length: length)
            start += stored
        }
    }
}
