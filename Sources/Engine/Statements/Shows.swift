import Catalog
import Columnar
import Expressions
import Functions
import HiveSyntax
import Planner
import Platform
import TableFormats

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension StatementRunner {
    private static let transactionTitles = [
        "Transaction ID", "Transaction State", "Started Time", "Last Heartbeat Time", "User", "Hostname",
    ]
    private static let transactionHeader = ["txnid", "state", "startedtime", "lastheartbeattime", "user", "host"]
    private static let compactionTitles = [
        "CompactionId", "Database", "Table", "Partition", "Type", "State", "Worker", "Start Time", "Duration(ms)",
        "HadoopJobId",
    ]
    private static let compactionHeader = [
        "compactionid", "dbname", "tabname", "partname", "type", "state", "workerid", "starttime", "duration",
        "hadoopjobid",
    ]

    func runShow(_ statement: ShowStatement) throws -> StatementResult {
        switch statement {
        case .databases(let pattern):
            return try names("database_name", try catalog.databaseNames(), pattern, key: "databases")
        case .tables(let database, let pattern, let extended, let tableType):
            return try showTables(database, pattern, extended: extended, tableType: tableType)
        case .views(let database, let pattern):
            let database = try existing(database)
            let views = try catalog.tableNames(database: database).filter {
                try catalog.table(database: database, name: $0)?.isView ?? false
            }
            return try names("tab_name", views, pattern)
        case .materializedViews(let database, let pattern):
            _ = try existing(database)
            return try names("tab_name", [], pattern)
        case .columns(let name, let pattern, let sorted):
            var columns = try table(name).allColumns.map(\.name).filter { Self.matches($0, pattern?.text) }
            if sorted { columns.sort() }
            return try rows(["field"], columns.map { [DescribeTable.padded($0)] })
        case .partitions(let name, let spec, let filter, let orderBy, let limit):
            return try showPartitions(name, spec, filter: filter, orderBy: orderBy, limit: limit)
        case .createTable(let name):
            return try rows(["createtab_stmt"], try showCreate(try table(name), named: Self.written(name)).map { [$0] })
        case .createDatabase(let name): return try rows(["createdb_stmt"], try showCreateDatabase(name).map { [$0] })
        case .tableProperties(let name, let key): return try showProperties(name, key)
        case .tableExtended(let database, let pattern, let spec): return try showExtended(database, pattern, spec)
        case .functions(let pattern):
            return try showFunctions(pattern)
        case .configuration(let name):
            return try rows(
                ["default", "type", "desc"],
                Settings.byName[name].map { [[$0.defaultText, $0.typeName, $0.summary]] } ?? [])
        case .locks: return try rows(["tab_name", "mode"], [])
        // There are none: each statement is a transaction, and files are put together by CONCATENATE.
        case .transactions: return try rows(Self.transactionHeader, [Self.transactionTitles])
        case .compactions: return try rows(Self.compactionHeader, [Self.compactionTitles])
        case .indexes: throw HiveError.unsupported("SHOW INDEXES")
        case .grants(let principal, let object): return try showGrants(of: principal, on: object)
        case .roleGrants(let principal): return try showRoleGrants(of: principal)
        case .roles: return try showRoles()
        case .currentRoles: return try showCurrentRoles()
        case .principals(let role): return try showPrincipals(of: role)
        case .other(let feature, _): throw HiveError.unsupported(feature)
        }
    }

    /// - Parameter key: of the list where lists are JSON; nil for what Hive lists as lines in any case.
    private func names(_ header: String, _ names: [String], _ pattern: ShowPattern?, key: String? = nil) throws -> StatementResult {
        let found = names.filter { Self.matches($0, pattern?.text) }
        if let key, listsAsJSON { return try nameList(key, found, header: header) }
        return try rows([header], found.map { [$0] })
    }

    /// `SHOW FUNCTIONS LIKE '…'` takes a pattern with `*` and `|`; without LIKE it is a regular expression.
    private func showFunctions(_ pattern: ShowPattern?) throws -> StatementResult {
        // Functions of the current database are listed under their full names.
        let known = Set(functions.names).union(session.macros.value.keys)
        let all = known.filter { !known.contains("\(catalog.currentDatabase).\($0)") }.sorted()
        guard let pattern, !pattern.hasLike else { return try names("tab_name", all, pattern) }
        warnings.append("SHOW FUNCTIONS is deprecated, please use SHOW FUNCTIONS LIKE instead.")
        // Names of operators are no expressions, or mean something else as such.
        if all.contains(pattern.text) { return try names("tab_name", [pattern.text], nil) }
        let matcher = RegularExpressionMatcher(
            try RegularExpression(pattern.text, isWhole: true), checkCancellation: running.cancellation.check)
        return try names("tab_name", try all.filter { try matcher.matchesWhole($0) }, nil)
    }

    /// The database named or the current one. - Throws: when it does not exist.
    private func existing(_ database: Identifier?) throws -> String {
        let name = database?.name ?? catalog.currentDatabase
        guard try catalog.databaseExists(name) else {
            throw HiveError.semantic("Database does not exist: \(name)", code: 10072)
        }
        return name
    }

    private func showTables(_ database: Identifier?, _ pattern: ShowPattern?, extended: Bool, tableType: String?)
        throws -> StatementResult
    {
        let database = try existing(database)
        let all = try catalog.tableNames(database: database).filter { Self.matches($0, pattern?.text) }
        guard extended || tableType != nil else { return try names("tab_name", all, nil, key: "tables") }
        var list: [[String]] = []
        for name in all {
            guard let table = try catalog.table(database: database, name: name) else { continue }
            if let tableType, table.kind.rawValue.lowercased() != tableType.lowercased() { continue }
            list.append(extended ? [name, table.kind.rawValue] : [name])
        }
        return try rows(extended ? ["tab_name", "table_type"] : ["tab_name"], list)
    }

    private func showPartitions(
        _ name: TableName, _ spec: [PartitionElement], filter: Expression?, orderBy: [SortItem], limit: Limit?
    ) throws -> StatementResult {
        let table = try self.table(name)
        guard table.isPartitioned else { throw HiveError.task("Table \(table.name) is not a partitioned table") }
        // What is left empty stands for all values.
        let values = try partitionSpec(spec, of: table)
        let named = spec.filter { element in
            element.comparison != .equal
                || table.partitionColumns.firstIndex { $0.name == element.column.name }.map { values[$0] != "" } ?? true
        }
        var partitions = try partitions(matching: named, of: table)
        if let filter {
            let kept = Set(try self.partitions(where: filter, of: table).map(\.values))
            partitions.removeAll { !kept.contains($0.values) }
        }
        if !orderBy.isEmpty { partitions = try sorted(partitions, by: orderBy, of: table) }
        if let limit {
            let binder = makeBinder()
            func number(_ expression: Expression?) throws -> Int {
                guard let expression, case .integer(let value) = try binder.evaluateConstant(expression).value else {
                    return 0
                }
                return max(Int(value), 0)
            }
            partitions = Array(partitions.dropFirst(try number(limit.offset)).prefix(try number(limit.count)))
        }
        if listsAsJSON {
            return try row(["partition"], [JSON.Member("partitions", .array(partitions.map { json($0, of: table) }))])
        }
        return try rows(["partition"], partitions.map { [partitionName($0, of: table)] })
    }

    /// Partitions in the order of the values of partition columns; equal ones in the order of their names.
    /// - Throws: for what is no partition column.
    private func sorted(_ partitions: [Partition], by items: [SortItem], of table: Table) throws -> [Partition] {
        let binder = makeBinder()
        let keys = try items.map { item -> (output: OutputColumn, index: Int) in
            guard case .column(let name) = item.expression.kind,
                let index = table.partitionColumns.firstIndex(where: { $0.name == name.name })
            else { throw PlanError("Only partition columns can be ordered by here", at: item.expression.range) }
            let column = table.partitionColumns[index]
            return (binder.makeColumn(column.name, column.type), index)
        }
        let values = try PartitionKeys(partitions, keys: keys, context: evaluationContext)
        let rows = partitions.indices.map { values.constants(of: $0) }
        let comparator = RowComparator(
            items.map { SortOrder(ascending: $0.direction != .descending, nullsFirst: $0.nullOrder.map { $0 == .first }) })
        return partitions.indices.sorted { left, right in
            let order = comparator.compare(rows[left], 0, rows[right], 0)
            return order != 0 ? order < 0 : left < right
        }.map { partitions[$0] }
    }

    private func showProperties(_ name: TableName, _ key: String?) throws -> StatementResult {
        let table = try self.table(name, qualified: true)
        let properties = DescribeTable.parameters(of: table)
        if let key {
            let text = properties[key] ?? "Table \(table.qualifiedName) does not have property: \(key)"
            return try rows(["prpt_name", "prpt_value"], [[text, " "]])
        }
        return try rows(
            ["prpt_name", "prpt_value"], properties.sorted { $0.key < $1.key }.map { [$0.key, $0.value] })
    }

    private func showExtended(_ database: Identifier?, _ pattern: String, _ spec: [PartitionElement]) throws
        -> StatementResult
    {
        let database = try existing(database)
        let found = try catalog.tableNames(database: database).filter { Self.matches($0, pattern) }.compactMap {
            try catalog.table(database: database, name: $0)
        }
        let tables = try found.map { ($0, spec.isEmpty ? nil : try partition(spec, of: $0)) }
        if listsAsJSON {
            return try row(["tab_name"], [JSON.Member("tables", .array(try tables.map { try extendedJSON($0, $1) }))])
        }
        return try rows(["tab_name"], try tables.flatMap { try extendedLines($0, $1) }.map { [$0] })
    }

    private func extendedJSON(_ table: Table, _ partition: Partition?) throws -> JSON {
        let classes = StorageClasses(table.storage.format)
        var members = [JSON.Member("tableName", .string(table.name)), JSON.Member("owner", .string(table.owner))]
        if !table.isView {
            let location = partition?.storage.location ?? table.storage.location
            members += [
                JSON.Member("location", .string(locations.uri(of: location))),
                JSON.Member("inputFormat", .string(classes.inputFormat)), JSON.Member("outputFormat", .string(classes.outputFormat)),
            ]
        }
        members += [
            JSON.Member("columns", Self.json(table.columns)), JSON.Member("partitioned", .boolean(table.isPartitioned)),
        ]
        if table.isPartitioned { members.append(JSON.Member("partitionColumns", Self.json(table.partitionColumns))) }
        guard !table.isView else { return .object(members) }
        return .object(try members + fileCounts(table, partition).map { JSON.Member($0, .integer($1)) })
    }

    private func extendedLines(_ table: Table, _ partition: Partition?) throws -> [String] {
        let classes = StorageClasses(table.storage.format)
        var lines = ["tableName:\(table.name)", "owner:\(table.owner)"]
        let location = table.isView ? "null" : locations.uri(of: partition?.storage.location ?? table.storage.location)
        lines += [
            "location:\(location)", "inputformat:\(classes.inputFormat)", "outputformat:\(classes.outputFormat)",
        ]
        lines.append("columns:struct columns { \(Self.thrift(table.columns))}")
        lines.append("partitioned:\(table.isPartitioned)")
        lines.append(
            table.isPartitioned
                ? "partitionColumns:struct partition_columns { \(Self.thrift(table.partitionColumns))}"
                : "partitionColumns:")
        guard !table.isView else { return lines + [""] }
        return lines + (try fileCounts(table, partition).map { "\($0):\($1)" }) + [""]
    }

    /// How many files there are, how large, and when they were last touched.
    private func fileCounts(_ table: Table, _ partition: Partition?) throws -> [(name: String, value: Int64)] {
        let parts = try partition.map { [$0] } ?? catalog.partitions(of: table)
        var files: [LocalFiles.Entry] = []
        var folders: [FileStatus] = []
        for part in parts {
            let path = try folder(part.storage)
            if let status = try FileStatus.of(path) { folders.append(status) }
            files += try LocalFiles.entries(of: path).filter { !$0.isFolder && !DataFiles.isHidden($0.name) }
        }
        let sizes = files.map { Int64($0.byteCount) }
        let access = folders.map(\.accessed) + files.map(\.accessed)
        let change = folders.map(\.modified) + files.map(\.modified)
        return [
            ("totalNumberFiles", Int64(files.count)), ("totalFileSize", sizes.reduce(0, +)), ("maxFileSize", sizes.max() ?? 0),
            ("minFileSize", sizes.min() ?? 0), ("lastAccessTime", Int64(access.max() ?? 0)),
            ("lastUpdateTime", Int64(change.max() ?? 0)),
        ]
    }

    /// `i32 a, string b`: Hive spells types here as Thrift does.
    private static func thrift(_ columns: [SchemaColumn]) -> String {
        func spell(_ type: SQLType) -> String {
            switch type {
            case .tinyint: "byte"
            case .smallint: "i16"
            case .int: "i32"
            case .bigint: "i64"
            case .boolean: "bool"
            case .array(let element): "list<\(spell(element))>"
            case .map(let key, let value): "map<\(spell(key)),\(spell(value))>"
            case .structure(let fields): "struct<\(fields.map { "\($0.name):\(spell($0.type))" }.joined(separator: ","))>"
            default: type.description
            }
        }
        return columns.map { "\(spell($0.type)) \($0.name)" }.joined(separator: ", ")
    }
}
