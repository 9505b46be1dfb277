import Columnar

/// How often values occur: exactly while there are at most `limit` different ones, then how many of them lie in each of the
/// finest ranges of their order that there is room for.
///
/// A value is a word of 64 bits whose unsigned order is the values' (`WordForm`). A range is all words that agree in their
/// upper bits. When more than `limit` ranges hold values, as many of the lowest bits are dropped as it takes. More values
/// never make ranges finer, so what is counted in the end depends on the values alone: neither on their order nor on how
/// they were dealt out to workers whose counts are merged.
///
/// What is asked of ranges is off by less than one range: where values lie densely, 1/5,000 of them or so. At the worst, of
/// numbers that are spread over all magnitudes, a range spans half of its numbers' magnitude.
package final class ValueCounts {
    package static let limit = 8_192

    private let limit: Int
    /// Lower bits of words that no longer count.
    private(set) var shift = 0
    /// Ranges that hold values.
    package private(set) var count = 0
    private var capacity = 64
    private var entries: UnsafeMutablePointer<Entry>
    /// Positions of ranges by the hash of their keys, −1 where free; a power of two.
    private var slots: UnsafeMutablePointer<Int32>
    private var slotBits = 7

    /// A range: its words' upper bits, how many values lie in it, and the least and the greatest of these. In one place, since
    /// the ranges of a column do not fit into the nearer caches.
    private struct Entry: BitwiseCopyable {
        var key: UInt64
        var count: Int
        var low: UInt64
        var high: UInt64
    }

    /// - Parameter limit: at least 2.
    package init(limit: Int = ValueCounts.limit) {
        self.limit = max(limit, 2)
        entries = .allocate(capacity: 64)
        slots = .allocate(capacity: 128)
        slots.initialize(repeating: -1, count: 128)
    }

    deinit {
        entries.deallocate()
        slots.deallocate()
    }

    /// Whether every value is counted for itself.
    package var isExact: Bool { shift == 0 }
    var isOverLimit: Bool { count > limit }

    var byteCount: Int { capacity * MemoryLayout<Entry>.stride + (4 << slotBits) }

    // MARK: Counting

    /// Counts words; `fit()` is due afterwards.
    /// - Complexity: O(n).
    package func add(_ words: UnsafePointer<UInt64>, _ n: Int) {
        reserve(n)
        let entries = entries, slots = slots
        let bits = UInt64(slotBits), mask = 1 << slotBits - 1, shift = UInt64(shift)
        var used = count
        // Neighbours are equal more often than not in sorted and in sparse columns.
        var last: UInt64 = 0
        var lastPosition = -1
        for index in 0..<n {
            let word = words[index]
            let key = word &>> shift
            var position = lastPosition
            if key != last || position < 0 {
                var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> (64 &- bits))
                while true {
                    position = Int(slots[slot])
                    if position < 0 {
                        position = used
                        slots[slot] = Int32(truncatingIfNeeded: used)
                        entries[used] = Entry(key: key, count: 0, low: word, high: word)
                        used &+= 1
                        break
                    }
                    if entries[position].key == key { break }
                    slot = (slot &+ 1) & mask
                }
                last = key
                lastPosition = position
            }
            entries[position].count &+= 1
            if word < entries[position].low { entries[position].low = word }
            if word > entries[position].high { entries[position].high = word }
        }
        count = used
    }

    /// Drops bits until no more ranges than allowed hold values.
    package func fit() {
        if isOverLimit { coarsen(to: finestShift()) }
    }

    /// The fewest bits to drop.
    private func finestShift() -> Int {
        let sorted = (0..<count).map { entries[$0].key }.sorted()
        // How many neighbours differ in no bit above this one.
        var merged = [Int](repeating: 0, count: 65)
        for index in 1..<sorted.count {
            merged[64 - (sorted[index] ^ sorted[index - 1]).leadingZeroBitCount] += 1
        }
        var left = count
        var dropped = 0
        while left > limit, dropped < 63 {
            dropped += 1
            left -= merged[dropped]
        }
        return shift + dropped
    }

    private func coarsen(to wanted: Int) {
        guard wanted > shift else { return }
        let dropped = UInt64(wanted - shift)
        shift = wanted
        let old = count
        count = 0
        slots.update(repeating: -1, count: 1 << slotBits)
        // Ranges move to the front, never past those that are still to be read.
        for index in 0..<old { put(entries[index], dropping: dropped) }
    }

    /// Adds a range's count; there is room.
    private func put(_ entry: Entry, dropping dropped: UInt64) {
        let key = entry.key &>> dropped
        let mask = 1 << slotBits - 1
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> UInt64(64 - slotBits))
        while slots[slot] >= 0 {
            let position = Int(slots[slot])
            if entries[position].key == key {
                entries[position].count &+= entry.count
                entries[position].low = min(entries[position].low, entry.low)
                entries[position].high = max(entries[position].high, entry.high)
                return
            }
            slot = (slot + 1) & mask
        }
        slots[slot] = Int32(truncatingIfNeeded: count)
        entries[count] = Entry(key: key, count: entry.count, low: entry.low, high: entry.high)
        count += 1
    }

    /// Room for `more` ranges, with half of the slots free.
    private func reserve(_ more: Int) {
        let wanted = count + more
        if wanted > capacity {
            let grown = UnsafeMutablePointer<Entry>.allocate(capacity: max(wanted, min(capacity * 2, limit * 2)))
            grown.update(from: entries, count: count)
            entries.deallocate()
            entries = grown
            capacity = max(wanted, min(capacity * 2, limit * 2))
        }
        guard wanted * 2 > 1 << slotBits else { return }
        while wanted * 2 > 1 << slotBits { slotBits += 1 }
        slots.deallocate()
        slots = .allocate(capacity: 1 << slotBits)
        slots.initialize(repeating: -1, count: 1 << slotBits)
        let mask = 1 << slotBits - 1
        for position in 0..<count {
            var slot = Int(truncatingIfNeeded: (entries[position].key &* 0x9E37_79B9_7F4A_7C15) &>> UInt64(64 - slotBits))
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(truncatingIfNeeded: position)
        }
    }

    // MARK: Putting together

    /// Adds what another worker counted.
    package func merge(_ other: ValueCounts) {
        gather(other)
        fit()
    }

    /// As `merge`, but `fit()` is due afterwards.
    func gather(_ other: ValueCounts) {
        coarsen(to: max(shift, other.shift))
        reserve(other.count)
        let dropped = UInt64(shift - other.shift)
        for index in 0..<other.count { put(other.entries[index], dropping: dropped) }
    }

    /// Calls `body` with every value, while each is counted for itself.
    func forEachValue(_ body: (_ word: UInt64, _ count: Int) -> Void) {
        for index in 0..<count { body(entries[index].key, entries[index].count) }
    }

    package var ranges: ValueRanges {
        var ranges = (0..<count).map { index in
            ValueRange(low: entries[index].low, high: entries[index].high, count: entries[index].count)
        }
        ranges.sort { $0.low < $1.low }
        return ValueRanges(shift: shift, ranges: ranges)
    }
}

/// Values that lie in one range of their order.
package struct ValueRange: Sendable {
    /// The least and the greatest of them, as words.
    package var low: UInt64
    package var high: UInt64
    package var count: Int

    package init(low: UInt64, high: UInt64, count: Int) {
        self.low = low
        self.high = high
        self.count = count
    }
}

/// What was counted, in the values' order.
package struct ValueRanges: Sendable {
    /// Lower bits in which words of one range may differ.
    package private(set) var shift: Int
    package private(set) var ranges: [ValueRange]
    package let total: Int

    init(shift: Int = 0, ranges: [ValueRange] = []) {
        self.shift = shift
        self.ranges = ranges
        total = ranges.reduce(0) { $0 + $1.count }
    }

    var isExact: Bool { shift == 0 }

    /// The same counts in ranges of words that may differ in `shift` bits.
    func coarsened(to shift: Int) -> ValueRanges {
        guard shift > self.shift else { return self }
        let bits = UInt64(shift)
        var merged: [ValueRange] = []
        for range in ranges {
            if let last = merged.last, last.low >> bits == range.low >> bits {
                merged[merged.count - 1].high = range.high
                merged[merged.count - 1].count += range.count
            } else {
                merged.append(range)
            }
        }
        return ValueRanges(shift: shift, ranges: merged)
    }

    /// The value at a place of the sorted values, from 0 on; of a range the nearer of its ends.
    package func word(at place: Int) -> UInt64? {
        var before = 0
        for range in ranges {
            if place < before + range.count { return place - before < (range.count + 1) / 2 ? range.low : range.high }
            before += range.count
        }
        return ranges.last?.high
    }
}
