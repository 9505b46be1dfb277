import Catalog
import Columnar
import HiveSyntax
import Planner
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The layout of DESCRIBE: three columns, padded as Hive pads them.
struct DescribeTable {
    private(set) var rows: [[String]] = []

    static let header = ["col_name", "data_type", "comment"]
    /// DESCRIBE FORMATTED of a column; what stands between type and comment are `ColumnStatistics.shown`.
    static let statisticsHeader = [
        "col_name", "data_type", "min", "max", "num_nulls", "distinct_count", "avg_col_len", "max_col_len",
        "num_trues", "num_falses", "comment",
    ]
    static let statisticsKeys = [
        StatisticsAccuracy.property, "numFiles", "numPartitions", "numRows", "rawDataSize", "totalSize",
    ]

    /// At least 20 characters.
    static func padded(_ text: String) -> String {
        let missing = 20 - text.unicodeScalars.count
        return missing > 0 ? text + String(repeating: " ", count: missing) : text
    }

    mutating func blank() { rows.append(["", " ", " "]) }
    mutating func title(_ text: String) { rows.append([text, " ", " "]) }

    mutating func value(_ name: String, _ value: String) {
        rows.append([Self.padded(name), Self.padded(value), " "])
    }

    /// Under a title such as `Table Parameters:`.
    mutating func parameters(_ parameters: [String: String]) {
        for (key, value) in parameters.sorted(by: { $0.key < $1.key }) {
            rows.append(["", Self.padded(key), Self.padded(Self.escaped(value, quotes: "\""))])
        }
    }

    mutating func columns(_ columns: [SchemaColumn]) {
        for column in columns {
            rows.append([
                Self.padded(column.name), Self.padded(column.type.description), Self.padded(column.comment ?? ""),
            ])
        }
    }

    mutating func columnHeader() {
        rows.append(["# " + Self.padded("col_name"), Self.padded("data_type"), Self.padded("comment")])
        blank()
    }

    /// The rows as Hive's lines: a first field that is empty has no padding, a blank line has one blank a field.
    var result: [[String]] {
        rows.map { row in row == ["", " ", " "] ? ["", " ", " "] : row }
    }

    /// Properties with those that the metastore keeps beside them: `comment`, and `EXTERNAL` of an external table.
    static func parameters(of table: Table) -> [String: String] {
        var parameters = table.properties
        if let comment = table.comment { parameters["comment"] = comment }
        if table.kind == .external { parameters["EXTERNAL"] = "TRUE" }
        return parameters
    }

    /// Escapes backslashes, control characters and `quotes` as a Java string literal does.
    static func escaped(_ text: String, quotes: Character) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            case _ where Character(scalar) == quotes: result += "\\\(quotes)"
            case _ where scalar.value < 32 || scalar.value > 126:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: true)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension StatementRunner {
    func runDescribe(_ statement: DescribeStatement) throws -> StatementResult {
        switch statement {
        case .table(let name, let style, let spec, let path):
            var table = try self.table(name)
            let partition = spec.isEmpty ? nil : try partition(spec, of: table)
            if let own = partition?.columns { table.columns = own }
            guard path.isEmpty else { return try describeColumn(path, of: table, partition, style) }
            if listsAsJSON { return try describeAsJSON(table, partition, style) }
            switch style {
            case .plain: return try describePlain(table)
            case .formatted: return try describeFormatted(table, partition)
            case .pretty: return try rows(DescribeTable.header, PrettyColumns(table).lines)
            case .extended: return try describeExtended(table, partition)
            }
        case .database(let name, let extended): return try describeDatabase(name, extended: extended)
        case .function(let name, let extended): return try describeFunction(name, extended: extended)
        case .query(let query):
            return try locked { binder in
                try binder.bindQuery(query)
            } body: { _, bound in
                var layout = DescribeTable()
                layout.columns(bound.columns)
                return try rows(DescribeTable.header, layout.result)
            }
        }
    }

    private func describePlain(_ table: Table) throws -> StatementResult {
        var layout = DescribeTable()
        layout.columns(table.allColumns)
        appendPartitionColumns(table, &layout)
        return try rows(DescribeTable.header, layout.result)
    }

    private func appendPartitionColumns(_ table: Table, _ layout: inout DescribeTable) {
        guard table.isPartitioned else { return }
        layout.blank()
        layout.title("# Partition Information")
        layout.columnHeader()
        layout.columns(table.partitionColumns)
    }

    private func describeFormatted(_ table: Table, _ partition: Partition?) throws -> StatementResult {
        let partition = try partition.map(shown)
        var layout = DescribeTable()
        layout.columnHeader()
        layout.columns(table.columns)
        appendPartitionColumns(table, &layout)
        layout.blank()
        if let partition {
            layout.title("# Detailed Partition Information")
            layout.value("Partition Value:", "[\(partition.values.joined(separator: ", "))]")
            layout.value("Database:", table.database)
            layout.value("Table:", table.name)
            layout.value("CreateTime:", Self.date(partition.createTime))
            layout.value("LastAccessTime:", "UNKNOWN")
            layout.value("Location:", table.isView ? "null" : locations.uri(of: partition.storage.location))
            if !partition.properties.isEmpty {
                layout.title("Partition Parameters:")
                layout.parameters(partition.properties)
            }
        } else {
            layout.title("# Detailed Table Information")
            layout.value("Database:", table.database)
            layout.value("Owner:", table.owner)
            layout.value("CreateTime:", Self.date(table.createTime))
            layout.value("LastAccessTime:", "UNKNOWN")
            layout.value("Retention:", "0")
            if !table.isView { layout.value("Location:", locations.uri(of: table.storage.location)) }
            layout.value("Table Type:", table.kind.rawValue)
            let parameters = try shownParameters(table)
            if !parameters.isEmpty {
                layout.title("Table Parameters:")
                layout.parameters(parameters)
            }
        }
        // Partitions of a view have no storage.
        if partition != nil, table.isView { return try rows(DescribeTable.header, layout.result) }
        appendStorage(partition?.storage ?? table.storage, of: table, &layout)
        if table.isView {
            layout.blank()
            layout.title("# View Information")
            layout.value("View Original Text:", table.viewText ?? "")
            layout.value("View Expanded Text:", table.viewExpandedText ?? table.viewText ?? "")
            layout.value("View Rewrite Enabled:", "No")
        }
        return try rows(DescribeTable.header, layout.result)
    }

    private func appendStorage(_ storage: StorageDescriptor, of table: Table, _ layout: inout DescribeTable) {
        let classes = StorageClasses(storage.format)
        layout.blank()
        layout.title("# Storage Information")
        layout.value("SerDe Library:", storage.serde)
        layout.value("InputFormat:", classes.inputFormat)
        layout.value("OutputFormat:", classes.outputFormat)
        layout.value("Compressed:", "No")
        layout.value("Num Buckets:", "\(storage.bucketCount)")
        layout.value("Bucket Columns:", "[\(storage.bucketColumns.joined(separator: ", "))]")
        let sorted = storage.sortColumns.map { "Order(col:\($0.name), order:\($0.isAscending ? 1 : 0))" }
        layout.value("Sort Columns:", "[\(sorted.joined(separator: ", "))]")
        if let skew = table.skew, !skew.columns.isEmpty {
            if skew.storedAsDirectories { layout.value("Stored As SubDirectories:", "Yes") }
            layout.value("Skewed Columns:", "[\(skew.columns.joined(separator: ", "))]")
            layout.value("Skewed Values:", "[\(skew.values.map { "[\($0.joined(separator: ", "))]" }.joined(separator: ", "))]")
        }
        if let skew = table.skew, !skew.locations.isEmpty {
            for name in ["Skewed Value to Path:", "Skewed Value to Truncated Path:"] { layout.value(name, "{\(skew.locationsText)}") }
        }
        if !storage.serdeProperties.isEmpty {
            layout.title("Storage Desc Params:")
            layout.parameters(storage.serdeProperties)
        }
    }

    /// A partitioned table shows the sums of its partitions' statistics.
    func shownParameters(_ table: Table) throws -> [String: String] {
        var parameters = DescribeTable.parameters(of: table)
        guard table.isPartitioned, !table.isTemporary else { return parameters }
        let partitions = try catalog.partitions(of: table)
        parameters["numPartitions"] = "\(partitions.count)"
        for key in ["numFiles", "numRows", "rawDataSize", "totalSize"] {
            parameters[key] = "\(partitions.reduce(0) { $0 + ($1.properties[key].flatMap { Int($0) } ?? 0) })"
        }
        if partitions.allSatisfy({ $0.properties[StatisticsAccuracy.property] != nil }) {
            parameters[StatisticsAccuracy.property] = StatisticsAccuracy.basic
        }
        return parameters
    }

    private func describeColumn(_ path: [Identifier], of table: Table, _ partition: Partition?, _ style: DescribeStyle) throws
        -> StatementResult
    {
        guard let first = path.first else { return try describePlain(table) }
        guard let column = table.allColumns.first(where: { $0.name == first.name }) else {
            let fields = table.allColumns.enumerated().map { "\($0.offset):\($0.element.name)" }.joined(separator: ", ")
            throw HiveError.task("cannot find field \(first.name) from [\(fields)]")
        }
        var type = column.type
        for step in path.dropFirst() {
            switch (type, step.name) {
            case (.array(let element), "$elem$"): type = element
            case (.map(let key, _), "$key$"): type = key
            case (.map(_, let value), "$value$"): type = value
            case (.structure(let fields), let name):
                guard let field = fields.first(where: { $0.name == name }) else {
                    throw HiveError.task("cannot find field \(name) from [\(fields.enumerated().map { "\($0.offset):\($0.element.name)" }.joined(separator: ", "))]")
                }
                type = field.type
            default: throw HiveError.task("Error in getting fields from serde. Invalid Field \(step.name)")
            }
        }
        // A struct shows its fields.
        var shown = [SchemaColumn(name: path.last?.name ?? column.name, type: type, comment: "from deserializer")]
        if style != .formatted, case .structure(let fields) = type {
            shown = fields.map { SchemaColumn(name: $0.name, type: $0.type, comment: "from deserializer") }
        }
        if style == .formatted, path.count == 1, table.partitionColumns.contains(where: { $0.name == column.name }) {
            shown[0].comment = column.comment
        }
        let header = style == .formatted ? DescribeTable.statisticsHeader : DescribeTable.header
        if listsAsJSON { return try row(header, [JSON.Member("columns", Self.json(shown))]) }
        guard style == .formatted else {
            var layout = DescribeTable()
            layout.columns(shown)
            return try rows(header, layout.result)
        }
        return try rows(header, try statisticsLines(of: shown[0], path.count == 1 ? column : nil, table, partition))
    }

    /// - Parameter stored: the column whose statistics are shown; nil for a part of one, which has none.
    private func statisticsLines(of shown: SchemaColumn, _ stored: SchemaColumn?, _ table: Table, _ partition: Partition?) throws
        -> [[String]]
    {
        let known = try stored.map { try shownStatistics(of: $0, table, partition) }
            ?? ShownStatistics(accuracy: partition == nil ? table.properties[StatisticsAccuracy.property] : nil)
        let statistics = known.values
        var lines: [[String]]
        if partition != nil, statistics == nil {
            // The layout of a column without statistics, with nothing in the other fields.
            var layout = DescribeTable()
            layout.columnHeader()
            layout.columns([shown])
            lines = layout.result.map { $0 + Array(repeating: " ", count: 8) }
        } else {
            let header = DescribeTable.statisticsHeader
            lines = [["# " + DescribeTable.padded("col_name")] + header.dropFirst().map { DescribeTable.padded($0) }]
            lines.append([""] + Array(repeating: " ", count: 10))
            let values = ColumnStatistics.shown.map { DescribeTable.padded(statistics?[$0] ?? "") }
            lines.append(
                [DescribeTable.padded(shown.name), DescribeTable.padded(shown.type.description)] + values
                    + [DescribeTable.padded(shown.comment ?? "")])
        }
        if let accurate = known.accuracy {
            lines.append(
                [StatisticsAccuracy.property, DescribeTable.escaped(accurate, quotes: "\"")]
                    + Array(repeating: " ", count: 9))
        }
        return lines
    }

    private func describeDatabase(_ name: Identifier, extended: Bool) throws -> StatementResult {
        guard let record = try metastore.databaseRecord(name.name) else {
            throw HiveError.semantic("Database does not exist: \(name.name)", code: 10072)
        }
        let header = ["db_name", "comment", "location", "owner_name", "owner_type", "parameters"]
        if listsAsJSON { return try row(header, json(record, extended: extended)) }
        let properties = record.properties.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let parameters = extended && !properties.isEmpty ? "{\(properties.joined(separator: ", "))}" : ""
        return try rows(
            header,
            [[record.name, record.comment ?? "", locations.uri(of: record.location), record.owner, record.ownerType, parameters]])
    }

    private func describeFunction(_ name: String, extended: Bool) throws -> StatementResult {
        let lowercase = name.lowercased()
        if let macro = session.macros.value[lowercase] {
            let parameters = macro.parameters.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
            return try rows(["tab_name"], [["\(lowercase)(\(parameters)) - macro"]])
        }
        guard let entry = functions.entry(lowercase) else {
            return try rows(["tab_name"], [["Function '\(name)' does not exist."]])
        }
        let documentation = entry.documentation
        func named(_ text: String) -> [String] {
            var result = ""
            var rest = text[...]
            while let at = rest.indices.first(where: { rest[$0...].hasPrefix("_FUNC_") }) {
                result += rest[..<at] + lowercase
                rest = rest[at...].dropFirst("_FUNC_".count)
            }
            return (result + rest).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
        var lines = named(documentation.usage)
        if extended {
            let synonyms = entry.names.filter { $0 != lowercase }
            if !synonyms.isEmpty { lines.append("Synonyms: \(synonyms.joined(separator: ", "))") }
            if !documentation.extended.isEmpty { lines += named(documentation.extended) }
            let origin = try origin(ofFunction: lowercase)
            if let origin { lines.append("Function class:\(origin.className)") }
            lines.append("Function type:\(origin?.type ?? "BUILTIN")")
        }
        return try rows(["tab_name"], lines.map { [$0] })
    }

    /// `DESCRIBE EXTENDED`: the columns, then the table's record in one line as Hive's metastore prints it.
    private func describeExtended(_ table: Table, _ partition: Partition?) throws -> StatementResult {
        let partition = try partition.map(shown)
        var layout = DescribeTable()
        layout.columns(table.allColumns)
        appendPartitionColumns(table, &layout)
        layout.blank()
        var list = layout.result
        if let partition {
            list.append(["Detailed Partition Information", recordText(partition, of: table), ""])
        } else {
            list.append(["Detailed Table Information", try recordText(table), ""])
        }
        return try rows(DescribeTable.header, list)
    }

    private func storageText(_ storage: StorageDescriptor, of table: Table) -> String {
        let classes = StorageClasses(storage.format)
        let fields = table.allColumns.map { "FieldSchema(name:\($0.name), type:\($0.type), comment:\($0.comment ?? "null"))" }
        let sorted = storage.sortColumns.map { "Order(col:\($0.name), order:\($0.isAscending ? 1 : 0))" }
        return "StorageDescriptor(cols:[\(fields.joined(separator: ", "))], location:\(table.isView ? "null" : locations.uri(of: storage.location)), "
            + "inputFormat:\(classes.inputFormat), outputFormat:\(classes.outputFormat), compressed:false, "
            + "numBuckets:\(storage.bucketCount), serdeInfo:SerDeInfo(name:null, serializationLib:\(storage.serde), "
            + "parameters:\(Self.braces(storage.serdeProperties))), bucketCols:[\(storage.bucketColumns.joined(separator: ", "))], "
            + "sortCols:[\(sorted.joined(separator: ", "))], parameters:{}, \(table.skewText))"
    }

    private func recordText(_ table: Table) throws -> String {
        let keys = table.partitionColumns.map { "FieldSchema(name:\($0.name), type:\($0.type), comment:\($0.comment ?? "null"))" }
        return "Table(tableName:\(table.name), dbName:\(table.database), owner:\(table.owner), "
            + "createTime:\(table.createTime), lastAccessTime:0, retention:0, "
            + "sd:\(storageText(table.storage, of: table)), partitionKeys:[\(keys.joined(separator: ", "))], "
            + "parameters:\(Self.braces(try shownParameters(table))), viewOriginalText:\(table.viewText ?? "null"), "
            + "viewExpandedText:\(table.viewExpandedText ?? table.viewText ?? "null"), tableType:\(table.kind.rawValue), "
            + "rewriteEnabled:false)"
    }

    private func recordText(_ partition: Partition, of table: Table) -> String {
        "Partition(values:[\(partition.values.joined(separator: ", "))], dbName:\(table.database), tableName:\(table.name), "
            + "createTime:\(partition.createTime), lastAccessTime:0, "
            + "sd:\(table.isView ? "null" : storageText(partition.storage, of: table)), parameters:\(Self.braces(partition.properties)))"
    }

    private static func braces(_ properties: [String: String]) -> String {
        "{\(properties.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", "))}"
    }

    /// `Sun Nov 22 16:03:24 UTC 2026`
    static func date(_ seconds: Int64) -> String { TimeText.local(seconds, "%a %b %d %H:%M:%S %Z %Y") }
}
