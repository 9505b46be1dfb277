/// The bytes of a file from some offset on, of which as many as are wanted lie in memory one behind the other.
final class FileWindow {
    let path: String
    /// Behind the last byte of the file.
    let end: Int
    /// In the file: of the next byte.
    private(set) var offset: Int
    private let file: FileReader
    private let memory: RowFileMemory
    private var buffer: PaddedBuffer
    /// In the file: of the buffer's first byte, and of the byte behind its last one.
    private var bufferStart: Int
    private var bufferEnd: Int

    private static let usualCapacity = 256 << 10
    init(_ file: FileReader, from offset: Int, end: Int, memory: RowFileMemory) {
        self.file = file
        path = file.path
        self.offset = offset
        self.end = end
        self.memory = memory
        buffer = PaddedBuffer(capacity: max(min(Self.usualCapacity, end - offset), 1))
        (bufferStart, bufferEnd) = (offset, offset)
    }

    /// Bytes from the next one to the file's end.
    var remaining: Int { end - offset }

    /// The next `count` bytes; they stay there until the window is asked for others. Nothing is passed over.
    /// - Parameter what: what they are, for the error when the file has not so many.
    @inline(__always)
    func require(_ count: Int, _ what: @autoclosure () -> String) throws -> UnsafePointer<UInt8> {
        if count < 0 || count > bufferEnd - offset { try load(count, what()) }
        return UnsafePointer(buffer.bytes + (offset - bufferStart))
    }

    /// The bytes that lie in memory anyway, at least `wanted` unless the file ends.
    func available(_ wanted: Int) throws -> UnsafeBufferPointer<UInt8> {
        let start = try require(min(wanted, remaining), "")
        return UnsafeBufferPointer(start: start, count: bufferEnd - offset)
    }

    /// Passes over bytes, in memory or not.
    /// - Precondition: `count` is not negative.
    @inline(__always)
    func skip(_ count: Int) {
        offset += count
        if offset > bufferEnd { (bufferStart, bufferEnd) = (offset, offset) }
    }

    @inline(never)
    private func load(_ count: Int, _ what: String) throws {
        guard count >= 0, count <= remaining else {
            throw TableFormatError("damaged file: it ends within \(what)", path: path, offset: offset)
        }
        let kept = bufferEnd - offset
        let capacity = buffer.capacity
        if count > capacity {
            // What is read often is asked for once.
            let size = max(count, min(capacity * 2, remaining))
            try memory.grow(by: size - capacity, for: what, offset: offset)
            let grown = PaddedBuffer(capacity: size)
            grown.bytes.update(from: buffer.bytes + (offset - bufferStart), count: kept)
            buffer = grown
        } else {
            buffer.bytes.update(from: buffer.bytes + (offset - bufferStart), count: kept)
        }
        bufferStart = offset
        let wanted = min(buffer.capacity, remaining) - kept
        let got = try file.read(into: buffer.bytes + kept, count: wanted, at: offset + kept)
        bufferEnd = offset + kept + got
        guard kept + got >= count else {
            throw TableFormatError("the file became shorter while it was read", path: path, offset: bufferEnd)
        }
    }
}
