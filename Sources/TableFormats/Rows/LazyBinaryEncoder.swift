import Columnar

/// Writes values as Hive's `LazyBinarySerDe` does; the counterpart of `LazyBinaryDecoder`.
struct LazyBinaryEncoder {
    let buffer: ByteBuffer

    /// Whether values of the type can be written.
    static func canWrite(_ type: SQLType) -> Bool {
        switch type {
        case .timestampLocalTimeZone, .intervalDayTime, .intervalYearMonth, .void: false
        default: type.childTypes.allSatisfy(canWrite)
        }
    }

    /// Appends the fields of a row or structure.
    /// - Parameter row: of columns in any encoding.
    func appendFields(_ columns: [Column], row: Int) {
        var first = 0
        while first < columns.count {
            let group = columns[first..<min(first + 8, columns.count)]
            var bits: UInt8 = 0
            for (index, column) in group.enumerated() where !column.isNull(column.isConstant ? 0 : row) { bits |= 1 << UInt8(index) }
            buffer.append(bits)
            for (index, column) in group.enumerated() where bits >> UInt8(index) & 1 != 0 {
                append(column, row: column.isConstant ? 0 : row, isWhole: false)
            }
            first += 8
        }
    }

    /// Appends a value that is not NULL.
    /// - Parameter isWhole: nothing else stands in its bytes: they need no length.
    func append(_ column: Column, row: Int, isWhole: Bool) {
        let source = column.encoding == .dictionary ? column.base.unsafelyUnwrapped : column
        let element = column.element(of: row)
        switch source.type {
        case .boolean: buffer.append(source.values(as: UInt8.self)[element])
        case .tinyint: buffer.append(UInt8(bitPattern: source.values(as: Int8.self)[element]))
        case .smallint: append(integer: source.values(as: Int16.self)[element])
        case .int: append(number: Int64(source.values(as: Int32.self)[element]))
        case .bigint: append(number: source.values(as: Int64.self)[element])
        case .float: append(integer: source.values(as: Float.self)[element].bitPattern)
        case .double: append(integer: source.values(as: Double.self)[element].bitPattern)
        case .date: append(number: Int64(ORCCalendar.hybrid(source.values(as: Int32.self)[element])))
        case .timestamp: append(source.values(as: Timestamp.self)[element])
        case .decimal(_, let scale): append(decimal: source.values(as: Int128.self)[element], scale)
        case .char(let length):
            let view = source.values(as: StringView.self)[element]
            let blanks = max(length - CharacterText.length(view), 0)
            if !isWhole { append(number: Int64(view.count + blanks)) }
            buffer.append(view)
            buffer.append(repeating: 0x20, count: blanks)
        case .string, .varchar, .binary:
            let view = source.values(as: StringView.self)[element]
            if !isWhole { append(number: Int64(view.count)) }
            buffer.append(view)
        case .array, .map, .structure, .union:
            let start = buffer.count
            if !isWhole { buffer.append(repeating: 0, count: 4) }
            appendNested(source, element)
            if !isWhole { HadoopNumber.write(int: buffer.count - start - 4, to: buffer.start + start) }
        case .void, .timestampLocalTimeZone, .intervalDayTime, .intervalYearMonth: break
        }
    }

    private func appendNested(_ source: Column, _ element: Int) {
        switch source.type {
        case .structure: appendFields(source.children, row: element)
        case .union:
            let tag = source.values(as: UInt8.self)[element]
            buffer.append(tag)
            let member = source.children[Int(tag)]
            let row = member.isConstant ? 0 : element
            if !member.isNull(row) { append(member, row: row, isWhole: false) }
        default:
            let entry = source.values(as: ListEntry.self)[element]
            let parts = source.children.count
            append(number: Int64(entry.length))
            let bits = buffer.count
            buffer.append(repeating: 0, count: (entry.length * parts + 7) / 8)
            for item in 0..<entry.length {
                for (part, column) in source.children.enumerated() where !column.isNull(entry.offset + item) {
                    let place = item * parts + part
                    buffer.start[bits + place >> 3] |= 1 << UInt8(place & 7)
                    append(column, row: entry.offset + item, isWhole: false)
                }
            }
        }
    }

    private func append(number: Int64) { buffer.advance(WritableBytes.write(number, to: buffer.reserve(9))) }

    private func append<T: FixedWidthInteger>(integer: T) {
        UnsafeMutableRawPointer(buffer.reserve(MemoryLayout<T>.size)).storeBytes(of: integer.bigEndian, as: T.self)
        buffer.advance(MemoryLayout<T>.size)
    }

    private func append(_ value: Timestamp) {
        let stored = Timestamp(seconds: ORCCalendar.hybridSeconds(value.seconds), nanoseconds: value.nanoseconds)
        buffer.advance(WritableBytes.write(stored, to: buffer.reserve(WritableBytes.largestTimestamp)))
    }

    private func append(decimal value: Int128, _ scale: Int) {
        let (unscaled, own) = Decimals.trimmed(value, scale: scale)
        append(number: Int64(own))
        let count = unscaled.bigEndianByteCount
        append(number: Int64(count))
        unscaled.writeBigEndian(count, to: buffer.reserve(count))
        buffer.advance(count)
    }
}
