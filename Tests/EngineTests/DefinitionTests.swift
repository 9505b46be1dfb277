import Engine
import Foundation
import TestSupport
import Testing

@Suite struct DefinitionTests {
    @Test func databases() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create database taxi comment 'cabs' with dbproperties('a'='b')")
        #expect(try session.lines("show databases") == ["default", "taxi"])
        #expect(try session.lines("show databases like 'd*|x'") == ["default"])
        let line = try #require(try session.lines("describe database extended taxi").first)
        #expect(line.hasPrefix("taxi\tcabs\tfile:\(temporary.root)/warehouse/taxi.db\t"))
        #expect(line.hasSuffix("\tUSER\t{a=b}"))
        #expect(
            session.failure("create database taxi")
                == "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. Database taxi already exists")
        try session.execute("create database if not exists taxi")
        try session.execute("use taxi")
        #expect(session.currentDatabase == "taxi")
        try session.execute("create table t (a int)")
        #expect(session.failure("drop database taxi")?.contains("is not empty") == true)
        try session.execute("drop database taxi cascade")
        #expect(session.currentDatabase == "default")
        #expect(entries("\(temporary.root)/warehouse").contains("taxi.db") == false)
        #expect(session.failure("use nope") == "FAILED: SemanticException [Error 10072]: Database does not exist: nope")
        #expect(session.failure("drop database nope")?.contains("10072") == true)
        try session.execute("drop database if exists nope")
    }

    @Test func describePadsAsHiveDoes() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute(
            "create table t (a int comment 'the a', `c d` map<string,array<int>>) partitioned by (p int comment 'pc')")
        let blank = String(repeating: " ", count: 20)
        #expect(
            try session.lines("describe t") == [
                "a                   \tint                 \tthe a               ",
                "c d                 \tmap<string,array<int>>\t\(blank)",
                "p                   \tint                 \tpc                  ",
                "\t \t ",
                "# Partition Information\t \t ",
                "# col_name            \tdata_type           \tcomment             ",
                "\t \t ",
                "p                   \tint                 \tpc                  ",
            ])
        #expect(try session.lines("describe t a") == ["a                   \tint                 \tfrom deserializer   "])
        #expect(try session.lines("show columns in t") == ["a                   ", "c d                 ", "p                   "])
        #expect(session.failure("describe t nope")?.hasSuffix("cannot find field nope from [0:a, 1:c d, 2:p]") == true)
        #expect(session.failure("describe nope") == "FAILED: SemanticException [Error 10001]: Line 1:9 Table not found nope")
    }

    @Test func showCreateTable() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute(
            """
            create table t (a int comment 'the a', b string) comment 'tcom' partitioned by (p int)
            row format delimited fields terminated by ',' escaped by '\\\\' collection items terminated by '|'
            map keys terminated by ':' lines terminated by '\\n' null defined as 'NIL' stored as textfile
            tblproperties('skip.header.line.count'='1', 'transient_lastDdlTime'='7')
            """)
        let lines = try session.lines("show create table t")
        #expect(
            lines.dropLast(1) == [
                "CREATE TABLE `t`(", "  `a` int COMMENT 'the a', ", "  `b` string)", "COMMENT 'tcom'",
                "PARTITIONED BY ( ", "  `p` int)", "ROW FORMAT SERDE ",
                "  'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' ", "WITH SERDEPROPERTIES ( ",
                "  'colelction.delim'='|', ", #"  'escape.delim'='\\', "#, "  'field.delim'=',', ", #"  'line.delim'='\n', "#,
                "  'mapkey.delim'=':', ", "  'serialization.format'=',', ", "  'serialization.null.format'='NIL') ",
                "STORED AS INPUTFORMAT ", "  'org.apache.hadoop.mapred.TextInputFormat' ", "OUTPUTFORMAT ",
                "  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'", "LOCATION",
                "  'file:\(temporary.root)/warehouse/t'", "TBLPROPERTIES (", "  'skip.header.line.count'='1', ",
            ])
        #expect(lines.last?.hasPrefix("  'transient_lastDdlTime'='") == true)
        // What was printed makes the same table.
        try session.execute("drop table t")
        try session.execute(lines.joined(separator: "\n"))
        #expect(try session.lines("show create table t").dropLast(1) == lines.dropLast(1))
    }

    @Test func tablesAreAltered() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table u (a int, b bigint)")
        try session.execute("alter table u change a aa bigint comment 'cc' after b")
        try session.execute("alter table u add columns (z string comment 'zz')")
        #expect(
            try session.lines("describe u").map { $0.split(separator: "\t")[0].split(separator: " ")[0] } == ["b", "aa", "z"])
        #expect(session.failure("alter table u add columns (b int)")?.hasSuffix("Duplicate column name: b") == true)
        #expect(session.failure("alter table u change nope n int")?.hasSuffix("Invalid column reference nope") == true)
        #expect(session.failure("alter table u change z z int")?.contains("types incompatible") == true)
        try session.execute("alter table u replace columns (m bigint, n string)")
        try session.execute("alter table u set tblproperties('x'='y', 'comment'='new')")
        #expect(try session.lines("show tblproperties u('x')") == ["y\t "])
        #expect(try session.lines("show tblproperties u('comment')") == ["new\t "])
        try session.execute("alter table u unset tblproperties('x')")
        #expect(
            try session.lines("show tblproperties u('x')") == ["Table default.u does not have property: x\t "])
        try session.execute("insert into u values (1, 'x')")
        try session.execute("alter table u rename to w")
        #expect(try session.lines("select * from w") == ["1\tx"])
        #expect(temporary.files() == ["w/000000_0"])
        #expect(session.failure("alter table nope add columns (a int)") == "FAILED: SemanticException [Error 10001]: Line 1:12 Table not found default.nope")
        #expect(session.failure("create table dup (a int, A string)")?.contains("[Error 10036]: Duplicate column name: a") == true)
        #expect(session.failure("create table dup (a int) partitioned by (a int)")?.contains("[Error 10035]") == true)
    }

    @Test func viewsAreMadeAndReplaced() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table s (a int, b string)")
        try session.execute("insert into s values (1, 'x'), (2, 'y')")
        try session.execute("create view v (n, t) comment 'vc' as select a * 10, b from s where b = 'x'")
        #expect(try session.lines("select * from v") == ["10\tx"])
        #expect(try session.lines("show views") == ["v"])
        #expect(session.failure("drop table v")?.hasSuffix("Cannot drop a view with DROP TABLE") == true)
        #expect(session.failure("drop view s")?.hasSuffix("Cannot drop a base table with DROP VIEW") == true)
        #expect(session.failure("insert into v values (1, 'x')")?.contains("A view cannot be used as target table") == true)
        try session.execute("create or replace view v as select b from s")
        #expect(try session.sorted("select * from v") == ["x", "y"])
        #expect(session.failure("create or replace view v as select * from v")?.contains("Recursive view") == true)
        try session.execute("alter view v as select a from s")
        try session.execute("alter view v rename to w")
        #expect(try session.sorted("select * from w") == ["1", "2"])
        try session.execute("drop view w")
        #expect(try session.lines("show tables") == ["s"])
    }

    @Test func temporaryTablesBelongToTheirSession() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table t (a string)")
        try session.execute("create temporary table t (a int)")
        try session.execute("insert into t values (5)")
        #expect(try session.lines("select a + 1 from t") == ["6"])
        #expect(try temporary.session().lines("select a from t") == [])
        try session.execute("drop table t")
        #expect(try session.lines("select a from t") == [])
    }

    @Test func macrosAreExpanded() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create temporary macro plus_one(x int) x + 1")
        #expect(try session.lines("select plus_one(3)") == ["4"])
        try session.execute("drop temporary macro plus_one")
        #expect(session.failure("select plus_one(3)")?.contains("[Error 10011]") == true)
    }

    @Test func locationsOfOtherFileSystemsAreMapped() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let sql = "create external table e (a int) location 'wasb://box@account.example/data/e'"
        #expect(session.failure(sql)?.contains("SET hiveql.fs.wasb.root=") == true)
        try session.execute("set hiveql.fs.wasb.root=\(temporary.root)/blobs")
        try session.execute(sql)
        try session.execute("insert into e values (7)")
        #expect(temporary.files(under: "blobs") == ["data/e/000000_0"])
        #expect(try session.lines("show create table e").contains("  'wasb://box@account.example/data/e'"))
        try session.execute("drop table e")
        #expect(temporary.files(under: "blobs") == ["data/e/000000_0"])
        try session.execute("set hiveql.fs.s3.root=\(temporary.root)/buckets/{authority}")
        try session.execute("create external table f (a int) location 's3a://one/f'")
        #expect(entries("\(temporary.root)/buckets/one") == ["f"])
    }

    @Test func containersMayHaveFoldersOfTheirOwn() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("set hiveql.fs.wasb.root=\(temporary.root)/all/{container}")
        try session.execute("set hiveql.fs.wasb.b.root=\(temporary.root)/own")
        try session.execute("create external table x (i int) location 'wasb://a@account.example/x'")
        try session.execute("create external table y (i int) location 'wasbs://b@account.example/y'")
        #expect(entries("\(temporary.root)/all/a") == ["x"])
        #expect(entries("\(temporary.root)/own") == ["y"])
    }

    @Test func pathsWithoutASchemeMayBeBelowAFolder() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("set fs.defaultFS=file://\(temporary.root)/cluster")
        try session.execute("create external table x (i int) location '/example/data'")
        try session.execute("insert into x values (7)")
        #expect(temporary.files(under: "cluster") == ["example/data/000000_0"])
        try session.execute("set fs.defaultFS=hdfs://node:8020/")
        try session.execute("set hiveql.fs.hdfs.root=\(temporary.root)/hdfs")
        try session.execute("create external table y (i int) location '/y'")
        #expect(entries("\(temporary.root)/hdfs") == ["y"])
        // Nothing is above a file system's root.
        try session.execute("create external table above (i int) location '/../a/./../above'")
        try session.execute("create external table far (i int) location 'hdfs://node:8020/../../far'")
        #expect(entries("\(temporary.root)/hdfs").sorted() == ["above", "far", "y"])
        // A file system that no folder stands for: scripts of a cluster name it, and mean paths of this machine.
        try session.execute("set fs.defaultFS=wasb://box@account.example/")
        try session.execute("create external table w (i int) location '\(temporary.root)/plain'")
        #expect(entries(temporary.root).contains("plain"))
        try session.execute("set hiveql.fs.root=\(temporary.root)/root")
        try session.execute("create external table z (i int) location '/../z'")
        #expect(entries("\(temporary.root)/root") == ["z"])
    }

    @Test func recordsMayEndAtADelimiter() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let text = "id|name;;" + (1...5_000).map { "\($0)|line \($0)\nmore" }.joined(separator: ";;") + ";;end"
        #expect(mkdir("\(temporary.root)/in", 0o755) == 0)
        _ = temporary.file("in/f.txt", text)
        try session.execute(
            """
            create external table t (id int, name string) row format delimited fields terminated by '|'
            location '\(temporary.root)/in' tblproperties ('textinputformat.record.delimiter'=';;',
                'skip.header.line.count'='1', 'skip.footer.line.count'='1')
            """)
        #expect(try session.lines("select count(*), sum(id), count(name), max(length(name)) from t") == ["5000\t12502500\t5000\t14"])
        #expect(try session.lines("select name from t where id = 4999") == ["line 4999\nmore"])
        #expect(try session.lines("select count(*) from t") == ["5000"])
    }

    @Test func skewedColumnsAreKeptAndShown() throws {
        let session = try TemporaryWarehouse().session()
        try session.execute("create table t (a int, b string) skewed by (a, b) on ((1, 'x'), (2, 'y')) stored as directories")
        func created() throws -> ArraySlice<String> {
            try session.lines("show create table t").dropFirst(3).prefix { !$0.hasPrefix("ROW FORMAT") }
        }
        #expect(try created() == ["SKEWED BY (a,b)", "  ON (('1','x'),('2','y'))", "  STORED AS DIRECTORIES"])
        #expect(
            try session.lines("describe formatted t").contains("Skewed Values:      \t[[1, x], [2, y]]    \t "))
        #expect(
            try session.lines("describe extended t").last?.contains(
                "skewedInfo:SkewedInfo(skewedColNames:[a, b], skewedColValues:[[1, x], [2, y]], "
                    + "skewedColValueLocationMaps:{}), storedAsSubDirectories:true") == true)
        try session.execute("alter table t not stored as directories")
        #expect(try created().count == 2)
        try session.execute("create table u like t")
        try session.execute("alter table t not skewed")
        #expect(try created() == [])
        #expect(try session.lines("show create table u").contains("SKEWED BY (a,b)"))
    }

    @Test func listsAreJSONWhereASettingSaysSo() throws {
        let session = try TemporaryWarehouse().session(["hive.ddl.output.format": "json"])
        try session.execute("create table t (a int comment 'the \"a\"', b struct<c:int>) partitioned by (p int)")
        try session.execute("alter table t add partition (p = 1)")
        #expect(try session.lines("show tables") == [#"{"tables":["t"]}"#])
        #expect(try session.lines("show databases") == [#"{"databases":["default"]}"#])
        #expect(
            try session.lines("show partitions t") == [
                #"{"partitions":[{"name":"p='1'","values":[{"columnName":"p","columnValue":"1"}]}]}"#
            ])
        #expect(
            try session.lines("describe t") == [
                #"{"columns":[{"name":"a","type":"int","comment":"the \"a\""},{"name":"b","type":"struct<c:int>"},"#
                    + "{\"name\":\"p\",\"type\":\"int\"}]}\t \t "
            ])
        #expect(try session.lines("describe formatted t a")[0].hasPrefix(#"{"columns":[{"name":"a","type":"int","comment":"from"#))
    }

    @Test func whatCannotRunIsRefusedByName() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table t (a int)")
        for (sql, name) in [
            ("export table t to '/tmp/x' for replication('1')", "EXPORT"), ("grant select on uri '/x' to user x", "URI"),
        ] {
            let message = try #require(session.failure(sql))
            #expect(message.contains(name) && message.contains("not supported yet"), "\(message)")
        }
    }

    @Test func plansSayThatTheyAreVectorized() throws {
        let session = try TemporaryWarehouse().session()
        try session.execute("create table t (a int)")
        let only = try session.lines("explain vectorization only select a from t")
        #expect(only == ["PLAN VECTORIZATION:", "  enabled: true", "  enabledConditionsMet: [hive.vectorized.execution.enabled IS true]"])
        let whole = try session.lines("explain vectorization detail select a from t")
        #expect(whole.starts(with: only) && whole.contains("PHYSICAL PLAN:"))
        #expect(session.failure("explain vectorization only select b from t")?.contains("[Error 10004]") == true)
    }
}
