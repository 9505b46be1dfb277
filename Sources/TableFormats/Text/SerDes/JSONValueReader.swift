import Columnar
import Functions
import Platform

/// Makes values of JSON as the SerDes do. Nesting is as deep as the type's.
///
/// Parts of a value that its builder does not want are not made, but refused as ever: an answer does not depend on what
/// else is read. Values without a builder are only held against their types, as far as these refuse any of that kind.
final class JSONValueReader {
    private let serde: JSONSerDe
    private let scratch = ByteBuffer()
    private let second = ByteBuffer()
    private let writer = JSONWriter()

    init(_ serde: JSONSerDe) { self.serde = serde }

    /// Appends a value of a line that was found to be JSON.
    /// - Throws: for what the SerDe refuses; then nothing or, unless malformed lines are ignored, a part of a nested value
    ///   was appended to children.
    func append(
        _ text: UnsafePointer<UInt8>, _ span: JSONSpan, _ node: JSONNode, to builder: ColumnBuilder
    ) throws(JSONRefusal) {
        switch node.type {
        case .array, .map, .structure:
            // Nothing of a value that is refused may stay in the children of a column that goes on.
            if serde.ignoresMalformed { try appendNested(text, span, node, to: nil) }
            try appendNested(text, span, node, to: builder)
        case .union: throw JSONRefusal("UNIONTYPE cannot be read from JSON")
        default: try appendScalar(text, span, node.type, to: builder)
        }
    }

    // MARK: Nested values

    /// The value at `at`, and the place behind it.
    private func value(
        _ text: UnsafePointer<UInt8>, _ at: Int, _ end: Int
    ) throws(JSONRefusal) -> (span: JSONSpan, next: Int) {
        guard at < end else { throw JSONRefusal("a value is missing") }
        switch text[at] {
        case UInt8(ascii: "\""):
            let string = JSONText.stringEnd(text, at + 1, end)
            guard string.quote >= 0 else { throw JSONRefusal("a text does not end") }
            let kind: JSONKinds = string.isEscaped ? .escapedText : .text
            return (JSONSpan(start: at + 1, end: string.quote, kind: kind), string.quote + 1)
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
            let stop = JSONText.valueEnd(text, at, end)
            guard stop >= 0 else { throw JSONRefusal("a value does not end") }
            let kind: JSONKinds =
                switch text[at] {
                case UInt8(ascii: "n"): .null
                case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
                default: .nested
                }
            return (JSONSpan(start: at, end: stop, kind: kind), stop)
        default:
            let number = JSONText.numberEnd(text, at, end)
            guard number.end >= 0 else { throw JSONRefusal("a value is none") }
            return (JSONSpan(start: at, end: number.end, kind: number.isWhole ? .whole : .fraction), number.end)
        }
    }

    /// Calls `body` with each element of an array.
    @inline(__always)
    private func forEachElement(
        _ text: UnsafePointer<UInt8>, _ array: JSONSpan, _ body: (JSONSpan) throws(JSONRefusal) -> Void
    ) throws(JSONRefusal) {
        let end = array.end
        var at = JSONText.skipSpace(text, array.start + 1, end)
        if at < end, text[at] == UInt8(ascii: "]") { return }
        while true {
            let element = try value(text, at, end)
            try body(element.span)
            at = JSONText.skipSpace(text, element.next, end)
            guard at < end, text[at] == UInt8(ascii: ",") else { return }
            at = JSONText.skipSpace(text, at + 1, end)
        }
    }

    /// Calls `body` with the key as it is written, whether that has escapes, and the value of each member of an object.
    @inline(__always)
    private func forEachMember(
        _ text: UnsafePointer<UInt8>, _ object: JSONSpan,
        _ body: (UnsafeBufferPointer<UInt8>, Bool, JSONSpan) throws(JSONRefusal) -> Void
    ) throws(JSONRefusal) {
        let end = object.end
        var at = JSONText.skipSpace(text, object.start + 1, end)
        if at < end, text[at] == UInt8(ascii: "}") { return }
        while true {
            let key = JSONText.keyEnd(text, at, end)
            guard key.value >= 0 else { throw JSONRefusal("a member is expected") }
            let member = try value(text, key.value, end)
            try body(UnsafeBufferPointer(start: text + at + 1, count: key.quote - at - 1), key.isEscaped, member.span)
            at = JSONText.skipSpace(text, member.next, end)
            guard at < end, text[at] == UInt8(ascii: ",") else { return }
            at = JSONText.skipSpace(text, at + 1, end)
        }
    }

    /// What a key says.
    private func name(_ key: UnsafeBufferPointer<UInt8>, isEscaped: Bool) -> UnsafeBufferPointer<UInt8> {
        guard isEscaped, let start = key.baseAddress else { return key }
        second.removeAll()
        JSONString.appendDecoded(StringView(start, length: key.count), to: second)
        return second.bytes
    }

    private func appendNested(
        _ text: UnsafePointer<UInt8>, _ span: JSONSpan, _ node: JSONNode, to builder: ColumnBuilder?
    ) throws(JSONRefusal) {
        guard span.kind == .nested else { throw JSONRefusal("\(node.type) is expected") }
        let isArray = text[span.start] == UInt8(ascii: "[")
        if case .array = node.type {
            guard isArray else { throw JSONRefusal("Start of Array expected") }
            return try appendArray(text, span, node.children[0], to: builder)
        }
        guard !isArray else { throw JSONRefusal("Start of Object expected") }
        if let members = node.members {
            try appendStructure(text, span, node.children, members, to: builder)
        } else {
            try appendMap(text, span, key: node.children[0], value: node.children[1], to: builder)
        }
    }

    private func appendArray(
        _ text: UnsafePointer<UInt8>, _ span: JSONSpan, _ element: JSONNode, to builder: ColumnBuilder?
    ) throws(JSONRefusal) {
        if builder == nil, element.accepted == .all { return }
        let target = builder?.wantedChild(0)
        var length = 0
        try forEachElement(text, span) { value throws(JSONRefusal) in
            try appendPart(text, value, element, to: target)
            length += 1
        }
        builder?.append(listOf: length)
    }

    private func appendStructure(
        _ text: UnsafePointer<UInt8>, _ span: JSONSpan, _ fields: [JSONNode], _ members: JSONMembers,
        to builder: ColumnBuilder?
    ) throws(JSONRefusal) {
        members.removeSpans()
        let spans = members.spans
        let accepted = members.accepted
        var isAccepted = true
        var number = 0
        // Of equal keys the last counts.
        try forEachMember(text, span) { key, isEscaped, value throws(JSONRefusal) in
            let field = members.field(key, number, isEscaped: isEscaped)
            number &+= 1
            guard field >= 0 else {
                guard serde.ignoresExtraFields else { throw unknownField(key, isEscaped: isEscaped) }
                return
            }
            spans[field] = value
            if !accepted[field].contains(value.kind) { isAccepted = false }
        }
        if isAccepted {
            if let builder {
                for field in builder.wantedChildren {
                    try appendPart(text, spans[field], fields[field], to: builder.children[field])
                }
            }
        } else {
            for field in fields.indices {
                try appendPart(text, spans[field], fields[field], to: builder?.wantedChild(field))
            }
        }
        builder?.appendStructure()
    }

    @inline(never)
    private func unknownField(_ key: UnsafeBufferPointer<UInt8>, isEscaped: Bool) -> JSONRefusal {
        let name = String(decoding: name(key, isEscaped: isEscaped), as: UTF8.self)
        return JSONRefusal("Field found in JSON does not match table definition: \(name)")
    }

    private func appendMap(
        _ text: UnsafePointer<UInt8>, _ span: JSONSpan, key: JSONNode, value: JSONNode, to builder: ColumnBuilder?
    ) throws(JSONRefusal) {
        if builder == nil, key.accepted.contains(.text) {
            var isAccepted = true
            if value.accepted != .all {
                try forEachMember(text, span) { _, _, member throws(JSONRefusal) in
                    if !value.accepted.contains(member.kind) { isAccepted = false }
                }
            }
            if isAccepted { return }
        }
        let entries = try entries(text, span)
        let (keys, values) = (builder?.wantedChild(0), builder?.wantedChild(1))
        for entry in entries {
            try entry.key.withUnsafeBufferPointer { bytes throws(JSONRefusal) in
                let name = bytes.baseAddress.map { StringView($0, length: bytes.count) } ?? StringView()
                try appendKey(name, key.type, to: keys)
            }
            try appendPart(text, entry.value, value, to: values)
        }
        builder?.append(listOf: entries.count)
    }

    /// The entries of a map: of equal keys the last value at the first one's place.
    private func entries(
        _ text: UnsafePointer<UInt8>, _ span: JSONSpan
    ) throws(JSONRefusal) -> [(key: [UInt8], value: JSONSpan)] {
        var entries: [(key: [UInt8], value: JSONSpan)] = []
        var known: [[UInt8]: Int] = [:]
        try forEachMember(text, span) { key, isEscaped, value throws(JSONRefusal) in
            let key = Array(name(key, isEscaped: isEscaped))
            if let place = known[key] {
                entries[place].value = value
            } else {
                known[key] = entries.count
                entries.append((key, value))
            }
        }
        return entries
    }

    /// Keys are texts; HCatalog's class reads those of numbers as Java does, and refuses what is none.
    private func appendKey(_ name: StringView, _ type: SQLType, to builder: ColumnBuilder?) throws(JSONRefusal) {
        guard serde.isStrict else { return try appendScalar(name, .text, type, to: builder) }
        switch type {
        case .tinyint, .smallint, .int, .bigint: try appendScalar(name, .whole, type, to: builder)
        case .float, .double:
            guard TextParsing.double(name.pointer, name.count) != nil else {
                throw JSONRefusal("the key '\(name.string)' is no number")
            }
            try appendScalar(name, .fraction, type, to: builder)
        default: try appendScalar(name, .text, type, to: builder)
        }
    }

    /// A value inside another one.
    private func appendPart(
        _ text: UnsafePointer<UInt8>, _ span: JSONSpan, _ node: JSONNode, to builder: ColumnBuilder?
    ) throws(JSONRefusal) {
        if builder == nil, node.accepted.contains(span.kind) { return }
        if span.kind.isSubset(of: .null) {
            builder?.appendNull()
            return
        }
        switch node.type {
        case .array, .map, .structure: try appendNested(text, span, node, to: builder)
        case .union: builder?.appendNull()
        default: try appendScalar(text, span, node.type, to: builder)
        }
    }

    // MARK: Scalars

    private func appendScalar(
        _ text: UnsafePointer<UInt8>, _ span: JSONSpan, _ type: SQLType, to builder: ColumnBuilder?
    ) throws(JSONRefusal) {
        try appendScalar(StringView(text + span.start, length: span.end - span.start), span.kind, type, to: builder)
    }

    private func appendScalar(
        _ raw: StringView, _ kind: JSONKinds, _ type: SQLType, to builder: ColumnBuilder?
    ) throws(JSONRefusal) {
        var text = raw
        if kind == .escapedText {
            scratch.removeAll()
            JSONString.appendDecoded(raw, to: scratch)
            text = scratch.view()
        }
        if kind == .nested, type != .string || serde.isStrict || !serde.keepsComplexAsText {
            throw JSONRefusal("Complex field found in JSON does not match table definition: \(type)")
        }
        switch type {
        case .tinyint:
            let value = try integer(text, kind, -128...255, type)
            builder?.append(Int8(truncatingIfNeeded: value))
        case .smallint:
            let value = try integer(text, kind, -32768...32767, type)
            builder?.append(Int16(truncatingIfNeeded: value))
        case .int:
            let value = try integer(text, kind, Int64(Int32.min)...Int64(Int32.max), type)
            builder?.append(Int32(truncatingIfNeeded: value))
        case .bigint:
            let value = try integer(text, kind, Int64.min...Int64.max, type)
            builder?.append(value)
        case .float:
            let value: Float = try number(text, kind, type) { TextParsing.float($0, $1) }
            builder?.append(value)
        case .double:
            let value: Double = try number(text, kind, type) { TextParsing.double($0, $1) }
            builder?.append(value)
        case .boolean: builder?.append(boolean(text, kind))
        case .decimal(let precision, let scale):
            guard let builder else { return }
            if let value = TextParsing.decimal(text.pointer, text.count, precision: precision, scale: scale), kind != .boolean {
                builder.append(value)
            } else {
                builder.appendNull()
            }
        case .date:
            guard let day = TextParsing.date(text.pointer, text.count) else { throw JSONRefusal("'\(text.string)' is no date") }
            builder?.append(day)
        case .timestamp, .timestampLocalTimeZone:
            guard let time = serde.timestamps.parse(text) else { throw JSONRefusal("'\(text.string)' is no timestamp") }
            builder?.append(time)
        case .string: builder?.append(shown(text, kind))
        case .varchar(let length): builder?.append(FieldParser.cut(shown(text, kind), length: length, isPadded: false))
        case .char(let length): builder?.append(FieldParser.cut(shown(text, kind), length: length, isPadded: true))
        case .binary: try appendBinary(text, kind, to: builder)
        default: throw JSONRefusal("Could not convert from string to type: \(type)")
        }
    }

    private func integer(
        _ text: StringView, _ kind: JSONKinds, _ range: ClosedRange<Int64>, _ type: SQLType
    ) throws(JSONRefusal) -> Int64 {
        switch kind {
        case .whole:
            if serde.isStrict {
                guard let value: Int64 = JavaNumber.integer(text), range.contains(value) else {
                    throw JSONRefusal("Numeric value (\(text.string)) out of range of \(type)")
                }
                return value
            }
            // The low bits, as casts in Java leave them.
            var value: UInt64 = 0
            let isNegative = text.bytes.first == UInt8(ascii: "-")
            for byte in text.bytes where byte &- 0x30 < 10 { value = value &* 10 &+ UInt64(byte &- 0x30) }
            return Int64(bitPattern: isNegative ? 0 &- value : value)
        case .fraction:
            let value = TextParsing.double(text.pointer, text.count) ?? 0
            if serde.isStrict {
                guard value >= Double(range.lowerBound), value <= Double(range.upperBound) else {
                    throw JSONRefusal("Numeric value (\(text.string)) out of range of \(type)")
                }
            }
            return Self.truncated(value, type)
        case .boolean where !serde.isStrict: return text.count == 4 ? 1 : 0
        case .text where !serde.isStrict, .escapedText where !serde.isStrict: return parsed(text, type)
        default: throw JSONRefusal("the value of a column of type \(type) is no number")
        }
    }

    /// As Jackson reads a number in a text: 0 for what is none.
    private func parsed(_ text: StringView, _ type: SQLType) -> Int64 {
        let (start, count) = TextParsing.trimmed(text.pointer, text.count)
        let trimmed = StringView(start, length: count)
        let digits = trimmed.bytes.first == UInt8(ascii: "-") || trimmed.bytes.first == UInt8(ascii: "+") ? 1 : 0
        if trimmed.bytes.dropFirst(digits).allSatisfy({ $0 &- 0x30 < 10 }) {
            if type == .bigint { return JavaNumber.integer(trimmed) ?? 0 }
            return Int64(JavaNumber.integer(trimmed) ?? Int32(0))
        }
        return Self.truncated(TextParsing.double(start, count) ?? 0, type)
    }

    /// As casts in Java cut a number: beyond the range the nearest bound, NaN is 0.
    private static func truncated(_ value: Double, _ type: SQLType) -> Int64 {
        if value.isNaN { return 0 }
        if type == .bigint {
            return value >= 0x1p63 ? .max : value < -0x1p63 ? .min : Int64(value)
        }
        return value >= 0x1p31 ? Int64(Int32.max) : value < -0x1p31 ? Int64(Int32.min) : Int64(value)
    }

    private func number<T: BinaryFloatingPoint>(
        _ text: StringView, _ kind: JSONKinds, _ type: SQLType, _ parse: (UnsafePointer<UInt8>, Int) -> T?
    ) throws(JSONRefusal) -> T {
        switch kind {
        case .whole, .fraction: return parse(text.pointer, text.count) ?? 0
        case .boolean where !serde.isStrict: return text.count == 4 ? 1 : 0
        case .text where !serde.isStrict, .escapedText where !serde.isStrict: return parse(text.pointer, text.count) ?? 0
        default: throw JSONRefusal("the value of a column of type \(type) is no number")
        }
    }

    private func boolean(_ text: StringView, _ kind: JSONKinds) -> UInt8 {
        if serde.isStrict || kind == .boolean { return JavaNumber.boolean(text) }
        switch kind {
        case .whole: return text.bytes.contains { $0 >= 0x31 && $0 <= 0x39 } ? 1 : 0
        case .text, .escapedText:
            let (start, count) = TextParsing.trimmed(text.pointer, text.count)
            return UnsafeBufferPointer(start: start, count: count).elementsEqual("true".utf8) ? 1 : 0
        default: return 0
        }
    }

    /// A value as text: HCatalog's class keeps numbers as they are written.
    private func shown(_ text: StringView, _ kind: JSONKinds) -> StringView {
        switch kind {
        case .whole where !serde.isStrict, .fraction where !serde.isStrict:
            scratch.removeAll()
            JSONNumber.append(text, to: scratch)
            return scratch.view()
        case .nested:
            scratch.removeAll()
            writer.append(text.pointer, 0, text.count, to: scratch)
            return scratch.view()
        default: return text
        }
    }

    private func appendBinary(_ text: StringView, _ kind: JSONKinds, to builder: ColumnBuilder?) throws(JSONRefusal) {
        let isText = kind == .text || kind == .escapedText
        if serde.isStrict || (isText && !serde.isBinaryBase64) {
            builder?.append(text)
            return
        }
        guard isText else {
            builder?.appendNull()
            return
        }
        guard text.count == 0 || Base64.isPlausible(text.bytes) else { throw JSONRefusal("'\(text.string)' is no Base64") }
        guard let builder else { return }
        let heap = StringHeap()
        builder.append(text.count == 0 ? text : Base64.decodedOrSame(text, heap))
        withExtendedLifetime(heap) {}
    }
}
