import Columnar
import CSQLite

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Why the metastore refused.
package struct MetastoreError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        case noSuchDatabase, noSuchTable, noSuchPartition
        case databaseExists, tableExists, partitionExists
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
    /// Raised when the tables below change their form; `upgrade` brings older files up.
    private static let schemaVersion: Int64 = 1

    let database: SQLiteDatabase
    package let path: String
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
    /// - Throws: `MetastoreError` of kind `storage`.
    package init(path: String) throws {
        self.path = path
        mutex = .allocate(capacity: 1)
        var attributes = pthread_mutexattr_t()
        pthread_mutexattr_init(&attributes)
        pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
        pthread_mutex_init(mutex, &attributes)
        pthread_mutexattr_destroy(&attributes)
        do {
            database = try SQLiteDatabase(path: path)
            try database.execute("PRAGMA foreign_keys = ON")
            // Readers are not held up by a writer; FULL makes a commit durable before files are moved.
            try database.execute("PRAGMA journal_mode = WAL")
            try database.execute("PRAGMA synchronous = FULL")
            try upgrade()
        } catch let error as SQLiteError {
            throw MetastoreError(.storage, "cannot open the metastore: \(error.message)")
        }
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
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
        try synchronized {
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
                return result
            } catch {
                try? database.execute("ROLLBACK")
                throw error
            }
        }
    }

    /// Changes whenever this or another process wrote to the metastore.
    package func generation() throws -> Generation {
        try synchronized {
            Generation(own: writeCount, others: try database.integer("PRAGMA data_version") ?? 0)
        }
    }

    /// The cache, emptied when somebody wrote since it was filled. Inside a transaction nothing is cached.
    func freshCache() throws -> Bool {
        guard depth == 0 else { return false }
        let now = try generation()
        if now != cache.generation { cache = Cache(generation: now) }
        return true
    }

    private func upgrade() throws {
        if try database.integer("PRAGMA user_version") == Self.schemaVersion { return }
        try database.execute("BEGIN IMMEDIATE")
        do {
            let version = try database.integer("PRAGMA user_version") ?? 0
            guard version <= Self.schemaVersion else {
                throw MetastoreError(
                    .storage,
                    "the metastore \(path) has version \(version), this program knows \(Self.schemaVersion) and older")
            }
            if version == 0 {
                try database.execute(Self.schema)
                try database.run(
                    "INSERT INTO databases (name, comment, location, owner, owner_type, properties) "
                        + "VALUES ('default', 'Default Hive database', '', 'public', 'ROLE', '{}')")
            }
            try database.execute("PRAGMA user_version = \(Self.schemaVersion)")
            try database.execute("COMMIT")
        } catch {
            try? database.execute("ROLLBACK")
            throw error
        }
    }

    private static let schema = """
        CREATE TABLE databases (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, comment TEXT, location TEXT NOT NULL,
            owner TEXT NOT NULL, owner_type TEXT NOT NULL, properties TEXT NOT NULL);
        CREATE TABLE storage_formats (
            id INTEGER PRIMARY KEY, format TEXT NOT NULL, serde TEXT NOT NULL, serde_properties TEXT NOT NULL,
            bucket_columns TEXT NOT NULL, bucket_count INTEGER NOT NULL, sort_columns TEXT NOT NULL,
            UNIQUE (format, serde, serde_properties, bucket_columns, bucket_count, sort_columns));
        CREATE TABLE tables (
            id INTEGER PRIMARY KEY, database_id INTEGER NOT NULL REFERENCES databases(id), name TEXT NOT NULL,
            kind TEXT NOT NULL, comment TEXT, owner TEXT NOT NULL, create_time INTEGER NOT NULL,
            location TEXT NOT NULL, storage_format_id INTEGER NOT NULL REFERENCES storage_formats(id),
            properties TEXT NOT NULL, view_text TEXT, view_expanded_text TEXT, UNIQUE (database_id, name));
        CREATE TABLE columns (
            table_id INTEGER NOT NULL REFERENCES tables(id) ON DELETE CASCADE, is_partition INTEGER NOT NULL,
            position INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, comment TEXT,
            PRIMARY KEY (table_id, is_partition, position)) WITHOUT ROWID;
        -- location NULL: the table's location, then the name.
        CREATE TABLE partitions (
            table_id INTEGER NOT NULL REFERENCES tables(id) ON DELETE CASCADE, name TEXT NOT NULL,
            location TEXT, storage_format_id INTEGER NOT NULL REFERENCES storage_formats(id),
            properties TEXT NOT NULL, create_time INTEGER NOT NULL,
            PRIMARY KEY (table_id, name)) WITHOUT ROWID;
        -- What one statement changes in the file system once it is committed; done again after a crash.
        CREATE TABLE file_changes (
            id INTEGER PRIMARY KEY AUTOINCREMENT, description TEXT NOT NULL);
        CREATE TABLE file_change_tables (
            change_id INTEGER NOT NULL REFERENCES file_changes(id) ON DELETE CASCADE, name TEXT NOT NULL,
            PRIMARY KEY (change_id, name)) WITHOUT ROWID;
        CREATE TABLE file_change_steps (
            change_id INTEGER NOT NULL REFERENCES file_changes(id) ON DELETE CASCADE, position INTEGER NOT NULL,
            kind TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL,
            PRIMARY KEY (change_id, position)) WITHOUT ROWID;
        -- Folders that go when their process is no more.
        CREATE TABLE scratch_folders (
            path TEXT PRIMARY KEY, process TEXT NOT NULL) WITHOUT ROWID;
        """
}
