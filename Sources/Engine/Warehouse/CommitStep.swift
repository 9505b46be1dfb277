#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The moments of a table write at which a crash is tried out.
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
    /// One file was moved or removed; reached once a step.
    case fileStepDone = "file-step-done"
    /// All files are in place, the record of what to do still exists.
    case filesInPlace = "files-in-place"
    /// The record is gone.
    case finished = "finished"
}

/// Kills the process at a commit step: `HIVEQL_FAULT=committed`, or `file-step-done:3` for the third time it is reached.
package struct FaultPoint: Sendable {
    private let step: CommitStep
    private let count: Counter

    private final class Counter: @unchecked Sendable {
        // Unchecked: one statement at a time passes its fault point.
        var left: Int
        init(_ left: Int) { self.left = left }
    }

    /// nil for a text that names no step.
    package init?(_ text: String?) {
        guard let text, !text.isEmpty else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1)
        guard let name = parts.first, let step = CommitStep(rawValue: String(name)) else { return nil }
        self.step = step
        count = Counter(parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
    }

    /// Ends the process as `kill -9` does when `reached` is the step and its time has come.
    func pass(_ reached: CommitStep) {
        guard reached == step else { return }
        count.left -= 1
        if count.left <= 0 {
            kill(getpid(), SIGKILL)
            pause()
        }
    }
}
