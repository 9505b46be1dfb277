import Columnar

/// Names by how they begin, for whoever is typing one: each looks at no more than it gives, however many there are.
extension Metastore {
    /// Tables, views and models of a database, sorted by name.
    package func tables(
        database name: String, beginningWith prefix: String, limit: Int
    ) throws -> [(name: String, kind: Table.Kind)] {
        try synchronized {
            var found: [(name: String, kind: Table.Kind)] = []
            try database.run(
                """
                SELECT t.name, t.kind FROM tables t JOIN databases d ON d.id = t.database_id
                WHERE d.name = ? AND t.name >= ? AND t.name < ? ORDER BY t.name LIMIT ?
                """, [.text(name), .text(prefix), .text(Self.end(of: prefix)), .integer(Int64(limit))]
            ) { row in
                found.append((row.text(0), Table.Kind(rawValue: row.text(1)) ?? .managed))
            }
            return found
        }
    }

    package func databaseNames(beginningWith prefix: String, limit: Int) throws -> [String] {
        try synchronized {
            var names: [String] = []
            try database.run(
                "SELECT name FROM databases WHERE name >= ? AND name < ? ORDER BY name LIMIT ?",
                [.text(prefix), .text(Self.end(of: prefix)), .integer(Int64(limit))]
            ) { names.append($0.text(0)) }
            return names
        }
    }

    /// Names of a table's partitions, `a=1/b=2`, in the order of the names.
    /// - Throws: `noSuchTable`.
    package func partitionNames(of table: Table, beginningWith prefix: String, limit: Int) throws -> [String] {
        try synchronized {
            let id = try tableID(of: table)
            var names: [String] = []
            try database.run(
                "SELECT name FROM partitions WHERE table_id = ? AND name >= ? AND name < ? ORDER BY name LIMIT ?",
                [.integer(id), .text(prefix), .text(Self.end(of: prefix)), .integer(Int64(limit))]
            ) { names.append($0.text(0)) }
            return names
        }
    }

    /// What no text that begins with `prefix` is behind.
    private static func end(of prefix: String) -> String { prefix + "\u{10FFFF}" }
}
