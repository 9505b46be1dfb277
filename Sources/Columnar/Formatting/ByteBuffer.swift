/// Bytes that grow at the end. Confined to one worker.
package final class ByteBuffer: @unchecked Sendable {
    // Unchecked: one worker uses a buffer at a time.
    // One worker uses a buffer at a time; the run-time check of that would cost more than an append.
    @exclusivity(unchecked) package private(set) var start: UnsafeMutablePointer<UInt8>
    @exclusivity(unchecked) package private(set) var count = 0
    @exclusivity(unchecked) private var capacity: Int

    package init(capacity: Int = 4096) {
        self.capacity = max(capacity, 64)
        start = .allocate(capacity: self.capacity)
    }

    deinit { start.deallocate() }

    package var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

    /// A view of the bytes from `offset`; valid until the buffer grows.
    @inline(__always)
    package func view(from offset: Int = 0) -> StringView { StringView(start + offset, length: count - offset) }

    package var string: String { String(decoding: bytes, as: UTF8.self) }

    package func removeAll() { count = 0 }

    /// Drops what was appended after the buffer had `count` bytes.
    package func truncate(to count: Int) { self.count = min(max(count, 0), self.count) }

    /// Room for `more` bytes at the end; say with `advance` how many were written.
    @inline(__always)
    package func reserve(_ more: Int) -> UnsafeMutablePointer<UInt8> {
        if capacity - count < more { grow(more) }
        return start + count
    }

    @inline(__always)
    package func advance(_ written: Int) { count += written }

    @inline(__always)
    package func append(_ byte: UInt8) {
        reserve(1)[0] = byte
        count += 1
    }

    @inline(__always)
    package func append(_ pointer: UnsafePointer<UInt8>, count: Int) {
        guard count > 0 else { return }
        reserve(count).update(from: pointer, count: count)
        self.count += count
    }

    @inline(__always)
    package func append(_ view: StringView) { append(view.pointer, count: Int(view.length)) }

    package func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        if let pointer = bytes.baseAddress { append(pointer, count: bytes.count) }
    }

    @inline(__always)
    package func append(_ literal: StaticString) {
        append(literal.utf8Start, count: literal.utf8CodeUnitCount)
    }

    package func append(_ string: String) {
        var copy = string
        copy.withUTF8 { append($0) }
    }

    package func append(repeating byte: UInt8, count: Int) {
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
