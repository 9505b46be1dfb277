import Platform
import TableFormats

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The files that a query reads, as they were at one moment: each table's list of files, and the files open.
///
/// Taken while the query holds its tables' locks. Once it is whole the locks can go: statements that remove or replace a
/// file take its name away, the system keeps its bytes until the last query that has it open ends. That holds between
/// processes, and nothing is left to clean up however a process ends.
final class FileSnapshot: Sendable {
    private let filesByFolder: [String: [ScanFile]]
    private let emptyFilesByFolder: [String: [String]]
    private let folders: [String: String]
    /// Whether every file is open. When they are too many for the process the locks have to stay.
    let isWhole: Bool

    /// - Parameters:
    ///   - locations: of tables and partitions, in any order.
    ///   - limit: files that all snapshots of the process may hold open together.
    /// - Throws: `TableFormatError` when a folder or a file cannot be read.
    init(of locations: [String], limit: Int?, resolvePath: (String) throws -> String) throws {
        var files: [String: [ScanFile]] = [:]
        var folders: [String: String] = [:]
        for location in locations where files[location] == nil {
            let folder = try resolvePath(location)
            folders[location] = folder
            files[location] = try DataFiles.list(in: folder)
        }
        self.folders = folders
        let emptyFiles = files.mapValues { $0.filter { $0.byteCount == 0 }.map(\.path) }
        let count = files.values.reduce(0) { $0 + $1.count { $0.byteCount > 0 } }
        isWhole = count <= (limit ?? Self.systemLimit) - Self.openFiles.value
        if isWhole {
            for (location, list) in files {
                files[location] = try list.filter { $0.byteCount > 0 }.map { try $0.opened() }
            }
            openCount = count
            Self.openFiles.withLock { $0 += count }
        } else {
            openCount = 0
        }
        filesByFolder = files
        emptyFilesByFolder = isWhole ? emptyFiles : [:]
    }

    deinit { if openCount > 0 { Self.openFiles.withLock { $0 -= openCount } } }

    /// The files of a table or partition, in the order of their names.
    func files(at location: String) -> [ScanFile] { filesByFolder[location] ?? [] }

    /// The folder, or file, that a table's or partition's location is; its files' paths begin with it.
    func folder(at location: String) -> String { folders[location] ?? location }

    /// Paths of the files of a table or partition that `files` leaves out, since they have no byte.
    func emptyFiles(at location: String) -> [String] { emptyFilesByFolder[location] ?? [] }

    // MARK: The process's files

    private let openCount: Int
    /// Files that all snapshots of the process hold open.
    private static let openFiles = Guarded(0)
    /// Half of what the system allows the process: writers and others need some too.
    private static let systemLimit: Int = {
        var limit = rlimit()
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0 else { return 128 }
        return Int(min(limit.rlim_cur, 1 << 20)) / 2
    }()
}
