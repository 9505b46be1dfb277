#if os(Linux)
import Engine
import Glibc
import TestSupport
import Testing

/// A statement that changes files, and what it starts from. `$root` in a statement is the test's folder, `$other` one on
/// another file system.
struct FileChangeScenario: CustomTestStringConvertible, Sendable {
    var name: String
    /// Files below `$root` or `$other`, with their text.
    var files: [String: String] = [:]
    var setUp: [String]
    var statement: String
    /// Writes rows before it commits.
    var stages = false
    /// Moves, makes and removes that it needs at least.
    var steps = 1
    /// The table that is damaged when it is not finished; nil where no table is.
    var damages: String?

    var testDescription: String { name }

    /// What gives up `damages`.
    var drop: String { "drop \(name.contains("model") ? "model" : "table") \(damages ?? "")" }

    private static let table = ["create table t (a int)", "insert into t values (1), (2)"]
    private static let partitioned = [
        "create table t (a int) partitioned by (k int)", "insert into t partition (k) values (1, 1), (2, 2), (3, 3)",
    ]

    private static let points = ["create table t (a int, b double)", "insert into t values (1, 2), (2, 4), (3, 7)"]
    private static let line = "options (model_type = 'linear_reg', input_label_cols = 'b', data_split_method = 'no_split')"

    static let all: [FileChangeScenario] = [
        FileChangeScenario(
            name: "insert into", setUp: table, statement: "insert into t values (3)", stages: true, steps: 2, damages: "t"),
        FileChangeScenario(
            name: "insert overwrite", setUp: table + ["insert into t values (3)"],
            statement: "insert overwrite table t select a + 10 from t", stages: true, steps: 3, damages: "t"),
        FileChangeScenario(
            name: "dynamic partitions", setUp: partitioned,
            statement: "insert overwrite table t partition (k) select a + 10, k + 1 from t where k > 1", stages: true,
            steps: 3, damages: "t"),
        FileChangeScenario(
            name: "multi insert", setUp: table + ["create table u (a int)", "create table v (a int)"],
            statement: "from t insert into table u select a insert overwrite table v select a + 1", stages: true, steps: 4,
            damages: "v"),
        FileChangeScenario(
            name: "update", setUp: partitioned, statement: "update t set a = a + 10 where a > 1", stages: true, steps: 3,
            damages: "t"),
        FileChangeScenario(
            name: "truncate columns",
            setUp: ["create table t (a int, b int) stored as rcfile", "insert into t values (1, 2), (3, 4)"],
            statement: "truncate table t columns (b)", stages: true, damages: "t"),
        FileChangeScenario(name: "delete", setUp: table, statement: "delete from t where a = 1", stages: true, damages: "t"),
        FileChangeScenario(
            name: "merge", setUp: partitioned + ["create table s (a int, k int)", "insert into s values (1, 1), (2, 9), (7, 1), (8, 4)"],
            statement: "merge into t using s on t.a = s.a when matched then update set a = s.k * 100 when not matched then insert values (s.a, s.k)",
            stages: true, steps: 4, damages: "t"),
        FileChangeScenario(
            name: "create table as", setUp: table, statement: "create table c as select a from t", stages: true, steps: 2,
            damages: "c"),
        FileChangeScenario(
            name: "create table as elsewhere", setUp: table,
            statement: "create table c location '$root/deep/er' as select a from t", stages: true, steps: 2, damages: "c"),
        FileChangeScenario(name: "create table", setUp: table, statement: "create table c (a int)", damages: "c"),
        FileChangeScenario(name: "create database", setUp: table, statement: "create database d"),
        FileChangeScenario(name: "drop table", setUp: table, statement: "drop table t", damages: "t"),
        FileChangeScenario(
            name: "drop table with a partition elsewhere",
            setUp: partitioned + [
                "alter table t add partition (k = 9) location '$root/away/nine'", "insert into t partition (k = 9) values (9)",
            ], statement: "drop table t", steps: 2, damages: "t"),
        FileChangeScenario(
            name: "drop database",
            setUp: table + ["create database d", "create table d.a (x int)", "create table d.b as select a from t"],
            statement: "drop database d cascade", steps: 2, damages: "d.a"),
        FileChangeScenario(
            name: "truncate", setUp: table + ["insert into t values (3)"], statement: "truncate table t", steps: 2,
            damages: "t"),
        FileChangeScenario(name: "rename", setUp: table, statement: "alter table t rename to u", damages: "u"),
        FileChangeScenario(
            name: "rename to another file system",
            setUp: partitioned + ["create database d location '$other/d.db'"],
            statement: "alter table t rename to d.u", stages: true, steps: 3, damages: "d.u"),
        FileChangeScenario(
            name: "add partition", setUp: partitioned,
            statement: "alter table t add partition (k = 8) partition (k = 9) location '$root/x/nine'", steps: 2,
            damages: "t"),
        FileChangeScenario(
            name: "drop partitions", setUp: partitioned, statement: "alter table t drop partition (k > 1)", steps: 2,
            damages: "t"),
        FileChangeScenario(
            name: "rename partition", setUp: partitioned,
            statement: "alter table t partition (k = 1) rename to partition (k = 7)", damages: "t"),
        FileChangeScenario(
            name: "exchange partition", setUp: partitioned + ["create table u like t"],
            statement: "alter table u exchange partition (k = 1) with table t", damages: "u"),
        FileChangeScenario(
            name: "set location", setUp: table, statement: "alter table t set location '$root/new/place'", damages: "t"),
        FileChangeScenario(
            name: "load", files: ["$root/in/f.txt": "7\n", "$root/in/g.txt": "8\n"], setUp: table,
            statement: "load data inpath '$root/in' into table t", steps: 2, damages: "t"),
        FileChangeScenario(
            name: "load overwrite", files: ["$root/in/f.txt": "7\n"], setUp: table,
            statement: "load data inpath '$root/in/f.txt' overwrite into table t", steps: 2, damages: "t"),
        FileChangeScenario(
            name: "load local", files: ["$root/in/f.txt": "7\n"], setUp: partitioned,
            statement: "load data local inpath '$root/in/f.txt' into table t partition (k = 5)", stages: true, steps: 2,
            damages: "t"),
        FileChangeScenario(
            name: "load from another file system", files: ["$other/in/f.txt": "7\n"], setUp: table,
            statement: "load data inpath '$other/in/f.txt' into table t", stages: true, steps: 3, damages: "t"),
        FileChangeScenario(
            name: "insert overwrite directory", files: ["$root/out/old": "x\n"], setUp: table,
            statement: "insert overwrite directory '$root/out' select a from t", stages: true, steps: 3),
        FileChangeScenario(
            name: "concatenate", setUp: table + ["insert into t values (3)"], statement: "alter table t concatenate",
            stages: true, steps: 2, damages: "t"),
        FileChangeScenario(
            name: "concatenate a partition", setUp: partitioned + ["insert into t partition (k = 2) values (4)"],
            statement: "alter table t partition (k = 2) concatenate", stages: true, steps: 2, damages: "t"),
        FileChangeScenario(
            name: "archive", setUp: partitioned + ["insert into t partition (k = 2) values (4)"],
            statement: "alter table t archive partition (k = 2)", stages: true, steps: 3, damages: "t"),
        FileChangeScenario(
            name: "unarchive",
            setUp: partitioned + [
                "insert into t partition (k = 2) values (4)", "alter table t archive partition (k = 2)",
            ], statement: "alter table t unarchive partition (k = 2)", stages: true, steps: 3, damages: "t"),
        FileChangeScenario(
            name: "export", setUp: partitioned, statement: "export table t to '$root/out/t'", stages: true, steps: 5),
        FileChangeScenario(
            name: "import", setUp: partitioned + ["export table t to '$root/out/t'"],
            statement: "import table c from '$root/out/t'", stages: true, steps: 7, damages: "c"),
        FileChangeScenario(
            name: "create model", setUp: points, statement: "create model m \(line) as select a, b from t", stages: true, steps: 2,
            damages: "m"),
        FileChangeScenario(
            name: "replace a model", setUp: points + ["create model m \(line) as select a, b from t"],
            statement: "create or replace model m \(line) as select a, b * 2 as b from t", stages: true, damages: "m"),
        FileChangeScenario(
            name: "drop model", setUp: points + ["create model m \(line) as select a, b from t"], statement: "drop model m",
            damages: "m"),
        FileChangeScenario(
            name: "rename a model", setUp: points + ["create model m \(line) as select a, b from t"],
            statement: "alter model m rename to n", damages: "n"),
    ].filter { !$0.needsOther || otherFileSystem != nil }

    private var needsOther: Bool {
        (files.keys + setUp + [statement]).contains { $0.contains("$other") }
    }

    /// A folder that takes files and is on another file system than the tests' folder; nil without one.
    static let otherFileSystem: String? = {
        var here = stat()
        var there = stat()
        let folder = "/dev/shm"
        guard stat("/tmp", &here) == 0, stat(folder, &there) == 0, here.st_dev != there.st_dev, access(folder, W_OK) == 0
        else { return nil }
        return folder
    }()
}

/// A warehouse whose statements are killed or fail. Nothing of it is open between statements, unless a test keeps it.
final class FileChangeSite {
    let root: String
    let other: String?

    init(_ scenario: FileChangeScenario) throws {
        root = try makeTemporaryFolder(for: "change", in: Self.folder)
        other = try FileChangeScenario.otherFileSystem.map { try makeTemporaryFolder(for: "change", in: $0) }
        for (path, text) in scenario.files {
            let path = place(path)
            var folder = path[..<path.lastIndex(of: "/")!]
            var missing: [String] = []
            while access(String(folder), F_OK) != 0 {
                missing.append(String(folder))
                folder = folder[..<folder.lastIndex(of: "/")!]
            }
            for folder in missing.reversed() { mkdir(folder, 0o777) }
            let file = fopen(path, "w")
            fputs(text, file)
            fclose(file)
        }
        let session = try session()
        for statement in scenario.setUp + ["create table bystander (a int)", "insert into bystander values (1)"] {
            try session.execute(place(statement))
        }
    }

    /// A place for a warehouse that stands elsewhere.
    /// - Parameter folder: where to make it; nil: where the others are.
    init(folder: String?) throws {
        root = try makeTemporaryFolder(for: "change", in: folder ?? Self.folder)
        other = nil
    }

    deinit {
        removeTree(root)
        if let other { removeTree(other) }
    }

    /// Where sites are made.
    private static var folder: String { environmentText(BreakAssignment.folderKey) ?? "/tmp" }

    var warehouse: String { "\(root)/warehouse" }

    /// A session with a newly opened warehouse.
    func session(_ settings: [String: String] = [:]) throws -> Session {
        try Session(
            warehouse: Warehouse(at: warehouse),
            settings: settings.merging(["hiveql.threads": "1", "hive.archive.enabled": "true"]) { given, _ in given })
    }

    /// A statement with this site's folders.
    func place(_ text: String) -> String {
        text.replacing("$root", with: root).replacing("$other", with: other ?? "")
    }

    /// The rows of all tables, and every file and folder, with the site's own paths left out: equal for two sites in the
    /// same state.
    func state() throws -> [String] {
        let session = try session()
        var lines: [String] = []
        for database in try session.lines("show databases") {
            lines.append("database \(database)")
            for table in try session.lines("show tables in \(database)") {
                let rows: String
                do { rows = try session.sorted("select * from \(database).\(table)").joined(separator: ";") } catch {
                    rows = "\(error)"
                }
                lines.append("\(database).\(table): \(rows)")
            }
            for model in try session.lines("show models in \(database)") {
                let weights = try session.lines("select * from ml.weights(model \(database).\(model)) w").joined(separator: ";")
                lines.append("\(database).\(model): \(weights)")
            }
        }
        lines += files()
        return lines
    }

    func files() -> [String] {
        (tree(root).map { "$root/\($0)" } + (other.map { tree($0) } ?? []).map { "$other/\($0)" })
            .filter { !$0.contains("/.locks/") && !$0.contains("/metastore.db") }
    }

    private func tree(_ folder: String, _ prefix: String = "") -> [String] {
        entries(folder).flatMap { name -> [String] in
            var status = stat()
            guard lstat("\(folder)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                return ["\(prefix)\(name)"]
            }
            return ["\(prefix)\(name)/"] + tree("\(folder)/\(name)", "\(prefix)\(name)/")
        }
    }

    /// Reads and writes a table that has nothing to do with the scenario.
    func bystanderWorks() throws -> Bool {
        let session = try session()
        try session.execute("insert into bystander values (2)")
        let rows = try session.sorted("select * from bystander")
        try session.execute("insert overwrite table bystander values (1)")
        return rows == ["1", "2"]
    }
}

extension String {
    fileprivate func replacing(_ part: String, with value: String) -> String {
        var result = ""
        var rest = self[...]
        while let start = rest.indices.first(where: { rest[$0...].hasPrefix(part) }) {
            result += rest[..<start] + value
            rest = rest[start...].dropFirst(part.count)
        }
        return result + rest
    }
}
#endif
