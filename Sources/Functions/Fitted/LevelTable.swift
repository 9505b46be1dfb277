import Columnar

/// The levels of all groups of an accumulator, as texts that lie in one heap and are found in one hash table. Each has a place, from 0
/// on in the order in which they came, at which its owner keeps what it learns of it.
struct LevelTable: ~Copyable {
    private struct Group: BitwiseCopyable {
        var first: Int32 = -1
        /// Goes up with every reset, so that levels of before are not found again.
        var generation: Int32 = 0
    }

    private struct Level {
        let text: StringView
        let group: Int32
        let generation: Int32
        /// The next level of the group.
        let next: Int32
    }

    private var groups = StateBuffer(empty: Group())
    private var levels: [Level] = []
    private var slots: [Int32] = []
    private var heap = StringHeap()

    var byteCount: Int {
        groups.byteCount + heap.byteCount + levels.capacity * MemoryLayout<Level>.stride + slots.capacity * MemoryLayout<Int32>.stride
    }

    mutating func resize(groupCount: Int) { groups.resize(groupCount) }

    /// Forgets the levels of some groups.
    /// - Returns: whether that were all, so that places begin from 0 again.
    mutating func reset(_ range: Range<Int>) -> Bool {
        for group in range { groups.states[group] = Group(generation: groups.states[group].generation &+ 1) }
        guard range.lowerBound == 0, range.count >= groups.count else { return false }
        levels.removeAll(keepingCapacity: true)
        for slot in slots.indices { slots[slot] = -1 }
        heap = StringHeap()
        return true
    }

    private func slot(_ text: StringView, _ group: Int32) -> Int {
        Int(truncatingIfNeeded: Hashing.combine(Hashing.hash(text), UInt64(truncatingIfNeeded: group)) & UInt64(slots.count - 1))
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: max(slots.count * 2, 64))
        for (place, level) in levels.enumerated() {
            var slot = slot(level.text, level.group)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(truncatingIfNeeded: place)
        }
    }

    /// The place of a group's level, which is the next one when the level is new.
    mutating func place(of text: StringView, _ group: Int32) throws -> Int {
        if levels.count * 3 >= slots.count * 2 { grow() }
        let state = groups.states[Int(group)]
        var slot = slot(text, group)
        while slots[slot] >= 0 {
            let place = Int(slots[slot])
            if levels[place].group == group, levels[place].generation == state.generation, levels[place].text == text { return place }
            slot = (slot + 1) & (slots.count - 1)
        }
        guard levels.count < Int(Int32.max) else { throw FunctionError(.argument, "More levels came than can be counted") }
        let place = levels.count
        slots[slot] = Int32(truncatingIfNeeded: place)
        levels.append(Level(text: heap.copy(text), group: group, generation: state.generation, next: state.first))
        groups.states[Int(group)].first = Int32(truncatingIfNeeded: place)
        return place
    }

    func text(_ place: Int) -> StringView { levels[place].text }

    /// The places of a group's levels, in no order.
    func places(of group: Int) -> [Int] {
        var found: [Int] = []
        var place = groups.states[group].first
        while place >= 0 {
            found.append(Int(place))
            place = levels[Int(place)].next
        }
        return found
    }
}
