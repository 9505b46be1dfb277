import Columnar

/// What one reader of a row group holds, and where it asks before it holds more: sizes in a file are not believed.
final class ParquetMemory {
    private let memory: (any ScanMemory)?
    private let limit: Int
    private var bytes = 0

    init(_ memory: (any ScanMemory)?, limit: Int) {
        self.memory = memory
        self.limit = limit
    }

    func grow(by more: Int) throws {
        guard more <= limit - bytes else { throw CorruptParquet("a page needs more than the reader's limit of \(limit) bytes") }
        do { try memory?.update(to: bytes + more) } catch {
            throw CorruptParquet("a page needs more memory than the query's limit leaves (buffers of \(bytes + more) bytes)")
        }
        bytes += more
    }

    /// Whether there would be room for so many bytes of a batch.
    func check(_ more: Int) throws {
        try grow(by: more)
        shrink(by: more)
    }

    func shrink(by less: Int) {
        bytes -= less
        // Giving back cannot fail.
        try? memory?.update(to: bytes)
    }
}

/// Bytes of a page, and some more behind them that may be read. Strings point into it: a batch keeps it alive.
final class PageBuffer {
    /// Loads of eight bytes reach behind the end.
    static let slack = 16

    let bytes: UnsafeMutablePointer<UInt8>
    let capacity: Int

    private init(capacity: Int) {
        self.capacity = capacity
        bytes = .allocate(capacity: capacity + Self.slack)
        (bytes + capacity).initialize(repeating: 0, count: Self.slack)
    }

    deinit { bytes.deallocate() }

    /// A buffer of `count` bytes at least in place of `old`: itself when nobody else holds it and it fits. What a batch
    /// still holds of an old one is not counted any more: it is the batch's.
    static func replace(_ old: inout PageBuffer?, count: Int, memory: ParquetMemory) throws {
        if var buffer = old {
            old = nil
            if buffer.capacity >= count, buffer.capacity / 4 <= max(count, 4096), isKnownUniquelyReferenced(&buffer) {
                old = buffer
                return
            }
            memory.shrink(by: buffer.capacity)
        }
        // Pages of a chunk are of like size: some room spares the next one an allocation.
        let capacity = count + count / 8
        try memory.grow(by: capacity)
        old = PageBuffer(capacity: capacity)
    }
}

/// Strings that wait to be converted.
struct ViewBuffer {
    private var views: UnsafeMutablePointer<StringView>?
    private var capacity = 0

    mutating func room(_ count: Int) -> UnsafeMutablePointer<StringView> {
        if let views, capacity >= count { return views }
        deallocate()
        capacity = max(count, 2048)
        let grown = UnsafeMutablePointer<StringView>.allocate(capacity: capacity)
        views = grown
        return grown
    }

    func deallocate() { views?.deallocate() }
}
