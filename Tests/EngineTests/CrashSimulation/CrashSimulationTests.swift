#if os(Linux)
import Engine
import Glibc
import TestSupport
import Testing

/// Statements whose machine loses power: at any moment of every statement that changes files, what was not synchronized
/// is lost, wholly or in part.
///
/// Each statement runs once, in a process that records what it does to the file system. Crashes are made from that, as
/// folders that hold what may be on the disk then; a new session opens them. `HIVEQL_TEST_CRASH_IMAGES` is the number of
/// crashes for a recording, `HIVEQL_TEST_SEED` another seed.
@Suite(.serialized) struct CrashSimulationTests {
    private static let imageCount = environmentNumber("HIVEQL_TEST_CRASH_IMAGES").map { Int($0) }
    private static let seed = environmentNumber("HIVEQL_TEST_SEED") ?? 1

    @Test(arguments: FileChangeScenario.all) func powerLossLeavesTheOldStateOrTheNew(_ scenario: FileChangeScenario) throws {
        let after = try PowerLoss.stateAfter(scenario)
        let run = try PowerLoss(scenario)
        let before = try run.site.state()
        let recording = try run.record(run.site.place(scenario.statement))
        #expect(recording.end == .exit(0))
        #expect(recording.operations.contains(.reportSuccess))
        try check(recording, run, allowed: [before, after], afterSuccess: after, images: 40)
    }

    /// A process that is killed leaves in the kernel's memory what it has written, and others act on it before it is on
    /// the disk.
    @Test(arguments: FileChangeScenario.all) func powerLossWhileAKilledStatementIsFinished(_ scenario: FileChangeScenario) throws {
        let after = try PowerLoss.stateAfter(scenario)
        let run = try PowerLoss(scenario)
        let before = try run.site.state()
        let killed = try run.record(run.site.place(scenario.statement))
        let operations = killed.operations
        var random = RandomSource(seed: Self.seed)
        // Where something waits to be synchronized, and anywhere.
        var points = operations.indices.dropFirst().filter {
            guard case .synchronize = operations[$0], case .write = operations[$0 - 1] else { return false }
            return true
        }
        points = Array(points.shuffled(using: &random).prefix(2)) + [Int.random(in: 0..<operations.count, using: &random)]
        for point in points {
            let recording = try run.record("", after: (killed, count: point))
            #expect(recording.end == .exit(0))
            let disk = recording.initial.after(recording.operations)
            try run.vault.restore(disk, of: recording)
            let finished = try run.vault.keepingInodes { try run.site.state() }
            #expect(finished == before || finished == after)
            try check(recording, from: point, run, allowed: [before, after], afterSuccess: finished, images: 8)
        }
    }

    @Test(arguments: FileChangeScenario.all.filter(\.stages)) func powerLossWhileAFailedStatementIsTakenBack(
        _ scenario: FileChangeScenario
    ) throws {
        let run = try PowerLoss(scenario)
        let before = try run.site.state()
        let recording = try run.record(run.site.place(scenario.statement), fault: "fail:before-commit:ENOSPC")
        #expect(recording.end != .exit(0))
        try check(recording, run, allowed: [before], afterSuccess: before, images: 12)
    }

    /// A file system that turns out to be another one only when a file is to be renamed.
    @Test(arguments: FileChangeScenario.all.filter { $0.stages || $0.name.hasPrefix("load") || $0.name.hasPrefix("rename") })
    func powerLossWhileFilesAreCopiedInsteadOfRenamed(_ scenario: FileChangeScenario) throws {
        let after = try PowerLoss.stateAfter(scenario)
        let run = try PowerLoss(scenario)
        let before = try run.site.state()
        let recording = try run.record(run.site.place(scenario.statement), fault: "fail:rename:EXDEV")
        #expect(recording.end == .exit(0))
        try check(recording, run, allowed: [before, after], afterSuccess: after, images: 12)
    }

    @Test func aNewWarehouseSurvivesPowerLoss() throws {
        let scenario = FileChangeScenario(name: "new warehouse", setUp: [], statement: "create table t as select 1 as a")
        let run = try PowerLoss(scenario)
        let folder = "\(run.site.root)/new/warehouse"
        func tables() throws -> [String] {
            let session = try Session(warehouse: Warehouse(at: folder))
            return try session.lines("show tables").flatMap { try [$0] + session.lines("select * from \($0)") }
        }
        let recording = try run.record(scenario.statement, warehouse: folder)
        #expect(recording.end == .exit(0))
        try check(
            recording, run, allowed: [[], ["t", "1"]], afterSuccess: ["t", "1"], images: 60, state: tables)
    }

    // MARK: Crashes

    /// - Parameters:
    ///   - first: the first moment to crash at.
    ///   - images: the number of crashes, where the environment says nothing.
    ///   - state: what is there after a crash; nil: the site's.
    private func check(
        _ recording: FileRecording, from first: Int = 0, _ run: PowerLoss, allowed: [[String]], afterSuccess: [String],
        images: Int, state: (() throws -> [String])? = nil
    ) throws {
        var random = RandomSource(seed: Self.seed)
        let crashes = SimulatedCrash.sample(of: recording.operations, from: first, using: &random)
        for (number, crash) in crashes.prefix(Self.imageCount ?? images).enumerated() {
            let problem = try run.problem(
                after: crash, of: recording, allowed: allowed, afterSuccess: afterSuccess,
                usesBystander: number % 10 == 0 && state == nil, state: state)
            guard let problem else { continue }
            Issue.record(
                """
                power lost after \(crash.point) of \(recording.operations.count) operations (\(crash.mode), image \(number), \
                seed \(Self.seed)): \(problem)
                \(recording.lines(crash).joined(separator: "\n"))
                """)
            return
        }
    }
}
#endif
