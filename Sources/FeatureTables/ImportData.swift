import Columnar

/// The rows of a query as typed columns, ready to be encoded as features.
///
/// It owns all it holds, strings included. Rows are numbered from 0 in the order of the query's result.
public final class ImportData: Sendable {
    /// Column names without a table prefix (`t.x` is `x`) wherever that leaves them distinct.
    public let schema: [SchemaColumn]
    /// One flat column a column of `schema`, each of `rowCount` rows.
    public let columns: [Column]
    public let rowCount: Int
    /// By what the rows are known; nil when nothing tells.
    package let rowKeys: RowKeys?

    /// Copies the selected rows of `batches`, in order.
    /// - Throws: `FeatureError` when two columns have the same name, a batch does not fit the schema, or there are
    ///   more than 2³¹ − 1 rows.
    /// - Complexity: O(rows × columns).
    public convenience init(schema: [SchemaColumn], batches: [Batch]) throws {
        let rows = batches.reduce(0) { $0 + $1.rowCount }
        let builder = try ImportDataBuilder(schema: schema, capacity: rows)
        for batch in batches { try builder.append(batch) }
        self.init(builder)
    }

    /// Takes the rows out of a builder.
    package init(_ builder: ImportDataBuilder) {
        schema = builder.schema
        rowCount = builder.rowCount
        columns = builder.finishColumns()
        rowKeys = builder.rowKeys
    }

    fileprivate static func plainNames(_ schema: [SchemaColumn]) throws -> [String] {
        let full = schema.map { $0.name }
        let plain = full.map { name in name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name }
        for names in [plain, full] where Set(names.map { $0.lowercased() }).count == names.count { return names }
        var seen = Set<String>()
        for name in full where !seen.insert(name.lowercased()).inserted { throw FeatureError.duplicateColumn(name) }
        return full
    }

    /// The position of a column by its name, with or without a table prefix.
    /// - Throws: `FeatureError.unknownColumn`, which proposes a near name.
    public func columnIndex(_ name: String) throws -> Int {
        let wanted = name.lowercased()
        if let exact = schema.firstIndex(where: { $0.name.lowercased() == wanted }) { return exact }
        if let dot = wanted.lastIndex(of: ".") {
            let plain = wanted[wanted.index(after: dot)...]
            if let found = schema.firstIndex(where: { $0.name.lowercased() == plain }) { return found }
        }
        throw FeatureError.unknownColumn(name, known: schema.map { $0.name })
    }
}

/// Gathers batches as they come.
package final class ImportDataBuilder {
    package let schema: [SchemaColumn]
    package private(set) var rowCount = 0
    private let builders: [ColumnBuilder]
    package private(set) var rowKeys: RowKeys?

    /// - Parameter rowKeys: what the columns of batches say that stand behind those of the schema.
    package init(schema: [SchemaColumn], rowKeys: RowKeys? = nil, capacity: Int = 0) throws {
        guard capacity <= Int(Int32.max) else { throw FeatureError.tooLarge(rows: capacity, columns: schema.count) }
        let names = try ImportData.plainNames(schema)
        self.rowKeys = rowKeys
        self.schema = zip(schema, names).map { SchemaColumn(name: $1, type: $0.type, comment: $0.comment) }
        builders = schema.map { ColumnBuilder($0.type, capacity: capacity) }
    }

    /// Copies the selected rows of a batch.
    package func append(_ batch: Batch) throws {
        guard batch.columns.count == schema.count + (rowKeys?.columnCount ?? 0) else {
            throw FeatureError.invalidOption(
                "a batch has \(batch.columns.count) columns where the schema has \(schema.count)")
        }
        guard rowCount + batch.rowCount <= Int(Int32.max) else {
            throw FeatureError.tooLarge(rows: rowCount + batch.rowCount, columns: schema.count)
        }
        for (position, column) in batch.columns.prefix(schema.count).enumerated() {
            guard column.type.physical == schema[position].type.physical else {
                throw FeatureError.typeChanged(
                    column: schema[position].name, expected: "\(schema[position].type)", found: "\(column.type)")
            }
            builders[position].append(column, rows: batch.rows)
        }
        rowKeys?.append(batch.columns.suffix(from: schema.count), rows: batch.rows)
        rowCount += batch.rowCount
    }

    func finishColumns() -> [Column] { builders.map { $0.finish() } }
}
