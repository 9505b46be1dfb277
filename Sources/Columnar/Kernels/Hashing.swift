/// 64-bit hashes of rows for hash tables: fast, well mixed in high and low bits, the same in every process.
///
/// Equal values hash alike across integer widths, across scales of DECIMAL, and for -0.0 and 0.0; every NaN is one value.
package enum Hashing {
    /// What a NULL hashes to.
    package static let nullHash: UInt64 = 0x9e37_79b9_7f4a_7c15

    /// Writes the hash of each selected row over all `columns` to `target[row]` (by position in the batch, not by
    /// ordinal). `target` has room for `count` words; words of other rows are left undefined.
    package static func hash(
        _ columns: [Column], rows: RowSelection, count: Int, into target: UnsafeMutablePointer<UInt64>
    ) {
        if columns.isEmpty {
            target.update(repeating: nullHash, count: count)
            return
        }
        for (position, column) in columns.enumerated() {
            hash(column.decoded(rows), rows, target, isFirst: position == 0)
        }
    }

    /// The hash of a row whose earlier columns hash to `previous` and whose next value hashes to `value`.
    @inlinable @inline(__always)
    package static func combine(_ previous: UInt64, _ value: UInt64) -> UInt64 {
        mix((previous << 23 | previous >> 41) &* 0x9fb2_1c65_1e98_df25 ^ value)
    }

    /// Spreads every bit of a word over all bits.
    @inlinable @inline(__always)
    package static func mix(_ word: UInt64) -> UInt64 {
        var value = word
        value ^= value >> 32
        value = value &* 0xd6e8_feb8_6659_fd93
        value ^= value >> 32
        value = value &* 0xd6e8_feb8_6659_fd93
        value ^= value >> 32
        return value
    }

    @inlinable @inline(__always)
    package static func hash(_ value: Int64) -> UInt64 { mix(UInt64(bitPattern: value)) }

    @inlinable @inline(__always)
    package static func hash(_ value: Double) -> UInt64 {
        mix(value == 0 ? 0 : value != value ? 0x7ff8_0000_0000_0000 : value.bitPattern)
    }

    @inlinable @inline(__always)
    package static func hash(_ value: Int128) -> UInt64 {
        let low = UInt64(truncatingIfNeeded: value)
        let high = UInt64(truncatingIfNeeded: value >> 64)
        return mix(low ^ (high ^ UInt64(bitPattern: Int64(bitPattern: low) >> 63)) &* 0x9fb2_1c65_1e98_df25)
    }

    @inlinable @inline(__always)
    package static func hash(_ value: Timestamp) -> UInt64 {
        mix(UInt64(bitPattern: value.seconds) &* 1_000_003 ^ UInt64(truncatingIfNeeded: value.nanoseconds) << 33)
    }

    /// Reads eight bytes at a time and folds 128-bit products.
    @inlinable @inline(__always)
    package static func hash(_ text: StringView) -> UInt64 {
        let length = Int(text.length)
        let start = UnsafeRawPointer(text.pointer)
        var first: UInt64
        var second: UInt64
        if length <= 16 {
            if length > 8 {
                first = start.loadUnaligned(as: UInt64.self)
                second = (start + (length &- 8)).loadUnaligned(as: UInt64.self)
            } else if length >= 4 {
                first = UInt64(text.prefix)
                second = UInt64((start + (length &- 4)).loadUnaligned(as: UInt32.self))
            } else {
                first = UInt64(text.prefix)
                second = 0
            }
        } else {
            var seed: UInt64 = 0xa076_1d64_78bd_642f
            var offset = 0
            while offset &+ 16 < length {
                seed = fold(
                    (start + offset).loadUnaligned(as: UInt64.self) ^ 0xe703_7ed1_a0b4_28db,
                    (start + (offset &+ 8)).loadUnaligned(as: UInt64.self) ^ seed)
                offset &+= 16
            }
            first = (start + (length &- 16)).loadUnaligned(as: UInt64.self) ^ seed
            second = (start + (length &- 8)).loadUnaligned(as: UInt64.self)
        }
        return fold(
            0x8ebc_6af0_9c88_c6e3 ^ UInt64(truncatingIfNeeded: length),
            fold(first ^ 0xe703_7ed1_a0b4_28db, second ^ 0x8ebc_6af0_9c88_c6e3))
    }

    @inlinable @inline(__always)
    static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (high, low) = left.multipliedFullWidth(by: right)
        return high ^ low
    }

    private static func hash(
        _ column: Column, _ rows: RowSelection, _ target: UnsafeMutablePointer<UInt64>, isFirst: Bool
    ) {
        switch column.type.physical {
        case .boolean: elements(column, rows, target, isFirst, UInt8.self)
        case .int8: elements(column, rows, target, isFirst, Int8.self)
        case .int16: elements(column, rows, target, isFirst, Int16.self)
        case .int32: elements(column, rows, target, isFirst, Int32.self)
        case .int64: elements(column, rows, target, isFirst, Int64.self)
        case .float: elements(column, rows, target, isFirst, Float.self)
        case .double: elements(column, rows, target, isFirst, Double.self)
        case .timestamp: elements(column, rows, target, isFirst, Timestamp.self)
        case .string: elements(column, rows, target, isFirst, StringView.self)
        case .int128:
            var scale = 0
            if case .decimal(_, let declared) = column.type { scale = declared }
            let source = UnsafePointer(column.values(as: Int128.self))
            let elementScale = column.isConstant ? 0 : 1
            let bits = column.validity
            rows.forEach { row in
                let element = row &* elementScale
                let isValid = bits.map { $0[element] } ?? true
                let value = isValid ? hash(Decimals.trimmed(source[element], scale: scale).value) : nullHash
                target[row] = isFirst ? value : combine(target[row], value)
            }
            withExtendedLifetime(column) {}
        case .list, .structure, .union:
            rows.forEach { row in
                let value = hash(column, row: row)
                target[row] = isFirst ? value : combine(target[row], value)
            }
        }
    }

    private static func elements<T: HashedElement>(
        _ column: Column, _ rows: RowSelection, _ target: UnsafeMutablePointer<UInt64>, _ isFirst: Bool, _: T.Type
    ) {
        let source = UnsafePointer(column.values(as: T.self))
        let bits = column.validity
        if column.isConstant {
            let value = bits.map { $0[0] } ?? true ? source[0].hashed : nullHash
            write(rows, target, isFirst) { _ in value }
        } else if let bits {
            let words = UnsafePointer(bits.words)
            write(rows, target, isFirst) { row in
                let isValid = words[row >> 6] >> UInt64(truncatingIfNeeded: row & 63) & 1 != 0
                return isValid ? source[row].hashed : nullHash
            }
        } else {
            write(rows, target, isFirst) { row in source[row].hashed }
        }
        withExtendedLifetime((column, bits)) {}
    }

    @inline(__always)
    private static func write(
        _ rows: RowSelection, _ target: UnsafeMutablePointer<UInt64>, _ isFirst: Bool, _ value: (Int) -> UInt64
    ) {
        if isFirst {
            rows.forEach { row in target[row] = value(row) }
        } else {
            rows.forEach { row in target[row] = combine(target[row], value(row)) }
        }
    }

    /// The hash of one value of any type, NULL included.
    package static func hash(_ column: Column, row: Int) -> UInt64 {
        if column.isNull(row) { return nullHash }
        let plain = column.encoding == .dictionary ? column.base ?? column : column
        return nested(plain, column.element(of: row))
    }

    private static func nested(_ column: Column, _ element: Int) -> UInt64 {
        switch column.type.physical {
        case .boolean: return hash(Int64(column.values(as: UInt8.self)[element]))
        case .int8: return hash(Int64(column.values(as: Int8.self)[element]))
        case .int16: return hash(Int64(column.values(as: Int16.self)[element]))
        case .int32: return hash(Int64(column.values(as: Int32.self)[element]))
        case .int64: return hash(column.values(as: Int64.self)[element])
        case .float: return hash(Double(column.values(as: Float.self)[element]))
        case .double: return hash(column.values(as: Double.self)[element])
        case .timestamp: return hash(column.values(as: Timestamp.self)[element])
        case .string: return hash(column.values(as: StringView.self)[element])
        case .int128:
            var scale = 0
            if case .decimal(_, let declared) = column.type { scale = declared }
            return hash(Decimals.trimmed(column.values(as: Int128.self)[element], scale: scale).value)
        case .structure:
            return column.children.reduce(1) { combine($0, hash($1, row: element)) }
        case .union:
            let tag = Int(column.values(as: UInt8.self)[element])
            guard tag < column.children.count else { return nullHash }
            return combine(UInt64(tag), hash(column.children[tag], row: element))
        case .list:
            let entry = column.values(as: ListEntry.self)[element]
            let items = Int(entry.offset)..<Int(entry.offset) + Int(entry.length)
            if case .map = column.type {
                // Entries have no order: add what they hash to.
                return mix(items.reduce(0) { sum, item in
                    sum &+ column.children.reduce(1) { combine($0, hash($1, row: item)) }
                })
            }
            return items.reduce(2) { combined, item in
                column.children.reduce(combined) { combine($0, hash($1, row: item)) }
            }
        }
    }
}

/// A layout whose values hash without further knowledge of the type.
protocol HashedElement: ColumnElement {
    var hashed: UInt64 { get }
}

extension UInt8: HashedElement {
    @inline(__always) var hashed: UInt64 { Hashing.hash(Int64(self)) }
}
extension Int8: HashedElement {
    @inline(__always) var hashed: UInt64 { Hashing.hash(Int64(self)) }
}
extension Int16: HashedElement {
    @inline(__always) var hashed: UInt64 { Hashing.hash(Int64(self)) }
}
extension Int32: HashedElement {
    @inline(__always) var hashed: UInt64 { Hashing.hash(Int64(self)) }
}
extension Int64: HashedElement {
    @inline(__always) var hashed: UInt64 { Hashing.hash(self) }
}
extension Float: HashedElement {
    @inline(__always) var hashed: UInt64 { Hashing.hash(Double(self)) }
}
extension Double: HashedElement {
    @inline(__always) var hashed: UInt64 { Hashing.hash(self) }
}
extension Timestamp: HashedElement {
    @inline(__always) var hashed: UInt64 { Hashing.hash(self) }
}
extension StringView: HashedElement {
    @inline(__always) var hashed: UInt64 { Hashing.hash(self) }
}
