extension SQLPrinter {
    mutating func write(_ alter: AlterTableStatement) {
        output += "ALTER TABLE "
        write(alter.table)
        var elements = alter.partition
        switch alter.action {
        // These name their partition after the verb.
        case .touch: output += " TOUCH"
        case .archive: output += " ARCHIVE"
        case .unarchive: output += " UNARCHIVE"
        default:
            partition(elements)
            elements = []
            output += " "
            write(alter.action)
        }
        partition(elements)
    }

    private mutating func write(_ action: AlterTableAction) {
        switch action {
        case .rename(let name):
            output += "RENAME TO "
            write(name)
        case .renamePartition(let elements):
            output += "RENAME TO"
            partition(elements)
        case .clusteredBy(let bucketing): write(bucketing)
        case .notClustered: output += "NOT CLUSTERED"
        case .notSorted: output += "NOT SORTED"
        case .intoBuckets(let count): output += "INTO \(count) BUCKETS"
        case .skewedBy(let skew): write(skew)
        case .notSkewed: output += "NOT SKEWED"
        case .notStoredAsDirectories: output += "NOT STORED AS DIRECTORIES"
        case .addColumns(let definitions, let behavior): columns("ADD", definitions, behavior)
        case .replaceColumns(let definitions, let behavior): columns("REPLACE", definitions, behavior)
        case .changeColumn(let old, let new, let position, let behavior): change(old, new, position, behavior)
        case .updateColumns(let behavior):
            output += "UPDATE COLUMNS"
            write(behavior)
        case .partitionColumn(let column):
            output += "PARTITION COLUMN ("
            write(column)
            output += ")"
        case .addConstraint(let constraint):
            output += "ADD "
            write(constraint)
        case .dropConstraint(let name):
            output += "DROP CONSTRAINT "
            write(name)
        case .compact(let kind, let wait, let list):
            output += "COMPACT "
            string(kind)
            if wait { output += " AND WAIT" }
            if !list.isEmpty {
                output += " WITH OVERWRITE"
                tableProperties(list)
            }
        case .enable(let protection): output += "ENABLE \(protection.rawValue)"
        case .disable(let protection): output += "DISABLE \(protection.rawValue)"
        case .updateStatistics(let column, let list):
            output += "UPDATE STATISTICS "
            if let column {
                output += "FOR COLUMN "
                write(column)
                output += " "
            }
            output += "SET "
            properties(list)
        case .concatenate: output += "CONCATENATE"
        case .tableFormatCommand(let text): output += text
        case .touch, .archive, .unarchive: break
        default: setting(action)
        }
    }

    private mutating func setting(_ action: AlterTableAction) {
        switch action {
        case .setProperties(let list):
            output += "SET TBLPROPERTIES "
            properties(list)
        case .unsetProperties(let list, let ifExists):
            output += "UNSET TBLPROPERTIES \(ifExists ? "IF EXISTS " : "")"
            properties(list)
        case .setSerde(let name, let list):
            clause("SET SERDE", name)
            if !list.isEmpty {
                output += " WITH SERDEPROPERTIES "
                properties(list)
            }
        case .setSerdeProperties(let list):
            output += "SET SERDEPROPERTIES "
            properties(list)
        case .unsetSerdeProperties(let list):
            output += "UNSET SERDEPROPERTIES "
            properties(list)
        case .setLocation(let location): clause("SET LOCATION", location)
        case .setFileFormat(let format):
            output += "SET FILEFORMAT "
            name(format)
        case .setOwner(let principal):
            output += "SET OWNER "
            write(principal)
        case .setSkewedLocation(let locations):
            output += "SET SKEWED LOCATION "
            parentheses(locations) { printer, location in
                printer.skewedValues(location.values)
                printer.output += " = "
                printer.string(location.location)
            }
        case .setPartitionSpec(let list):
            output += "SET PARTITION SPEC "
            transforms(list)
        default: partitions(action)
        }
    }

    private mutating func partitions(_ action: AlterTableAction) {
        switch action {
        case .addPartitions(let ifNotExists, let additions): addPartitions(ifNotExists, additions)
        case .dropPartitions(let ifExists, let elements, let ignoreProtection, let purge):
            dropPartitions(ifExists, elements)
            if ignoreProtection { output += " IGNORE PROTECTION" }
            if purge { output += " PURGE" }
        case .exchangePartition(let elements, let table):
            output += "EXCHANGE"
            partition(elements)
            output += " WITH TABLE "
            write(table)
        case .recoverPartitions: output += "RECOVER PARTITIONS"
        default: break
        }
    }

    private mutating func columns(_ verb: String, _ definitions: [ColumnDefinition], _ behavior: DropBehavior?) {
        output += "\(verb) COLUMNS ("
        columns(definitions)
        output += ")"
        write(behavior)
    }

    private mutating func change(
        _ old: Identifier, _ new: ColumnDefinition, _ position: ColumnPosition?, _ behavior: DropBehavior?
    ) {
        output += "CHANGE COLUMN "
        write(old)
        output += " "
        write(new)
        switch position {
        case .first: output += " FIRST"
        case .after(let column):
            output += " AFTER "
            write(column)
        case nil: break
        }
        write(behavior)
    }
}
