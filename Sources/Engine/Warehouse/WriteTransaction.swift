import Catalog
import TableFormats

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// One statement's change of tables, made so that the old state or the new one is there at any moment.
///
/// 1. Files are written into staging folders beside their tables, where no reader looks.
/// 2. `commit` makes them durable, then writes one metastore transaction that holds the new metadata and the list of
///    files to move and remove: the point of no return.
/// 3. The files are moved and removed, then the list is deleted. After a crash the list is still there and is worked
///    through again; its steps can be repeated.
///
/// The statement holds the tables' exclusive locks throughout, so that readers see neither half.
final class WriteTransaction {
    private let warehouse: Warehouse
    private let description: String
    private let tables: [String]
    private let fault: FaultPoint?
    private var stagingFolders: [String] = []
    private var steps: [FileChange.Step] = []
    /// Names given out to files that are not in their folder yet.
    private var reservedNames: [String: Set<String>] = [:]
    private var isFinished = false

    /// - Parameter tables: `db.table` of the tables whose exclusive locks are held.
    init(_ warehouse: Warehouse, description: String, tables: [String], fault: FaultPoint?) {
        self.warehouse = warehouse
        self.description = description
        self.tables = tables
        self.fault = fault
    }

    deinit { if !isFinished { rollBack() } }

    /// Makes an empty, hidden folder inside `folder`, on the same file system.
    func makeStagingFolder(in folder: String) throws -> String {
        let path = "\(folder)/.hive-staging_hive_\(getpid())_\(UInt32.random(in: 0 ... .max))"
        stagingFolders.append(path)
        try warehouse.makeScratchFolder(path)
        fault?.pass(.stagingMade)
        return path
    }

    func add(_ step: FileChange.Step) { steps.append(step) }

    /// Puts a staged file into a table's or partition's folder, beside what is there, under a name that is free.
    /// Returns the name.
    @discardableResult
    func addFile(_ staged: String, named name: String, to folder: String) throws -> String {
        var taken = try reservedNames[folder] ?? Set(LocalFiles.entries(of: folder).map(\.name))
        let free = Self.freeName(name, taken: taken)
        taken.insert(free)
        reservedNames[folder] = taken
        steps.append(.move(from: staged, to: "\(folder)/\(free)"))
        return free
    }

    /// Puts a staged folder, with all that is in it, in the place of one that is not there: one step for all its files.
    /// Returns false, and plans nothing, when something is there or another file of this change goes there.
    /// - Parameter files: names of what the staged folder holds.
    func addFolder(_ staged: String, as folder: String, files: [String]) throws -> Bool {
        guard reservedNames[folder] == nil, let here = LocalFiles.status(staged), !LocalFiles.exists(folder),
            let there = LocalFiles.status(LocalFiles.nearestFolder(LocalFiles.parent(of: folder))),
            here.st_dev == there.st_dev
        else { return false }
        reservedNames[folder] = Set(files)
        steps.append(.move(from: staged, to: folder))
        return true
    }

    /// Puts staged files in the place of everything visible in a table's or partition's folder.
    func replaceFiles(of folder: String, with staged: [(path: String, name: String)]) throws {
        let existing = try LocalFiles.entries(of: folder)
        let folders = Set(existing.filter(\.isFolder).map(\.name))
        var names = Set<String>()
        for file in staged {
            // A rename replaces a file, but not a folder; the folder is removed under its own name.
            let name = Self.freeName(file.name, taken: names.union(folders))
            names.insert(name)
            steps.append(.move(from: file.path, to: "\(folder)/\(name)"))
        }
        for entry in existing where !DataFiles.isHidden(entry.name) && !names.contains(entry.name) {
            steps.append(.remove("\(folder)/\(entry.name)"))
        }
        // A name that is removed cannot be given to a later file: the steps may be done twice.
        reservedNames[folder] = names.union(existing.map(\.name))
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
    /// - Throws: before the point of no return nothing has changed; after it the change is finished by whoever uses the
    ///   table next, and the error says what stood in the way.
    func commit(_ metadata: () throws -> Void) throws {
        fault?.pass(.filesStaged)
        for folder in stagingFolders { try LocalFiles.synchronizeTree(folder) }
        fault?.pass(.filesSynchronized)
        let all = steps + stagingFolders.map { FileChange.Step.remove($0) }
        let id = try warehouse.metastore.write { () throws -> Int64 in
            try metadata()
            for folder in stagingFolders { try warehouse.metastore.removeScratchFolder(folder) }
            let id =
                all.isEmpty
                ? 0 : try warehouse.metastore.addFileChange(description: description, tables: tables, steps: all)
            fault?.pass(.beforeCommit)
            return id
        }
        isFinished = true
        fault?.pass(.committed)
        guard !all.isEmpty else { return }
        try FileChangeRunner(metastore: warehouse.metastore, fault: fault)
            .finish(FileChange(id: id, description: description, tables: tables, steps: all))
    }

    /// Removes what was staged. Called when the transaction is dropped without a commit.
    func rollBack() {
        guard !isFinished else { return }
        isFinished = true
        for folder in stagingFolders { warehouse.removeScratchFolder(folder) }
    }
}

/// Carries out the file steps of committed changes; each can be done twice.
struct FileChangeRunner {
    let metastore: Metastore
    var fault: FaultPoint?

    func finish(_ change: FileChange) throws {
        var touched = Set<String>()
        for step in change.steps {
            switch step {
            case .makeFolder(let path):
                if !LocalFiles.isFolder(path) { touched.insert(LocalFiles.parent(of: path)) }
                try LocalFiles.makeFolders(path)
            case .move(let source, let target):
                let folder = LocalFiles.parent(of: target)
                // Even when the file was moved before a crash its folder may not be durable yet.
                touched.insert(folder)
                if LocalFiles.exists(source) {
                    if !LocalFiles.isFolder(folder) { touched.insert(LocalFiles.parent(of: folder)) }
                    try LocalFiles.makeFolders(folder)
                    try LocalFiles.move(source, to: target)
                }
            case .remove(let path):
                touched.insert(LocalFiles.parent(of: path))
                try LocalFiles.remove(path)
            }
            fault?.pass(.fileStepDone)
        }
        // Folders of one statement may stand on several file systems.
        let devices = Dictionary(grouping: touched.sorted()) { LocalFiles.status($0)?.st_dev }
        for folders in devices.values { try LocalFiles.synchronize(all: folders) }
        fault?.pass(.filesInPlace)
        if change.id != 0 { try metastore.removeFileChange(change.id) }
        fault?.pass(.finished)
    }
}
