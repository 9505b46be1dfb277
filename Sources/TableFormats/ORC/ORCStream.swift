/// The bytes of one stream in order, decompressed block by block into a buffer that is used again.
///
/// Decoders look at `cursor` and the `available` bytes behind it, of which `fill` and `require` bring more. Behind the
/// last available byte 16 more can be read (without meaning), so that decoders load whole words.
final class ORCStream {
    let part: ORCPart
    let memory: ORCMemory
    private let source: ORCBlockSource
    private let codec: BlockCodec?
    /// Where the stream lies in the file.
    private let start: Int
    private let length: Int
    /// Offset in the stream of the next block.
    private var next = 0
    /// Bytes of the stream as they stand in the file, from `windowStart`.
    private var window: UnsafeMutablePointer<UInt8>?
    private var windowCapacity = 0
    private var windowStart = 0
    private var windowCount = 0

    private var buffer: UnsafeMutablePointer<UInt8>?
    private var capacity = 0
    // One worker reads a stream; run-time checks of that would cost more than the reading.
    @exclusivity(unchecked) private(set) var cursor: UnsafePointer<UInt8>
    @exclusivity(unchecked) private(set) var available = 0

    private nonisolated(unsafe) static let nothing: UnsafePointer<UInt8> = {
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: padding)
        bytes.initialize(repeating: 0, count: padding)
        return UnsafePointer(bytes)
    }()
    private static let padding = 64
    private static let readAhead = 256 << 10

    /// - Precondition: the range lies in the file, as it was when it was opened.
    init(_ source: ORCBlockSource, offset: Int, length: Int, part: ORCPart, memory: ORCMemory) throws {
        self.source = source
        self.part = part
        self.memory = memory
        codec = try source.codec()
        start = offset
        self.length = length
        cursor = Self.nothing
    }

    deinit {
        window?.deallocate()
        buffer?.deallocate()
        memory.shrink(by: capacity + windowCapacity)
    }

    func damaged(_ reason: String) -> TableFormatError { part.damaged(reason, at: start + next) }

    /// Makes `wanted` bytes available; fewer only at the end of the stream.
    @inline(__always)
    func fill(_ wanted: Int) throws {
        if available < wanted { try refill(wanted) }
    }

    /// Makes `wanted` bytes available.
    @inline(__always)
    func require(_ wanted: Int) throws -> UnsafePointer<UInt8> {
        if available < wanted {
            try refill(wanted)
            guard available >= wanted else { throw damaged("it ends too early") }
        }
        return cursor
    }

    @inline(__always)
    func advance(_ count: Int) {
        cursor += count
        available &-= count
    }

    @inline(never)
    private func refill(_ wanted: Int) throws {
        while available < wanted, next < length { try appendBlock() }
    }

    /// Copies the next `count` bytes.
    func read(into target: UnsafeMutablePointer<UInt8>, count: Int) throws {
        var done = 0
        while done < count {
            try fill(1)
            guard available > 0 else { throw damaged("it ends too early") }
            let piece = min(available, count - done)
            (target + done).update(from: cursor, count: piece)
            advance(piece)
            done += piece
        }
    }

    func skip(_ count: Int) throws {
        var left = count
        while left > 0 {
            try fill(1)
            guard available > 0 else { throw damaged("it ends too early") }
            let piece = min(available, left)
            advance(piece)
            left -= piece
        }
    }

    /// Goes to a position that a row index names.
    func seek(_ positions: inout ORCPositions) throws {
        let block = try positions.next()
        let within = codec == nil ? 0 : try positions.next()
        guard block <= length else { throw damaged("the row index points behind it") }
        next = block
        available = 0
        if within > 0 {
            try fill(within)
            guard available >= within else { throw damaged("the row index points behind a block") }
            advance(within)
        }
    }

    // MARK: Blocks

    private func appendBlock() throws {
        guard let codec else {
            let piece = min(length - next, Self.readAhead)
            let target = try reserve(piece)
            try readFile(into: target, count: piece, at: next)
            next += piece
            available += piece
            return
        }
        let header = try compressed(3)
        let bits = Int(header[0]) | Int(header[1]) << 8 | Int(header[2]) << 16
        let count = bits >> 1
        guard count <= length - next - 3 else { throw damaged("a block of \(count) bytes is longer than the stream") }
        let block = try compressed(3 + count) + 3
        if bits & 1 == 1 {
            try reserve(count).update(from: block, count: count)
            available += count
        } else if count > 0 {
            let target = try reserve(source.blockSize)
            let made: Int
            do {
                made = try codec.decompress(
                    UnsafeRawBufferPointer(start: block, count: count),
                    into: UnsafeMutableRawBufferPointer(start: target, count: source.blockSize))
            } catch {
                throw damaged("a block cannot be decompressed (\(error))")
            }
            guard 0...source.blockSize ~= made else { throw damaged("a block is too large") }
            available += made
        }
        next += 3 + count
    }

    /// Room behind the available bytes, which move to the front of the buffer.
    private func reserve(_ more: Int) throws -> UnsafeMutablePointer<UInt8> {
        let wanted = available + more + Self.padding
        if let buffer, wanted <= capacity {
            if available > 0, UnsafePointer(buffer) != cursor { buffer.update(from: cursor, count: available) }
            cursor = UnsafePointer(buffer)
            return buffer + available
        }
        let size = wanted + (available > 0 ? wanted / 2 : 0)
        try memory.grow(by: size - capacity, for: part)
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        if available > 0 { grown.update(from: cursor, count: available) }
        buffer?.deallocate()
        buffer = grown
        capacity = size
        cursor = UnsafePointer(grown)
        return grown + available
    }

    /// The next `count` bytes of the stream as they stand in the file.
    private func compressed(_ count: Int) throws -> UnsafeMutablePointer<UInt8> {
        guard count <= length - next else { throw damaged("it ends within a block") }
        let isThere = next >= windowStart && next + count <= windowStart + windowCount
        if let window, isThere { return window + (next - windowStart) }
        let wanted = min(max(count, Self.readAhead), length - next)
        if wanted > windowCapacity {
            try memory.grow(by: wanted - windowCapacity, for: part)
            window?.deallocate()
            window = .allocate(capacity: wanted)
            windowCapacity = wanted
        }
        guard let window else { throw damaged("it ends within a block") }
        try readFile(into: window, count: wanted, at: next)
        windowStart = next
        windowCount = wanted
        return window
    }

    private func readFile(into target: UnsafeMutablePointer<UInt8>, count: Int, at offset: Int) throws {
        let got = try source.file.read(into: target, count: count, at: start + offset)
        guard got == count else {
            throw TableFormatError("the file became shorter while it was read", path: part.path, offset: start + offset + got)
        }
    }
}

/// Where a group of rows begins in the streams of one column: numbers of the row index, in the order of the streams.
struct ORCPositions {
    private let values: [UInt64]
    private var used = 0
    private let part: ORCPart

    init(_ values: [UInt64], part: ORCPart) {
        self.values = values
        self.part = part
    }

    mutating func next() throws -> Int {
        guard used < values.count, let value = Int(exactly: values[used]) else {
            throw part.damaged("a row group has too few positions")
        }
        used += 1
        return value
    }
}
