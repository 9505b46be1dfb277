import Catalog
import HiveSyntax
import Planner
import Platform
import TableFormats

extension StatementRunner {
    /// `EXPORT TABLE t [PARTITION (…)] TO 'path'`: copies of the files, and beside them what describes them, as Hive lays them
    /// out. The folder must be empty or missing.
    func runExport(_ statement: ExportStatement) throws -> StatementResult {
        guard statement.replication == nil else { throw HiveError.unsupported("EXPORT TABLE … FOR REPLICATION") }
        let found = try tableAtPosition(statement.table)
        return try locked(shared(found)) {
            let table = try tableAtPosition(statement.table)
            guard !table.isView else { throw HiveError.semantic("EXPORT TABLE takes a table, and \(table.qualifiedName) is a view") }
            let partitions =
                statement.partition.isEmpty ? try catalog.partitions(of: table) : try namedPartitions(statement.partition, of: table)
            let target = try locations.path(of: locations.stored(statement.path))
            let change = transaction("EXPORT TABLE \(table.qualifiedName)", [])
            try lockFolders([target], for: change)
            if let refused = try change.removals.refusal(emptying: target, owner: .namedPath) { throw refused.error("export to") }
            if let status = try FileStatus.of(target) {
                let isFolder = status.kind == .folder
                guard try isFolder && FolderListing.names(in: target).isEmpty else {
                    throw PlanError(
                        "Invalid path ''\(statement.path)'': Target is not \(isFolder ? "an empty" : "a") directory : "
                            + "file:\(target)", at: pathRange(statement.path))
                }
            }
            let staging = try change.makeStagingFolder(in: target)
            change.add(.makeFolder(target))
            var entries = Set<String>()
            for partition in partitions {
                let place = table.isPartitioned ? partitionName(partition, of: table) : ExportedTable.dataFolder
                try LocalFiles.makeFolders("\(staging)/\(place)")
                try copyFiles(of: try folder(partition.storage), to: "\(staging)/\(place)")
                entries.insert(String(place.prefix { $0 != "/" }))
            }
            for entry in entries.sorted() { change.add(.move(from: "\(staging)/\(entry)", to: "\(target)/\(entry)")) }
            let locations = self.locations
            let text = try ExportedTable(table: table, partitions: table.isPartitioned ? partitions : [])
                .text { locations.uri(of: $0) }
            try FileReplacement.write(Array(text.utf8), to: "\(staging)/\(ExportedTable.fileName)")
            // What is not whole cannot be imported.
            change.add(
                .move(from: "\(staging)/\(ExportedTable.fileName)", to: "\(target)/\(ExportedTable.fileName)"))
            try change.commit {}
            return none
        }
    }

    /// Copies the visible files below a folder to the same places below another one, which is there.
    /// - Returns: the copies.
    @discardableResult
    func copyFiles(of folder: String, to target: String) throws -> [WrittenFile] {
        try DataFiles.list(in: folder).map { file in
            try running.cancellation.check()
            let name = file.name(below: folder)
            let copy = "\(target)/\(name)"
            if name.contains("/") { try LocalFiles.makeFolders(LocalFiles.parent(of: copy)) }
            // All that is staged is made durable when it is committed.
            if file.part == nil {
                try LocalFiles.copy(file.path, to: copy, isDurable: false)
            } else {
                try file.write(to: copy) { try running.cancellation.check() }
            }
            return WrittenFile(path: copy, name: name, byteCount: file.byteCount)
        }
    }
}
