import Columnar
import Platform

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
    private var ends: UnsafeMutablePointer<Int>
    private var capacity = 0
    /// Keeps the column whose bytes the fields are.
    private var source: Column?

    init(type: SQLType, format: TextFormat) {
        self.type = type
        self.format = format
        nullField = format.nullSequence.withUnsafeBufferPointer { [heap] in heap.copy($0) }
        fields = .allocate(capacity: 1)
        ends = .allocate(capacity: 1)
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

    deinit {
        fields.deallocate()
        ends.deallocate()
    }

    /// The fields of the selected rows, one behind the other; valid until the next call.
    func fields(of column: Column, rows: RowSelection) -> UnsafePointer<StringView> {
        load(column, rows)
        return UnsafePointer(fields)
    }

    private func load(_ column: Column, _ rows: RowSelection) {
        if rows.count > capacity {
            fields.deallocate()
            ends.deallocate()
            capacity = max(rows.count, Batch.defaultCapacity)
            fields = .allocate(capacity: capacity)
            ends = .allocate(capacity: capacity)
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

    /// Values of one layout, formatted one behind the other.
    @inline(__always)
    private func formatted<T: ColumnElement>(
        _ column: Column, _ rows: RowSelection, _: T.Type, _ append: (T, ByteBuffer) -> Void
    ) {
        let values = column.values(as: T.self)
        let validity = column.validity?.words
        let scale = column.isConstant ? 0 : 1
        let buffer = buffer
        let ends = ends
        var ordinal = 0
        rows.forEach { row in
            let element = row &* scale
            if let validity, validity[element >> 6] & (1 << UInt64(element & 63)) == 0 {
                ends[ordinal] = -1
            } else {
                append(values[element], buffer)
                ends[ordinal] = buffer.count
            }
            ordinal &+= 1
        }
        placeFields(rows.count)
    }

    /// Makes the fields of where they end in the buffer, which does not move any more; -1: NULL.
    private func placeFields(_ count: Int) {
        let text = buffer.start
        let fields = fields
        let ends = ends
        let nullField = nullField
        var start = 0
        for ordinal in 0..<count {
            let end = ends[ordinal]
            if end < 0 {
                fields[ordinal] = nullField
            } else {
                fields[ordinal] = StringView(text + start, length: end &- start)
                start = end
            }
        }
    }

    /// The column's own bytes.
    private func strings(_ column: Column, _ rows: RowSelection) {
        let values = column.values(as: StringView.self)
        let validity = column.validity?.words
        let scale = column.isConstant ? 0 : 1
        let fields = fields
        let nullField = nullField
        var ordinal = 0
        rows.forEach { row in
            let element = row &* scale
            if let validity, validity[element >> 6] & (1 << UInt64(element & 63)) == 0 {
                fields[ordinal] = nullField
            } else {
                fields[ordinal] = values[element]
            }
            ordinal &+= 1
        }
    }

    /// Any type, value by value.
    private func general(_ column: Column, _ rows: RowSelection) {
        var ordinal = 0
        rows.forEach { row in
            if column.isNull(row) {
                ends[ordinal] = -1
            } else {
                appendValue(column, column.element(of: row), level: 1)
                ends[ordinal] = buffer.count
            }
            ordinal += 1
        }
        placeFields(rows.count)
    }
}

extension TextFieldWriter {
    /// A value inside a nested one; `row` of a column in any encoding.
    private func append(_ column: Column, row: Int, level: Int) {
        guard !column.isNull(row) else {
            buffer.append(nullField)
            return
        }
        appendValue(column.encoding == .dictionary ? column.base ?? column : column, column.element(of: row), level: level)
    }

    /// `level` is the one of the delimiter between the value's own parts.
    private func appendValue(_ column: Column, _ element: Int, level: Int) {
        let buffer = buffer
        switch column.type {
        case .boolean: buffer.append(column.values(as: UInt8.self)[element] != 0 ? "true" : "false")
        case .tinyint: NumberFormatter.append(Int64(column.values(as: Int8.self)[element]), to: buffer)
        case .smallint: NumberFormatter.append(Int64(column.values(as: Int16.self)[element]), to: buffer)
        case .int: NumberFormatter.append(Int64(column.values(as: Int32.self)[element]), to: buffer)
        case .bigint: NumberFormatter.append(column.values(as: Int64.self)[element], to: buffer)
        case .float: NumberFormatter.append(column.values(as: Float.self)[element], to: buffer)
        case .double: NumberFormatter.append(column.values(as: Double.self)[element], to: buffer)
        case .decimal(_, let scale):
            NumberFormatter.append(column.values(as: Int128.self)[element], scale: scale, trimming: false, to: buffer)
        case .date: DateTimeFormatter.append(day: column.values(as: Int32.self)[element], to: buffer)
        case .timestamp, .timestampLocalTimeZone:
            DateTimeFormatter.append(column.values(as: Timestamp.self)[element], to: buffer)
        case .intervalYearMonth: DateTimeFormatter.append(months: column.values(as: Int32.self)[element], to: buffer)
        case .intervalDayTime:
            DateTimeFormatter.append(interval: column.values(as: Timestamp.self)[element], to: buffer)
        case .string, .varchar: appendEscaped(column.values(as: StringView.self)[element])
        case .char(let length):
            let text = column.values(as: StringView.self)[element]
            appendEscaped(text)
            buffer.append(repeating: 0x20, count: max(length - CharacterText.length(text), 0))
        case .binary where !format.encodesBinary: buffer.append(column.values(as: StringView.self)[element])
        case .binary: Base64.encode(column.values(as: StringView.self)[element].bytes) { buffer.append($0) }
        case .void: buffer.append(nullField)
        case .array, .map, .structure, .union: appendNested(column, element, level: level)
        }
    }

    private func delimiter(_ level: Int) -> UInt8 { format.delimiters[min(level, format.delimiters.count - 1)] }

    private func appendNested(_ column: Column, _ element: Int, level: Int) {
        switch column.type {
        case .array:
            let entry = column.values(as: ListEntry.self)[element]
            for item in 0..<Int(entry.length) {
                if item > 0 { buffer.append(delimiter(level)) }
                append(column.children[0], row: Int(entry.offset) + item, level: level + 1)
            }
        case .map:
            let entry = column.values(as: ListEntry.self)[element]
            for item in 0..<Int(entry.length) {
                if item > 0 { buffer.append(delimiter(level)) }
                append(column.children[0], row: Int(entry.offset) + item, level: level + 2)
                buffer.append(delimiter(level + 1))
                append(column.children[1], row: Int(entry.offset) + item, level: level + 2)
            }
        case .structure:
            for (index, field) in column.children.enumerated() {
                if index > 0 { buffer.append(delimiter(level)) }
                append(field, row: element, level: level + 1)
            }
        case .union:
            let tag = Int(column.values(as: UInt8.self)[element])
            NumberFormatter.append(Int64(tag), to: buffer)
            buffer.append(delimiter(level))
            if column.children.indices.contains(tag) { append(column.children[tag], row: element, level: level + 1) }
        default: break
        }
    }

    private func appendEscaped(_ text: StringView) {
        guard let escape = format.escape else {
            buffer.append(text)
            return
        }
        for byte in text.bytes {
            if escaped[Int(byte)] {
                buffer.append(escape)
                switch byte {
                case 0x0A where format.escapesLineEnds: buffer.append(UInt8(ascii: "n"))
                case 0x0D where format.escapesLineEnds: buffer.append(UInt8(ascii: "r"))
                default: buffer.append(byte)
                }
            } else {
                buffer.append(byte)
            }
        }
    }
}
