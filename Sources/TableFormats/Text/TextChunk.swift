import CKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The part of a file that is in memory: a window that moves over whole lines.
///
/// Lines end at `\n`, `\r\n` or a lone `\r`. The last line need not be ended: `fill` puts a `\n` behind it.
final class TextChunk {
    /// Readable, meaningless bytes before and behind the text, for reads of whole words and vectors.
    private static let padding = Int(HIVEQL_TEXT_PADDING)
    /// Positions in the window are 32 bits wide.
    private static let maximumCapacity = 1 << 30

    private var storage: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// What `storage` has room for when no line is longer.
    private let usualCapacity: Int
    private let memory: ScanMemoryUse
    /// The next line's position.
    var cursor = 0
    /// Behind the text in the window.
    private(set) var end = 0
    /// Offset in the (decompressed) file of position 0.
    private(set) var origin = 0
    /// Lines that begin at or behind this offset are not wanted.
    private var lineLimit = 0
    private var source: (any ByteSource)?
    private var isAtEnd = true
    /// Offset of the source's first byte.
    private var sourceStart = 0
    private var readBytes = 0
    private var pastLimitStep = 0

    init(byteCount: Int, memory: ScanMemoryUse) {
        capacity = min(max(byteCount, 64), Self.maximumCapacity)
        usualCapacity = capacity
        self.memory = memory
        // Without memory for this nothing runs.
        storage = .allocate(capacity: capacity + 2 * Self.padding)
        storage.initialize(repeating: 0, count: capacity + 2 * Self.padding)
    }

    deinit { storage.deallocate() }

    /// The text; valid until `fill`.
    var bytes: UnsafePointer<UInt8> { UnsafePointer(storage + Self.padding) }

    /// Lines that begin at or behind this position are not wanted.
    var limit: Int { min(lineLimit - origin, end) }

    /// The file, for errors.
    private(set) var path = ""

    /// Starts over with another source. Its first byte has `offset`, the lines wanted begin before `end`.
    func begin(_ source: any ByteSource, path: String, offset: Int, end lineLimit: Int) {
        self.source = source
        self.path = path
        self.lineLimit = lineLimit
        origin = offset
        sourceStart = offset
        cursor = 0
        end = 0
        isAtEnd = false
        pastLimitStep = 4096
    }

    /// Closes the source; the bytes that were read from it. A window that a long line widened gets its usual size.
    func finish() -> Int {
        source = nil
        if capacity > usualCapacity {
            memory.shrink(by: capacity - usualCapacity)
            storage.deallocate()
            capacity = usualCapacity
            storage = .allocate(capacity: capacity + 2 * Self.padding)
            storage.initialize(repeating: 0, count: capacity + 2 * Self.padding)
            cursor = 0
            end = 0
        }
        defer { readBytes = 0 }
        return readBytes
    }

    /// Gets more text behind the lines that were not taken yet. False when the wanted lines are all taken.
    func fill() throws -> Bool {
        guard origin + cursor < lineLimit, !isAtEnd, let source else { return false }
        try makeRoom()
        var room = capacity - end
        let next = origin + end
        if next < lineLimit {
            room = min(room, lineLimit - next)
        } else {
            // Only the rest of one line is missing.
            room = min(room, pastLimitStep)
            pastLimitStep = min(pastLimitStep * 2, Self.maximumCapacity)
        }
        let got = try source.read(into: storage + Self.padding + end, count: room)
        if let known = source.lineLimit { lineLimit = min(lineLimit, sourceStart + known) }
        end += got
        readBytes += got
        if got == 0 {
            isAtEnd = true
            guard cursor < end else { return false }
            let last = bytes[end - 1]
            if last != 0x0A, last != 0x0D {
                // The padding has room for it.
                storage[Self.padding + end] = 0x0A
                end += 1
            }
        }
        return true
    }

    /// What is left takes so much of the window that it has to grow before more is read.
    var isMostlyOneLine: Bool { end - cursor > capacity / 2 }

    /// Moves what is left to the front; makes the window larger when it is full.
    private func makeRoom() throws {
        let text = storage + Self.padding
        if cursor > 0 {
            memmove(text, text + cursor, end - cursor)
            origin += cursor
            end -= cursor
            cursor = 0
        }
        guard isMostlyOneLine else { return }
        guard capacity < Self.maximumCapacity else {
            throw TableFormatError("a line is longer than \(Self.maximumCapacity) bytes", path: path, offset: origin)
        }
        let larger = min(capacity * 2, Self.maximumCapacity)
        // Both windows are held while one is copied.
        try memory.grow(by: larger, path: path, offset: origin)
        let size = larger + 2 * Self.padding
        guard let grown = calloc(size, 1) else {
            memory.shrink(by: larger)
            throw TableFormatError("there is no memory for a line of more than \(end) bytes", path: path, offset: origin)
        }
        memory.shrink(by: capacity)
        let bytes = grown.bindMemory(to: UInt8.self, capacity: size)
        (bytes + Self.padding).update(from: text, count: end)
        storage.deallocate()
        storage = bytes
        capacity = larger
    }

    /// Takes all whole wanted lines in the window and returns how many they are.
    func consumeLines() -> Int {
        let limit = limit
        guard cursor < limit else { return 0 }
        let text = bytes
        // A line that begins before the limit may end behind it.
        var stop = end
        if limit < end, let feed = memchr(text + limit - 1, 0x0A, end - limit + 1) {
            stop = UnsafeRawPointer(text).distance(to: feed) + 1
        }
        var sawCarriageReturn = false
        let count = hiveql_count_line_feeds(text, cursor, stop, &sawCarriageReturn)
        if sawCarriageReturn { return consumeMixedLines(limit) }
        guard count > 0 else { return 0 }
        var last = stop - 1
        while text[last] != 0x0A { last -= 1 }
        cursor = last + 1
        return count
    }

    private func consumeMixedLines(_ limit: Int) -> Int {
        var count = 0
        while cursor < limit, let next = lineEnd(from: cursor) {
            cursor = next.next
            count += 1
        }
        return count
    }

    /// Whether a line may end at or behind an offset of the file, or did not before it because the byte there was the last one.
    func hasLineEnd(from offset: Int) -> Bool {
        let from = max(offset - origin - 1, cursor)
        guard from < end else { return false }
        return memchr(bytes + from, 0x0A, end - from) != nil || memchr(bytes + from, 0x0D, end - from) != nil
    }

    /// The end of the line that contains `position` and where the next one begins; nil when it is not in the window.
    func lineEnd(from position: Int) -> (end: Int, next: Int)? {
        let text = bytes
        let end = end
        var at = position
        while at < end {
            let byte = text[at]
            if byte == 0x0A { return (at, at + 1) }
            if byte == 0x0D {
                if at + 1 < end { return (at, text[at + 1] == 0x0A ? at + 2 : at + 1) }
                return isAtEnd ? (at, at + 1) : nil
            }
            at += 1
        }
        return nil
    }
}

extension TextChunk {
    /// Leaves out the rest of the line at the cursor, of which nothing is kept: it may be longer than the memory. Stops
    /// where no line is wanted any more.
    func skipLine() throws {
        while true {
            if cursor < end, let line = lineEnd(from: cursor) {
                cursor = line.next
                return
            }
            // What follows a carriage return says whether it ends the line alone.
            cursor = cursor < end && bytes[end - 1] == 0x0D ? end - 1 : end
            guard try fill() else {
                cursor = end
                return
            }
        }
    }

    /// Leaves out the UTF-8 byte order mark that some programs begin a file with.
    func skipByteOrderMark() throws {
        while end < 3, try fill() {}
        if end >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { cursor = 3 }
    }

    /// Leaves out the next `count` lines.
    func skipLines(_ count: Int) throws {
        for _ in 0..<count {
            if cursor == end, try !fill() { return }
            try skipLine()
        }
    }

    /// Where the last `lines` lines of `source` begin.
    static func footerOffset(of source: any ByteSource, lines: Int) throws -> Int {
        let size = 64 << 10
        let block = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        defer { block.deallocate() }
        // Where the latest lines begin, a ring.
        var starts: [Int] = []
        var found = 0
        var offset = 0
        var previous: UInt8 = 0x0A
        while true {
            let got = try source.read(into: block, count: size)
            if got == 0 { break }
            for at in 0..<got {
                let byte = block[at]
                if previous == 0x0A || (previous == 0x0D && byte != 0x0A) {
                    if found < lines { starts.append(offset + at) } else { starts[found % lines] = offset + at }
                    found += 1
                }
                previous = byte
            }
            offset += got
        }
        return found < lines ? 0 : starts[found % lines]
    }
}
