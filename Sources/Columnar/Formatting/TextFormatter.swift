/// Values as text, as Hive prints them.
package struct TextFormatter: Sendable {
    /// Where the text goes, which decides a few spellings.
    package enum Purpose: Sendable {
        /// A value of a result or of a text table: decimals with all digits of their scale, CHAR padded, `true`.
        case output
        /// `CAST(… AS STRING)` and string functions: decimals without zeros at the end, CHAR without padding, `TRUE`.
        case cast
        /// Inside an array, map, struct or union, written as JSON.
        case nested
    }

    package let purpose: Purpose
    package let zone: ZoneRules

    package init(_ purpose: Purpose = .output, zone: ZoneRules = .utc) {
        self.purpose = purpose
        self.zone = zone
    }

    /// Appends the text of a value; NULL appends `NULL` (`null` inside nested values).
    /// Any encoding; for many rows of one column use `format`.
    package func append(_ column: Column, row: Int, to buffer: ByteBuffer) {
        if column.isNull(row) {
            if purpose == .nested { buffer.append("null") } else { buffer.append("NULL") }
            return
        }
        let element = column.element(of: row)
        appendElement(column.encoding == .dictionary ? column.base ?? column : column, element, to: buffer)
    }

    /// The text of the selected rows as a STRING column of `count` rows; NULL stays NULL. Constant for a constant.
    package func format(_ column: Column, rows: RowSelection, count: Int) -> Column {
        if purpose == .cast, column.type.isCharacter { return column.retyped(.string) }
        let frame = UnaryFrame(column, rows, count)
        let result = frame.makeResult(.string)
        let heap = StringHeap()
        result.heap = heap
        let isCast = purpose == .cast
        switch column.type {
        case .boolean:
            texts(frame, result, heap, UInt8.self, longest: 5) { value, buffer in
                if isCast {
                    buffer.append(value != 0 ? "TRUE" : "FALSE")
                } else {
                    buffer.append(value != 0 ? "true" : "false")
                }
            }
        case .tinyint:
            texts(frame, result, heap, Int8.self, longest: 4) { NumberFormatter.append(Int64($0), to: $1) }
        case .smallint:
            texts(frame, result, heap, Int16.self, longest: 6) { NumberFormatter.append(Int64($0), to: $1) }
        case .int: texts(frame, result, heap, Int32.self, longest: 11) { NumberFormatter.append(Int64($0), to: $1) }
        case .bigint: texts(frame, result, heap, Int64.self, longest: 20) { NumberFormatter.append($0, to: $1) }
        case .float: texts(frame, result, heap, Float.self, longest: 20) { NumberFormatter.append($0, to: $1) }
        case .double: texts(frame, result, heap, Double.self, longest: 28) { NumberFormatter.append($0, to: $1) }
        case .decimal(_, let scale):
            let trimming = purpose != .output
            texts(frame, result, heap, Int128.self, longest: 44) {
                NumberFormatter.append($0, scale: scale, trimming: trimming, to: $1)
            }
        case .date where purpose != .nested:
            texts(frame, result, heap, Int32.self, longest: 16) { DateTimeFormatter.append(day: $0, to: $1) }
        case .timestamp where purpose != .nested:
            texts(frame, result, heap, Timestamp.self, longest: 40) { DateTimeFormatter.append($0, to: $1) }
        default:
            let buffer = ByteBuffer(capacity: 256)
            let target = result.values(as: StringView.self)
            let bits = frame.operand.validity
            let operand = frame.operand
            frame.rows.forEach { row in
                if let bits, !bits[row] {
                    target[row] = StringView()
                } else {
                    buffer.removeAll()
                    appendElement(operand, row, to: buffer)
                    target[row] = heap.copy(buffer.bytes)
                }
            }
        }
        return result
    }

    /// Texts of at most `longest` bytes, all written into one buffer that never moves.
    @inline(__always)
    private func texts<T: ColumnElement>(
        _ frame: UnaryFrame, _ result: Column, _ heap: StringHeap, _: T.Type, longest: Int,
        _ append: (T, ByteBuffer) -> Void
    ) {
        // Formatters reserve a little more than they write; the slack at the end keeps the last from growing the buffer.
        let buffer = ByteBuffer(capacity: frame.rows.count * longest + 128)
        heap.retain(buffer)
        let source = UnsafePointer(frame.operand.values(as: T.self))
        let target = result.values(as: StringView.self)
        let bits = frame.operand.validity
        frame.rows.forEach { row in
            if let bits, !bits[row] {
                target[row] = StringView()
            } else {
                let start = buffer.count
                append(source[row], buffer)
                target[row] = buffer.view(from: start)
            }
        }
        withExtendedLifetime(frame) {}
    }

    /// Appends a value that is not NULL of a flat or constant column.
    @inline(__always)
    func appendElement(_ column: Column, _ element: Int, to buffer: ByteBuffer) {
        switch column.type {
        case .void: buffer.append(purpose == .nested ? "null" : "NULL")
        case .boolean:
            let value = column.values(as: UInt8.self)[element] != 0
            if purpose == .cast {
                buffer.append(value ? "TRUE" : "FALSE")
            } else {
                buffer.append(value ? "true" : "false")
            }
        case .tinyint: NumberFormatter.append(Int64(column.values(as: Int8.self)[element]), to: buffer)
        case .smallint: NumberFormatter.append(Int64(column.values(as: Int16.self)[element]), to: buffer)
        case .int: NumberFormatter.append(Int64(column.values(as: Int32.self)[element]), to: buffer)
        case .bigint: NumberFormatter.append(column.values(as: Int64.self)[element], to: buffer)
        case .float: NumberFormatter.append(column.values(as: Float.self)[element], to: buffer)
        case .double: NumberFormatter.append(column.values(as: Double.self)[element], to: buffer)
        case .decimal(_, let scale):
            NumberFormatter.append(
                column.values(as: Int128.self)[element], scale: scale, trimming: purpose != .output, to: buffer)
        case .string, .varchar, .char, .binary: appendText(column, element, to: buffer)
        case .date:
            quoted(buffer) { DateTimeFormatter.append(day: column.values(as: Int32.self)[element], to: buffer) }
        case .timestamp:
            quoted(buffer) { DateTimeFormatter.append(column.values(as: Timestamp.self)[element], to: buffer) }
        case .timestampLocalTimeZone:
            quoted(buffer) {
                let instant = column.values(as: Timestamp.self)[element]
                let offset = zone.offset(at: instant.seconds)
                DateTimeFormatter.append(
                    Timestamp(seconds: instant.seconds &+ Int64(offset), nanoseconds: instant.nanoseconds), to: buffer)
                // Unlike a TIMESTAMP, an instant always shows a fraction.
                if instant.nanoseconds == 0 { buffer.append(".0") }
                buffer.append(0x20)
                buffer.append(zone.identifier)
            }
        case .intervalYearMonth:
            DateTimeFormatter.append(months: column.values(as: Int32.self)[element], to: buffer)
        case .intervalDayTime:
            DateTimeFormatter.append(interval: column.values(as: Timestamp.self)[element], to: buffer)
        case .array, .map, .structure, .union:
            TextFormatter(.nested, zone: zone).appendNested(column, element, to: buffer)
        }
    }

    @inline(__always)
    private func quoted(_ buffer: ByteBuffer, _ body: () -> Void) {
        if purpose == .nested { buffer.append(0x22) }
        body()
        if purpose == .nested { buffer.append(0x22) }
    }

    private func appendText(_ column: Column, _ element: Int, to buffer: ByteBuffer) {
        let text = column.values(as: StringView.self)[element]
        if purpose == .nested, column.type != .binary {
            buffer.append(0x22)
            appendEscaped(text, to: buffer)
            pad(column.type, text, to: buffer)
            buffer.append(0x22)
        } else {
            buffer.append(text)
            if purpose == .output { pad(column.type, text, to: buffer) }
        }
    }

    private func pad(_ type: SQLType, _ text: StringView, to buffer: ByteBuffer) {
        guard case .char(let length) = type else { return }
        buffer.append(repeating: 0x20, count: length - CharacterText.length(text))
    }

    /// Escapes as Hive's JSON writer does: quotes, backslashes and control characters.
    private func appendEscaped(_ text: StringView, to buffer: ByteBuffer) {
        for byte in text.bytes {
            switch byte {
            case 0x22: buffer.append("\\\"")
            case 0x5C: buffer.append("\\\\")
            case 0x08: buffer.append("\\b")
            case 0x0C: buffer.append("\\f")
            case 0x0A: buffer.append("\\n")
            case 0x0D: buffer.append("\\r")
            case 0x09: buffer.append("\\t")
            case 0..<0x20:
                buffer.append("\\u00")
                buffer.append(0x30 + (byte >> 4))
                let low = byte & 0xF
                buffer.append(low < 10 ? 0x30 + low : 0x41 + low - 10)
            default: buffer.append(byte)
            }
        }
    }

    private func appendNested(_ column: Column, _ element: Int, to buffer: ByteBuffer) {
        switch column.type {
        case .array:
            guard let items = column.children.first else { return }
            let entry = column.values(as: ListEntry.self)[element]
            buffer.append(0x5B)
            for item in 0..<Int(entry.length) {
                if item > 0 { buffer.append(0x2C) }
                append(items, row: Int(entry.offset) + item, to: buffer)
            }
            buffer.append(0x5D)
        case .map:
            guard column.children.count == 2 else { return }
            let entry = column.values(as: ListEntry.self)[element]
            buffer.append(0x7B)
            for item in 0..<Int(entry.length) {
                if item > 0 { buffer.append(0x2C) }
                append(column.children[0], row: Int(entry.offset) + item, to: buffer)
                buffer.append(0x3A)
                append(column.children[1], row: Int(entry.offset) + item, to: buffer)
            }
            buffer.append(0x7D)
        case .structure(let fields):
            buffer.append(0x7B)
            for (position, field) in fields.enumerated() where position < column.children.count {
                if position > 0 { buffer.append(0x2C) }
                buffer.append(0x22)
                buffer.append(field.name)
                buffer.append("\":")
                append(column.children[position], row: element, to: buffer)
            }
            buffer.append(0x7D)
        case .union:
            let tag = Int(column.values(as: UInt8.self)[element])
            buffer.append(0x7B)
            NumberFormatter.append(Int64(tag), to: buffer)
            buffer.append(0x3A)
            if tag < column.children.count { append(column.children[tag], row: element, to: buffer) }
            buffer.append(0x7D)
        default: break
        }
    }
}

/// UTF-8 text counted in characters (code points), as VARCHAR and CHAR do.
package enum CharacterText {
    /// Code points: the bytes that do not continue one.
    @inline(__always)
    package static func length(_ text: StringView) -> Int {
        let bytes = UnsafeRawPointer(text.pointer)
        let length = Int(text.length)
        var continuations = 0
        var place = 0
        while place &+ 8 <= length {
            let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            // The upper two bits of such a byte are 10; there is none among eight bytes of ASCII.
            if word & 0x8080_8080_8080_8080 != 0 {
                continuations &+= (word &>> 7 & ~word &>> 6 & 0x0101_0101_0101_0101).nonzeroBitCount
            }
            place &+= 8
        }
        while place < length {
            continuations &+= text.pointer[place] & 0xC0 == 0x80 ? 1 : 0
            place &+= 1
        }
        return length &- continuations
    }

    /// The bytes of the first `characters` code points.
    @inline(__always)
    package static func prefix(_ text: StringView, characters: Int) -> StringView {
        if Int(text.length) <= characters { return text }
        var seen = 0
        for (position, byte) in text.bytes.enumerated() where byte & 0xC0 != 0x80 {
            if seen == characters { return StringView(text.pointer, length: position) }
            seen += 1
        }
        return text
    }

    /// Without the blanks at the end.
    @inline(__always)
    package static func trimmingEnd(_ text: StringView) -> StringView {
        var length = Int(text.length)
        while length > 0, text.pointer[length - 1] == 0x20 { length -= 1 }
        return length == Int(text.length) ? text : StringView(text.pointer, length: length)
    }
}
