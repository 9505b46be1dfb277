#if os(Linux)
import Engine
import Glibc
import TestSupport
import Testing

/// Warehouses that are moved, copied or restored while a committed change waits to be finished: the change is finished
/// where the warehouse is, and the original of a copy is left alone.
@Suite(.serialized) struct MovedWarehouseTests {
    enum Way: String, CaseIterable, CustomTestStringConvertible {
        case moved, movedToAnotherFileSystem, copied, copiedWithoutTimes, archived, restored, restoredWithoutTimes
        case restoredInPlace, unpackedInPlace

        var testDescription: String { rawValue }

        var isTriedAtEachStep: Bool { [.copied, .copiedWithoutTimes, .restoredInPlace].contains(self) }

        var keepsOriginal: Bool {
            switch self {
            case .copied, .copiedWithoutTimes, .archived: true
            default: false
            }
        }
    }

    /// Those whose files are all in the warehouse.
    private static let scenarios = FileChangeScenario.all.filter { scenario in
        !(scenario.setUp + [scenario.statement]).contains { $0.contains("$") }
    }

    @Test(arguments: scenarios, Way.allCases) func changeIsFinishedWhereTheWarehouseIs(
        _ scenario: FileChangeScenario, _ way: Way
    ) throws {
        guard way != .movedToAnotherFileSystem || FileChangeScenario.otherFileSystem != nil else { return }
        let finished = try FileChangeSite(scenario)
        try finished.session().execute(finished.place(scenario.statement))
        let after = try finished.state()
        let steps = way.isTriedAtEachStep ? (1...scenario.steps).map { "file-step-done:\($0)" } : []
        for point in ["committed"] + steps {
            let site = try FileChangeSite(scenario)
            #expect(
                try ChildProcess.run(warehouse: site.warehouse, statement: site.place(scenario.statement), fault: point)
                    == .killed)
            let original = site.files()
            let place = try Self.take(site, way)
            #expect(try place.state() == after, "killed at \(point)")
            #expect(try place.bystanderWorks())
            guard way.keepsOriginal else { continue }
            #expect(site.files() == original, "killed at \(point)")
            #expect(try site.state() == after, "killed at \(point)")
        }
    }

    /// A damaged table is repaired, or given up, in the copy as in the original.
    @Test(arguments: scenarios.filter { $0.damages != nil && !$0.statement.hasPrefix("drop database") }, [Way.copied, .copiedWithoutTimes])
    func damageIsMendedInACopy(_ scenario: FileChangeScenario, _ way: Way) throws {
        let table = try #require(scenario.damages)
        let finished = try FileChangeSite(scenario)
        try finished.session().execute(finished.place(scenario.statement))
        let after = try finished.state()
        for number in 1...scenario.steps {
            let site = try FileChangeSite(scenario)
            #expect(
                try site.session(["hiveql.fault": "fail:file-step:\(number):EIO"]).failure(site.place(scenario.statement)) != nil)
            let original = site.files()
            let repaired = try Self.take(site, way)
            try repaired.session().execute("msck repair table \(table)")
            #expect(try repaired.state() == after, "failed at \(number)")
            let dropped = try Self.take(site, way)
            try dropped.session().execute(scenario.drop)
            // The other table of the statement keeps its part of the change.
            if scenario.name == "multi insert" { try dropped.session().execute("msck repair table u") }
            #expect(dropped.files().filter { $0.contains(".hive-staging") || $0.contains("/\(table)/") } == [], "failed at \(number)")
            #expect(site.files() == original)
        }
    }

    /// Who looks at a copy of a warehouse that is in use takes nothing from the writer: not even what is staged outside.
    @Test func copyOfAWarehouseThatIsWrittenLeavesTheWriterAlone() throws {
        let site = try FileChangeSite(
            FileChangeScenario(
                name: "", setUp: ["create external table e (a int) location '$root/outside'", "create table t (a int)"],
                statement: ""))
        let warehouse = try Warehouse(at: site.warehouse)
        for folder in ["\(site.root)/outside", "\(site.warehouse)/t"] {
            let staged = "\(folder)/.hive-staging_hive_1"
            try warehouse.makeScratchFolder(staged)
            let copy = try Self.take(site, .copied)
            _ = try copy.session()
            #expect(access(staged, F_OK) == 0)
            #expect(copy.files().filter { $0.contains(".hive-staging") } == [])
        }
    }

    /// What a copy takes from outside stays for the original, which takes it when its turn comes.
    @Test(arguments: [true, false]) func loadedFilesAreThoseOfBoth(isCopyFirst: Bool) throws {
        let scenario = FileChangeScenario(
            name: "", files: ["$root/in/f.txt": "7\n"], setUp: ["create table t (a int)", "insert into t values (1)"],
            statement: "load data inpath '$root/in/f.txt' overwrite into table t")
        let site = try FileChangeSite(scenario)
        #expect(try ChildProcess.run(warehouse: site.warehouse, statement: site.place(scenario.statement), fault: "committed") == .killed)
        let copy = try Self.take(site, .copied)
        if isCopyFirst { #expect(try copy.session().lines("select * from t") == ["7"]) }
        #expect(try site.session().lines("select * from t") == ["7"])
        #expect(access("\(site.root)/in/f.txt", F_OK) != 0)
        if !isCopyFirst {
            // Nothing is left to take, and nobody is told that there were no rows.
            #expect(try copy.session().failure("select * from t")?.contains("damaged") == true)
        }
    }

    /// Locations inside the warehouse are the copy's own in a copy.
    @Test func locationsInTheWarehouseGoWithIt() throws {
        let site = try FileChangeSite(
            FileChangeScenario(
                name: "",
                setUp: [
                    "create database d location '$root/warehouse/place'", "create table d.t (a int)", "insert into d.t values (3)",
                    "create external table e (a int) location 'file:$root/warehouse/there'", "insert into e values (4)",
                    "create table p (a int) partitioned by (k int)",
                    "alter table p add partition (k = 1) location '$root/warehouse/in/one'", "insert into p partition (k = 1) values (5)",
                ], statement: ""))
        let original = site.files()
        let copy = try Self.take(site, .copied)
        #expect(try copy.session().lines("select * from d.t") == ["3"])
        for statement in ["insert into d.t values (30)", "insert overwrite table e values (40)", "insert into p partition (k = 1) values (50)"] {
            try copy.session().execute(statement)
        }
        try copy.session().execute("drop database d cascade")
        try copy.session().execute("drop table p")
        #expect(try copy.session().lines("select * from e") == ["40"])
        #expect(site.files() == original)
        let moved = try Self.take(site, .moved)
        let session = try moved.session()
        #expect(try session.lines("select * from d.t") == ["3"])
        #expect(try session.lines("select * from e") == ["4"])
        #expect(try session.lines("select * from p") == ["5\t1"])
        #expect(try session.lines("describe formatted e").contains { $0.contains("file:\(moved.warehouse)/there") })
    }

    /// What was restored of a table alone is not taken for what the change has made.
    @Test func oneTableThatIsRestoredIsNotTakenForTheNewOne() throws {
        let scenario = FileChangeScenario(
            name: "", setUp: ["create table t (a int)", "insert into t values (1)", "insert into t values (2)"],
            statement: "insert overwrite table t values (3)")
        for point in ["committed", "file-step:2", "files-in-place"] {
            let site = try FileChangeSite(scenario)
            let kept = try FileChangeSite(folder: nil)
            #expect(runCommand(["cp", "-a", "\(site.warehouse)/t", kept.root]) == 0)
            #expect(try ChildProcess.run(warehouse: site.warehouse, statement: scenario.statement, fault: point) == .killed)
            removeTree("\(site.warehouse)/t")
            #expect(runCommand(["cp", "-a", "\(kept.root)/t", site.warehouse]) == 0)
            #expect(try site.session().failure("select * from t")?.contains("damaged") == true, "killed at \(point)")
            #expect(site.files().filter { $0.hasSuffix("/t/000000_0") || $0.hasSuffix("/t/000000_0_copy_1") }.count == 2)
        }
    }

    /// A table's folder that is a link out of the warehouse is the same for a copy.
    @Test func linksOutOfTheWarehouseAreShared() throws {
        let scenario = FileChangeScenario(
            name: "", setUp: ["create table t (a int)", "insert into t values (1)", "insert into t values (2)"],
            statement: "insert overwrite table t values (3)")
        let site = try FileChangeSite(scenario)
        #expect(rename("\(site.warehouse)/t", "\(site.root)/big") == 0)
        #expect(symlink("\(site.root)/big", "\(site.warehouse)/t") == 0)
        #expect(try ChildProcess.run(warehouse: site.warehouse, statement: scenario.statement, fault: "committed") == .killed)
        let copy = try Self.take(site, .copied)
        for row in [7, 8] { try site.session().execute("insert into t values (\(row))") }
        _ = try copy.session()
        #expect(try site.session().sorted("select * from t") == ["3", "7", "8"])
    }

    /// Gives the warehouse another place, or other files in the same place.
    private static func take(_ site: FileChangeSite, _ way: Way) throws -> FileChangeSite {
        func command(_ arguments: String...) { #expect(runCommand(arguments) == 0) }
        switch way {
        case .restored, .restoredWithoutTimes:
            let kept = try FileChangeSite(folder: nil)
            command("cp", way == .restored ? "-a" : "-r", site.warehouse, kept.root)
            // What is there is overwritten by what is kept, file by file, as rsync does.
            removeTree(site.warehouse)
            command("cp", way == .restored ? "-a" : "-r", kept.warehouse, site.root)
            return site
        case .movedToAnotherFileSystem:
            let place = try FileChangeSite(folder: FileChangeScenario.otherFileSystem)
            command("mv", site.warehouse, place.root)
            return place
        case .moved:
            let place = try FileChangeSite(folder: nil)
            command("mv", site.warehouse, place.root)
            return place
        case .copied, .copiedWithoutTimes:
            let place = try FileChangeSite(folder: nil)
            command("cp", way == .copied ? "-a" : "-r", site.warehouse, place.root)
            return place
        case .archived:
            let place = try FileChangeSite(folder: nil)
            command("tar", "-C", site.root, "--format=gnu", "-cf", "\(place.root)/a.tar", "warehouse")
            command("tar", "-C", place.root, "-xf", "\(place.root)/a.tar")
            unlink("\(place.root)/a.tar")
            return place
        case .restoredInPlace:
            let kept = try FileChangeSite(folder: nil)
            command("cp", "-a", site.warehouse, kept.root)
            for name in entries(site.warehouse) { removeTree("\(site.warehouse)/\(name)") }
            command("cp", "-a", "\(kept.warehouse)/.", site.warehouse)
            return site
        case .unpackedInPlace:
            // Whole seconds only are kept of the times.
            let archive = "\(site.root).tar"
            defer { unlink(archive) }
            command("tar", "-C", site.warehouse, "--format=gnu", "-cf", archive, ".")
            for name in entries(site.warehouse) { removeTree("\(site.warehouse)/\(name)") }
            command("tar", "-C", site.warehouse, "-xf", archive)
            return site
        }
    }
}
#endif
