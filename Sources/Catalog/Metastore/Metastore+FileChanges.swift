/// What a committed statement still has to do in the file system. Each step can be done again without harm, so that
/// whoever finds the change after a crash finishes it.
package struct FileChange: Sendable, Hashable {
    package enum Step: Sendable, Hashable {
        /// Makes a folder and those above it.
        case makeFolder(String)
        /// Renames; a target that is a file is replaced. Done already when the source is gone.
        case move(from: String, to: String)
        /// Removes a file, or a folder with all that is in it.
        case remove(String)
    }

    package var id: Int64
    package var description: String
    /// `db.table` of each table whose exclusive lock the statement held.
    package var tables: [String]
    package var steps: [Step]

    package init(id: Int64, description: String, tables: [String], steps: [Step]) {
        self.id = id
        self.description = description
        self.tables = tables
        self.steps = steps
    }
}

extension Metastore {
    /// Records a change; inside a `write` it becomes the statement's point of no return together with everything else
    /// that is written.
    package func addFileChange(description: String, tables: [String], steps: [FileChange.Step]) throws -> Int64 {
        try write {
            try database.run("INSERT INTO file_changes (description) VALUES (?)", [.text(description)])
            let id = database.lastInsertedRow
            for name in Set(tables) {
                try database.run(
                    "INSERT INTO file_change_tables (change_id, name) VALUES (?,?)", [.integer(id), .text(name)])
            }
            for (position, step) in steps.enumerated() {
                let (kind, source, target): (String, String, String) =
                    switch step {
                    case .makeFolder(let path): ("folder", path, "")
                    case .move(let from, let to): ("move", from, to)
                    case .remove(let path): ("remove", path, "")
                    }
                try database.run(
                    "INSERT INTO file_change_steps (change_id, position, kind, source, target) VALUES (?,?,?,?,?)",
                    [.integer(id), .integer(Int64(position)), .text(kind), .text(source), .text(target)])
            }
            return id
        }
    }

    package func removeFileChange(_ id: Int64) throws {
        try write { try database.run("DELETE FROM file_changes WHERE id = ?", [.integer(id)]) }
    }

    /// Changes that were committed and not finished, oldest first; only those of `table` (`db.table`) when it is given.
    package func pendingFileChanges(table: String? = nil) throws -> [FileChange] {
        try synchronized {
            var changes: [FileChange] = []
            if let table {
                try database.run(
                    """
                    SELECT id, description FROM file_changes c JOIN file_change_tables t ON t.change_id = c.id
                    WHERE t.name = ? ORDER BY id
                    """, [.text(table)]
                ) { changes.append(FileChange(id: $0.integer(0), description: $0.text(1), tables: [], steps: [])) }
            } else {
                try database.run("SELECT id, description FROM file_changes ORDER BY id") {
                    changes.append(FileChange(id: $0.integer(0), description: $0.text(1), tables: [], steps: []))
                }
            }
            for index in changes.indices {
                let id = SQLiteValue.integer(changes[index].id)
                try database.run("SELECT name FROM file_change_tables WHERE change_id = ? ORDER BY name", [id]) {
                    changes[index].tables.append($0.text(0))
                }
                try database.run(
                    "SELECT kind, source, target FROM file_change_steps WHERE change_id = ? ORDER BY position", [id]
                ) { row in
                    switch row.text(0) {
                    case "folder": changes[index].steps.append(.makeFolder(row.text(1)))
                    case "move": changes[index].steps.append(.move(from: row.text(1), to: row.text(2)))
                    case "remove": changes[index].steps.append(.remove(row.text(1)))
                    case let kind: throw MetastoreError(.storage, "the metastore has an unknown file change '\(kind)'")
                    }
                }
            }
            return changes
        }
    }
}

extension Metastore {
    /// Notes a folder that must go when `process` is no more.
    package func addScratchFolder(_ path: String, process: String) throws {
        try write {
            try database.run(
                "INSERT OR REPLACE INTO scratch_folders (path, process) VALUES (?,?)", [.text(path), .text(process)])
        }
    }

    package func removeScratchFolder(_ path: String) throws {
        try write { try database.run("DELETE FROM scratch_folders WHERE path = ?", [.text(path)]) }
    }

    package func scratchFolders() throws -> [(path: String, process: String)] {
        try synchronized {
            var folders: [(path: String, process: String)] = []
            try database.run("SELECT path, process FROM scratch_folders ORDER BY path") {
                folders.append((path: $0.text(0), process: $0.text(1)))
            }
            return folders
        }
    }
}
