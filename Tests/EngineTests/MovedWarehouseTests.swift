#if os(Linux)
import Engine
import Glibc
import TestSupport
import Testing

/// Warehouses that are moved, copied or restored while a committed change waits to be finished: the change is finished
/// where the warehouse is, and the original of a copy is left alone.
@Suite(.serialized, .enabled(if: !ChildProcess.isThis)) struct MovedWarehouseTests {
    enum Way: String, CaseIterable, CustomTestStringConvertible {
        case moved, movedToAnotherFileSystem, copied, copiedWithoutTimes, restored, restoredWithoutTimes

        var testDescription: String { rawValue }

        var keepsOriginal: Bool {
            switch self {
            case .copied, .copiedWithoutTimes: true
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
        for point in ["committed"] + (1...scenario.steps).map({ "file-step-done:\($0)" }) {
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
            try dropped.session().execute("drop table \(table)")
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
        }
    }
}
#endif
