import Columnar

/// Elements of groups: each group a chain of elements in the order they came, which lie as bytes in one heap. Sets look
/// elements up in one hash table for all groups, and count how often each came where that is asked.
final class GroupedElements {
    enum Kind: Sendable {
        /// Every element.
        case list
        /// Each once.
        case set
        /// Each once, with how often it came.
        case counted
    }

    private struct Chain: BitwiseCopyable {
        var first: Int32 = -1
        var last: Int32 = -1
        var count: Int32 = 0
        /// Goes up with every reset, so that elements of before are not found again.
        var generation: Int32 = 0
    }

    private struct Element {
        var view: StringView
        var next: Int32 = -1
        var group: Int32
        var generation: Int32
    }

    private var chains = StateBuffer(empty: Chain())
    private var elements: [Element] = []
    /// How often each element came, of the counted kind.
    private var counts: [Int64] = []
    private var table: [Int32] = []
    private var heap = StringHeap()
    private let kind: Kind
    private let name: String

    /// - Parameter name: of the function, for errors.
    init(_ kind: Kind, of name: String) {
        self.kind = kind
        self.name = name
    }

    /// Room for elements that is not written takes no memory yet.
    var byteCount: Int {
        chains.byteCount + heap.byteCount + elements.count * MemoryLayout<Element>.stride + counts.count * 8 + table.capacity * 4
    }

    func resize(groupCount: Int) { chains.resize(groupCount) }

    func reset(_ groups: Range<Int>) {
        for group in groups {
            let generation = chains.states[group].generation &+ 1
            chains.states[group] = Chain(generation: generation)
        }
        if groups.lowerBound == 0, groups.count >= chains.count {
            elements.removeAll(keepingCapacity: true)
            counts.removeAll(keepingCapacity: true)
            for slot in table.indices { table[slot] = -1 }
            heap = StringHeap()
        }
    }

    private func slot(_ view: StringView, _ group: Int) -> Int {
        let hash = Hashing.combine(Hashing.hash(view), UInt64(truncatingIfNeeded: group))
        return Int(truncatingIfNeeded: hash & UInt64(table.count - 1))
    }

    private func growTable() {
        let size = max(table.count * 2, 1024)
        table = [Int32](repeating: -1, count: size)
        for (index, element) in elements.enumerated() {
            var place = slot(element.view, Int(element.group))
            while table[place] >= 0 { place = (place + 1) & (size - 1) }
            table[place] = Int32(truncatingIfNeeded: index)
        }
    }

    /// - Parameter count: how often it comes, of the counted kind.
    func add(_ view: StringView, to group: Int, count: Int64 = 1) throws {
        let chain = chains.states[group]
        var place = 0
        if kind != .list {
            if elements.count * 3 >= table.count * 2 { growTable() }
            place = slot(view, group)
            while table[place] >= 0 {
                let known = Int(table[place])
                let other = elements[known]
                if other.group == group, other.generation == chain.generation, other.view == view {
                    if kind == .counted { counts[known] &+= count }
                    return
                }
                place = (place + 1) & (table.count - 1)
            }
        }
        guard elements.count < Int(Int32.max) else {
            throw FunctionError(.argument, "\(name) collected more elements than it can hold")
        }
        let index = Int32(truncatingIfNeeded: elements.count)
        if kind != .list { table[place] = index }
        if kind == .counted { counts.append(count) }
        elements.append(Element(view: heap.copy(view), group: Int32(truncatingIfNeeded: group), generation: chain.generation))
        if chain.last >= 0 { elements[Int(chain.last)].next = index } else { chains.states[group].first = index }
        chains.states[group].last = index
        chains.states[group].count &+= 1
    }

    /// Elements of a group.
    func count(_ group: Int) -> Int { Int(chains.states[group].count) }

    /// Calls `body` with each element of a group and how often it came, 1 where that is not counted.
    func forEach(_ group: Int, _ body: (StringView, Int64) throws -> Void) rethrows {
        var element = Int(chains.states[group].first)
        while element >= 0 {
            try body(elements[element].view, kind == .counted ? counts[element] : 1)
            element = Int(elements[element].next)
        }
    }

    /// Adds group `sources[i]` of another to own group `targets[i]`.
    func merge(
        _ other: GroupedElements, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        for pair in 0..<count {
            let target = Int(targets[pair])
            try other.forEach(Int(sources[pair])) { try add($0, to: target, count: $1) }
        }
    }
}
