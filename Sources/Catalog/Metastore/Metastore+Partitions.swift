import Columnar

extension Metastore {
    /// All partitions in the order of their names (`a=1`, `a=10`, `a=2`), as Hive lists them. Locations are as stored;
    /// those that follow the table's location are below it. One partition without values for a table that has no
    /// partition columns. - Throws: `noSuchTable`.
    package func partitions(of table: Table) throws -> [Partition] {
        guard table.isPartitioned else { return [Partition(values: [], storage: table.storage)] }
        return try synchronized {
            let isCached = try freshCache()
            if isCached, let known = cache.partitions[table.qualifiedName] { return known }
            let id = try tableID(of: table)
            let formats = try storageFormats(usedBy: id)
            var lists = ColumnLists()
            let columns = table.partitionColumns.map(\.name)
            var partitions: [Partition] = []
            try database.run(
                """
                SELECT p.name, p.location, p.storage_format_id, p.properties, p.create_time, p.column_list_id, l.columns
                FROM partitions p LEFT JOIN column_lists l ON l.id = p.column_list_id WHERE p.table_id = ?
                ORDER BY p.name
                """, [.integer(id)]
            ) { row in
                if var partition = partition(row, of: table, columns: columns, formats: formats) {
                    partition.columns = lists.columns(row, from: 5)
                    partitions.append(partition)
                }
            }
            if let damage = lists.damage { throw damage }
            if isCached { cache.partitions[table.qualifiedName] = partitions }
            return partitions
        }
    }

    /// The partition with these values; nil when there is none. - Throws: `noSuchTable`.
    package func partition(of table: Table, values: [String]) throws -> Partition? {
        try partitions(of: table, named: [values])[values]
    }

    /// The partitions with these values, by them; those that are not there are left out. Takes time for what is asked
    /// for, however many others the table has. - Throws: `noSuchTable`.
    package func partitions(of table: Table, named wanted: [[String]]) throws -> [[String]: Partition] {
        try synchronized {
            let id = SQLiteValue.integer(try tableID(of: table))
            let columns = table.partitionColumns.map(\.name)
            var found: [[String]: Partition] = [:]
            var formats: [Int64: StorageDescriptor] = [:]
            var lists = ColumnLists()
            for values in wanted {
                try database.run(
                    """
                    SELECT p.name, p.location, p.storage_format_id, p.properties, p.create_time, f.format, f.serde,
                        f.serde_properties, f.bucket_columns, f.bucket_count, f.sort_columns, p.column_list_id, l.columns
                    FROM partitions p JOIN storage_formats f ON f.id = p.storage_format_id
                    LEFT JOIN column_lists l ON l.id = p.column_list_id
                    WHERE p.table_id = ? AND p.name = ?
                    """, [id, .text(PartitionName.make(columns: columns, values: values))]
                ) { row in
                    let format = row.integer(2)
                    if formats[format] == nil { formats[format] = Self.storage(row, from: 5, location: "") }
                    found[values] = partition(row, of: table, columns: columns, formats: formats)
                    found[values]?.columns = lists.columns(row, from: 11)
                }
            }
            if let damage = lists.damage { throw damage }
            return found
        }
    }

    /// - Throws: `noSuchTable`, `partitionExists`.
    package func addPartitions(_ partitions: [Partition], to table: Table) throws {
        try write {
            guard !partitions.isEmpty else { return }
            let id = try tableID(of: table)
            var formats = StorageFormatNumbers()
            for partition in partitions {
                let name = self.name(partition.values, of: table)
                let taken = try database.integer(
                    "SELECT 1 FROM partitions WHERE table_id = ? AND name = ?", [.integer(id), .text(name)])
                guard taken == nil else {
                    throw MetastoreError(.partitionExists, "Partition already exists: \(name)")
                }
                try insert(partition, name: name, table: table, id: id, &formats)
            }
        }
    }

    /// Puts `partition` in the place of the one with `values`, which it may rename.
    /// - Throws: `noSuchTable`, `noSuchPartition`, `partitionExists` when the new name is taken.
    package func updatePartition(of table: Table, values: [String], to partition: Partition) throws {
        try updatePartitions(of: table, [(values, partition)])
    }

    /// Puts each partition in the place of the one with `values`, as `updatePartition` does.
    package func updatePartitions(of table: Table, _ changed: [(values: [String], partition: Partition)]) throws {
        guard !changed.isEmpty else { return }
        try write {
            let id = try tableID(of: table)
            try removePartitions(changed.map(\.values), of: table, id: id)
            try addPartitions(changed.map(\.partition), to: table)
            for (values, partition) in changed {
                try moveColumnStatistics(table: id, partition: name(values, of: table), to: name(partition.values, of: table))
            }
        }
    }

    /// - Throws: `noSuchTable`, `noSuchPartition`.
    package func dropPartitions(_ values: [[String]], of table: Table) throws {
        try write {
            let id = try tableID(of: table)
            try removePartitions(values, of: table, id: id)
            for one in values { try moveColumnStatistics(table: id, partition: name(one, of: table), to: nil) }
        }
    }

    /// Their statistics stay.
    private func removePartitions(_ values: [[String]], of table: Table, id: Int64) throws {
        for one in values {
            let name = self.name(one, of: table)
            try database.run("DELETE FROM partitions WHERE table_id = ? AND name = ?", [.integer(id), .text(name)])
            if database.changeCount == 0 {
                throw MetastoreError(.noSuchPartition, "Partition not found \(name)")
            }
        }
    }

    /// Replaces the partitions' names after partition columns were renamed.
    package func renamePartitionColumns(of table: Table, from old: [String]) throws {
        try write {
            var before = table
            before.partitionColumns = zip(table.partitionColumns, old).map {
                SchemaColumn(name: $1, type: $0.type, comment: $0.comment)
            }
            let id = try tableID(of: table)
            let partitions = try self.partitions(of: before)
            try database.run("DELETE FROM partitions WHERE table_id = ?", [.integer(id)])
            try database.run("DELETE FROM column_statistics WHERE table_id = ? AND partition_name <> ''", [.integer(id)])
            var formats = StorageFormatNumbers()
            for partition in partitions {
                try insert(partition, name: name(partition.values, of: table), table: table, id: id, &formats)
            }
        }
    }

    /// Numbers of storage formats that were found in one transaction: partitions share them by the thousand.
    private struct StorageFormatNumbers {
        private var last: (format: StorageDescriptor, id: Int64)?

        mutating func number(of storage: StorageDescriptor, in metastore: Metastore) throws -> Int64 {
            var format = storage
            format.location = ""
            if let last, last.format == format { return last.id }
            let id = try metastore.storageFormatID(storage)
            last = (format, id)
            return id
        }
    }

    private func insert(
        _ partition: Partition, name: String, table: Table, id: Int64, _ formats: inout StorageFormatNumbers
    ) throws {
        let usual = Self.folder(table.storage.location, name)
        try database.run(
            """
            INSERT INTO partitions (table_id, name, location, storage_format_id, properties, create_time, column_list_id)
            VALUES (?,?,?,?,?,?,?)
            """,
            [
                .integer(id), .text(name),
                partition.storage.location == usual ? .null : .text(partition.storage.location),
                .integer(try formats.number(of: partition.storage, in: self)), .text(PropertyText.encode(partition.properties)),
                .integer(partition.createTime),
                try partition.columns.map { .integer(try columnListID($0)) } ?? .null,
            ])
    }

    private func name(_ values: [String], of table: Table) -> String {
        PartitionName.make(columns: table.partitionColumns.map(\.name), values: values)
    }

    private func partition(
        _ row: borrowing SQLiteRow, of table: Table, columns: [String], formats: [Int64: StorageDescriptor]
    ) -> Partition? {
        let name = row.text(0)
        guard let values = PartitionName.values(of: name, columns: columns), var storage = formats[row.integer(2)]
        else { return nil }
        storage.location = row.optionalText(1) ?? Self.folder(table.storage.location, name)
        return Partition(
            values: values, storage: storage, properties: PropertyText.decodeProperties(row.text(3)),
            createTime: row.integer(4))
    }

    private func storageFormats(usedBy table: Int64) throws -> [Int64: StorageDescriptor] {
        var formats: [Int64: StorageDescriptor] = [:]
        try database.run(
            """
            SELECT id, format, serde, serde_properties, bucket_columns, bucket_count, sort_columns FROM storage_formats
            WHERE id IN (SELECT DISTINCT storage_format_id FROM partitions WHERE table_id = ?)
            """, [.integer(table)]
        ) { row in formats[row.integer(0)] = Self.storage(row, from: 1, location: "") }
        return formats
    }

    /// `location/name`, whatever slashes `location` ends with.
    package static func folder(_ location: String, _ name: String) -> String {
        location.hasSuffix("/") ? location + name : "\(location)/\(name)"
    }
}
