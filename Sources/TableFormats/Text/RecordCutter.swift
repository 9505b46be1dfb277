#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Cuts a file's text at a delimiter of several bytes (`textinputformat.record.delimiter`), as Hadoop does: line ends are plain
/// characters, and nothing behind the last delimiter is no record.
final class RecordCutter {
    private let source: any ByteSource
    private let delimiter: [UInt8]
    private let path: String
    private let memory: ScanMemoryUse
    private var storage: UnsafeMutablePointer<UInt8>
    private var capacity = 512 << 10
    /// What was read and not given yet lies between them; `searched` of it holds no beginning of a delimiter.
    private var cursor = 0
    private var end = 0
    private var searched = 0
    private var isAtEnd = false
    /// Offset in the (decompressed) file of the storage's first byte.
    private var origin = 0
    private(set) var readBytes = 0
    private static let maximumCapacity = 1 << 30

    /// - Precondition: `delimiter` is not empty.
    init(_ source: any ByteSource, delimiter: [UInt8], path: String, memory: ScanMemoryUse) {
        self.source = source
        self.delimiter = delimiter
        self.path = path
        self.memory = memory
        storage = .allocate(capacity: capacity)
    }

    deinit { storage.deallocate() }

    /// Where the next record begins.
    var offset: Int { origin + cursor }

    /// The next record without its delimiter, valid until the next call; nil at the end.
    /// - Throws: `TableFormatError` when the file can't be read, or a record is too long.
    func next() throws -> UnsafeBufferPointer<UInt8>? {
        while true {
            if let found = find() {
                defer {
                    cursor = found + delimiter.count
                    searched = cursor
                }
                return UnsafeBufferPointer(start: storage + cursor, count: found - cursor)
            }
            guard isAtEnd else {
                try fill()
                continue
            }
            guard cursor < end else { return nil }
            defer {
                cursor = end
                searched = end
            }
            return UnsafeBufferPointer(start: storage + cursor, count: end - cursor)
        }
    }

    private func find() -> Int? {
        while searched + delimiter.count <= end {
            let room = end - searched - delimiter.count + 1
            guard let first = memchr(storage + searched, Int32(delimiter[0]), room) else {
                searched += room
                return nil
            }
            searched = UnsafeRawPointer(storage).distance(to: UnsafeRawPointer(first))
            if memcmp(storage + searched, delimiter, delimiter.count) == 0 { return searched }
            searched += 1
        }
        return nil
    }

    private func fill() throws {
        if cursor > 0 {
            memmove(storage, storage + cursor, end - cursor)
            origin += cursor
            (end, searched, cursor) = (end - cursor, searched - cursor, 0)
        }
        if end > capacity / 2 {
            guard capacity < Self.maximumCapacity else {
                throw TableFormatError("a record is longer than \(Self.maximumCapacity) bytes", path: path, offset: origin)
            }
            try memory.grow(by: capacity, for: "a record", path: path, offset: origin)
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
            larger.update(from: storage, count: end)
            storage.deallocate()
            storage = larger
            capacity *= 2
        }
        let got = try source.read(into: storage + end, count: capacity - end)
        end += got
        readBytes += got
        isAtEnd = got == 0
    }
}
