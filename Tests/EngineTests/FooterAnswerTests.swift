import Engine
import Platform
import TestSupport
import Testing

/// What footers say is what the rows say.
@Suite struct FooterAnswerTests {
    private static let kinds = [
        "int", "bigint", "tinyint", "smallint", "string", "varchar(4)", "char(3)", "date", "timestamp", "double", "float",
        "decimal(10,2)", "boolean", "array<int>",
    ]

    @Test(arguments: 0..<3) func answersAreThoseOfTheRows(round: Int) throws {
        let base = environmentNumber("HIVEQL_FUZZ_SEED") ?? 20_260_302
        var random = RandomSource(seed: base &+ UInt64(round))
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1", "hive.exec.schema.evolution": "false"])
        let schema = Self.kinds.enumerated().map { "c\($0) \($1)" }.joined(separator: ", ")
        try session.execute("create table t (\(schema)) partitioned by (k int) stored as orc")
        for part in 0..<5 {
            // Each partition is kept as the table is when it is made.
            try session.execute("alter table t set fileformat \(["orc", "parquet", "orc", "textfile", "parquet"][part])")
            for _ in 0..<(1 + random.below(2)) {
                let rows = (0..<(1 + random.below(6))).map { _ in "select " + Self.row(&random) }
                try session.execute("insert into t partition (k = \(part)) select * from (\(rows.joined(separator: " union all "))) q")
            }
        }
        try session.execute("alter table t change c0 c0 bigint")
        try session.execute("alter table t change c11 c11 decimal(14,4)")
        for index in 0..<40 {
            let sql = Self.query(&random)
            try session.execute("set hive.compute.query.using.stats=true")
            let said = try session.sorted(sql)
            try session.execute("set hive.compute.query.using.stats=false")
            #expect(try session.sorted(sql) == said, "seed \(base), round \(round), query \(index): \(sql)")
        }
    }

    private static func row(_ random: inout RandomSource) -> String {
        kinds.map { kind in
            func orNull(_ value: String) -> String { random.chance(25) ? "null" : value }
            switch kind {
            case "array<int>": return random.chance(50) ? "array(\(random.below(3)))" : "if(1 = 0, array(1), null)"
            case "date": return "cast(\(orNull("'19\(10 + random.below(89))-0\(1 + random.below(9))-11'")) as date)"
            case "timestamp":
                return "cast(\(orNull("'19\(10 + random.below(89))-0\(1 + random.below(9))-11 01:02:03.\(random.below(999))'")) as timestamp)"
            case "boolean": return "cast(\(orNull(random.chance(50) ? "true" : "false")) as boolean)"
            case "string", "varchar(4)", "char(3)":
                return "cast(\(orNull("'\(random.pick(["a", "ab ", "", "zä", "long text"], or: "a"))'")) as \(kind))"
            case "double", "float": return "cast(\(orNull(random.pick(["1.5", "-2.5", "'NaN'", "0.0"], or: "1.5"))) as \(kind))"
            default: return "cast(\(orNull("\(random.below(200) - 100)")) as \(kind))"
            }
        }.joined(separator: ", ")
    }

    private static func query(_ random: inout RandomSource) -> String {
        var items: [String] = []
        for _ in 0..<(1 + random.below(4)) {
            let column = random.below(kinds.count)
            switch random.below(5) {
            case 0: items.append("count(*)")
            case 1: items.append("count(c\(column))")
            case 2: items.append("min(c\(min(column, 12)))")
            case 3: items.append("max(c\(min(column, 12)))")
            default: items.append(random.pick(["min(k)", "max(k + 1)", "count(k)", "count(1)"], or: "min(k)"))
            }
        }
        var sql = "select \(items.joined(separator: ", ")) from t"
        if random.chance(40) { sql += " where k \(random.pick(["=", "<", ">="], or: "=")) \(random.below(6))" }
        if random.chance(40) { sql += " group by k" }
        return sql
    }

    @Test(arguments: ["orc", "parquet"]) func nothingIsRead(format: String) throws {
        let session = try TemporaryWarehouse().session(["hiveql.threads": "1"])
        try session.execute("create table t (a int, s string) partitioned by (k int) stored as \(format)")
        for part in 0..<3 { try session.execute("insert into t partition (k = \(part)) values (\(part), 'x'), (null, 'y')") }
        let sql = "select count(*), count(a), min(a), max(s) from t where k > 0"
        #expect(try session.lines(sql) == ["4\t2\t1\ty"])
        let lines = try session.lines("explain analyze \(sql)")
        #expect(lines.contains { $0.contains("files answered by footers: 2") }, "\(lines)")
        #expect(lines.contains { $0.contains("scanned: 0 bytes") }, "\(lines)")
        #expect(lines.contains { $0.contains("summaries of files: count(*), count(a), min(a), max(s)") }, "\(lines)")
    }

    /// A row group that got lost is not left out of a count.
    @Test func footersThatContradictThemselvesAreRefused() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table p (x int) stored as parquet")
        try session.execute("insert into p values (7), (8), (9)")
        let name = try #require(try session.lines("select distinct input__file__name from p").first)
        let path = String(name.dropFirst("file:".count))
        var bytes = try RegularFile.contents(of: path)
        // The number of the file's rows, and the list of its row groups behind it.
        let place = try #require(bytes.indices.last { bytes[$0...].starts(with: [0x16, 6, 0x19]) })
        bytes[place + 1] = 8
        try FileReplacement.write(bytes, to: path)
        for sql in ["select count(*) from p", "select sum(x) from p"] {
            let failure = session.failure(sql)
            #expect(failure?.contains("the row groups have 3 rows, the file 4") == true, "\(sql): \(failure ?? "it runs")")
        }
    }

    @Test func textIsCountedAsBefore() throws {
        let session = try TemporaryWarehouse().session()
        try session.execute("create table t (a int) stored as textfile")
        #expect(try !session.lines("explain select count(*), max(a) from t").contains { $0.contains("summaries") })
    }
}
