import Engine
import Foundation
import TestSupport
import Testing

@Suite struct WritingTests {
    @Test func insertsAppendAndReplace() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1"])
        try session.execute("create table t (a int, b string)")
        #expect(try session.execute("insert into t values (1, 'x'), (2, null)").affectedRows == 2)
        try session.execute("insert into table t select 3, 'z'")
        #expect(temporary.files() == ["t/000000_0", "t/000000_0_copy_1"])
        #expect(try session.sorted("select * from t") == ["1\tx", "2\tNULL", "3\tz"])
        #expect(try session.lines("show tblproperties t('numRows')") == ["3\t "])
        #expect(try session.lines("show tblproperties t('numFiles')") == ["2\t "])
        // A query may read what it replaces.
        try session.execute("insert overwrite table t select a + 10, b from t where a > 1")
        #expect(try session.sorted("select * from t") == ["12\tNULL", "13\tz"])
        #expect(temporary.files() == ["t/000000_0"])
        try session.execute("insert into t (b) values ('only')")
        #expect(try session.sorted("select * from t") == ["12\tNULL", "13\tz", "NULL\tonly"])
        try session.execute("insert overwrite table t select * from t where false")
        #expect(try session.lines("select * from t") == [])
        #expect(
            session.failure("insert into t values (1)")
                == "FAILED: SemanticException [Error 10044]: Line 1:12 Cannot insert into target table because column "
                + "number/types are different 't': Table insclause-0 has 2 columns, but query has 1 columns.")
        #expect(session.failure("insert into t (a, nope) values (1, 2)")?.contains("'nope' in insert schema specification") == true)
        #expect(session.failure("insert into nope values (1)")?.contains("Table not found 'nope'") == true)
    }

    /// Each file has the rows of a reducer, in the order of SORT BY; who gets no rows writes an empty file.
    @Test(arguments: ["1", "4"])
    func rowsAreDealtOutToReducers(_ threads: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": threads, "hiveql.batch.size": "16"])
        try session.execute("create table n as select pos x from (select posexplode(split(space(999), ' ')) as (pos, word)) n")
        try session.execute("set mapreduce.job.reduces=3")
        func rows(_ path: String) throws -> [Int] {
            try String(contentsOfFile: "\(temporary.root)/\(path)", encoding: .utf8).split(separator: "\n").compactMap { Int($0) }
        }
        func expected(_ reducer: Int) -> [Int] { (0..<1000).filter { $0 % 3 == reducer } }
        try session.execute("create table c as select x from n distribute by x sort by x desc")
        try session.execute("insert overwrite directory '\(temporary.root)/out' select x from n cluster by x")
        try session.execute("create table i (x int)")
        try session.execute("insert into i select x from n distribute by x")
        try session.execute("create table w (x bigint, y string)")
        try session.execute("insert into w (y) select x from n distribute by x sort by x")
        for reducer in 0..<3 {
            #expect(try rows("warehouse/c/00000\(reducer)_0") == expected(reducer).reversed())
            #expect(try rows("out/00000\(reducer)_0") == expected(reducer))
            #expect(try rows("warehouse/i/00000\(reducer)_0").sorted() == expected(reducer))
        }
        #expect(temporary.files(under: "warehouse/i").count == 3)
        #expect(
            try session.sorted("select y % 3, count(distinct input__file__name), count(*) from w group by y % 3")
                == ["0.0\t1\t334", "1.0\t1\t333", "2.0\t1\t333"])
        try session.execute("insert overwrite table i select x from n where x = 1 cluster by x")
        #expect(temporary.files(under: "warehouse/i") == ["000000_0", "000001_0", "000002_0"])
        try session.execute("create table e stored as orc as select x from n where x < 0 cluster by x")
        #expect(temporary.files(under: "warehouse/e").count == 3)
        #expect(try session.lines("select count(*) from e") == ["0"])
        #expect(session.failure("insert into i select x from n distribute by (select 1)")?.contains("subquery") == true)
        #expect(session.failure("set mapreduce.job.reduces=abc") != nil)
        // The older name is another word for the same.
        try session.execute("set mapred.reduce.tasks=2")
        try session.execute("insert overwrite table i select x from n cluster by x")
        #expect(temporary.files(under: "warehouse/i") == ["000000_0", "000001_0"])
        try session.execute("set mapreduce.job.reduces=-1")
        try session.execute("insert overwrite table i select x from n where x = 1 cluster by x")
        #expect(temporary.files(under: "warehouse/i").count == 1)
    }

    @Test func partitionsStaticAndDynamic() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1"])
        try session.execute("create table src (a int, b string)")
        try session.execute("insert into src values (1, 'x'), (2, 'y z'), (3, null), (4, 'a/b'), (5, '')")
        try session.execute("create table p (a int) partitioned by (s string, q int)")
        try session.execute("insert into p partition (s = 's1', q) select a, a from src")
        try session.execute("insert overwrite table p partition (s, q) select a, b, 7 from src")
        #expect(
            try session.lines("show partitions p") == [
                "s=__HIVE_DEFAULT_PARTITION__/q=7", "s=a%2Fb/q=7", "s=s1/q=1", "s=s1/q=2", "s=s1/q=3", "s=s1/q=4",
                "s=s1/q=5", "s=x/q=7", "s=y z/q=7",
            ])
        #expect(try session.sorted("select a from p where s = 'a/b'") == ["4"])
        // Only the partitions that get rows are replaced.
        try session.execute("insert overwrite table p partition (s, q) select 100, 'x', 7")
        #expect(try session.sorted("select * from p where q = 7 and s in ('x', 'y z')") == ["100\tx\t7", "2\ty z\t7"])
        try session.execute("insert into p partition (s = 'x', q = '07') select 9")
        #expect(try session.sorted("select a from p where s = 'x'") == ["100", "9"])
        try session.execute("insert overwrite table p partition (s = 'x', q = 7) if not exists select 1")
        #expect(try session.sorted("select a from p where s = 'x'") == ["100", "9"])
        #expect(try session.lines("show partitions p partition (q = 1)") == ["s=s1/q=1"])
        for (sql, message) in [
            ("insert into p partition (nope = 'x') select 1",
                "FAILED: ValidationFailureSemanticException Partition spec {nope=x} contains non-partition columns"),
            ("insert into src partition (s = 'x') select 1, 'x'",
                "FAILED: ValidationFailureSemanticException table is not partitioned but partition spec exists: {s=x}"),
            ("insert into p partition (s, q = '7') select 1, 'e'", "[Error 10094]: Line 1:32 Dynamic partition cannot be the parent of a static partition ''7''"),
            ("alter table p add partition (s = 'z')",
                "FAILED: ValidationFailureSemanticException partition spec {s=z} doesn't contain all (2) partition columns"),
            ("alter table p add partition (s = 'z', q = 'abc')",
                "[Error 10248]: Cannot add partition column q of type string as it cannot be converted to type int"),
        ] { #expect(session.failure(sql)?.contains(message) == true, "\(session.failure(sql) ?? "runs")") }
        try session.execute("set hive.exec.dynamic.partition.mode=strict")
        #expect(session.failure("insert overwrite table p partition (s, q) select 1, 'x', 7")?.contains("[Error 10096]") == true)
        try session.execute("set hive.exec.dynamic.partition=false")
        #expect(session.failure("insert overwrite table p partition (s = 'x', q) select 1, 7")?.contains("Dynamic partition is disabled") == true)
    }

    @Test func partitionsAreAddedRenamedAndDropped() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table p (a int) partitioned by (k int)")
        try session.execute("alter table p add partition (k = 1) partition (k = 2) location '\(temporary.root)/else'")
        #expect(session.failure("alter table p add partition (k = 1)")?.contains("Partition already exists") == true)
        try session.execute("alter table p add if not exists partition (k = 1) partition (k = 10)")
        try session.execute("insert into p partition (k) values (5, 1), (6, 2)")
        #expect(temporary.files(under: "else") == ["000000_0"])
        try session.execute("alter table p partition (k = 1) rename to partition (k = 11)")
        #expect(try session.sorted("select * from p") == ["5\t11", "6\t2"])
        try session.execute("alter table p drop partition (k > 10)")
        #expect(try session.lines("show partitions p") == ["k=10", "k=2"])
        try session.execute("alter table p drop partition (k = 2), partition (k = 99)")
        #expect(entries(temporary.root) == ["warehouse"])
        #expect(try session.lines("show partitions p") == ["k=10"])
    }

    @Test func oneSourceManyTargets() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table src (a int)")
        try session.execute("insert into src values (1), (2), (3), (4)")
        try session.execute("create table low (a int)")
        try session.execute("create table p (a int) partitioned by (k string)")
        try session.execute(
            """
            from src insert overwrite table low select a where a < 2 insert into table p partition (k = 'm') select a
            where a >= 2 insert into table p partition (k) select a * 10, 'n' where a = 4
            """)
        #expect(try session.lines("select * from low") == ["1"])
        #expect(try session.sorted("select * from p") == ["2\tm", "3\tm", "4\tm", "40\tn"])
    }

    @Test func filesAreLoaded() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let file = temporary.file("load.txt", "7,seven\n8,eight\n")
        try session.execute("create table t (a int, b string) row format delimited fields terminated by ','")
        try session.execute("load data local inpath '\(file)' into table t")
        try session.execute("load data local inpath '\(file)' into table t")
        #expect(temporary.files() == ["t/load.txt", "t/load_copy_1.txt"])
        #expect(try session.lines("select count(*) from t") == ["4"])
        try session.execute("load data inpath '\(temporary.root)/load.t*' overwrite into table t")
        #expect(temporary.files() == ["t/load.txt"])
        #expect(entries(temporary.root) == ["warehouse"])
        #expect(
            session.failure("load data local inpath '/no/file' into table t")
                == "FAILED: SemanticException Line 1:23 Invalid path ''/no/file'': No files matching path file:/no/file")
        try session.execute("create table p (a int) partitioned by (k int)")
        #expect(session.failure("load data local inpath '/x' into table p")?.contains("[Error 10062]") == true)
        #expect(session.failure("load data local inpath '/x' into table nope")?.contains("Line 1:39 Table not found 'nope'") == true)
        _ = temporary.file("one.txt", "1\n")
        try session.execute("load data local inpath '\(temporary.root)/one.txt' into table p partition (k = 3)")
        #expect(try session.lines("select * from p") == ["1\t3"])
    }

    @Test func foldersAreWritten() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1"])
        let folder = "\(temporary.root)/out"
        try session.execute(
            "insert overwrite local directory '\(folder)' row format delimited fields terminated by ',' "
                + "select 1, 'x', array(1, 2) union all select 2, null, null")
        #expect(temporary.files(under: "out") == ["000000_0"])
        try session.execute("insert overwrite directory '\(folder)' select 5, 'y'")
        try session.execute("create external table t (a int, b string) location '\(folder)'")
        #expect(try session.lines("select * from t") == ["5\ty"])
        #expect(session.failure("insert overwrite local directory '\(temporary.root)' select 1")?.contains("holds the warehouse") == true)
    }

    @Test func tablesFromQueriesAndOtherTables() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table s (a int comment 'x', b string) row format delimited fields terminated by '|'")
        try session.execute("insert into s values (1, 'x'), (2, 'y')")
        try session.execute("create table c row format delimited fields terminated by ',' as select s.a, b, 'k' as c, 1 from s")
        #expect(try session.sorted("select * from c") == ["1\tx\tk\t1", "2\ty\tk\t1"])
        #expect(try session.lines("describe c").map { $0.prefix { $0 != " " } } == ["a", "b", "c", "_c3"])
        try session.execute("create table k partitioned by (b) as select b, a from s")
        #expect(try session.lines("show partitions k") == ["b=x", "b=y"])
        try session.execute("create table l like s")
        #expect(try session.lines("describe l") == session.lines("describe s"))
        #expect(session.failure("create table c as select 1")?.contains("already exists") == true)
        #expect(session.failure("create table v as select null as n")?.contains("VOID") == true)
        // A query that fails leaves no table and no file.
        #expect(session.failure("create table bad as select nope from s") != nil)
        #expect(try session.lines("show tables 'bad'") == [])
        try session.execute("truncate table c")
        #expect(try session.lines("select * from c") == [])
        try session.execute("create external table e (a int) location '\(temporary.root)/e'")
        #expect(session.failure("truncate table e") == "FAILED: SemanticException [Error 10146]: Cannot truncate non-managed table e.")
        try session.execute("drop table c")
        try session.execute("drop table nope")
        #expect(try session.lines("show tables") == ["e", "k", "l", "s"])
    }

    @Test func partitionFoldersAreFound() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table p (a int) partitioned by (k string, q int)")
        try session.execute("insert into p partition (k = 'a', q = 1) values (1)")
        try session.execute("dfs -mkdir \(temporary.root)/warehouse/p/k=b%2Fc/q=5")
        try session.execute("dfs -rm -r \(temporary.root)/warehouse/p/k=a")
        let missing = ["Partitions not in metastore:\tp:k=b%2Fc/q=5", "Partitions missing from filesystem:\tp:k=a/q=1"]
        #expect(try session.lines("msck table p") == missing)
        #expect(try session.lines("msck repair table p") == missing + ["Repair: Added partition to metastore p:k=b%2Fc/q=5"])
        #expect(try session.lines("show partitions p") == ["k=a/q=1", "k=b%2Fc/q=5"])
        try session.execute("msck repair table p sync partitions")
        #expect(try session.lines("show partitions p") == ["k=b%2Fc/q=5"])
    }

    @Test func statisticsAreComputed() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let file = temporary.file("x.txt", "1\n2\n")
        try session.execute("create table t (a int)")
        try session.execute("load data local inpath '\(file)' into table t")
        #expect(try session.lines("show tblproperties t('numRows')").first?.contains("does not have property") == true)
        try session.execute("analyze table t compute statistics")
        #expect(try session.lines("show tblproperties t('numRows')") == ["2\t "])
        #expect(try session.lines("show tblproperties t('rawDataSize')") == ["2\t "])
    }

    @Test func twoSessionsSeeEachOther() throws {
        let temporary = try TemporaryWarehouse()
        let one = try temporary.session()
        let two = try Session(warehouse: Warehouse(at: "\(temporary.root)/warehouse"))
        try one.execute("create table t (a int) partitioned by (k int)")
        try two.execute("insert into t partition (k = 1) values (1)")
        #expect(try one.lines("select * from t") == ["1\t1"])
        try one.execute("insert into t partition (k = 2) values (2)")
        #expect(try two.sorted("select * from t") == ["1\t1", "2\t2"])
        try two.execute("drop table t")
        #expect(one.failure("select * from t")?.contains("Table not found 't'") == true)
    }
}
