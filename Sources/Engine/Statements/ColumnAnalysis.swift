import Catalog
import Columnar
import FeatureTables
import HiveSyntax
import Planner
import Platform

/// Statistics of columns: `ANALYZE TABLE … FOR COLUMNS`, and `ALTER TABLE … UPDATE STATISTICS FOR COLUMN`.
extension StatementRunner {
    /// The columns that ANALYZE is to look at, of which those of nested types are left out with a warning.
    /// - Throws: for a name that is none of the table's stored columns.
    func analyzedColumns(_ wanted: AnalyzeStatement.Columns, of table: Table) throws -> [SchemaColumn] {
        let columns: [SchemaColumn]
        switch wanted {
        case .all: columns = table.columns
        case .named(let names):
            columns = try names.map { name in
                guard let column = table.columns.first(where: { $0.name == name.name }) else {
                    let known = table.columns.map(\.name)
                    var error = HiveError.semantic(
                        "Invalid column reference '\(name.name)' (possible columns are [\(known.joined(separator: ", "))])",
                        code: 10002)
                    error.hint = NearestName.hint(for: name.name, among: known)
                    throw error
                }
                return column
            }
        }
        return columns.filter { column in
            if column.type.isPrimitive { return true }
            warnings.append("WARNING: Only primitive type arguments are accepted but \(column.type) is passed for \(column.name).")
            return false
        }
    }

    /// Looks at the columns of all rows of a partition, or of a table without any, once.
    func measure(_ columns: [SchemaColumn], of table: Table, _ partition: Partition) throws
        -> (rowCount: Int, columns: [String: ColumnStatistics])
    {
        let binder = makeBinder()
        let read = columns.compactMap { column -> LogicalScan.ScanColumn? in
            guard let ordinal = table.columns.firstIndex(where: { $0.name == column.name }) else { return nil }
            return LogicalScan.ScanColumn(output: binder.makeColumn(column.name, column.type), ordinal: ordinal)
        }
        // Both values of a BOOLEAN are among its most frequent ones.
        let plan = try ProfilePlan(columns, ProfileOptions(topCount: 2, histogramBins: 1, correlates: false))
        let consumer = ProfileConsumer(plan)
        try makeExecutor().run(.scan(LogicalScan(table: table, columns: read, partitions: [partition])), into: consumer)
        let profile = consumer.profile(in: evaluationContext.zone)
        let found = profile.columns.map { ($0.name, Self.statistics($0)) }
        return (profile.rowCount, Dictionary(found) { first, _ in first })
    }

    /// What Hive keeps of a column of the type.
    private static func statistics(_ column: ColumnProfile) -> ColumnStatistics {
        var result = ColumnStatistics()
        result[.nullCount] = "\(column.nullCount)"
        switch column.type {
        case .boolean:
            func count(_ value: String) -> String { "\(column.top.first { $0.value == value }?.count ?? 0)" }
            result[.trueCount] = count("true")
            result[.falseCount] = count("false")
        case _ where column.type.physical == .string:
            // Lengths are whole numbers, of which the profile tells a rounded mean.
            let total = (column.texts?.meanLength ?? 0) * Double(column.valueCount)
            result[.averageLength] = "\(column.rowCount > 0 ? total.rounded() / Double(column.rowCount) : 0)"
            result[.longest] = "\(column.texts?.mostLength ?? 0)"
            if column.type != .binary { result[.distinctCount] = "\(column.distinct?.count ?? 0)" }
        default:
            result[.lowest] = column.minimum.map { extreme($0, column.type) }
            result[.highest] = column.maximum.map { extreme($0, column.type) }
            result[.distinctCount] = "\(column.distinct?.count ?? 0)"
        }
        return result
    }

    /// A value as Hive's metastore has it: decimals without zeros at the end, timestamps in seconds.
    private static func extreme(_ text: String, _ type: SQLType) -> String {
        switch type {
        case .decimal:
            guard text.contains(".") else { return text }
            var short = text[...]
            while short.last == "0" { short.removeLast() }
            return String(short.last == "." ? short.dropLast() : short)
        case .timestamp:
            let bytes = Array(text.utf8)
            return bytes.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.flatMap { TextParsing.timestamp($0, buffer.count) }.map { "\($0.seconds)" } ?? text
            }
        default: return text
        }
    }

    /// `UPDATE STATISTICS FOR COLUMN c SET ('numDVs'='5', …)`: what is said takes the place of what was found, and the rest stays.
    /// - Parameter partition: whose statistics they are; nil: the table's.
    func updateStatistics(of column: Identifier, _ said: [Property], table: Table, partition: Partition?) throws {
        guard !table.isTemporary else { throw HiveError.unsupported("UPDATE STATISTICS FOR COLUMN of a temporary table") }
        guard let stored = (partition?.columns ?? table.columns).first(where: { $0.name == column.name }) else {
            throw PlanError("column type not found", at: column.range)
        }
        let name = partition.map { partitionName($0, of: table) } ?? ""
        var statistics = try metastore.columnStatistics(of: table, partition: name)[stored.name] ?? ColumnStatistics()
        for property in said {
            guard let measure = ColumnStatistics.Measure(rawValue: property.key), measure.applies(to: stored.type) else {
                throw HiveError.task("Unknown stat: \(property.key) of a column of \(stored.type)", name: "ColumnStatsUpdateTask")
            }
            guard measure.isText || Double(property.value ?? "") != nil else {
                throw HiveError.task("Invalid value of \(property.key): \(property.value ?? "")", name: "ColumnStatsUpdateTask")
            }
            statistics[measure] = property.value
        }
        statistics.fill(for: stored.type)
        try metastore.write {
            try metastore.setColumnStatistics([stored.name: statistics], of: table, partition: name)
            if var changed = partition {
                StatisticsAccuracy.add([stored.name], to: &changed.properties)
                try metastore.updatePartition(of: table, values: changed.values, to: changed)
            } else {
                var changed = table
                StatisticsAccuracy.add([stored.name], to: &changed.properties)
                try update(changed, from: table)
            }
        }
    }
}

extension ColumnStatistics.Measure {
    /// Extremes are values of the column; all else are numbers.
    fileprivate var isText: Bool { self == .lowest || self == .highest }

    fileprivate func applies(to type: SQLType) -> Bool {
        switch self {
        case .nullCount: true
        case .trueCount, .falseCount: type == .boolean
        case .averageLength, .longest: type.physical == .string
        case .distinctCount: type != .boolean && type != .binary
        case .lowest, .highest: type != .boolean && type.physical != .string && type.isPrimitive
        }
    }
}

extension ColumnStatistics {
    /// Numbers that nobody gave are 0.
    fileprivate mutating func fill(for type: SQLType) {
        for measure in Measure.allCases where measure.applies(to: type) && self[measure] == nil {
            if !measure.isText || type.isIntegral { self[measure] = measure == .averageLength ? "0.0" : "0" }
        }
    }
}

extension StatisticsAccuracy {
    /// Columns that are not there any more, or are others, have no statistics that hold.
    static func keepColumns(of columns: [SchemaColumn], in properties: inout [String: String]) {
        let known = read(properties[property])
        let kept = known.columns.intersection(columns.map(\.name))
        guard kept != known.columns else { return }
        properties[property] = text(isBasic: known.isBasic, columns: kept)
    }

    /// Notes that the columns' statistics hold, besides what holds already.
    static func add(_ columns: Set<String>, to properties: inout [String: String]) {
        let known = read(properties[property])
        properties[property] = text(isBasic: known.isBasic, columns: known.columns.union(columns))
    }
}
