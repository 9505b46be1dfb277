package struct AlterTableStatement: Hashable, Sendable {
    package var table: TableName
    /// `ALTER TABLE t PARTITION (…) …`
    package var partition: [PartitionElement]
    package var action: AlterTableAction

    package init(table: TableName, partition: [PartitionElement] = [], action: AlterTableAction) {
        self.table = table
        self.partition = partition
        self.action = action
    }
}

package struct PartitionAddition: Hashable, Sendable {
    package var partition: [PartitionElement]
    package var location: String?

    package init(partition: [PartitionElement], location: String? = nil) {
        self.partition = partition
        self.location = location
    }
}

package enum ColumnPosition: Hashable, Sendable {
    case first
    case after(Identifier)
}

package indirect enum AlterTableAction: Hashable, Sendable {
    case rename(TableName)
    case setProperties([Property])
    case unsetProperties([Property], ifExists: Bool)
    /// `SET SERDE 'class' [WITH SERDEPROPERTIES (…)]`
    case setSerde(className: String, properties: [Property])
    case setSerdeProperties([Property])
    case unsetSerdeProperties([Property])
    case setLocation(String)
    case setFileFormat(FileFormat)
    case setOwner(Principal)
    case clusteredBy(Bucketing)
    case notClustered
    case notSorted
    case intoBuckets(Int)
    case skewedBy(Skew)
    case notSkewed
    case notStoredAsDirectories
    case setSkewedLocation([SkewedLocation])
    case addColumns([ColumnDefinition], DropBehavior?)
    case replaceColumns([ColumnDefinition], DropBehavior?)
    case changeColumn(Identifier, ColumnDefinition, position: ColumnPosition?, DropBehavior?)
    /// `UPDATE COLUMNS`
    case updateColumns(DropBehavior?)
    /// `PARTITION COLUMN (name type)`
    case partitionColumn(ColumnDefinition)
    case addPartitions(ifNotExists: Bool, [PartitionAddition])
    /// Each list is one PARTITION clause; comparisons other than `=` select many partitions.
    case dropPartitions(ifExists: Bool, [[PartitionElement]], ignoreProtection: Bool, purge: Bool)
    case renamePartition([PartitionElement])
    case exchangePartition([PartitionElement], with: TableName)
    case recoverPartitions
    case touch
    case archive
    case unarchive
    case concatenate
    case compact(kind: String, wait: Bool, properties: [Property])
    case enable(TableProtection)
    case disable(TableProtection)
    case addConstraint(TableConstraint)
    case dropConstraint(Identifier)
    /// `UPDATE STATISTICS [FOR COLUMN c] SET (…)`
    case updateStatistics(column: Identifier?, [Property])
    /// `SET PARTITION SPEC (…)`
    case setPartitionSpec([PartitionTransform])
    /// `EXECUTE …`, `CREATE BRANCH …`, `CONVERT TO …` of table formats, kept as text.
    case tableFormatCommand(String)
}

package struct SkewedLocation: Hashable, Sendable {
    package var values: [Expression]
    package var location: String

    package init(values: [Expression], location: String) {
        self.values = values
        self.location = location
    }
}

package enum TableProtection: String, Hashable, Sendable {
    case noDrop = "NO_DROP"
    case noDropCascade = "NO_DROP CASCADE"
    case offline = "OFFLINE"
}
