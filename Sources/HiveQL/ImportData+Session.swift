import Columnar
import Engine
import FeatureTables

extension ImportData {
    /// Copies the rows of a query's result.
    /// - Throws: as `init(schema:batches:)` does.
    public convenience init(_ result: QueryResult) throws {
        try self.init(schema: result.schema, batches: result.batches)
    }

    /// Runs a query and gathers its rows as they come, so that they are in memory once. What tells the rows apart is
    /// gathered too, for splits that stay as they are when features come and go.
    ///
    /// The rows, and the matrices that are made of them, together may take as many bytes as a query (`hiveql.memory.limit`).
    /// - Parameters:
    ///   - query: or a table, with partitions or not (`t PARTITION (month >= 2)`).
    ///   - roles: given, columns that it does not need are neither computed nor kept.
    /// - Throws: `HiveError` when the query fails, and for a statement that is none, before it runs; `FeatureError` as
    ///   `init(schema:batches:)` does.
    public convenience init(_ executor: any StatementExecutor, query: String, for roles: ColumnRoles? = nil) throws {
        let cursor = try executor.openQueryTellingRows(query) { roles?.unneeded(of: $0) ?? [] }
        defer { cursor.close() }
        let builder = try cursor.makeBuilder(executor, ImportMemory(limit: executor.memoryLimit ?? .max))
        while let batch = try cursor.next() { try builder.append(batch) }
        _ = try cursor.result()
        try self.init(builder)
    }
}

extension RowStream {
    /// The rows of a query, which is run anew each time they are read: for trainings on more rows than fit into memory
    /// (`TrainingRequest.run(on:limits:context:)`).
    ///
    /// A part takes a sixteenth of `hiveql.memory.limit` at most, or one batch. What tells rows apart is gathered too, as for `ImportData`.
    /// - Parameters:
    ///   - query: or a table, with partitions or not.
    ///   - roles: given, columns that it does not need are not computed.
    ///   - partRows: rows of a part at most, but for what is more of its last batch.
    public init(_ executor: any StatementExecutor, query: String, for roles: ColumnRoles? = nil, partRows: Int = 1_048_576) {
        let memory = ImportMemory(limit: executor.memoryLimit ?? .max)
        self.init { body in
            let cursor = try executor.openQueryTellingRows(query) { roles?.unneeded(of: $0) ?? [] }
            defer { cursor.close() }
            // Parts do not depend on the number of threads.
            var builder = try cursor.makeBuilder(executor, memory, batchesTogether: 8)
            while let batch = try cursor.next() {
                try builder.append(batch)
                guard builder.rowCount >= partRows || builder.byteCount > memory.limit / 16 else { continue }
                guard try body(try ImportData(builder)) else { return }
                builder = try cursor.makeBuilder(executor, memory, batchesTogether: 8)
            }
            _ = try cursor.result()
            if builder.rowCount > 0 { _ = try body(try ImportData(builder)) }
        }
    }
}

extension ResultCursor {
    /// Gathers the cursor's rows, and what tells them apart.
    fileprivate func makeBuilder(
        _ executor: any StatementExecutor, _ memory: ImportMemory, batchesTogether: Int? = nil
    ) throws -> ImportDataBuilder {
        let chosen = executor.setting("hiveql.threads").flatMap { Int($0) } ?? 0
        return try ImportDataBuilder(
            schema: schema, rowKeys: rowKey.map { RowKeys(description: $0.description, columnCount: $0.columnCount) },
            aside: leftAside, threads: max(chosen, 0), memory: memory, batchesTogether: batchesTogether)
    }
}

extension FeatureEncoding {
    /// What an application of the encoding needs of a query, with columns that are carried over besides.
    public func roles(carrying carried: [String]) -> ColumnRoles {
        ColumnRoles(
            label: label?.name, features: columns.map(\.name), weight: weight, identifiers: identifiers + carried)
    }
}

extension TrainedModel {
    /// What an application of the model needs of a query, with columns that are carried over besides.
    public func roles(carrying carried: [String]) -> ColumnRoles {
        guard let transform else { return encoding.roles(carrying: carried) }
        return ColumnRoles(features: transform.inputs.map(\.name), identifiers: encoding.identifiers + carried)
    }
}

extension ColumnRoles {
    /// The columns that neither features nor any other role need: those that are excluded and, where features are named, all
    /// others. Names that may mean several columns leave none aside.
    func unneeded(of schema: [SchemaColumn]) -> Set<Int> {
        let full = schema.map { $0.name.lowercased() }
        let plain = full.map { ColumnName.plain($0) }
        func positions(_ names: [String]) -> [Int] {
            names.flatMap { name in
                let wanted = name.lowercased()
                let last = ColumnName.plain(wanted)
                return schema.indices.filter { full[$0] == wanted || plain[$0] == last }
            }
        }
        let needed = Set(positions([label, weight].compactMap { $0 } + identifiers + (features ?? []) + dividing))
        if features != nil { return Set(schema.indices).subtracting(needed) }
        let excluded = excluded.flatMap { name in
            let found = positions([name])
            return found.count == 1 ? found : []
        }
        return Set(excluded).subtracting(needed)
    }
}
