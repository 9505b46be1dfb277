/// Bytes of strings, in chunks that never move: views into them stay valid as long as the heap lives.
@usableFromInline package final class StringHeap: @unchecked Sendable {
    // Unchecked: one worker fills a heap; its bytes are only read once they are shared.
    private var chunks: [UnsafeMutablePointer<UInt8>] = []
    // One worker fills a heap at a time; the run-time check of that would cost more than an allocation.
    @exclusivity(unchecked) @usableFromInline var next: UnsafeMutablePointer<UInt8>
    @exclusivity(unchecked) @usableFromInline var remaining = 0
    /// Bytes allocated.
    package private(set) var byteCount = 0
    /// Heaps whose strings are shared by columns of this one.
    private var retained: [AnyObject] = []

    package init() { next = UnsafeMutablePointer(mutating: emptyStringBytes) }

    deinit { for chunk in chunks { chunk.deallocate() } }

    /// Room for `count` bytes that the caller fills.
    @inlinable @inline(__always)
    package func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        if count > remaining { grow(atLeast: count) }
        let place = next
        next += count
        remaining -= count
        return place
    }

    /// Gives back the last `count` bytes of the latest `allocate`.
    @inlinable package func giveBack(_ count: Int) {
        next -= count
        remaining += count
    }

    /// Copies bytes into the heap.
    @inlinable package func copy(_ bytes: UnsafeBufferPointer<UInt8>) -> StringView {
        guard bytes.count > 0, let source = bytes.baseAddress else { return StringView() }
        let place = allocate(bytes.count)
        place.update(from: source, count: bytes.count)
        return StringView(place, length: bytes.count)
    }

    @inlinable package func copy(_ view: StringView) -> StringView { copy(view.bytes) }

    /// Keeps `object` alive as long as the heap.
    package func retain(_ object: AnyObject) { retained.append(object) }

    @usableFromInline @inline(never)
    func grow(atLeast count: Int) {
        let size = max(count, min(max(byteCount, 4096), 1 << 20))
        let chunk = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        chunks.append(chunk)
        byteCount += size
        next = chunk
        remaining = size
    }
}
