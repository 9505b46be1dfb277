import Columnar
import Platform

extension FieldParser {
    /// ARRAY, MAP, STRUCT and UNIONTYPE fields, value by value.
    func nested(_ type: SQLType) -> Column {
        let builder = ColumnBuilder(type, capacity: count)
        let reader = NestedFieldReader(format: format)
        var next = 0
        rows.forEach { row in
            while next < row {
                builder.appendNull()
                next += 1
            }
            let length = Int(lengths[row])
            if length < 0 {
                builder.appendNull()
            } else {
                reader.append(UnsafeBufferPointer(start: text + Int(starts[row]), count: length), type, level: 1, to: builder)
            }
            next += 1
        }
        while next < count {
            builder.appendNull()
            next += 1
        }
        return builder.finish()
    }
}

/// Reads values inside a field. Each level of nesting has its own delimiter, a MAP uses two.
struct NestedFieldReader {
    let format: TextFormat
    init(format: TextFormat) { self.format = format }

    private typealias Bytes = UnsafeBufferPointer<UInt8>

    /// Appends the value that `bytes` spell; NULL when they spell none.
    func append(_ bytes: UnsafeBufferPointer<UInt8>, _ type: SQLType, level: Int, to builder: ColumnBuilder) {
        guard let text = bytes.baseAddress, level + 1 < format.delimiters.count, !isNull(bytes) else {
            builder.appendNull()
            return
        }
        switch type {
        case .array(let element):
            var length = 0
            forEachPart(bytes, format.delimiters[level]) { part in
                append(part, element, level: level + 1, to: builder.children[0])
                length += 1
            }
            builder.append(listOf: length)
        case .map(let key, let value): appendMap(bytes, key, value, level, builder)
        case .structure(let fields):
            var index = 0
            forEachPart(bytes, format.delimiters[level]) { part in
                if index < fields.count {
                    append(part, fields[index].type, level: level + 1, to: builder.children[index])
                }
                index += 1
            }
            while index < fields.count {
                builder.children[index].appendNull()
                index += 1
            }
            builder.appendStructure()
        case .union(let members): appendUnion(bytes, members, level, builder)
        default: appendPrimitive(text, bytes.count, type, builder)
        }
    }

    private func isNull(_ bytes: Bytes) -> Bool {
        bytes.count == format.nullSequence.count && bytes.elementsEqual(format.nullSequence)
    }

    /// Nothing has no parts.
    private func forEachPart(_ bytes: Bytes, _ delimiter: UInt8, _ body: (Bytes) -> Void) {
        guard let text = bytes.baseAddress, bytes.count > 0 else { return }
        var start = 0
        while true {
            let end = TextLines.fieldEnd(text, start, bytes.count, delimiter: delimiter, escape: format.escape)
            body(Bytes(start: text + start, count: end - start))
            if end >= bytes.count { return }
            start = end + 1
        }
    }

    /// Entries whose key is NULL are left out; of equal keys the first one counts.
    private func appendMap(_ bytes: Bytes, _ key: SQLType, _ value: SQLType, _ level: Int, _ builder: ColumnBuilder) {
        var length = 0
        var known = Set<[UInt8]>()
        forEachPart(bytes, format.delimiters[level]) { entry in
            guard let text = entry.baseAddress else { return }
            let end = TextLines.fieldEnd(
                text, 0, entry.count, delimiter: format.delimiters[level + 1], escape: format.escape)
            let keyBytes = Bytes(start: text, count: end)
            guard !isNull(keyBytes), known.insert(Array(keyBytes)).inserted, isReadable(keyBytes, key, level + 2) else {
                return
            }
            append(keyBytes, key, level: level + 2, to: builder.children[0])
            if end < entry.count {
                append(
                    Bytes(start: text + end + 1, count: entry.count - end - 1), value, level: level + 2,
                    to: builder.children[1])
            } else {
                builder.children[1].appendNull()
            }
            length += 1
        }
        builder.append(listOf: length)
    }

    /// Whether `append` would not append NULL.
    private func isReadable(_ bytes: Bytes, _ type: SQLType, _ level: Int) -> Bool {
        if type.isComplex || type.physical == .string { return true }
        let trial = ColumnBuilder(type, capacity: 1)
        append(bytes, type, level: level, to: trial)
        return !trial.finish().isNull(0)
    }

    /// The member's number, a delimiter, the value.
    private func appendUnion(_ bytes: Bytes, _ members: [SQLType], _ level: Int, _ builder: ColumnBuilder) {
        guard let text = bytes.baseAddress else {
            builder.appendNull()
            return
        }
        let end = TextLines.fieldEnd(
            text, 0, bytes.count, delimiter: format.delimiters[level], escape: format.escape)
        let tag = TextParsing.int64(text, end).flatMap { Int(exactly: $0) } ?? -1
        guard members.indices.contains(tag), tag < 256 else {
            builder.appendNull()
            return
        }
        for (index, member) in members.enumerated() {
            if index == tag, end < bytes.count {
                append(
                    Bytes(start: text + end + 1, count: bytes.count - end - 1), member, level: level + 1,
                    to: builder.children[index])
            } else {
                builder.children[index].appendNull()
            }
        }
        builder.appendStructure(tag: UInt8(truncatingIfNeeded: tag))
    }

    private func appendPrimitive(_ text: UnsafePointer<UInt8>, _ count: Int, _ type: SQLType, _ builder: ColumnBuilder) {
        switch type {
        case .boolean:
            append(
                format.extendedBooleanLiterals
                    ? TextParsing.extendedBoolean(text, count) : TextParsing.boolean(text, count), builder)
        case .tinyint: append(TextParsing.int8(text, count), builder)
        case .smallint: append(TextParsing.int16(text, count), builder)
        case .int: append(TextParsing.int32(text, count), builder)
        case .bigint: append(TextParsing.int64(text, count), builder)
        case .float: append(TextParsing.float(text, count), builder)
        case .double: append(TextParsing.double(text, count), builder)
        case .decimal(let precision, let scale):
            append(TextParsing.decimal(text, count, precision: precision, scale: scale), builder)
        case .date: append(TextParsing.date(text, count), builder)
        case .timestamp, .timestampLocalTimeZone: append(format.timestamps.parse(StringView(text, length: count)), builder)
        case .string, .varchar, .char, .binary: appendString(StringView(text, length: count), type, builder)
        default: builder.appendNull()
        }
    }

    @inline(__always)
    private func append<T: ColumnElement>(_ value: T?, _ builder: ColumnBuilder) {
        if let value { builder.append(value) } else { builder.appendNull() }
    }

    private func appendString(_ view: StringView, _ type: SQLType, _ builder: ColumnBuilder) {
        var view = view
        let scratch = StringHeap()
        if let escape = format.escape, view.bytes.contains(escape) {
            view = FieldParser.unescaped(view, escape, scratch)
        }
        switch type {
        case .varchar(let length): view = FieldParser.cut(view, length: length, isPadded: false)
        case .char(let length): view = FieldParser.cut(view, length: length, isPadded: true)
        case .binary: view = Base64.decodedOrSame(view, scratch)
        default: break
        }
        builder.append(view)
        withExtendedLifetime(scratch) {}
    }
}
