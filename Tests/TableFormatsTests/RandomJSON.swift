import Columnar

/// Random nested types and lines of JSON for them: mostly values of the types, some of other kinds, members that are unknown,
/// twice or written with escapes, blanks.
struct RandomJSON {
    private(set) var random: SeededGenerator
    let schema: [SchemaColumn]

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        schema = (0..<Int.random(in: 1...3, using: &random)).map {
            SchemaColumn(name: "c\($0)", type: Self.type(depth: 3, isNested: true, &random))
        }
        self.random = random
    }

    private static let scalars: [SQLType] = [
        .tinyint, .smallint, .int, .bigint, .float, .double, .boolean, .decimal(precision: 10, scale: 2), .date, .timestamp,
        .string, .varchar(length: 4), .char(length: 3), .binary,
    ]

    private static func type(depth: Int, isNested: Bool, _ random: inout SeededGenerator) -> SQLType {
        if !isNested, depth == 0 || Int.random(in: 0..<2, using: &random) == 0 {
            return scalars.randomElement(using: &random) ?? .int
        }
        func inner() -> SQLType { type(depth: depth - 1, isNested: false, &random) }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return .array(inner())
        case 1: return .map(key: [.string, .string, .int, .double, .date].randomElement(using: &random) ?? .string, value: inner())
        default:
            return .structure((0..<Int.random(in: 1...5, using: &random)).map { StructField(name: "f\($0)", type: inner()) })
        }
    }

    /// - Parameter odd: of a thousand values and members so many are not what the types say.
    mutating func line(odd: Int) -> String {
        object(schema.map { ($0.name, $0.type) }, odd)
    }

    private mutating func chance(_ ofThousand: Int) -> Bool { Int.random(in: 0..<1000, using: &random) < ofThousand }

    private mutating func pick(_ texts: [String]) -> String { texts.randomElement(using: &random) ?? "" }

    private mutating func blank() -> String { chance(30) ? " \t" : "" }

    private mutating func object(_ fields: [(name: String, type: SQLType)], _ odd: Int) -> String {
        var members: [String] = []
        for (name, type) in chance(100) ? fields.shuffled(using: &random) : fields {
            if chance(80) { continue }
            members.append(member(name, type, odd))
            if chance(odd) { members.append(member(name, type, odd)) }
            if chance(odd / 4) { members.append(member("other", .string, odd)) }
        }
        return "{" + blank() + members.joined(separator: "," + blank()) + blank() + "}"
    }

    private mutating func member(_ name: String, _ type: SQLType, _ odd: Int) -> String {
        var key = name
        if chance(20) { key = name.uppercased() }
        if chance(20), let first = name.utf8.first { key = #"\u00\#(String(first, radix: 16))"# + String(name.dropFirst()) }
        return "\"\(key)\"\(blank()):\(blank())\(value(type, odd))"
    }

    private mutating func value(_ type: SQLType, _ odd: Int) -> String {
        if chance(100) { return "null" }
        if chance(odd) {
            return pick([
                "12", "-1.5", "99999999999999999999", "\"text\"", "\"\"", "true", "[]", "{}", "[1,[2]]", #"{"a":{"b":[]}}"#,
                "\"2020-01-02\"", "1e5", #""[1]""#, #""{\"f0\":1}""#, "300", #""5""#,
            ])
        }
        switch type {
        case .tinyint, .smallint, .int, .bigint: return pick(["0", "7", "-12", "100"])
        case .float, .double: return pick(["1", "-2.5", "1e3", "0.125"])
        case .boolean: return pick(["true", "false"])
        case .decimal: return pick(["1.25", "12", "-0.5"])
        case .date: return pick(["\"2020-02-29\"", "\"1999-12-31\""])
        case .timestamp: return pick(["\"2020-02-29 01:02:03\"", "\"1999-12-31 23:59:59.5\""])
        case .binary: return pick(["\"aGk=\"", "\"\""])
        case .array(let element):
            let elements = (0..<Int.random(in: 0...3, using: &random)).map { _ in value(element, odd) }
            return "[" + blank() + elements.joined(separator: ",") + blank() + "]"
        case .map(let key, let element):
            let members = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                let keys =
                    switch key {
                    case .int, .double: chance(odd) ? ["x", "1e400", "7.5"] : ["1", "2", "3"]
                    case .date: chance(odd) ? ["nothing"] : ["2020-01-02", "2020-01-03"]
                    default: ["k", "l", #"\u006b"#, "other key"]
                    }
                return "\"\(pick(keys))\":\(value(element, odd))"
            }
            return "{" + members.joined(separator: ",") + "}"
        case .structure(let fields): return object(fields.map { ($0.name, $0.type) }, odd)
        default: return pick(["\"\"", "\"a\"", #""é\n\"q\" }]""#, "\"a longer text [{:,\""])
        }
    }
}
