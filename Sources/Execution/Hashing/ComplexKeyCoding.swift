import Columnar
import Expressions

/// Encodes values of complex types as byte strings, equal for equal values, so that they can be keys.
enum ComplexKeyCoding {
    /// The columns with complex ones replaced by encoded ones of type BINARY.
    static func encodeComplex(_ columns: [Column], rows: RowSelection, count: Int) -> [Column] {
        guard columns.contains(where: \.type.isComplex) else { return columns }
        return columns.map { $0.type.isComplex ? encode($0, rows: rows, count: count) : $0 }
    }

    private static func encode(_ column: Column, rows: RowSelection, count: Int) -> Column {
        let heap = StringHeap()
        let result = Column(flat: .binary, count: count, heap: heap)
        let target = result.values(as: StringView.self)
        target.initialize(repeating: StringView(), count: count)
        var bytes: [UInt8] = []
        rows.forEach { row in
            if column.isNull(row) {
                result.setNull(row)
                return
            }
            bytes.removeAll(keepingCapacity: true)
            append(column, row, to: &bytes)
            target[row] = bytes.withUnsafeBufferPointer { heap.copy($0) }
        }
        return result
    }

    private static func append(_ column: Column, _ row: Int, to bytes: inout [UInt8]) {
        if column.isNull(row) {
            bytes.append(0)
            return
        }
        bytes.append(1)
        let plain = column.encoding == .dictionary ? column.base ?? column : column
        let element = column.element(of: row)
        switch plain.type.physical {
        case .boolean: raw(plain.values(as: UInt8.self)[element], &bytes)
        case .int8: raw(plain.values(as: Int8.self)[element], &bytes)
        case .int16: raw(plain.values(as: Int16.self)[element], &bytes)
        case .int32: raw(plain.values(as: Int32.self)[element], &bytes)
        case .int64: raw(plain.values(as: Int64.self)[element], &bytes)
        case .float: raw(plain.values(as: Float.self)[element].canonical, &bytes)
        case .double: raw(plain.values(as: Double.self)[element].canonical, &bytes)
        case .int128: raw(plain.values(as: Int128.self)[element], &bytes)
        case .timestamp:
            let value = plain.values(as: Timestamp.self)[element]
            raw(value.seconds, &bytes)
            raw(value.nanoseconds, &bytes)
        case .string:
            let value = plain.values(as: StringView.self)[element]
            raw(value.length, &bytes)
            bytes.append(contentsOf: value.bytes)
        case .list:
            let entry = plain.values(as: ListEntry.self)[element]
            raw(entry.length, &bytes)
            for item in 0..<Int(entry.length) {
                for child in plain.children { append(child, Int(entry.offset) + item, to: &bytes) }
            }
        case .structure:
            for child in plain.children { append(child, child.isConstant ? 0 : element, to: &bytes) }
        case .union:
            let tag = plain.values(as: UInt8.self)[element]
            bytes.append(tag)
            guard Int(tag) < plain.children.count else { return }
            append(plain.children[Int(tag)], element, to: &bytes)
        }
    }

    private static func raw<T>(_ value: T, _ bytes: inout [UInt8]) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    /// What `encode` made a column of, with strings of its own.
    static func decode(_ column: Column, type: SQLType) -> Column {
        let builder = ColumnBuilder(type, capacity: column.count)
        let source = column.values(as: StringView.self)
        for row in 0..<column.count {
            if column.isNull(row) {
                builder.appendNull()
            } else {
                var reader = Reader(source[row])
                reader.value(into: builder)
            }
        }
        return builder.finish()
    }

    private struct Reader {
        private let bytes: UnsafeRawBufferPointer
        private var offset = 0

        init(_ view: StringView) { bytes = UnsafeRawBufferPointer(view.bytes) }

        private mutating func take<T: BitwiseCopyable>(_: T.Type) -> T {
            let size = MemoryLayout<T>.size
            defer { offset += size }
            return bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
        }

        mutating func optional(into builder: ColumnBuilder) {
            if take(UInt8.self) == 0 {
                builder.appendNull()
            } else {
                contents(into: builder)
            }
        }

        mutating func value(into builder: ColumnBuilder) { optional(into: builder) }

        private mutating func contents(into builder: ColumnBuilder) {
            switch builder.type.physical {
            case .boolean: builder.append(take(UInt8.self))
            case .int8: builder.append(take(Int8.self))
            case .int16: builder.append(take(Int16.self))
            case .int32: builder.append(take(Int32.self))
            case .int64: builder.append(take(Int64.self))
            case .float: builder.append(take(Float.self))
            case .double: builder.append(take(Double.self))
            case .int128: builder.append(take(Int128.self))
            case .timestamp:
                let seconds = take(Int64.self)
                builder.append(Timestamp(seconds: seconds, nanoseconds: take(Int32.self)))
            case .string:
                let length = Int(take(UInt32.self))
                builder.append(bytes: UnsafeBufferPointer(rebasing: bytes.bindMemory(to: UInt8.self)[offset..<offset + length]))
                offset += length
            case .list:
                let length = Int(take(Int32.self))
                for _ in 0..<length { for child in builder.children { optional(into: child) } }
                builder.append(listOf: length)
            case .structure:
                for child in builder.children { optional(into: child) }
                builder.appendStructure()
            case .union:
                let tag = take(UInt8.self)
                for (index, child) in builder.children.enumerated() {
                    if index == Int(tag) { optional(into: child) } else { child.appendNull() }
                }
                builder.appendStructure(tag: tag)
            }
        }
    }
}
