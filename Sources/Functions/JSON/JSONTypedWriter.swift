import Columnar
import Platform

/// Writes values as Spark's `to_json` does. A TIMESTAMP is a wall-clock time of the session's zone.
struct JSONTypedWriter {
    let options: JSONOptions
    let zone: ZoneRules

    private static let usualTimestamp = DateTimePattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX")

    /// Types of which JSON has no values.
    static func refused(_ type: SQLType) -> SQLType? {
        if case .union = type { return type }
        return type.childTypes.lazy.compactMap(refused).first
    }

    /// Appends the value of a row, `null` for NULL.
    /// - Throws: `FunctionError` for a NULL among the keys of a map.
    func append(_ column: Column, row: Int, to buffer: ByteBuffer) throws {
        guard !column.isNull(row) else { return buffer.append("null") }
        let plain = column.encoding == .dictionary ? column.base ?? column : column
        try appendElement(plain, column.element(of: row), to: buffer)
    }

    private func appendElement(_ column: Column, _ element: Int, to buffer: ByteBuffer) throws {
        switch column.type {
        case .array:
            let entry = column.values(as: ListEntry.self)[element]
            buffer.append(UInt8(ascii: "["))
            for place in 0..<Int(entry.length) {
                if place > 0 { buffer.append(UInt8(ascii: ",")) }
                try append(column.children[0], row: Int(entry.offset) + place, to: buffer)
            }
            buffer.append(UInt8(ascii: "]"))
        case .map: try appendMap(column, element, to: buffer)
        case .structure(let fields): try appendStructure(column, element, fields, to: buffer)
        default: appendScalar(column, element, to: buffer)
        }
    }

    private func appendStructure(_ column: Column, _ element: Int, _ fields: [StructField], to buffer: ByteBuffer) throws {
        buffer.append(UInt8(ascii: "{"))
        var isFirst = true
        for (field, child) in zip(fields, column.children) {
            let row = child.isConstant ? 0 : element
            if options.leavesOutNulls, child.isNull(row) || child.type == .void { continue }
            if !isFirst { buffer.append(UInt8(ascii: ",")) }
            isFirst = false
            appendName(field.name, to: buffer)
            try append(child, row: row, to: buffer)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    private func appendName(_ name: String, to buffer: ByteBuffer) {
        var name = name
        name.withUTF8 { buffer.appendJSONString($0, hexadecimalDigits: .upperCase) }
        buffer.append(UInt8(ascii: ":"))
    }

    private func appendMap(_ column: Column, _ element: Int, to buffer: ByteBuffer) throws {
        guard column.children.count == 2 else { return }
        let entry = column.values(as: ListEntry.self)[element]
        let keys = column.children[0], values = column.children[1]
        let key = ByteBuffer(capacity: 64)
        buffer.append(UInt8(ascii: "{"))
        for place in Int(entry.offset)..<(Int(entry.offset) + Int(entry.length)) {
            if place > Int(entry.offset) { buffer.append(UInt8(ascii: ",")) }
            guard !keys.isNull(place) else { throw FunctionError(.argument, "to_json: the key of a map must not be NULL") }
            key.removeAll()
            appendKey(keys, place, to: key)
            buffer.appendJSONString(key.bytes, hexadecimalDigits: .upperCase)
            buffer.append(UInt8(ascii: ":"))
            try append(values, row: place, to: buffer)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    /// Keys are texts: dates as days and timestamps as microseconds since 1970, as Spark has them.
    private func appendKey(_ keys: Column, _ row: Int, to buffer: ByteBuffer) {
        let column = keys.encoding == .dictionary ? keys.base ?? keys : keys
        let element = keys.element(of: row)
        switch column.type {
        case .date: NumberFormatter.append(Int64(column.values(as: Int32.self)[element]), to: buffer)
        case .timestamp, .timestampLocalTimeZone:
            let time = column.values(as: Timestamp.self)[element]
            let seconds = column.type == .timestamp ? zone.utc(fromLocal: time.seconds) : time.seconds
            let micros = Int128(seconds) * 1_000_000 + Int128(time.nanoseconds / 1000)
            NumberFormatter.append(micros, scale: 0, trimming: false, to: buffer)
        case .decimal(_, let scale): Self.append(column.values(as: Int128.self)[element], scale: scale, to: buffer)
        case .string, .varchar, .char: buffer.append(column.values(as: StringView.self)[element])
        default: TextFormatter(.output, zone: zone).append(keys, row: row, to: buffer)
        }
    }

    private func appendScalar(_ column: Column, _ element: Int, to buffer: ByteBuffer) {
        switch column.type {
        case .string, .varchar, .char:
            buffer.appendJSONString(column.values(as: StringView.self)[element].bytes, hexadecimalDigits: .upperCase)
        case .binary:
            quoted(buffer) { Base64.encode(column.values(as: StringView.self)[element].bytes) { buffer.append($0) } }
        case .float: appendReal(Double(column.values(as: Float.self)[element]), column, element, to: buffer)
        case .double: appendReal(column.values(as: Double.self)[element], column, element, to: buffer)
        case .decimal(_, let scale): Self.append(column.values(as: Int128.self)[element], scale: scale, to: buffer)
        case .date:
            let day = column.values(as: Int32.self)[element]
            quoted(buffer) {
                guard let pattern = options.datePattern else { return DateTimeFormatter.append(day: day, to: buffer) }
                pattern.append(local: Timestamp(seconds: Int64(day) * 86_400), zone: zone, to: buffer)
            }
        case .timestamp, .timestampLocalTimeZone:
            let time = column.values(as: Timestamp.self)[element]
            guard let pattern = options.timestampPattern ?? Self.usualTimestamp else { return buffer.append("null") }
            quoted(buffer) {
                if column.type == .timestamp {
                    pattern.append(local: time, zone: zone, to: buffer)
                } else {
                    pattern.append(time, zone: zone, to: buffer)
                }
            }
        case .intervalYearMonth:
            quoted(buffer) {
                buffer.append("INTERVAL '")
                DateTimeFormatter.append(months: column.values(as: Int32.self)[element], to: buffer)
                buffer.append("' YEAR TO MONTH")
            }
        case .intervalDayTime:
            quoted(buffer) {
                buffer.append("INTERVAL '")
                TextFormatter(.cast, zone: zone).append(column, row: element, to: buffer)
                buffer.append("' DAY TO SECOND")
            }
        default: TextFormatter(.nested, zone: zone).append(column, row: element, to: buffer)
        }
    }

    /// Numbers that JSON does not have are texts.
    private func appendReal(_ value: Double, _ column: Column, _ element: Int, to buffer: ByteBuffer) {
        if !value.isFinite { buffer.append(UInt8(ascii: "\"")) }
        TextFormatter(.nested, zone: zone).append(column, row: element, to: buffer)
        if !value.isFinite { buffer.append(UInt8(ascii: "\"")) }
    }

    private func quoted(_ buffer: ByteBuffer, _ body: () -> Void) {
        buffer.append(UInt8(ascii: "\""))
        body()
        buffer.append(UInt8(ascii: "\""))
    }

    /// A decimal as Java's `BigDecimal.toString` has it: with an exponent where more than five zeros would follow the point.
    static func append(_ value: Int128, scale: Int, to buffer: ByteBuffer) {
        let digits = Array(String(value.magnitude).utf8)
        let exponent = digits.count - 1 - scale
        guard exponent < -6 else { return NumberFormatter.append(value, scale: scale, trimming: false, to: buffer) }
        if value < 0 { buffer.append(UInt8(ascii: "-")) }
        buffer.append(digits[0])
        if digits.count > 1 {
            buffer.append(UInt8(ascii: "."))
            for digit in digits.dropFirst() { buffer.append(digit) }
        }
        buffer.append("E")
        NumberFormatter.append(Int64(exponent), to: buffer)
    }
}
