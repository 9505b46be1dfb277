#if os(Linux)
import Engine
import FileRecorder
import Glibc
import Platform
import TestSupport
import Testing

/// What a breaking process is told.
enum BreakAssignment {
    static let partKey = "HIVEQL_BREAK_PART"
    static let seedKey = "HIVEQL_BREAK_CHILD_SEED"
    static let folderKey = "HIVEQL_BREAK_FOLDER"
    static let firstKey = "HIVEQL_BREAK_FIRST"
    static let lastKey = "HIVEQL_BREAK_LAST"
    static let endKey = "HIVEQL_BREAK_END"
    /// Of the rounds, those whose number leaves a remainder are this process's.
    static let workerKey = "HIVEQL_BREAK_WORKER"
    static let workersKey = "HIVEQL_BREAK_WORKERS"

    static var isGiven: Bool { getenv(folderKey) != nil }
}

/// Seconds since the machine started, of all processes.
func monotonicSeconds() -> Double { Double(monotonicNanoseconds()) / 1e9 }

/// The process that breaks: this test program again with `BreakingProcessTests` alone.
@Suite struct BreakingProcessTests {
    @Test(.enabled(if: BreakAssignment.isGiven)) func runTrials() throws {
        guard let part = environmentText(BreakAssignment.partKey).flatMap(BreakPart.init(rawValue:)),
            let folder = environmentText(BreakAssignment.folderKey), let seed = environmentNumber(BreakAssignment.seedKey)
        else { return }
        let first = Int(environmentNumber(BreakAssignment.firstKey) ?? 0)
        let last = environmentNumber(BreakAssignment.lastKey).map { Int($0) } ?? .max
        let end = environmentText(BreakAssignment.endKey).flatMap(Double.init) ?? .infinity
        let ledger = try BreakLedger("\(folder)/ledger")
        let findings = "\(folder)/findings"
        let work = "\(folder)/work"
        mkdir(work, 0o700)
        #expect(chdir(work) == 0)
        setenv("HOME", work, 1)
        file_gate_forgo_durability()
        if part.isConfined { #expect(file_gate_confine(folder) == 0) }
        let breaker = try part.breaker(folder: work, seed: seed)
        let cancelled = Cancelled(breaker: breaker, ledger: ledger)
        SystemThread(stackBytes: 1 << 19) { cancelled.watch() }?.detach()

        func note(_ outcome: BreakOutcome, _ trial: Int, _ text: String) {
            let found: String
            switch outcome {
            case .value: return ledger[.values] += 1
            case .refused: return ledger[.refused] += 1
            case .stopped: return ledger[.stopped] += 1
            case .mixed(let problem):
                ledger[.mixed] += 1
                found = "mixed: \(problem)"
            case .leftover(let problem):
                ledger[.leftovers] += 1
                found = "leftover: \(problem)"
            }
            guard let file = fopen(findings, "a") else { return }
            fputs("trial \(trial), \(found)\n\(text)\n", file)
            fclose(file)
        }

        var round = first / breaker.trialsOfARound
        // Who tries one trial again wants the files to be as they were.
        var skipped = last == .max ? first % breaker.trialsOfARound : 0
        let workers = Int(environmentNumber(BreakAssignment.workersKey) ?? 1)
        let worker = Int(environmentNumber(BreakAssignment.workerKey) ?? 0)
        while round % workers != worker {
            round += 1
            skipped = 0
        }
        while monotonicSeconds() < end, round <= last / breaker.trialsOfARound {
            let begin = round * breaker.trialsOfARound
            ledger.begin(trial: begin + skipped, "the files of round \(round)")
            guard try breaker.begin(round: round) else { break }
            for trial in begin + skipped..<begin + breaker.trialsOfARound where trial <= last {
                guard monotonicSeconds() < end else { break }
                guard let text = try breaker.prepare(trial) else { continue }
                ledger.begin(trial: trial, text)
                let outcome: BreakOutcome
                do { outcome = try breaker.run() } catch { outcome = BreakOutcome(error) }
                ledger[.tried] += 1
                note(outcome, trial, text)
            }
            ledger.begin(trial: begin + breaker.trialsOfARound - 1, "what is left of round \(round)")
            if let outcome = try breaker.end(round: round) { note(outcome, begin, "round \(round)") }
            skipped = 0
            round += workers
        }
        ledger.begin(trial: ledger[.trial], "the end")
    }
}

/// Cancels what a breaker runs when the parent asks for it, again and again, since it may ask in between two statements.
private struct Cancelled: @unchecked Sendable {
    var breaker: any Breaker
    var ledger: BreakLedger

    func watch() {
        let parent = getppid()
        while true {
            usleep(50_000)
            // Nobody looks after this process any more.
            if getppid() != parent { kill(0, SIGKILL) }
            if ledger[.cancellation] != 0 { breaker.cancel() }
        }
    }
}

func environmentText(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
#endif
