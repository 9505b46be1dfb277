import Catalog
import Columnar
import Execution
import Expressions
import HiveSyntax
import Planner
import Platform

/// Notes that the statement writes to a folder; throws when what it put there already would be replaced.
typealias FolderClaim = (_ folder: String, _ isReplaced: Bool, _ name: String) throws -> Void

/// Rows on their way into a table or folder: their plan, what writes them, and what is to be done when all are written.
struct PlannedWrite {
    var plan: LogicalPlan
    var writer: TableWriteConsumer
    /// Adds the files to the transaction; gives what is to be written to the metastore when it commits.
    var finish: (inout WriteTotals, FolderClaim) throws -> () throws -> Void
}

/// A query of an insert, bound and with its destination.
private struct BoundInsert {
    var destination: InsertDestination
    var query: BoundQuery
}

extension StatementRunner {
    func runInsert(_ statement: InsertStatement) throws -> StatementResult {
        var query = statement.source
        query.with = statement.with + query.with
        return try insert([(statement.target, query)], readOneSource: false) { binder, destinations in
            var query = query
            guard case .table(let table)? = destinations.first else {
                query.body = Self.withCommonTypes(query.body)
                return [try binder.bindQuery(query, reducers: reducers)]
            }
            query.body = Self.withCommonTypes(try withDefaults(query.body, table.targets, of: table.table))
            return [
                try binder.bindInsertSource(
                    query, targets: table.targets, table: table.statement.name.name,
                    unconverted: table.partitionColumnNames, reducers: table.table.storage.isBucketed ? nil : reducers)
            ]
        }
    }

    /// Rows of VALUES go into the table as text does in Hive: a column whose rows are of different kinds, such as
    /// numbers and strings, or decimals and doubles, is one of strings, which then become the table's type.
    private static func withCommonTypes(_ body: Query.Body) -> Query.Body {
        guard case .values(var rows) = body else { return body }
        func kind(_ expression: Expression) -> Int {
            switch expression.kind {
            case .literal(.null), .defaultValue: 0
            case .literal(.string): 1
            case .literal(.boolean): 2
            case .literal(.integer), .literal(.decimal): 3
            case .literal(.double): 7
            case .unary(_, let operand): kind(operand)
            case .literal(.date): 4
            case .literal(.timestamp): 5
            default: 6
            }
        }
        for position in 0..<(rows.map(\.count).min() ?? 0) {
            let kinds = Set(rows.map { kind($0[position]) }).subtracting([0])
            guard kinds.count > 1 else { continue }
            for row in rows.indices where kind(rows[row][position]) != 0 {
                let value = rows[row][position]
                rows[row][position] = Expression(
                    .cast(value, TypeName(.primitive(.string)), format: nil), range: value.range)
            }
        }
        return .values(rows)
    }

    /// `FROM source INSERT … INSERT …`: each branch is a query that reads the source, which is read once.
    func runMultiInsert(_ statement: MultiInsertStatement) throws -> StatementResult {
        let branches = statement.branches.map { (target: $0.target, query: $0.source) }
        return try insert(branches, readOneSource: true) { binder, destinations in
            try bind(statement, to: destinations, binder)
        }
    }

    /// The branches' queries, as plans that read one shared source.
    private func bind(
        _ statement: MultiInsertStatement, to destinations: [InsertDestination], _ binder: Binder
    ) throws -> [BoundQuery] {
        let source = try binder.bindBranchSource(statement)
        return try zip(statement.branches, destinations).map { branch, destination in
            var target: (columns: [SchemaColumn], table: Identifier, unconverted: Set<String>)?
            if case .table(let table) = destination { target = (table.targets, table.statement.name.name, table.partitionColumnNames) }
            return try binder.bindBranch(branch.source, of: source, target: target)
        }
    }

    /// The plan of all branches, for EXPLAIN.
    func bindBranches(_ statement: MultiInsertStatement, _ binder: Binder) throws -> BoundQuery {
        try checkOutputs(try statement.branches.map { try destination($0.target) })
        let source = try binder.bindBranchSource(statement)
        let queries = try statement.branches.map { try binder.bindBranch($0.source, of: source, target: nil) }
        return BoundQuery(
            plan: binder.statementPlan(branches: queries.map(\.plan)), columns: queries.flatMap(\.columns))
    }

    private func insert(
        _ branches: [(target: InsertTarget, query: Query)], readOneSource: Bool,
        bind: (Binder, [InsertDestination]) throws -> [BoundQuery]
    ) throws -> StatementResult {
        var wanted: [String: LockMode] = [:]
        for branch in branches {
            guard case .table(let target) = branch.target else { continue }
            let table = try tableAtPosition(target.name)
            wanted.merge(exclusive(table)) { max($0, $1) }
        }
        return try locked(wanted) { binder in
            let destinations = Self.appendingTogether(try branches.map { try self.destination($0.target) })
            try checkOutputs(destinations)
            return zip(destinations, try bind(binder, destinations)).map { BoundInsert(destination: $0, query: $1) }
        } body: { binder, inserts in
            try run(inserts, readOneSource: readOneSource, binder)
        }
    }

    /// - Parameter readOneSource: whether the queries are branches of a statement, one or more, which read its source.
    private func run(_ inserts: [BoundInsert], readOneSource: Bool, _ binder: Binder) throws -> StatementResult {
        var tables: [Table] = []
        for insert in inserts { if case .table(let target) = insert.destination { tables.append(target.table) } }
        let names = tables.map(\.qualifiedName).joined(separator: ", ")
        let change = transaction("INSERT INTO \(names.isEmpty ? "DIRECTORY" : names)", tables)
        try lockFolders(
            inserts.compactMap { insert in
                guard case .directory(let directory) = insert.destination else { return nil }
                return try locations.path(of: outputLocation(of: directory))
            }, for: change)
        var totals = WriteTotals()
        var metadata: [() throws -> Void] = []
        var writes: [PlannedWrite] = []
        // Folders that the statement writes to; branches may reach one by different links.
        var written = Set<String>()
        func claim(_ folder: String, _ isReplaced: Bool, _ name: String) throws {
            let isNew = written.insert(inserts.count > 1 ? LocalFiles.resolved(folder) : folder).inserted
            guard isNew || !isReplaced else { throw Self.repeatedOutput(name) }
        }
        for insert in inserts {
            switch insert.destination {
            case .directory(let directory): writes.append(try planWrite(insert.query, into: directory, change, claim))
            case .table(let target):
                try checkDynamic(target)
                if target.statement.ifNotExists, try hasPartition(target) { continue }
                writes.append(try planWrite(insert.query, binder, into: target, change))
            }
        }
        if !writes.isEmpty {
            let plan = readOneSource ? binder.statementPlan(branches: writes.map(\.plan)) : writes[0].plan
            try run(plan, binder, into: writes.map(\.writer))
        }
        for write in writes { metadata.append(try write.finish(&totals, claim)) }
        try change.commit { for step in metadata { try step() } }
        return StatementResult(output: .none, affectedRows: totals.rows)
    }

    // MARK: Destinations

    private func destination(_ target: InsertTarget) throws -> InsertDestination {
        switch target {
        case .directory(let directory): return .directory(directory)
        case .table(let statement):
            let table = try tableAtPosition(statement.name)
            guard !table.isView else {
                throw PlanError("A view cannot be used as target table for LOAD or INSERT", code: 10090, at: statement.name.range)
            }
            guard !table.isPartitioned || !statement.partition.isEmpty || isDynamicByDefault else {
                throw PlanError(
                    "Need to specify partition columns because the destination table is partitioned. Error encountered "
                        + "near token '\(statement.name.name.text)'", at: statement.name.range)
            }
            let spec = try partitionSpec(statement.partition, of: table)
            try checkNotEmpty(spec, statement.partition, of: table)
            let staticValues = table.partitionColumns.indices.map { spec[$0] ?? nil }
            try checkOrder(staticValues, statement, table)
            return .table(try columns(of: statement, table: table, staticValues: staticValues))
        }
    }

    /// Without a PARTITION clause Hive 4 takes all partition columns from the query.
    private var isDynamicByDefault: Bool {
        settings[Settings.dynamicPartitions] && settings[Settings.dynamicPartitionMode] == .nonstrict
    }

    private func checkOrder(_ values: [String?], _ statement: InsertTable, _ table: Table) throws {
        guard let firstDynamic = values.firstIndex(where: { $0 == nil }),
            let later = values[firstDynamic...].firstIndex(where: { $0 != nil })
        else { return }
        let name = table.partitionColumns[later].name
        let value = statement.partition.first { $0.column.name == name }?.value
        throw PlanError(
            "Dynamic partition cannot be the parent of a static partition '\(value.map { source.text($0.range) } ?? name)'",
            code: 10094, at: value?.range)
    }

    /// `INSERT INTO t (b, a) …`: which query column goes where.
    func columns(of statement: InsertTable, table: Table, staticValues: [String?]) throws -> TableDestination {
        let dynamic = table.partitionColumns.indices.filter { staticValues[$0] == nil }
            .map { table.partitionColumns[$0] }
        guard let listed = statement.columns else {
            let all = table.columns + dynamic
            return TableDestination(
                statement: statement, table: table, staticValues: staticValues, targets: all,
                positions: all.indices.map { $0 })
        }
        let known = table.columns + dynamic
        var targets: [SchemaColumn] = []
        for identifier in listed {
            guard let column = known.first(where: { $0.name == identifier.name }) else {
                throw PlanError(
                    "'\(identifier.name)' in insert schema specification is not found among regular columns of "
                        + "\(table.qualifiedName) nor dynamic partition columns.. Error encountered near token "
                        + "'\(identifier.text)'", at: identifier.range,
                    hint: NearestName.hint(for: identifier.name, among: known.map(\.name)))
            }
            guard !targets.contains(column) else {
                throw PlanError(
                    "Duplicate column name detected in \(table.qualifiedName) table schema specification. Error encountered "
                        + "near token '\(identifier.text)'", at: identifier.range)
            }
            targets.append(column)
        }
        // Dynamic partition columns that are not listed come last in the query.
        targets += dynamic.filter { !targets.contains($0) }
        return TableDestination(
            statement: statement, table: table, staticValues: staticValues, targets: targets,
            positions: known.map { targets.firstIndex(of: $0) })
    }

    private func checkDynamic(_ target: TableDestination) throws {
        guard target.isDynamic else { return }
        guard settings[Settings.dynamicPartitions] else {
            let element = target.statement.partition.first { $0.value == nil }
            throw PlanError(
                "Dynamic partition is disabled. Either enable it by setting hive.exec.dynamic.partition=true or specify "
                    + "partition column values. Error encountered near token '\(element?.column.text ?? target.table.name)'",
                at: element?.column.range)
        }
        let isStrict = settings[Settings.dynamicPartitionMode] == .strict
        if isStrict, target.staticValues.allSatisfy({ $0 == nil }) {
            throw HiveError.semantic(
                "Dynamic partition strict mode requires at least one static partition column. To turn this off set "
                    + "hive.exec.dynamic.partition.mode=nonstrict", code: 10096)
        }
    }

    func hasPartition(_ target: TableDestination) throws -> Bool {
        guard !target.isDynamic else {
            throw HiveError.semantic("IF NOT EXISTS is not allowed with dynamic partitions", code: 10215)
        }
        return try metastore.partition(of: target.table, values: target.staticValues.compactMap { $0 }) != nil
    }

    // MARK: Writing

    /// Makes ready to write the query's rows into a staging folder of the table.
    func planWrite(
        _ query: BoundQuery, _ binder: Binder, into target: TableDestination, _ change: WriteTransaction
    ) throws -> PlannedWrite {
        try checkArchives(target)
        let root = try folder(target.table.storage)
        change.add(.makeFolder(root))
        let writer = try makeWriter(
            of: target.table, staticValues: target.staticValues, replacing: target.replaced, reducers: query.reducers,
            folder: root, otherStorages: target.statement.isOverwrite ? [:] : try otherStorages(target), change: change)
        let plan = try sorted(
            enforcing(arranged(query.plan, for: target, binder), for: target.table, binder), for: target.table, binder)
        return PlannedWrite(plan: plan, writer: writer) { [self] totals, claim in
            try finish(writer, target, root, change, &totals, claim)
        }
    }

    /// Partitions that keep their files otherwise than the table: what is added to them is written in their way.
    private func otherStorages(_ target: TableDestination) throws -> [[String]: StorageDescriptor] {
        let table = target.table
        guard table.isPartitioned else { return [:] }
        let partitions =
            target.isDynamic
            ? try metastore.partitions(of: table)
            : Array(try metastore.partitions(of: table, named: [target.staticValues.compactMap { $0 }]).values)
        return Dictionary(
            partitions.filter { !$0.storage.isStored(as: table.storage) }.map { ($0.values, $0.storage) }
        ) { first, _ in first }
    }

    private func finish(
        _ writer: TableWriteConsumer, _ target: TableDestination, _ root: String, _ change: WriteTransaction,
        _ totals: inout WriteTotals, _ claim: FolderClaim
    ) throws -> () throws -> Void {
        let table = target.table
        var parts = Self.parts(of: writer)
        if parts.isEmpty, !target.isDynamic {
            parts = [WrittenPart(values: target.staticValues.compactMap { $0 }, files: [], rowCount: 0)]
        }
        if let replaced = target.replaced {
            let written = Set(parts.map(\.values))
            parts += replaced.filter { !written.contains($0) }.map { WrittenPart(values: $0) }
        }
        let existing = table.isPartitioned ? try metastore.partitions(of: table, named: parts.map(\.values)) : [:]
        let isOverwrite = target.statement.isOverwrite
        for partition in existing.values { try checkIsNotArchived(partition, of: table) }
        for part in parts {
            totals.add(part)
            let place = PartitionTarget(
                part, of: table, folder: root, existing: try existing[part.values].map { try folder($0.storage) })
            try claim(place.folder, isOverwrite, target.outputName(part.values))
            if table.isPartitioned, existing[part.values] == nil, let staged = part.stagedFolder,
                try change.addFolder(staged, as: place.folder, files: part.files.map(\.name))
            {
                continue
            }
            if table.isPartitioned { change.add(.makeFolder(place.folder)) }
            let files = try onSameFileSystem(part.files, as: place.folder, change)
            if isOverwrite {
                try change.replaceFiles(
                    of: place.folder, with: files.map { ($0.path, $0.name) },
                    owner: RemovalOwner(table, partition: part.values))
            } else {
                for file in files { try change.addFile(file.path, named: file.name, to: place.folder) }
            }
        }
        return { [self] in try writeStatistics(parts, target) }
    }

    /// Brings the metastore up to what was written. Another branch of the statement may have changed it already.
    private func writeStatistics(_ parts: [WrittenPart], _ target: TableDestination) throws {
        let table = target.table, isOverwrite = target.statement.isOverwrite
        guard table.isPartitioned else {
            guard let part = parts.first, let current = try catalog.table(database: table.database, name: table.name)
            else { return }
            var changed = current
            setStatistics(&changed.properties, part, isFresh: false, isOverwrite: isOverwrite)
            try update(changed, from: current)
            return
        }
        let existing = try metastore.partitions(of: table, named: parts.map(\.values))
        var added: [Partition] = []
        var changed: [(values: [String], partition: Partition)] = []
        for part in parts {
            guard var partition = existing[part.values] else {
                added.append(newPartition(part, of: table, isFresh: true))
                continue
            }
            setStatistics(&partition.properties, part, isFresh: false, isOverwrite: isOverwrite)
            if isOverwrite {
                partition.storeAs(table)
                if target.takesTableColumns { partition.columns = nil }
            } else if !partition.storage.hasBuckets(of: table.storage) {
                BucketTrust.lose(&partition.properties)
            }
            changed.append((part.values, partition))
        }
        try metastore.addPartitions(added, to: table)
        try metastore.updatePartitions(of: table, changed)
    }

    /// Files are staged in the table's folder. A partition that stands on another file system gets copies there, so
    /// that the commit only renames.
    private func onSameFileSystem(_ files: [WrittenFile], as folder: String, _ change: WriteTransaction) throws
        -> [WrittenFile]
    {
        let nearest = LocalFiles.nearestFolder(folder)
        guard let first = files.first, let here = LocalFiles.status(first.path), let there = LocalFiles.status(nearest),
            here.st_dev != there.st_dev
        else { return files }
        let staging = try change.makeStagingFolder(in: nearest)
        return try files.map { file in
            var copy = file
            copy.path = "\(staging)/\(file.name)"
            try LocalFiles.copy(file.path, to: copy.path)
            return copy
        }
    }

    /// The query's columns in the table's order, those that were not listed as the table's defaults say, or NULL.
    private func arranged(_ plan: LogicalPlan, for target: TableDestination, _ binder: Binder) throws -> LogicalPlan {
        guard target.statement.columns != nil else { return plan }
        let outputs = plan.outputs
        let dynamic = target.table.partitionColumns.indices.filter { target.staticValues[$0] == nil }
            .map { target.table.partitionColumns[$0] }
        let columns = target.table.columns + dynamic
        var expressions = try zip(columns, target.positions).map { column, position -> NamedExpression in
            let value = try position.map { BoundExpression.column(outputs[$0]) } ?? missing(column, of: target.table, binder)
            return NamedExpression(output: binder.makeColumn(column.name, value.type), expression: value)
        }
        // What says which file a row goes to stays behind the columns.
        expressions += outputs.dropFirst(target.targets.count).map { NamedExpression(output: $0, expression: .column($0)) }
        return plan.replacingBody { .project(LogicalProject(input: $0, expressions: expressions)) }
    }

    /// The value of a column for which a statement has none.
    private func missing(_ column: SchemaColumn, of table: Table, _ binder: Binder) throws -> BoundExpression {
        guard let value = try table.defaultValue(of: column.name) else { return .null(column.type) }
        let (constant, type) = try binder.evaluateConstant(value)
        let literal = BoundExpression(.literal(constant), type: type)
        return type == column.type ? literal : BoundExpression(.cast(literal), type: column.type)
    }

    /// `INSERT OVERWRITE [LOCAL] DIRECTORY`: the folder holds nothing but the rows afterwards.
    private func planWrite(
        _ query: BoundQuery, into directory: InsertDirectory, _ change: WriteTransaction, _ claim: FolderClaim
    ) throws -> PlannedWrite {
        let location = try outputLocation(of: directory)
        let folder = try locations.path(of: location)
        if let refused = try change.removals.refusal(emptying: folder, owner: .namedPath) { throw refused.error("overwrite") }
        try claim(folder, true, directory.path)
        change.add(.makeFolder(folder))
        var storage = try self.storage(
            TableStorage(rowFormat: directory.rowFormat, fileFormat: directory.storedAs ?? .named(Identifier("textfile"))))
        storage.location = location
        let target = Table(
            database: "", name: directory.path, columns: Self.unqualified(query.columns), storage: storage)
        let writer = try makeWriter(of: target, staticValues: [], reducers: query.reducers, folder: folder, change: change)
        return PlannedWrite(plan: query.plan, writer: writer) { totals, _ in
            let parts = Self.parts(of: writer)
            let files = parts.flatMap(\.files)
            try change.replaceFiles(of: folder, with: files.map { ($0.path, $0.name) }, owner: .namedPath)
            for part in parts { totals.add(part) }
            return {}
        }
    }
}
