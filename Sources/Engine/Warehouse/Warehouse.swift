import Catalog
import Platform

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
/// was committed, and removes what is left of it when it was not. A committed write that cannot be finished damages its
/// tables until `MSCK REPAIR TABLE` finishes it or `DROP TABLE` gives it up; the warehouse and its other tables go on.
public final class Warehouse: Sendable {
    /// Absolute path.
    public let folder: String
    package let metastore: Metastore
    let locks: TableLocks
    package let activity = FileActivity()
    let models = ModelCache()
    /// This user may not write the folder or its metastore: queries run, without locks, and statements that change
    /// anything are refused.
    public let isReadOnly: Bool
    let process: ProcessMark

    /// Opens the warehouse in `folder`; the folder and an empty metastore are made when they are missing.
    /// - Throws: `HiveError` when the folder or the metastore cannot be used.
    public init(at folder: String) throws {
        Self.raiseOpenFileLimit()
        self.folder = LocalFiles.absolute(folder)
        let file = "\(self.folder)/metastore.db"
        isReadOnly = LocalFiles.exists(file) && !(Self.mayWrite(self.folder) && Self.mayWrite(file))
        locks = TableLocks(folder: "\(self.folder)/.locks", isReadOnly: isReadOnly)
        process = ProcessMark(folder: locks.folder)
        do {
            // A metastore that is there was made in a durable folder.
            if !LocalFiles.exists(file) { try LocalFiles.makeDurableFolders(self.folder) }
            let reserve = SpaceReserve(folder: locks.folder)
            do { metastore = try Metastore(path: file, isReadOnly: isReadOnly) } catch {
                // On a full disk SQLite may not even open it.
                guard !isReadOnly, reserve.release() else { throw error }
                metastore = try Metastore(path: file)
            }
            if !isReadOnly {
                recover()
                reserve.keep()
            }
        } catch {
            throw HiveError(error, source: nil)
        }
    }

    private static func mayWrite(_ path: String) -> Bool { access(path, W_OK) == 0 }

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
        let folder = folderName(ofTable: name)
        return database.location.isEmpty ? folder : Metastore.folder(database.location, folder)
    }

    /// A slash is what Hive makes of it; no name has the `-` of that.
    static func folderName(ofTable name: String) -> String { name.replacing("/", with: "-47-") }

    /// The name under which this process is known to others as long as it lives.
    func processName() throws -> String { try process.name() }

    /// Makes room on a full disk for what will free some.
    func releaseSpace() -> Bool { SpaceReserve(folder: locks.folder).release() }

    /// Whether there is a table or view `db.table`.
    func hasTable(_ name: String) throws -> Bool {
        guard let dot = name.firstIndex(of: ".") else { return false }
        return try metastore.table(database: String(name[..<dot]), name: String(name[name.index(after: dot)...])) != nil
    }

    /// Makes a folder that goes away with this process, at the latest when the next one opens the warehouse.
    package func makeScratchFolder(_ path: String) throws {
        try checkWritable()
        try metastore.addScratchFolder(
            ScratchFolder(path: path, process: try process.name(), home: WarehouseHome.current(metastore)))
        try LocalFiles.makeFolders(path)
    }

    func removeScratchFolder(_ path: String) {
        guard (try? LocalFiles.remove(path)) != nil else { return }
        // Without its record a folder that comes back after a loss of power would stay for ever.
        guard (try? FileSynchronization.synchronize(LocalFiles.parent(of: path))) != nil else { return }
        try? metastore.removeScratchFolder(path)
    }
}
