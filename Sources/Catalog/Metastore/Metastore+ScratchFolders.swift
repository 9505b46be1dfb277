/// A folder that must go when its process is no more.
package struct ScratchFolder: Sendable, Hashable {
    package var path: String
    package var process: String
    /// The warehouse as it was when the folder was made; nil: an older program recorded it.
    package var home: WarehouseIdentity?

    package init(path: String, process: String, home: WarehouseIdentity?) {
        self.path = path
        self.process = process
        self.home = home
    }
}

extension Metastore {
    package func addScratchFolder(_ folder: ScratchFolder) throws {
        try write {
            try database.run(
                "INSERT OR REPLACE INTO scratch_folders (path, process, home) VALUES (?,?,?)",
                [.text(storedPath(folder.path)), .text(folder.process), .optional(folder.home?.text)])
        }
    }

    package func removeScratchFolder(_ path: String) throws {
        // It may have been written down when the warehouse was opened by another name of its folder.
        try write {
            try database.run("DELETE FROM scratch_folders WHERE path IN (?,?)", [.text(storedPath(path)), .text(path)])
        }
    }

    package func scratchFolders() throws -> [ScratchFolder] {
        try synchronized {
            var folders: [ScratchFolder] = []
            try database.run("SELECT path, process, home FROM scratch_folders ORDER BY path") {
                folders.append(
                    ScratchFolder(
                        path: absolutePath($0.text(0)), process: $0.text(1),
                        home: $0.optionalText(2).flatMap { WarehouseIdentity(text: $0) }))
            }
            return folders
        }
    }
}
