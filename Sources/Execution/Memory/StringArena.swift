import Columnar

/// Bytes of strings that a query gathers, in blocks that never move and grow with what is stored.
final class StringArena {
    private var blocks: [UnsafeMutableRawPointer] = []
    @usableFromInline var next: UnsafeMutablePointer<UInt8>
    private var remaining = 0
    /// Bytes allocated.
    private(set) var byteCount = 0

    /// Bytes of strings, and what did not fit behind them.
    var usedBytes: Int { byteCount - remaining }

    private static let firstBlock = 4096
    private static let largestBlock = 8 << 20

    init() { next = UnsafeMutablePointer(mutating: StringView().pointer) }

    deinit { for block in blocks { block.deallocate() } }

    /// Copies a string's bytes here.
    @inline(__always)
    func copy(_ view: StringView) -> StringView {
        let count = Int(view.length)
        if count == 0 { return StringView() }
        if count > remaining { grow(atLeast: count) }
        let place = next
        place.update(from: view.pointer, count: count)
        next = place + count
        remaining &-= count
        return StringView(place, length: count)
    }

    @inline(never)
    private func grow(atLeast count: Int) {
        let size = max(count, min(max(byteCount, Self.firstBlock), Self.largestBlock))
        let block = LargeAllocation.bytes(size)
        blocks.append(block)
        byteCount += size
        next = block.bindMemory(to: UInt8.self, capacity: size)
        remaining = size
    }
}
