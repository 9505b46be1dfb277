/// Encodes sort keys as bytes whose order under `memcmp` is the order of the rows.
///
/// Each key takes one byte that places NULLs and then its value: big-endian with the sign flipped for numbers, dates and
/// timestamps; the first `stringPrefixLength` bytes for strings, zero padded. Where the value is cut (`isExact` is
/// false), equal keys must be told apart by `RowComparator`. Descending keys have their value bytes inverted.
package struct NormalizedKey: Sendable {
    package static let stringPrefixLength = 16

    package let types: [SQLType]
    package let orders: [SortOrder]
    /// Bytes of a row's key.
    package let width: Int
    /// Whether rows with equal bytes are equal. False as soon as a key is a string or nested.
    package let isExact: Bool
    private let offsets: [Int]

    package init(types: [SQLType], orders: [SortOrder]) {
        self.types = types
        self.orders = orders
        var offset = 0
        var offsets: [Int] = []
        var exact = true
        for type in types {
            offsets.append(offset)
            offset += 1 + NormalizedKey.valueWidth(type)
            switch type.physical {
            case .string, .list, .structure, .union: exact = false
            default: break
            }
        }
        self.offsets = offsets
        width = offset
        isExact = exact
    }

    /// Bytes of the value of a key, without the byte for NULL.
    package static func valueWidth(_ type: SQLType) -> Int {
        switch type.physical {
        case .boolean, .int8: 1
        case .int16: 2
        case .int32, .float: 4
        case .int64, .double: 8
        case .int128: 16
        case .timestamp: 12
        case .string: stringPrefixLength
        case .list, .structure, .union: 0
        }
    }

    /// Writes the keys of the selected rows: the `n`-th selected row's key begins at `target + n * stride`.
    /// - Precondition: one column a key, of the key's type; `stride >= width`; room for `rows.count` keys.
    package func encode(
        _ columns: [Column], rows: RowSelection, into target: UnsafeMutablePointer<UInt8>, stride: Int
    ) {
        for (key, column) in columns.enumerated() where key < types.count {
            encode(column.decoded(rows), orders[key], rows, target + offsets[key], stride)
        }
    }

    private func encode(
        _ column: Column, _ order: SortOrder, _ rows: RowSelection, _ target: UnsafeMutablePointer<UInt8>, _ stride: Int
    ) {
        switch column.type.physical {
        case .boolean: words(column, order, rows, target, stride, UInt8.self) { UInt8($0) }
        case .int8: words(column, order, rows, target, stride, Int8.self) { UInt8(bitPattern: $0) ^ 0x80 }
        case .int16: words(column, order, rows, target, stride, Int16.self) { UInt16(bitPattern: $0) ^ 0x8000 }
        case .int32: words(column, order, rows, target, stride, Int32.self) { UInt32(bitPattern: $0) ^ 0x8000_0000 }
        case .int64: words(column, order, rows, target, stride, Int64.self) { UInt64(bitPattern: $0) ^ 1 << 63 }
        case .float: words(column, order, rows, target, stride, Float.self) { NormalizedKey.sortable($0) }
        case .double: words(column, order, rows, target, stride, Double.self) { NormalizedKey.sortable($0) }
        case .int128:
            words(column, order, rows, target, stride, Int128.self) { UInt128(bitPattern: $0) ^ UInt128(1) << 127 }
        case .timestamp: timestamps(column, order, rows, target, stride)
        case .string: strings(column, order, rows, target, stride)
        case .list, .structure, .union:
            let (null, valid) = NormalizedKey.nullBytes(order)
            let mayHaveNulls = column.mayHaveNulls
            for ordinal in 0..<rows.count {
                target[ordinal &* stride] = mayHaveNulls && column.isNull(rows[ordinal]) ? null : valid
            }
        }
    }

    private static func nullBytes(_ order: SortOrder) -> (null: UInt8, valid: UInt8) {
        order.nullsFirst ? (0, 1) : (1, 0)
    }

    @inline(__always)
    private func words<T: ColumnElement, Word: FixedWidthInteger>(
        _ column: Column, _ order: SortOrder, _ rows: RowSelection, _ target: UnsafeMutablePointer<UInt8>,
        _ stride: Int, _: T.Type, _ encode: (T) -> Word
    ) {
        let source = UnsafePointer(column.values(as: T.self))
        let scale = column.isConstant ? 0 : 1
        let (null, valid) = NormalizedKey.nullBytes(order)
        let flip: Word = order.ascending ? 0 : ~0
        let bits = column.validity
        let selection = rows.selection
        for ordinal in 0..<rows.count {
            let row = (selection.map { Int($0.indices[ordinal]) } ?? ordinal) &* scale
            let place = target + ordinal &* stride
            if let bits, !bits[row] {
                place[0] = null
                UnsafeMutableRawPointer(place + 1).storeBytes(of: 0, as: Word.self)
            } else {
                place[0] = valid
                UnsafeMutableRawPointer(place + 1).storeBytes(of: (encode(source[row]) ^ flip).bigEndian, as: Word.self)
            }
        }
        withExtendedLifetime((column, selection)) {}
    }

    private func timestamps(
        _ column: Column, _ order: SortOrder, _ rows: RowSelection, _ target: UnsafeMutablePointer<UInt8>, _ stride: Int
    ) {
        let source = UnsafePointer(column.values(as: Timestamp.self))
        let scale = column.isConstant ? 0 : 1
        let (null, valid) = NormalizedKey.nullBytes(order)
        let flip: UInt64 = order.ascending ? 0 : ~0
        let bits = column.validity
        for ordinal in 0..<rows.count {
            let row = rows[ordinal] &* scale
            let place = target + ordinal &* stride
            let isNull = bits.map { !$0[row] } ?? false
            let value = isNull ? Timestamp(seconds: 0) : source[row]
            let seconds = isNull ? 0 : (UInt64(bitPattern: value.seconds) ^ 1 << 63) ^ flip
            let nanoseconds = isNull ? 0 : UInt32(bitPattern: value.nanoseconds) ^ UInt32(truncatingIfNeeded: flip)
            place[0] = isNull ? null : valid
            UnsafeMutableRawPointer(place + 1).storeBytes(of: seconds.bigEndian, as: UInt64.self)
            UnsafeMutableRawPointer(place + 9).storeBytes(of: nanoseconds.bigEndian, as: UInt32.self)
        }
    }

    private func strings(
        _ column: Column, _ order: SortOrder, _ rows: RowSelection, _ target: UnsafeMutablePointer<UInt8>, _ stride: Int
    ) {
        let source = UnsafePointer(column.values(as: StringView.self))
        let scale = column.isConstant ? 0 : 1
        let (null, valid) = NormalizedKey.nullBytes(order)
        let flip: UInt8 = order.ascending ? 0 : 0xff
        let bits = column.validity
        let length = NormalizedKey.stringPrefixLength
        for ordinal in 0..<rows.count {
            let row = rows[ordinal] &* scale
            let place = target + ordinal &* stride
            if let bits, !bits[row] {
                place[0] = null
                (place + 1).update(repeating: 0, count: length)
                continue
            }
            place[0] = valid
            let text = source[row]
            let used = min(Int(text.length), length)
            (place + 1).update(from: text.pointer, count: used)
            (place + 1 + used).update(repeating: 0, count: length - used)
            if flip != 0 { for byte in 1...length { place[byte] ^= flip } }
        }
    }

    /// Bits that order as the numbers do: NaN last, -0.0 before 0.0.
    @inlinable @inline(__always)
    package static func sortable(_ value: Double) -> UInt64 {
        let bits = value != value ? 0x7ff8_0000_0000_0000 : value.bitPattern
        return bits >> 63 != 0 ? ~bits : bits | 1 << 63
    }

    @inlinable @inline(__always)
    package static func sortable(_ value: Float) -> UInt32 {
        let bits = value != value ? 0x7fc0_0000 : value.bitPattern
        return bits >> 31 != 0 ? ~bits : bits | 1 << 31
    }

    /// Whether `encodeWords` covers the type: integers, dates, floating point, booleans, short decimals.
    package static func fitsWord(_ type: SQLType) -> Bool {
        switch type.physical {
        case .boolean, .int8, .int16, .int32, .int64, .float, .double: true
        case .int128: if case .decimal(let precision, _) = type { precision <= 18 } else { false }
        default: false
        }
    }

    /// One 64-bit word a row for a single key whose type `fitsWord`: unsigned order of the words is the order of the
    /// rows that are not NULL; NULL rows get 0 or the greatest word by `order` and are told apart by their validity.
    /// The `n`-th selected row's word goes to `target[n]`.
    package static func encodeWords(
        _ column: Column, _ order: SortOrder, rows: RowSelection, into target: UnsafeMutablePointer<UInt64>
    ) {
        let plain = column.decoded(rows)
        switch plain.type.physical {
        case .boolean: singleWords(plain, order, rows, target, UInt8.self) { UInt64($0) }
        case .int8: singleWords(plain, order, rows, target, Int8.self) { UInt64(bitPattern: Int64($0)) ^ 1 << 63 }
        case .int16: singleWords(plain, order, rows, target, Int16.self) { UInt64(bitPattern: Int64($0)) ^ 1 << 63 }
        case .int32: singleWords(plain, order, rows, target, Int32.self) { UInt64(bitPattern: Int64($0)) ^ 1 << 63 }
        case .int64: singleWords(plain, order, rows, target, Int64.self) { UInt64(bitPattern: $0) ^ 1 << 63 }
        case .float: singleWords(plain, order, rows, target, Float.self) { UInt64(sortable($0)) }
        case .double: singleWords(plain, order, rows, target, Double.self) { sortable($0) }
        case .int128:
            singleWords(plain, order, rows, target, Int128.self) {
                UInt64(bitPattern: Int64(truncatingIfNeeded: $0)) ^ 1 << 63
            }
        default: target.update(repeating: 0, count: rows.count)
        }
    }

    @inline(__always)
    private static func singleWords<T: ColumnElement>(
        _ column: Column, _ order: SortOrder, _ rows: RowSelection, _ target: UnsafeMutablePointer<UInt64>,
        _: T.Type, _ encode: (T) -> UInt64
    ) {
        let source = UnsafePointer(column.values(as: T.self))
        let scale = column.isConstant ? 0 : 1
        let flip: UInt64 = order.ascending ? 0 : ~0
        if let selection = rows.selection {
            let indices = UnsafePointer(selection.indices)
            for ordinal in 0..<rows.count { target[ordinal] = encode(source[Int(indices[ordinal]) &* scale]) ^ flip }
            withExtendedLifetime(selection) {}
        } else {
            for row in 0..<rows.count { target[row] = encode(source[row &* scale]) ^ flip }
        }
        if let bits = column.validity {
            let null: UInt64 = order.nullsFirst ? 0 : ~0
            for ordinal in 0..<rows.count where !bits[rows[ordinal] &* scale] { target[ordinal] = null }
        }
        withExtendedLifetime(column) {}
    }
}
