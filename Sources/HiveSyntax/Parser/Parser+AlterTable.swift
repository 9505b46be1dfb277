extension Parser {
    mutating func alter() throws(SyntaxError) -> Statement.Kind {
        context = "alter statement"
        let start = index
        try expect(.alter)
        switch current.keyword {
        case .table: return try alterTable()
        case .view: return try alterView()
        case .model: return try alterModel()
        case .materialized: return try alterMaterializedView()
        case .database, .schema: return try alterDatabase()
        case .index: return unsupported("indexes", from: start)
        case .scheduled: return unsupported("scheduled queries", from: start)
        case .resource, .pool, .trigger, .user, .group, .application:
            return unsupported("workload management", from: start)
        case .connector: return unsupported("data connectors", from: start)
        default: throw unrecognized(from: start)
        }
    }

    private mutating func alterTable() throws(SyntaxError) -> Statement.Kind {
        context = "alter table statement"
        try expect(.table)
        let table = try tableName()
        var statement = AlterTableStatement(table: table, action: .touch)
        if at(.partition), peek().kind == .leftParenthesis {
            statement.partition = try partitionSpecification()
        }
        statement.action = try alterTableAction()
        // TOUCH, ARCHIVE and UNARCHIVE name their partition after the verb.
        if statement.partition.isEmpty, at(.partition) {
            switch statement.action {
            case .touch, .archive, .unarchive: statement.partition = try partitionSpecification()
            default: break
            }
        }
        return .alterTable(statement)
    }

    private mutating func alterTableAction() throws(SyntaxError) -> AlterTableAction {
        let start = index
        guard let keyword = current.keyword else { throw unrecognized() }
        switch keyword {
        case .rename:
            advance()
            try expect(.to)
            if at(.partition), peek().kind == .leftParenthesis {
                return .renamePartition(try partitionSpecification())
            }
            return .rename(try tableName(.other))
        case .set: return try alterTableSet()
        case .unset: return try alterTableUnset()
        case .clustered: return .clusteredBy(try bucketing())
        case .skewed: return .skewedBy(try skew())
        case .not:
            advance()
            if accept(.clustered) { return .notClustered }
            if accept(.sorted) { return .notSorted }
            if accept(.skewed) { return .notSkewed }
            if accept(.stored, .as, .directories) { return .notStoredAsDirectories }
            throw unrecognized(from: start)
        case .into:
            advance()
            let count = try integer()
            try expect(.buckets)
            return .intoBuckets(count)
        case .add: return try alterTableAdd()
        case .replace:
            advance()
            try expect(.columns)
            context = "replace column statement"
            let columns = try parenthesized { (parser) throws(SyntaxError) in try parser.columnDefinition() }
            return .replaceColumns(columns, dropBehavior())
        case .change: return try changeColumn()
        case .update: return try alterTableUpdate()
        case .partition:
            advance()
            try expect(.column)
            try expect(.leftParenthesis)
            let column = try columnDefinition()
            try expect(.rightParenthesis)
            return .partitionColumn(column)
        case .drop: return try alterTableDrop()
        case .exchange:
            advance()
            let partition = try partitionSpecification()
            try expect(.with)
            try expect(.table)
            return .exchangePartition(partition, with: try tableName())
        case .recover:
            advance()
            try expect(.partitions)
            return .recoverPartitions
        case .touch:
            advance()
            return .touch
        case .archive:
            advance()
            return .archive
        case .unarchive:
            advance()
            return .unarchive
        case .concatenate:
            advance()
            return .concatenate
        case .compact: return try compact()
        case .enable, .enabled, .disable, .disabled:
            advance()
            let protection = try protection()
            return keyword == .enable || keyword == .enabled ? .enable(protection) : .disable(protection)
        case .execute, .create, .convert: return .tableFormatCommand(remainingText())
        default: throw unrecognized()
        }
    }

    func dropBehaviorHere() -> DropBehavior? { at(.cascade) ? .cascade : at(.restrict) ? .restrict : nil }

    mutating func dropBehavior() -> DropBehavior? {
        let behavior = dropBehaviorHere()
        if behavior != nil { advance() }
        return behavior
    }

    private mutating func alterTableSet() throws(SyntaxError) -> AlterTableAction {
        let start = index
        try expect(.set)
        switch current.keyword {
        case .tblproperties:
            advance()
            return .setProperties(try properties())
        case .serdeproperties:
            advance()
            return .setSerdeProperties(try properties())
        case .serde:
            advance()
            let name = try string()
            if accept(.with) {
                try expect(.serdeproperties)
                return .setSerde(className: name, properties: try properties())
            }
            return .setSerde(className: name, properties: [])
        case .location:
            advance()
            return .setLocation(try string())
        case .fileformat:
            advance()
            return .setFileFormat(try fileFormatName())
        case .owner:
            advance()
            return .setOwner(try principal())
        case .skewed:
            advance()
            try expect(.location)
            return .setSkewedLocation(
                try parenthesized { (parser) throws(SyntaxError) in try parser.skewedLocation() })
        case .partition:
            advance()
            try expect(.spec)
            return .setPartitionSpec(try partitionTransforms())
        default: throw unrecognized(from: start)
        }
    }

    private mutating func skewedLocation() throws(SyntaxError) -> SkewedLocation {
        let values: [Expression]
        if at(.leftParenthesis) {
            values = try parenthesized { (parser) throws(SyntaxError) in try parser.expression(from: .bitwiseOr) }
        } else {
            values = [try expression(from: .bitwiseOr)]
        }
        try expect(.equal)
        return SkewedLocation(values: values, location: try string())
    }

    private mutating func alterTableUnset() throws(SyntaxError) -> AlterTableAction {
        let start = index
        try expect(.unset)
        if accept(.serdeproperties) { return .unsetSerdeProperties(try properties()) }
        guard accept(.tblproperties) else { throw unrecognized(from: start) }
        let ifExists = try ifExists()
        return .unsetProperties(try properties(), ifExists: ifExists)
    }

    mutating func ifExists() throws(SyntaxError) -> Bool {
        guard accept(.if) else { return false }
        try expect(.exists)
        return true
    }

    private mutating func alterTableAdd() throws(SyntaxError) -> AlterTableAction {
        let start = index
        try expect(.add)
        switch current.keyword {
        case .columns:
            advance()
            context = "add column statement"
            let columns = try parenthesized { (parser) throws(SyntaxError) in try parser.columnDefinition() }
            return .addColumns(columns, dropBehavior())
        case .if, .partition:
            let ifNotExists = try ifNotExists()
            return .addPartitions(ifNotExists: ifNotExists, try partitionAdditions())
        default:
            guard let constraint = try tableConstraint() else { throw unrecognized(from: start) }
            return .addConstraint(constraint)
        }
    }

    private mutating func partitionAdditions() throws(SyntaxError) -> [PartitionAddition] {
        var additions: [PartitionAddition] = []
        repeat {
            var addition = PartitionAddition(partition: try partitionSpecification())
            if accept(.location) { addition.location = try string() }
            additions.append(addition)
        } while at(.partition)
        return additions
    }

    private mutating func changeColumn() throws(SyntaxError) -> AlterTableAction {
        try expect(.change)
        accept(.column)
        let old = try identifier(.column)
        let new = try columnDefinition()
        var position: ColumnPosition?
        if accept(.first) { position = .first } else if accept(.after) { position = .after(try identifier(.column)) }
        return .changeColumn(old, new, position: position, dropBehavior())
    }

    private mutating func alterTableUpdate() throws(SyntaxError) -> AlterTableAction {
        try expect(.update)
        if accept(.columns) { return .updateColumns(dropBehavior()) }
        try expect(.statistics)
        var column: Identifier?
        if accept(.for) {
            accept(.column)
            column = try identifier(.column)
        }
        try expect(.set)
        return .updateStatistics(column: column, try properties())
    }

    private mutating func alterTableDrop() throws(SyntaxError) -> AlterTableAction {
        let start = index
        try expect(.drop)
        if accept(.constraint) { return .dropConstraint(try identifier()) }
        guard at(.if) || at(.partition) else { throw unrecognized(from: start) }
        let ifExists = try ifExists()
        let partitions = try partitionSelections()
        var ignoreProtection = false
        if accept(.ignore) {
            try expect(.protection)
            ignoreProtection = true
        }
        return .dropPartitions(
            ifExists: ifExists, partitions, ignoreProtection: ignoreProtection, purge: accept(.purge))
    }

    /// `PARTITION (…), PARTITION (…)`
    private mutating func partitionSelections() throws(SyntaxError) -> [[PartitionElement]] {
        try list { (parser) throws(SyntaxError) in try parser.partitionSelection() }
    }

    private mutating func compact() throws(SyntaxError) -> AlterTableAction {
        try expect(.compact)
        let kind = try string()
        var wait = false
        if accept(.and) {
            try expect(.wait)
            wait = true
        }
        var compactProperties: [Property] = []
        if accept(.with) {
            try expect(.overwrite)
            try expect(.tblproperties)
            compactProperties = try properties()
        }
        return .compact(kind: kind, wait: wait, properties: compactProperties)
    }

    private mutating func protection() throws(SyntaxError) -> TableProtection {
        if accept(.offline) { return .offline }
        try expect(.noDrop)
        return accept(.cascade) ? .noDropCascade : .noDrop
    }

    // MARK: Databases and views

    private mutating func alterDatabase() throws(SyntaxError) -> Statement.Kind {
        context = "alter database statement"
        advance()
        let name = try identifier(.database)
        try expect(.set)
        switch current.keyword {
        case .dbproperties:
            advance()
            return .alterDatabase(name: name, .setProperties(try properties()))
        case .owner:
            advance()
            return .alterDatabase(name: name, .setOwner(try principal()))
        case .location:
            advance()
            return .alterDatabase(name: name, .setLocation(try string()))
        case .managedlocation:
            advance()
            return .alterDatabase(name: name, .setManagedLocation(try string()))
        default: throw unrecognized()
        }
    }

    private mutating func alterView() throws(SyntaxError) -> Statement.Kind {
        context = "alter view statement"
        try expect(.view)
        let name = try tableName()
        let start = index
        switch current.keyword {
        case .set:
            advance()
            try expect(.tblproperties)
            return .alterView(name, .setProperties(try properties()))
        case .unset:
            advance()
            try expect(.tblproperties)
            let ifExists = try ifExists()
            return .alterView(name, .unsetProperties(try properties(), ifExists: ifExists))
        case .rename:
            advance()
            try expect(.to)
            return .alterView(name, .rename(try tableName(.other)))
        case .add:
            advance()
            let ifNotExists = try ifNotExists()
            return .alterView(name, .addPartitions(ifNotExists: ifNotExists, try partitionAdditions()))
        case .drop:
            advance()
            let ifExists = try ifExists()
            return .alterView(name, .dropPartitions(ifExists: ifExists, try partitionSelections()))
        case .as:
            advance()
            let queryStart = index
            let query = try query()
            return .alterView(name, .redefine(query, range: range(from: queryStart)))
        default: throw unrecognized(from: start)
        }
    }

    private mutating func alterMaterializedView() throws(SyntaxError) -> Statement.Kind {
        try expect(.materialized)
        try expect(.view)
        let name = try tableName()
        if accept(.rebuild) { return .alterMaterializedView(name, .rebuild) }
        let enables = at(.enable) || at(.enabled)
        guard enables || at(.disable) || at(.disabled) else { throw unrecognized() }
        advance()
        try expect(.rewrite)
        return .alterMaterializedView(name, enables ? .enableRewrite : .disableRewrite)
    }
}
