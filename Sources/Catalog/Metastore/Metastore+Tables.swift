import Columnar

extension Metastore {
    /// Tables and views of a database, sorted by name; empty when there is no such database.
    /// Names of tables, views and models.
    package func tableNames(database name: String) throws -> [String] { try names(database: name, "", []) }

    package func modelNames(database name: String) throws -> [String] {
        try names(database: name, "AND t.kind = ?", [.text(Table.Kind.model.rawValue)])
    }

    private func names(database name: String, _ condition: String, _ values: [SQLiteValue]) throws -> [String] {
        try synchronized {
            var names: [String] = []
            try database.run(
                "SELECT t.name FROM tables t JOIN databases d ON d.id = t.database_id WHERE d.name = ? \(condition) ORDER BY t.name",
                [.text(name)] + values
            ) { names.append($0.text(0)) }
            return names
        }
    }

    /// The table or view; nil when there is none. Locations are as stored.
    package func table(database databaseName: String, name: String) throws -> Table? {
        try synchronized {
            let isCached = try freshCache()
            let key = "\(databaseName).\(name)"
            if isCached, let known = cache.tables[key] { return known }
            let table = try readTable(database: databaseName, name: name)
            if isCached { cache.tables[key] = .some(table) }
            return table
        }
    }

    private func readTable(database databaseName: String, name: String) throws -> Table? {
        var id: Int64?
        var table: Table?
        try database.run(
            """
            SELECT t.id, t.kind, t.comment, t.owner, t.create_time, t.location, t.properties, t.view_text,
                t.view_expanded_text, f.format, f.serde, f.serde_properties, f.bucket_columns, f.bucket_count,
                f.sort_columns, t.skew
            FROM tables t JOIN databases d ON d.id = t.database_id JOIN storage_formats f ON f.id = t.storage_format_id
            WHERE d.name = ? AND t.name = ?
            """, [.text(databaseName), .text(name)]
        ) { row in
            id = row.integer(0)
            table = Table(
                database: databaseName, name: name, kind: Table.Kind(rawValue: row.text(1)) ?? .managed, columns: [],
                storage: Self.storage(row, from: 9, location: row.text(5)),
                properties: PropertyText.decodeProperties(row.text(6)), comment: row.optionalText(2),
                owner: row.text(3), createTime: row.integer(4), viewText: row.optionalText(7),
                viewExpandedText: row.optionalText(8))
            table?.skew = row.optionalText(15).flatMap { SkewedColumns(text: $0) }
        }
        guard let id else { return nil }
        try database.run(
            "SELECT is_partition, name, type, comment FROM columns WHERE table_id = ? ORDER BY is_partition, position",
            [.integer(id)]
        ) { row in
            guard let type = SQLType(typeText: row.text(2)) else {
                throw MetastoreError(
                    .storage, "the metastore has no valid type for \(databaseName).\(name).\(row.text(1)): \(row.text(2))")
            }
            let column = SchemaColumn(name: row.text(1), type: type, comment: row.optionalText(3))
            if row.integer(0) == 0 { table?.columns.append(column) } else { table?.partitionColumns.append(column) }
        }
        return table
    }

    /// - Throws: `noSuchDatabase`, `tableExists`.
    package func createTable(_ table: Table) throws {
        try write {
            let databaseID = try databaseID(table.database)
            guard try tableID(databaseID, table.name) == nil else {
                throw MetastoreError(.tableExists, "Table \(table.qualifiedName) already exists")
            }
            try database.run(
                """
                INSERT INTO tables (database_id, name, kind, comment, owner, create_time, location, storage_format_id,
                    properties, view_text, view_expanded_text, skew) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)
                """, [.integer(databaseID), .text(table.name)] + (try tableValues(table)))
            try writeColumns(table, id: database.lastInsertedRow)
        }
    }

    /// Puts `table` in the place of the one called `name` (of `databaseName`), which it may rename. Partitions stay;
    /// they keep their own storage format. - Throws: `noSuchTable`, `tableExists` when the new name is taken.
    package func updateTable(database databaseName: String, name: String, to table: Table) throws {
        try write {
            guard let id = try tableID(try databaseID(databaseName), name) else {
                throw noTable(databaseName, name)
            }
            let newDatabase = try databaseID(table.database)
            if let other = try tableID(newDatabase, table.name), other != id {
                throw MetastoreError(.tableExists, "Table \(table.qualifiedName) already exists")
            }
            try database.run(
                """
                UPDATE tables SET database_id=?, name=?, kind=?, comment=?, owner=?, create_time=?, location=?,
                    storage_format_id=?, properties=?, view_text=?, view_expanded_text=?, skew=? WHERE id=?
                """,
                [.integer(newDatabase), .text(table.name)] + (try tableValues(table)) + [.integer(id)])
            try database.run("DELETE FROM columns WHERE table_id = ?", [.integer(id)])
            try writeColumns(table, id: id)
            try forgetColumnStatistics(notOf: table, id: id)
        }
    }

    /// - Throws: `noSuchTable`.
    package func dropTable(database databaseName: String, name: String) throws {
        try write {
            guard let id = try tableID(try databaseID(databaseName), name) else {
                throw noTable(databaseName, name)
            }
            try database.run("DELETE FROM tables WHERE id = ?", [.integer(id)])
        }
    }

    private func tableValues(_ table: Table) throws -> [SQLiteValue] {
        [
            .text(table.kind.rawValue), .optional(table.comment), .text(table.owner), .integer(table.createTime),
            .text(table.storage.location), .integer(try storageFormatID(table.storage)),
            .text(PropertyText.encode(table.properties)), .optional(table.viewText),
            .optional(table.viewExpandedText), .optional(table.skew?.text),
        ]
    }

    private func writeColumns(_ table: Table, id: Int64) throws {
        for (isPartition, columns) in [(0, table.columns), (1, table.partitionColumns)] {
            for (position, column) in columns.enumerated() {
                try database.run(
                    "INSERT INTO columns (table_id, is_partition, position, name, type, comment) VALUES (?,?,?,?,?,?)",
                    [
                        .integer(id), .integer(Int64(isPartition)), .integer(Int64(position)), .text(column.name),
                        .text(column.type.description), .optional(column.comment),
                    ])
            }
        }
    }

    func tableID(_ databaseID: Int64, _ name: String) throws -> Int64? {
        try database.integer(
            "SELECT id FROM tables WHERE database_id = ? AND name = ?", [.integer(databaseID), .text(name)])
    }

    func tableID(of table: Table) throws -> Int64 {
        guard let id = try tableID(try databaseID(table.database), table.name) else {
            throw noTable(table.database, table.name)
        }
        return id
    }

    func noTable(_ databaseName: String, _ name: String) -> MetastoreError {
        MetastoreError(.noSuchTable, "Table not found \(databaseName).\(name)")
    }
}

extension Metastore {
    /// Reads the six columns of `storage_formats` from column `first` on.
    static func storage(_ row: borrowing SQLiteRow, from first: Int, location: String) -> StorageDescriptor {
        StorageDescriptor(
            location: location, format: StorageDescriptor.Format(rawValue: row.text(first)) ?? .text,
            serde: row.text(first + 1), serdeProperties: PropertyText.decodeProperties(row.text(first + 2)),
            bucketColumns: PropertyText.decodeList(row.text(first + 3)), bucketCount: Int(row.integer(first + 4)),
            sortColumns: PropertyText.decodeList(row.text(first + 5)).map {
                StorageDescriptor.SortColumn(name: String($0.dropFirst()), isAscending: $0.hasPrefix("+"))
            })
    }

    /// The row of `storage_formats` that is like `storage`, made when there is none. Partitions share them by the
    /// thousand.
    func storageFormatID(_ storage: StorageDescriptor) throws -> Int64 {
        let values: [SQLiteValue] = [
            .text(storage.format.rawValue), .text(storage.serde), .text(PropertyText.encode(storage.serdeProperties)),
            .text(PropertyText.encode(storage.bucketColumns)), .integer(Int64(storage.bucketCount)),
            .text(PropertyText.encode(storage.sortColumns.map { ($0.isAscending ? "+" : "-") + $0.name })),
        ]
        let known = try database.integer(
            """
            SELECT id FROM storage_formats WHERE format=? AND serde=? AND serde_properties=? AND bucket_columns=?
                AND bucket_count=? AND sort_columns=?
            """, values)
        if let known { return known }
        try database.run(
            """
            INSERT INTO storage_formats (format, serde, serde_properties, bucket_columns, bucket_count, sort_columns)
            VALUES (?,?,?,?,?,?)
            """, values)
        return database.lastInsertedRow
    }
}
