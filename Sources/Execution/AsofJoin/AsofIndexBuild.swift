import Columnar
import Platform

/// Arranges the right rows of an ASOF join. Rows are cut into parts by the hashes of their keys; a part is sorted by the
/// words of its values and then dealt out to its groups, which keeps that order. Parts and, where they are few and large,
/// ranges of words are shared among the workers.
final class AsofIndexBuild: @unchecked Sendable {
    // Unchecked: tasks write ranges that do not meet.
    /// What becomes of a part: where its groups begin in `rows`, and a row of each.
    private struct PartGroups {
        var starts: [Int]
        var representatives: [Int32]
    }

    let keys: [Column]
    let value: Column
    /// Whether words stand for values.
    let isExact: Bool
    let rows: ChargedBuffer<Int32>
    let words: ChargedBuffer<UInt64>
    private let count: Int
    private let order: NearestOrder
    private let query: QueryExecution
    /// Rows by their place in the source, and their values' words.
    private let bySource: ChargedBuffer<Int32>
    private let placeWords: ChargedBuffer<UInt64>
    /// Hashes of the keys by row.
    private let hashes: ChargedBuffer<UInt64>?

    private static let singlePartRows = 16_384
    private static let chunkRows = 1 << 16

    init(
        _ stages: [JoinBuildStage], keys: [Column], value: Column, count: Int, order: NearestOrder,
        isComparableByWord: Bool, _ query: QueryExecution
    ) throws {
        self.keys = keys
        self.value = value
        self.count = count
        self.order = order
        self.query = query
        rows = try ChargedBuffer(count, query, for: "JOIN")
        words = try ChargedBuffer(count, query, for: "JOIN")
        let bySource = try ChargedBuffer<Int32>(count, query, for: "JOIN")
        let placeWords = try ChargedBuffer<UInt64>(count, query, for: "JOIN")
        SourceRuns.order(stages.map(\.sources), into: bySource.pointer)
        let inexact = Ticket()
        try query.forEachTask((count + Self.chunkRows - 1) / Self.chunkRows) { _, chunk in
            let first = chunk * Self.chunkRows
            let size = min(Self.chunkRows, count - first)
            let selection = SelectionVector(capacity: size)
            selection.indices.update(from: bySource.pointer + first, count: size)
            selection.setCount(size)
            let isExact = NearestWords.encode(
                value, order, rows: RowSelection(selection), into: placeWords.pointer + first)
            if !isExact { _ = inexact.next() }
        }
        isExact = inexact.next() == 0 && isComparableByWord
        self.bySource = bySource
        self.placeWords = placeWords
        guard !keys.isEmpty else {
            hashes = nil
            return
        }
        let byRow = try ChargedBuffer<UInt64>(count, query, for: "JOIN")
        var begin = 0
        for stage in stages { begin += stage.hashes.write(to: byRow.pointer + begin) }
        hashes = byRow
    }

    func hash(of row: Int) -> UInt64 { hashes?.pointer[row] ?? 0 }

    /// Fills `rows` and `words`.
    /// - Returns: where groups begin and the last ends; a row of each group, nil without keys.
    func arrange() throws -> (starts: ChargedBuffer<Int32>, representatives: [Int32]?) {
        let places = try ChargedBuffer<Int32>(count, query, for: "JOIN")
        let parts = try cut(into: places)
        var ties: ((Int, Int) -> Int)?
        if !isExact { ties = { self.compareValues($0, $1) } }
        let sorter = PlaceSorter(words: placeWords.pointer, ties: ties, query: query)
        let isLarge = parts.map { $0.count >= PlaceSorter.parallelCount && query.workerCount > 1 }
        for (part, range) in parts.enumerated() where isLarge[part] {
            try sorter.sortInParallel(places.pointer + range.lowerBound, count: range.count)
        }
        let arranged = Guarded<[PartGroups?]>(parts.map { _ in nil })
        let hasKeys = !keys.isEmpty
        try query.forEachTask(parts.count) { _, part in
            let range = parts[part]
            if !isLarge[part] {
                let scratch = try MemoryReservation(
                    self.query.memory, for: "JOIN", bytes: range.count * PlaceSorter.bytesPerPlace)
                defer { withExtendedLifetime(scratch) {} }
                try sorter.sort(places.pointer + range.lowerBound, count: range.count)
            }
            if hasKeys {
                let groups = try self.group(places.pointer, range)
                arranged.withLock { $0[part] = groups }
            }
        }
        guard hasKeys else {
            try copyInOrder(places)
            let starts = try ChargedBuffer<Int32>(2, query, for: "JOIN")
            starts.pointer[0] = 0
            starts.pointer[1] = Int32(truncatingIfNeeded: count)
            return (starts, nil)
        }
        let groups = arranged.withLock { $0 }.compactMap { $0 }
        let starts = try ChargedBuffer<Int32>(groups.reduce(1) { $0 + $1.starts.count }, query, for: "JOIN")
        var next = 0
        for part in groups {
            for start in part.starts {
                starts.pointer[next] = Int32(truncatingIfNeeded: start)
                next += 1
            }
        }
        starts.pointer[next] = Int32(truncatingIfNeeded: count)
        return (starts, groups.flatMap(\.representatives))
    }

    /// The order of the values at two places, nearer ones first.
    private func compareValues(_ left: Int, _ right: Int) -> Int {
        let order = RowComparator.compare(value, Int(bySource.pointer[left]), value, Int(bySource.pointer[right]))
        return self.order.isDescending ? -order : order
    }

    /// Writes the places of each part, ascending, one part after the other.
    private func cut(into places: ChargedBuffer<Int32>) throws -> [Range<Int>] {
        guard count > Self.singlePartRows, let hashes else {
            for place in 0..<count { places.pointer[place] = Int32(truncatingIfNeeded: place) }
            return count > 0 ? [0..<count] : []
        }
        let byPlace = try ChargedBuffer<UInt64>(count, query, for: "JOIN")
        let numbers = try MemoryReservation(query.memory, for: "JOIN", bytes: count * MemoryLayout<Int32>.stride)
        defer { withExtendedLifetime(numbers) {} }
        for place in 0..<count { byPlace.pointer[place] = hashes.pointer[Int(bySource.pointer[place])] }
        let partCount = HashPartitions.count(for: count)
        let split = HashPartitions(hashes: byPlace.pointer, count: count, parts: partCount)
        var parts: [Range<Int>] = []
        var next = 0
        for part in 0..<partCount {
            split.withRows(of: part) { list, size in
                (places.pointer + next).update(from: list, count: size)
                if size > 0 { parts.append(next..<next + size) }
                next += size
            }
        }
        return parts
    }

    private func copyInOrder(_ places: ChargedBuffer<Int32>) throws {
        let count = count
        try query.forEachTask((count + Self.chunkRows - 1) / Self.chunkRows) { _, chunk in
            let rows = self.rows.pointer
            let words = self.words.pointer
            let bySource = self.bySource.pointer
            let placeWords = self.placeWords.pointer
            for index in chunk * Self.chunkRows..<min((chunk + 1) * Self.chunkRows, count) {
                let place = Int(places.pointer[index])
                rows[index] = bySource[place]
                words[index] = placeWords[place]
            }
        }
    }

    /// Deals the sorted places of a part out to the groups of their keys.
    private func group(_ places: UnsafePointer<Int32>, _ range: Range<Int>) throws -> PartGroups {
        let size = range.count
        let keyBytes = keys.reduce(0) { $0 + $1.type.physical.stride }
        let scratch = try MemoryReservation(
            query.memory, for: "JOIN",
            bytes: size * (keyBytes + 2 * MemoryLayout<Int32>.stride + MemoryLayout<UInt64>.stride))
        defer { withExtendedLifetime(scratch) {} }
        let partRows = LargeAllocation.elements(Int32.self, size)
        let numbers = LargeAllocation.elements(Int32.self, size)
        let partHashes = LargeAllocation.elements(UInt64.self, size)
        defer {
            partRows.deallocate()
            numbers.deallocate()
            partHashes.deallocate()
        }
        for index in 0..<size {
            let row = bySource.pointer[Int(places[range.lowerBound + index])]
            partRows[index] = row
            partHashes[index] = hash(of: Int(row))
        }
        let own = keys.map { Column.dictionary($0, indices: partRows, count: size).decoded(.all(size)) }
        let table = KeyTable(KeyLayout(keys.map(\.type)))
        let tableReservation = MemoryReservation(query.memory, for: "JOIN")
        var begin = 0
        while begin < size {
            try query.check()
            let end = min(begin + 4096, size)
            try table.insert(own, rows: .range(begin..<end), hashes: partHashes, into: numbers + begin)
            try tableReservation.update(to: table.byteCount)
            begin = end
        }
        var allStarts = Array(repeating: 0, count: table.count)
        var allRepresentatives = Array(repeating: Int32(0), count: table.count)
        allStarts.withUnsafeMutableBufferPointer { starts in
            allRepresentatives.withUnsafeMutableBufferPointer { representatives in
                // Counts, from which come the starts; dealing out moves each start to the next group's.
                for index in 0..<size { starts[Int(numbers[index])] &+= 1 }
                var next = range.lowerBound
                for group in starts.indices {
                    let groupSize = starts[group]
                    starts[group] = next
                    next &+= groupSize
                }
                let rows = rows.pointer
                let words = words.pointer
                let placeWords = placeWords.pointer
                for index in 0..<size {
                    let group = Int(numbers[index])
                    let target = starts[group]
                    starts[group] = target &+ 1
                    rows[target] = partRows[index]
                    words[target] = placeWords[Int(places[range.lowerBound &+ index])]
                    representatives[group] = partRows[index]
                }
                var begin = range.lowerBound
                for group in starts.indices {
                    let end = starts[group]
                    starts[group] = begin
                    begin = end
                }
            }
        }
        return PartGroups(starts: allStarts, representatives: allRepresentatives)
    }
}
