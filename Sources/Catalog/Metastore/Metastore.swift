import Columnar
import CSQLite
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Why the metastore refused.
package struct MetastoreError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        case noSuchDatabase, noSuchTable, noSuchPartition, noSuchRole
        case databaseExists, tableExists, partitionExists, functionExists, roleExists
        /// The file is damaged, of a later version, or cannot be read or written.
        case storage
    }

    package let kind: Kind
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }
}

/// The catalog of a warehouse folder: databases, tables, partitions, and the log that makes table writes whole.
///
/// Kept in an SQLite file, so that several processes may use one warehouse. Names are lower-case. All methods may be
/// called from any thread; each is one transaction, and `write` joins many into one.
package final class Metastore: @unchecked Sendable {
    // Unchecked: all that varies is touched with `mutex` held.
    private(set) var database: SQLiteDatabase
    package let path: String
    /// Writes are refused.
    package let isReadOnly: Bool
    /// What was opened of a file that this user may only read.
    private var reader: ReadOnlyMetastoreFile?
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var depth = 0
    /// Transactions written through this object, to know when caches are stale.
    private var writeCount: Int64 = 0
    var cache = Cache()

    /// What was read, with the generation that it was read at.
    struct Cache {
        var generation = Generation()
        var tables: [String: Table?] = [:]
        var partitions: [String: [Partition]] = [:]
    }

    /// Equal as long as nobody wrote.
    package struct Generation: Hashable, Sendable {
        var own: Int64 = -1
        var others: Int64 = -1
    }

    /// Opens the metastore in a file, making it with database `default` when it is new.
    /// - Parameter isReadOnly: the file, or its folder, may not be written.
    /// - Throws: `MetastoreError` of kind `storage`.
    package init(path: String, isReadOnly: Bool = false) throws {
        self.path = path
        self.isReadOnly = isReadOnly
        mutex = .allocate(capacity: 1)
        var attributes = pthread_mutexattr_t()
        pthread_mutexattr_init(&attributes)
        pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
        pthread_mutex_init(mutex, &attributes)
        pthread_mutexattr_destroy(&attributes)
        do {
            if isReadOnly {
                let reader = try ReadOnlyMetastoreFile(path: path)
                database = reader.database
                self.reader = reader
            } else {
                try Self.makeFile(path)
                database = try Self.open(path)
                try Self.upgrade(database, path: path)
            }
        } catch let error as SQLiteError {
            throw MetastoreError(.storage, "cannot open the metastore: \(error.message)")
        }
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Opens a file for reading and writing.
    static func open(_ path: String) throws -> SQLiteDatabase {
        let database = try SQLiteDatabase(path: path)
        try database.execute("PRAGMA foreign_keys = ON")
        // Readers are not held up by a writer; FULL makes a commit durable before files are moved.
        try database.execute("PRAGMA journal_mode = WAL")
        try database.execute("PRAGMA synchronous = FULL")
        return database
    }

    /// Runs `body` with the connection to itself.
    func synchronized<T>(_ body: () throws -> T) throws -> T {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        do {
            return try body()
        } catch let error as SQLiteError {
            throw MetastoreError(.storage, "metastore: \(error.message)")
        }
    }

    /// Runs `body` as one transaction: all of it is written, durably, or nothing. Joins an outer one.
    @discardableResult
    package func write<T>(_ body: () throws -> T) throws -> T {
        guard !isReadOnly else {
            throw MetastoreError(.storage, "The warehouse can only be read: this user may not write \(path)")
        }
        return try synchronized {
            guard depth == 0 else { return try body() }
            try database.execute("BEGIN IMMEDIATE")
            depth = 1
            defer {
                depth = 0
                writeCount += 1
            }
            do {
                let result = try body()
                try database.execute("COMMIT")
                emptyLongLog()
                return result
            } catch {
                try? database.execute("ROLLBACK")
                throw error
            }
        }
    }

    /// The first connection to a file reads its whole log, and most processes are the first: short statements would pay
    /// for all that was written before them.
    private func emptyLongLog() {
        guard Self.byteCount(path + "-wal") > Self.longLog else { return }
        // The transaction stands whatever becomes of this.
        try? database.emptyLog()
    }

    /// Bytes. Emptying the log is worth a few of its commits, in waiting for the disk.
    private static let longLog = 256 << 10

    /// Makes durable what was read: a process that is killed while it commits may leave what all can read, and what a
    /// loss of power takes back.
    package func synchronize() throws {
        do {
            // SQLite locks other files than its log, so that this one may be opened and closed beside it.
            try FileSynchronization.synchronize(path + "-wal")
            try FileSynchronization.synchronize(FilePath.folder(of: path))
        } catch {
            throw MetastoreError(.storage, "metastore: \(error)")
        }
    }

    /// Changes whenever this or another process wrote to the metastore.
    package func generation() throws -> Generation {
        try synchronized {
            if let reader, reader.isStale {
                let fresh = try ReadOnlyMetastoreFile(path: path)
                self.reader = fresh
                database = fresh.database
                writeCount += 1
            }
            return Generation(own: writeCount, others: try database.integer("PRAGMA data_version") ?? 0)
        }
    }

    /// The cache, emptied when somebody wrote since it was filled. Inside a transaction nothing is cached.
    func freshCache() throws -> Bool {
        guard depth == 0 else { return false }
        let now = try generation()
        if now != cache.generation { cache = Cache(generation: now) }
        return true
    }
}
