import Catalog
import Columnar
import Execution
import HiveSyntax
import Planner
import Platform
import TableFormats

/// Files of a table or partition that hold rows in the same way, so that one file may hold the rows of all.
private struct MergeableFiles {
    /// Their rows as a table has them that keeps everything there is in the files.
    var table: Table
    var files: [ScanFile]
}

extension StatementRunner {
    /// Files that have as many bytes stay as they are, where no setting says how large files are to be.
    private static let usualMergedFileBytes = 256 << 20

    /// `ALTER TABLE t [PARTITION (…)] CONCATENATE`: small files become few, with the same rows in the order of the files'
    /// names.
    ///
    /// Nothing is lost that the table's columns do not show: lines of text stay the same bytes, and files that say their own
    /// columns are only put together with those that have the very same.
    func concatenate(_ table: Table, _ elements: [PartitionElement]) throws -> StatementResult {
        guard !table.isView else { throw HiveError.semantic("To alter a view you need to use the ALTER VIEW command.", code: 10131) }
        guard table.kind == .managed else {
            throw HiveError.semantic("Concatenate/Merge can only be performed on managed tables", code: 30034)
        }
        guard table.storage.bucketColumns.isEmpty else {
            throw HiveError.semantic("Concatenate/Merge can not be performed on bucketized tables", code: 30033)
        }
        guard !table.isPartitioned || !elements.isEmpty else {
            throw HiveError.semantic("source table \(table.qualifiedName) is partitioned but no partition desc found.")
        }
        let partition: Partition? = elements.isEmpty ? nil : try self.partition(elements, of: table)
        if let partition, PartitionArchive(partition) != nil {
            throw HiveError.semantic("Concatenate/Merge can not be performed on archived partitions", code: 30032)
        }
        let storage = partition?.storage ?? table.storage
        let folder = try self.folder(storage)
        let limit = targetFileBytes ?? Self.usualMergedFileBytes
        let present = try FileStatus.of(folder) == nil ? [] : FolderListing.entries(of: folder, links: .keep)
        let visible = present.filter { !DataFiles.isHidden($0.name) }
        let small = visible.filter { $0.status.kind == .file && $0.status.byteCount < limit }.map {
            ScanFile(path: FolderListing.path(folder, $0.name), byteCount: $0.status.byteCount)
        }
        let groups = try mergeableFiles(small, of: table, storage, partition).filter { $0.files.count > 1 }
        guard !groups.isEmpty else { return none }
        let change = transaction("ALTER TABLE \(table.qualifiedName) CONCATENATE", [table])
        let owner = RemovalOwner(table, partition: partition?.values ?? [])
        let all = try DataFiles.list(in: folder)
        var fileCount = all.count
        var byteCount = all.reduce(0) { $0 + $1.byteCount }
        for group in groups {
            let part = try merged(group, near: folder, change)
            fileCount += part.files.count - group.files.count
            byteCount += part.byteCount - group.files.reduce(0) { $0 + $1.byteCount }
            if group.files.count == visible.count {
                try change.replaceFiles(of: folder, with: part.files.map { ($0.path, $0.name) }, owner: owner)
            } else {
                for file in part.files { try change.addFile(file.path, named: file.name, to: folder) }
                for file in group.files { change.add(.remove(file.path), owner: owner) }
            }
        }
        func measure(_ properties: inout [String: String]) {
            properties["numFiles"] = "\(fileCount)"
            properties["totalSize"] = "\(byteCount)"
            properties["transient_lastDdlTime"] = "\(currentSeconds())"
        }
        try change.commit {
            if var partition {
                measure(&partition.properties)
                try metastore.updatePartition(of: table, values: partition.values, to: partition)
            } else {
                var changed = table
                measure(&changed.properties)
                try update(changed, from: table)
            }
        }
        return none
    }

    /// Writes the rows of all files of a group into new ones.
    private func merged(_ group: MergeableFiles, near folder: String, _ change: WriteTransaction) throws -> WrittenPart {
        let binder = makeBinder()
        let columns = group.table.columns.enumerated().map { ordinal, column in
            LogicalScan.ScanColumn(output: binder.makeColumn(column.name, column.type), ordinal: ordinal)
        }
        let partitions = group.files.map { file in
            var storage = group.table.storage
            storage.location = file.path
            return Partition(values: [], storage: storage)
        }
        let scan = LogicalScan(table: group.table, columns: columns, partitions: partitions)
        let writer = try makeWriter(of: group.table, staticValues: [], folder: folder, keepsOrder: true, change: change)
        try run(.scan(scan), binder, into: [writer])
        return Self.parts(of: writer).first ?? WrittenPart(values: [])
    }

    private func mergeableFiles(
        _ files: [ScanFile], of table: Table, _ storage: StorageDescriptor, _ partition: Partition?
    ) throws -> [MergeableFiles] {
        var stored = table
        stored.partitionColumns = []
        stored.storage = storage
        stored.properties = table.properties.merging(partition?.properties ?? [:]) { $1 }
        let kind = FileKind(storage.format)
        guard kind != nil || storage.format == .rcfile else {
            throw HiveError.semantic(
                "Concatenate/Merge is not supported for files of the format \(storage.format.rawValue.uppercased())")
        }
        if storage.format == .rcfile {
            // Fields stay the same bytes.
            stored.storage.serde = StorageClasses.columnarSerDe
            stored.storage.serdeProperties = [:]
            stored.properties = [:]
        }
        if let kind, kind == .text {
            for name in ["skip.header.line.count", "skip.footer.line.count"] {
                guard let count = storage.serdeProperties[name] ?? stored.properties[name], count != "0" else { continue }
                throw HiveError.semantic("Concatenate/Merge can not be performed on files with lines of titles (\(name))")
            }
            // Whatever the SerDe makes of them, lines stay as they are.
            stored.storage = DescribedFiles.storage(kind)
            stored.properties = [:]
        }
        var groups: [MergeableFiles] = []
        var schemas: [FileSchema] = []
        // Files without a byte, which Hive writes for buckets without rows, stay.
        for file in files where file.byteCount > 0 {
            try running.cancellation.check()
            let schema = try kind.map { try FileSchema(of: file, as: $0) } ?? FileSchema(ofFieldsIn: file)
            if let known = schemas.firstIndex(of: schema) {
                groups[known].files.append(file)
                continue
            }
            var own = stored
            own.columns = schema.columns
            own.storage.serdeProperties.merge(schema.serdeProperties) { $1 }
            schemas.append(schema)
            groups.append(MergeableFiles(table: own, files: [file]))
        }
        return groups
    }
}

extension FileKind {
    /// How files of a table are read that may hold more than the table shows; nil for formats of which no such way is known.
    fileprivate init?(_ format: StorageDescriptor.Format) {
        switch format {
        case .text, .json: self = .text
        case .parquet: self = .parquet
        case .orc: self = .orc
        case .avro: self = .avro
        case .sequence, .rcfile: return nil
        }
    }
}
