import Columnar

/// The type that Spark finds for a JSON text: the narrowest that has all its values.
indirect enum JSONInference {
    /// Only `null` so far.
    case null
    case boolean, bigint, double, string
    /// A whole number of so many digits, which BIGINT does not hold.
    case decimal(precision: Int)
    case array(JSONInference)
    /// Members by their keys' order; an object without any is nothing within another value.
    case structure([(name: [UInt8], type: JSONInference)])

    /// The type of a value of a document. Recursion as deep as the value.
    init(_ document: JSONDocument, _ number: Int, _ heap: StringHeap) {
        let token = document.tokens[number]
        switch token.kind {
        case .null: self = .null
        case .boolean: self = .boolean
        case .string: self = .string
        case .fraction, .notFinite: self = .double
        case .whole:
            let view = document.view(token)
            if TextParsing.int64(view.pointer, view.count) != nil {
                self = .bigint
            } else {
                let digits = view.count - (view.pointer[0] == UInt8(ascii: "-") ? 1 : 0)
                self = digits <= 38 ? .decimal(precision: digits) : .double
            }
        case .array:
            var element = JSONInference.null
            document.forEachPart(number) { element = element.merged(JSONInference(document, $0, heap)) }
            self = .array(element)
        case .object:
            var members: [(name: [UInt8], type: JSONInference)] = []
            document.forEachPart(number) { key in
                members.append((Array(document.string(document.tokens[key], heap).bytes), JSONInference(document, key + 1, heap)))
            }
            self = .structure(Self.sorted(members))
        }
    }

    private static func sorted(_ members: [(name: [UInt8], type: JSONInference)]) -> [(name: [UInt8], type: JSONInference)] {
        members.enumerated().sorted { left, right in
            left.element.name == right.element.name
                ? left.offset < right.offset : left.element.name.lexicographicallyPrecedes(right.element.name)
        }.map(\.element)
    }

    /// The type of both.
    func merged(_ other: JSONInference) -> JSONInference {
        switch (self, other) {
        case (.null, let type), (let type, .null): return type
        case (.boolean, .boolean), (.bigint, .bigint), (.double, .double): return self
        case (.bigint, .double), (.double, .bigint), (.decimal, .double), (.double, .decimal): return .double
        case (.decimal(let left), .decimal(let right)): return .decimal(precision: max(left, right))
        case (.decimal(let digits), .bigint), (.bigint, .decimal(let digits)): return .decimal(precision: max(digits, 20))
        case (.array(let left), .array(let right)): return .array(left.merged(right))
        case (.structure(let left), .structure(let right)):
            var members = left
            var places: [[UInt8]: Int] = [:]
            for (place, member) in left.enumerated() { places[member.name] = place }
            for member in right {
                if let place = places[member.name] {
                    members[place].type = members[place].type.merged(member.type)
                } else {
                    members.append(member)
                }
            }
            return .structure(Self.sorted(members))
        default: return .string
        }
    }

    /// Whether a field of the type is left out: it has nothing but objects without members.
    private var isEmpty: Bool {
        switch self {
        case .structure(let members): members.allSatisfy(\.type.isEmpty)
        case .array(let element): element.isEmpty
        default: false
        }
    }

    /// Appends the type's spelling: `STRUCT<a: BIGINT>`.
    func append(to buffer: ByteBuffer) {
        switch self {
        case .null, .string: buffer.append("STRING")
        case .boolean: buffer.append("BOOLEAN")
        case .bigint: buffer.append("BIGINT")
        case .double: buffer.append("DOUBLE")
        case .decimal(let precision):
            buffer.append("DECIMAL(")
            NumberFormatter.append(Int64(precision), to: buffer)
            buffer.append(",0)")
        case .array(let element):
            buffer.append("ARRAY<")
            if element.isEmpty { buffer.append("STRUCT<>") } else { element.append(to: buffer) }
            buffer.append(">")
        case .structure(let members):
            buffer.append("STRUCT<")
            var isFirst = true
            for member in members where !member.type.isEmpty {
                if !isFirst { buffer.append(", ") }
                isFirst = false
                Self.append(name: member.name, to: buffer)
                buffer.append(": ")
                member.type.append(to: buffer)
            }
            buffer.append(">")
        }
    }

    private static func append(name: [UInt8], to buffer: ByteBuffer) {
        let isPlain =
            name.allSatisfy { $0 == UInt8(ascii: "_") || $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 }
            && name.first.map { $0 &- 0x30 >= 10 } ?? false
        if !isPlain { buffer.append(UInt8(ascii: "`")) }
        for byte in name {
            if byte == UInt8(ascii: "`") { buffer.append(byte) }
            buffer.append(byte)
        }
        if !isPlain { buffer.append(UInt8(ascii: "`")) }
    }
}
