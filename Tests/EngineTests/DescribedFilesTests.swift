import Engine
import FeatureTables
import HiveQL
import TestSupport
import Testing

/// Files that are read without a table, and tables made like a file.
@Suite struct DescribedFilesTests {
    private let columns = "a int, b string, c decimal(6,2), d array<int>, e struct<x:double,y:date>"

    /// A table `t` with three rows; its folder.
    private func table(_ session: Session, in temporary: TemporaryWarehouse, storedAs format: String) throws -> String {
        try session.execute("create table t (\(columns)) stored as \(format)")
        try session.execute(
            """
            insert into t
            select 1, 'x', 1.5, array(1, 2), named_struct('x', 0.5D, 'y', date '2013-01-31') union all
            select 2, null, null, array(cast(null as int)), null union all
            select null, 'z,"é', -7, null, named_struct('x', cast(null as double), 'y', cast(null as date))
            """)
        return "\(temporary.root)/warehouse/t"
    }

    @Test(arguments: ["parquet", "orc", "avro"])
    func filesSayTheirColumns(_ format: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1"])
        let folder = try table(session, in: temporary, storedAs: format)
        let rows = try session.sorted("select * from t")
        #expect(rows.count == 3)
        #expect(try session.sorted("select * from \(format).`\(folder)`") == rows)
        #expect(try session.sorted("select * from \(format).`\(folder)/000000_0`") == rows)
        #expect(try session.sorted("select * from \(format).`file:\(folder)/0*`") == rows)
        #expect(try session.sorted("select b from \(format).`\(folder)` where a = 1") == ["x"])
        #expect(try session.lines("select count(*), sum(f.a), max(e.x) from \(format).`\(folder)` f") == ["3\t3\t0.5"])
        #expect(
            try session.sorted("select p.a, q.b from \(format).`\(folder)` p join t q on p.a = q.a") == ["1\tx", "2\tNULL"])
        let result = try #require(try session.execute("select * from \(format).`\(folder)`").rows)
        #expect(result.schema.map(\.name) == ["a", "b", "c", "d", "e"])
        try session.execute("create table copied stored as orc as select * from \(format).`\(folder)`")
        #expect(try session.sorted("select * from copied") == rows)
        #expect(try session.lines("describe copied") == session.lines("describe t"))
        #expect(try session.lines("explain select a from \(format).`\(folder)`").contains { $0.contains("\(format).\(folder)") })
        try session.execute("create view v as select * from \(format).`\(folder)/../t` where a = 1")
        #expect(try session.lines("select b from v") == ["x"])
        let data = try ImportData(session, query: "select a, b from \(format).`\(folder)`")
        #expect(data.rowCount == 3)
    }

    @Test func linesOfTextAreReadByThePlainestRules() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1"])
        let csv = temporary.file("a.csv", "id,name\n1,\"a,\"\"b\"\n2,\n")
        #expect(try session.lines("select * from csv.`\(csv)`") == ["id\tname", "1\ta,\"b", "2\t"])
        #expect(try session.lines("select `_c1` from csv.`\(csv)` where `_c0` = '1'") == ["a,\"b"])
        let text = temporary.file("a.txt", "one\u{1}two\\N\n\n\\N\n")
        #expect(try session.lines("select value, length(value) from text.`\(text)`") == ["one\u{1}two\\N\t9", "\t0", "\\N\t2"])
        let json = temporary.file(
            "a.json",
            """
            {"b": 1, "A": "x", "c": {"d": [1, 2.5]}, "e": null, "g": {}}
            {"b": 2.5, "a": null, "f": true, "c": {"h": {"i": 1}}}
            {"b": null, "a": 7}

            """)
        #expect(
            try session.lines("select a, b, c.d, c.h.i, e, f, g from json.`\(json)` where b is not null") == [
                "x\t1.0\t[1.0,2.5]\tNULL\tNULL\tNULL\t{}", "NULL\t2.5\tNULL\t1\tNULL\ttrue\tNULL",
            ])
        try session.execute("create table j as select * from json.`\(json)`")
        #expect(
            try session.lines("describe j").map { $0.filter { $0 != " " } } == [
                "a\tstring\t", "b\tdouble\t", "c\tstruct<d:array<double>,h:struct<i:bigint>>\t", "e\tstring\t", "f\tboolean\t",
                "g\tstring\t",
            ])
        let damaged = temporary.file("b.json", "{\"a\": 1}\n{\"a\": \n")
        #expect(session.failure("select * from json.`\(damaged)`")?.contains("line 2 is no JSON") == true)
        #expect(session.failure("select * from json.`\(damaged)`")?.contains(damaged) == true)
    }

    @Test func foldersNamePartitions() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1"])
        try session.execute("set hive.exec.dynamic.partition.mode=nonstrict")
        try session.execute("create table p (a int) partitioned by (k string, day string, `Note` string) stored as parquet")
        try session.execute(
            """
            insert into p partition (k, day, note) values
            (1, '01', '2013-01-31', 'x y'), (2, '10', '2013-02-01', 'a/b'), (3, '10', '2013-02-01', '5')
            """)
        let folder = "\(temporary.root)/warehouse/p"
        let files = "parquet.`\(folder)`"
        #expect(
            try session.sorted("select * from \(files)") == [
                "1\t1\t2013-01-31\tx y", "2\t10\t2013-02-01\ta/b", "3\t10\t2013-02-01\t5",
            ])
        try session.execute("create table q as select * from \(files)")
        #expect(
            try session.lines("describe q").map { $0.filter { $0 != " " } } == ["a\tint\t", "k\tint\t", "day\tdate\t", "note\tstring\t"])
        #expect(try session.lines("select a from \(files) where k = 10 and note = 'a/b'") == ["2"])
        #expect(try session.lines("explain select a from \(files) where k = 1").contains { $0.contains("partitions: 1") })
        // A pattern's own folders name nothing.
        #expect(try session.sorted("select * from parquet.`\(folder)/k=10/*/*`") == ["2", "3"])
        #expect(try session.sorted("select note from parquet.`\(folder)/k=10/*`") == ["5", "a/b"])
        _ = temporary.file("warehouse/p/_SUCCESS", "")
        _ = temporary.file("warehouse/p/.hidden", "no Parquet")
        #expect(try session.lines("select count(*) from \(files)") == ["3"])
        _ = temporary.file("warehouse/p/k=10/else", "no Parquet either")
        #expect(session.failure("select * from \(files)")?.contains("different partition columns") == true)
    }

    @Test func whatCannotBeReadIsNamed() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let text = temporary.file("a.parquet", "this is no Parquet file at all\n")
        let empty = temporary.file("empty.parquet", "")
        #expect(
            session.failure("select * from parquet.`\(temporary.root)/nope`")
                == "FAILED: SemanticException Line 1:14 Path does not exist: file:\(temporary.root)/nope")
        #expect(session.failure("select * from parquet.`\(text)`")?.contains(text) == true)
        #expect(session.failure("select * from orc.`\(text)`")?.contains(text) == true)
        #expect(session.failure("select * from avro.`\(text)`")?.contains(text) == true)
        #expect(session.failure("select * from parquet.`\(empty)`")?.contains("no files with rows") == true)
        #expect(session.failure("select * from parquet.``")?.hasPrefix("FAILED: ") == true)
        // What is no format, or a database, is a table that is not there.
        #expect(session.failure("select * from nope.`\(text)`")?.contains("[Error 10001]") == true)
        try session.execute("create database parquet")
        #expect(session.failure("select * from parquet.`\(text)`")?.contains("[Error 10001]") == true)
    }

    @Test(arguments: ["parquet", "orc", "avro"])
    func tablesAreMadeLikeFiles(_ format: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1"])
        let folder = try table(session, in: temporary, storedAs: format)
        let rows = try session.sorted("select * from t")
        try session.execute(
            "create external table like_file like file \(format) '\(folder)/000000_0' stored as \(format) location '\(folder)'")
        #expect(try session.lines("describe like_file") == session.lines("describe t"))
        #expect(try session.sorted("select * from like_file") == rows)
        try session.execute(
            """
            create table if not exists parted like file \(format) '\(folder)' partitioned by (k int) stored as orc
            tblproperties ('orc.compress' = 'NONE')
            """)
        try session.execute("insert into parted partition (k = 1) select * from t")
        #expect(try session.sorted("select a, b, c, d, e from parted where k = 1") == rows)
        #expect(try session.lines("show tblproperties parted('orc.compress')") == ["NONE\t "])
        try session.execute("create table if not exists parted like file \(format) '/nope'")
        #expect(session.failure("create table u like file \(format) '/nope/x'")?.contains("/nope/x") == true)
        #expect(session.failure("create table u like file json '\(folder)'")?.contains("not supported by the 'json'") == true)
        #expect(
            session.failure("create table u like file \(format) '\(folder)' partitioned by (a int)")?.contains("[Error 10035]") == true)
        #expect(try session.lines("show tables").filter { $0 == "u" } == [])
    }
}
