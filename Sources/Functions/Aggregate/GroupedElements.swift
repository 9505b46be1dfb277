import Columnar

/// Elements of groups: each group a chain of elements in the order they came, which lie as bytes in one heap. A set has each once: it
/// looks them up in one hash table for all groups. Each element has a place, from 0 on in the order in which they came, at which the
/// owner keeps what it learns of it.
struct GroupedElements: ~Copyable {
    enum Kind: Sendable { case list, set }

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
        chains.byteCount + heap.byteCount + elements.count * MemoryLayout<Element>.stride + table.capacity * 4
    }

    mutating func resize(groupCount: Int) { chains.resize(groupCount) }

    /// Forgets the elements of some groups.
    /// - Returns: whether that were all, so that places begin from 0 again.
    @discardableResult
    mutating func reset(_ groups: Range<Int>) -> Bool {
        for group in groups {
            let generation = chains.states[group].generation &+ 1
            chains.states[group] = Chain(generation: generation)
        }
        guard groups.lowerBound == 0, groups.count >= chains.count else { return false }
        elements.removeAll(keepingCapacity: true)
        for slot in table.indices { table[slot] = -1 }
        heap = StringHeap()
        return true
    }

    private func slot(_ view: StringView, _ group: Int) -> Int {
        let hash = Hashing.combine(Hashing.hash(view), UInt64(truncatingIfNeeded: group))
        return Int(truncatingIfNeeded: hash & UInt64(table.count - 1))
    }

    private mutating func growTable() {
        let size = max(table.count * 2, 1024)
        table = [Int32](repeating: -1, count: size)
        for (index, element) in elements.enumerated() {
            var place = slot(element.view, Int(element.group))
            while table[place] >= 0 { place = (place + 1) & (size - 1) }
            table[place] = Int32(truncatingIfNeeded: index)
        }
    }

    /// - Returns: the element's place, which is the next one when it is new.
    @discardableResult
    mutating func add(_ view: StringView, to group: Int) throws -> Int {
        let chain = chains.states[group]
        var place = 0
        if kind == .set {
            if elements.count * 3 >= table.count * 2 { growTable() }
            place = slot(view, group)
            while table[place] >= 0 {
                let known = Int(table[place])
                let other = elements[known]
                if other.group == group, other.generation == chain.generation, other.view == view {
                    return known
                }
                place = (place + 1) & (table.count - 1)
            }
        }
        guard elements.count < Int(Int32.max) else {
            throw FunctionError(.argument, "\(name) collected more elements than it can hold")
        }
        let index = Int32(truncatingIfNeeded: elements.count)
        if kind == .set { table[place] = index }
        elements.append(Element(view: heap.copy(view), group: Int32(truncatingIfNeeded: group), generation: chain.generation))
        if chain.last >= 0 { elements[Int(chain.last)].next = index } else { chains.states[group].first = index }
        chains.states[group].last = index
        chains.states[group].count &+= 1
        return Int(index)
    }

    func element(_ place: Int) -> StringView { elements[place].view }

    /// Elements of a group.
    func count(_ group: Int) -> Int { Int(chains.states[group].count) }

    /// The place of a group's first element.
    private func first(_ group: Int) -> Int? {
        let place = Int(chains.states[group].first)
        return place < 0 ? nil : place
    }

    /// The place of the next element of the same group.
    private func next(_ place: Int) -> Int? {
        let next = Int(elements[place].next)
        return next < 0 ? nil : next
    }

    /// Calls `body` with each element of a group and its place.
    func forEach(_ group: Int, _ body: (_ element: StringView, _ place: Int) throws -> Void) rethrows {
        var place = first(group)
        while let known = place {
            try body(elements[known].view, known)
            place = next(known)
        }
    }

    /// The places of a group's elements.
    func places(of group: Int) -> [Int] {
        var found: [Int] = []
        found.reserveCapacity(count(group))
        forEach(group) { found.append($1) }
        return found
    }

    /// Adds group `sources[i]` of another to own group `targets[i]`.
    mutating func merge(
        _ other: borrowing GroupedElements, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        for pair in 0..<count {
            let target = Int(targets[pair])
            var place = other.first(Int(sources[pair]))
            while let known = place {
                try add(other.element(known), to: target)
                place = other.next(known)
            }
        }
    }
}
