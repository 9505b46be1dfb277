import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension Metastore {
    /// Makes the file of a new metastore: whole, under another name first, so that nobody ever sees half of one.
    /// - Throws: `MetastoreError` when an empty or cut file stands where tables are: that is a lost metastore, not a new
    ///   one, even beside a log, which SQLite takes for another file's then.
    static func makeFile(_ path: String) throws {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG, status.st_size < smallestFile else { return }
            let table = firstFolder(beside: path)
            guard status.st_size > 0 || byteCount(path + "-wal") > 0 || table != nil else { return }
            throw MetastoreError(
                .storage,
                "the metastore \(path) is \(status.st_size == 0 ? "empty" : "cut")"
                    + "\(table.map { ", but its folder has tables (\($0))" } ?? ""). Bring the file back from a copy; "
                    + "or remove it to begin anew, with CREATE TABLE and MSCK REPAIR TABLE for each table")
        }
        let folder = FilePath.folder(of: path)
        removeDrafts(folder)
        let draft = "\(folder)/\(draftPrefix)\(getpid())-\(UInt32.random(in: 0 ... .max))"
        defer { for suffix in ["", "-wal", "-shm"] { unlink(draft + suffix) } }
        do { try upgrade(try open(draft), path: path) }
        if link(draft, path) != 0, errno != EEXIST {
            // File systems without hard links.
            if access(path, F_OK) != 0, rename(draft, path) != 0 {
                throw MetastoreError(.storage, "cannot make the metastore \(path): \(String(cString: strerror(errno)))")
            }
        }
        do { try FileSynchronization.synchronize(folder) } catch { throw MetastoreError(.storage, "\(error)") }
    }

    /// SQLite's header, which the file of a metastore has from the moment on when it has its name.
    private static let smallestFile = 100

    private static let draftPrefix = ".metastore-"

    /// Drafts of processes that ended while they made one.
    private static func removeDrafts(_ folder: String) {
        for name in names(in: folder) where name.hasPrefix(draftPrefix) {
            guard let process = pid_t(name.dropFirst(draftPrefix.count).prefix { $0 != "-" }) else { continue }
            if kill(process, 0) != 0, errno == ESRCH { unlink("\(folder)/\(name)") }
        }
    }

    static func byteCount(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// A visible folder beside the file: a table's or a database's.
    private static func firstFolder(beside path: String) -> String? {
        let folder = FilePath.folder(of: path)
        return names(in: folder).filter { !$0.hasPrefix(".") && !$0.hasPrefix("_") }.sorted().first { name in
            var status = stat()
            return stat("\(folder)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
    }

    private static func names(in folder: String) -> [String] {
        guard let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { field in
                    field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }
}

/// The metastore file of a warehouse that this user may only read.
///
/// SQLite reads a file with a log only where it can keep shared memory beside it. Where it cannot, a file without a log
/// is read as it is; one with a log, or of an older form, is copied to a temporary folder and read there. Both are done
/// anew when the file has changed.
struct ReadOnlyMetastoreFile {
    let database: SQLiteDatabase
    private let path: String
    /// What was read, of a file that SQLite does not watch; nil when it does.
    private var stamp: Stamp?

    private struct Stamp: Equatable {
        var parts: [Int]

        init(_ path: String) {
            parts = []
            for suffix in ["", "-wal"] {
                var status = stat()
                guard stat(path + suffix, &status) == 0, status.st_size > 0 else { continue }
                #if canImport(Darwin)
                let modified = status.st_mtimespec
                #else
                let modified = status.st_mtim
                #endif
                parts += [Int(status.st_ino), Int(status.st_size), Int(modified.tv_sec), Int(modified.tv_nsec)]
            }
        }
    }

    /// - Throws: `MetastoreError`, `SQLiteError`.
    init(path: String) throws {
        self.path = path
        guard access(path, F_OK) == 0 else {
            throw MetastoreError(.storage, "there is no metastore \(path), and this user may not make one")
        }
        guard access(path, R_OK) == 0 else {
            throw MetastoreError(.storage, "this user may not read the metastore \(path)")
        }
        if let watched = try? SQLiteDatabase(path: path, access: .readOnly), Self.isCurrent(watched) {
            database = watched
            return
        }
        let before = Stamp(path)
        stamp = before
        if Metastore.byteCount(path + "-wal") == 0 {
            let plain = try SQLiteDatabase(path: path, access: .immutable)
            if Self.isCurrent(plain) {
                database = plain
                return
            }
        }
        database = try Self.copy(of: path)
    }

    /// Whether somebody wrote to a file that SQLite does not watch.
    var isStale: Bool { stamp.map { $0 != Stamp(path) } ?? false }

    private static func isCurrent(_ database: SQLiteDatabase) -> Bool {
        (try? database.integer("PRAGMA user_version")) == Metastore.schemaVersion
    }

    private static func copy(of path: String) throws -> SQLiteDatabase {
        let base = TemporaryFolder.path
        var template = Array("\(base)/hiveql-metastore-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw MetastoreError(.storage, "cannot make a temporary folder in \(base) to read the metastore \(path)")
        }
        let folder = String(cString: made)
        let file = "\(folder)/metastore.db"
        defer {
            // The connection keeps what it has opened.
            for suffix in ["", "-wal", "-shm"] { unlink(file + suffix) }
            rmdir(folder)
        }
        // A log that is moved into the file meanwhile would be in neither copy, or in half of one.
        var isWhole = false
        for _ in 0..<100 where !isWhole {
            let before = Stamp(path)
            for suffix in ["", "-wal"] {
                unlink(file + suffix)
                if access(path + suffix, F_OK) == 0 { try copyFile(path + suffix, to: file + suffix) }
            }
            isWhole = Stamp(path) == before
        }
        guard isWhole else {
            throw MetastoreError(.storage, "cannot copy the metastore \(path): it changes faster than it can be copied")
        }
        let database = try Metastore.open(file)
        try Metastore.upgrade(database, path: path)
        return database
    }

    private static func copyFile(_ source: String, to target: String) throws {
        func failure() -> MetastoreError {
            MetastoreError(.storage, "cannot copy the metastore \(source): \(String(cString: strerror(errno)))")
        }
        guard let input = fopen(source, "rbe") else { throw failure() }
        defer { fclose(input) }
        guard let output = fopen(target, "wbe") else { throw failure() }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, input)
            if count == 0 { break }
            if fwrite(buffer, 1, count, output) != count { break }
        }
        let failed = ferror(input) != 0 || ferror(output) != 0
        guard fclose(output) == 0, !failed else { throw failure() }
    }
}
