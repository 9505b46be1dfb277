import Columnar
import Functions

/// What kinds of values there are, one bit each.
struct JSONKinds: OptionSet {
    let rawValue: UInt8
    static let text = JSONKinds(rawValue: 1)
    /// Text with backslashes.
    static let escapedText = JSONKinds(rawValue: 2)
    static let whole = JSONKinds(rawValue: 4)
    /// A number with a fraction or an exponent.
    static let fraction = JSONKinds(rawValue: 8)
    static let boolean = JSONKinds(rawValue: 16)
    static let nested = JSONKinds(rawValue: 32)
    static let null = JSONKinds(rawValue: 64)

    static let scalars: JSONKinds = [.text, .escapedText, .whole, .fraction, .boolean, .null]
    static let all: JSONKinds = [.scalars, .nested]
}

/// Where a value lies in a line: of text what stands between the quotes.
struct JSONSpan {
    var start: Int
    var end: Int
    /// None: there is no value.
    var kind: JSONKinds

    static let absent = JSONSpan(start: 0, end: 0, kind: [])
}

/// A type, and those of the values inside it.
final class JSONNode {
    let type: SQLType
    let children: [JSONNode]
    /// Kinds of which no value is refused, so that one that nobody wants need not be looked at.
    let accepted: JSONKinds
    /// Of a structure.
    let members: JSONMembers?

    init(_ type: SQLType, _ serde: JSONSerDe) {
        self.type = type
        let children = type.childTypes.map { JSONNode($0, serde) }
        self.children = children
        accepted = Self.accepted(type, serde)
        if case .structure(let fields) = type {
            members = JSONMembers(fields.map(\.name), accepted: children.map(\.accepted))
        } else {
            members = nil
        }
    }

    private static func accepted(_ type: SQLType, _ serde: JSONSerDe) -> JSONKinds {
        switch type {
        case .string: !serde.isStrict && serde.keepsComplexAsText ? .all : .scalars
        case .varchar, .char, .boolean, .decimal: .scalars
        case .binary: serde.isStrict || !serde.isBinaryBase64 ? .scalars : [.whole, .fraction, .boolean, .null]
        case .float, .double: serde.isStrict ? [.whole, .fraction, .null] : .scalars
        case .tinyint, .smallint, .int, .bigint: serde.isStrict ? .null : .scalars
        // They read as NULL inside other values.
        case .union: .all
        default: .null
        }
    }
}

/// The members of objects that are read as a structure: which fields their keys stand for, and where the values of the object
/// lie that was walked last.
///
/// Objects mostly have the same keys in the same order: what stood at a place in those before is tried first.
final class JSONMembers {
    static let unknown = -1
    private static let mostSlots = 256
    private static let keyBytes = 64

    /// By field.
    let spans: UnsafeMutablePointer<JSONSpan>
    let accepted: UnsafeMutablePointer<JSONKinds>
    let count: Int
    private let names: [[UInt8]: Int]
    private let scratch = ByteBuffer(capacity: 64)

    // What is known of the keys by their places among an object's members, a power of two of them. One worker's own.
    @exclusivity(unchecked) private var slotCount = 16
    @exclusivity(unchecked) private var bytes: UnsafeMutablePointer<UInt8>
    @exclusivity(unchecked) private var lengths: UnsafeMutablePointer<Int>
    @exclusivity(unchecked) private var fields: UnsafeMutablePointer<Int>

    /// - Parameters:
    ///   - names: of the fields.
    ///   - accepted: for each field the kinds of which no value is refused.
    init(_ names: [String], accepted kinds: [JSONKinds]) {
        count = names.count
        var numbers: [[UInt8]: Int] = [:]
        for (number, name) in names.enumerated().reversed() { numbers[Array(name.lowercased().utf8)] = number }
        self.names = numbers
        spans = .allocate(capacity: max(count, 1))
        spans.initialize(repeating: .absent, count: count)
        accepted = .allocate(capacity: max(count, 1))
        for (number, kinds) in kinds.enumerated() { (accepted + number).initialize(to: kinds) }
        (bytes, lengths, fields) = Self.slots(slotCount)
    }

    deinit {
        spans.deallocate()
        accepted.deallocate()
        deallocateSlots()
    }

    private static func slots(
        _ count: Int
    ) -> (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<Int>, UnsafeMutablePointer<Int>) {
        let lengths = UnsafeMutablePointer<Int>.allocate(capacity: count)
        lengths.initialize(repeating: -1, count: count)
        return (.allocate(capacity: count * keyBytes), lengths, .allocate(capacity: count))
    }

    private func deallocateSlots() {
        bytes.deallocate()
        lengths.deallocate()
        fields.deallocate()
    }

    /// No value has been found yet.
    func removeSpans() { spans.update(repeating: .absent, count: count) }

    /// The field that a member with that key stands for, the object's `number`th; negative when there is none.
    @inline(__always)
    func field(_ key: UnsafeBufferPointer<UInt8>, _ number: Int, isEscaped: Bool) -> Int {
        let slot = number & (slotCount &- 1)
        if lengths[slot] == key.count, let start = key.baseAddress, equalBytes(bytes + slot &* Self.keyBytes, start, key.count) {
            return fields[slot]
        }
        return learn(key, number, isEscaped: isEscaped)
    }

    @inline(never)
    private func learn(_ key: UnsafeBufferPointer<UInt8>, _ number: Int, isEscaped: Bool) -> Int {
        guard !isEscaped else {
            scratch.removeAll()
            JSONString.appendDecoded(StringView(key.address, length: key.count), to: scratch)
            return field(scratch.bytes)
        }
        let field = field(key)
        if number >= slotCount, slotCount < Self.mostSlots {
            deallocateSlots()
            slotCount = Self.mostSlots
            (bytes, lengths, fields) = Self.slots(slotCount)
        }
        let slot = number & (slotCount - 1)
        if key.count <= Self.keyBytes {
            (bytes + slot * Self.keyBytes).update(from: key.address, count: key.count)
            lengths[slot] = key.count
            fields[slot] = field
        }
        return field
    }

    /// The field of that name; Hive's internal names `_col0` … stand for the fields by number.
    private func field(_ name: UnsafeBufferPointer<UInt8>) -> Int {
        var key = Array(name)
        var isASCII = true
        for at in key.indices {
            let byte = key[at]
            if byte &- 0x41 < 26 { key[at] = byte | 0x20 }
            if byte >= 128 { isASCII = false }
        }
        if !isASCII { key = Array(String(decoding: key, as: UTF8.self).lowercased().utf8) }
        if let known = names[key] { return known }
        guard key.starts(with: Array("_col".utf8)), key.count > 4, key.count < 12,
            key.dropFirst(4).allSatisfy({ $0 &- 0x30 < 10 })
        else { return Self.unknown }
        let number = key.dropFirst(4).reduce(0) { $0 * 10 + Int($1 &- 0x30) }
        return number < count ? number : Self.unknown
    }
}
