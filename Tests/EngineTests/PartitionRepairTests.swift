import Engine
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// MSCK: the folders that are there become partitions, and their rows are read.
@Suite struct PartitionRepairTests {
    /// A folder with one row in it.
    private func folder(_ temporary: TemporaryWarehouse, _ path: String, _ row: String) {
        var made = "\(temporary.root)/warehouse"
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            made += "/\(part)"
            mkdir(made, 0o777)
        }
        _ = temporary.file("warehouse/\(path)/f", row + "\n")
    }

    @Test func foldersOfOtherSpellings() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table t (x int) partitioned by (day string)")
        for (path, row) in [
            ("Day=1", "1"), ("day=10:30", "2"), ("day=%42", "3"), ("day=a ", "4"), ("day=2", "5"), ("DAY=x%2fy", "6"),
            ("other=1", "7"), ("day", "8"), ("day=ä#", "9"),
        ] { folder(temporary, "t/\(path)", row) }
        #expect(
            try session.lines("msck repair table t") == [
                "Partitions not in metastore:\tt:DAY=x%2fy\tt:Day=1\tt:day=%42\tt:day=10:30\tt:day=2\tt:day=a \tt:day=ä#",
                "Repair: Added partition to metastore t:DAY=x%2fy", "Repair: Added partition to metastore t:Day=1",
                "Repair: Added partition to metastore t:day=%42", "Repair: Added partition to metastore t:day=10:30",
                "Repair: Added partition to metastore t:day=2", "Repair: Added partition to metastore t:day=a ",
                "Repair: Added partition to metastore t:day=ä#",
            ])
        let rows = ["1\t1", "2\t10:30", "3\tB", "4\ta ", "5\t2", "6\tx/y", "9\tä#"]
        #expect(try session.sorted("select * from t") == rows)
        #expect(try session.lines("msck repair table t") == [])
        // Writes go to the folder that was found.
        try session.execute("insert into t partition (day = '1') values (11)")
        #expect(temporary.files(under: "warehouse/t/Day=1") == ["000000_0", "f"])
        try session.execute("insert overwrite table t partition (day) select x, day from t where day = '10:30'")
        #expect(temporary.files(under: "warehouse/t/day=10:30") == ["000000_0"])
        // They move with their table and go with it.
        try session.execute("alter table t rename to u")
        #expect(try session.sorted("select * from u") == (rows + ["11\t1"]).sorted())
        try session.execute("alter table u drop partition (day = '1')")
        #expect(entries("\(temporary.root)/warehouse/u").contains("Day=1") == false)
        try session.execute("drop table u")
        #expect(temporary.files() == [])
    }

    @Test func severalLevels() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table t (x int) partitioned by (a int, b string)")
        folder(temporary, "t/A=1/b=x:y", "1")
        folder(temporary, "t/a=2/B=z", "2")
        try session.execute("alter table t recover partitions")
        #expect(try session.lines("show partitions t") == ["a=1/b=x%3Ay", "a=2/b=z"])
        #expect(try session.sorted("select * from t") == ["1\t1\tx:y", "2\t2\tz"])
    }

    @Test func twoFoldersOfOnePartition() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let root = "\(temporary.root)/warehouse/t"
        try session.execute("create table t (x int) partitioned by (p string)")
        folder(temporary, "t/p=%41", "1")
        folder(temporary, "t/P=A", "2")
        folder(temporary, "t/p=A", "3")
        #expect(
            try session.lines("msck repair table t") == [
                "Partitions not in metastore:\tt:p=A",
                "Repair: Cannot add partition t:P=A: the folder of partition p=A is file:\(root)/p=A",
                "Repair: Cannot add partition t:p=%41: the folder of partition p=A is file:\(root)/p=A",
                "Repair: Added partition to metastore t:p=A",
            ])
        #expect(try session.lines("select * from t") == ["3\tA"])
        // Told again each time, until one is taken away.
        #expect(try session.lines("msck repair table t").count == 2)
        removeTree("\(root)/p=A")
        #expect(
            try session.lines("msck repair table t").first == "Partitions missing from filesystem:\tt:p=A")
        #expect(try session.lines("select * from t") == [])
        #expect(try session.lines("msck repair table t sync partitions").contains("Repair: Added partition to metastore t:P=A"))
        #expect(try session.lines("select * from t") == ["2\tA"])
    }

    @Test func linksDoNotLeadOutOfTheTable() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        let root = "\(temporary.root)/warehouse/t"
        try session.execute("create table t (x int) partitioned by (p int)")
        folder(temporary, "t/p=1", "1")
        folder(temporary, "t/data/one", "2")
        folder(temporary, "out", "3")
        symlink("../out", "\(root)/p=2")
        symlink(".", "\(root)/p=3")
        symlink("p=1", "\(root)/p=4")
        symlink("data/one", "\(root)/p=5")
        #expect(
            try session.lines("msck repair table t") == [
                "Partitions not in metastore:\tt:p=1\tt:p=5",
                "Repair: Cannot add partition t:p=2: it is a link that leads out of the table's folder, to "
                    + "\(temporary.root)/warehouse/out",
                "Repair: Cannot add partition t:p=3: it is a link to \(root), which holds the table",
                "Repair: Cannot add partition t:p=4: it is the folder of p=1 too",
                "Repair: Added partition to metastore t:p=1", "Repair: Added partition to metastore t:p=5",
            ])
        #expect(try session.sorted("select * from t") == ["1\t1", "2\t5"])
        try session.execute("set hiveql.msck.follow.links=true")
        try session.execute("msck repair table t")
        #expect(try session.sorted("select * from t") == ["1\t1", "2\t5", "3\t2"])
        symlink("nowhere", "\(root)/p=6")
        #expect(session.failure("msck repair table t")?.contains("cannot follow the link \(root)/p=6") == true)
    }

    @Test func filesAmongFolders() throws {
        let temporary = try TemporaryWarehouse()
        let session = try temporary.session()
        try session.execute("create table t (x int) partitioned by (a int, b int)")
        folder(temporary, "t/a=1", "1")
        #expect(
            session.failure("msck repair table t")?.hasSuffix(
                "MSCK finds a file rather than a directory when it searches for file:\(temporary.root)/warehouse/t/a=1/f") == true)
        try session.execute("set hive.msck.path.validation=skip")
        #expect(try session.lines("msck repair table t") == [])
    }
}
