import Columnar
import Expressions
import Platform

/// The build side of a hash join: its rows as columns, and a hash table of their numbers.
///
/// A slot holds 32 bits of the hash and the first row; rows with the same hash are chained in their order. The highest
/// bits of a hash choose the slot, so that tasks fill separate ranges of slots.
final class JoinTable: @unchecked Sendable {
    // Unchecked: the tasks that fill it write ranges of slots that do not meet; afterwards it is only read.
    let rowCount: Int
    /// The build input's columns.
    let columns: [Column]
    /// The keys, flat, without NULLs where NULL never matches (but see `hasNullKey`).
    let keys: [Column]
    /// For each key whether it is compared by `<=>`.
    let nullSafeKeys: [Bool]
    private let slots: UnsafeMutablePointer<UInt64>
    private let slotCount: Int
    private let shift: UInt64
    /// Probing wraps around within so many slots.
    private var regionMask: Int
    /// The next row with the same hash, -1 at the end.
    private let chain: UnsafeMutablePointer<Int32>
    /// Whether two rows share a hash.
    private(set) var hasChains = false
    private let reservation: MemoryReservation

    /// Keys that are no column of the input: they are kept beside the input's columns.
    static func extraKeys(_ keys: ExpressionProgram) -> [Int] {
        keys.roots.indices.filter { keys.inputColumn(of: $0) == nil }
    }

    /// Whether the rows can be put together and a table be made of them with memory left for others. Each worker's rows are
    /// charged alone afterwards.
    static func fits(_ stages: [JoinBuildStage], _ query: QueryExecution) -> Bool {
        for stage in stages where !stage.chargeRowsAlone() { return false }
        let count = stages.reduce(0) { $0 + $1.rows.rowCount }
        let copies = stages.reduce(0) { $0 + $1.rows.concatenationBytes }
        let needed = max(copies, bytes(ofRows: count) + count * fillingBytesPerRow)
        return needed <= query.memory.bytesLeft - query.memory.limit / 8
    }

    /// Slots, and what chains rows.
    private static func bytes(ofRows count: Int) -> Int {
        slotCount(for: count) * MemoryLayout<UInt64>.stride + count * MemoryLayout<Int32>.stride
    }

    private static func slotCount(for count: Int) -> Int {
        var size = 64
        while size < count * 2 { size *= 2 }
        return size
    }

    /// The hashes, and where several workers fill the slots the rows by their ranges.
    private static let fillingBytesPerRow = MemoryLayout<UInt64>.stride + MemoryLayout<Int32>.stride

    convenience init(_ stages: [JoinBuildStage], _ plan: JoinBuildPlan, _ query: QueryExecution) throws {
        let (program, types) = (plan.keys, plan.types)
        let count = stages.reduce(0) { $0 + $1.rows.rowCount }
        guard count < Int(Int32.max) else {
            throw ExecutionError.message("The kept side of a join has more than 2,147,483,647 rows")
        }
        let all = try RowCollector.concatenated(stages.map(\.rows), plan.keptTypes, query, for: "JOIN")
        try self.init(
            columns: Array(all.prefix(types.count)), keys: Self.keyColumns(program, of: all, inputWidth: types.count),
            count: count, nullSafe: plan.nullSafe, query)
        try fill(stages, query)
    }

    /// A table of keys that differ, whose rows are the numbers of what somebody else keeps.
    /// - Parameter hashes: of each row's keys.
    convenience init(
        distinct keys: [Column], count: Int, hashes: UnsafeMutablePointer<UInt64>, nullSafe: [Bool], _ query: QueryExecution
    ) throws {
        try self.init(columns: [], keys: keys, count: count, nullSafe: nullSafe, query)
        let copies = try MemoryReservation(
            query.memory, for: "JOIN", bytes: query.workerCount > 1 ? count * MemoryLayout<Int32>.stride : 0)
        defer { withExtendedLifetime(copies) {} }
        try fill(SharedPointer(hashes), count > 0 ? [0..<count] : [], query)
    }

    /// The keys among kept columns: the input's, then those that are none of it.
    static func keyColumns(_ program: ExpressionProgram, of kept: [Column], inputWidth: Int) -> [Column] {
        let extra = extraKeys(program)
        return program.roots.indices.map { root in
            if let column = program.inputColumn(of: root) { return kept[column] }
            return kept[inputWidth + (extra.firstIndex(of: root) ?? 0)]
        }
    }

    private init(
        columns: [Column], keys: [Column], count: Int, nullSafe: [Bool], _ query: QueryExecution
    ) throws {
        self.columns = columns
        self.keys = keys
        nullSafeKeys = nullSafe
        rowCount = count
        let size = Self.slotCount(for: count)
        slotCount = size
        regionMask = size - 1
        shift = UInt64(truncatingIfNeeded: 64 - size.trailingZeroBitCount)
        slots = LargeAllocation.elements(UInt64.self, size)
        chain = LargeAllocation.elements(Int32.self, count)
        reservation = MemoryReservation(query.memory, for: "JOIN")
        try reservation.update(to: Self.bytes(ofRows: count))
    }

    deinit {
        slots.deallocate()
        chain.deallocate()
    }

    var byteCount: Int {
        slotCount * 8 + rowCount * 4 + columns.reduce(0) { $0 + $1.count * $1.type.physical.stride }
    }

    /// Whether a key that is compared by `=` is NULL in a row.
    func hasNullKey(_ row: Int) -> Bool {
        zip(keys, nullSafeKeys).contains { !$1 && $0.isNull(row) }
    }

    // MARK: filling

    private func fill(_ stages: [JoinBuildStage], _ query: QueryExecution) throws {
        let copies = try MemoryReservation(query.memory, for: "JOIN", bytes: rowCount * Self.fillingBytesPerRow)
        defer { withExtendedLifetime(copies) {} }
        let hashes = LargeAllocation.elements(UInt64.self, rowCount)
        defer { hashes.deallocate() }
        var begin = 0
        var segments: [Range<Int>] = []
        for stage in stages {
            let first = begin
            begin += stage.hashes.write(to: hashes + begin)
            if begin > first { segments.append(first..<begin) }
        }
        try fill(SharedPointer(hashes), segments, query)
    }

    private func fill(_ words: SharedPointer<UInt64>, _ segments: [Range<Int>], _ query: QueryExecution) throws {
        let hashes = words.pointer
        let parts = HashPartitions.count(for: rowCount)
        let mayBeNull = zip(keys, nullSafeKeys).contains { !$1 && $0.validity != nil }
        if rowCount >= 32_768, query.workerCount > 1, try fillInParallel(words, segments, parts, mayBeNull, query) {
            return
        }
        slots.initialize(repeating: 0, count: slotCount)
        regionMask = slotCount - 1
        hasChains = false
        var row = rowCount - 1
        while row >= 0 {
            if row & 0xffff == 0 { try query.check() }
            if !mayBeNull || !hasNullKey(row) { _ = insert(row, hashes[row], &hasChains) }
            row -= 1
        }
    }

    /// Fills ranges of slots that belong to partitions of the hashes. False when a range overflows, which needs very
    /// uneven hashes.
    private func fillInParallel(
        _ hashes: SharedPointer<UInt64>, _ segments: [Range<Int>], _ parts: Int, _ mayBeNull: Bool, _ query: QueryExecution
    ) throws -> Bool {
        let splits = Guarded<[HashPartitions?]>(Array(repeating: nil, count: segments.count))
        try query.forEachTask(segments.count) { _, task in
            let segment = segments[task]
            let split = HashPartitions(
                hashes: hashes.pointer + segment.lowerBound, count: segment.count, parts: parts)
            splits.withLock { $0[task] = split }
        }
        let ready = splits.withLock { $0 }
        let regionSize = slotCount / parts
        regionMask = regionSize - 1
        let outcome = Guarded<(overflow: Bool, chains: Bool)>((false, false))
        try query.forEachTask(parts) { _, part in
            (self.slots + part * regionSize).initialize(repeating: 0, count: regionSize)
            var used = 0
            var chains = false
            var overflow = false
            for (segment, split) in zip(segments, ready).reversed() {
                split?.withRows(of: part) { rows, count in
                    var index = count - 1
                    while index >= 0 {
                        let row = segment.lowerBound &+ Int(rows[index])
                        index -= 1
                        if mayBeNull, self.hasNullKey(row) { continue }
                        if used >= regionSize - 1 {
                            overflow = true
                            return
                        }
                        if self.insert(row, hashes.pointer[row], &chains) { used &+= 1 }
                    }
                }
            }
            outcome.withLock {
                $0.overflow = $0.overflow || overflow
                $0.chains = $0.chains || chains
            }
        }
        let result = outcome.withLock { $0 }
        hasChains = result.chains
        return !result.overflow
    }

    /// True when the row took a new slot.
    @inline(__always)
    private func insert(_ row: Int, _ hash: UInt64, _ chains: inout Bool) -> Bool {
        var place = Int(truncatingIfNeeded: hash >> shift)
        let base = place & ~regionMask
        let tag = hash << 32
        let entry = tag | UInt64(truncatingIfNeeded: row &+ 1)
        while true {
            let slot = slots[place]
            if slot == 0 {
                slots[place] = entry
                chain[row] = -1
                return true
            }
            if slot & 0xffff_ffff_0000_0000 == tag {
                chain[row] = Int32(truncatingIfNeeded: slot & 0xffff_ffff) &- 1
                slots[place] = entry
                chains = true
                return false
            }
            place = base | ((place &+ 1) & regionMask)
        }
    }

    // MARK: probing

    /// Writes the first row with the hash of each selected row, or -1: `hashes` and `heads` are by position.
    /// Returns the positions that have one.
    func find(
        _ rows: RowSelection, hashes: UnsafePointer<UInt64>, heads: UnsafeMutablePointer<Int32>,
        found: UnsafeMutablePointer<Int32>
    ) -> Int {
        let slots = UnsafePointer(slots)
        let shift = shift
        let mask = regionMask
        var used = 0
        rows.forEach { row in
            let hash = hashes[row]
            var place = Int(truncatingIfNeeded: hash >> shift)
            let base = place & ~mask
            let tag = hash << 32
            var head: Int32 = -1
            while true {
                let slot = slots[place]
                if slot == 0 { break }
                if slot & 0xffff_ffff_0000_0000 == tag {
                    head = Int32(truncatingIfNeeded: slot & 0xffff_ffff) &- 1
                    break
                }
                place = base | ((place &+ 1) & mask)
            }
            heads[row] = head
            found[used] = Int32(truncatingIfNeeded: row)
            used &+= head >= 0 ? 1 : 0
        }
        return used
    }

    /// Replaces each head by the next row of its chain; keeps the positions that have one.
    func advance(
        _ positions: UnsafeMutablePointer<Int32>, count: Int, heads: UnsafeMutablePointer<Int32>
    ) -> Int {
        let chain = UnsafePointer(chain)
        var used = 0
        for index in 0..<count {
            let row = Int(positions[index])
            let next = chain[Int(heads[row])]
            heads[row] = next
            positions[used] = Int32(truncatingIfNeeded: row)
            used &+= next >= 0 ? 1 : 0
        }
        return used
    }

    /// The positions whose keys equal those of the build rows `heads[position]`, in order.
    func matches(
        _ positions: UnsafePointer<Int32>, count: Int, probe: [Column], heads: UnsafePointer<Int32>
    ) -> SelectionVector {
        let kept = SelectionVector(capacity: count)
        kept.indices.update(from: positions, count: count)
        var used = count
        for (index, key) in keys.enumerated() {
            let other = probe[index]
            switch key.type.physical {
            case .boolean: used = compare(UInt8.self, key, other, heads, kept, used)
            case .int8: used = compare(Int8.self, key, other, heads, kept, used)
            case .int16: used = compare(Int16.self, key, other, heads, kept, used)
            case .int32: used = compare(Int32.self, key, other, heads, kept, used)
            case .int64: used = compare(Int64.self, key, other, heads, kept, used)
            case .float: used = compare(Float.self, key, other, heads, kept, used)
            case .double: used = compare(Double.self, key, other, heads, kept, used)
            case .timestamp: used = compare(Timestamp.self, key, other, heads, kept, used)
            case .string: used = compare(StringView.self, key, other, heads, kept, used)
            case .int128 where key.type == other.type: used = compare(Int128.self, key, other, heads, kept, used)
            case .int128, .list, .structure, .union: used = compareSlowly(key, other, heads, kept, used)
            }
        }
        kept.setCount(used)
        return kept
    }

    private func compare<T: KeyElement>(
        _: T.Type, _ key: Column, _ probe: Column, _ heads: UnsafePointer<Int32>, _ kept: SelectionVector, _ count: Int
    ) -> Int {
        let own = UnsafePointer(key.values(as: T.self))
        let other = UnsafePointer(probe.values(as: T.self))
        let scale = probe.isConstant ? 0 : 1
        let rows = kept.indices
        var used = 0
        if key.validity == nil, probe.validity == nil {
            for index in 0..<count {
                let row = rows[index]
                let isSame = T.isSame(own[Int(heads[Int(row)])], other[Int(row) &* scale])
                rows[used] = row
                used &+= isSame ? 1 : 0
            }
        } else {
            for index in 0..<count {
                let row = rows[index]
                let head = Int(heads[Int(row)])
                let isNull = key.validity.map { !$0[head] } ?? false
                let isOtherNull = probe.validity.map { !$0[Int(row) &* scale] } ?? false
                let isSame = isNull == isOtherNull && (isNull || T.isSame(own[head], other[Int(row) &* scale]))
                rows[used] = row
                used &+= isSame ? 1 : 0
            }
        }
        return used
    }

    private func compareSlowly(
        _ key: Column, _ probe: Column, _ heads: UnsafePointer<Int32>, _ kept: SelectionVector, _ count: Int
    ) -> Int {
        let rows = kept.indices
        var used = 0
        for index in 0..<count {
            let row = rows[index]
            let head = Int(heads[Int(row)])
            let isNull = key.isNull(head)
            let isSame = isNull == probe.isNull(Int(row))
                && (isNull || RowComparator.compare(key, head, probe, Int(row)) == 0)
            rows[used] = row
            used &+= isSame ? 1 : 0
        }
        return used
    }
}
