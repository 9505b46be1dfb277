import Synchronization

/// What the writes of a warehouse cost in its file systems, counted. A clock says how fast a disk is; these figures say
/// whether a write asks too much of it.
package final class FileActivity: Sendable {
    private let steps = Atomic<Int>(0)
    private let synchronizations = Atomic<Int>(0)

    /// File steps of committed changes.
    package var stepCount: Int { steps.load(ordering: .relaxed) }
    /// Times that staged files were made durable: a file, a folder or a whole file system each.
    package var synchronizationCount: Int { synchronizations.load(ordering: .relaxed) }

    func addSteps(_ count: Int) { steps.add(count, ordering: .relaxed) }
    func addSynchronizations(_ count: Int) { synchronizations.add(count, ordering: .relaxed) }
}
