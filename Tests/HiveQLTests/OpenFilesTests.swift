import Foundation
import Testing

/// Tables of more files than a process may have open.
@Suite struct OpenFilesTests {
    @Test(arguments: ["orc", "parquet", "avro", "sequencefile", "rcfile", "textfile"])
    func moreFilesThanMayBeOpen(format: String) throws {
        let clone = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let tool = try CommandLineTool(clone: clone)
        let made = try tool.runCommands(
            """
            hiveql -S -e "create table t (x int) partitioned by (p int) stored as \(format);
            insert overwrite table t partition (p) select pos, pos from (select 1) o \
            lateral view posexplode(split(repeat('a ', 199), ' ')) e as pos, a"
            """)
        try #require(made.status == 0, "\(made.output)")
        let counted = try tool.runCommands("ulimit -n 64; hiveql -S -e 'select count(*), sum(x), count(distinct p) from t where x >= 0'")
        #expect(counted.lines == ["200\t19900\t200"], "\(counted.output)")
        let written = try tool.runCommands(
            "ulimit -n 64; hiveql -S -e 'insert overwrite table t partition (p) select x + 1, p from t; select sum(x) from t'")
        #expect(written.lines == ["20100"], "\(written.output)")
    }
}
