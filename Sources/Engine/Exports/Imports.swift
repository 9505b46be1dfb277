import Catalog
import Columnar
import HiveSyntax
import Platform
import TableFormats

/// Where an import's rows go.
private struct ImportTarget {
    var table: Table
    /// The table was there before.
    var isPresent: Bool
    /// Files stay where they were exported to.
    var isInPlace: Bool
}

extension StatementRunner {
    /// `IMPORT [[EXTERNAL] TABLE t [PARTITION (…)]] FROM 'path' [LOCATION '…']`: a table, or partitions of one that is there
    /// already, as an export of this program or of Hive has them. Nothing that is there is replaced.
    func runImport(_ statement: ImportStatement) throws -> StatementResult {
        let root = try locations.path(of: locations.stored(statement.path))
        let metadataPath = "\(root)/\(ExportedTable.fileName)"
        guard try FileStatus.of(metadataPath) != nil else {
            throw HiveError.semantic("Invalid path '\(statement.path)': there is no file \(metadataPath)", code: 10027)
        }
        let exported = try ExportedTable(FileContents.bytes(of: metadataPath), path: metadataPath)
        let database = statement.table.map { databaseName($0) } ?? catalog.currentDatabase
        let name = statement.table?.name.name ?? exported.table.name
        try checkTableName(name)
        return try locked([database: .shared, "\(database).\(name)": .exclusive]) {
            guard let record = try metastore.databaseRecord(database) else {
                throw HiveError.semantic("Database does not exist: \(database)", code: 10072)
            }
            guard catalog.temporaryTables["\(database).\(name)"] == nil else {
                throw HiveError.semantic("IMPORT into the temporary table \(name) is not possible")
            }
            let target = try target(statement, exported, name: name, database: record, root: root)
            let partitions = try chosen(statement.partition, of: exported)
            let change = transaction("IMPORT TABLE \(target.table.qualifiedName)", [target.table])
            let folder = try self.folder(target.table.storage)
            change.add(.makeFolder(folder))
            if target.table.isPartitioned {
                let added = try partitions.map { try place($0, in: target, folder: folder, root: root, change) }
                try change.commit {
                    if !target.isPresent { try metastore.createTable(target.table) }
                    try metastore.addPartitions(added, to: target.table)
                }
            } else {
                var table = target.table
                if !target.isInPlace {
                    let files = try stage(
                        "\(root)/\(ExportedTable.dataFolder)", for: folder, named: target.table.qualifiedName, change)
                    measure(&table.properties, files)
                }
                try change.commit {
                    if target.isPresent {
                        try update(table, from: target.table)
                    } else {
                        try metastore.createTable(table)
                    }
                }
            }
            return none
        }
    }

    /// The table as it is, or as it will be made.
    private func target(
        _ statement: ImportStatement, _ exported: ExportedTable, name: String, database: DatabaseRecord, root: String
    ) throws -> ImportTarget {
        var table = exported.table
        if let present = try metastore.table(database: database.name, name: name) {
            try check(present, fits: table)
            if statement.isExternal, present.kind != .external {
                throw Self.incompatible("External table cannot overwrite existing table. Drop existing table first.")
            }
            if let location = statement.location, try locations.stored(location) != present.storage.location {
                throw Self.incompatible("Location does not match")
            }
            return ImportTarget(table: present, isPresent: true, isInPlace: false)
        }
        let isInPlace = statement.isExternal && statement.location == nil
        table.database = database.name
        table.name = name
        table.kind = statement.isExternal ? .external : .managed
        table.owner = SystemProperties.userName
        table.createTime = currentSeconds()
        table.properties = Self.imported(table.properties, at: table.createTime)
        if let location = statement.location {
            table.storage.location = try locations.stored(location)
        } else if isInPlace, !table.isPartitioned {
            table.storage.location = locations.stored(path: LocalFiles.absolute("\(root)/\(ExportedTable.dataFolder)"))
        } else {
            table.storage.location = Warehouse.defaultLocation(ofTable: name, in: database)
        }
        guard !table.columns.isEmpty || table.storage.format == .avro else { throw Self.incompatible("The export has no columns") }
        try checkColumns(table)
        try checkBuckets(table)
        try checkSerDe(table)
        return ImportTarget(table: table, isPresent: false, isInPlace: isInPlace)
    }

    /// - Throws: when a table that is there keeps other columns, or keeps them otherwise, than the exported one.
    private func check(_ present: Table, fits exported: Table) throws {
        guard !present.isView else { throw Self.incompatible("\(present.qualifiedName) is a view") }
        func shape(_ columns: [SchemaColumn]) -> [String] { columns.map { "\($0.name) \($0.type)" } }
        guard shape(present.columns) == shape(exported.columns) else { throw Self.incompatible("Column Schema does not match") }
        guard shape(present.partitionColumns) == shape(exported.partitionColumns) else {
            throw Self.incompatible("Partition Schema does not match")
        }
        var storage = exported.storage
        storage.location = present.storage.location
        guard storage.format == present.storage.format else { throw Self.incompatible("Table inputformat/outputformats do not match") }
        guard storage.serde == present.storage.serde else { throw Self.incompatible("Table SerDe class does not match") }
        guard storage.bucketColumns == present.storage.bucketColumns, storage.bucketCount == present.storage.bucketCount,
            storage.sortColumns == present.storage.sortColumns
        else { throw Self.incompatible("Table bucketing spec does not match") }
        // Files without a storage of their own are read by the table's.
        guard present.isPartitioned || storage.serdeProperties == present.storage.serdeProperties else {
            throw Self.incompatible("Table Serde format does not match")
        }
    }

    private static func incompatible(_ reason: String) -> HiveError {
        HiveError.semantic("The existing table is not compatible with the import spec.   \(reason)", code: 10120)
    }

    /// The exported partitions that a PARTITION clause names; all without one.
    private func chosen(_ elements: [PartitionElement], of exported: ExportedTable) throws -> [Partition] {
        guard !elements.isEmpty else { return exported.partitions }
        let spec = try partitionSpec(elements, of: exported.table)
        let found = exported.partitions.filter { partition in
            spec.allSatisfy { index, value in value == nil || partition.values[index] == value }
        }
        guard !found.isEmpty else {
            throw HiveError.semantic("Partition not found  - Specified partition not found in import directory", code: 10006)
        }
        return found
    }

    /// A partition at its new place, and its files on their way there.
    private func place(
        _ exported: Partition, in target: ImportTarget, folder: String, root: String, _ change: WriteTransaction
    ) throws -> Partition {
        let table = target.table
        let name = partitionName(exported, of: table)
        guard try !target.isPresent || metastore.partition(of: table, values: exported.values) == nil else {
            throw HiveError.semantic("Partition already exists \(name.split(separator: "/").joined(separator: ","))", code: 10118)
        }
        var partition = exported
        partition.createTime = currentSeconds()
        partition.properties = Self.imported(exported.properties, at: partition.createTime)
        guard !target.isInPlace else {
            partition.storage.location = locations.stored(path: LocalFiles.absolute("\(root)/\(name)"))
            return partition
        }
        partition.storage.location = Metastore.folder(table.storage.location, name)
        let place = "\(folder)/\(name)"
        change.add(.makeFolder(place))
        measure(&partition.properties, try stage("\(root)/\(name)", for: place, named: "\(table.qualifiedName) \(name)", change))
        return partition
    }

    /// Copies what was exported beside the folder that it goes to.
    /// - Throws: when there is something in that folder.
    private func stage(
        _ source: String, for folder: String, named name: String, _ change: WriteTransaction
    ) throws -> [WrittenFile] {
        guard try FileStatus.of(folder) == nil || FolderListing.names(in: folder).allSatisfy(DataFiles.isHidden) else {
            throw HiveError.semantic("Table exists and contains data files: \(name)", code: 10119)
        }
        guard try FileStatus.of(source)?.kind == .folder else {
            throw HiveError.semantic("Invalid path: the export has no folder \(source)", code: 10027)
        }
        let staging = try change.makeStagingFolder(in: folder)
        let files = try copyFiles(of: source, to: staging)
        for entry in try FolderListing.names(in: staging).sorted() {
            change.add(.move(from: "\(staging)/\(entry)", to: "\(folder)/\(entry)"))
        }
        return files
    }

    /// Properties that are those of the copy too.
    private static func imported(_ properties: [String: String], at time: Int64) -> [String: String] {
        var result = properties
        for key in DescribeTable.statisticsKeys + ["EXTERNAL", "last_modified_by", "last_modified_time", "COLUMN_STATS_ACCURATE"] {
            result[key] = nil
        }
        result["transient_lastDdlTime"] = "\(time)"
        return result
    }

    private func measure(_ properties: inout [String: String], _ files: [WrittenFile]) {
        properties["numFiles"] = "\(files.count)"
        properties["totalSize"] = "\(files.reduce(0) { $0 + $1.byteCount })"
        forgetRowCounts(&properties)
    }
}
