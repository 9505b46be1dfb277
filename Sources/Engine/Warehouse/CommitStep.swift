#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The moments of a table write at which a crash or an error is tried out.
package enum CommitStep: String, CaseIterable, Sendable {
    /// The staging folder is there, and empty.
    case stagingMade = "staging-made"
    /// The query has written its files into the staging folder.
    case filesStaged = "files-staged"
    /// They are durable.
    case filesSynchronized = "files-synchronized"
    /// The metastore's transaction is written but not committed.
    case beforeCommit = "before-commit"
    /// The point of no return: the metastore knows the new state, no file has moved.
    case committed = "committed"
    /// A file is about to be moved or removed; reached once a step.
    case fileStep = "file-step"
    /// A file is about to be renamed; failing with EXDEV it is as on another file system.
    case rename = "rename"
    /// What goes to another file system is copied there, under a hidden name.
    case copied = "copied"
    /// The copy has its name; what was copied is still there.
    case copyInPlace = "copy-in-place"
    /// One file was moved or removed; reached once a step.
    case fileStepDone = "file-step-done"
    /// All files are in place, the record of what to do still exists.
    case filesInPlace = "files-in-place"
    /// The record is gone.
    case finished = "finished"
}

/// Kills the process at a commit step: `HIVEQL_FAULT=committed`, or `file-step-done:3` for the third time it is reached.
/// Or lets the step fail: `fail:committed:ENOSPC`, `fail:file-step:3:EACCES`.
package struct FaultPoint: Sendable {
    private let step: CommitStep
    /// The error that the step fails with; nil kills.
    private let error: Int32?
    private let count: Counter

    /// Statements pass their steps on one thread.
    private final class Counter: @unchecked Sendable {
        // Unchecked: one statement at a time passes its fault point.
        var left: Int
        init(_ left: Int) { self.left = left }
    }

    private static let errors: [String: Int32] = [
        "ENOSPC": ENOSPC, "EACCES": EACCES, "EXDEV": EXDEV, "EIO": EIO, "EROFS": EROFS, "EDQUOT": EDQUOT,
        "ENOTEMPTY": ENOTEMPTY, "EPERM": EPERM,
    ]

    /// nil for a text that names no step.
    package init?(_ text: String?) {
        guard let text, !text.isEmpty else { return nil }
        var parts = text.split(separator: ":")[...]
        let fails = parts.first == "fail"
        if fails { parts.removeFirst() }
        guard let name = parts.popFirst(), let step = CommitStep(rawValue: String(name)) else { return nil }
        self.step = step
        let number = parts.first.flatMap { Int($0) }
        if number != nil { parts.removeFirst() }
        count = Counter(number ?? 1)
        error = fails ? parts.first.flatMap { Self.errors[String($0)] } ?? EIO : nil
    }

    /// Ends the process as `kill -9` does, or throws, when `reached` is the step and its time has come.
    func pass(_ reached: CommitStep, _ path: String = "") throws {
        guard reached == step else { return }
        count.left -= 1
        guard count.left == 0 else { return }
        if let error { throw FileError("get past the step '\(step.rawValue)' of", path, code: error) }
        kill(getpid(), SIGKILL)
        pause()
    }
}
