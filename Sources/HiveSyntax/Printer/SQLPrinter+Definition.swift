extension SQLPrinter {
    /// Writes statements that define, change or drop something; false for any other.
    mutating func definition(_ kind: Statement.Kind) -> Bool {
        switch kind {
        case .createDatabase(let database):
            output += "CREATE DATABASE \(database.ifNotExists ? "IF NOT EXISTS " : "")"
            write(database.name)
            comment(database.comment)
            clause("LOCATION", database.location)
            clause("MANAGEDLOCATION", database.managedLocation)
            if !database.properties.isEmpty {
                output += " WITH DBPROPERTIES "
                properties(database.properties)
            }
        case .dropDatabase(let name, let ifExists, let behavior):
            drop("DATABASE", ifExists)
            write(name)
            write(behavior)
        case .alterDatabase(let name, let alteration):
            output += "ALTER DATABASE "
            write(name)
            write(alteration)
        case .use(let database):
            output += "USE "
            write(database)
        case .createTable(let table): write(table)
        case .dropTable(let name, let ifExists, let purge):
            drop("TABLE", ifExists)
            write(name)
            if purge { output += " PURGE" }
        case .truncateTable(let truncate):
            output += "TRUNCATE TABLE "
            write(truncate.table)
            partition(truncate.partition)
            if !truncate.columns.isEmpty {
                output += " COLUMNS "
                identifiers(truncate.columns)
            }
            if truncate.force { output += " FORCE" }
        case .alterTable(let alter): write(alter)
        case .createView(let view): write(view)
        case .alterView(let name, let alteration):
            output += "ALTER VIEW "
            write(name)
            write(alteration)
        case .dropView(let name, let ifExists):
            drop("VIEW", ifExists)
            write(name)
        case .createMaterializedView(let view): write(view)
        case .alterMaterializedView(let name, let alteration):
            output += "ALTER MATERIALIZED VIEW "
            write(name)
            switch alteration {
            case .rebuild: output += " REBUILD"
            case .enableRewrite: output += " ENABLE REWRITE"
            case .disableRewrite: output += " DISABLE REWRITE"
            }
        case .dropMaterializedView(let name, let ifExists):
            drop("MATERIALIZED VIEW", ifExists)
            write(name)
        default: return function(kind)
        }
        return true
    }

    private mutating func function(_ kind: Statement.Kind) -> Bool {
        switch kind {
        case .createFunction(let function):
            output += function.isTemporary ? "CREATE TEMPORARY FUNCTION " : "CREATE FUNCTION "
            write(function.name)
            clause("AS", function.className)
            if !function.resources.isEmpty {
                output += " USING "
                list(function.resources) { printer, resource in
                    printer.output += resource.kind.rawValue + " "
                    printer.string(resource.path)
                }
            }
        case .dropFunction(let name, let temporary, let ifExists):
            drop(temporary ? "TEMPORARY FUNCTION" : "FUNCTION", ifExists)
            write(name)
        case .createMacro(let name, let parameters, let body):
            output += "CREATE TEMPORARY MACRO "
            write(name)
            parentheses(parameters) { printer, parameter in
                printer.write(parameter.name)
                printer.output += " "
                printer.write(parameter.type)
            }
            output += " "
            write(body)
        case .dropMacro(let name, let ifExists):
            drop("TEMPORARY MACRO", ifExists)
            write(name)
        case .reloadFunctions: output += "RELOAD FUNCTIONS"
        default: return false
        }
        return true
    }

    mutating func drop(_ what: String, _ ifExists: Bool) {
        output += "DROP \(what) \(ifExists ? "IF EXISTS " : "")"
    }

    mutating func write(_ behavior: DropBehavior?) {
        if let behavior { output += " \(behavior.rawValue)" }
    }

    private mutating func write(_ alteration: DatabaseAlteration) {
        output += " SET "
        switch alteration {
        case .setProperties(let list):
            output += "DBPROPERTIES "
            properties(list)
        case .setOwner(let principal):
            output += "OWNER "
            write(principal)
        case .setLocation(let location): clause("LOCATION", location)
        case .setManagedLocation(let location): clause("MANAGEDLOCATION", location)
        }
    }

    // MARK: Tables

    private mutating func write(_ table: CreateTableStatement) {
        output += "CREATE "
        for modifier in table.modifiers { output += modifier.rawValue + " " }
        output += "TABLE \(table.ifNotExists ? "IF NOT EXISTS " : "")"
        write(table.name)
        switch table.source {
        case .like(let other):
            output += " LIKE "
            write(other)
        case .likeFile(let format, let path):
            output += " LIKE FILE "
            write(format)
            output += " "
            string(path)
        default: break
        }
        if !table.columns.isEmpty || !table.constraints.isEmpty {
            output += " ("
            columns(table.columns)
            for (position, constraint) in table.constraints.enumerated() {
                if position > 0 || !table.columns.isEmpty { output += ", " }
                write(constraint)
            }
            output += ")"
        }
        comment(table.comment)
        if !table.partitionColumns.isEmpty {
            output += " PARTITIONED BY ("
            columns(table.partitionColumns)
            output += ")"
        } else if !table.partitionNames.isEmpty {
            output += table.hasPartitionSpec ? " PARTITIONED BY SPEC " : " PARTITIONED BY "
            transforms(table.partitionNames)
        }
        if let bucketing = table.bucketing { write(bucketing) }
        if let skew = table.skew { write(skew) }
        write(table.storage)
        clause("LOCATION", table.location)
        tableProperties(table.properties)
        if case .query(let query) = table.source {
            output += " AS "
            write(query)
        }
    }

    mutating func tableProperties(_ list: [Property]) {
        guard !list.isEmpty else { return }
        output += " TBLPROPERTIES "
        properties(list)
    }

    mutating func columns(_ columns: [ColumnDefinition]) {
        list(columns) { printer, column in printer.write(column) }
    }

    mutating func write(_ column: ColumnDefinition) {
        write(column.name)
        output += " "
        write(column.type)
        for constraint in column.constraints { write(constraint) }
        comment(column.comment)
    }

    mutating func transforms(_ transforms: [PartitionTransform]) {
        parentheses(transforms) { printer, transform in
            guard let function = transform.function else {
                printer.write(transform.column)
                return
            }
            printer.write(function)
            printer.output += "("
            if let parameter = transform.parameter { printer.output += "\(parameter), " }
            printer.write(transform.column)
            printer.output += ")"
        }
    }

    private mutating func write(_ constraint: ColumnConstraint) {
        if let name = constraint.name {
            output += " CONSTRAINT "
            write(name)
        }
        switch constraint.kind {
        case .primaryKey: output += " PRIMARY KEY"
        case .unique: output += " UNIQUE"
        case .notNull: output += " NOT NULL"
        case .defaultValue(let value):
            output += " DEFAULT "
            write(value, atLeast: SQLPrinter.level(.bitwiseOr))
        case .check(let condition):
            output += " CHECK ("
            write(condition)
            output += ")"
        case .references(let table, let column):
            output += " REFERENCES "
            write(table)
            output += " "
            identifiers([column])
        }
        write(constraint.traits)
    }

    mutating func write(_ constraint: TableConstraint) {
        if let name = constraint.name {
            output += "CONSTRAINT "
            write(name)
            output += " "
        }
        switch constraint.kind {
        case .primaryKey(let columns):
            output += "PRIMARY KEY "
            identifiers(columns)
        case .unique(let columns):
            output += "UNIQUE "
            identifiers(columns)
        case .foreignKey(let columns, let table, let others):
            output += "FOREIGN KEY "
            identifiers(columns)
            output += " REFERENCES "
            write(table)
            output += " "
            identifiers(others)
        case .check(let condition):
            output += "CHECK ("
            write(condition)
            output += ")"
        }
        write(constraint.traits)
    }

    private mutating func write(_ traits: ConstraintTraits) {
        if let enabled = traits.enabled { output += enabled ? " ENABLE" : " DISABLE" }
        if let validated = traits.validated { output += validated ? " VALIDATE" : " NOVALIDATE" }
        if let enforced = traits.enforced { output += enforced ? " ENFORCED" : " NOT ENFORCED" }
        if let rely = traits.rely { output += rely ? " RELY" : " NORELY" }
    }

    // MARK: Storage

    mutating func write(_ bucketing: Bucketing) {
        word("CLUSTERED BY ")
        identifiers(bucketing.columns)
        if !bucketing.sortedBy.isEmpty {
            output += " SORTED BY "
            parentheses(bucketing.sortedBy) { printer, column in
                printer.write(column.name)
                if let direction = column.direction { printer.output += " \(direction.rawValue)" }
                if let order = column.nullOrder { printer.output += " \(order.rawValue)" }
            }
        }
        output += " INTO \(bucketing.bucketCount) BUCKETS"
    }

    mutating func write(_ skew: Skew) {
        word("SKEWED BY ")
        identifiers(skew.columns)
        output += " ON "
        parentheses(skew.values) { printer, values in printer.skewedValues(values) }
        if skew.storedAsDirectories { output += " STORED AS DIRECTORIES" }
    }

    mutating func skewedValues(_ values: [Expression]) {
        parentheses(values) { printer, value in
            printer.write(value, atLeast: SQLPrinter.level(.bitwiseOr))
        }
    }

    mutating func write(_ storage: TableStorage) {
        if let format = storage.rowFormat { write(format) }
        if let format = storage.fileFormat { write(format) }
    }

    mutating func write(_ format: RowFormat) {
        switch format {
        case .serde(let name, let list):
            clause("ROW FORMAT SERDE", name)
            if !list.isEmpty {
                output += " WITH SERDEPROPERTIES "
                properties(list)
            }
        case .delimited(let delimiters):
            word("ROW FORMAT DELIMITED")
            clause("FIELDS TERMINATED BY", delimiters.fields)
            clause("ESCAPED BY", delimiters.escapedBy)
            clause("COLLECTION ITEMS TERMINATED BY", delimiters.collectionItems)
            clause("MAP KEYS TERMINATED BY", delimiters.mapKeys)
            clause("LINES TERMINATED BY", delimiters.lines)
            clause("NULL DEFINED AS", delimiters.nullDefinedAs)
        }
    }

    mutating func write(_ format: FileFormat) {
        if case .handler(let name, let isWord, let list, let storedAs) = format {
            word("STORED BY ")
            if isWord { write(Identifier(name)) } else { string(name) }
            if !list.isEmpty {
                output += " WITH SERDEPROPERTIES "
                properties(list)
            }
            if let storedAs {
                output += " STORED AS "
                write(storedAs)
            }
        } else {
            word("STORED AS ")
            name(format)
        }
    }

    /// What stands after `STORED AS` and `SET FILEFORMAT`.
    mutating func name(_ format: FileFormat) {
        switch format {
        case .named(let name): write(name)
        case .classes(let input, let output, let serde, let inputDriver, let outputDriver):
            clause("INPUTFORMAT", input)
            clause("OUTPUTFORMAT", output)
            clause("SERDE", serde)
            clause("INPUTDRIVER", inputDriver)
            clause("OUTPUTDRIVER", outputDriver)
        case .handler: write(format)
        }
    }

    // MARK: Views

    private mutating func write(_ view: CreateViewStatement) {
        output += view.orReplace ? "CREATE OR REPLACE VIEW " : "CREATE VIEW "
        if view.ifNotExists { output += "IF NOT EXISTS " }
        write(view.name)
        if !view.columns.isEmpty {
            output += " "
            parentheses(view.columns) { printer, column in
                printer.write(column.name)
                printer.comment(column.comment)
            }
        }
        comment(view.comment)
        columnList("PARTITIONED ON", view.partitionColumns)
        tableProperties(view.properties)
        output += " AS "
        write(view.query)
    }

    private mutating func columnList(_ words: String, _ columns: [Identifier]) {
        guard !columns.isEmpty else { return }
        word(words + " ")
        identifiers(columns)
    }

    private mutating func write(_ view: CreateMaterializedViewStatement) {
        output += "CREATE MATERIALIZED VIEW \(view.ifNotExists ? "IF NOT EXISTS " : "")"
        write(view.name)
        if view.isRewriteDisabled { output += " DISABLE REWRITE" }
        comment(view.comment)
        columnList("PARTITIONED ON", view.partitionColumns)
        columnList("CLUSTERED ON", view.clusteredOn)
        columnList("DISTRIBUTED ON", view.distributedOn)
        columnList("SORTED ON", view.sortedOn)
        write(view.storage)
        clause("LOCATION", view.location)
        tableProperties(view.properties)
        output += " AS "
        write(view.query)
    }

    private mutating func write(_ alteration: ViewAlteration) {
        switch alteration {
        case .setProperties(let list):
            output += " SET"
            tableProperties(list)
        case .unsetProperties(let list, let ifExists):
            output += " UNSET TBLPROPERTIES \(ifExists ? "IF EXISTS " : "")"
            properties(list)
        case .rename(let name):
            output += " RENAME TO "
            write(name)
        case .redefine(let query, _):
            output += " AS "
            write(query)
        case .addPartitions(let ifNotExists, let additions): addPartitions(ifNotExists, additions)
        case .dropPartitions(let ifExists, let partitions): dropPartitions(ifExists, partitions)
        }
    }

    mutating func addPartitions(_ ifNotExists: Bool, _ additions: [PartitionAddition]) {
        output += ifNotExists ? " ADD IF NOT EXISTS" : " ADD"
        for addition in additions {
            partition(addition.partition)
            clause("LOCATION", addition.location)
        }
    }

    mutating func dropPartitions(_ ifExists: Bool, _ partitions: [[PartitionElement]]) {
        output += ifExists ? " DROP IF EXISTS " : " DROP "
        list(partitions) { printer, elements in printer.partition(elements) }
    }
}
