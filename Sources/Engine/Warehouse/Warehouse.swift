import Catalog

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A folder of tables with its metastore, in Hive's layout: `<folder>/<database>.db/<table>/<key>=<value>/000000_0`;
/// tables of `default` stand directly in the folder.
///
/// Several sessions, and several processes, may use one warehouse at the same time. Writes of whole statements are
/// atomic: when a process dies in the middle, whoever opens the warehouse or the table next finishes the write when it
/// was committed, and removes what is left of it when it was not.
public final class Warehouse: Sendable {
    /// Absolute path.
    public let folder: String
    package let metastore: Metastore
    let locks: TableLocks
    private let process: ProcessMark

    /// Opens the warehouse in `folder`; the folder and an empty metastore are made when they are missing.
    /// - Throws: `HiveError` when the folder or the metastore cannot be used.
    public init(at folder: String) throws {
        Self.raiseOpenFileLimit()
        self.folder = LocalFiles.absolute(folder)
        locks = TableLocks(folder: "\(self.folder)/.locks")
        process = ProcessMark(folder: locks.folder)
        do {
            try LocalFiles.makeFolders(self.folder)
            metastore = try Metastore(path: "\(self.folder)/metastore.db")
            try recover()
        } catch {
            throw HiveError(error, source: nil)
        }
    }

    /// Writers of dynamic partitions have a file open for each: as many as the system allows the process.
    private static func raiseOpenFileLimit() {
        var limit = rlimit()
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(resource, &limit)
    }

    /// The folder that table paths are put together with; settings map URIs of other file systems.
    func locations(_ settings: @escaping @Sendable (String) -> String?) -> StorageLocations {
        StorageLocations(warehouseFolder: folder, settings: settings)
    }

    /// `nyctaxidb.db`, or nothing for `default`.
    static func defaultLocation(ofDatabase name: String) -> String { name == "default" ? "" : "\(name).db" }

    static func defaultLocation(ofTable name: String, in database: DatabaseRecord) -> String {
        database.location.isEmpty ? name : Metastore.folder(database.location, name)
    }

    /// Makes a folder that goes away with this process, at the latest when the next one opens the warehouse.
    func makeScratchFolder(_ path: String) throws {
        try metastore.addScratchFolder(path, process: try process.name())
        try LocalFiles.makeFolders(path)
    }

    func removeScratchFolder(_ path: String) {
        guard (try? LocalFiles.remove(path)) != nil else { return }
        try? metastore.removeScratchFolder(path)
    }

    // MARK: Recovery

    /// Finishes committed writes of dead processes and removes their scratch folders.
    private func recover() throws {
        for change in try metastore.pendingFileChanges() {
            var held: [HeldLock] = []
            var isFree = true
            for name in change.tables.sorted() {
                guard let lock = try locks.tryAcquire(name, .exclusive) else {
                    isFree = false
                    break
                }
                held.append(lock)
            }
            // A table in use: its owner, or whoever locks it next, finishes the change.
            if isFree, try isPending(change) { try FileChangeRunner(metastore: metastore).finish(change) }
            held.forEach { $0.release() }
        }
        for scratch in try metastore.scratchFolders() where ProcessMark.isDead(scratch.process, folder: locks.folder) {
            try LocalFiles.remove(scratch.path)
            try metastore.removeScratchFolder(scratch.path)
        }
    }

    private func isPending(_ change: FileChange) throws -> Bool {
        try metastore.pendingFileChanges().contains { $0.id == change.id }
    }

    /// Takes locks; before that, finishes what a dead process left undone on the tables.
    func lock(_ wanted: [String: LockMode], wait: Double, check: () throws -> Void) throws -> [HeldLock] {
        while true {
            let held = try locks.acquire(wanted, wait: wait, check: check)
            var unfinished: [FileChange] = []
            for name in wanted.keys.sorted() { unfinished += try metastore.pendingFileChanges(table: name) }
            guard !unfinished.isEmpty else { return held }
            held.forEach { $0.release() }
            for change in unfinished {
                let names = Dictionary(change.tables.map { ($0, LockMode.exclusive) }, uniquingKeysWith: { $1 })
                let exclusive = try locks.acquire(names, wait: wait, check: check)
                if try isPending(change) { try FileChangeRunner(metastore: metastore).finish(change) }
                exclusive.forEach { $0.release() }
            }
        }
    }
}

/// A locked file that says that this process lives. Made when the process first needs to be known.
private final class ProcessMark: @unchecked Sendable {
    // Unchecked: all that varies is touched with `mutex` held.
    private let folder: String
    private var lock: HeldLock?
    private var made: String?
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    init(folder: String) {
        self.folder = folder
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        if let made { unlink("\(folder)/\(made).lock") }
        lock?.release()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func name() throws -> String {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if let made { return made }
        let name = "process-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        lock = try TableLocks(folder: folder).tryAcquire(name, .exclusive)
        made = name
        return name
    }

    /// Whether the process that made the mark has ended.
    static func isDead(_ name: String, folder: String) -> Bool {
        let path = "\(folder)/\(name).lock"
        guard LocalFiles.exists(path) else { return true }
        guard let lock = try? TableLocks(folder: folder).tryAcquire(name, .exclusive) else { return false }
        unlink(path)
        lock.release()
        return true
    }
}
