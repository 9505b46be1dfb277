import Catalog
import Columnar
import HiveSyntax
import Planner
import TableFormats

extension StatementRunner {
    func createTable(_ statement: CreateTableStatement) throws -> StatementResult {
        let name = statement.name.name.name
        let database = databaseName(statement.name)
        try checkTableName(name)
        guard let record = try metastore.databaseRecord(database) else {
            throw HiveError.semantic("Database does not exist: \(database)", code: 10072)
        }
        if statement.modifiers.contains(.transactional) { throw HiveError.unsupported("A transactional table") }
        if statement.hasPartitionSpec || statement.partitionNames.contains(where: { $0.function != nil }) {
            throw HiveError.unsupported("PARTITIONED BY SPEC")
        }
        switch statement.source {
        case .query(let query): return try createTable(statement, database: record, as: query)
        case .like, .likeFile, .columns: break
        }
        let locks: [String: LockMode] =
            statement.isTemporary ? [:] : [database: .shared, "\(database).\(name)": .exclusive]
        return try locked(locks) {
            // The database may have been altered or dropped before it was locked.
            guard let record = try metastore.databaseRecord(database) else {
                throw HiveError.semantic("Database does not exist: \(database)", code: 10072)
            }
            if try existing(database, name, isTemporary: statement.isTemporary) {
                if statement.ifNotExists { return none }
                throw HiveError.task("AlreadyExistsException(message:Table \(name) already exists)")
            }
            var table: Table
            if case .like(let source) = statement.source {
                table = try tableLike(source, statement, database: record)
            } else {
                table = try self.table(statement, database: record)
                let columns: [SchemaColumn]
                if case .likeFile(let format, let path) = statement.source {
                    columns = try self.columns(ofFile: path, format)
                } else {
                    columns = try self.columns(statement.columns)
                }
                table.columns = Self.served(columns, by: table.storage)
                table.partitionColumns = try self.columns(statement.partitionColumns)
                try adoptAvroColumns(&table)
                guard !table.columns.isEmpty || table.storage.format == .avro else {
                    throw HiveError.semantic("Either list of columns or a custom serializer should be specified", code: 10043)
                }
            }
            try checkColumns(table)
            try addConstraints(statement.columns + statement.partitionColumns, statement.constraints, to: &table)
            try checkBuckets(table)
            if let skew = statement.skew { table.skew = try skewedColumns(skew, of: table) }
            try checkSerDe(table)
            try setInitialStatistics(&table)
            let change = transaction("CREATE TABLE \(table.qualifiedName)", [table])
            change.add(.makeFolder(try folder(table.storage)))
            try change.commit { if !table.isTemporary { try metastore.createTable(table) } }
            if table.isTemporary { catalog.setTemporary(table) }
            return none
        }
    }

    private func existing(_ database: String, _ name: String, isTemporary: Bool) throws -> Bool {
        isTemporary
            ? catalog.temporaryTables["\(database).\(name)"] != nil
            : try metastore.table(database: database, name: name) != nil
    }

    /// What a CREATE TABLE says of the table, but for its columns.
    private func table(_ statement: CreateTableStatement, database: DatabaseRecord) throws -> Table {
        let name = statement.name.name.name
        var storage = try storage(statement.storage, isExternal: statement.isExternal)
        if let bucketing = statement.bucketing {
            storage.bucketColumns = bucketing.columns.map(\.name)
            storage.bucketCount = bucketing.bucketCount
            storage.sortColumns = bucketing.sortedBy.map {
                StorageDescriptor.SortColumn(name: $0.name.name, isAscending: $0.direction != .descending)
            }
        }
        storage.location = try newLocation(statement, database: database)
        var properties = Self.dictionary(statement.properties)
        let comment = statement.comment ?? properties["comment"]
        properties["comment"] = nil
        return Table(
            database: database.name, name: name, kind: statement.isExternal ? .external : .managed, columns: [],
            storage: storage, properties: properties, comment: comment,
            owner: SystemProperties.userName, createTime: currentSeconds(), isTemporary: statement.isTemporary)
    }

    private func newLocation(_ statement: CreateTableStatement, database: DatabaseRecord) throws -> String {
        let name = statement.name.name.name
        if let location = statement.location {
            let stored = try locations.stored(location)
            let path = try locations.path(of: stored)
            if let status = LocalFiles.status(path), !LocalFiles.isFolder(path), status.st_size >= 0 {
                throw HiveError.task("MetaException(message:\(locations.uri(of: stored)) is not a directory or unable to create one)")
            }
            return stored
        }
        if statement.isTemporary { return "\(try session.makeScratchFolder())/\(database.name).\(Warehouse.folderName(ofTable: name))" }
        return Warehouse.defaultLocation(ofTable: name, in: database)
    }

    /// `LIKE FILE PARQUET '…'`: the columns of a file that says what they are.
    private func columns(ofFile path: String, _ format: Identifier) throws -> [SchemaColumn] {
        guard let kind = FileKind(rawValue: format.name), kind.describesItself else {
            throw HiveError.semantic("CREATE TABLE LIKE FILE is not supported by the '\(format.text)' file format")
        }
        let locations = self.locations
        return try DescribedFiles(kind, path) { try locations.path(of: $0) }.columns
    }

    private func tableLike(_ source: TableName, _ statement: CreateTableStatement, database: DatabaseRecord) throws
        -> Table
    {
        guard let model = try findTable(source) else {
            throw HiveError.task("Table not found \(Self.written(source))")
        }
        var table = try self.table(statement, database: database)
        table.columns = model.columns
        table.partitionColumns = model.partitionColumns
        table.skew = model.skew
        if statement.storage.rowFormat == nil, statement.storage.fileFormat == nil, !model.isView {
            let location = table.storage.location
            table.storage = model.storage
            table.storage.location = location
        }
        let shared = ["skip.header.line.count", "skip.footer.line.count"] + StorageClasses.properties(ofSerDe: model.storage.serde)
        for key in shared where table.properties[key] == nil { table.properties[key] = model.properties[key] }
        return table
    }

    /// `CREATE TABLE … AS SELECT`: columns are the query's; rows and table appear together.
    private func createTable(
        _ statement: CreateTableStatement, database: DatabaseRecord, as query: Query
    ) throws -> StatementResult {
        guard statement.columns.isEmpty, statement.partitionColumns.isEmpty else {
            throw HiveError.semantic(
                "CREATE-TABLE-AS-SELECT does not support column specification: its columns are the query's", code: 10065)
        }
        if statement.isExternal {
            throw HiveError.semantic("CREATE-TABLE-AS-SELECT cannot create external table", code: 10070)
        }
        let name = statement.name.name.name
        let qualified = "\(database.name).\(name)"
        let locks: [String: LockMode] = statement.isTemporary ? [:] : [database.name: .shared, qualified: .exclusive]
        let isDealtOut = statement.partitionNames.isEmpty && statement.bucketing == nil
        return try locked(locks) { binder in
            try binder.bindQuery(query, reducers: isDealtOut ? reducers : nil)
        } body: { binder, bound in
            if try existing(database.name, name, isTemporary: statement.isTemporary) {
                if statement.ifNotExists { return none }
                throw HiveError.task("AlreadyExistsException(message:Table \(qualified) already exists)")
            }
            guard let record = try metastore.databaseRecord(database.name) else {
                throw HiveError.semantic("Database does not exist: \(database.name)", code: 10072)
            }
            var table = try self.table(statement, database: record)
            var plan = bound.plan
            let columns = Self.unqualified(bound.columns)
            let keys = statement.partitionNames.map(\.column.name)
            if keys.isEmpty {
                table.columns = columns
            } else {
                plan = try splitPartitionColumns(keys, of: columns, plan: plan, into: &table)
            }
            plan = try adoptAvroColumns(&table, of: plan, binder)
            if let column = table.allColumns.first(where: { $0.type == .void }) {
                throw HiveError.semantic("CREATE-TABLE-AS-SELECT creates a VOID type, please use CAST to specify the type, near field:  \(column.name)", code: 10305)
            }
            table.columns = Self.served(table.columns, by: table.storage)
            try checkColumns(table)
            try checkBuckets(table)
            if let skew = statement.skew { table.skew = try skewedColumns(skew, of: table) }
            try checkSerDe(table)
            let folder = try self.folder(table.storage)
            if statement.location != nil, try !LocalFiles.entries(of: folder).isEmpty {
                throw HiveError.semantic(
                    "CREATE-TABLE-AS-SELECT cannot create table with location to a non-empty directory. \(folder)", code: 10304)
            }
            let change = transaction("CREATE TABLE \(qualified) AS SELECT", [table])
            change.add(.makeFolder(folder))
            let written = try write(
                plan, binder, into: table, staticValues: Array(repeating: nil, count: table.partitionColumns.count),
                reducers: bound.reducers, folder: folder, change: change)
            var partitions: [Partition] = []
            var totals = WriteTotals()
            for part in written {
                let target = PartitionTarget(part, of: table, folder: folder, existing: nil)
                try change.replaceFiles(
                    of: target.folder, with: part.files.map { ($0.path, $0.name) }, owner: RemovalOwner(table: table))
                change.add(.makeFolder(target.folder))
                totals.add(part)
                if table.isPartitioned { partitions.append(newPartition(part, of: table, isFresh: true)) }
            }
            if !table.isPartitioned {
                if let part = written.first { setStatistics(&table.properties, part, isFresh: true, isOverwrite: true) }
                if written.isEmpty { try change.replaceFiles(of: folder, with: [], owner: RemovalOwner(table: table)) }
            }
            table.properties["transient_lastDdlTime"] = "\(currentSeconds())"
            try change.commit {
                if !table.isTemporary {
                    try metastore.createTable(table)
                    if table.isPartitioned { try metastore.addPartitions(partitions, to: table) }
                }
            }
            if table.isTemporary { catalog.setTemporary(table) }
            return StatementResult(output: .none, affectedRows: totals.rows)
        }
    }

    /// Names of a query's columns as column names: `t.a` becomes `a`.
    static func unqualified(_ columns: [SchemaColumn]) -> [SchemaColumn] {
        columns.map { column in
            var column = column
            if let dot = column.name.lastIndex(of: "."), dot != column.name.startIndex {
                column.name = String(column.name[column.name.index(after: dot)...])
            }
            return column
        }
    }

    /// `PARTITIONED BY (b)` of CREATE TABLE AS: those columns go behind the others, in the order of the list.
    private func splitPartitionColumns(
        _ keys: [String], of columns: [SchemaColumn], plan: LogicalPlan, into table: inout Table
    ) throws -> LogicalPlan {
        let positions = try keys.map { key in
            guard let position = columns.firstIndex(where: { $0.name == key }) else {
                throw HiveError.semantic("Partition column \(key) is not a column of the query", code: 10035)
            }
            return position
        }
        let rest = columns.indices.filter { !positions.contains($0) }
        table.columns = rest.map { columns[$0] }
        table.partitionColumns = positions.map { columns[$0] }
        let outputs = plan.outputs
        return .project(
            LogicalProject(
                input: plan,
                expressions: (rest + positions).map {
                    NamedExpression(output: outputs[$0], expression: .column(outputs[$0]))
                }))
    }

    // MARK: Checks

    func columns(_ definitions: [ColumnDefinition]) throws -> [SchemaColumn] {
        try definitions.map { definition in
            SchemaColumn(name: definition.name.name, type: try SQLType(definition.type), comment: definition.comment)
        }
    }

    func checkColumns(_ table: Table) throws {
        var names = Set<String>()
        for column in table.columns where !names.insert(column.name).inserted {
            throw HiveError.semantic("Duplicate column name: \(column.name)", code: 10036)
        }
        for column in table.partitionColumns {
            guard names.insert(column.name).inserted else {
                throw HiveError.semantic("Column repeated in partitioning columns", code: 10035)
            }
            guard column.type.isPrimitive || table.isView else {
                throw HiveError.semantic("Partition columns can only be of primitive type: \(column.name)", code: 10126)
            }
        }
        if table.isTemporary, table.isPartitioned {
            throw HiveError.semantic("Partition columns are not supported on temporary tables", code: 10308)
        }
    }

    /// Columns as a table's SerDe gives them: some classes know no types, and no comments.
    static func served(_ columns: [SchemaColumn], by storage: StorageDescriptor) -> [SchemaColumn] {
        guard let served = StorageClasses.columns(ofSerDe: storage.serde) else { return columns }
        return columns.map { column in
            SchemaColumn(
                name: column.name, type: served.areText ? .string : column.type,
                comment: served.keepsComments ? column.comment ?? "" : "from deserializer")
        }
    }

    /// Refuses what the SerDe of a table of lines refuses, and types that Parquet has not.
    func checkSerDe(_ table: Table) throws {
        guard [.text, .json, .parquet].contains(table.storage.format) else { return }
        let storage = TableFormats.TableStorage(
            format: table.storage.format.rawValue, serde: table.storage.serde,
            serdeProperties: table.storage.serdeProperties, tableProperties: table.properties)
        do {
            try TableFormatRegistry.format(of: storage).check(table.columns)
        } catch is UnsupportedTableFormat {
            throw HiveError.task("Cannot validate serde: \(table.storage.serde)")
        } catch let error as TableFormatError { throw HiveError.task(error.description) }
    }

    func checkBuckets(_ table: Table) throws {
        let names = Set(table.columns.map(\.name))
        for name in table.storage.bucketColumns + table.storage.sortColumns.map(\.name) where !names.contains(name) {
            throw HiveError.semantic("Invalid column reference  '\(name)'", code: 10002)
        }
        if !table.storage.bucketColumns.isEmpty, table.storage.bucketCount <= 0 {
            throw HiveError.semantic("Number of buckets must be greater than zero", code: 10031)
        }
    }

    private func setInitialStatistics(_ table: inout Table) throws {
        table.properties["transient_lastDdlTime"] = "\(table.createTime)"
        guard settings[Settings.gathersStatistics], table.kind == .managed, !table.isPartitioned else { return }
        for key in ["numFiles", "numRows", "rawDataSize", "totalSize"] { table.properties[key] = "0" }
        table.properties[StatisticsAccuracy.property] = StatisticsAccuracy.basic
    }

    // MARK: DROP, TRUNCATE

    func dropTable(_ name: TableName, ifExists: Bool) throws -> StatementResult {
        let database = databaseName(name)
        let qualified = "\(database).\(name.name.name)"
        if let table = catalog.temporaryTables[qualified] {
            catalog.removeTemporary(qualified)
            try removeFiles(ofTemporary: table)
            return none
        }
        guard try metastore.table(database: database, name: name.name.name) != nil || isDamaged(qualified) else {
            return try dropMissing(name, ifExists: ifExists)
        }
        return try locked([database: .shared, qualified: .exclusive], damage: .isGivenUp) {
            // Another session may have dropped the table, or put a view in its place, before the lock was held.
            guard let table = try metastore.table(database: database, name: name.name.name) else {
                guard try giveUpDamage(of: qualified) else { return try dropMissing(name, ifExists: ifExists) }
                return none
            }
            // IF EXISTS asks for a table, and this is none: scripts that make anew what has the name go on, and lose nothing.
            if ifExists, table.isView || table.isModel { return none }
            guard !table.isView else { throw HiveError.task("Cannot drop a view with DROP TABLE") }
            guard !table.isModel else { throw HiveError.task("Cannot drop a model with DROP TABLE: use DROP MODEL") }
            let change = transaction("DROP TABLE \(qualified)", [table])
            try addRemoval(of: table, owner: RemovalOwner(table: table), to: change)
            try change.giveUpChanges(of: [qualified], folders: [try folder(table.storage)])
            try change.commit { try metastore.dropTable(database: database, name: table.name) }
            return none
        }
    }

    /// DROP of what is not there.
    func dropMissing(_ name: TableName, ifExists: Bool) throws -> StatementResult {
        if ifExists { return none }
        if let database = name.database?.name, try !catalog.databaseExists(database) {
            throw HiveError.semantic("Database does not exist: \(database)", code: 10072)
        }
        if settings[Settings.ignoresNonexistent] { return none }
        throw HiveError.semantic("Table not found \(Self.written(name))", code: 10001)
    }

    func checkTruncation(_ statement: TruncateStatement, of table: Table) throws {
        guard table.kind == .managed || statement.force && !table.isView else {
            throw HiveError.semantic("Cannot truncate non-managed table \(table.name).", code: 10146)
        }
    }

    func truncateTable(_ statement: TruncateStatement) throws -> StatementResult {
        guard statement.columns.isEmpty else { return try truncateColumns(statement) }
        return try changing(statement.table, qualified: false) { table in
            try checkTruncation(statement, of: table)
            let partitions = try namedPartitions(statement.partition, of: table)
            let change = transaction("TRUNCATE TABLE \(table.qualifiedName)", [table])
            let owner =
                table.isPartitioned && !statement.partition.isEmpty
                ? RemovalOwner(partitions: partitions.map { partitionName($0, of: table) }, of: table)
                : RemovalOwner(table: table)
            for partition in partitions {
                try change.replaceFiles(of: try folder(partition.storage), with: [], owner: owner)
            }
            var changed = table
            try change.commit {
                let empty = WrittenPart(values: [], files: [], rowCount: 0)
                if table.isPartitioned {
                    for var partition in partitions {
                        setStatistics(&partition.properties, empty, isFresh: true, isOverwrite: true)
                        try metastore.updatePartition(of: table, values: partition.values, to: partition)
                    }
                } else {
                    setStatistics(&changed.properties, empty, isFresh: true, isOverwrite: true)
                    try update(changed, from: table)
                }
            }
            return none
        }
    }
}
