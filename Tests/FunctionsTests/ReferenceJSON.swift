import Columnar

/// JSON as a tree of values, slow and plain: the twin that tests compare the functions with.
indirect enum ReferenceJSON {
    case null
    case boolean(Bool)
    /// The number as it is written.
    case number(String)
    case string(String)
    case array([ReferenceJSON])
    /// In the order of the text; a key that is written again keeps its place and takes the later value.
    case object([(key: String, value: ReferenceJSON)])

    func member(_ name: String) -> ReferenceJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == name }?.value
    }

    /// The text Hive returns for a value found by a path: scalars bare, objects and arrays as JSON; nil for `null`.
    var extracted: String? {
        switch self {
        case .null: return nil
        case .boolean(let value): return value ? "true" : "false"
        case .number(let text): return Self.normalized(text)
        case .string(let text): return text
        case .array, .object:
            var result = ""
            write(to: &result)
            return result
        }
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .number(let number):
            text += Self.isFinite(number) ? Self.normalized(number) : "\"" + Self.normalized(number) + "\""
        case .string(let string): Self.writeQuoted(string, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                element.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                Self.writeQuoted(member.key, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func writeQuoted(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar.value {
            case 34: text += "\\\""
            case 92: text += "\\\\"
            case 10: text += "\\n"
            case 13: text += "\\r"
            case 9: text += "\\t"
            case 8: text += "\\b"
            case 12: text += "\\f"
            case 0..<32:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    /// A number as Java's reader keeps it: integers as they are, others as a double prints.
    private static func normalized(_ text: String) -> String {
        guard text.contains(where: { $0 == "." || $0 == "e" || $0 == "E" }), let value = Double(text) else {
            return text == "-0" ? "0" : text
        }
        let buffer = ByteBuffer(capacity: 64)
        NumberFormatter.append(value, to: buffer)
        return buffer.string
    }

    private static func isFinite(_ number: String) -> Bool { Double(number).map(\.isFinite) ?? true }
}

/// Reads one JSON value; what follows it is ignored, as Hive's reader does.
struct ReferenceJSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// nil when the text does not begin with a well-formed value.
    static func read(_ text: StringView) -> ReferenceJSON? {
        var reader = ReferenceJSONReader(text.bytes)
        return reader.value()
    }

    private mutating func skipSpace() {
        while position < bytes.count, [32, 9, 10, 13].contains(bytes[position]) { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func word(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard position + length <= bytes.count else { return false }
        for index in 0..<length where bytes[position + index] != word.utf8Start[index] { return false }
        let end = position + length
        if end < bytes.count, (bytes[end] | 32) >= 97, (bytes[end] | 32) <= 122 { return false }
        position = end
        return true
    }

    private mutating func value() -> ReferenceJSON? {
        skipSpace()
        guard position < bytes.count, depth < 2000 else { return nil }
        depth += 1
        defer { depth -= 1 }
        switch bytes[position] {
        case 123: return object()
        case 91: return array()
        case 34: return string().map { .string($0) }
        case 116: return word("true") ? .boolean(true) : nil
        case 102: return word("false") ? .boolean(false) : nil
        case 110: return word("null") ? .null : nil
        default: return number()
        }
    }

    private mutating func object() -> ReferenceJSON? {
        position += 1
        var members: [(key: String, value: ReferenceJSON)] = []
        if take(125) { return .object(members) }
        while true {
            skipSpace()
            guard position < bytes.count, bytes[position] == 34, let key = string(), take(58), let value = value() else {
                return nil
            }
            if let known = members.firstIndex(where: { $0.key == key }) {
                members[known].value = value
            } else {
                members.append((key, value))
            }
            if take(125) { return .object(members) }
            guard take(44) else { return nil }
        }
    }

    private mutating func array() -> ReferenceJSON? {
        position += 1
        var elements: [ReferenceJSON] = []
        if take(93) { return .array(elements) }
        while true {
            guard let value = value() else { return nil }
            elements.append(value)
            if take(93) { return .array(elements) }
            guard take(44) else { return nil }
        }
    }

    private mutating func number() -> ReferenceJSON? {
        let start = position
        if bytes[position] == 45 { position += 1 }
        func digits(_ reader: inout ReferenceJSONReader) -> Int {
            let from = reader.position
            while reader.position < reader.bytes.count, (48...57).contains(reader.bytes[reader.position]) { reader.position += 1 }
            return reader.position - from
        }
        let whole = position
        guard digits(&self) > 0, bytes[whole] != 48 || position == whole + 1 else { return nil }
        if position < bytes.count, bytes[position] == 46 {
            position += 1
            guard digits(&self) > 0 else { return nil }
        }
        if position < bytes.count, bytes[position] | 32 == 101 {
            position += 1
            if position < bytes.count, bytes[position] == 43 || bytes[position] == 45 { position += 1 }
            guard digits(&self) > 0 else { return nil }
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func string() -> String? {
        position += 1
        let start = position
        while position < bytes.count, bytes[position] != 34, bytes[position] != 92 { position += 1 }
        guard position < bytes.count else { return nil }
        if bytes[position] == 34 {
            position += 1
            return String(decoding: bytes[start..<(position - 1)], as: UTF8.self)
        }
        var units = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == 34 { return String(decoding: units, as: UTF8.self) }
            guard byte == 92 else {
                units.append(byte)
                continue
            }
            guard position < bytes.count else { return nil }
            let escaped = bytes[position]
            position += 1
            switch escaped {
            case 110: units.append(10)
            case 116: units.append(9)
            case 114: units.append(13)
            case 98: units.append(8)
            case 102: units.append(12)
            case 34, 92, 47: units.append(escaped)
            case 117:
                guard var scalar = hexadecimal() else { return nil }
                if (0xD800...0xDBFF).contains(scalar), position + 1 < bytes.count, bytes[position] == 92, bytes[position + 1] == 117 {
                    let start = position
                    position += 2
                    guard let low = hexadecimal() else { return nil }
                    if (0xDC00...0xDFFF).contains(low) {
                        scalar = 0x10000 + (scalar - 0xD800) << 10 + (low & 0x3FF)
                    } else {
                        position = start
                    }
                }
                let valid = Unicode.Scalar(scalar) ?? "?"
                units.append(contentsOf: Array(String(Character(valid)).utf8))
            default: units.append(escaped)
            }
        }
        return nil
    }

    private mutating func hexadecimal() -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

/// A path of `get_json_object`: `$`, `.key`, `[n]` and `[*]`. Brackets that hold anything else are ignored.
struct ReferencePath: Sendable {
    private enum Subscript: Sendable { case place(Int), all }

    private struct Step: Sendable {
        var key: String?
        var subscripts: [Subscript] = []
    }

    private let steps: [Step]
    private let isRootArray: Bool

    /// nil for a text that is no path.
    init?(_ text: String) {
        var parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !parts.isEmpty else { return nil }
        let root = parts.removeFirst()
        guard root == "$" || root.hasPrefix("$[") else { return nil }
        isRootArray = root.hasPrefix("$[")
        var steps: [Step] = []
        if isRootArray { steps.append(Step(key: nil, subscripts: Self.subscripts(root))) }
        for part in parts {
            let key = String(part.unicodeScalars.prefix(while: Self.isKeyScalar))
            guard !key.isEmpty else { return nil }
            steps.append(Step(key: key, subscripts: Self.subscripts(part)))
        }
        self.steps = steps
    }

    private static func isKeyScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 48...57, 65...90, 97...122, 45, 58, 95, 32, 9...13: true
        default: false
        }
    }

    /// All `[n]` and `[*]` in a part of the path.
    private static func subscripts(_ text: String) -> [Subscript] {
        var result: [Subscript] = []
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "[") {
            rest = rest[rest.index(after: open)...]
            guard let close = rest.firstIndex(of: "]") else { break }
            let inner = rest[..<close]
            if inner == "*" {
                result.append(.all)
            } else if !inner.isEmpty, inner.allSatisfy({ $0.isASCII && $0.isNumber }), let place = Int(inner) {
                result.append(.place(place))
            } else {
                continue
            }
            rest = rest[rest.index(after: close)...]
        }
        return result
    }

    /// What the path leads to; nil when it leads nowhere.
    func find(in root: ReferenceJSON) -> ReferenceJSON? {
        switch root {
        case .object: guard !isRootArray else { return nil }
        case .array: guard isRootArray else { return nil }
        default: return nil
        }
        var current = root
        for step in steps {
            if let key = step.key {
                guard let found = Self.member(key, of: current) else { return nil }
                current = found
            }
            if !step.subscripts.isEmpty {
                guard let found = Self.elements(step.subscripts, of: current) else { return nil }
                current = found
            }
        }
        return current
    }

    /// A member, or the members of all objects in an array, arrays among them laid out flat.
    private static func member(_ key: String, of value: ReferenceJSON) -> ReferenceJSON? {
        guard case .array(let elements) = value else { return value.member(key) }
        var found: [ReferenceJSON] = []
        for element in elements {
            switch element.member(key) {
            case .array(let inner)?: found += inner
            case .null?, nil: continue
            case let member?: found.append(member)
            }
        }
        return found.isEmpty ? nil : .array(found)
    }

    private static func elements(_ subscripts: [Subscript], of value: ReferenceJSON) -> ReferenceJSON? {
        var current = [value]
        for step in subscripts {
            var next: [ReferenceJSON] = []
            for candidate in current {
                guard case .array(let elements) = candidate else { continue }
                switch step {
                case .all: next += elements
                case .place(let place): if place < elements.count { next.append(elements[place]) }
                }
            }
            current = next
        }
        return current.isEmpty ? nil : current.count == 1 ? current[0] : .array(current)
    }
}
