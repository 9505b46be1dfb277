import Foundation

/// Stores the tables of a golden file in another format than text, where the file does not say which: by the setting for
/// tables that queries fill, and by rewriting those that files are loaded into.
struct StoredAs {
    /// As in `STORED AS`.
    let format: String

    /// Tables of ORC may become others: files are loaded into text.
    var settings: [String: String] { ["hive.default.fileformat": format, "hive.exec.schema.evolution": "false"] }

    /// Files about text itself, and about what the metastore says of text tables.
    static func applies(to path: String) -> Bool {
        !["text/", "errors/", "formats/"].contains { path.contains("/Golden/" + $0) }
    }

    /// Whether the answer tells how a table is stored.
    static func tellsStorage(_ sql: String) -> Bool {
        let words = sql.lowercased().split(whereSeparator: \.isWhitespace).prefix(3)
        switch words.first {
        case "describe", "desc": return words.contains("formatted") || words.contains("extended")
        case "show": return words.contains("create") || words.contains("extended") || words.contains("tblproperties")
        case "explain": return true
        default: return false
        }
    }

    /// A statement in the place of one of the file, and what is to be done around it.
    struct Statements {
        var before: [String] = []
        var statement: String
        var after: [String] = []
    }

    func statements(for sql: String) -> Statements {
        let words = sql.lowercased()
        if words.hasPrefix("create "), words.contains(" row format ") || words.contains(" location "),
            !words.contains(" stored as ")
        {
            return Statements(statement: Self.storedAsText(sql))
        }
        guard let load = Self.load(sql) else { return Statements(statement: sql) }
        return Statements(
            before: load.partition.map { Self.rewriting(load.table, $0, as: "textfile") } ?? [], statement: sql,
            after: rewriting(load))
    }

    /// Delimiters need text.
    private static func storedAsText(_ sql: String) -> String {
        let rest = sql.range(
            of: #"\s+(location\s+'|tblproperties\s*\(|as\s+select\s)"#, options: [.regularExpression, .caseInsensitive])
        let place = rest?.lowerBound ?? sql.endIndex
        return sql[..<place] + " stored as textfile" + sql[place...]
    }

    private struct Load {
        var table: String
        /// `month=1`
        var partition: String?
    }

    private static func load(_ sql: String) -> Load? {
        let pattern = #"(?is)^load\s+data\s.*\sinto\s+table\s+(\S+)(?:\s+partition\s*\(([^)]*)\))?\s*$"#
        guard let expression = try? NSRegularExpression(pattern: pattern),
            let match = expression.firstMatch(in: sql, range: NSRange(sql.startIndex..., in: sql)),
            let table = Range(match.range(at: 1), in: sql)
        else { return nil }
        return Load(
            table: String(sql[table]), partition: Range(match.range(at: 2), in: sql).map { String(sql[$0]) })
    }

    /// The rows that are there, once more in the other format.
    private func rewriting(_ load: Load) -> [String] {
        if let partition = load.partition { return Self.rewriting(load.table, partition, as: format) }
        let copy = "\(load.table)__copy"
        return [
            "create table \(copy) stored as \(format) as select * from \(load.table)",
            "alter table \(load.table) set fileformat \(format)",
            "insert overwrite table \(load.table) select * from \(copy)",
            "drop table \(copy)",
        ]
    }

    /// A partition of a text table in another format: it gets the table's when it is written.
    private static func rewriting(_ table: String, _ partition: String, as format: String) -> [String] {
        let copy = "\(table)__copy"
        let key = partition.prefix { $0 != "=" && !$0.isWhitespace }
        return [
            "create table \(copy) stored as \(format) as select * from \(table) where \(partition)",
            "alter table \(table) set fileformat \(format)",
            "set hive.exec.dynamic.partition.mode=nonstrict",
            "insert overwrite table \(table) partition (\(key)) select * from \(copy)",
            "reset hive.exec.dynamic.partition.mode",
            "drop table \(copy)",
            "alter table \(table) set fileformat textfile",
        ]
    }
}
