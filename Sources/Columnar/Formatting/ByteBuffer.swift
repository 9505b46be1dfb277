/// Bytes that grow at the end. Confined to one worker.
public final class ByteBuffer: @unchecked Sendable {
    // Unchecked: one worker uses a buffer at a time.
    // One worker uses a buffer at a time; the run-time check of that would cost more than an append.
    @exclusivity(unchecked) public private(set) var start: UnsafeMutablePointer<UInt8>
    @exclusivity(unchecked) public private(set) var count = 0
    @exclusivity(unchecked) private var capacity: Int

    public init(capacity: Int = 4096) {
        self.capacity = max(capacity, 64)
        start = .allocate(capacity: self.capacity)
    }

    deinit { start.deallocate() }

    public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

    /// A view of the bytes from `offset`; valid until the buffer grows.
    @inline(__always)
    public func view(from offset: Int = 0) -> StringView { StringView(start + offset, length: count - offset) }

    public var string: String { String(decoding: bytes, as: UTF8.self) }

    public func removeAll() { count = 0 }

    /// Drops what was appended after the buffer had `count` bytes.
    public func truncate(to count: Int) { self.count = min(max(count, 0), self.count) }

    /// Room for `more` bytes at the end; say with `advance` how many were written.
    @inline(__always)
    public func reserve(_ more: Int) -> UnsafeMutablePointer<UInt8> {
        if capacity - count < more { grow(more) }
        return start + count
    }

    @inline(__always)
    public func advance(_ written: Int) { count += written }

    @inline(__always)
    public func append(_ byte: UInt8) {
        reserve(1)[0] = byte
        count += 1
    }

    @inline(__always)
    public func append(_ pointer: UnsafePointer<UInt8>, count: Int) {
        guard count > 0 else { return }
        reserve(count).update(from: pointer, count: count)
        self.count += count
    }

    @inline(__always)
    public func append(_ view: StringView) { append(view.pointer, count: Int(view.length)) }

    public func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        if let pointer = bytes.baseAddress { append(pointer, count: bytes.count) }
    }

    @inline(__always)
    public func append(_ literal: StaticString) {
        append(literal.utf8Start, count: literal.utf8CodeUnitCount)
    }

    public func append(_ string: String) {
        var copy = string
        copy.withUTF8 { append($0) }
    }

    public func append(repeating byte: UInt8, count: Int) {
        guard count > 0 else { return }
        reserve(count).update(repeating: byte, count: count)
        self.count += count
    }

    @inline(never)
    private func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        grown.update(from: start, count: count)
        start.deallocate()
        start = grown
    }
}
