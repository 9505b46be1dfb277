#if os(Linux)
import Engine
import Glibc
import TestSupport

/// Keeps a breaking process going: starts it, watches that it gets on, counts how it ends, and goes on behind the trial
/// that ended it.
final class BreakingWorker {
    /// What is asked of a trial before it is cancelled, and before a cancelled one hangs.
    private static let patience = 4.0
    private static let cancellationPatience = 20.0
    /// What a process may hold, whose queries may hold 64 MB.
    private static let memoryLimit = 3 << 30

    private let part: BreakPart
    private let seed: UInt64
    private let number: Int
    private let count: Int
    private let folder: String
    private let ledger: BreakLedger
    private let end: Double
    private let last: Int?
    private var child: pid_t?
    private var step = -1
    private var stepBegan = 0.0
    private(set) var figures = BreakFigures()

    /// - Parameters:
    ///   - number: which of `count` workers it is.
    ///   - folder: is made, and removed when the worker goes.
    ///   - end: when no trial begins any more (`monotonicSeconds`).
    ///   - trial: nil: from the first on, as many as there is time for.
    init(
        _ part: BreakPart, seed: UInt64, number: Int = 0, of count: Int = 1, folder: String, end: Double, trial: Int? = nil
    ) throws {
        self.part = part
        self.seed = seed
        self.number = number
        self.count = count
        self.folder = folder
        self.end = end
        last = trial
        mkdir(folder, 0o700)
        ledger = try BreakLedger("\(folder)/ledger")
        try start(at: trial ?? 0)
    }

    deinit {
        if let child {
            kill(-child, SIGKILL)
            ChildProcess.wait(child)
        }
        removeTree(folder)
    }

    private func start(at trial: Int) throws {
        ledger.clear()
        removeTree("\(folder)/work")
        var environment = [
            BreakAssignment.partKey: part.rawValue, BreakAssignment.folderKey: folder, BreakAssignment.seedKey: "\(seed)",
            BreakAssignment.firstKey: "\(trial)", BreakAssignment.endKey: "\(end)", "SWIFT_BACKTRACE": "enable=no",
            BreakAssignment.workerKey: "\(number)", BreakAssignment.workersKey: "\(count)",
        ]
        if let last { environment[BreakAssignment.lastKey] = "\(last)" }
        child = try ChildProcess.start(
            arguments: ["--filter", "BreakingProcessTests"], environment: environment, errors: "\(folder)/errors", hasGroup: true)
        step = -1
    }

    /// Looks after the process.
    /// - Returns: whether there is more to do.
    func poll() throws -> Bool {
        guard let child else { return false }
        let now = monotonicSeconds()
        if let ended = ChildProcess.endIfEnded(child) {
            kill(-child, SIGKILL)
            self.child = nil
            take()
            switch ended {
            case .exit(0): return false
            case .exit(let code): note("the process ended with \(code)") { $0.traps += 1 }
            case .killed: note("the process was killed") { $0.traps += 1 }
            case .signal(let signal): note("trap: signal \(signal)") { $0.traps += 1 }
            }
            return try goOn(now)
        }
        if ledger[.step] != step {
            step = ledger[.step]
            stepBegan = now
            ledger[.cancellation] = 0
        }
        let bytes = residentBytes(child)
        if bytes > Self.memoryLimit {
            return try give(up: "memory: \(bytes >> 20) MB", now) { $0.oversized += 1 }
        }
        let patience = step <= 0 ? 60 : Self.patience
        if now - stepBegan > patience { ledger[.cancellation] = 1 }
        if now - stepBegan > patience + Self.cancellationPatience {
            return try give(up: "hang: nothing in \(Int(now - stepBegan)) s, though cancelled", now) { $0.hangs += 1 }
        }
        return true
    }

    private func give(up reason: String, _ now: Double, _ change: (inout BreakFigures) -> Void) throws -> Bool {
        guard let child else { return false }
        kill(-child, SIGKILL)
        ChildProcess.wait(child)
        self.child = nil
        take()
        note(reason, change)
        return try goOn(now)
    }

    private func goOn(_ now: Double) throws -> Bool {
        let next = ledger[.trial] + 1
        // What dies before its first trial dies again.
        guard now < end, ledger[.step] > 0, last.map({ next <= $0 }) ?? true, figures.findings.count < 100 else { return false }
        try start(at: next)
        return true
    }

    private func take() {
        figures.tried += ledger[.tried]
        figures.values += ledger[.values]
        figures.refused += ledger[.refused]
        figures.stopped += ledger[.stopped]
        figures.mixed += ledger[.mixed]
        figures.leftovers += ledger[.leftovers]
        if let text = contents("\(folder)/findings") {
            figures.findings.append("\(part.rawValue), seed \(seed): \(text)")
            unlink("\(folder)/findings")
        }
    }

    private func note(_ reason: String, _ change: (inout BreakFigures) -> Void) {
        change(&figures)
        figures.tried += 1
        let errors = contents("\(folder)/errors").map { "\n" + $0.suffix(2000) } ?? ""
        figures.findings.append("\(part.rawValue), seed \(seed), trial \(ledger[.trial]), \(reason)\n\(ledger.text)\(errors)")
    }

    private func contents(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    private func residentBytes(_ process: pid_t) -> Int {
        let pages = contents("/proc/\(process)/statm")?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (pages ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }
}

/// What came of a part.
struct BreakFigures {
    var tried = 0, values = 0, refused = 0, stopped = 0
    var traps = 0, hangs = 0, oversized = 0, mixed = 0, leftovers = 0
    /// What is needed to try again what went wrong.
    var findings: [String] = []

    var isSound: Bool { traps + hangs + oversized + mixed + leftovers == 0 }

    static func + (one: BreakFigures, other: BreakFigures) -> BreakFigures {
        BreakFigures(
            tried: one.tried + other.tried, values: one.values + other.values, refused: one.refused + other.refused,
            stopped: one.stopped + other.stopped, traps: one.traps + other.traps, hangs: one.hangs + other.hangs,
            oversized: one.oversized + other.oversized, mixed: one.mixed + other.mixed,
            leftovers: one.leftovers + other.leftovers, findings: one.findings + other.findings)
    }

    func line(_ part: BreakPart) -> String {
        let what =
            switch part {
            case .statements: "statements"
            case .functions: "calls"
            case .files, .models: "readings"
            case .kills: "kills"
            case .losses: "losses of power"
            }
        return "\(part.rawValue): \(tried) \(what), \(values) gave a value, \(refused) refused, \(stopped) cancelled; \(traps) traps, "
            + "\(hangs) hangs, \(oversized) past the memory, \(mixed) lost or mixed, \(leftovers) leftovers"
    }
}
#endif
