import Engine
import Foundation
import TestSupport
import Testing

/// Files of bucketed tables: how many there are, what is in them, and when they are left out.
@Suite struct BucketTests {
    private let numbers = "select pos as i, concat('v', pos) as s from (select 1) o lateral view posexplode(split(space(4999), ' ')) e"

    /// What EXPLAIN ANALYZE says of the files of a query's scan; nil when all were read.
    private func skipped(_ session: Session, _ query: String) throws -> String? {
        let lines = try session.lines("explain analyze \(query)")
        guard let scan = lines.first(where: { $0.contains("TableScanOperator") }),
            let start = scan.range(of: "files of buckets: ")
        else { return nil }
        return scan[start.upperBound...].split(separator: ",").prefix(2).joined()
    }

    @Test(arguments: ["textfile", "orc", "parquet", "avro", "rcfile", "sequencefile", "jsonfile"])
    func everyBucketHasAFile(_ format: String) throws {
        let temporary = try TemporaryWarehouse()
        for threads in ["1", "4"] {
            let session = try temporary.session(["hiveql.threads": threads, "hiveql.batch.size": "100"])
            try session.execute("drop table if exists t")
            try session.execute("create table t (i int, s string) clustered by (i) sorted by (s desc) into 3 buckets stored as \(format)")
            try session.execute("insert into t select 3, 'only'")
            #expect(temporary.files(under: "warehouse/t") == ["000000_0", "000001_0", "000002_0"])
            #expect(try session.lines("select * from t") == ["3\tonly"])
            try session.execute("insert into t \(numbers)")
            #expect(temporary.files(under: "warehouse/t").count == 6)
            #expect(try session.lines("select count(*), count(distinct s), sum(i) from t") == ["5001\t5001\t12497503"])
            #expect(
                try session.lines(
                    "select count(*) from t where i % 3 <> cast(regexp_extract(input__file__name, '/0*([0-9]+)_0', 1) as int)")
                    == ["0"])
            try session.execute("insert overwrite table t select * from t where false")
            #expect(temporary.files(under: "warehouse/t") == ["000000_0", "000001_0", "000002_0"])
            #expect(try session.lines("select count(*) from t") == ["0"])
            #expect(try session.lines("show tblproperties t('numFiles')") == ["3\t "])
        }
    }

    @Test func partitionsHaveTheirBuckets() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "4", "hiveql.batch.size": "100"])
        try session.execute("create table t (i int, s string) partitioned by (k int) clustered by (s) sorted by (i desc) into 2 buckets")
        try session.execute("insert into t partition (k) select i, s, i % 5 from (\(numbers)) n")
        #expect(temporary.files(under: "warehouse/t").count == 10)
        try session.execute("insert into t partition (k = 9) select i, s from t where false")
        #expect(temporary.files(under: "warehouse/t/k=9") == ["000000_0", "000001_0"])
        #expect(
            try session.lines(
                """
                select count(*) from (select i, lag(i) over (partition by input__file__name order by block__offset__inside__file) p
                from t) x where p < i
                """) == ["0"])
        #expect(try session.lines("select i, k from t where s = 'v77'") == ["77\t2"])
        // Texts in lines of text may be read as others than were hashed.
        #expect(try skipped(session, "select i from t where s = 'v77'") == nil)
        try session.execute("create table o (i int, s string) partitioned by (k int) clustered by (s) into 2 buckets stored as orc")
        try session.execute("insert into o partition (k) select i, s, i % 5 from (\(numbers)) n")
        #expect(try session.lines("select i, k from o where s = 'v77'") == ["77\t2"])
        #expect(try skipped(session, "select i from o where s = 'v77'")?.hasPrefix("10 skipped: 5") == true)
    }

    /// What stands between the delimiters that a text has in it is in the file of the whole text's bucket.
    @Test(arguments: ["textfile", "sequencefile", "rcfile", "orc", "parquet", "avro", "jsonfile"])
    func textsThatAreReadOtherwiseAreFound(_ format: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let row = format == "textfile" || format == "sequencefile" ? "row format delimited fields terminated by ','" : ""
        for column in ["s", "i"] {
            try session.execute("drop table if exists t")
            try session.execute("create table t (s string, i int) clustered by (\(column)) into 8 buckets \(row) stored as \(format)")
            try session.execute(
                "insert into t select concat_ws(',', cast(i as string), cast(i + 1 as string)), 3 * i from (\(numbers)) n where i < 40")
            try session.execute("insert into t values ('\\\\N', 100), ('', 101), ('a\\nb', 102)")
            let rows = try session.lines("select * from t")
            for line in Set(rows) {
                let values = line.split(separator: "\t", omittingEmptySubsequences: false)
                let condition = column == "s" ? (values[0] == "NULL" ? "s is null" : "s = '\(values[0])'") : values[1] == "NULL" ? "i is null" : "i = \(values[1])"
                guard !values[0].contains("\\") else { continue }
                let found = try session.lines("select * from t where \(condition)")
                #expect(found.contains(line), "\(format), \(condition)")
            }
        }
    }

    @Test(arguments: ["1", "2"])
    func conditionsChooseFiles(_ version: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute(
            "create table t (i int, s string) clustered by (i) into 8 buckets stored as orc tblproperties ('bucketing_version' = '\(version)')")
        try session.execute("create table plain (i int, s string)")
        try session.execute("insert into t select if(i = 0, null, i - 2500), s from (\(numbers)) n")
        try session.execute("insert into plain select * from t")
        let one = "8 skipped: 7"
        for (condition, expected) in [
            ("i = 77", one), ("i = -77", one), ("i = 77L", one), ("i <=> 77", one), ("i is null", one), ("i = 77 and s > 'a'", one),
            ("i = 77.5", "8 skipped: 8"), ("i > 77", nil), ("s = 'v1'", nil),
            ("i = 77 or s = 'v1'", nil),
        ] as [(String, String?)] {
            #expect(try skipped(session, "select s from t where \(condition)") == expected, "\(condition)")
            #expect(
                try session.sorted("select i, s from t where \(condition)")
                    == session.sorted("select i, s from plain where \(condition)"), "\(condition)")
        }
        let hash = version == "2" ? "murmur_hash" : "hash"
        for (bucket, count) in [(1, 8), (3, 4), (7, 16), (2, 3), (5, 6), (1, 1)] {
            #expect(
                try session.sorted("select i from t tablesample (bucket \(bucket) out of \(count) on i)")
                    == session.sorted("select i from plain where (\(hash)(i) & 2147483647) % \(count) = \(bucket - 1)"))
        }
        #expect(try skipped(session, "select i from t tablesample (bucket 3 out of 4)") == "8 skipped: 6")
        #expect(try skipped(session, "select i from t tablesample (bucket 3 out of 3)") == nil)
    }

    @Test func filesThatAreNoBucketsAreRead() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let file = temporary.file("000001_0", "77\t-1\n")
        try session.execute("create table t (i int, s int) clustered by (i) into 4 buckets row format delimited fields terminated by '\\t'")
        try session.execute("insert into t select i, i from (\(numbers)) n")
        let query = "select count(*) from t where i = 77"
        #expect(try skipped(session, query) == "4 skipped: 3")
        #expect(session.failure("load data local inpath '\(file)' into table t")?.contains("hive.strict.checks.bucketing") == true)
        try session.execute("set hive.strict.checks.bucketing=false")
        try session.execute("load data local inpath '\(file)' into table t")
        #expect(try skipped(session, query) == nil)
        #expect(try session.lines(query) == ["2"])
        try session.execute("insert overwrite table t select i, i from (\(numbers)) n")
        #expect(try skipped(session, query) == "4 skipped: 3")
        // Rows of the files have other buckets now.
        for (change, condition) in [
            ("clustered by (s) into 4 buckets", "s = 'v77'"), ("set tblproperties ('bucketing_version' = '2')", "i = 77"),
            ("change i i string", "i = '77'"), ("set serdeproperties ('field.delim' = ',')", "i = 77"),
        ] {
            let query = "select s from t where \(condition)"
            for isBefore in [true, false] {
                try session.execute("drop table t")
                try session.execute("create table t (i int, s string) clustered by (i) into 4 buckets stored as orc")
                if isBefore { try session.execute("alter table t \(change)") }
                try session.execute("insert into t \(numbers)")
                if !isBefore { try session.execute("alter table t \(change)") }
                #expect(try skipped(session, query) == (isBefore ? "4 skipped: 3" : nil), "\(change)")
            }
        }
    }
}
