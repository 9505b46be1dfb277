import Catalog
import Columnar
import HiveSyntax

extension StatementRunner {
    /// The statement that makes the table, line by line as Hive prints it: under the name that was asked for.
    func showCreate(_ table: Table, named name: String) throws -> [String] {
        if table.isView {
            let text = table.viewExpandedText ?? table.viewText ?? ""
            return "CREATE VIEW `\(name)` AS \(text)".split(separator: "\n", omittingEmptySubsequences: false)
                .map(String.init)
        }
        var lines: [String] = []
        let kind = table.kind == .external ? "EXTERNAL " : table.isTemporary ? "TEMPORARY " : ""
        lines.append("CREATE \(kind)TABLE `\(name)`(")
        lines += Self.columnLines(table.columns)
        if let comment = table.comment { lines.append("COMMENT '\(Self.quoted(comment))'") }
        if table.isPartitioned {
            lines.append("PARTITIONED BY ( ")
            lines += Self.columnLines(table.partitionColumns)
        }
        let storage = table.storage
        if !storage.bucketColumns.isEmpty {
            lines.append("CLUSTERED BY ( ")
            lines += Self.list(storage.bucketColumns.map { "  \($0)" }, separator: ", ", end: ") ")
            if !storage.sortColumns.isEmpty {
                lines.append("SORTED BY ( ")
                lines += Self.list(
                    storage.sortColumns.map { "  \($0.name) \($0.isAscending ? "ASC" : "DESC")" }, separator: ", ",
                    end: ") ")
            }
            lines.append("INTO \(storage.bucketCount) BUCKETS")
        }
        lines += table.skewLines
        let classes = StorageClasses(storage.format)
        lines.append("ROW FORMAT SERDE ")
        lines.append("  '\(storage.serde)' ")
        var serdeProperties = storage.serdeProperties
        if serdeProperties == ["serialization.format": "1"] { serdeProperties = [:] }
        // Hive leaves out the default even beside others, unless a field delimiter was set with it.
        if serdeProperties["serialization.format"] == "1" { serdeProperties["serialization.format"] = nil }
        if !serdeProperties.isEmpty {
            lines.append("WITH SERDEPROPERTIES ( ")
            lines += Self.list(Self.pairs(serdeProperties), separator: ", ", end: ") ")
        }
        lines.append("STORED AS INPUTFORMAT ")
        lines.append("  '\(classes.inputFormat)' ")
        lines.append("OUTPUTFORMAT ")
        lines.append("  '\(classes.outputFormat)'")
        lines.append("LOCATION")
        lines.append("  '\(Self.quoted(locations.uri(of: storage.location)))'")
        var properties = table.properties
        for key in DescribeTable.statisticsKeys { properties[key] = nil }
        // The parameters of a table with no property at all are not listed; every table has the time of its last change.
        lines.append("TBLPROPERTIES (")
        lines += Self.list(Self.pairs(properties), separator: ", ", end: ")")
        return lines
    }

    func showCreateDatabase(_ name: Identifier) throws -> [String] {
        guard let record = try metastore.databaseRecord(name.name) else {
            throw HiveError.semantic("Database does not exist: \(name.name)", code: 10072)
        }
        var lines = ["CREATE DATABASE `\(record.name)`"]
        if let comment = record.comment {
            lines.append("COMMENT")
            lines.append("  '\(Self.quoted(comment))'")
        }
        lines.append("LOCATION")
        lines.append("  '\(Self.quoted(locations.uri(of: record.location)))'")
        if !record.properties.isEmpty {
            lines.append("WITH DBPROPERTIES (")
            lines += Self.list(Self.pairs(record.properties), separator: ", ", end: ")")
        }
        return lines
    }

    private static func columnLines(_ columns: [SchemaColumn]) -> [String] {
        list(
            columns.map { column in
                "  `\(column.name)` \(column.type)" + (column.comment.map { " COMMENT '\(quoted($0))'" } ?? "")
            }, separator: ", ", end: ")")
    }

    private static func pairs(_ properties: [String: String]) -> [String] {
        properties.sorted { $0.key < $1.key }.map { "  '\(quoted($0.key))'='\(quoted($0.value))'" }
    }

    /// Each item a line of its own: `separator` behind all but the last, `end` behind that.
    private static func list(_ items: [String], separator: String, end: String) -> [String] {
        items.enumerated().map { $0.offset + 1 == items.count ? $0.element + end : $0.element + separator }
    }

    /// Escapes as a Java string literal has them, and quotes.
    private static func quoted(_ text: String) -> String {
        var result = ""
        for character in DescribeTable.escaped(text, quotes: "'") {
            if character == ";" { result += "\\" }
            result.append(character)
        }
        return result
    }
}
