import Columnar

extension Metastore {
    /// Lets partitions that have the table's columns keep them, before the table's change.
    package func keepPartitionColumns(of table: Table) throws {
        try write {
            try database.run(
                "UPDATE partitions SET column_list_id = ? WHERE table_id = ? AND column_list_id IS NULL",
                [.integer(try columnListID(table.columns)), .integer(try tableID(of: table))])
        }
    }

    /// Gives all partitions the table's columns, whatever those are from now on.
    package func forgetPartitionColumns(of table: Table) throws {
        try write {
            try database.run(
                "UPDATE partitions SET column_list_id = NULL WHERE table_id = ?", [.integer(try tableID(of: table))])
        }
    }

    /// The row of `column_lists` that has these columns, made when there is none.
    func columnListID(_ columns: [SchemaColumn]) throws -> Int64 {
        let text = SQLiteValue.text(
            PropertyText.encode(columns.flatMap { [$0.name, $0.type.description, $0.comment.map { "'" + $0 } ?? ""] }))
        if let known = try database.integer("SELECT id FROM column_lists WHERE columns = ?", [text]) { return known }
        try database.run("INSERT INTO column_lists (columns) VALUES (?)", [text])
        return database.lastInsertedRow
    }

    /// Lists of columns that were read, by their numbers.
    struct ColumnLists {
        private var known: [Int64: [SchemaColumn]] = [:]
        /// Why a list could not be understood.
        private(set) var damage: MetastoreError?

        /// The columns of a row that has a list's number, and the list behind it; nil for a partition with the table's.
        mutating func columns(_ row: borrowing SQLiteRow, from first: Int) -> [SchemaColumn]? {
            guard let text = row.optionalText(first + 1) else { return nil }
            let id = row.integer(first)
            if let columns = known[id] { return columns }
            let parts = PropertyText.decodeList(text)
            var columns: [SchemaColumn] = []
            for start in stride(from: 0, to: parts.count - 2, by: 3) {
                guard let type = SQLType(typeText: parts[start + 1]) else {
                    damage = MetastoreError(.storage, "the metastore has a partition with a column of type \(parts[start + 1])")
                    return nil
                }
                let comment = parts[start + 2]
                columns.append(
                    SchemaColumn(name: parts[start], type: type, comment: comment.isEmpty ? nil : String(comment.dropFirst())))
            }
            known[id] = columns
            return columns
        }
    }
}
