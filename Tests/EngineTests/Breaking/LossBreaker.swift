#if os(Linux)
import Engine
import TestSupport

/// Loses the power at any moment of each statement that changes files, of those that fail, and of copies that are made
/// where files cannot be renamed.
final class LossBreaker: Breaker {
    let trialsOfARound = 40
    /// Faults that a statement meets; the last one lets it fail.
    private static let faults = [nil, "fail:rename:EXDEV", "fail:before-commit:ENOSPC"]

    private let seed: UInt64
    private var scenario = FileChangeScenario.all[0]
    private var loss: PowerLoss?
    private var recording = FileRecording()
    private var allowed: [[String]] = []
    private var afterSuccess: [String] = []
    private var crashes: [SimulatedCrash] = []
    private var crash: SimulatedCrash?
    private var number = 0

    init(folder: String, seed: UInt64) throws { self.seed = seed }

    func begin(round: Int) throws -> Bool {
        let scenarios = FileChangeScenario.all
        scenario = scenarios[round % scenarios.count]
        let fault = Self.faults[round / scenarios.count % Self.faults.count]
        loss = nil
        let made = try PowerLoss(scenario)
        let before = try made.site.state()
        recording = try made.record(made.site.place(scenario.statement), fault: fault)
        afterSuccess = recording.end == .exit(0) ? try PowerLoss.stateAfter(scenario) : before
        allowed = [before, afterSuccess]
        var random = RandomSource(seed: seed &+ UInt64(round) &* 7_919)
        crashes = SimulatedCrash.sample(of: recording.operations, using: &random)
        loss = made
        return true
    }

    func prepare(_ trial: Int) throws -> String? {
        number = trial % trialsOfARound
        guard number < crashes.count else { return nil }
        let crash = crashes[number]
        self.crash = crash
        return "\(scenario.name): \(scenario.statement)\npower lost after \(crash.point) of \(recording.operations.count) operations (\(crash.mode))"
    }

    func run() throws -> BreakOutcome {
        guard let crash, let loss else { return .refused }
        let problem = try loss.problem(
            after: crash, of: recording, allowed: allowed, afterSuccess: afterSuccess, usesBystander: number % 10 == 0)
        guard let problem else { return .value }
        return .mixed("\(problem)\n\(recording.lines(crash).joined(separator: "\n"))")
    }

    func cancel() {}
}
#endif
