import Engine
import Foundation
import TestSupport
import Testing

/// UPDATE, DELETE and MERGE: what the golden files cannot show.
@Suite struct RowChangeTests {
    private static let partitioned = [
        "create table t (a int, b string) partitioned by (k string)",
        "insert into t partition (k) values (1, 'x', 'one'), (2, 'y', 'two'), (3, null, 'three'), (4, 'z', 'two')",
    ]

    private func session(_ temporary: TemporaryWarehouse, _ statements: [String], _ settings: [String: String] = [:]) throws -> Session {
        let session = try temporary.session(settings.merging(["hiveql.threads": "2"]) { given, _ in given })
        for statement in statements { try session.execute(statement) }
        return session
    }

    /// The files of each partition, and which file each is.
    private func inodes(_ temporary: TemporaryWarehouse, _ folder: String) throws -> [String: Int] {
        var result: [String: Int] = [:]
        for file in temporary.files(under: folder) {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(temporary.root)/\(folder)/\(file)")
            result[file] = attributes[.systemFileNumber] as? Int
        }
        return result
    }

    @Test func filesOfOtherPartitionsStay() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, Self.partitioned)
        let before = try inodes(temporary, "warehouse/t")
        try session.execute("update t set b = upper(b) where a > 1 and b is not null")
        let after = try inodes(temporary, "warehouse/t")
        #expect(after["k=one/000000_0"] == before["k=one/000000_0"])
        #expect(after["k=three/000000_0"] == before["k=three/000000_0"])
        #expect(after["k=two/000000_0"] != before["k=two/000000_0"])
        #expect(try session.sorted("select * from t") == ["1\tx\tone", "2\tY\ttwo", "3\tNULL\tthree", "4\tZ\ttwo"])
        #expect(try session.lines("show tblproperties t('numRows')").count == 1)
        // Nothing to change is no change at all.
        try session.execute("delete from t where a > 100")
        try session.execute("update t set b = 'never' where b = null")
        #expect(try inodes(temporary, "warehouse/t") == after)
        try session.execute("delete from t where k = 'two'")
        #expect(try session.lines("select count(*) from t where k = 'two'") == ["0"])
        #expect(try session.lines("show partitions t") == ["k=one", "k=three", "k=two"])
    }

    @Test(arguments: ["textfile", "orc", "parquet", "avro", "rcfile", "sequencefile"])
    func everyFormatIsRewritten(_ format: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, [
            "create table t (a int, d decimal(8,2), l array<string>, f boolean) stored as \(format)",
            "insert into t select 1, 1.5, array('x', null), false", "insert into t select 2, null, null, true",
            "create table s (a int, d decimal(8,2))", "insert into s values (2, 7.25), (9, 1)",
        ])
        // A text for a BOOLEAN does not make texts of the other rows.
        try session.execute("update t set f = 'true', d = d * 2 where a = 1")
        #expect(try session.sorted("select a, d, l, f from t") == [#"1\#t3.00\#t["x",null]\#ttrue"#, "2\tNULL\tNULL\ttrue"])
        try session.execute(
            "merge into t using s on t.a = s.a when matched then update set d = s.d when not matched then insert values (s.a, s.d, array('n'), false)")
        #expect(try session.sorted("select a, d, f from t") == ["1\t3.00\ttrue", "2\t7.25\ttrue", "9\t1.00\tfalse"])
        #expect(session.failure("merge into t using (select 1 a union all select 1 a) s on t.a = s.a when matched then delete")?.contains("Cardinality Violation") == true)
        // It would make rows of no row.
        try session.execute("set hive.merge.cardinality.check=false")
        #expect(session.failure("merge into t using (select 1 a union all select 1 a) s on t.a = s.a when matched then delete") != nil)
        try session.execute("merge into t using s on t.a = s.a when matched then delete")
        #expect(try session.lines("select a from t") == ["1"])
    }

    @Test func bucketsSortedTablesAndNamesOfPartitions() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, [
            "create table b (a int, v string) clustered by (a) sorted by (a) into 3 buckets",
            "insert into b values (1, 'x'), (2, 'y'), (3, 'z'), (4, 'w'), (5, 'v')",
            "create table t (a int) partitioned by (k int) location '\(temporary.root)/t'",
            "alter table t add partition (k = 1) location '\(temporary.root)/elsewhere'",
        ])
        try session.execute("update b set a = a + 1, v = concat(v, '+')")
        #expect(try session.sorted("select * from b") == ["2\tx+", "3\ty+", "4\tz+", "5\tw+", "6\tv+"])
        #expect(temporary.files(under: "warehouse/b").count == 3)
        #expect(try session.sorted("select a from b tablesample (bucket 1 out of 3 on a)") == ["3", "6"])
        // A partition at a place of its own, and one whose folder is spelled otherwise.
        try session.execute("insert into t partition (k = 1) values (7)")
        try FileManager.default.createDirectory(atPath: "\(temporary.root)/t/k=02", withIntermediateDirectories: true)
        _ = temporary.file("t/k=02/f", "8\n")
        try session.execute("msck repair table t")
        try session.execute("update t set a = a * 10")
        #expect(try session.sorted("select * from t") == ["70\t1", "80\t2"])
        #expect(temporary.files(under: "elsewhere").count == 1)
        #expect(temporary.files(under: "t").filter { $0.hasPrefix("k=") }.allSatisfy { $0.hasPrefix("k=02/") })
    }

    /// Partitions are written together, but those that are spelled otherwise than their keys: all at once, and none loses rows.
    @Test(arguments: ["textfile", "orc"])
    func manyPartitionsAreWrittenTogether(_ format: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, [
            "create table t (a int, b string) partitioned by (k int, s string) clustered by (a) into 2 buckets stored as \(format)",
            "create table numbers as select pos a from (select posexplode(split(space(299), ' ')) as (pos, word)) n",
            "insert into t partition (k, s) select a, 'old', if(a % 150 = 149, null, a % 150), if(a % 3 = 0, 'x y', 'é/') from numbers",
            "create table s as select a, a % 2 = 0 even from numbers where a % 5 < 4",
            "set hive.exec.max.dynamic.partitions=3",
        ])
        try session.execute("alter table t add partition (k = 2, s = 'x y') location '\(temporary.root)/elsewhere'")
        try session.execute("insert into t partition (k = 2, s = 'x y') values (1002, 'there')")
        let before = try session.lines("show partitions t")
        #expect(before.count == 151)
        // Partitions of the rows 10n and 10n + 2, … lose all rows.
        try session.execute(
            """
            merge into t using s on t.a = s.a when matched and s.even then delete when matched then update set b = 'new'
            when not matched then insert values (s.a, 'none', 0, 'x y')
            """)
        #expect(try session.lines("show partitions t") == before)
        #expect(
            try session.sorted("select b, count(*), sum(a) from t group by b") == [
                "new\t120\t17880", "old\t60\t9090", "there\t1\t1002",
            ])
        #expect(try session.lines("select count(*) from t where b = 'new' and nvl(k, 149) <> a % 150") == ["0"])
        #expect(try session.lines("select count(*) from t where b <> 'there' and s <> if(a % 3 = 0, 'x y', 'é/')") == ["0"])
        #expect(temporary.files(under: "elsewhere").count == 2)
        // A partition without rows has the files of its buckets all the same.
        #expect(temporary.files(under: "warehouse/t/k=0/s=x y").count == 2)
        #expect(
            try session.sorted("select count(*) from t tablesample (bucket 1 out of 2 on a)")
                == session.sorted("select count(*) from t where a % 2 = 0"))
        try session.execute("delete from t where a >= 0")
        #expect(try session.lines("select count(*) from t") == ["0"])
        #expect(try session.lines("show partitions t") == before)
    }

    @Test func partitionsOfOddNamesAreWrittenByThemselves() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, ["create table t (a int) partitioned by (k int) location '\(temporary.root)/t'"])
        for (folder, row) in [("k=2", "1"), ("k=02", "2"), ("k=abc", "3"), ("k=__HIVE_DEFAULT_PARTITION__", "4"), ("k=7", "5")] {
            try FileManager.default.createDirectory(atPath: "\(temporary.root)/t/\(folder)", withIntermediateDirectories: true)
            _ = temporary.file("t/\(folder)/f", row + "\n")
        }
        try session.execute("msck repair table t")
        let before = try session.sorted("select a, k from t")
        try session.execute("update t set a = a * 10")
        #expect(try session.sorted("select a div 10, k from t") == before)
        let folders = Set(temporary.files(under: "t").filter { $0.hasPrefix("k=") }.map { String($0.prefix { $0 != "/" }) })
        #expect(folders == ["k=2", "k=02", "k=abc", "k=__HIVE_DEFAULT_PARTITION__", "k=7"])
    }

    @Test func subqueriesAndConditionsOfBothSides() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, Self.partitioned + ["create table s (a int, k string)", "insert into s values (2, 'two'), (3, null), (8, 'new')"])
        try session.execute("update t set b = (select max(k) from s) where exists (select 1 from s where s.a = t.a)")
        #expect(try session.sorted("select * from t") == ["1\tx\tone", "2\ttwo\ttwo", "3\ttwo\tthree", "4\tz\ttwo"])
        // The table itself as the source, by another condition than equality.
        try session.execute("merge into t using (select min(a) a from t) m on t.a < m.a + 2 when matched then update set b = 'low'")
        #expect(try session.sorted("select a from t where b = 'low'") == ["1", "2"])
        // A new partition, and rows for one that is rewritten.
        try session.execute(
            "merge into t using s on t.a = s.a when matched and s.k = 'two' then delete when not matched then insert (k, a) values (s.k, s.a)")
        #expect(try session.sorted("select * from t") == ["1\tlow\tone", "3\ttwo\tthree", "4\tz\ttwo", "8\tNULL\tnew"])
        #expect(session.failure("update t set b = array(1)")?.contains("[Error 10044]") == true)
        #expect(session.failure("update t set a = nope")?.contains("[Error 10004]") == true)
        #expect(try session.lines("select count(*) from t") == ["4"])
    }

    /// What ALTER TABLE did without CASCADE: a partition keeps the columns that its files have, until it is written anew.
    @Test(arguments: ["textfile", "orc", "parquet", "avro", "jsonfile", "sequencefile", "rcfile"])
    func partitionsThatAreOlderThanTheTablesColumns(_ format: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, [
            "create table t (a int, b string) partitioned by (p int) stored as \(format)",
            "insert into t partition (p) values (1, 'x', 1), (2, 'y', 1), (3, 'z', 2)",
            "alter table t change a a bigint", "alter table t add columns (c string)",
        ])
        try session.execute("update t set a = 3000000000, c = 'new' where a = 1")
        #expect(try session.sorted("select * from t") == ["2\ty\tNULL\t1", "3\tz\tNULL\t2", "3000000000\tx\tnew\t1"])
        try session.execute("delete from t where a = 2")
        #expect(try session.sorted("select * from t") == ["3\tz\tNULL\t2", "3000000000\tx\tnew\t1"])
        // The other partition's files have a column that the table does not show any more.
        try session.execute("alter table t change b bb string")
        let before = try inodes(temporary, "warehouse/t")
        #expect(session.failure("update t set c = 'lost' where a = 3")?.contains("p=2") == true)
        #expect(try inodes(temporary, "warehouse/t") == before)
    }

    @Test func recordsOfOtherDelimitersAreNotWrittenAnew() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, ["create table r (id int, s string) row format delimited fields terminated by ','"])
        let file = temporary.file("warehouse/r/f", "1,a|2,b|3,c|")
        let statement = "update r set s = 'U' where id = 2"
        try session.execute("set textinputformat.record.delimiter=|")
        #expect(session.failure(statement)?.contains("textinputformat.record.delimiter") == true)
        // Files of other formats have records of their own.
        try session.execute("create table o (id int, s string) stored as orc")
        try session.execute("insert into o values (1, 'a'), (2, 'b')")
        try session.execute("update o set s = 'U' where id = 2")
        #expect(try session.sorted("select * from o") == ["1\ta", "2\tU"])
        try session.execute("reset textinputformat.record.delimiter")
        try session.execute("alter table r set tblproperties ('textinputformat.record.delimiter'='|')")
        #expect(session.failure(statement)?.contains("textinputformat.record.delimiter") == true)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "1,a|2,b|3,c|")
    }

    @Test func rowsThatAreOthersEachTimeAreNotChanged() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, Self.partitioned + ["create table s (a int)", "insert into s values (1), (2)"])
        for statement in [
            "update t set b = 'r' where rand() < 0.5", "delete from t where a > (select count(*) from s where rand() < 0.5)",
            "merge into t using (select a from s where rand() < 0.5) s on t.a = s.a when matched then delete",
            "merge into t using (select transform (a) using 'cat' as (a int) from s) s on t.a = s.a when matched then delete",
        ] {
            #expect(session.failure(statement)?.contains("the same each time") == true, "\(statement)")
        }
        // What is assigned, or inserted, is asked for once.
        try session.execute("update t set b = cast(rand() < 2 as string) where a = 1")
        try session.execute("merge into t using s on t.a = s.a when not matched then insert values (s.a, cast(rand() as string), 'new')")
        #expect(try session.sorted("select a from t where b = 'TRUE' or k = 'new'") == ["1"])
    }

    /// Conditions on partitions choose what is read, under the strict checks too.
    @Test func partitionsAreChosen() throws {
        let temporary = try TemporaryWarehouse()
        let session = try session(temporary, [
            "create table t (a int) partitioned by (p int) stored as orc", "insert into t partition (p) values (1, 1), (2, 2), (3, 3)",
            "create table s (a int)", "insert into s values (1), (5)", "set hive.strict.checks.large.query=true",
        ])
        _ = temporary.file("warehouse/t/p=3/000000_0", "garbage")
        try session.execute("update t set a = 5 where p = 1 and a = 1")
        try session.execute("merge into t using s on t.a = s.a and t.p = 1 when matched then update set a = 6")
        try session.execute("delete from t where p = 2")
        #expect(try session.lines("select * from t where p < 3") == ["6\t1"])
        #expect(session.failure("update t set a = 7 where a = 6")?.contains("No partition predicate for Table \"t\"") == true)
        #expect(session.failure("delete from t where p = 3 and a = 1") != nil)
    }
}
