import Columnar
import TableFormats

/// A random schema and values of it, in all the forms in which the specification lets writers put them.
struct RandomAvro {
    indirect enum Kind {
        case null, boolean, int, long, float, double, bytes, string
        case fixed(Int)
        case enumeration(Int)
        case record([Kind])
        case array(Kind)
        case map(Kind)
        case union([Kind])
    }

    private var random: SeededGenerator
    private var typeCount = 0
    private(set) var columns: [Kind] = []
    private(set) var schema = ""

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        columns = (0..<Int.random(in: 1...4, using: &random)).map { _ in kind(depth: 3) }
        schema = text(.record(columns))
    }

    private mutating func kind(depth: Int) -> Kind {
        switch Int.random(in: 0..<(depth == 0 ? 10 : 20), using: &random) {
        case 0: .boolean
        case 1: .int
        case 2: .long
        case 3: .float
        case 4: .double
        case 5: .bytes
        case 6, 7: .string
        case 8: .fixed(Int.random(in: 0...9, using: &random))
        case 9: .enumeration(Int.random(in: 1...3, using: &random))
        case 10, 11, 12: .record(kinds(1...5, depth))
        case 13, 14: .array(kind(depth: depth - 1))
        case 15: .map(kind(depth: depth - 1))
        case 16, 17, 18: .union([.null, kind(depth: depth - 1)].shuffled(using: &random).flatMap(Self.branches))
        default: .union([.null, .string, .long, .array(kind(depth: depth - 1))].shuffled(using: &random))
        }
    }

    private mutating func kinds(_ count: ClosedRange<Int>, _ depth: Int) -> [Kind] {
        (0..<Int.random(in: count, using: &random)).map { _ in kind(depth: depth - 1) }
    }

    /// Unions have no unions, and no branch twice.
    private static func branches(_ kind: Kind) -> [Kind] {
        guard case .union(let branches) = kind else { return [kind] }
        return branches.filter { if case .null = $0 { false } else { true } }
    }

    // MARK: Schema

    private mutating func text(_ kind: Kind) -> String {
        func named(_ type: String, _ rest: String) -> String {
            typeCount += 1
            return #"{"type":"\#(type)","name":"t\#(typeCount)",\#(rest)}"#
        }
        switch kind {
        case .null, .boolean, .int, .long, .float, .double, .bytes, .string: return "\"\(kind)\""
        case .fixed(let size): return named("fixed", #""size":\#(size)"#)
        case .enumeration(let count):
            return named("enum", #""symbols":[\#((0..<count).map { "\"S\($0)\"" }.joined(separator: ","))]"#)
        case .record(let fields):
            let parts = fields.enumerated().map { #"{"name":"f\#($0)","type":\#(text($1))}"# }
            return named("record", #""fields":[\#(parts.joined(separator: ","))]"#)
        case .array(let items): return #"{"type":"array","items":\#(text(items))}"#
        case .map(let values): return #"{"type":"map","values":\#(text(values))}"#
        case .union(let branches): return "[\(branches.map { text($0) }.joined(separator: ","))]"
        }
    }

    // MARK: Values

    /// The bytes of some rows.
    mutating func rows(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<count { append(.record(columns), to: &bytes) }
        return bytes
    }

    static func long(_ value: Int) -> [UInt8] {
        var rest = UInt64(bitPattern: Int64(value << 1 ^ value >> 63))
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    /// A file of one block of these bytes.
    static func file(_ schema: String, rows: Int, _ body: [UInt8], codec: String = "null") throws -> ORCTestFile {
        func text(_ text: String) -> [UInt8] { long(text.utf8.count) + Array(text.utf8) }
        let sync = Array(UInt8(100)..<116)
        let head = Array("Obj".utf8) + [1] + long(2) + text("avro.schema") + text(schema) + text("avro.codec") + text(codec) + [0]
        return try ORCTestFile(head + sync + long(rows) + long(body.count) + body + sync)
    }

    private mutating func append(_ kind: Kind, to bytes: inout [UInt8]) {
        switch kind {
        case .null: break
        case .boolean: bytes.append(UInt8.random(in: 0...1, using: &random))
        case .int: bytes += Self.long(Int(Int32.random(in: .min ... .max, using: &random) >> Int32.random(in: 0...31, using: &random)))
        case .long: bytes += Self.long(Int.random(in: .min ... .max, using: &random) >> Int.random(in: 0...63, using: &random))
        case .float: append(count: 4, to: &bytes)
        case .double: append(count: 8, to: &bytes)
        case .bytes, .string:
            let count = [0, 1, 5, 30, 200].randomElement(using: &random) ?? 0
            bytes += Self.long(count)
            bytes += (0..<count).map { _ in UInt8.random(in: 0x61...0x7A, using: &random) }
        case .fixed(let size): append(count: size, to: &bytes)
        case .enumeration(let count): bytes += Self.long(Int.random(in: 0..<count, using: &random))
        case .record(let fields): for field in fields { append(field, to: &bytes) }
        case .array(let items): appendList(to: &bytes) { $0.append(items, to: &$1) }
        case .map(let values):
            appendList(to: &bytes) {
                $0.append(.string, to: &$1)
                $0.append(values, to: &$1)
            }
        case .union(let branches):
            let branch = Int.random(in: branches.indices, using: &random)
            bytes += Self.long(branch)
            append(branches[branch], to: &bytes)
        }
    }

    private mutating func append(count: Int, to bytes: inout [UInt8]) {
        // No number that is none: its text would be the same for different bits.
        bytes += (0..<count).map { _ in UInt8.random(in: 0...0x3F, using: &random) }
    }

    /// Blocks that say their size and blocks that do not.
    private mutating func appendList(to bytes: inout [UInt8], _ append: (inout RandomAvro, inout [UInt8]) -> Void) {
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            let count = Int.random(in: 1...4, using: &random)
            var items: [UInt8] = []
            for _ in 0..<count { append(&self, &items) }
            bytes += Bool.random(using: &random) ? Self.long(count) : Self.long(-count) + Self.long(items.count)
            bytes += items
        }
        bytes.append(0)
    }
}
