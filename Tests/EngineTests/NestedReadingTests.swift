import Engine
import TestSupport
import Testing

/// Random tables with nested columns: what is read of some fields alone is what is read of whole values.
@Suite struct NestedReadingTests {
    /// Rounds of one table each. `HIVEQL_FUZZ_SEED` makes other tables and queries.
    @Test(arguments: 0..<4, ["orc", "parquet", "avro", "jsonfile"]) func fieldsAreThoseOfWholeValues(round: Int, format: String) throws {
        let base = environmentNumber("HIVEQL_FUZZ_SEED") ?? 20_260_301
        var random = RandomSource(seed: base &+ UInt64(round))
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1", "hiveql.batch.size": round % 2 == 0 ? "3" : "2048"])
        let table = NestedTable(&random)
        let file = temporary.file("rows.json", table.lines(40, &random))
        try session.execute("create table written (\(table.schema)) stored as jsonfile")
        try session.execute("load data local inpath '\(file)' into table written")
        try session.execute("create table t stored as \(format) as select * from written")
        for index in 0..<60 {
            let sql = table.query(&random)
            try session.execute("set hiveql.optimizer.field_pruning=true")
            let fields = try session.sorted(sql)
            try session.execute("set hiveql.optimizer.field_pruning=false")
            #expect(try session.sorted(sql) == fields, "seed \(base), round \(round), query \(index): \(sql)")
        }
    }

    @Test func explainShowsTheFields() throws {
        let session = try TemporaryWarehouse().session()
        try session.execute("create table t (id int, s struct<a:int,b:struct<c:int,d:string>>, l array<struct<x:int,y:int>>) stored as orc")
        let lines = try session.lines("explain select s.b.d, l.y, s.a is null from t where s.a > 1")
        #expect(lines.contains { $0.contains("columns: s.a, s.b.d, l.y") }, "\(lines)")
    }

    @Test(arguments: ["orc", "parquet"]) func fewerBytesAreRead(format: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let fields = (0..<20).map { "'f\($0)', id * \($0 + 3)" }.joined(separator: ", ")
        let ids = "(select posexplode(split(space(4999), ' ')) as (id, x)) q"
        try session.execute("create table t stored as \(format) as select id, named_struct(\(fields)) s from \(ids)")
        func bytes(_ sql: String) throws -> Int {
            let line = try session.lines("explain analyze \(sql)").first { $0.contains("TableScanOperator") && $0.contains("bytes: ") } ?? ""
            let digits = line.components("bytes: ").last?.prefix { $0.isNumber } ?? ""
            return try #require(Int(digits), "\(line)")
        }
        let whole = try bytes("select max(s) from t")
        let one = try bytes("select max(s.f7) from t")
        #expect(one > 0 && one * 10 < whole, "\(one) of \(whole)")
        #expect(try session.lines("select max(s.f7), count(s) from t") == ["49990\t5000"])
    }
}

extension String {
    /// The parts between occurrences of `separator`.
    fileprivate func components(_ separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}

/// A table of nested columns, and random rows and queries of it.
private struct NestedTable {
    indirect enum Kind {
        case number, text
        case list(Kind)
        case map(Kind)
        case structure([Kind])
    }

    private let columns: [Kind]

    init(_ random: inout RandomSource) { columns = (0..<4).map { _ in Self.kind(depth: 3, &random) } }

    private static func kind(depth: Int, _ random: inout RandomSource) -> Kind {
        if depth == 0 || (depth < 3 && random.chance(25)) { return random.chance(50) ? .number : .text }
        switch random.below(depth == 3 ? 4 : 5) {
        case 0: return .list(kind(depth: depth - 1, &random))
        case 1: return .map(kind(depth: depth - 1, &random))
        default: return .structure((0..<(1 + random.below(4))).map { _ in kind(depth: depth - 1, &random) })
        }
    }

    var schema: String {
        (["id int"] + columns.enumerated().map { "c\($0) \(Self.type($1))" }).joined(separator: ", ")
    }

    private static func type(_ kind: Kind) -> String {
        switch kind {
        case .number: "int"
        case .text: "string"
        case .list(let element): "array<\(type(element))>"
        case .map(let value): "map<string,\(type(value))>"
        case .structure(let fields): "struct<\(fields.enumerated().map { "f\($0):\(type($1))" }.joined(separator: ","))>"
        }
    }

    func lines(_ count: Int, _ random: inout RandomSource) -> String {
        var result = ""
        for id in 0..<count {
            let values = columns.enumerated().map { "\"c\($0)\":\(Self.value($1, &random))" }
            result += "{\"id\":\(id),\(values.joined(separator: ","))}\n"
        }
        return result
    }

    private static func value(_ kind: Kind, _ random: inout RandomSource) -> String {
        if random.chance(20) { return "null" }
        switch kind {
        case .number: return "\(random.below(5))"
        case .text: return "\"\(random.pick(["a", "b", "", "long text of some length"], or: "a"))\""
        case .list(let element): return "[\((0..<random.below(4)).map { _ in value(element, &random) }.joined(separator: ","))]"
        case .map(let element):
            return "{\(["k", "l", "m"].prefix(random.below(4)).map { "\"\($0)\":\(value(element, &random))" }.joined(separator: ","))}"
        case .structure(let fields):
            return "{\(fields.enumerated().map { "\"f\($0)\":\(value($1, &random))" }.joined(separator: ","))}"
        }
    }

    func query(_ random: inout RandomSource) -> String {
        var items = ["id"]
        for _ in 0..<(1 + random.below(3)) { items.append(expression(&random)) }
        var from = "t"
        if random.chance(30), let (path, kind) = list(&random) {
            switch kind {
            case .map(let value):
                from += " lateral view \(random.chance(50) ? "outer " : "")explode(\(path)) x as k, v"
                items.append(random.chance(50) ? "k" : Self.path("v", value, &random).path)
            case .list(let element):
                if random.chance(50) {
                    from += " lateral view \(random.chance(50) ? "outer " : "")explode(\(path)) x as v"
                    items.append(Self.path("v", element, &random).path)
                } else {
                    from += " lateral view posexplode(\(path)) x as p, v"
                    items += ["p", Self.path("v", element, &random).path]
                }
            default: break
            }
        }
        let named = items.enumerated().map { $0 == 0 ? $1 : "\($1) as e\($0)" }
        var sql = "select \(named.joined(separator: ", ")) from \(from)"
        if random.chance(30) { sql += " where (\(expression(&random))) is \(random.chance(50) ? "not " : "")null" }
        if random.chance(20) { sql = "select * from (\(sql)) q where id > 3" }
        return sql
    }

    private func expression(_ random: inout RandomSource) -> String {
        let column = random.below(columns.count)
        let (path, kind) = Self.path("c\(column)", columns[column], &random)
        switch kind {
        case .list, .map: return random.chance(40) ? "size(\(path))" : path
        case .structure: return random.chance(40) ? "\(path) is null" : path
        case .number, .text: return path
        }
    }

    /// A list or map of a column.
    private func list(_ random: inout RandomSource) -> (String, Kind)? {
        for _ in 0..<8 {
            let column = random.below(columns.count)
            let found = Self.path("c\(column)", columns[column], &random)
            switch found.kind {
            case .list, .map: return found
            default: continue
            }
        }
        return nil
    }

    private static func path(_ start: String, _ kind: Kind, _ random: inout RandomSource) -> (path: String, kind: Kind) {
        var path = start
        var kind = kind
        while !random.chance(20) {
            switch kind {
            case .number, .text: return (path, kind)
            case .list(.structure(let fields)) where random.chance(50):
                let field = random.below(fields.count)
                return ("\(path).f\(field)", .list(fields[field]))
            case .list(let element):
                path += "[\(random.below(2))]"
                kind = element
            case .map(let value):
                path += "['\(random.pick(["k", "l", "none"], or: "k"))']"
                kind = value
            case .structure(let fields):
                let field = random.below(fields.count)
                path += ".f\(field)"
                kind = fields[field]
            }
        }
        return (path, kind)
    }
}
