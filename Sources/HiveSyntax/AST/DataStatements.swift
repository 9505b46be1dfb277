package struct InsertStatement: Hashable, Sendable {
    /// CTEs written before INSERT; those after it stay in `source`.
    package var with: [CommonTableExpression]
    package var target: InsertTarget
    package var source: Query

    package init(with: [CommonTableExpression] = [], target: InsertTarget, source: Query) {
        self.with = with
        self.target = target
        self.source = source
    }
}

package indirect enum InsertTarget: Hashable, Sendable {
    case table(InsertTable)
    case directory(InsertDirectory)
}

package struct InsertTable: Hashable, Sendable {
    package var isOverwrite: Bool
    package var name: TableName
    package var partition: [PartitionElement]
    package var ifNotExists: Bool
    package var columns: [Identifier]?

    package init(
        isOverwrite: Bool, name: TableName, partition: [PartitionElement] = [], ifNotExists: Bool = false,
        columns: [Identifier]? = nil
    ) {
        self.isOverwrite = isOverwrite
        self.name = name
        self.partition = partition
        self.ifNotExists = ifNotExists
        self.columns = columns
    }
}

package struct InsertDirectory: Hashable, Sendable {
    package var isLocal: Bool
    package var path: String
    package var rowFormat: RowFormat?
    package var storedAs: FileFormat?

    package init(isLocal: Bool, path: String, rowFormat: RowFormat? = nil, storedAs: FileFormat? = nil) {
        self.isLocal = isLocal
        self.path = path
        self.rowFormat = rowFormat
        self.storedAs = storedAs
    }
}

package struct MultiInsertStatement: Hashable, Sendable {
    package var with: [CommonTableExpression]
    package var from: TableReference
    package var branches: [Branch]

    /// `source` is a query whose core has no FROM of its own: it reads the statement's.
    package struct Branch: Hashable, Sendable {
        package var target: InsertTarget
        package var source: Query

        package init(target: InsertTarget, source: Query) {
            self.target = target
            self.source = source
        }
    }

    package init(with: [CommonTableExpression] = [], from: TableReference, branches: [Branch]) {
        self.with = with
        self.from = from
        self.branches = branches
    }
}

package struct Assignment: Hashable, Sendable {
    package var column: Identifier
    package var value: Expression

    package init(column: Identifier, value: Expression) {
        self.column = column
        self.value = value
    }
}

package struct UpdateStatement: Hashable, Sendable {
    package var table: TableName
    package var assignments: [Assignment]
    package var filter: Expression?

    package init(table: TableName, assignments: [Assignment], filter: Expression?) {
        self.table = table
        self.assignments = assignments
        self.filter = filter
    }
}

package struct DeleteStatement: Hashable, Sendable {
    package var table: TableName
    package var filter: Expression?

    package init(table: TableName, filter: Expression?) {
        self.table = table
        self.filter = filter
    }
}

package struct MergeStatement: Hashable, Sendable {
    package var target: TableName
    package var alias: Identifier?
    package var source: TableReference
    package var condition: Expression
    package var clauses: [Clause]

    package enum Clause: Hashable, Sendable {
        case update(condition: Expression?, [Assignment])
        case delete(condition: Expression?)
        case insert(condition: Expression?, columns: [Identifier]?, values: [Expression])
    }

    package init(
        target: TableName, alias: Identifier?, source: TableReference, condition: Expression, clauses: [Clause]
    ) {
        self.target = target
        self.alias = alias
        self.source = source
        self.condition = condition
        self.clauses = clauses
    }
}

package struct LoadStatement: Hashable, Sendable {
    package var isLocal: Bool
    package var path: String
    package var isOverwrite: Bool
    package var table: TableName
    package var partition: [PartitionElement]
    /// `INPUTFORMAT '…' SERDE '…'`
    package var inputFormat: String?
    package var serde: String?

    package init(
        isLocal: Bool, path: String, isOverwrite: Bool, table: TableName, partition: [PartitionElement],
        inputFormat: String? = nil, serde: String? = nil
    ) {
        self.isLocal = isLocal
        self.path = path
        self.isOverwrite = isOverwrite
        self.table = table
        self.partition = partition
        self.inputFormat = inputFormat
        self.serde = serde
    }
}

package struct ReplicationClause: Hashable, Sendable {
    package var identifier: String
    package var isMetadataOnly: Bool

    package init(identifier: String, isMetadataOnly: Bool) {
        self.identifier = identifier
        self.isMetadataOnly = isMetadataOnly
    }
}

package struct ExportStatement: Hashable, Sendable {
    package var table: TableName
    package var partition: [PartitionElement]
    package var path: String
    package var replication: ReplicationClause?

    package init(
        table: TableName, partition: [PartitionElement], path: String, replication: ReplicationClause? = nil
    ) {
        self.table = table
        self.partition = partition
        self.path = path
        self.replication = replication
    }
}

package struct ImportStatement: Hashable, Sendable {
    package var isExternal: Bool
    package var table: TableName?
    package var partition: [PartitionElement]
    package var path: String
    package var location: String?

    package init(
        isExternal: Bool, table: TableName?, partition: [PartitionElement], path: String, location: String?
    ) {
        self.isExternal = isExternal
        self.table = table
        self.partition = partition
        self.path = path
        self.location = location
    }
}

package struct TruncateStatement: Hashable, Sendable {
    package var table: TableName
    package var partition: [PartitionElement]
    package var columns: [Identifier]
    package var force: Bool

    package init(table: TableName, partition: [PartitionElement] = [], columns: [Identifier] = [], force: Bool = false) {
        self.table = table
        self.partition = partition
        self.columns = columns
        self.force = force
    }
}
