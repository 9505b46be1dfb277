import Columnar

/// How often texts occur, exactly, as long as there are at most `limit` different ones of together `byteLimit` bytes.
package final class TextCounts {
    package static let limit = 16_384
    private static let byteLimit = 8 << 20

    private let limit: Int
    package private(set) var count = 0
    private var capacity = 64
    private var views: UnsafeMutablePointer<StringView>
    private var hashes: UnsafeMutablePointer<UInt64>
    private var counts: UnsafeMutablePointer<Int>
    /// Positions of texts by their hashes, −1 where free; a power of two.
    private var slots: UnsafeMutablePointer<Int32>
    private var slotBits = 7
    private let heap = StringHeap()
    private var textBytes = 0

    package init(limit: Int = TextCounts.limit) {
        self.limit = limit
        views = .allocate(capacity: 64)
        hashes = .allocate(capacity: 64)
        counts = .allocate(capacity: 64)
        slots = .allocate(capacity: 128)
        slots.initialize(repeating: -1, count: 128)
    }

    deinit {
        views.deallocate()
        hashes.deallocate()
        counts.deallocate()
        slots.deallocate()
    }

    var byteCount: Int { capacity * 32 + (4 << slotBits) + heap.byteCount }

    /// Whether there are more than may be counted so. What was counted is right all the same.
    package var isOverLimit: Bool { count > limit || textBytes > Self.byteLimit }

    /// Counts texts, whose bytes are copied when they are new.
    /// - Parameter positions: given, it is told which of the texts each is, in the order in which they first came.
    /// - Returns: how many were counted: all, or those up to the one that was too many.
    package func add(
        _ texts: UnsafePointer<StringView>, _ textHashes: UnsafePointer<UInt64>, _ n: Int,
        positions: UnsafeMutablePointer<Int32>? = nil
    ) -> Int {
        var views = views, hashes = hashes, counts = counts, slots = slots
        var bits = UInt64(slotBits), mask = 1 << slotBits - 1
        for index in 0..<n {
            let text = texts[index], hash = textHashes[index]
            var slot = Int(truncatingIfNeeded: hash &>> (64 &- bits))
            var position: Int
            while true {
                position = Int(slots[slot])
                if position < 0 || (hashes[position] == hash && views[position] == text) { break }
                slot = (slot &+ 1) & mask
            }
            if position < 0 {
                position = insert(text, hash, slot)
                (views, hashes, counts, slots) = (self.views, self.hashes, self.counts, self.slots)
                bits = UInt64(slotBits)
                mask = 1 << slotBits - 1
            }
            counts[position] &+= 1
            positions?[index] = Int32(truncatingIfNeeded: position)
            if position >= limit { return index + 1 }
        }
        return n
    }

    private func position(of text: StringView, _ hash: UInt64) -> Int {
        let mask = 1 << slotBits - 1
        var slot = Int(truncatingIfNeeded: hash &>> UInt64(truncatingIfNeeded: 64 &- slotBits))
        while true {
            let position = Int(slots[slot])
            if position < 0 { return insert(text, hash, slot) }
            if hashes[position] == hash, views[position] == text { return position }
            slot = (slot &+ 1) & mask
        }
    }

    @inline(never)
    private func insert(_ text: StringView, _ hash: UInt64, _ slot: Int) -> Int {
        if count == capacity {
            views = Self.moved(views, count, to: capacity * 2)
            hashes = Self.moved(hashes, count, to: capacity * 2)
            counts = Self.moved(counts, count, to: capacity * 2)
            capacity *= 2
        }
        let position = count
        views[position] = heap.copy(text)
        hashes[position] = hash
        counts[position] = 0
        textBytes += text.count
        slots[slot] = Int32(truncatingIfNeeded: position)
        count += 1
        if count * 2 > 1 << slotBits { rehash() }
        return position
    }

    private func rehash() {
        slotBits += 1
        slots.deallocate()
        slots = .allocate(capacity: 1 << slotBits)
        slots.initialize(repeating: -1, count: 1 << slotBits)
        let mask = 1 << slotBits - 1
        for position in 0..<count {
            var slot = Int(truncatingIfNeeded: hashes[position] >> UInt64(64 - slotBits))
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(truncatingIfNeeded: position)
        }
    }

    private static func moved<Element>(
        _ elements: UnsafeMutablePointer<Element>, _ count: Int, to capacity: Int
    ) -> UnsafeMutablePointer<Element> {
        let grown = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        grown.moveInitialize(from: elements, count: count)
        elements.deallocate()
        return grown
    }

    /// Adds what another worker counted.
    /// - Parameter positions: told where each of the other's texts went.
    func merge(_ other: TextCounts, positions: (_ theirs: Int, _ ours: Int) -> Void = { _, _ in }) {
        for index in 0..<other.count {
            let position = position(of: other.views[index], other.hashes[index])
            counts[position] += other.counts[index]
            positions(index, position)
        }
    }

    /// Calls `body` with every text, whose bytes live as long as the counts do.
    package func forEachText(_ body: (_ text: StringView, _ hash: UInt64, _ count: Int) -> Void) {
        for index in 0..<count { body(views[index], hashes[index], counts[index]) }
    }
}
