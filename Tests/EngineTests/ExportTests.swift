import Engine
import Foundation
import TestSupport
import Testing

/// Tables leave as files with their description, and come back.
@Suite struct ExportTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
        + "/Fixtures/export"

    @Test func tablesComeBack() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1", "hive.exec.dynamic.partition.mode": "nonstrict"])
        try session.execute(
            """
            create table t (a int comment 'an a', b array<struct<x:decimal(5,2)>>) comment 'all of it' row format delimited
            fields terminated by '|' tblproperties ('k' = 'v')
            """)
        try session.execute("insert into t select 1, array(named_struct('x', 1.5)) union all select 2, null")
        try session.execute("export table t to '\(temporary.root)/out/t'")
        #expect(temporary.files(under: "out") == ["t/_metadata", "t/data/000000_0"])
        try session.execute("import table copied from '\(temporary.root)/out/t'")
        #expect(try session.sorted("select * from copied") == session.sorted("select * from t"))
        let shown = try session.lines("show create table copied").filter { !$0.contains("warehouse/") && !$0.contains("transient") }
        #expect(
            shown.map { $0.replacingOccurrences(of: "copied", with: "t") }
                == (try session.lines("show create table t").filter { !$0.contains("warehouse/") && !$0.contains("transient") }))
        // Under its own name, in the current database.
        try session.execute("create database d")
        try session.execute("use d")
        try session.execute("import from '\(temporary.root)/out/t'")
        #expect(try session.sorted("select a from d.t") == ["1", "2"])
        try session.execute("import external table e from '\(temporary.root)/out/t'")
        #expect(try session.sorted("select a from e") == ["1", "2"])
        try session.execute("drop table e")
        try session.execute("import external table e from '\(temporary.root)/out/t' location '\(temporary.root)/far/e'")
        #expect(temporary.files(under: "far/e") == ["000000_0"])
        try session.execute("drop table e")
        #expect(temporary.files(under: "far/e") == ["000000_0"])
        #expect(temporary.files(under: "out") == ["t/_metadata", "t/data/000000_0"])
    }

    @Test func partitionsComeBack() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1", "hive.exec.dynamic.partition.mode": "nonstrict"])
        try session.execute("create table p (a int) partitioned by (k int, s string) stored as orc")
        try session.execute("insert into p partition (k, s) values (1, 10, 'a/b'), (2, 10, 'c'), (3, 11, 'c')")
        try session.execute("alter table p add columns (b string)")
        try session.execute("insert into p partition (k, s) values (4, 'new', 12, 'd')")
        try session.execute("export table p to '\(temporary.root)/all'")
        try session.execute("export table p partition (k = 10) to '\(temporary.root)/some'")
        #expect(
            temporary.files(under: "all") == [
                "_metadata", "k=10/s=a%2Fb/000000_0", "k=10/s=c/000000_0", "k=11/s=c/000000_0", "k=12/s=d/000000_0",
            ])
        #expect(temporary.files(under: "some").count == 3)
        let rows = try session.sorted("select * from p")
        try session.execute("import table q from '\(temporary.root)/all'")
        #expect(try session.sorted("select * from q") == rows)
        #expect(try session.lines("show partitions q") == session.lines("show partitions p"))
        // Partitions join those of a table that is there; none is replaced.
        try session.execute("import table r partition (k = 11, s = 'c') from '\(temporary.root)/all'")
        #expect(try session.sorted("select a from r") == ["3"])
        try session.execute("import table r from '\(temporary.root)/some'")
        #expect(try session.sorted("select a from r") == ["1", "2", "3"])
        #expect(session.failure("import table r from '\(temporary.root)/all'")?.contains("[Error 10118]") == true)
        #expect(try session.sorted("select a from r") == ["1", "2", "3"])
        try session.execute("import external table x from '\(temporary.root)/all'")
        #expect(try session.sorted("select * from x") == rows)
        #expect(temporary.files(under: "warehouse/x").isEmpty)
    }

    @Test func nothingIsReplaced() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1"])
        try session.execute("create table t (a int)")
        try session.execute("insert into t values (1)")
        try session.execute("create table other (a string)")
        try session.execute("create view v as select * from t")
        try session.execute("export table t to '\(temporary.root)/out'")
        #expect(session.failure("export table t to '\(temporary.root)/out'")?.contains("not an empty directory") == true)
        #expect(session.failure("export table t to '\(temporary.root)/warehouse/t'") != nil)
        #expect(session.failure("export table t to '\(temporary.root)/warehouse/other'") != nil)
        #expect(session.failure("export table v to '\(temporary.root)/v'") != nil)
        #expect(session.failure("export table nope to '\(temporary.root)/v'")?.contains("[Error 10001]") == true)
        #expect(session.failure("import table t from '\(temporary.root)/out'")?.contains("[Error 10119]") == true)
        #expect(session.failure("import table other from '\(temporary.root)/out'")?.contains("[Error 10120]") == true)
        #expect(session.failure("import table v from '\(temporary.root)/out'")?.contains("[Error 10120]") == true)
        #expect(session.failure("import from '\(temporary.root)/nope'")?.contains("[Error 10027]") == true)
        #expect(try session.lines("select * from t") == ["1"])
        // A table that is there and empty takes the rows.
        try session.execute("create table empty (a int)")
        try session.execute("import table empty from '\(temporary.root)/out'")
        #expect(try session.lines("select * from empty") == ["1"])
        for text in ["", "{", "{}", #"{"version":"9.1","table":"{}"}"#, #"{"version":"0.1","table":"{\"1\":{\"str\":\"x\"}}"}"#] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(temporary.root)/out/_metadata"))
            #expect(session.failure("import table y from '\(temporary.root)/out'")?.contains("_metadata") == true)
        }
        #expect(try session.lines("show tables") == ["empty", "other", "t", "v"])
    }

    /// Exports that Hive 2.3.10 wrote.
    @Test func exportsOfHiveAreRead() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1"])
        try session.execute("import from '\(Self.fixtures)/text'")
        #expect(try session.sorted("select * from ct") == ["1\tx", "2\ty"])
        #expect(try session.lines("describe ct").map { $0.filter { $0 != " " } } == ["a\tint\t", "b\tstring\tbb"])
        #expect(try session.lines("show tblproperties ct('k')") == ["v\t "])
        try session.execute("import table parted from '\(Self.fixtures)/orc-partitions'")
        #expect(try session.sorted("select * from parted") == ["1\t1.50\t10\ta/b", "2\tNULL\t11\tc"])
        #expect(try session.lines("show partitions parted") == ["k=10/s=a%2Fb", "k=11/s=c"])
        try session.execute("import external table linked from '\(Self.fixtures)/orc-partitions'")
        #expect(try session.sorted("select d from linked where k = 10") == ["1.50"])
    }
}
