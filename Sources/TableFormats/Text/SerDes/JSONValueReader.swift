import Columnar
import Functions
import Platform

/// Makes values of JSON as the SerDes do. Nesting is as deep as the type's.
final class JSONValueReader {
    private let serde: JSONSerDe
    private let scratch = ByteBuffer()
    private let second = ByteBuffer()
    private let writer = JSONWriter()

    init(_ serde: JSONSerDe) { self.serde = serde }

    /// Appends the value text[start..<end], of text what stands between the quotes.
    /// - Throws: for what the SerDe refuses; then nothing or a part of a nested value was appended to children.
    func append(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ kind: JSONKinds, _ node: JSONNode, to builder: ColumnBuilder
    ) throws(JSONRefusal) {
        switch node.type {
        case .array, .map, .structure:
            guard kind == .nested else { throw JSONRefusal("\(node.type) is expected") }
            // Nothing of a value that is refused may stay in the children of a column that goes on.
            if serde.ignoresMalformed {
                try appendNested(text, start, end, node, to: ColumnBuilder(node.type, capacity: 1))
            }
            try appendNested(text, start, end, node, to: builder)
        case .union: throw JSONRefusal("UNIONTYPE cannot be read from JSON")
        default:
            try appendScalar(StringView(text + start, length: end - start), kind, node.type, to: builder)
        }
    }

    // MARK: Nested values

    /// The kind of the value at `at`, and its span, of text what stands between the quotes.
    private func value(
        _ text: UnsafePointer<UInt8>, _ at: Int, _ end: Int
    ) throws(JSONRefusal) -> (start: Int, end: Int, next: Int, kind: JSONKinds) {
        guard at < end else { throw JSONRefusal("a value is missing") }
        switch text[at] {
        case UInt8(ascii: "\""):
            let string = JSONText.stringEnd(text, at + 1, end)
            guard string.quote >= 0 else { throw JSONRefusal("a text does not end") }
            return (at + 1, string.quote, string.quote + 1, string.isEscaped ? .escapedText : .text)
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
            let stop = JSONText.valueEnd(text, at, end)
            guard stop >= 0 else { throw JSONRefusal("a value does not end") }
            let kind: JSONKinds =
                switch text[at] {
                case UInt8(ascii: "n"): .null
                case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
                default: .nested
                }
            return (at, stop, stop, kind)
        default:
            let number = JSONText.numberEnd(text, at, end)
            guard number.end >= 0 else { throw JSONRefusal("a value is none") }
            return (at, number.end, number.end, number.isWhole ? .whole : .fraction)
        }
    }

    /// Calls `body` with each element of the array at `start`.
    private func forEachElement(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ body: (Int, Int, JSONKinds) throws(JSONRefusal) -> Void
    ) throws(JSONRefusal) {
        guard text[start] == UInt8(ascii: "[") else { throw JSONRefusal("Start of Array expected") }
        var at = JSONText.skipSpace(text, start + 1, end)
        if at < end, text[at] == UInt8(ascii: "]") { return }
        while true {
            let element = try value(text, at, end)
            try body(element.start, element.end, element.kind)
            at = JSONText.skipSpace(text, element.next, end)
            guard at < end, text[at] == UInt8(ascii: ",") else { return }
            at = JSONText.skipSpace(text, at + 1, end)
        }
    }

    /// Calls `body` with the key and the place of the value of each member of the object at `start`.
    private func forEachMember(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int,
        _ body: (UnsafeBufferPointer<UInt8>, Int) throws(JSONRefusal) -> Void
    ) throws(JSONRefusal) {
        guard text[start] == UInt8(ascii: "{") else { throw JSONRefusal("Start of Object expected") }
        var at = JSONText.skipSpace(text, start + 1, end)
        if at < end, text[at] == UInt8(ascii: "}") { return }
        while true {
            let key = JSONText.keyEnd(text, at, end)
            guard key.value >= 0 else { throw JSONRefusal("a member is expected") }
            var name = UnsafeBufferPointer(start: text + at + 1, count: key.quote - at - 1)
            if key.isEscaped, let bytes = name.baseAddress {
                second.removeAll()
                JSONString.appendDecoded(StringView(bytes, length: name.count), to: second)
                name = second.bytes
            }
            try body(name, key.value)
            at = JSONText.skipSpace(text, try value(text, key.value, end).next, end)
            guard at < end, text[at] == UInt8(ascii: ",") else { return }
            at = JSONText.skipSpace(text, at + 1, end)
        }
    }

    private func isKnown(_ name: UnsafeBufferPointer<UInt8>, _ node: JSONNode) throws(JSONRefusal) -> Int? {
        if let field = node.field(name) { return field }
        guard serde.ignoresExtraFields else {
            throw JSONRefusal(
                "Field found in JSON does not match table definition: \(String(decoding: name, as: UTF8.self))")
        }
        return nil
    }

    /// The entries of a map: of equal keys the last value at the first one's place.
    private func entries(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int
    ) throws(JSONRefusal) -> [(key: [UInt8], value: Int)] {
        var entries: [(key: [UInt8], value: Int)] = []
        var known: [[UInt8]: Int] = [:]
        try forEachMember(text, start, end) { name, value throws(JSONRefusal) in
            let key = Array(name)
            if let place = known[key] {
                entries[place].value = value
            } else {
                known[key] = entries.count
                entries.append((key, value))
            }
        }
        return entries
    }

    private func appendNested(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ node: JSONNode, to builder: ColumnBuilder
    ) throws(JSONRefusal) {
        switch node.type {
        case .array:
            var length = 0
            try forEachElement(text, start, end) { from, to, kind throws(JSONRefusal) in
                try appendOrNull(text, from, to, kind, node.children[0], to: builder.children[0])
                length += 1
            }
            builder.append(listOf: length)
        case .map:
            let entries = try entries(text, start, end)
            for entry in entries {
                try entry.key.withUnsafeBufferPointer { key throws(JSONRefusal) in
                    let name = key.baseAddress.map { StringView($0, length: key.count) } ?? StringView()
                    try appendKey(name, node.children[0].type, to: builder.children[0])
                }
                let value = try value(text, entry.value, end)
                try appendOrNull(text, value.start, value.end, value.kind, node.children[1], to: builder.children[1])
            }
            builder.append(listOf: entries.count)
        case .structure:
            for field in node.positions.indices { node.positions[field] = -1 }
            try forEachMember(text, start, end) { name, value throws(JSONRefusal) in
                if let field = try isKnown(name, node) { node.positions[field] = value }
            }
            for (field, child) in node.children.enumerated() {
                let position = node.positions[field]
                if position < 0 {
                    builder.children[field].appendNull()
                } else {
                    let value = try value(text, position, end)
                    try appendOrNull(text, value.start, value.end, value.kind, child, to: builder.children[field])
                }
            }
            builder.appendStructure()
        default: builder.appendNull()
        }
    }

    /// Keys are texts; HCatalog's class reads those of numbers as Java does, and refuses what is none.
    private func appendKey(_ name: StringView, _ type: SQLType, to builder: ColumnBuilder) throws(JSONRefusal) {
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

    private func appendOrNull(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ kind: JSONKinds, _ node: JSONNode, to builder: ColumnBuilder
    ) throws(JSONRefusal) {
        if kind == .null { return builder.appendNull() }
        if node.type.isComplex {
            try appendNested(text, start, end, node, to: builder)
        } else {
            try appendScalar(StringView(text + start, length: end - start), kind, node.type, to: builder)
        }
    }

    // MARK: Scalars

    private func appendScalar(
        _ raw: StringView, _ kind: JSONKinds, _ type: SQLType, to builder: ColumnBuilder
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
        case .tinyint: builder.append(Int8(truncatingIfNeeded: try integer(text, kind, -128...255, type)))
        case .smallint: builder.append(Int16(truncatingIfNeeded: try integer(text, kind, -32768...32767, type)))
        case .int: builder.append(Int32(truncatingIfNeeded: try integer(text, kind, Int64(Int32.min)...Int64(Int32.max), type)))
        case .bigint: builder.append(try integer(text, kind, Int64.min...Int64.max, type))
        case .float: builder.append(try number(text, kind, type) { TextParsing.float($0, $1) })
        case .double: builder.append(try number(text, kind, type) { TextParsing.double($0, $1) })
        case .boolean: builder.append(boolean(text, kind))
        case .decimal(let precision, let scale):
            if let value = TextParsing.decimal(text.pointer, text.count, precision: precision, scale: scale), kind != .boolean {
                builder.append(value)
            } else {
                builder.appendNull()
            }
        case .date:
            guard let day = TextParsing.date(text.pointer, text.count) else { throw JSONRefusal("'\(text.string)' is no date") }
            builder.append(day)
        case .timestamp, .timestampLocalTimeZone:
            guard let time = serde.timestamps.parse(text) else { throw JSONRefusal("'\(text.string)' is no timestamp") }
            builder.append(time)
        case .string: builder.append(shown(text, kind))
        case .varchar(let length): builder.append(FieldParser.cut(shown(text, kind), length: length, isPadded: false))
        case .char(let length): builder.append(FieldParser.cut(shown(text, kind), length: length, isPadded: true))
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

    private func appendBinary(_ text: StringView, _ kind: JSONKinds, to builder: ColumnBuilder) throws(JSONRefusal) {
        if serde.isStrict { return builder.append(text) }
        guard kind == .text || kind == .escapedText else { return builder.appendNull() }
        guard serde.isBinaryBase64 else { return builder.append(text) }
        guard text.count == 0 || Base64.isPlausible(text.bytes) else { throw JSONRefusal("'\(text.string)' is no Base64") }
        let heap = StringHeap()
        builder.append(text.count == 0 ? text : Base64.decodedOrSame(text, heap))
        withExtendedLifetime(heap) {}
    }
}
