import Columnar

/// Elements of arrays and keys of maps, each once, in the order in which they came. Looks them up by their hashes, so that an
/// array is gone through once, however many elements it has. NULL equals NULL.
struct DistinctElements {
    /// From so many elements on a table is worth its making.
    private static let fewest = 8

    private(set) var elements: [(column: Column, place: Int)] = []
    private var hashes: [UInt64] = []
    /// Numbers of elements by hash, -1 where there is none; empty while there are few.
    private var slots: [Int32] = []

    var count: Int { elements.count }

    /// Forgets all, and keeps the room.
    mutating func removeAll() {
        elements.removeAll(keepingCapacity: true)
        hashes.removeAll(keepingCapacity: true)
        slots.removeAll(keepingCapacity: true)
    }

    /// - Returns: the number of the element in the order of their coming, and whether it is new.
    @discardableResult
    mutating func insert(_ column: Column, _ place: Int) -> (number: Int, isNew: Bool) {
        if slots.isEmpty, elements.count < Self.fewest {
            if let known = scan(column, place) { return (known, false) }
            elements.append((column, place))
            return (elements.count - 1, true)
        }
        if elements.count * 2 >= slots.count { grow() }
        let hash = Hashing.hash(column, row: place)
        let (slot, known) = find(column, place, hash)
        if let known { return (known, false) }
        slots[slot] = Int32(truncatingIfNeeded: elements.count)
        hashes.append(hash)
        elements.append((column, place))
        return (elements.count - 1, true)
    }

    /// The number of the element that equals another; nil when there is none.
    func number(of column: Column, _ place: Int) -> Int? {
        slots.isEmpty ? scan(column, place) : find(column, place, Hashing.hash(column, row: place)).known
    }

    func contains(_ column: Column, _ place: Int) -> Bool { number(of: column, place) != nil }

    private func isEqual(_ number: Int, _ column: Column, _ place: Int) -> Bool {
        compareElements(elements[number].column, elements[number].place, column, place) == 0
    }

    private func scan(_ column: Column, _ place: Int) -> Int? { elements.indices.first { isEqual($0, column, place) } }

    /// Where the element stands, or would.
    private func find(_ column: Column, _ place: Int, _ hash: UInt64) -> (slot: Int, known: Int?) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] >= 0 {
            let number = Int(slots[slot])
            if hashes[number] == hash, isEqual(number, column, place) { return (slot, number) }
            slot = (slot + 1) & mask
        }
        return (slot, nil)
    }

    private mutating func grow() {
        for number in hashes.count..<max(elements.count, hashes.count) {
            hashes.append(Hashing.hash(elements[number].column, row: elements[number].place))
        }
        var size = max(slots.count, 4 * Self.fewest)
        while size <= elements.count * 2 { size *= 2 }
        slots.removeAll(keepingCapacity: true)
        slots.append(contentsOf: repeatElement(-1, count: size))
        for (number, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(truncatingIfNeeded: number)
        }
    }
}

/// Finds values among the elements of one list a row. A list that is asked again and again (a constant, a map outside a lambda)
/// gets a table; one that is asked once is gone through.
struct ListLookup {
    /// Lists shorter than this are gone through each time.
    private static let shortest = 16

    private let elements: Column
    private var latest = 0..<0
    private var isListed = false
    private var table = DistinctElements()

    init(_ elements: Column) { self.elements = elements }

    /// The first place in `list` whose element equals a value, which is not NULL.
    mutating func place(in list: Range<Int>, of value: Column, _ row: Int) -> Int? {
        guard list.count >= Self.shortest else { return scan(list, value, row) }
        guard list == latest else {
            latest = list
            isListed = false
            return scan(list, value, row)
        }
        if !isListed {
            table.removeAll()
            for place in list { table.insert(elements, place) }
            isListed = true
        }
        return table.number(of: value, row).map { table.elements[$0].place }
    }

    private func scan(_ list: Range<Int>, _ value: Column, _ row: Int) -> Int? {
        list.first { !elements.isNull($0) && RowComparator.compare(elements, $0, value, row) == 0 }
    }
}
