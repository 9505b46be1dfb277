import Columnar
import Platform

/// Rows as JSON objects without blanks, every column a member. HCatalog's class and Hive's own differ in binary values,
/// decimals, members of unions, numbers that JSON does not have, and in the case of hexadecimal digits.
final class JSONSerializer: RowSerializer {
    private let serde: JSONSerDe
    private let names: [[UInt8]]
    private let hexadecimalDigits: ByteBuffer.HexadecimalDigits
    private let scratch = ByteBuffer(capacity: 64)

    init(_ serde: JSONSerDe, schema: [SchemaColumn]) {
        self.serde = serde
        names = schema.map { Array($0.name.utf8) }
        hexadecimalDigits = serde.isStrict ? .lowerCase : .upperCase
        super.init(schema: schema)
    }

    override func appendLine(_ columns: [Column], row: Int, to buffer: ByteBuffer) throws {
        buffer.append(UInt8(ascii: "{"))
        for (index, column) in columns.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            names[index].withUnsafeBufferPointer { buffer.appendJSONString($0, hexadecimalDigits: hexadecimalDigits) }
            buffer.append(UInt8(ascii: ":"))
            try append(column, row: row, to: buffer)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    private func append(_ column: Column, row: Int, to buffer: ByteBuffer) throws {
        guard !column.isNull(row) else { return buffer.append("null") }
        let source = column.encoding == .dictionary ? column.base ?? column : column
        try appendValue(source, column.element(of: row), to: buffer)
    }

    private func appendValue(_ column: Column, _ element: Int, to buffer: ByteBuffer) throws {
        switch column.type {
        case .void: buffer.append("null")
        case .boolean: buffer.append(column.values(as: UInt8.self)[element] != 0 ? "true" : "false")
        case .tinyint: NumberFormatter.append(Int64(column.values(as: Int8.self)[element]), to: buffer)
        case .smallint: NumberFormatter.append(Int64(column.values(as: Int16.self)[element]), to: buffer)
        case .int: NumberFormatter.append(Int64(column.values(as: Int32.self)[element]), to: buffer)
        case .bigint: NumberFormatter.append(column.values(as: Int64.self)[element], to: buffer)
        case .float:
            let value = column.values(as: Float.self)[element]
            appendNumber(isFinite: value.isFinite, to: buffer) { NumberFormatter.append(value, to: buffer) }
        case .double:
            let value = column.values(as: Double.self)[element]
            appendNumber(isFinite: value.isFinite, to: buffer) { NumberFormatter.append(value, to: buffer) }
        case .decimal(_, let scale): append(column.values(as: Int128.self)[element], scale: scale, to: buffer)
        case .date: quoted(buffer) { DateTimeFormatter.append(day: column.values(as: Int32.self)[element], to: buffer) }
        case .timestamp, .timestampLocalTimeZone:
            quoted(buffer) { DateTimeFormatter.append(column.values(as: Timestamp.self)[element], to: buffer) }
        case .string, .varchar: buffer.appendJSONString(column.values(as: StringView.self)[element].bytes, hexadecimalDigits: hexadecimalDigits)
        case .char(let length):
            let text = column.values(as: StringView.self)[element]
            scratch.removeAll()
            scratch.append(text)
            scratch.append(repeating: 0x20, count: max(length - CharacterText.length(text), 0))
            buffer.appendJSONString(scratch.bytes, hexadecimalDigits: hexadecimalDigits)
        case .binary:
            let bytes = column.values(as: StringView.self)[element].bytes
            if serde.isStrict || !serde.isBinaryBase64 { return buffer.appendJSONString(bytes, hexadecimalDigits: hexadecimalDigits) }
            quoted(buffer) { Base64.encode(bytes) { buffer.append($0) } }
        case .array:
            let entry = column.values(as: ListEntry.self)[element]
            buffer.append(UInt8(ascii: "["))
            for item in 0..<Int(entry.length) {
                if item > 0 { buffer.append(UInt8(ascii: ",")) }
                try append(column.children[0], row: Int(entry.offset) + item, to: buffer)
            }
            buffer.append(UInt8(ascii: "]"))
        case .map:
            let entry = column.values(as: ListEntry.self)[element]
            buffer.append(UInt8(ascii: "{"))
            for item in 0..<Int(entry.length) {
                if item > 0 { buffer.append(UInt8(ascii: ",")) }
                try appendKey(column.children[0], row: Int(entry.offset) + item, to: buffer)
                buffer.append(UInt8(ascii: ":"))
                try append(column.children[1], row: Int(entry.offset) + item, to: buffer)
            }
            buffer.append(UInt8(ascii: "}"))
        case .structure(let fields):
            buffer.append(UInt8(ascii: "{"))
            for (index, field) in fields.enumerated() {
                if index > 0 { buffer.append(UInt8(ascii: ",")) }
                var name = field.name
                name.withUTF8 { buffer.appendJSONString($0, hexadecimalDigits: hexadecimalDigits) }
                buffer.append(UInt8(ascii: ":"))
                try append(column.children[index], row: column.children[index].isConstant ? 0 : element, to: buffer)
            }
            buffer.append(UInt8(ascii: "}"))
        case .union:
            let tag = Int(column.values(as: UInt8.self)[element])
            buffer.append(UInt8(ascii: "{"))
            if !serde.isStrict { buffer.append(UInt8(ascii: "\"")) }
            NumberFormatter.append(Int64(tag), to: buffer)
            if !serde.isStrict { buffer.append(UInt8(ascii: "\"")) }
            buffer.append(UInt8(ascii: ":"))
            if column.children.indices.contains(tag) {
                try append(column.children[tag], row: column.children[tag].isConstant ? 0 : element, to: buffer)
            } else {
                buffer.append("null")
            }
            buffer.append(UInt8(ascii: "}"))
        case .intervalYearMonth, .intervalDayTime:
            throw TableFormatError("values of type \(column.type) cannot be written as JSON", path: "")
        }
    }

    /// Keys are always texts.
    private func appendKey(_ column: Column, row: Int, to buffer: ByteBuffer) throws {
        let start = buffer.count
        try append(column, row: row, to: buffer)
        guard buffer.count > start, buffer.start[start] != UInt8(ascii: "\"") else { return }
        buffer.append(UInt8(ascii: "\""))
        let count = buffer.count - start
        for at in stride(from: count - 1, to: 0, by: -1) { buffer.start[start + at] = buffer.start[start + at - 1] }
        buffer.start[start] = UInt8(ascii: "\"")
        buffer.append(UInt8(ascii: "\""))
    }

    private func quoted(_ buffer: ByteBuffer, _ append: () -> Void) {
        buffer.append(UInt8(ascii: "\""))
        append()
        buffer.append(UInt8(ascii: "\""))
    }

    private func appendNumber(isFinite: Bool, to buffer: ByteBuffer, _ append: () -> Void) {
        if isFinite || serde.isStrict { append() } else { quoted(buffer, append) }
    }

    /// Without zeros at its end; Hive's own class writes what Java's decimals without zeros are: `1E+2` for 100.
    private func append(_ unscaled: Int128, scale: Int, to buffer: ByteBuffer) {
        var digits = unscaled
        var scale = scale
        while digits != 0, digits % 10 == 0, scale > 0 || !serde.isStrict {
            digits /= 10
            scale -= 1
        }
        if digits == 0 { scale = 0 }
        let magnitude = String(digits.magnitude)
        let exponent = magnitude.utf8.count - 1 - scale
        guard !serde.isStrict, scale < 0 || exponent < -6 else {
            return NumberFormatter.append(digits, scale: scale, trimming: false, to: buffer)
        }
        if digits < 0 { buffer.append(UInt8(ascii: "-")) }
        for (index, digit) in magnitude.utf8.enumerated() {
            if index == 1 { buffer.append(UInt8(ascii: ".")) }
            buffer.append(digit)
        }
        buffer.append(UInt8(ascii: "E"))
        if exponent >= 0 { buffer.append(UInt8(ascii: "+")) }
        NumberFormatter.append(Int64(exponent), to: buffer)
    }
}
