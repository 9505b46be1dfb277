import Catalog
import Platform

extension Warehouse {
    /// Finishes committed writes of dead processes and removes their scratch folders. What cannot be done damages the
    /// tables that it touches, or is left for the next time: a warehouse can always be opened.
    func recover() {
        for change in (try? metastore.pendingFileChanges()) ?? [] {
            if change.tables.isEmpty {
                recoverFolders(change)
            } else if change.failure == nil {
                // A table in use: its owner, or whoever locks it next, finishes the change.
                guard let held = tryAcquireAll(change.tables) else { continue }
                if (try? isUnfinished(change)) == true { _ = try? finish(change, fault: FaultPoint.inEnvironment) }
                held.forEach { $0.release() }
            }
        }
        let scratch = Dictionary(grouping: (try? metastore.scratchFolders()) ?? [], by: \.process)
        for name in Set(ProcessMark.names(in: locks.folder)).union(scratch.keys) {
            _ = try? ProcessMark.cleaningUp(after: name, folder: locks.folder) {
                for folder in scratch[name] ?? [] {
                    // Outside of a copied warehouse it is the original's, whose process may be alive.
                    guard isOurs(folder.path, recorded: folder.home) else {
                        try metastore.removeScratchFolder(folder.path)
                        continue
                    }
                    // What belongs to a table by now stays.
                    _ = try RemovalGuard.ofWarehouse(metastore).remove(folder.path, owner: RemovalOwner(committed: []))
                    try FileSynchronization.synchronize(LocalFiles.parent(of: folder.path))
                    try metastore.removeScratchFolder(folder.path)
                }
            }
        }
    }

    /// A change of folders outside the warehouse, as INSERT OVERWRITE DIRECTORY makes: nobody could ask for another try,
    /// so that it is tried once more and then given up.
    private func recoverFolders(_ change: FileChange) {
        _ = try? ProcessMark.cleaningUp(after: change.process ?? "", folder: locks.folder) {
            guard try metastore.pendingFileChanges().contains(where: { $0.id == change.id }) else { return }
            var runner = FileChangeRunner(
                change, metastore: metastore, fault: FaultPoint.inEnvironment, isTakenOver: true)
            guard (try? runner.finish()) == nil else { return }
            for step in change.steps {
                guard case .remove(let path) = step.action, step.identity == nil else { continue }
                guard isOurs(path, recorded: change.home) else { continue }
                try? LocalFiles.remove(path)
                try? FileSynchronization.synchronize(LocalFiles.parent(of: path))
            }
            try metastore.removeFileChange(change.id)
        }
    }

    /// Whether a folder is this warehouse's: a copy of the warehouse names those of the original that are outside, too.
    private func isOurs(_ folder: String, recorded: WarehouseIdentity?) -> Bool {
        let home = WarehouseHome(metastore, recorded: recorded)
        return home.place != .elsewhere || home.holds(folder)
    }

    private func tryAcquireAll(_ names: [String]) -> [HeldLock]? {
        var held: [HeldLock] = []
        for name in names.sorted() {
            guard let lock = try? locks.tryAcquire(name, .exclusive) else { return nil }
            held.append(lock)
        }
        return held
    }

    /// Whether the change still waits for somebody to finish it and nobody has failed to.
    private func isUnfinished(_ change: FileChange) throws -> Bool {
        try metastore.pendingFileChanges().contains { $0.id == change.id && $0.failure == nil }
    }

    /// Carries out the file steps of a committed change.
    /// - Parameters:
    ///   - step: reached before the first.
    ///   - givesUpMissing: whether what is nowhere to be found is left out instead of failing.
    ///   - isOwn: whether this process has just committed it.
    /// - Returns: the paths of what was left out.
    /// - Throws: `HiveError` that says which tables are damaged now, why, and what to do.
    @discardableResult
    func finish(
        _ change: FileChange, fault: FaultPoint?, after step: CommitStep? = nil, givesUpMissing: Bool = false,
        isOwn: Bool = false
    ) throws -> [String] {
        do {
            if let step { try fault?.pass(step, change.tables.first ?? folder) }
            var runner = FileChangeRunner(
                change, metastore: metastore, fault: fault, givesUpMissing: givesUpMissing, isTakenOver: !isOwn)
            return try runner.finish()
        } catch {
            var failed = change
            failed.failure = HiveError(error, source: nil).reason
            // Without space for the note the next one who locks the table tries again.
            try? metastore.setFailure(failed.failure ?? "", ofFileChange: change.id)
            // A table that was dropped or renamed is no name to go on with.
            let name = change.tables.first { (try? hasTable($0)) == true }
            throw HiveError(damage: failed, to: change.tables, named: name)
        }
    }

    func checkWritable() throws {
        guard isReadOnly else { return }
        throw HiveError(
            message: "FAILED: Execution Error: The warehouse \(folder) can only be read: this user may not write it",
            code: 1)
    }

    /// What stands in the way of a lock on a table that an unfinished change damaged.
    enum Damage {
        /// The statement is refused.
        case refuses
        /// The statement drops the table and gives the change up.
        case isGivenUp
    }

    /// Takes locks; before that, finishes what a dead process left undone on the tables.
    /// - Throws: `HiveError` for a damaged table, and when another session keeps a lock.
    func lock(
        _ wanted: [String: LockMode], wait: Double, damage: Damage = .refuses, check: () throws -> Void
    ) throws -> [HeldLock] {
        if wanted.values.contains(.exclusive) { try checkWritable() }
        var failed = Set<Int64>()
        while true {
            let held = try locks.acquire(wanted, wait: wait, check: check)
            let unfinished = try unfinishedChanges(of: wanted.keys, damage).filter { !failed.contains($0.id) }
            guard let first = unfinished.first else { return held }
            guard !isReadOnly else {
                throw HiveError(
                    message: "FAILED: Execution Error: '\(first.description)' was committed and not finished; somebody who "
                        + "may write the warehouse has to open it", code: 2)
            }
            held.forEach { $0.release() }
            for change in unfinished {
                let exclusive = try locks.acquire(Self.exclusive(change.tables), wait: wait, check: check)
                defer { exclusive.forEach { $0.release() } }
                guard try isUnfinished(change) else { continue }
                do {
                    try finish(change, fault: FaultPoint.inEnvironment)
                } catch {
                    guard damage == .isGivenUp else { throw error }
                    failed.insert(change.id)
                }
            }
        }
    }

    /// Changes of the tables that wait to be finished.
    /// - Throws: `HiveError` when one of the tables is damaged, unless that is given up.
    func unfinishedChanges(of names: some Sequence<String>, _ damage: Damage) throws -> [FileChange] {
        var unfinished: [FileChange] = []
        for name in names.sorted() {
            for change in try metastore.pendingFileChanges(table: name) {
                if change.failure == nil {
                    unfinished.append(change)
                } else if damage == .refuses {
                    throw HiveError(damage: change, to: [name])
                }
            }
        }
        return unfinished
    }

    /// Tries again to finish what damaged a table.
    /// - Returns: nil when the table is not damaged; else the paths of files that are nowhere to be found, without which
    ///   it is whole now.
    /// - Throws: `HiveError` when the change still cannot be finished.
    func repairDamage(of table: String, wait: Double, check: () throws -> Void) throws -> [String]? {
        var missing: [String]?
        try checkWritable()
        for change in try metastore.pendingFileChanges(table: table) {
            let exclusive = try locks.acquire(Self.exclusive(change.tables), wait: wait, check: check)
            defer { exclusive.forEach { $0.release() } }
            guard let current = try metastore.pendingFileChanges(table: table).first(where: { $0.id == change.id })
            else { continue }
            missing = (missing ?? []) + (try finish(current, fault: FaultPoint.inEnvironment, givesUpMissing: true))
        }
        return missing
    }

    private static func exclusive(_ tables: [String]) -> [String: LockMode] {
        Dictionary(tables.map { ($0, LockMode.exclusive) }, uniquingKeysWith: { $1 })
    }
}

extension FaultPoint {
    static var inEnvironment: FaultPoint? { FaultPoint(environmentVariable("HIVEQL_FAULT")) }
}

extension HiveError {
    /// Of tables that a committed change has left half done.
    /// - Parameter name: the table to go on with; nil: the first.
    init(damage change: FileChange, to tables: [String], named name: String? = nil) {
        let names = tables.joined(separator: ", ")
        let name = name ?? tables.first ?? ""
        let what = "'\(change.description)' was committed and could not be finished: \(change.failure ?? "")"
        if tables.isEmpty {
            self.init(message: "FAILED: Execution Error: \(what)", code: 2)
        } else {
            self.init(
                message: "FAILED: Execution Error: \(tables.count == 1 ? "Table \(names) is" : "Tables \(names) are") damaged: "
                    + "\(what). When the cause is mended, MSCK REPAIR TABLE \(name) finishes the change; DROP TABLE \(name) "
                    + "gives it up",
                code: 2)
        }
    }

    /// The message without Hive's category.
    fileprivate var reason: String {
        let prefix = "FAILED: Execution Error: "
        return message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message
    }
}
