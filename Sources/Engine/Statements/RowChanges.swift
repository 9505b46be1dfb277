import Catalog
import Columnar
import Execution
import HiveSyntax
import Planner
import TableFormats
import Platform

/// Rows that a MERGE inserts: those of its source without a match.
private struct MergeInsertion {
    var query: Query
    var columns: [Identifier]?
}

/// Where rows are that meet an action.
private struct AffectedRows {
    var partitions: [Partition] = []
    var rowCount = 0
}

extension StatementRunner {
    /// `UPDATE t SET a = x WHERE …`
    func runUpdate(_ statement: UpdateStatement) throws -> StatementResult {
        try change(
            RowChange(
                target: statement.table,
                actions: [RowChange.Action(condition: statement.filter, effect: .update(statement.assignments))]),
            inserting: nil, as: "UPDATE")
    }

    /// `DELETE FROM t WHERE …`
    func runDelete(_ statement: DeleteStatement) throws -> StatementResult {
        try change(
            RowChange(
                target: statement.table, actions: [RowChange.Action(condition: statement.filter, effect: .delete)]),
            inserting: nil, as: "DELETE FROM")
    }

    /// `MERGE INTO t USING s ON … WHEN …`
    func runMerge(_ statement: MergeStatement) throws -> StatementResult {
        try checkClauses(of: statement)
        var actions: [RowChange.Action] = []
        var insertion: MergeInsertion?
        for clause in statement.clauses {
            switch clause {
            case .update(let condition, let assignments):
                actions.append(RowChange.Action(condition: condition, effect: .update(assignments)))
            case .delete(let condition): actions.append(RowChange.Action(condition: condition, effect: .delete))
            case .insert(let condition, let columns, let values):
                let target = TableReference(
                    .table(TableSource(name: statement.target, alias: statement.alias)), range: statement.target.range)
                let unmatched = Join(
                    kind: .leftAnti, left: statement.source, right: target, condition: .on(statement.condition))
                let core = SelectCore(
                    items: values.map { SelectItem(expression: $0) }, from: TableReference(.join(unmatched)), filter: condition,
                    range: statement.target.range)
                insertion = MergeInsertion(query: Query(body: .select(core), range: statement.target.range), columns: columns)
            }
        }
        return try change(
            RowChange(
                target: statement.target, alias: statement.alias,
                source: RowChange.Source(reference: statement.source, condition: statement.condition), actions: actions),
            inserting: insertion, as: "MERGE INTO")
    }

    private func checkClauses(of statement: MergeStatement) throws {
        var kinds: [String] = []
        for (position, clause) in statement.clauses.enumerated() {
            let (kind, condition) =
                switch clause {
                case .update(let condition, _): ("UPDATE", condition)
                case .delete(let condition): ("DELETE", condition)
                case .insert(let condition, _, _): ("INSERT", condition)
                }
            guard !kinds.contains(kind) else {
                throw HiveError.semantic("MERGE statement can have at most 1 WHEN \(kind == "INSERT" ? "NOT " : "")MATCHED ... \(kind) clause")
            }
            kinds.append(kind)
            // Of two clauses for rows with a match the second is for those that the first leaves.
            let later = statement.clauses[(position + 1)...]
            if kind != "INSERT", condition == nil, later.contains(where: { if case .insert = $0 { false } else { true } }) {
                throw HiveError.semantic(
                    "MERGE statement with both UPDATE and DELETE clauses requires \"AND <boolean>\" on the 1st WHEN MATCHED "
                        + "clause of <\(statement.target.name.text)>")
            }
        }
    }

    // MARK: Checks

    /// A table whose rows can be changed.
    /// - Throws: for views, and for tables of which writing the rows anew would lose something.
    private func changeable(_ name: TableName) throws -> Table {
        let table = try self.table(name, qualified: true)
        guard !table.isView else { throw HiveError.semantic("You cannot update or delete records in a view", code: 10402) }
        // Rows that stay are written anew too, as the table shows them: what its files hold besides would be lost.
        guard table.kind != .external else {
            throw HiveError.semantic(
                "Attempt to do update or delete on table \(table.qualifiedName), which is external: its files may hold more than it shows",
                code: 10297)
        }
        try checkLines(of: table, table.storage)
        return table
    }

    /// Files that are written anew have lines, and none that are no rows.
    private func checkLines(of table: Table, _ storage: StorageDescriptor) throws {
        func property(_ name: String) -> String? { storage.serdeProperties[name] ?? table.properties[name] }
        let delimiter = "textinputformat.record.delimiter"
        let isDelimited = !(property(delimiter) ?? settings.configuration[delimiter] ?? "").isEmpty
        guard storage.format != .text || !isDelimited else {
            throw HiveError.semantic(
                "Attempt to do update or delete on table \(table.qualifiedName), whose records end at a delimiter of their own "
                    + "(\(delimiter)): files that are written anew have lines", code: 10297)
        }
        let skipped = ["skip.header.line.count", "skip.footer.line.count"].first { Int(property($0) ?? "") ?? 0 > 0 }
        if let skipped {
            throw HiveError.semantic(
                "Attempt to do update or delete on table \(table.qualifiedName), whose first or last lines are no rows (\(skipped)): "
                    + "files that are written anew have no such lines", code: 10297)
        }
    }

    private func check(_ change: RowChange, of table: Table) throws {
        for action in change.actions {
            guard case .update(let assignments) = action.effect else { continue }
            for column in assignments.map(\.column) {
                guard !table.partitionColumns.contains(where: { $0.name == column.name }) else {
                    throw HiveError.semantic("Updating values of partition columns is not supported", code: 10292)
                }
                guard table.columns.contains(where: { $0.name == column.name }) else {
                    var error = HiveError.semantic(
                        "Target column \"\(column.text)\" of set clause is not found in table \"\(table.qualifiedName)\".", code: 10408)
                    error.hint = NearestName.hint(for: column.name, among: table.columns.map(\.name))
                    throw error
                }
            }
        }
    }

    /// DEFAULT as the table's columns have it.
    private func withDefaults(_ change: RowChange, of table: Table) throws -> RowChange {
        var change = change
        for index in change.actions.indices {
            guard case .update(var assignments) = change.actions[index].effect else { continue }
            for place in assignments.indices {
                assignments[place].value = try withDefault(assignments[place].value, of: assignments[place].column.name, table)
            }
            change.actions[index].effect = .update(assignments)
        }
        return change
    }

    /// A row of the table with several matches would have several values.
    private func checkMatches(_ change: RowChange, of table: Table) throws {
        guard let source = change.source, !change.actions.isEmpty else { return }
        let binder = makeBinder()
        let counts = try binder.bindMatchCounts(change, source)
        let pairs = try numbers(counts.pairs, binder)
        let rows = try numbers(counts.rows, binder)
        guard pairs == rows else {
            throw ExecutionError.task(
                name: "mr.MapRedTask", code: 2,
                ". Cardinality Violation in Merge statement: rows of \(table.name) match several rows of the source")
        }
    }

    private func numbers(_ plan: LogicalPlan, _ binder: Binder) throws -> [Int64] {
        var result: [Int64] = []
        for batch in try collect(plan, binder) {
            let numbers = batch.columns[0].values(as: Int64.self)
            batch.rows.forEach { result.append(numbers[$0]) }
        }
        return result
    }

    private func collect(_ plan: LogicalPlan, _ binder: Binder) throws -> [Batch] {
        let collector = CollectingConsumer()
        try makeExecutor().run(try optimize(plan, binder), into: collector)
        return collector.batches
    }

    /// Rows are looked for more than once: to check them, to find their files, and to write these anew.
    private func checkRepeatable(_ affected: LogicalPlan) throws {
        guard !affected.isDeterministic else { return }
        throw HiveError.semantic(
            "The rows to change have to be the same each time they are looked for, but a function such as rand() or a program of "
                + "TRANSFORM takes part: put its answers into a table first")
    }

    // MARK: Rewriting

    /// Writes the partitions anew that have rows for an action, and adds what is inserted, all in one change of the table.
    private func change(_ change: RowChange, inserting insertion: MergeInsertion?, as verb: String) throws -> StatementResult {
        guard settings[Settings.rowChanges] == .rewrite else {
            throw HiveError.semantic(
                "Attempt to do update or delete using transaction manager that does not support these operations.", code: 10294)
        }
        let found = try changeable(change.target)
        return try locked(exclusive(found)) { binder in
            let table = try changeable(change.target)
            try check(change, of: table)
            let change = try withDefaults(change, of: table)
            let affected = change.actions.isEmpty ? nil : try binder.bindAffectedFiles(change)
            // What assigned values are, and whether they can be, is known before anything runs.
            if let affected {
                _ = try makeBinder().bindRewrite(change, of: [], table, withKeys: false)
                try checkRepeatable(affected)
            }
            let inserted = try insertion.map { try self.inserted($0, into: table, change.target, binder) }
            return (table, affected, inserted)
        } body: { (binder, bound: (table: Table, affected: LogicalPlan?, inserted: (TableDestination, BoundQuery)?)) in
            let table = bound.table
            let change = try withDefaults(change, of: table)
            try checkMatches(change, of: table)
            let affected = try bound.affected.map { try affectedRows(of: table, in: collect($0, binder)) } ?? AffectedRows()
            let transaction = self.transaction("\(verb) \(table.qualifiedName)", [table])
            var writes: [PlannedWrite] = []
            for partition in affected.partitions { try checkRewriting(of: partition, table) }
            for partitions in try rewrittenTogether(affected.partitions, of: table) {
                writes.append(try rewrite(partitions, of: table, by: change, in: transaction))
            }
            var insertedRows = 0
            if let (destination, query) = bound.inserted {
                let write = try planWrite(query, binder, into: destination, transaction)
                try run(write.plan, binder, into: [write.writer])
                insertedRows = Self.parts(of: write.writer).reduce(0) { $0 + $1.rowCount }
                if insertedRows > 0 { writes.append(write) }
            }
            guard !writes.isEmpty else { return StatementResult(output: .none, affectedRows: 0) }
            var totals = WriteTotals()
            let metadata = try writes.map { try $0.finish(&totals) { _, _, _ in } }
            try transaction.commit { for step in metadata { try step() } }
            return StatementResult(output: .none, affectedRows: affected.rowCount + insertedRows)
        }
    }

    /// The partitions (or the whole of a table without any) that hold some files, and how many rows are meant.
    /// - Parameter counts: paths of files and numbers of rows.
    private func affectedRows(of table: Table, in counts: [Batch]) throws -> AffectedRows {
        let all = table.isPartitioned ? try catalog.partitions(of: table) : [Partition(values: [], storage: table.storage)]
        var byFolder: [String: Int] = [:]
        for (index, partition) in all.enumerated() { byFolder[FolderListing.path(try folder(partition.storage), "")] = index }
        var found = Set<Int>()
        var rowCount = 0
        for batch in counts {
            let files = batch.columns[0].values(as: StringView.self)
            let rows = batch.columns[1].values(as: Int64.self)
            try batch.rows.forEach { row in
                let name = files[row].string
                var path = name.droppingPrefix("file:") ?? name.droppingPrefix(HadoopArchive.scheme) ?? name
                // The file itself may be the location.
                while byFolder[FolderListing.path(path, "")] == nil, path != "/", path != "." { path = LocalFiles.parent(of: path) }
                guard let index = byFolder[FolderListing.path(path, "")] else {
                    throw HiveError.semantic("The file \(name) is in no folder of \(table.qualifiedName)")
                }
                found.insert(index)
                rowCount += Int(rows[row])
            }
        }
        return AffectedRows(partitions: found.sorted().map { all[$0] }, rowCount: rowCount)
    }

    /// A partition that is written anew gets the table's columns. Those of its files must be among them, or what the table does
    /// not show any more would be lost.
    private func checkColumns(of partition: Partition, _ table: Table) throws {
        guard let own = partition.columns, own != table.columns else { return }
        let isShown =
            own.count <= table.columns.count
            && zip(own, table.columns).allSatisfy { $0.name == $1.name && TypeCoercion.commonType($0.type, $1.type) == $1.type }
        guard isShown else {
            let name = PartitionName.make(columns: table.partitionColumns.map(\.name), values: partition.values)
            throw HiveError.semantic(
                "Attempt to do update or delete on partition \(name) of \(table.qualifiedName), whose files have other columns than the "
                    + "table (ALTER TABLE … CASCADE gives partitions the table's)", code: 10297)
        }
    }

    /// - Throws: for a partition of which writing its rows anew would lose something.
    func checkRewriting(of partition: Partition, _ table: Table) throws {
        try checkIsNotArchived(partition, of: table)
        try checkColumns(of: partition, table)
        try checkLines(of: table, partition.storage)
    }

    /// Writes the rows of some partitions, or of a table without any, anew into a staging folder.
    func rewrite(_ partitions: [Partition], of table: Table, by change: RowChange, in transaction: WriteTransaction) throws
        -> PlannedWrite
    {
        let binder = makeBinder()
        let rows = try binder.bindRewrite(change, of: partitions, table, withKeys: partitions.count > 1)
        let write = try planWrite(rows, binder, into: whole(partitions, of: table, change.target), transaction)
        try run(write.plan, binder, into: [write.writer])
        return write
    }

    /// How many partitions are written at once: each has a file that is open.
    private static let partitionsAtOnce = 128

    /// The partitions whose rows are read and written by one plan, so that MERGE joins its source once for all of them. Rows find
    /// their partition by their keys: one that is spelled otherwise than its keys would be (`k=02`) is by itself.
    private func rewrittenTogether(_ partitions: [Partition], of table: Table) throws -> [[Partition]] {
        guard partitions.count > 1 else { return partitions.map { [$0] } }
        let binder = makeBinder()
        let keys = try PartitionKeys(
            partitions,
            keys: table.partitionColumns.enumerated().map { (output: binder.makeColumn($1.name, $1.type), index: $0) },
            context: evaluationContext)
        var together: [Partition] = []
        var alone: [[Partition]] = []
        for (index, partition) in partitions.enumerated() {
            let texts = try keys.constants(of: index).map { key -> String in
                let text = try PartitionText.column(of: key, Batch(columns: [key], capacity: 1))
                return text.isNull(0) ? nullPartition : text.values(as: StringView.self)[text.element(of: 0)].string
            }
            if texts == partition.values { together.append(partition) } else { alone.append([partition]) }
        }
        let groups = stride(from: 0, to: together.count, by: Self.partitionsAtOnce).map {
            Array(together[$0..<min($0 + Self.partitionsAtOnce, together.count)])
        }
        return groups + alone
    }

    /// Partitions, or a table without any, whose rows are replaced.
    private func whole(_ partitions: [Partition], of table: Table, _ name: TableName) -> TableDestination {
        let isOne = partitions.count == 1
        let targets = isOne ? table.columns : table.allColumns
        return TableDestination(
            statement: InsertTable(isOverwrite: true, name: name), table: table,
            staticValues: isOne ? partitions[0].values : table.partitionColumns.map { _ in nil }, targets: targets,
            positions: targets.indices.map { $0 }, takesTableColumns: true, replaced: isOne ? nil : partitions.map(\.values))
    }

    private func inserted(
        _ insertion: MergeInsertion, into table: Table, _ name: TableName, _ binder: Binder
    ) throws -> (TableDestination, BoundQuery) {
        let statement = InsertTable(isOverwrite: false, name: name, columns: insertion.columns)
        let destination = try columns(
            of: statement, table: table, staticValues: table.partitionColumns.map { _ in nil })
        var values = insertion.query
        if case .select(var core) = values.body {
            for (position, target) in destination.targets.enumerated() where core.items.indices.contains(position) {
                core.items[position].expression = try withDefault(core.items[position].expression, of: target.name, table)
            }
            values.body = .select(core)
        }
        let query = try binder.bindInsertSource(
            values, targets: destination.targets, table: name.name, unconverted: destination.partitionColumnNames)
        return (destination, query)
    }
}
