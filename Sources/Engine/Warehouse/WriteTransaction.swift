import Catalog
import Platform
import TableFormats

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// One statement's change of tables, made so that the old state or the new one is there at any moment.
///
/// 1. Files are written into staging folders beside their tables, where no reader looks. Nothing else is made.
/// 2. `commit` makes them durable, looks whether the file steps can be done, then writes one metastore transaction that
///    holds the new metadata and the list of files to move and remove: the point of no return.
/// 3. The files are moved and removed, then the list is deleted. After a crash the list is still there and is worked
///    through again; its steps can be repeated. When a step fails, the list stays with the reason and its tables are
///    damaged until MSCK REPAIR TABLE finishes it or DROP TABLE gives it up.
///
/// The statement holds the tables' exclusive locks throughout, so that readers see neither half.
final class WriteTransaction {
    private let warehouse: Warehouse
    private let description: String
    private let tables: [String]
    private let fault: FaultPoint?
    /// What every removal and replacement passes before it is planned.
    let removals: RemovalGuard
    private var stagingFolders: [String] = []
    private var steps: [FileChange.Step] = []
    /// Unfinished changes of dropped tables, with what is left of each (nil: nothing).
    private var givenUp: [(id: Int64, rest: FileChange?)] = []
    /// Why a step cannot be planned; thrown by `commit`.
    private var refusal: (any Error)?
    /// What `replaceFiles` takes away. It goes after all moves: what was moved has to be durable before, which then
    /// happens once and not for each folder.
    private var replaced: [String] = []
    /// Names given out to files that are not in their folder yet.
    private var reservedNames: [String: Set<String>] = [:]
    private var isFinished = false
    private var folderLocks: [HeldLock] = []

    /// - Parameter tables: `db.table` of the tables whose exclusive locks are held.
    init(_ warehouse: Warehouse, description: String, tables: [String], fault: FaultPoint?, removals: RemovalGuard) {
        self.removals = removals
        self.warehouse = warehouse
        self.description = description
        self.tables = tables
        self.fault = fault
    }

    deinit {
        if !isFinished { rollBack() }
        for lock in folderLocks { warehouse.locks.remove(lock) }
    }

    /// Holds locks of folders as long as the transaction; their files go then.
    func keep(_ locks: [HeldLock]) { folderLocks += locks }

    static let stagingPrefix = ".hive-staging_hive_"

    /// Makes an empty, hidden folder inside `folder`, or above it where it is missing: on the same file system.
    func makeStagingFolder(in folder: String) throws -> String {
        let path = FolderListing.path(
            LocalFiles.nearestFolder(folder), "\(Self.stagingPrefix)\(getpid())_\(UInt32.random(in: 0 ... .max))")
        stagingFolders.append(path)
        try warehouse.makeScratchFolder(path)
        try fault?.pass(.stagingMade, path)
        return path
    }

    /// Plans a step, for what has its path now. Making a folder that is there, and removing nothing, are no steps.
    /// - Parameter owner: whose files may be removed; what belongs to anybody else is refused when the change commits.
    func add(_ action: FileChange.Action, owner: RemovalOwner = .namedPath) {
        if case .remove(let path) = action {
            do {
                if let refused = try removals.refusal(removing: path, owner: owner) { throw refused.error("remove") }
            } catch {
                if refusal == nil { refusal = error }
                return
            }
        }
        plan(action)
    }

    private func plan(_ action: FileChange.Action) {
        do {
            switch action {
            case .makeFolder(let path): if !LocalFiles.isFolder(path) { steps.append(FileChange.Step(action)) }
            case .move(let source, let target):
                guard let identity = try FileIdentity.at(source) else { throw FileError("find", source, code: ENOENT) }
                steps.append(FileChange.Step(action, identity: identity, replaced: try FileIdentity.at(target)))
            case .remove(let path):
                guard let identity = try FileIdentity.at(path) else { return }
                steps.append(FileChange.Step(action, identity: identity))
            }
        } catch {
            if refusal == nil { refusal = error }
        }
    }

    /// Moves a table's or partition's folder. Onto another file system it goes as a copy that is staged now, so that
    /// the commit only renames.
    /// - Parameters:
    ///   - owner: whose folder it is; what of others is in it would not be found any more.
    ///   - check: called between files; what it throws ends the copy.
    func addRelocation(of source: String, to target: String, owner: RemovalOwner, check: () throws -> Void) throws {
        if let refused = try removals.refusal(removing: source, owner: owner) { throw refused.error("move") }
        let nearest = LocalFiles.nearestFolder(LocalFiles.parent(of: target))
        guard let here = try FileIdentity.at(source), let there = LocalFiles.status(nearest),
            here.device != UInt64(truncatingIfNeeded: there.st_dev)
        else { return add(.move(from: source, to: target)) }
        let copy = FolderListing.path(try makeStagingFolder(in: nearest), LocalFiles.lastPart(of: target))
        try FileRelocation.copy(source, to: copy, check: check)
        add(.move(from: copy, to: target))
        add(.remove(source), owner: owner)
    }

    /// Gives up the unfinished changes of tables that this transaction drops.
    /// - Parameters:
    ///   - names: `db.table` of the dropped tables.
    ///   - folders: the folders that go with them.
    /// - Returns: what the given up changes were.
    @discardableResult
    func giveUpChanges(of names: [String], folders: [String]) throws -> [FileChange] {
        let owner = RemovalOwner(committed: names)
        var changes: [Int64: FileChange] = [:]
        for name in names {
            for change in try warehouse.metastore.pendingFileChanges(table: name) { changes[change.id] = change }
        }
        for change in changes.values.sorted(by: { $0.id < $1.id }) {
            // A name without a table is one that the change itself dropped or renamed.
            let others = try change.tables.filter { try !names.contains($0) && warehouse.hasTable($0) }
            guard others.isEmpty else {
                var rest = change
                rest.tables = others
                rest.steps.removeAll { step in folders.contains { step.path == $0 || step.path.hasPrefix($0 + "/") } }
                givenUp.append((id: change.id, rest: rest))
                continue
            }
            givenUp.append((id: change.id, rest: nil))
            let home = WarehouseHome(warehouse.metastore, recorded: change.home)
            for step in change.steps {
                switch step.action {
                case .move(let source, _):
                    // A folder that did not get to its new place is the dropped table's; files that LOAD should have
                    // moved stay the user's.
                    if let identity = step.identity, identity.kind == .folder, let here = try FileIdentity.at(source),
                        home.isMeant(here, identity, at: source)
                    {
                        add(.remove(source), owner: owner)
                    }
                case .remove(let path): if step.identity == nil { add(.remove(path), owner: owner) }
                case .makeFolder: break
                }
            }
        }
        return changes.values.sorted { $0.id < $1.id }
    }

    /// Puts a staged file into a table's or partition's folder, beside what is there, under a name that is free.
    /// Returns the name.
    @discardableResult
    func addFile(_ staged: String, named name: String, to folder: String) throws -> String {
        try Self.checkIsNoArchive(folder)
        var taken = try reservedNames[folder] ?? Set(FileStatus.of(folder) == nil ? [] : FolderListing.names(in: folder))
        let free = Self.freeName(name, taken: taken)
        taken.insert(free)
        reservedNames[folder] = taken
        add(.move(from: staged, to: "\(folder)/\(free)"))
        return free
    }

    /// Puts a staged folder, with all that is in it, in the place of one that is not there: one step for all its files.
    /// Returns false, and plans nothing, when something is there or another file of this change goes there.
    /// - Parameter files: names of what the staged folder holds.
    func addFolder(_ staged: String, as folder: String, files: [String]) throws -> Bool {
        try Self.checkIsNoArchive(folder)
        guard reservedNames[folder] == nil, let here = LocalFiles.status(staged), !LocalFiles.exists(folder),
            let there = LocalFiles.status(LocalFiles.nearestFolder(LocalFiles.parent(of: folder))),
            here.st_dev == there.st_dev
        else { return false }
        reservedNames[folder] = Set(files)
        add(.move(from: staged, to: folder))
        return true
    }

    /// Puts staged files in the place of everything visible in a table's or partition's folder.
    /// - Parameter owner: whose folder it is.
    /// - Throws: `HiveError` when the folder, or something in it, is not the owner's.
    func replaceFiles(of folder: String, with staged: [(path: String, name: String)], owner: RemovalOwner) throws {
        try Self.checkIsNoArchive(folder)
        var existing: [FolderListing.Entry] = []
        if try FileStatus.of(folder) != nil {
            if let refused = try removals.refusal(emptying: folder, owner: owner) { throw refused.error("overwrite") }
            existing = try FolderListing.entries(of: folder, links: .keep)
        }
        let visible = existing.filter { !DataFiles.isHidden($0.name) }
        for entry in visible {
            if let refused = try removals.refusal(removingEntry: entry, of: folder, owner: owner) {
                throw refused.error("overwrite")
            }
        }
        let folders = Set(existing.filter { $0.status.kind == .folder }.map(\.name))
        var names = Set<String>()
        for file in staged {
            // A rename replaces a file, but not a folder; the folder is removed under its own name.
            let name = Self.freeName(file.name, taken: names.union(folders))
            names.insert(name)
            add(.move(from: file.path, to: "\(folder)/\(name)"))
        }
        for entry in visible where !names.contains(entry.name) { replaced.append(FolderListing.path(folder, entry.name)) }
        // A name that is removed cannot be given to a later file: the steps may be done twice.
        reservedNames[folder] = names.union(existing.map(\.name))
    }

    /// Keeps files out of a folder that is a Hadoop archive, or would be in one: nobody would find them there.
    private static func checkIsNoArchive(_ folder: String) throws {
        guard let archive = try HadoopArchive.holding(folder) else { return }
        throw HiveError.semantic("Cannot write into \(folder): \(archive) is a Hadoop archive")
    }

    /// `000000_0` → `000000_0_copy_1`, `load.txt` → `load_copy_1.txt`, as Hive names files that are in the way of others.
    static func freeName(_ name: String, taken: Set<String>) -> String {
        guard taken.contains(name) else { return name }
        let dot = name.dropFirst().firstIndex(of: ".") ?? name.endIndex
        var number = 1
        while true {
            let candidate = "\(name[..<dot])_copy_\(number)\(name[dot...])"
            if !taken.contains(candidate) { return candidate }
            number += 1
        }
    }

    /// Makes the change real. `metadata` writes to the metastore; its writes and the file steps are one.
    /// - Throws: before the point of no return nothing has changed. After it the change is finished by MSCK REPAIR TABLE,
    ///   or by whoever uses the table next when the process ends here; the error says what stood in the way.
    func commit(_ metadata: () throws -> Void) throws {
        for path in replaced { plan(.remove(path)) }
        replaced = []
        if let refusal { throw refusal }
        try fault?.pass(.filesStaged)
        for folder in stagingFolders {
            warehouse.activity.addSynchronizations(try FileSynchronization.synchronizeTree(folder))
        }
        try fault?.pass(.filesSynchronized)
        var check = FileChangeCheck()
        try check.check(steps)
        var change = FileChange(
            description: description, tables: tables,
            steps: steps + stagingFolders.map { FileChange.Step(.remove($0)) },
            home: WarehouseHome.current(warehouse.metastore))
        warehouse.activity.addSteps(change.steps.count)
        if tables.isEmpty, !change.steps.isEmpty { change.process = try warehouse.processName() }
        do { try write(&change, metadata) } catch let error as MetastoreError {
            // Where SQLite finds no room.
            guard error.kind == .storage, freesSpace, warehouse.releaseSpace() else { throw error }
            try write(&change, metadata)
        }
        isFinished = true
        guard !change.steps.isEmpty else {
            try? fault?.pass(.committed)
            return
        }
        try warehouse.finish(change, fault: fault, after: .committed, isOwn: true)
    }

    /// Whether all that the change does with files is to remove some.
    private var freesSpace: Bool {
        !steps.isEmpty && stagingFolders.isEmpty
            && steps.allSatisfy { step in if case .remove = step.action { true } else { false } }
    }

    /// One transaction: the new metadata and what is still to do.
    private func write(_ change: inout FileChange, _ metadata: () throws -> Void) throws {
        try warehouse.metastore.write {
            try metadata()
            for folder in stagingFolders { try warehouse.metastore.removeScratchFolder(folder) }
            for (id, rest) in givenUp {
                if let rest {
                    try warehouse.metastore.updateFileChange(rest)
                } else {
                    try warehouse.metastore.removeFileChange(id)
                }
            }
            if !change.steps.isEmpty { change.id = try warehouse.metastore.addFileChange(change) }
            try fault?.pass(.beforeCommit)
        }
    }

    /// Removes what was staged. Called when the transaction is dropped without a commit.
    func rollBack() {
        guard !isFinished else { return }
        isFinished = true
        for folder in stagingFolders { warehouse.removeScratchFolder(folder) }
    }
}
