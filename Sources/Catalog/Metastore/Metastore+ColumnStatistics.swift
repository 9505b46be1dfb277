extension Metastore {
    /// Statistics of columns by their names. They may be older than the rows: `StatisticsAccuracy` says which hold.
    /// - Parameter partition: the name of one; empty for the table's own.
    /// - Throws: `noSuchTable`.
    package func columnStatistics(of table: Table, partition: String = "") throws -> [String: ColumnStatistics] {
        try synchronized {
            var found: [String: ColumnStatistics] = [:]
            try database.run(
                "SELECT column_name, measures FROM column_statistics WHERE table_id = ? AND partition_name = ?",
                [.integer(try tableID(of: table)), .text(partition)]
            ) { row in found[row.text(0)] = ColumnStatistics(text: row.text(1)) }
            return found
        }
    }

    /// Puts statistics in the place of those that the columns had; other columns keep theirs.
    /// - Throws: `noSuchTable`.
    package func setColumnStatistics(_ statistics: [String: ColumnStatistics], of table: Table, partition: String = "") throws {
        try write {
            let id = SQLiteValue.integer(try tableID(of: table))
            for (column, found) in statistics {
                try database.run(
                    """
                    INSERT OR REPLACE INTO column_statistics (table_id, partition_name, column_name, measures)
                    VALUES (?,?,?,?)
                    """, [id, .text(partition), .text(column), .text(found.text)])
            }
        }
    }

    /// Statistics of columns that a table has no more go.
    func forgetColumnStatistics(notOf table: Table, id: Int64) throws {
        var gone: [String] = []
        let names = Set(table.allColumns.map(\.name))
        try database.run("SELECT DISTINCT column_name FROM column_statistics WHERE table_id = ?", [.integer(id)]) { row in
            if !names.contains(row.text(0)) { gone.append(row.text(0)) }
        }
        for name in gone {
            try database.run(
                "DELETE FROM column_statistics WHERE table_id = ? AND column_name = ?", [.integer(id), .text(name)])
        }
    }

    /// - Parameter newName: what the partition is called from now on; nil: its statistics go.
    func moveColumnStatistics(table id: Int64, partition name: String, to newName: String?) throws {
        guard let newName else {
            try database.run(
                "DELETE FROM column_statistics WHERE table_id = ? AND partition_name = ?", [.integer(id), .text(name)])
            return
        }
        guard newName != name else { return }
        try database.run(
            "UPDATE column_statistics SET partition_name = ? WHERE table_id = ? AND partition_name = ?",
            [.text(newName), .integer(id), .text(name)])
    }
}
