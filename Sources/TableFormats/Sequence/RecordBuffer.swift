/// Values of some records, one behind the other, with readable bytes before and behind each of them.
final class RecordBuffer {
    private(set) var count = 0
    private(set) var byteCount = 0
    /// Where a record begins and ends in `bytes`.
    let starts: UnsafeMutablePointer<UInt32>
    let ends: UnsafeMutablePointer<UInt32>
    let capacity: Int
    private let memory: RowFileMemory
    private var storage: PaddedBuffer

    init(capacity: Int, memory: RowFileMemory) {
        self.capacity = max(capacity, 1)
        self.memory = memory
        starts = .allocate(capacity: self.capacity)
        ends = .allocate(capacity: self.capacity)
        storage = PaddedBuffer(capacity: 64 << 10)
    }

    deinit {
        starts.deallocate()
        ends.deallocate()
    }

    var bytes: UnsafePointer<UInt8> { UnsafePointer(storage.bytes) }

    func removeAll() { (count, byteCount) = (0, 0) }

    /// - Precondition: there are fewer records than `capacity`.
    /// - Throws: `TableFormatError` when there is no memory.
    func append(_ value: UnsafePointer<UInt8>, _ length: Int, path: String, offset: Int) throws {
        if length > storage.capacity - byteCount { try grow(length, offset) }
        guard byteCount + length <= Int(UInt32.max) else {
            throw TableFormatError("a record of \(length) bytes is too large", path: path, offset: offset)
        }
        (storage.bytes + byteCount).update(from: value, count: length)
        starts[count] = UInt32(truncatingIfNeeded: byteCount)
        byteCount += length
        ends[count] = UInt32(truncatingIfNeeded: byteCount)
        count += 1
    }

    @inline(never)
    private func grow(_ more: Int, _ offset: Int) throws {
        let size = max(storage.capacity * 2, byteCount + more)
        try memory.grow(by: size - storage.capacity, for: "records", offset: offset)
        let grown = PaddedBuffer(capacity: size)
        grown.bytes.update(from: bytes, count: byteCount)
        storage = grown
    }
}
