import Catalog
import Columnar
import HiveSyntax
import Platform
import TableFormats

/// What a partition's properties say when its files stand in a Hadoop archive, `data.har` in its folder. The partition's location
/// stays the folder, so that what moves or removes it does so with the archive, and the archive is read wherever it is found.
struct PartitionArchive {
    private static let markProperty = "is_archived"
    private static let levelProperty = "archiving_level"

    /// How many of the partition columns the statement named that archived it; UNARCHIVE has to name as many.
    var level: Int

    /// nil: the partition is not archived.
    init?(_ partition: Partition) {
        guard partition.properties[Self.markProperty] == "true" else { return nil }
        level = partition.properties[Self.levelProperty].flatMap { Int($0) } ?? partition.values.count
    }

    static func mark(_ properties: inout [String: String], level: Int) {
        properties[markProperty] = "true"
        properties[levelProperty] = "\(level)"
    }

    static func forget(_ properties: inout [String: String]) {
        properties[markProperty] = nil
        properties[levelProperty] = nil
    }
}

/// `ALTER TABLE t ARCHIVE PARTITION (…)` and UNARCHIVE: the files of each partition that is meant become one, and files again.
extension StatementRunner {
    func archive(_ elements: [PartitionElement], of table: Table) throws -> StatementResult {
        let partitions = try archivable(elements, of: table, verb: "ARCHIVE")
        for partition in partitions {
            let isUsual = partition.storage.location == Metastore.folder(table.storage.location, partitionName(partition, of: table))
            guard isUsual || elements.count == table.partitionColumns.count else {
                throw HiveError.task(
                    "ARCHIVE cannot run for partition groups with custom locations like \(locations.uri(of: partition.storage.location))")
            }
            guard let known = PartitionArchive(partition) else { continue }
            guard known.level == elements.count else {
                throw HiveError.task("Conflict with existing archive \(archiveName(partition, of: table))")
            }
            throw HiveError.task("Partition(s) already archived")
        }
        let change = transaction("ALTER TABLE \(table.qualifiedName) ARCHIVE PARTITION", [table])
        for partition in partitions {
            let folder = try self.folder(partition.storage)
            guard LocalFiles.isFolder(folder) else { throw HiveError.task("\(folder) is no folder whose files could be archived") }
            let files = try DataFiles.list(in: folder).map { (name: $0.name(below: folder), file: $0) }
            let staged = FolderListing.path(try change.makeStagingFolder(in: folder), HadoopArchive.usualName)
            try HadoopArchiveWriter.write(files, to: staged) { try running.cancellation.check() }
            try change.replaceFiles(
                of: folder, with: [(staged, HadoopArchive.usualName)], owner: RemovalOwner(table, partition: partition.values))
        }
        return try commit(change, partitions, of: table) { PartitionArchive.mark(&$0, level: elements.count) }
    }

    func unarchive(_ elements: [PartitionElement], of table: Table) throws -> StatementResult {
        let partitions = try archivable(elements, of: table, verb: "UNARCHIVE")
        for partition in partitions {
            let name = partitionName(partition, of: table)
            guard let known = PartitionArchive(partition) else { throw HiveError.task("Partition \(name) is not archived.") }
            guard known.level == elements.count else {
                throw HiveError.task(
                    "Partition \(name) is archived at level \(known.level), and given partspec only has \(elements.count) specs.")
            }
        }
        let change = transaction("ALTER TABLE \(table.qualifiedName) UNARCHIVE PARTITION", [table])
        for partition in partitions {
            let folder = try self.folder(partition.storage)
            let staging = try change.makeStagingFolder(in: folder)
            var entries = Set<String>()
            for file in try DataFiles.list(in: folder) {
                let name = file.name(below: folder)
                let entry = String(name.prefix { $0 != "/" })
                let copy = FolderListing.path(staging, name)
                // A file that somebody put beside the archive may have the name of one in it.
                guard !LocalFiles.exists(copy) else { throw HiveError.task("\(folder) holds two files '\(name)'") }
                entries.insert(entry)
                if name != entry { try LocalFiles.makeFolders(LocalFiles.parent(of: copy)) }
                try file.write(to: copy) { try running.cancellation.check() }
            }
            try change.replaceFiles(
                of: folder, with: entries.sorted().map { (FolderListing.path(staging, $0), $0) },
                owner: RemovalOwner(table, partition: partition.values))
        }
        return try commit(change, partitions, of: table) { PartitionArchive.forget(&$0) }
    }

    private func commit(
        _ change: WriteTransaction, _ partitions: [Partition], of table: Table, marking mark: (inout [String: String]) -> Void
    ) throws -> StatementResult {
        let changed = partitions.map { partition in
            var partition = partition
            mark(&partition.properties)
            partition.properties["transient_lastDdlTime"] = "\(currentSeconds())"
            return (values: partition.values, partition: partition)
        }
        try change.commit { try metastore.updatePartitions(of: table, changed) }
        return none
    }

    /// The partitions that a statement may archive, or unarchive, which names the values of the first partition columns.
    private func archivable(_ elements: [PartitionElement], of table: Table, verb: String) throws -> [Partition] {
        guard settings[Settings.archives] else {
            throw HiveError.semantic(
                "Archiving methods are currently disabled. Please see the Hive wiki for more information about enabling archiving",
                code: 10107)
        }
        guard !elements.isEmpty else { throw HiveError.semantic("ARCHIVE can only be run on partitions", code: 10110) }
        _ = try partitionSpec(elements, of: table)
        let names = elements.map(\.column.name)
        let keys = table.partitionColumns.map(\.name)
        guard names.elementsEqual(keys.prefix(names.count)) else {
            throw HiveError.semantic(
                "Partition columns in partition specification are not the same as that defined in the table schema. The names and "
                    + "orders have to be exactly the same. Partition columns in the table schema are: "
                    + "(\(keys.joined(separator: ", "))), while the partitions specified in the query are: "
                    + "(\(names.joined(separator: ", "))).", code: 10125)
        }
        guard table.kind == .managed else { throw HiveError.task("\(verb) can only be performed on managed tables") }
        let partitions = try partitions(matching: elements, of: table)
        guard !partitions.isEmpty else { throw HiveError.task("No partition matches the specification") }
        return partitions
    }

    // MARK: Archived partitions in other statements

    /// Refuses rows for partitions that are archived, or would stand among such that were archived together.
    func checkArchives(_ target: TableDestination) throws {
        let fixed = target.staticValues.prefix { $0 != nil }.compactMap { $0 }
        guard target.table.isPartitioned, !fixed.isEmpty else { return }
        let all = try catalog.partitions(of: target.table)
        guard all.contains(where: { PartitionArchive($0) != nil }) else { return }
        for count in stride(from: fixed.count, to: 0, by: -1) {
            guard let near = all.first(where: { $0.values.starts(with: fixed.prefix(count)) }) else { continue }
            guard let known = PartitionArchive(near), known.level <= count else { return }
            throw Self.conflict(archiveName(near, of: target.table))
        }
    }

    func checkIsNotArchived(_ partition: Partition, of table: Table) throws {
        guard PartitionArchive(partition) != nil else { return }
        throw Self.conflict(archiveName(partition, of: table))
    }

    private static func conflict(_ archive: String) -> HiveError {
        HiveError.semantic("Insert conflict with existing archive: \(archive)")
    }

    /// The name of what was archived: of one partition, or of the first columns' values of several.
    private func archiveName(_ partition: Partition, of table: Table) -> String {
        let level = PartitionArchive(partition)?.level ?? partition.values.count
        return PartitionName.make(
            columns: table.partitionColumns.prefix(level).map(\.name), values: Array(partition.values.prefix(level)))
    }

    /// A partition as DESCRIBE shows it: one that is archived has the archive as its location.
    func shown(_ partition: Partition) throws -> Partition {
        guard PartitionArchive(partition) != nil else { return partition }
        var shown = partition
        shown.storage.location = HadoopArchive.scheme + FolderListing.path(try folder(partition.storage), HadoopArchive.usualName)
        shown.properties["original_location"] = locations.uri(of: partition.storage.location)
        return shown
    }
}
