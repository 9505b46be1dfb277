import Engine
import Foundation
import TestSupport
import Testing

/// Small files become few, and large ones do not become too large.
@Suite struct ConcatenationTests {
    @Test(arguments: ["textfile", "orc", "parquet", "avro", "jsonfile"])
    func smallFilesBecomeOne(_ format: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1"])
        try session.execute("create table t (a int, b string, c array<double>) stored as \(format)")
        for row in ["1, 'x', array(0.5D)", "2, null, null", "null, 'ü,\"y\"', array()"] {
            try session.execute("insert into t select \(row)")
        }
        let rows = try session.lines("select * from t")
        #expect(rows.count == 3)
        #expect(temporary.files(under: "warehouse/t").count == 3)
        try session.execute("alter table t concatenate")
        #expect(temporary.files(under: "warehouse/t") == ["000000_0"])
        #expect(try session.lines("select * from t") == rows)
        #expect(try session.lines("show tblproperties t('numFiles')") == ["1\t "])
        #expect(try session.lines("show tblproperties t('numRows')") == ["3\t "])
        let size = try FileManager.default.attributesOfItem(atPath: "\(temporary.root)/warehouse/t/000000_0")[.size] as? Int
        #expect(try session.lines("show tblproperties t('totalSize')") == ["\(size ?? -1)\t "])
        // One file is as few as can be.
        try session.execute("alter table t concatenate")
        #expect(temporary.files(under: "warehouse/t") == ["000000_0"])
    }

    @Test func onlyTheNamedPartitionChanges() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1", "hive.exec.dynamic.partition.mode": "nonstrict", "hive.exec.schema.evolution": "false"])
        try session.execute("create table p (a int) partitioned by (k string) stored as orc")
        for _ in 0..<2 { try session.execute("insert into p partition (k) values (1, 'a/b'), (2, 'c')") }
        #expect(session.failure("alter table p concatenate")?.contains("no partition desc found") == true)
        #expect(session.failure("alter table p partition (k = 'nope') concatenate")?.contains("[Error 10006]") == true)
        try session.execute("alter table p partition (k = 'a/b') concatenate")
        #expect(temporary.files(under: "warehouse/p") == ["k=a%2Fb/000000_0", "k=c/000000_0", "k=c/000000_0_copy_1"])
        #expect(try session.sorted("select * from p") == ["1\ta/b", "1\ta/b", "2\tc", "2\tc"])
        // A partition that is stored otherwise stays so.
        try session.execute("alter table p set fileformat textfile")
        try session.execute("insert into p partition (k) values (7, 'c')")
        try session.execute("alter table p partition (k = 'c') concatenate")
        #expect(temporary.files(under: "warehouse/p/k=c") == ["000000_0"])
        #expect(try session.sorted("select a from p where k = 'c'") == ["2", "2", "7"])
    }

    @Test func nothingThatTheTableDoesNotShowIsLost() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "2", "hive.exec.schema.evolution": "false"])
        // Lines of which the columns show only a part.
        try session.execute("create table t (a int, b string) row format delimited fields terminated by ','")
        let first = temporary.file("one.txt", "1,x,more\nno number,y\n\n")
        let second = temporary.file("two.txt", "\\N,z\n2,last without an end")
        for file in [first, second] { try session.execute("load data local inpath '\(file)' into table t") }
        let rows = try session.lines("select * from t")
        try session.execute("alter table t concatenate")
        #expect(temporary.files(under: "warehouse/t") == ["000000_0"])
        #expect(
            try String(contentsOfFile: "\(temporary.root)/warehouse/t/000000_0", encoding: .utf8)
                == "1,x,more\nno number,y\n\n\\N,z\n2,last without an end\n")
        #expect(try session.lines("select * from t") == rows)
        // Files with other columns than their neighbours keep them.
        for format in ["parquet", "orc"] {
            try session.execute("create table \(format)_t (a int, b string) stored as \(format)")
            for a in 1...2 { try session.execute("insert into \(format)_t values (\(a), 'x')") }
            try session.execute("alter table \(format)_t add columns (c int)")
            for a in 3...4 { try session.execute("insert into \(format)_t values (\(a), 'y', \(a))") }
            try session.execute("alter table \(format)_t replace columns (a int, b string)")
            try session.execute("alter table \(format)_t concatenate")
            #expect(temporary.files(under: "warehouse/\(format)_t").count == 2)
            try session.execute("alter table \(format)_t replace columns (a int, b string, c int)")
            #expect(
                try session.sorted("select * from \(format)_t")
                    == ["1\tx\tNULL", "2\tx\tNULL", "3\ty\t3", "4\ty\t4"])
        }
    }

    @Test func whatCannotBePutTogetherIsRefused() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table b (a int) clustered by (a) into 2 buckets")
        try session.execute("create external table e (a int) location '\(temporary.root)/e'")
        try session.execute("create table h (a int) tblproperties ('skip.header.line.count' = '1')")
        try session.execute("create view v as select 1 as x")
        #expect(session.failure("alter table b concatenate")?.contains("[Error 30033]") == true)
        #expect(session.failure("alter table e concatenate")?.contains("[Error 30034]") == true)
        #expect(session.failure("alter table h concatenate")?.contains("skip.header.line.count") == true)
        #expect(session.failure("alter table v concatenate")?.contains("[Error 10131]") == true)
        try session.execute("create table o (a int) stored as orc")
        for a in 1...2 { try session.execute("insert into o values (\(a))") }
        let damaged = "\(temporary.root)/warehouse/o/000000_0_copy_1"
        try Data("no ORC file, however it looks".utf8).write(to: URL(fileURLWithPath: damaged))
        #expect(session.failure("alter table o concatenate")?.contains(damaged) == true)
        #expect(temporary.files(under: "warehouse/o") == ["000000_0", "000000_0_copy_1"])
    }

    @Test(arguments: ["textfile", "orc", "parquet", "avro"])
    func filesAreNotMuchLargerThanTheyShallBe(_ format: String) throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session(["hiveql.threads": "1", "hiveql.write.target.file.size": "20k"])
        try session.execute("create table t (a int, s string) stored as \(format)")
        try session.execute("insert into t select pos, sha2(cast(pos as string), 256) from (select 1) o lateral view posexplode(split(space(9999), ' ')) e")
        let files = temporary.files(under: "warehouse/t")
        #expect(files.count > 3)
        #expect(files.contains("000000_0") && files.contains("000000_0_copy_1"))
        #expect(try session.lines("select count(*), count(distinct s), sum(a) from t") == ["10000\t10000\t49995000"])
        #expect(try session.lines("show tblproperties t('numFiles')") == ["\(files.count)\t "])
        #expect(try session.lines("show tblproperties t('numRows')") == ["10000\t "])
        // Buckets are files.
        try session.execute("create table b (a int, s string) clustered by (a) into 2 buckets stored as \(format)")
        try session.execute("insert into b select * from t")
        #expect(temporary.files(under: "warehouse/b") == ["000000_0", "000001_0"])
        try session.execute("set hiveql.write.target.file.size=100m")
        try session.execute("alter table t concatenate")
        #expect(temporary.files(under: "warehouse/t") == ["000000_0"])
        #expect(try session.lines("select count(*), count(distinct s), sum(a) from t") == ["10000\t10000\t49995000"])
    }
}
