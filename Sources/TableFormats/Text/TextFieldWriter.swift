import Columnar

/// The text of one column's values, a batch at a time.
final class TextFieldWriter {
    private let type: SQLType
    private let format: TextFormat
    private let nullField: StringView
    private let heap = StringHeap()
    /// Bytes that need the escape before them.
    private let escaped: [Bool]
    /// The batch's fields where they are not the column's own bytes.
    private let buffer = ByteBuffer()
    private var fields: UnsafeMutablePointer<StringView>
    private var capacity = 0
    /// Keeps the column whose bytes the fields are.
    private var source: Column?

    init(type: SQLType, format: TextFormat) {
        self.type = type
        self.format = format
        nullField = format.nullSequence.withUnsafeBufferPointer { [heap] in heap.copy($0) }
        fields = .allocate(capacity: 1)
        var escaped = [Bool](repeating: false, count: 256)
        if let escape = format.escape {
            escaped[Int(escape)] = true
            for delimiter in format.delimiters.prefix(8) { escaped[Int(delimiter)] = true }
            if format.escapesLineEnds {
                escaped[0x0A] = true
                escaped[0x0D] = true
            }
        }
        self.escaped = escaped
    }

    deinit { fields.deallocate() }

    /// The field of the batch's `ordinal`-th selected row; valid until the next `load`.
    @inline(__always)
    func field(_ ordinal: Int) -> StringView { fields[ordinal] }

    func load(_ column: Column, rows: RowSelection) {
        if rows.count > capacity {
            fields.deallocate()
            capacity = max(rows.count, Batch.defaultCapacity)
            fields = .allocate(capacity: capacity)
        }
        buffer.removeAll()
        let column = column.decoded(rows)
        source = column
        switch column.type {
        case .boolean: formatted(column, rows, UInt8.self) { $1.append($0 != 0 ? "true" : "false") }
        case .tinyint: formatted(column, rows, Int8.self) { NumberFormatter.append(Int64($0), to: $1) }
        case .smallint: formatted(column, rows, Int16.self) { NumberFormatter.append(Int64($0), to: $1) }
        case .int: formatted(column, rows, Int32.self) { NumberFormatter.append(Int64($0), to: $1) }
        case .bigint: formatted(column, rows, Int64.self) { NumberFormatter.append($0, to: $1) }
        case .float: formatted(column, rows, Float.self) { NumberFormatter.append($0, to: $1) }
        case .double: formatted(column, rows, Double.self) { NumberFormatter.append($0, to: $1) }
        case .decimal(_, let scale):
            formatted(column, rows, Int128.self) { NumberFormatter.append($0, scale: scale, trimming: false, to: $1) }
        case .date: formatted(column, rows, Int32.self) { DateTimeFormatter.append(day: $0, to: $1) }
        case .timestamp: formatted(column, rows, Timestamp.self) { DateTimeFormatter.append($0, to: $1) }
        case .string, .varchar: if format.escape == nil { strings(column, rows) } else { general(column, rows) }
        case .char, .binary, .array, .map, .structure, .union, .void, .timestampLocalTimeZone, .intervalYearMonth,
            .intervalDayTime:
            general(column, rows)
        }
    }

    /// Values of one layout, each formatted behind the other; then the fields are made of where they end.
    @inline(__always)
    private func formatted<T: ColumnElement>(
        _ column: Column, _ rows: RowSelection, _: T.Type, _ append: (T, ByteBuffer) -> Void
    ) {
        let values = column.values(as: T.self)
        let validity = column.validity?.words
        let scale = column.isConstant ? 0 : 1
        let buffer = buffer
        let fields = fields
        var ordinal = 0
        rows.forEach { row in
            let element = row &* scale
            let start = buffer.count
            if let validity, validity[element >> 6] & (1 << UInt64(element & 63)) == 0 {
                fields[ordinal] = nullField
            } else {
                append(values[element], buffer)
                setField(ordinal, from: start)
            }
            ordinal &+= 1
        }
        placeFields(rows.count)
    }

    /// Remembers the field's offset in the buffer, which may still move.
    @inline(__always)
    private func setField(_ ordinal: Int, from start: Int) {
        fields[ordinal] = StringView(Self.origin + start, length: 0)
        lengths(ordinal, buffer.count &- start)
    }

    private static let origin = UnsafePointer<UInt8>(bitPattern: 1 << 40)
    private func lengths(_ ordinal: Int, _ length: Int) {}
    private func placeFields(_ count: Int) {}
    private func strings(_ column: Column, _ rows: RowSelection) {}
    private func general(_ column: Column, _ rows: RowSelection) {}
}
