/// What a committed statement still has to do in the file system. Each step can be done again without harm, so that
/// whoever finds the change after a crash finishes it.
package struct FileChange: Sendable, Hashable {
    package enum Action: Sendable, Hashable {
        /// Makes a folder and those above it.
        case makeFolder(String)
        /// Renames; a target that is a file is replaced. Done already when the source is gone.
        case move(from: String, to: String)
        /// Removes a file, or a folder with all that is in it.
        case remove(String)
    }

    package struct Step: Sendable, Hashable {
        package var action: Action
        /// What is moved or removed. nil: whatever has the path (folders of the change's own, under names that nobody
        /// else uses; changes that an older program recorded).
        package var identity: FileIdentity?
        /// The file that a move replaces; nil: none.
        package var replaced: FileIdentity?

        package init(_ action: Action, identity: FileIdentity? = nil, replaced: FileIdentity? = nil) {
            self.action = action
            self.identity = identity
            self.replaced = replaced
        }
    }

    package var id: Int64
    package var description: String
    /// `db.table` of each table whose exclusive lock the statement held.
    package var tables: [String]
    package var steps: [Step]
    /// Why the change could not be finished; its tables are damaged then, until it is finished or given up.
    package var failure: String?
    /// The process that works on the change, of one that no table's lock protects.
    package var process: String?
    /// The warehouse as it was when the change was committed; nil: an older program recorded it.
    package var home: WarehouseIdentity?

    package init(
        id: Int64 = 0, description: String, tables: [String], steps: [Step], failure: String? = nil,
        process: String? = nil, home: WarehouseIdentity? = nil
    ) {
        self.id = id
        self.description = description
        self.tables = tables
        self.steps = steps
        self.failure = failure
        self.process = process
        self.home = home
    }
}

extension Metastore {
    /// Records a change under a new number; inside a `write` it becomes the statement's point of no return together
    /// with everything else that is written.
    package func addFileChange(_ change: FileChange) throws -> Int64 {
        try write {
            try database.run(
                "INSERT INTO file_changes (description, failure, process, home) VALUES (?,?,?,?)",
                [
                    .text(change.description), .optional(change.failure), .optional(change.process),
                    .optional(change.home?.text),
                ])
            var added = change
            added.id = database.lastInsertedRow
            try insertTablesAndSteps(of: added)
            return added.id
        }
    }

    /// Replaces the tables, steps and failure of a recorded change.
    package func updateFileChange(_ change: FileChange) throws {
        try write {
            try database.run(
                "UPDATE file_changes SET failure = ? WHERE id = ?", [.optional(change.failure), .integer(change.id)])
            guard database.changeCount > 0 else { return }
            try database.run("DELETE FROM file_change_tables WHERE change_id = ?", [.integer(change.id)])
            try database.run("DELETE FROM file_change_steps WHERE change_id = ?", [.integer(change.id)])
            try insertTablesAndSteps(of: change)
        }
    }

    private func insertTablesAndSteps(of change: FileChange) throws {
        let id = SQLiteValue.integer(change.id)
        for name in Set(change.tables) {
            try database.run("INSERT INTO file_change_tables (change_id, name) VALUES (?,?)", [id, .text(name)])
        }
        for (position, step) in change.steps.enumerated() {
            let (kind, source, target): (String, String, String) =
                switch step.action {
                case .makeFolder(let path): ("folder", storedPath(path), "")
                case .move(let from, let to): ("move", storedPath(from), storedPath(to))
                case .remove(let path): ("remove", storedPath(path), "")
                }
            try database.run(
                """
                INSERT INTO file_change_steps (change_id, position, kind, source, target, identity, replaced)
                VALUES (?,?,?,?,?,?,?)
                """,
                [
                    id, .integer(Int64(position)), .text(kind), .text(source), .text(target),
                    .optional(step.identity?.text), .optional(step.replaced?.text),
                ])
        }
    }

    /// Notes why a change cannot be finished: from now on its tables are damaged.
    package func setFailure(_ reason: String, ofFileChange id: Int64) throws {
        try write {
            try database.run("UPDATE file_changes SET failure = ? WHERE id = ?", [.text(reason), .integer(id)])
        }
    }

    package func removeFileChange(_ id: Int64) throws {
        try write { try database.run("DELETE FROM file_changes WHERE id = ?", [.integer(id)]) }
    }

    /// Changes that were committed and not finished, oldest first; only those of `table` (`db.table`) when it is given.
    package func pendingFileChanges(table: String? = nil) throws -> [FileChange] {
        try synchronized {
            var changes: [FileChange] = []
            func add(_ row: borrowing SQLiteRow) {
                changes.append(
                    FileChange(
                        id: row.integer(0), description: row.text(1), tables: [], steps: [],
                        failure: row.optionalText(2), process: row.optionalText(3),
                        home: row.optionalText(4).flatMap { WarehouseIdentity(text: $0) }))
            }
            if let table {
                try database.run(
                    """
                    SELECT id, description, failure, process, home FROM file_changes c
                    JOIN file_change_tables t ON t.change_id = c.id WHERE t.name = ? ORDER BY id
                    """, [.text(table)], row: add)
            } else {
                try database.run(
                    "SELECT id, description, failure, process, home FROM file_changes ORDER BY id", row: add)
            }
            for index in changes.indices {
                let id = SQLiteValue.integer(changes[index].id)
                try database.run("SELECT name FROM file_change_tables WHERE change_id = ? ORDER BY name", [id]) {
                    changes[index].tables.append($0.text(0))
                }
                try database.run(
                    """
                    SELECT kind, source, target, identity, replaced FROM file_change_steps WHERE change_id = ?
                    ORDER BY position
                    """, [id]
                ) { row in
                    let action: FileChange.Action
                    switch row.text(0) {
                    case "folder": action = .makeFolder(absolutePath(row.text(1)))
                    case "move": action = .move(from: absolutePath(row.text(1)), to: absolutePath(row.text(2)))
                    case "remove": action = .remove(absolutePath(row.text(1)))
                    case let kind: throw MetastoreError(.storage, "the metastore has an unknown file change '\(kind)'")
                    }
                    changes[index].steps.append(
                        FileChange.Step(
                            action, identity: row.optionalText(3).flatMap { FileIdentity(text: $0) },
                            replaced: row.optionalText(4).flatMap { FileIdentity(text: $0) }))
                }
            }
            return changes
        }
    }
}
