#if os(Linux)
import Engine
import TestSupport
import Testing

/// A site with the vault that its files are kept in, so that the power can be lost there again and again.
struct PowerLoss {
    let site: FileChangeSite
    let vault: FileVault

    init(_ scenario: FileChangeScenario) throws {
        site = try FileChangeSite(scenario)
        vault = try FileVault([site.root] + (site.other.map { [$0] } ?? []))
    }

    func record(
        _ statement: String, warehouse: String? = nil, fault: String? = nil,
        after earlier: (FileRecording, count: Int)? = nil
    ) throws -> FileRecording {
        let recording = try vault.record(warehouse: warehouse ?? site.warehouse, statement, fault: fault, after: earlier)
        // What went past the recorder would be tested as if it could never be lost.
        let made = recording.initial.after(recording.operations)
        #expect(recording.listing(try vault.read()) == recording.listing(made))
        return recording
    }

    static func stateAfter(_ scenario: FileChangeScenario) throws -> [String] {
        let site = try FileChangeSite(scenario)
        try site.session().execute(site.place(scenario.statement))
        return try site.state()
    }

    /// Makes what is on the disk after a crash, and opens the warehouse there.
    /// - Parameters:
    ///   - allowed: the states that may be found; after a success that was told only `afterSuccess`.
    ///   - usesBystander: also works with a table that has nothing to do with the statement.
    ///   - state: what is there after a crash; nil: the site's.
    /// - Returns: what is wrong.
    func problem(
        after crash: SimulatedCrash, of recording: FileRecording, allowed: [[String]], afterSuccess: [String],
        usesBystander: Bool, state: (() throws -> [String])? = nil
    ) throws -> String? {
        let disk = recording.initial.after(recording.operations[..<crash.point], keeps: crash.keeps, torn: crash.torn)
        try vault.restore(disk, of: recording)
        return try vault.keepingInodes {
            let found: [String]
            do { found = try state?() ?? site.state() } catch { return "the warehouse cannot be used: \(error)" }
            guard (crash.isAfterSuccess ? [afterSuccess] : allowed).contains(found) else {
                return "missing \(afterSuccess.filter { !found.contains($0) }), "
                    + "there is \(found.filter { !afterSuccess.contains($0) })"
            }
            return try !usesBystander || site.bystanderWorks() ? nil : "another table is not as it was"
        }
    }
}
#endif
