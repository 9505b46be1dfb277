import Columnar
import Expressions

/// Distinct keys, numbered densely in the order in which they came. Open addressing; a slot holds 32 bits of the hash
/// and the number; keys are fixed-width rows with their strings in a heap.
///
/// Works a batch at a time: candidates for all rows are looked up first, then compared column by column.
package final class KeyTable {
    let layout: KeyLayout
    /// Distinct keys.
    package private(set) var count = 0
    private var capacity = 0
    private var rows: UnsafeMutableRawPointer
    /// Hash of each key.
    private(set) var hashes: UnsafeMutablePointer<UInt64>
    private var slots: UnsafeMutablePointer<UInt64>
    private var slotCount: Int
    private let heap = StringArena()
    /// Tables whose strings this one's keys point at.
    private var borrowed: [KeyTable] = []
    /// For each key column whether a NULL was ever stored.
    private var sawNull: [Bool]

    /// Numbers have 31 bits.
    package static let largestCount = Int(Int32.max)
    private let limit: Int

    /// - Parameter limit: more keys are an error; tests give a small one.
    package init(_ layout: KeyLayout, expecting expected: Int = 0, limit: Int = KeyTable.largestCount) {
        self.layout = layout
        self.limit = limit
        sawNull = layout.types.map { _ in false }
        capacity = max(expected, 64)
        rows = LargeAllocation.bytes(capacity * layout.width)
        hashes = LargeAllocation.elements(UInt64.self, capacity)
        slotCount = 256
        while slotCount < expected * 2 { slotCount *= 2 }
        slots = LargeAllocation.elements(UInt64.self, slotCount)
        slots.initialize(repeating: 0, count: slotCount)
    }

    deinit {
        rows.deallocate()
        hashes.deallocate()
        slots.deallocate()
    }

    /// Bytes held, without those of borrowed strings.
    var byteCount: Int { capacity * (layout.width + 8) + slotCount * 8 + heap.byteCount }

    /// Bytes that are written in addition, copies too, before `more` keys have their place.
    func bytesToGrow(by more: Int) -> Int {
        let keys = count + more
        var bytes = 0
        if keys > capacity { bytes += keys * (layout.width + 8) }
        if keys * 2 > slotCount {
            var size = slotCount
            while size < keys * 2 { size *= 2 }
            bytes += size * 8
        }
        return bytes
    }

    // MARK: finding

    /// Finds or adds the keys of the selected rows. `columns` are flat or constant, complex ones encoded;
    /// `hashes[row]` is the hash of a row's key. The key's number goes to `numbers[ordinal]`.
    /// - Throws: `ExecutionError` when there are more keys than numbers; the table is of no use then.
    package func insert(
        _ columns: [Column], rows selected: RowSelection, hashes rowHashes: UnsafePointer<UInt64>,
        into numbers: UnsafeMutablePointer<Int32>
    ) throws {
        let total = selected.count
        guard total > 0 else { return }
        growSlots(for: count + total)
        reserve(count + total)
        try withUnsafeTemporaryAllocation(of: Int32.self, capacity: total * 3) { scratch in
            guard let positions = scratch.baseAddress else { return }
            let added = positions + total
            let compared = added + total
            selected.copy(into: positions)
            var addedCount = 0
            var comparedCount = 0
            let slots = slots
            let ownHashes = hashes
            let mask = slotCount - 1
            var next = count
            for ordinal in 0..<total {
                let hash = rowHashes[Int(positions[ordinal])]
                let tag = hash & 0xffff_ffff_0000_0000
                var place = Int(truncatingIfNeeded: hash) & mask
                while true {
                    let slot = slots[place]
                    if slot == 0 {
                        guard next < limit else { throw tooManyKeys }
                        slots[place] = tag | UInt64(truncatingIfNeeded: next &+ 1)
                        ownHashes[next] = hash
                        numbers[ordinal] = Int32(truncatingIfNeeded: next)
                        next &+= 1
                        added[addedCount] = Int32(truncatingIfNeeded: ordinal)
                        addedCount &+= 1
                        break
                    }
                    if slot & 0xffff_ffff_0000_0000 == tag {
                        numbers[ordinal] = Int32(truncatingIfNeeded: slot & 0xffff_ffff) &- 1
                        compared[comparedCount] = Int32(truncatingIfNeeded: ordinal)
                        comparedCount &+= 1
                        break
                    }
                    place = (place &+ 1) & mask
                }
            }
            if addedCount > 0 { store(columns, positions, numbers, added, addedCount) }
            count = next
            guard comparedCount > 0 else { return }
            let failed = compare(columns, positions, numbers, compared, comparedCount)
            for index in 0..<failed {
                let ordinal = Int(compared[index])
                let row = Int(positions[ordinal])
                numbers[ordinal] = try insertAfter(Int(numbers[ordinal]), columns, row, rowHashes[row])
            }
        }
    }

    /// Finds or adds the key of one row.
    package func insert(_ columns: [Column], row: Int, hash: UInt64) throws -> Int32 {
        growSlots(for: count + 1)
        return try insertAfter(-1, columns, row, hash)
    }

    /// Goes on probing behind key `number` (from the start for -1) with every value compared.
    private func insertAfter(_ number: Int, _ columns: [Column], _ row: Int, _ hash: UInt64) throws -> Int32 {
        let mask = slotCount - 1
        let tag = hash & 0xffff_ffff_0000_0000
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = slots[place]
            if slot == 0 { break }
            if slot & 0xffff_ffff_0000_0000 == tag {
                let candidate = Int(slot & 0xffff_ffff) - 1
                if candidate != number, isEqual(candidate, columns, row) { return Int32(truncatingIfNeeded: candidate) }
            }
            place = (place &+ 1) & mask
        }
        guard count < limit else { throw tooManyKeys }
        reserve(count + 1)
        let added = Int32(truncatingIfNeeded: count)
        slots[place] = tag | UInt64(truncatingIfNeeded: count &+ 1)
        hashes[count] = hash
        count += 1
        var position = Int32(truncatingIfNeeded: row)
        var target = added
        var ordinal: Int32 = 0
        store(columns, &position, &target, &ordinal, 1)
        return added
    }

    private func isEqual(_ number: Int, _ columns: [Column], _ row: Int) -> Bool {
        var position = Int32(truncatingIfNeeded: row)
        var target = Int32(truncatingIfNeeded: number)
        var ordinal: Int32 = 0
        return compare(columns, &position, &target, &ordinal, 1) == 0
    }

    // MARK: merging

    /// Finds or adds keys `numbers[0..<total]` of another table of the same layout. This table keeps the other alive.
    /// The key's number here goes to `targets[index]`.
    package func merge(
        _ other: KeyTable, numbers: UnsafePointer<Int32>, count total: Int, into targets: UnsafeMutablePointer<Int32>
    ) throws {
        if !borrowed.contains(where: { $0 === other }) { borrowed.append(other) }
        for index in sawNull.indices where other.sawNull[index] { sawNull[index] = true }
        growSlots(for: count + total)
        reserve(count + total)
        let width = layout.width
        let mask = slotCount - 1
        let slots = slots
        let hashes = hashes
        let otherHashes = other.hashes
        let otherRows = other.rows
        let rows = rows
        var next = count
        for index in 0..<total {
            let source = Int(numbers[index])
            let hash = otherHashes[source]
            let tag = hash & 0xffff_ffff_0000_0000
            var place = Int(truncatingIfNeeded: hash) & mask
            while true {
                let slot = slots[place]
                if slot == 0 {
                    guard next < limit else { throw tooManyKeys }
                    slots[place] = tag | UInt64(truncatingIfNeeded: next &+ 1)
                    hashes[next] = hash
                    (rows + next &* width).copyMemory(from: otherRows + source &* width, byteCount: width)
                    targets[index] = Int32(truncatingIfNeeded: next)
                    next &+= 1
                    break
                }
                if slot & 0xffff_ffff_0000_0000 == tag {
                    let candidate = Int(slot & 0xffff_ffff) &- 1
                    if areEqual(rows + candidate &* width, otherRows + source &* width) {
                        targets[index] = Int32(truncatingIfNeeded: candidate)
                        break
                    }
                }
                place = (place &+ 1) & mask
            }
        }
        count = next
    }

    private func areEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer) -> Bool {
        for key in layout.types.indices {
            let leftNull = (left + layout.nullOffset + key).load(as: UInt8.self)
            guard leftNull == (right + layout.nullOffset + key).load(as: UInt8.self) else { return false }
            if leftNull != 0 { continue }
            let offset = layout.offsets[key]
            if layout.physical[key] == .string {
                let a = (left + offset).load(as: StringView.self)
                guard a == (right + offset).load(as: StringView.self) else { return false }
            } else {
                // Values are stored in canonical form, so equal ones have equal bytes.
                let size = layout.physical[key] == .timestamp ? 12 : layout.physical[key].stride
                let a = (left + offset).assumingMemoryBound(to: UInt8.self)
                let b = (right + offset).assumingMemoryBound(to: UInt8.self)
                guard equalBytes(a, b, size) else { return false }
            }
        }
        return true
    }

    private var tooManyKeys: ExecutionError {
        .message("More than \(limit) different keys in one table of a GROUP BY, DISTINCT or PARTITION BY are not supported")
    }

    // MARK: growing

    private func growSlots(for keys: Int) {
        guard keys * 2 > slotCount else { return }
        var size = slotCount
        while size < keys * 2 { size *= 2 }
        let grown = LargeAllocation.elements(UInt64.self, size)
        grown.initialize(repeating: 0, count: size)
        let mask = size - 1
        let hashes = hashes
        for number in 0..<count {
            let hash = hashes[number]
            var place = Int(truncatingIfNeeded: hash) & mask
            while grown[place] != 0 { place = (place &+ 1) & mask }
            grown[place] = hash & 0xffff_ffff_0000_0000 | UInt64(truncatingIfNeeded: number &+ 1)
        }
        slots.deallocate()
        slots = grown
        slotCount = size
    }

    private func reserve(_ keys: Int) {
        guard keys > capacity else { return }
        let wanted = max(keys, capacity * 2)
        let grownRows = LargeAllocation.bytes(wanted * layout.width)
        grownRows.copyMemory(from: rows, byteCount: count * layout.width)
        rows.deallocate()
        rows = grownRows
        let grownHashes = LargeAllocation.elements(UInt64.self, wanted)
        grownHashes.update(from: hashes, count: count)
        hashes.deallocate()
        hashes = grownHashes
        capacity = wanted
    }

    // MARK: storing and comparing by column

    /// Writes the keys of rows `positions[ordinal]` to `numbers[ordinal]` for the ordinals of `list`.
    private func store(
        _ columns: [Column], _ positions: UnsafePointer<Int32>, _ numbers: UnsafePointer<Int32>,
        _ list: UnsafePointer<Int32>, _ listCount: Int
    ) {
        let width = layout.width
        for key in layout.types.indices {
            let column = columns[key]
            let base = rows + layout.offsets[key]
            let nulls = rows + layout.nullOffset + key
            switch layout.physical[key] {
            case .boolean: store(UInt8.self, column, base, width, positions, numbers, list, listCount)
            case .int8: store(Int8.self, column, base, width, positions, numbers, list, listCount)
            case .int16: store(Int16.self, column, base, width, positions, numbers, list, listCount)
            case .int32: store(Int32.self, column, base, width, positions, numbers, list, listCount)
            case .int64: store(Int64.self, column, base, width, positions, numbers, list, listCount)
            case .float: store(Float.self, column, base, width, positions, numbers, list, listCount)
            case .double: store(Double.self, column, base, width, positions, numbers, list, listCount)
            case .int128: store(Int128.self, column, base, width, positions, numbers, list, listCount)
            case .timestamp: store(Timestamp.self, column, base, width, positions, numbers, list, listCount)
            case .string: storeStrings(column, base, width, positions, numbers, list, listCount)
            case .list, .structure, .union: break
            }
            let bits = column.validity
            let scale = column.isConstant ? 0 : 1
            if let bits {
                for index in 0..<listCount {
                    let ordinal = Int(list[index])
                    let isNull = !bits[Int(positions[ordinal]) &* scale]
                    if isNull { sawNull[key] = true }
                    (nulls + Int(numbers[ordinal]) &* width).storeBytes(of: isNull ? 1 : 0, as: UInt8.self)
                }
            } else {
                for index in 0..<listCount {
                    (nulls + Int(numbers[Int(list[index])]) &* width).storeBytes(of: 0, as: UInt8.self)
                }
            }
        }
    }

    private func store<T: KeyElement>(
        _: T.Type, _ column: Column, _ base: UnsafeMutableRawPointer, _ width: Int,
        _ positions: UnsafePointer<Int32>, _ numbers: UnsafePointer<Int32>, _ list: UnsafePointer<Int32>,
        _ listCount: Int
    ) {
        let source = UnsafePointer(column.values(as: T.self))
        let scale = column.isConstant ? 0 : 1
        for index in 0..<listCount {
            let ordinal = Int(list[index])
            let value = source[Int(positions[ordinal]) &* scale].canonical
            (base + Int(numbers[ordinal]) &* width).storeBytes(of: value, as: T.self)
        }
    }

    private func storeStrings(
        _ column: Column, _ base: UnsafeMutableRawPointer, _ width: Int, _ positions: UnsafePointer<Int32>,
        _ numbers: UnsafePointer<Int32>, _ list: UnsafePointer<Int32>, _ listCount: Int
    ) {
        let source = UnsafePointer(column.values(as: StringView.self))
        let scale = column.isConstant ? 0 : 1
        let bits = column.validity
        let heap = heap
        for index in 0..<listCount {
            let ordinal = Int(list[index])
            let row = Int(positions[ordinal]) &* scale
            let isValid = bits.map { $0[row] } ?? true
            let view = isValid ? heap.copy(source[row]) : StringView()
            (base + Int(numbers[ordinal]) &* width).storeBytes(of: view, as: StringView.self)
        }
    }

    /// Compares rows `positions[ordinal]` with keys `numbers[ordinal]` for the ordinals of `list`. The ordinals that
    /// differ are moved to the front of `list`; returns how many they are.
    private func compare(
        _ columns: [Column], _ positions: UnsafePointer<Int32>, _ numbers: UnsafePointer<Int32>,
        _ list: UnsafeMutablePointer<Int32>, _ listCount: Int
    ) -> Int {
        var failed = 0
        for key in layout.types.indices {
            let column = columns[key]
            let span = (list + failed, listCount - failed)
            let base = UnsafeRawPointer(rows) + layout.offsets[key]
            let nulls = sawNull[key] || column.validity != nil ? UnsafeRawPointer(rows) + layout.nullOffset + key : nil
            switch layout.physical[key] {
            case .boolean: failed += compare(UInt8.self, column, base, nulls, positions, numbers, span)
            case .int8: failed += compare(Int8.self, column, base, nulls, positions, numbers, span)
            case .int16: failed += compare(Int16.self, column, base, nulls, positions, numbers, span)
            case .int32: failed += compare(Int32.self, column, base, nulls, positions, numbers, span)
            case .int64: failed += compare(Int64.self, column, base, nulls, positions, numbers, span)
            case .float: failed += compare(Float.self, column, base, nulls, positions, numbers, span)
            case .double: failed += compare(Double.self, column, base, nulls, positions, numbers, span)
            case .int128: failed += compare(Int128.self, column, base, nulls, positions, numbers, span)
            case .timestamp: failed += compare(Timestamp.self, column, base, nulls, positions, numbers, span)
            case .string: failed += compare(StringView.self, column, base, nulls, positions, numbers, span)
            case .list, .structure, .union: break
            }
        }
        return failed
    }

    private func compare<T: KeyElement>(
        _: T.Type, _ column: Column, _ base: UnsafeRawPointer, _ nulls: UnsafeRawPointer?,
        _ positions: UnsafePointer<Int32>, _ numbers: UnsafePointer<Int32>,
        _ span: (list: UnsafeMutablePointer<Int32>, count: Int)
    ) -> Int {
        let source = UnsafePointer(column.values(as: T.self))
        let scale = column.isConstant ? 0 : 1
        let width = layout.width
        let list = span.list
        var failed = 0
        if let nulls {
            let bits = column.validity
            for index in 0..<span.count {
                let ordinal = Int(list[index])
                let row = Int(positions[ordinal]) &* scale
                let place = Int(numbers[ordinal]) &* width
                let isNull = bits.map { !$0[row] } ?? false
                let isStoredNull = (nulls + place).load(as: UInt8.self) != 0
                let same = isNull == isStoredNull
                    && (isNull || T.isSame((base + place).load(as: T.self), source[row]))
                if !same {
                    list.swap(index, failed)
                    failed &+= 1
                }
            }
        } else {
            for index in 0..<span.count {
                let ordinal = Int(list[index])
                let place = Int(numbers[ordinal]) &* width
                if !T.isSame((base + place).load(as: T.self), source[Int(positions[ordinal]) &* scale]) {
                    list.swap(index, failed)
                    failed &+= 1
                }
            }
        }
        return failed
    }

    // MARK: reading

    /// The keys of a range as columns, one a key, flat. Their strings live as long as the table.
    func columns(_ range: Range<Int>) -> [Column] {
        zip(storedColumns(range), layout.types).map { $1.isComplex ? ComplexKeyCoding.decode($0, type: $1) : $0 }
    }

    /// The same with complex values in their encoded form, as `insert` takes them.
    func storedColumns(_ range: Range<Int>) -> [Column] {
        layout.types.indices.map { key in
            let type = layout.types[key].isComplex ? SQLType.binary : layout.types[key]
            let result = Column(flat: type, count: range.count)
            let base = UnsafeRawPointer(rows) + layout.offsets[key]
            switch layout.physical[key] {
            case .boolean: load(UInt8.self, base, range, into: result)
            case .int8: load(Int8.self, base, range, into: result)
            case .int16: load(Int16.self, base, range, into: result)
            case .int32: load(Int32.self, base, range, into: result)
            case .int64: load(Int64.self, base, range, into: result)
            case .float: load(Float.self, base, range, into: result)
            case .double: load(Double.self, base, range, into: result)
            case .int128: load(Int128.self, base, range, into: result)
            case .timestamp: load(Timestamp.self, base, range, into: result)
            case .string: load(StringView.self, base, range, into: result)
            case .list, .structure, .union: break
            }
            if sawNull[key] {
                let nulls = UnsafeRawPointer(rows) + layout.nullOffset + key
                for (row, number) in range.enumerated()
                where (nulls + number &* layout.width).load(as: UInt8.self) != 0 { result.setNull(row) }
            }
            return result
        }
    }

    private func load<T: ColumnElement>(
        _: T.Type, _ base: UnsafeRawPointer, _ range: Range<Int>, into result: Column
    ) {
        let target = result.values(as: T.self)
        let width = layout.width
        var place = base + range.lowerBound &* width
        for row in 0..<range.count {
            target[row] = place.load(as: T.self)
            place += width
        }
    }
}

extension UnsafeMutablePointer<Int32> {
    @inline(__always)
    fileprivate func swap(_ first: Int, _ second: Int) {
        let value = self[first]
        self[first] = self[second]
        self[second] = value
    }
}
