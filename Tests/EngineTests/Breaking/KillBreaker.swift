#if os(Linux)
import Engine
import Glibc
import TestSupport

/// Kills each statement that changes files at its system calls that change files, before and after them, those of SQLite
/// too, and opens the warehouse: it is in the old state or in the new one, nothing is left, other tables are as they were.
final class KillBreaker: Breaker {
    let trialsOfARound = 20
    private static let scenarios = FileChangeScenario.all

    /// A statement, and what it does when nothing stops it.
    private struct Known {
        var scenario: FileChangeScenario
        var before: [String]
        var after: [String]
        /// In random order.
        var kills: [ChildProcess.Kill]
    }

    private let folder: String
    private let seed: UInt64
    private var known: [Int: Known] = [:]
    private var current: Known?
    private var kill = ChildProcess.Kill(call: 0)

    init(folder: String, seed: UInt64) throws {
        self.folder = folder
        self.seed = seed
    }

    func begin(round: Int) throws -> Bool {
        let number = round % Self.scenarios.count
        if known[number] == nil { known[number] = try learn(number) }
        current = known[number]
        return known.count < Self.scenarios.count || known.values.contains { round / Self.scenarios.count * trialsOfARound < $0.kills.count }
    }

    private func learn(_ number: Int) throws -> Known {
        let scenario = Self.scenarios[number]
        let site = try FileChangeSite(scenario)
        let before = try site.state()
        let count = "\(folder)/count"
        let end = try ChildProcess.run(
            warehouse: site.warehouse, statement: site.place(scenario.statement), kill: .init(call: 0, count: count))
        guard end == .exit(0), let calls = Int(try text(count)) else {
            throw HiveError(message: "\(scenario.name) ended with \(end)")
        }
        var random = RandomSource(seed: seed &+ UInt64(number))
        let kills = (1...calls).flatMap { [ChildProcess.Kill(call: $0), .init(call: $0, afterIt: true)] }
        return Known(scenario: scenario, before: before, after: try site.state(), kills: kills.shuffled(using: &random))
    }

    private func text(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 64)
        return fgets(&buffer, 64, file).map { String(cString: $0) } ?? ""
    }

    func prepare(_ trial: Int) throws -> String? {
        guard let current else { return nil }
        let position = trial / trialsOfARound / Self.scenarios.count * trialsOfARound + trial % trialsOfARound
        guard position < current.kills.count else { return nil }
        kill = current.kills[position]
        return "\(current.scenario.name): \(current.scenario.statement)\nkilled \(kill.afterIt ? "after" : "before") call \(kill.call) "
            + "of \(current.kills.count / 2) that change files"
    }

    func run() throws -> BreakOutcome {
        guard let current else { return .refused }
        let site = try FileChangeSite(current.scenario)
        let end = try ChildProcess.run(
            warehouse: site.warehouse, statement: site.place(current.scenario.statement), kill: kill)
        guard end == .killed || end == .exit(0) else { return .mixed("the statement ended with \(end)") }
        let found: [String]
        do { found = try site.state() } catch { return .mixed("the warehouse cannot be used: \(error)") }
        if found == current.before || found == current.after {
            let marks = entries("\(site.warehouse)/.locks").filter { $0.hasPrefix("process-") }
            if !marks.isEmpty { return .leftover("\(marks)") }
            return try site.bystanderWorks() ? .value : .mixed("another table is not as it was")
        }
        let isTable = { (line: String) in !line.hasPrefix("$") }
        let tables = found.filter(isTable)
        let isSound = tables == current.before.filter(isTable) || tables == current.after.filter(isTable)
        let nearest = tables == current.before.filter(isTable) ? current.before : current.after
        let difference = "missing \(nearest.filter { !found.contains($0) }), there is \(found.filter { !nearest.contains($0) })"
        return isSound ? .leftover(difference) : .mixed(difference)
    }

    func cancel() {}
}
#endif
