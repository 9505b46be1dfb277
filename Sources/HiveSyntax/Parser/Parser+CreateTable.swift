extension Parser {
    mutating func create() throws(SyntaxError) -> Statement.Kind {
        context = "ddl statement"
        let start = index
        try expect(.create)
        switch current.keyword {
        case .database, .schema: return try createDatabase()
        case .remote: return unsupported("remote databases", from: start)
        case .table, .external, .managed, .transactional: return try createTable()
        case .temporary:
            if peek().keyword == .function { return try createFunction() }
            if peek().keyword == .macro { return try createMacro() }
            return try createTable()
        case .function: return try createFunction()
        case .view: return try createView(orReplace: false)
        case .model: return try createModel(orReplace: false)
        case .or:
            guard at(.or, .replace, .view) || at(.or, .replace, .model) else { throw unrecognized(from: start) }
            index += 2
            return at(.model) ? try createModel(orReplace: true) : try createView(orReplace: true)
        case .materialized: return try createMaterializedView()
        case .role:
            advance()
            return .createRole(try identifier())
        case .index: return unsupported("indexes", from: start)
        case .scheduled: return unsupported("scheduled queries", from: start)
        case .resource, .pool, .trigger, .user, .group, .application:
            return unsupported("workload management", from: start)
        case .connector: return unsupported("data connectors", from: start)
        default: throw unrecognized(from: start)
        }
    }

    mutating func ifNotExists() throws(SyntaxError) -> Bool {
        guard accept(.if) else { return false }
        try expect(.not)
        try expect(.exists)
        return true
    }

    private mutating func createDatabase() throws(SyntaxError) -> Statement.Kind {
        context = "create database statement"
        advance()
        let ifNotExists = try ifNotExists()
        var database = CreateDatabaseStatement(name: try identifier(), ifNotExists: ifNotExists)
        if accept(.comment) { database.comment = try string() }
        if accept(.location) { database.location = try string() }
        if accept(.managedlocation) { database.managedLocation = try string() }
        if accept(.with) {
            try expect(.dbproperties)
            database.properties = try properties()
        }
        return .createDatabase(database)
    }

    // MARK: Tables

    private mutating func createTable() throws(SyntaxError) -> Statement.Kind {
        context = "create table statement"
        var modifiers: [CreateTableStatement.Modifier] = []
        while let modifier = tableModifier {
            modifiers.append(modifier)
            advance()
        }
        try expect(.table)
        let ifNotExists = try ifNotExists()
        var table = CreateTableStatement(name: try tableName(.other), modifiers: modifiers, ifNotExists: ifNotExists)
        if accept(.like) {
            if accept(.file) {
                table.source = .likeFile(format: try identifier(), path: try string())
            } else {
                table.source = .like(try tableName())
            }
        } else if at(.leftParenthesis), !isQuery(at: index) {
            try columnsAndConstraints(of: &table)
        }
        while try tableOption(of: &table) {}
        if table.source == .columns {
            if accept(.as) {
                context = ""
                table.source = .query(try query())
            } else if at(.leftParenthesis), isQuery(at: index) {
                throw expected("AS")
            } else if atAny(.select, .with) {
                throw expected("AS")
            }
        }
        return .createTable(table)
    }

    private var tableModifier: CreateTableStatement.Modifier? {
        switch current.keyword {
        case .temporary: .temporary
        case .external: .external
        case .transactional: .transactional
        case .managed: .managed
        default: nil
        }
    }

    private mutating func columnsAndConstraints(of table: inout CreateTableStatement) throws(SyntaxError) {
        try expect(.leftParenthesis)
        repeat {
            context = "column name or primary key or foreign key"
            if let constraint = try tableConstraint() {
                table.constraints.append(constraint)
            } else {
                table.columns.append(try columnDefinition())
            }
        } while accept(.comma)
        context = "create table statement"
        try expect(.rightParenthesis)
    }

    /// One clause after the columns; clauses come in any order. False when there is none.
    private mutating func tableOption(of table: inout CreateTableStatement) throws(SyntaxError) -> Bool {
        switch current.keyword {
        case .comment:
            advance()
            table.comment = try string()
        case .partitioned:
            advance()
            try partitionedBy(of: &table)
        case .clustered: table.bucketing = try bucketing()
        case .skewed: table.skew = try skew()
        case .row: table.storage.rowFormat = try rowFormat()
        case .stored: table.storage.fileFormat = try fileFormat()
        case .location:
            advance()
            table.location = try string()
        case .tblproperties:
            advance()
            table.properties = try properties()
        default: return false
        }
        return true
    }

    private mutating func partitionedBy(of table: inout CreateTableStatement) throws(SyntaxError) {
        try expect(.by)
        // Of a clause written again the last counts.
        table.hasPartitionSpec = false
        table.partitionNames = []
        table.partitionColumns = []
        if accept(.spec) {
            table.hasPartitionSpec = true
            table.partitionNames = try partitionTransforms()
            return
        }
        // Names alone take their types from the query of a CTAS.
        if at(.leftParenthesis), isIdentifier(peek()), peek(2).kind == .comma || isNameListEnd {
            table.partitionNames = try parenthesizedIdentifiers().map { PartitionTransform(column: $0) }
            return
        }
        table.partitionColumns = try parenthesized { (parser) throws(SyntaxError) in try parser.columnDefinition() }
    }

    /// Whether `(name)` is all of the list and something that only a CTAS has follows.
    private var isNameListEnd: Bool {
        guard peek(2).kind == .rightParenthesis else { return false }
        return tokens[index...].contains { $0.keyword == .as }
    }

    mutating func partitionTransforms() throws(SyntaxError) -> [PartitionTransform] {
        try parenthesized { (parser) throws(SyntaxError) in
            let first = try parser.identifier()
            guard parser.accept(.leftParenthesis) else { return PartitionTransform(column: first) }
            var parameter: Int?
            if parser.at(.integerLiteral) {
                parameter = try parser.integer()
                try parser.expect(.comma)
            }
            let column = try parser.identifier()
            try parser.expect(.rightParenthesis)
            return PartitionTransform(function: first, parameter: parameter, column: column)
        }
    }

    // MARK: Columns and constraints

    mutating func columnDefinition() throws(SyntaxError) -> ColumnDefinition {
        let name = try identifier()
        let outer = context
        let type = try type()
        var column = ColumnDefinition(name: name, type: type)
        while true {
            if accept(.comment) {
                column.comment = try string()
            } else if let constraint = try columnConstraint() {
                column.constraints.append(constraint)
            } else {
                break
            }
        }
        context = outer
        return column
    }

    private mutating func columnConstraint() throws(SyntaxError) -> ColumnConstraint? {
        var name: Identifier?
        if accept(.constraint) { name = try identifier() }
        let kind: ColumnConstraint.Kind
        switch current.keyword {
        case .primary:
            advance()
            try expect(.key)
            kind = .primaryKey
        case .unique:
            advance()
            kind = .unique
        case .not:
            advance()
            try expect(.null)
            kind = .notNull
        case .default:
            advance()
            kind = .defaultValue(try expression(from: .bitwiseOr))
        case .check:
            advance()
            try expect(.leftParenthesis)
            kind = .check(try expression())
            try expect(.rightParenthesis)
        case .references:
            advance()
            let table = try tableName()
            try expect(.leftParenthesis)
            kind = .references(table, column: try identifier())
            try expect(.rightParenthesis)
        default:
            if name != nil { throw unrecognized() }
            return nil
        }
        return ColumnConstraint(name: name, kind: kind, traits: try constraintTraits())
    }

    /// `[CONSTRAINT name] PRIMARY KEY (…) | UNIQUE (…) | FOREIGN KEY (…) … | CHECK (…)`; nil for a column.
    mutating func tableConstraint() throws(SyntaxError) -> TableConstraint? {
        var name: Identifier?
        if accept(.constraint) { name = try identifier() }
        let kind: TableConstraint.Kind
        if accept(.primary) {
            try expect(.key)
            kind = .primaryKey(try parenthesizedIdentifiers())
        } else if at(.unique), peek().kind == .leftParenthesis {
            advance()
            kind = .unique(try parenthesizedIdentifiers())
        } else if accept(.foreign) {
            try expect(.key)
            let columns = try parenthesizedIdentifiers()
            try expect(.references)
            let table = try tableName()
            kind = .foreignKey(columns, references: table, columns: try parenthesizedIdentifiers())
        } else if at(.check), peek().kind == .leftParenthesis {
            advance()
            advance()
            kind = .check(try expression())
            try expect(.rightParenthesis)
        } else {
            if name != nil { throw unrecognized() }
            return nil
        }
        return TableConstraint(name: name, kind: kind, traits: try constraintTraits())
    }

    mutating func constraintTraits() throws(SyntaxError) -> ConstraintTraits {
        var traits = ConstraintTraits()
        while true {
            switch current.keyword {
            case .enable, .enabled: traits.enabled = true
            case .disable, .disabled: traits.enabled = false
            case .validate: traits.validated = true
            case .novalidate: traits.validated = false
            case .enforced: traits.enforced = true
            case .not where peek().keyword == .enforced:
                advance()
                traits.enforced = false
            case .rely: traits.rely = true
            case .norely: traits.rely = false
            default: return traits
            }
            advance()
        }
    }
}
