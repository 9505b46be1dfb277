/// Where the metastore says that something has its files.
package struct KnownLocation: Sendable, Hashable {
    package enum Owner: Sendable, Hashable {
        case database(String)
        /// `db.table`, and how many columns it is partitioned by.
        case table(String, partitionColumns: Int)
        /// A partition with a location of its own: `db.table` and the partition's name.
        case partition(table: String, name: String)
    }

    package var owner: Owner
    /// As stored.
    package var location: String
}

extension Metastore {
    /// The locations of all databases, tables and of those partitions that do not simply follow their tables, read in one
    /// query. Views have none.
    package func knownLocations() throws -> [KnownLocation] {
        try synchronized {
            var known: [KnownLocation] = []
            try database.run(
                """
                SELECT 'database', name, '', '', location, 0 FROM databases
                UNION ALL
                SELECT 'table', d.name, t.name, '', t.location,
                    (SELECT count(*) FROM columns c WHERE c.table_id = t.id AND c.is_partition = 1)
                    FROM tables t JOIN databases d ON d.id = t.database_id WHERE t.kind NOT IN (?, ?)
                UNION ALL
                SELECT 'partition', d.name, t.name, p.name, p.location, 0
                    FROM partitions p JOIN tables t ON t.id = p.table_id JOIN databases d ON d.id = t.database_id
                    WHERE p.location IS NOT NULL
                """, [.text(Table.Kind.view.rawValue), .text(Table.Kind.materializedView.rawValue)]
            ) { row in
                let table = "\(row.text(1)).\(row.text(2))"
                let owner: KnownLocation.Owner =
                    switch row.text(0) {
                    case "database": .database(row.text(1))
                    case "table": .table(table, partitionColumns: Int(row.integer(5)))
                    default: .partition(table: table, name: row.text(3))
                    }
                known.append(KnownLocation(owner: owner, location: row.text(4)))
            }
            return known
        }
    }

    /// Names and locations, as stored, of a table's partitions that do not simply follow it.
    package func partitionLocations(of table: Table) throws -> [(name: String, location: String)] {
        try synchronized {
            var found: [(name: String, location: String)] = []
            try database.run(
                "SELECT name, location FROM partitions WHERE table_id = ? AND location IS NOT NULL ORDER BY name",
                [.integer(try tableID(of: table))]
            ) { found.append((name: $0.text(0), location: $0.text(1))) }
            return found
        }
    }

    package func setPartitionLocation(_ location: String, ofPartition name: String, of table: Table) throws {
        try write {
            try database.run(
                "UPDATE partitions SET location = ? WHERE table_id = ? AND name = ?",
                [.text(location), .integer(try tableID(of: table)), .text(name)])
        }
    }

    /// Writes down where the partitions are that have followed the table's location, so that they stay there.
    package func pinPartitionLocations(of table: Table) throws {
        try write {
            try database.run(
                "UPDATE partitions SET location = ? || name WHERE table_id = ? AND location IS NULL",
                [.text(Self.folder(table.storage.location, "")), .integer(try tableID(of: table))])
        }
    }

    /// Names of a table's partitions that follow the table's location and whose folders below it are `path` (`a=1/b=2`) or
    /// below that (`a=1`).
    package func partitionNames(ofTable table: String, at path: String) throws -> [String] {
        let parts = table.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return [] }
        return try synchronized {
            var names: [String] = []
            // `0` is the character behind `/`.
            try database.run(
                """
                SELECT p.name FROM partitions p JOIN tables t ON t.id = p.table_id
                    JOIN databases d ON d.id = t.database_id
                WHERE d.name = ? AND t.name = ? AND p.location IS NULL AND (p.name = ? OR p.name > ? AND p.name < ?)
                """,
                [.text(parts[0]), .text(parts[1]), .text(path), .text(path + "/"), .text(path + "0")]
            ) { names.append($0.text(0)) }
            return names
        }
    }
}
