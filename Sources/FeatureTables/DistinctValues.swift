import Columnar
import Platform

/// Which of its distinct values each row of a column holds.
package struct DistinctValues: Sendable {
    /// One a row: a position among the distinct values, or −1 where the value is missing.
    package let codes: [Int32]
    /// The row in which each distinct value occurs first; ascending.
    package let firstRows: [Int32]

    package var count: Int { firstRows.count }
}

/// A value that can be told from others, and −1 for what is none.
protocol DistinguishableValue {
    var distinctHash: UInt64 { get }
    var isNone: Bool { get }
    static func isSame(_ left: Self, _ right: Self) -> Bool
}

extension DistinguishableValue {
    var isNone: Bool { false }
}

extension FixedWidthInteger where Self: DistinguishableValue {
    @inline(__always) var distinctHash: UInt64 { SplitMix.mix(UInt64(truncatingIfNeeded: self)) }
    @inline(__always) static func isSame(_ left: Self, _ right: Self) -> Bool { left == right }
}

extension UInt8: DistinguishableValue {}
extension Int8: DistinguishableValue {}
extension Int16: DistinguishableValue {}
extension Int32: DistinguishableValue {}
extension Int64: DistinguishableValue {}

extension Double: DistinguishableValue {
    @inline(__always) var distinctHash: UInt64 { SplitMix.mix(self == 0 ? 0 : bitPattern) }
    @inline(__always) var isNone: Bool { isNaN }
    @inline(__always) static func isSame(_ left: Double, _ right: Double) -> Bool { left == right }
}

extension StringView: DistinguishableValue {
    @inline(__always) var distinctHash: UInt64 { RowHashes.hash(self) }
    @inline(__always) static func isSame(_ left: StringView, _ right: StringView) -> Bool { left == right }
}

/// A hash table of distinct values by open addressing, in order of their first occurrence.
struct DistinctTable<Value: DistinguishableValue> {
    private(set) var values: ContiguousArray<Value> = []
    private(set) var hashes: ContiguousArray<UInt64> = []
    private(set) var firstRows: ContiguousArray<Int32> = []
    /// Positions in `values`, −1 where free; a power of two.
    private var slots = ContiguousArray<Int32>(repeating: -1, count: 64)

    @inline(__always)
    mutating func position(of value: Value, hash: UInt64, row: Int32) -> Int32 {
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let found = slots[slot]
            if found < 0 { break }
            if hashes[Int(found)] == hash, Value.isSame(values[Int(found)], value) { return found }
            slot = (slot &+ 1) & mask
        }
        let position = Int32(truncatingIfNeeded: values.count)
        slots[slot] = position
        values.append(value)
        hashes.append(hash)
        firstRows.append(row)
        if values.count &* 2 > slots.count { grow() }
        return position
    }

    /// The position of a value; −1 when it is none of the table's.
    @inline(__always)
    func position(of value: Value, hash: UInt64) -> Int32 {
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let found = slots[slot]
            if found < 0 || hashes[Int(found)] == hash && Value.isSame(values[Int(found)], value) { return found }
            slot = (slot &+ 1) & mask
        }
    }

    private mutating func grow() {
        slots = ContiguousArray(repeating: -1, count: slots.count * 4)
        let mask = slots.count - 1
        for position in hashes.indices {
            var slot = Int(truncatingIfNeeded: hashes[position]) & mask
            while slots[slot] >= 0 { slot = (slot &+ 1) & mask }
            slots[slot] = Int32(truncatingIfNeeded: position)
        }
    }
}

extension DistinctValues {
    /// Blocks of rows are told apart on their own and then put together in their order, so that the result is the same with
    /// any number of threads.
    init<Value: DistinguishableValue>(
        _ values: UnsafePointer<Value>, count: Int, validity: ValidityBitmap?, threads: Int
    ) {
        let blocks = RowBlocks(rowCount: count)
        let codes = UnsafeMutablePointer<Int32>.allocate(capacity: max(count, 1))
        defer { codes.deallocate() }
        let tables = blocks.map(threads: threads) { _, rows in
            var table = DistinctTable<Value>()
            for row in rows {
                let value = values[row]
                if value.isNone || !(validity.map { $0[row] } ?? true) {
                    codes[row] = -1
                } else {
                    codes[row] = table.position(of: value, hash: value.distinctHash, row: Int32(truncatingIfNeeded: row))
                }
            }
            return table
        }
        var whole = DistinctTable<Value>()
        let mappings = tables.map { table in
            table.values.indices.map {
                whole.position(of: table.values[$0], hash: table.hashes[$0], row: table.firstRows[$0])
            }
        }
        self.codes = [Int32](unsafeUninitializedCapacity: count) { target, used in
            if let target = target.baseAddress {
                let result = UnsafeSendable(target)
                blocks.forEach(threads: threads) { block, rows in
                    mappings[block].withUnsafeBufferPointer { mapping in
                        for row in rows { result.pointer[row] = codes[row] < 0 ? -1 : mapping[Int(codes[row])] }
                    }
                }
            }
            used = count
        }
        firstRows = Array(whole.firstRows)
    }
}

/// A pointer whose places several threads write, each its own.
private struct UnsafeSendable<Element>: @unchecked Sendable {
    // Unchecked: no two threads write one place.
    let pointer: UnsafeMutablePointer<Element>
    init(_ pointer: UnsafeMutablePointer<Element>) { self.pointer = pointer }
}

extension ImportData {
    /// The distinct values of a column: text as it is, numbers by their value.
    /// - Throws: `FeatureError.unsupportedType` for nested types and BINARY.
    package func distinct(_ position: Int) throws -> DistinctValues {
        if let known = knownDistinct.withLock({ $0[position]?.values }) { return known }
        let column = columns[position]
        let reservation = try reserveKeys(4, for: "the levels of column '\(schema[position].name)'")
        func found<Value: ColumnElement & DistinguishableValue>(_: Value.Type) -> DistinctValues {
            DistinctValues(
                UnsafePointer(column.values(as: Value.self)), count: rowCount, validity: column.validity, threads: threads)
        }
        let result: DistinctValues
        switch column.type.physical {
        case .boolean: result = found(UInt8.self)
        case .int8: result = found(Int8.self)
        case .int16: result = found(Int16.self)
        case .int32: result = found(Int32.self)
        case .int64: result = found(Int64.self)
        case .string where column.type != .binary: result = found(StringView.self)
        case .float, .double, .int128:
            result = try numbers(position).withUnsafeBufferPointer { numbers in
                guard let first = numbers.baseAddress else { return DistinctValues(codes: [], firstRows: []) }
                return DistinctValues(first, count: rowCount, validity: nil, threads: threads)
            }
        default:
            throw FeatureError.unsupportedType(
                column: schema[position].name, type: "\(column.type)", use: "read as levels")
        }
        withExtendedLifetime(column) {}
        knownDistinct.withLock { $0[position] = (result, reservation) }
        return result
    }

    /// Whether the first of `rows` alone show that a column of texts has more than `limit` distinct ones, and so many that
    /// they are not worth being counted.
    func hasTooManyTexts(_ position: Int, _ rows: [Int32], limit: Int) -> Bool {
        let column = columns[position]
        guard column.type.physical == .string, limit < Self.countedLevels, rows.count > Self.countedLevels else { return false }
        let views = column.values(as: StringView.self)
        var some: [StringView] = []
        for row in rows.prefix(Self.countedLevels * 4) where !column.isNull(Int(row)) { some.append(views[Int(row)]) }
        let count = some.withUnsafeBufferPointer { some in
            some.baseAddress.map { DistinctValues($0, count: some.count, validity: nil, threads: 1).count } ?? 0
        }
        withExtendedLifetime(column) {}
        return count > Self.countedLevels
    }

    /// More levels than these are said to be many, where they are over the limit anyway.
    static let countedLevels = 10_000

    /// A row's value as the name of a level: dates and times as SQL prints them, integers in decimal, booleans `false` and
    /// `true`, other numbers as Swift prints them.
    package func levelName(_ position: Int, row: Int32) -> String {
        let column = columns[position]
        let row = Int(row)
        if DatePartReader.hasParts(column.type) {
            let buffer = ByteBuffer(capacity: 64)
            TextFormatter(.output).append(column, row: row, to: buffer)
            return buffer.string
        }
        switch column.type.physical {
        case .boolean: return column.values(as: UInt8.self)[row] == 0 ? "false" : "true"
        case .int8: return "\(column.values(as: Int8.self)[row])"
        case .int16: return "\(column.values(as: Int16.self)[row])"
        case .int32: return "\(column.values(as: Int32.self)[row])"
        case .int64: return "\(column.values(as: Int64.self)[row])"
        case .string: return LevelName.of(column.values(as: StringView.self)[row])
        default:
            guard let reader = try? NumberReader(column, schema[position].name) else { return "" }
            let value = reader.value(row)
            let whole = value == value.rounded() && abs(value) < 1e15
            return whole ? "\(Int64(value))" : "\(value)"
        }
    }

    /// A column as levels with their names, in order of first occurrence.
    /// - Throws: as `distinct` does.
    package func levels(_ position: Int) throws -> LevelCodes {
        let distinct = try distinct(position)
        return LevelCodes(codes: distinct.codes, levels: distinct.firstRows.map { levelName(position, row: $0) })
    }
}

/// A column's distinct values as text, and which of them each row holds.
package struct LevelCodes: Sendable {
    /// One a row: a position in `levels`, or −1 where the value is missing.
    package var codes: [Int32]
    /// In order of first occurrence.
    package var levels: [String]
}
