/// One statement and the place where it was written.
package struct Statement: Hashable, Sendable {
    package var kind: Kind
    package var range: SourceRange

    package init(_ kind: Kind, range: SourceRange = .none) {
        self.kind = kind
        self.range = range
    }

    package indirect enum Kind: Hashable, Sendable {
        case query(Query)
        case insert(InsertStatement)
        /// `FROM source INSERT … INSERT …`
        case multiInsert(MultiInsertStatement)
        case update(UpdateStatement)
        case delete(DeleteStatement)
        case merge(MergeStatement)
        case load(LoadStatement)
        case export(ExportStatement)
        case importTable(ImportStatement)

        case createDatabase(CreateDatabaseStatement)
        case dropDatabase(name: Identifier, ifExists: Bool, behavior: DropBehavior?)
        case alterDatabase(name: Identifier, DatabaseAlteration)
        case use(database: Identifier)

        case createTable(CreateTableStatement)
        case dropTable(TableName, ifExists: Bool, purge: Bool)
        case truncateTable(TruncateStatement)
        case alterTable(AlterTableStatement)
        case createView(CreateViewStatement)
        case alterView(TableName, ViewAlteration)
        case dropView(TableName, ifExists: Bool)
        case createMaterializedView(CreateMaterializedViewStatement)
        case alterMaterializedView(TableName, MaterializedViewAlteration)
        case dropMaterializedView(TableName, ifExists: Bool)

        case model(ModelStatement)

        case createFunction(CreateFunctionStatement)
        case dropFunction(FunctionName, temporary: Bool, ifExists: Bool)
        case createMacro(name: Identifier, parameters: [MacroParameter], body: Expression)
        case dropMacro(name: Identifier, ifExists: Bool)
        case reloadFunctions

        case show(ShowStatement)
        case describe(DescribeStatement)
        case explain(ExplainMode, Statement)
        case analyze(AnalyzeStatement)
        case summarize(SummarizeStatement)
        case msck(MsckStatement)

        /// `SET`: lists changed settings.
        case setShowChanged
        /// `SET -v`
        case setShowAll
        /// `SET name`
        case setShow(name: String)
        /// `SET name=value`: the value is the raw text to the end of the statement.
        case set(name: String, value: String)
        /// `RESET`, `RESET name`, `RESET -d name`
        case reset(names: [String], toDefault: Bool)
        case addResources(ResourceKind, paths: [String])
        case listResources(ResourceKind, paths: [String])
        case deleteResources(ResourceKind, paths: [String])
        /// `DFS -ls /`: the raw text after the keyword.
        case fileSystemCommand(String)

        case grantPrivileges(GrantStatement)
        case revokePrivileges(GrantStatement)
        case grantRoles(roles: [Identifier], to: [Principal], adminOption: Bool)
        case revokeRoles(roles: [Identifier], from: [Principal], adminOption: Bool)
        case createRole(Identifier)
        case dropRole(Identifier)
        case setRole(SetRole)

        case lockTable(TableName, partition: [PartitionElement], mode: LockMode)
        case unlockTable(TableName, partition: [PartitionElement])
        case lockDatabase(Identifier, mode: LockMode)
        case unlockDatabase(Identifier)

        case startTransaction(isolationSnapshot: Bool, access: TransactionAccess?)
        case commit
        case rollback
        case setAutocommit(Bool)
        case abortTransactions([String])

        case prepare(name: Identifier, Query)
        case execute(name: Identifier, arguments: [Expression])
        case killQuery([String])

        /// Workload management, connectors, scheduled queries and the like: recognized by their first words and kept as
        /// text. `feature` names what it is in a sentence.
        case unsupported(feature: String, text: String)
    }
}

package enum DropBehavior: String, Hashable, Sendable {
    case restrict = "RESTRICT"
    case cascade = "CASCADE"
}

/// One element of `PARTITION (…)`: `month=1`, `month` (dynamic), or `month>=3` in DROP and SHOW.
package struct PartitionElement: Hashable, Sendable {
    package var column: Identifier
    /// `.equal` with a nil `value` is a dynamic partition column.
    package var comparison: BinaryOperator
    package var value: Expression?

    package init(column: Identifier, comparison: BinaryOperator = .equal, value: Expression? = nil) {
        self.column = column
        self.comparison = comparison
        self.value = value
    }
}

package enum LockMode: String, Hashable, Sendable {
    case shared = "SHARED"
    case exclusive = "EXCLUSIVE"
}

package enum TransactionAccess: String, Hashable, Sendable {
    case readOnly = "READ ONLY"
    case readWrite = "READ WRITE"
}

package enum ResourceKind: String, Hashable, Sendable {
    case jar = "JAR"
    case file = "FILE"
    case archive = "ARCHIVE"
}

package enum SetRole: Hashable, Sendable {
    case all
    case none
    case named(Identifier)
}
