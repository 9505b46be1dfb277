import Engine
import HiveQL
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Sorts of statements that do not fit in `hiveql.memory.limit`.
@Suite struct SpillQueryTests {
    private static let rowCount = 20_000

    /// A value of each type in each row; keys that repeat, and NULLs.
    private static let everyType = """
        select i, k, t, if(i % 11 = 0, null, i % 3 = 0) as c_boolean, cast(i % 100 as tinyint) as c_tinyint,
          cast(if(i % 9 = 0, null, i) as smallint) as c_smallint, i * 100000000000 as c_bigint, cast(i / 7 as float) as c_float,
          if(i % 5 = 0, null, i / 7D) as c_double, cast(i / 3 as decimal(9,2)) as c_decimal,
          cast(concat(repeat('9', 30), i % 10) as decimal(38,0)) as c_large, cast(t as varchar(7)) as c_varchar,
          cast(t as char(5)) as c_char, cast(concat('b', t) as binary) as c_binary, date_add('2020-01-01', i) as c_date,
          cast(concat('2020-01-01 00:00:00.', i) as timestamp) as c_timestamp,
          concat(i, repeat('-', i % 97)) as c_long, array(i, k, null) as c_array,
          if(i % 6 = 0, null, map(concat('m', i), array(t, 'x'))) as c_map, named_struct('a', i, 'b', t, 'c', array(named_struct('d', k))) as c_struct,
          create_union(i % 2, i, t) as c_union
        from numbers
        """

    private func session(_ temporary: TemporaryWarehouse, threads: Int = 4) throws -> Session {
        let session = try temporary.session(["hiveql.threads": "\(threads)", "hiveql.split.bytes": "20k", "hiveql.scratch.dir": temporary.root])
        try session.execute(
            """
            create table numbers as select p as i, pmod(p * 7919, 23) as k,
              if(p % 10 = 0, null, concat('a text that is cut as a key ', pmod(p * 31, 400))) as t
            from (select 1) o lateral view posexplode(split(repeat('a ', \(Self.rowCount - 1)), ' ')) e as p, x
            """)
        return session
    }

    /// The rows of a query, which are not kept in its memory.
    private func lines(_ session: Session, _ sql: String) throws -> [String] {
        let cursor = try session.open(sql)
        var lines: [String] = []
        while let batch = try cursor.next() { lines += QueryResult(schema: cursor.schema, batches: [batch]).lines() }
        return lines
    }

    /// The rows of a query without a limit of memory and with one, and what EXPLAIN ANALYZE says of the sort.
    private func compare(_ session: Session, _ sql: String, limit: String = "6m", spills: Bool = true) throws {
        try session.execute("set hiveql.memory.limit=2g")
        let whole = try lines(session, sql)
        #expect(try sortLine(session, sql).contains("spilled") == false, "\(sql)")
        try session.execute("set hiveql.memory.limit=\(limit)")
        let part = try lines(session, sql)
        #expect(whole.count > 0 && part == whole, "\(sql)")
        #expect(try sortLine(session, sql).contains("spilled bytes: ") == spills, "\(sql)")
    }

    private func sortLine(_ session: Session, _ sql: String) throws -> String {
        try #require(
            try session.lines("explain analyze \(sql)").first { $0.contains("SortOperator") || $0.contains("TopNOperator") }, "\(sql)")
    }

    private func failure(_ session: Session, _ sql: String) -> String? {
        do {
            _ = try lines(session, sql)
            return nil
        } catch let error as HiveError { return error.message } catch { return "\(error)" }
    }

    @Test func everyOrderIsTheOneWithoutSpilling() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        for order in [
            "k", "k desc, t", "t asc nulls last, k desc nulls first", "t desc nulls last", "c_array, k", "c_double desc, c_decimal",
            "c_boolean, c_large, c_timestamp desc", "length(c_long) % 7, c_long desc", "c_union", "c_struct desc",
        ] {
            try compare(session, "select * from (\(Self.everyType)) q order by \(order)")
        }
        try compare(session, "select * from (\(Self.everyType)) q sort by k desc, i")
        // Rows of a key and nothing else.
        try compare(session, "select count(*) from (select k from numbers cross join (select explode(split(space(20), ' ')) x) e order by k limit 10000000) q")
        #expect(temporary.files(under: ".").filter { !$0.hasPrefix("warehouse/") } == [])
    }

    @Test func limitsAreThoseWithoutSpilling() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, threads: 2)
        let rows = "select * from (\(Self.everyType)) q order by k, c_long desc"
        try compare(session, "\(rows) limit 15000")
        try compare(session, "\(rows) limit 7000, 12000")
        try compare(session, "\(rows) limit 9000, 5")
        // Few rows fit, because the others are dropped early.
        try compare(session, "select i, t from numbers order by t desc, i limit 100", spills: false)
    }

    /// A table's buckets have the same rows in the same order.
    @Test(arguments: ["textfile", "orc", "parquet"]) func bucketsAreSorted(format: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let columns = "i int, k int, t string, d double, m map<string,array<string>>"
        let source = "select i, k, t, i / 7D, if(i % 6 = 0, null, map(concat('m', i), array(t, 'x'))) from numbers"
        for (table, limit) in [("whole", "2g"), ("part", "6m")] {
            try session.execute("set hiveql.memory.limit=2g")
            try session.execute(
                "create table \(table) (\(columns)) partitioned by (p int) clustered by (k) sorted by (t desc, i) into 3 buckets stored as \(format)")
            try session.execute("set hiveql.memory.limit=\(limit)")
            try session.execute("insert into \(table) partition (p) select q.*, i % 2 from (\(source)) q")
        }
        try session.execute("set hiveql.memory.limit=2g")
        try session.execute("set hiveql.threads=1")
        func rows(_ table: String) throws -> [String] {
            try lines(
                session, "select *, regexp_extract(input__file__name, '[^/]*/[^/]*$', 0) from \(table)").sorted { left, right in
                // The order inside of a file is kept.
                left.split(separator: "\t").suffix(1).joined() < right.split(separator: "\t").suffix(1).joined()
            }
        }
        let whole = try rows("whole")
        #expect(whole.count == Self.rowCount)
        #expect(try rows("part") == whole)
    }

    @Test func otherSortsOfAStatementSpillAsWell() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let sorted = "select collect_list(i) as l, k from (select * from (\(Self.everyType)) q order by c_long, c_binary, c_large, c_timestamp limit 1000000) s group by k"
        try compare(session, "select k, size(l), l[0], l[100], l[800] from (\(sorted)) g order by k", spills: false)
        let scans = try session.lines("explain analyze select k, size(l) from (\(sorted)) g order by k")
        #expect(scans.contains { $0.contains("spilled bytes: ") })
    }

    @Test func aScratchFolderThatIsNotThereIsAnError() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let sql = "select * from (\(Self.everyType)) q order by c_long"
        try session.execute("set hiveql.memory.limit=6m")
        try session.execute("set hiveql.scratch.dir=\(temporary.root)/nope")
        let message = try #require(failure(session, sql))
        #expect(message.hasPrefix("FAILED: Execution Error: "))
        #expect(message.contains("\(temporary.root)/nope (hiveql.scratch.dir)") && message.contains("No such file or directory"))
        try session.execute("set hiveql.scratch.dir=\(temporary.root)")
        #expect(failure(session, sql) == nil)
        // By default it is the system's.
        try session.execute("reset -d hiveql.scratch.dir")
        #expect(failure(session, sql) == nil)
    }

    #if os(Linux)
    @Test(.enabled(if: SmallDisk.canBeMade, "only root can mount a file system"))
    func aFullScratchFolderIsAnError() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary)
        let disk = try #require(SmallDisk(at: "\(temporary.root)/disk"))
        try session.execute("set hiveql.memory.limit=6m")
        try session.execute("set hiveql.scratch.dir=\(disk.path)")
        let message = try #require(failure(session, "select * from (\(Self.everyType)) q order by c_long"))
        #expect(message.contains("\(disk.path) (hiveql.scratch.dir)") && message.contains("No space left on device"))
        #expect(disk.usedBytes == 0)
    }
    #endif
}

#if os(Linux)
/// A file system in memory with room for 256 KB.
private final class SmallDisk {
    let path: String

    static let canBeMade: Bool = {
        guard geteuid() == 0, let folder = try? makeTemporaryFolder(for: "mount") else { return false }
        defer { removeTree(folder) }
        return SmallDisk(at: "\(folder)/disk") != nil
    }()

    /// nil: the system does not allow it.
    init?(at path: String) {
        self.path = path
        mkdir(path, 0o700)
        guard mount("tmpfs", path, "tmpfs", 0, "size=256k") == 0 else { return nil }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    /// What files take, also those without a name.
    var usedBytes: Int {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return -1 }
        return Int(status.f_blocks - status.f_bfree) * Int(status.f_frsize)
    }
}
#endif
