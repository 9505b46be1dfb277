import Platform

extension Metastore {
    /// The version of the tables' form that this program writes; the file keeps its own as `user_version`.
    static var schemaVersion: Int64 { Int64(migrations.count) }

    /// Makes the tables of a new file, and brings those that an older program made up to this one's form.
    /// - Throws: `MetastoreError` for a file that a later program wrote.
    static func upgrade(_ database: SQLiteDatabase, path: String) throws {
        if try database.integer("PRAGMA user_version") == schemaVersion { return }
        try database.execute("BEGIN IMMEDIATE")
        do {
            let version = try database.integer("PRAGMA user_version") ?? 0
            guard version <= schemaVersion else {
                throw MetastoreError(
                    .storage,
                    "the metastore \(path) has version \(version), this program knows \(schemaVersion) and older")
            }
            // A file of version 0 is new, or another program's.
            var other: String?
            if version == 0 {
                try database.run("SELECT name FROM sqlite_master WHERE type = 'table' LIMIT 1") { other = $0.optionalText(0) }
            }
            if let other {
                throw MetastoreError(
                    .storage, "\(path) is no metastore but another program's database (it has a table \(other))")
            }
            for migration in migrations[Int(max(version, 0))...] { try database.execute(migration) }
            if version < 3 { try makeLocationsRelative(database, FilePath.folder(of: path)) }
            try database.execute("PRAGMA user_version = \(schemaVersion)")
            try database.execute("COMMIT")
        } catch {
            try? database.execute("ROLLBACK")
            throw error
        }
    }

    /// Older programs kept whole paths of what is in the warehouse, which lead a copy to the original.
    private static func makeLocationsRelative(_ database: SQLiteDatabase, _ folder: String) throws {
        let columns = [
            ("databases", "location"), ("tables", "location"), ("partitions", "location"),
            ("file_change_steps", "source"), ("file_change_steps", "target"), ("scratch_folders", "path"),
        ]
        for (table, column) in columns {
            for scheme in ["", "file:", "file://"] {
                let prefix = scheme + FolderListing.path(folder, "")
                let count = SQLiteValue.integer(Int64(prefix.unicodeScalars.count))
                try database.run(
                    """
                    UPDATE \(table) SET \(column) = substr(\(column), ? + 1)
                    WHERE substr(\(column), 1, ?) = ? AND length(\(column)) > ?
                    """, [count, count, .text(prefix), count])
            }
        }
    }

    /// What makes version 1 of nothing, version 2 of version 1, and so on. Only ever added to.
    private static let migrations = [
        """
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
                INSERT INTO databases (name, comment, location, owner, owner_type, properties)
            VALUES ('default', 'Default Hive database', '', 'public', 'ROLE', '{}');
        """,
        // Which files a change means, and why it could not be finished.
        """
        ALTER TABLE file_changes ADD COLUMN failure TEXT;
        ALTER TABLE file_changes ADD COLUMN process TEXT;
        ALTER TABLE file_change_steps ADD COLUMN identity TEXT;
        ALTER TABLE file_change_steps ADD COLUMN replaced TEXT;
        """,
        // Where the warehouse stood then.
        """
        ALTER TABLE file_changes ADD COLUMN home TEXT;
        ALTER TABLE scratch_folders ADD COLUMN home TEXT;
        """,
        // Partitions with columns of their own; NULL: the table's. Partitions share lists by the thousand.
        """
        CREATE TABLE column_lists (id INTEGER PRIMARY KEY, columns TEXT NOT NULL UNIQUE);
        ALTER TABLE partitions ADD COLUMN column_list_id INTEGER REFERENCES column_lists(id);
        """,
        // Statistics of columns, where a table's own have an empty name of a partition; skewed values; permanent functions;
        // who may do what, which is kept and not enforced: of everything, of a database, or of a table or column of it.
        """
        CREATE TABLE column_statistics (
            table_id INTEGER NOT NULL REFERENCES tables(id) ON DELETE CASCADE, partition_name TEXT NOT NULL,
            column_name TEXT NOT NULL, measures TEXT NOT NULL,
            PRIMARY KEY (table_id, partition_name, column_name)) WITHOUT ROWID;
        ALTER TABLE tables ADD COLUMN skew TEXT;
        CREATE TABLE functions (
            database_id INTEGER NOT NULL REFERENCES databases(id) ON DELETE CASCADE, name TEXT NOT NULL,
            class_name TEXT NOT NULL, resources TEXT NOT NULL, owner TEXT NOT NULL, create_time INTEGER NOT NULL,
            PRIMARY KEY (database_id, name)) WITHOUT ROWID;
        CREATE TABLE roles (name TEXT PRIMARY KEY, owner TEXT NOT NULL, create_time INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE role_members (
            role TEXT NOT NULL REFERENCES roles(name) ON DELETE CASCADE, member_kind TEXT NOT NULL, member TEXT NOT NULL,
            has_admin_option INTEGER NOT NULL, grantor TEXT NOT NULL, create_time INTEGER NOT NULL,
            PRIMARY KEY (role, member_kind, member)) WITHOUT ROWID;
        CREATE TABLE privileges (
            database_id INTEGER REFERENCES databases(id) ON DELETE CASCADE,
            table_id INTEGER REFERENCES tables(id) ON DELETE CASCADE, column_name TEXT NOT NULL,
            grantee_kind TEXT NOT NULL, grantee TEXT NOT NULL, privilege TEXT NOT NULL,
            has_grant_option INTEGER NOT NULL, grantor TEXT NOT NULL, create_time INTEGER NOT NULL);
        """,
    ]
}
