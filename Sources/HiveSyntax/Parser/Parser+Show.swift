extension Parser {
    mutating func show() throws(SyntaxError) -> Statement.Kind {
        context = "ddl statement"
        let start = index
        try expect(.show)
        if accept(.models) {
            let database = try inDatabase()
            return .model(.show(database: database, try pattern()))
        }
        return .show(try showStatement(from: start))
    }

    private mutating func showStatement(from start: Int) throws(SyntaxError) -> ShowStatement {
        guard let keyword = current.keyword else { throw unrecognized(from: start) }
        advance()
        switch keyword {
        case .databases, .schemas: return .databases(try pattern())
        case .tables: return try showTables(extended: false)
        case .extended:
            try expect(.tables)
            return try showTables(extended: true)
        case .views:
            let database = try inDatabase()
            return .views(database: database, try pattern())
        case .materialized:
            try expect(.views)
            let database = try inDatabase()
            return .materializedViews(database: database, try pattern())
        case .sorted:
            try expect(.columns)
            return try showColumns(sorted: true)
        case .columns: return try showColumns(sorted: false)
        case .partitions: return try showPartitions()
        case .create:
            if accept(.database) || accept(.schema) { return .createDatabase(try identifier(.database)) }
            try expect(.table)
            return .createTable(try tableName())
        case .tblproperties:
            let table = try tableName()
            return .tableProperties(table, key: at(.leftParenthesis) ? try parenthesizedString() : nil)
        case .table: return try showTableExtended(from: start)
        case .functions: return .functions(try functionPattern())
        case .formatted:
            guard accept(.index) || accept(.indexes) else { throw unrecognized(from: start) }
            return try showIndexes(formatted: true)
        case .index, .indexes: return try showIndexes(formatted: false)
        case .locks: return try showLocks()
        case .transactions: return .transactions
        case .compactions: return .compactions(text: remainingText())
        case .conf: return .configuration(try singleString())
        case .grant: return try showGrants()
        case .role:
            try expect(.grant)
            return .roleGrants(try principal())
        case .roles: return .roles
        case .current:
            try expect(.roles)
            return .currentRoles
        case .principals: return .principals(role: try identifier())
        case .resource: return other("resource plans", from: start)
        case .connectors: return other("data connectors", from: start)
        default:
            index -= 1
            throw unrecognized(from: start)
        }
    }

    private mutating func other(_ feature: String, from start: Int) -> ShowStatement {
        index = start
        return .other(feature: feature, text: remainingText())
    }

    /// `[LIKE] '…'`; Hive also takes a bare name.
    private mutating func pattern() throws(SyntaxError) -> ShowPattern? {
        let outer = context
        context = "identifier for show statement"
        let hasLike = accept(.like)
        var pattern: ShowPattern?
        if at(.stringLiteral) {
            pattern = ShowPattern(text: try string(), hasLike: hasLike)
        } else if atIdentifier {
            pattern = ShowPattern(text: try identifier().text, hasLike: hasLike)
        } else if hasLike {
            throw unrecognized()
        }
        context = outer
        return pattern
    }

    /// As `pattern`, and operators' names: `SHOW FUNCTIONS LIKE '+'` or `SHOW FUNCTIONS in`.
    private mutating func functionPattern() throws(SyntaxError) -> ShowPattern? {
        if at(.endOfInput) || at(.semicolon) { return nil }
        if at(.like), peek().kind == .endOfInput || peek().kind == .semicolon {
            return ShowPattern(text: try functionNameText(), hasLike: false)
        }
        if at(.like) || at(.stringLiteral) || atIdentifier { return try pattern() }
        return ShowPattern(text: try functionNameText(), hasLike: false)
    }

    private mutating func inDatabase() throws(SyntaxError) -> Identifier? {
        guard accept(.in) || accept(.from) else { return nil }
        return try identifier(.database)
    }

    private mutating func showTables(extended: Bool) throws(SyntaxError) -> ShowStatement {
        let database = try inDatabase()
        let pattern = at(.where) ? nil : try pattern()
        var tableType: String?
        if accept(.where) {
            let name = try identifier()
            guard name.name == "table_type" else { throw unrecognized(from: index - 1) }
            try expect(.equal)
            tableType = try string()
        }
        return .tables(database: database, pattern, extended: extended, tableType: tableType)
    }

    private mutating func showColumns(sorted: Bool) throws(SyntaxError) -> ShowStatement {
        guard accept(.from) || accept(.in) else { throw unrecognized() }
        var table = try tableName()
        if accept(.from) || accept(.in) { table.database = try identifier(.database) }
        return .columns(table, try pattern(), sorted: sorted)
    }

    private mutating func showPartitions() throws(SyntaxError) -> ShowStatement {
        let table = try tableName()
        let partition = at(.partition) ? try partitionSelection() : []
        let filter = accept(.where) ? try expression() : nil
        var orderBy: [SortItem] = []
        if accept(.order) {
            try expect(.by)
            orderBy = try sortItems()
        }
        return .partitions(table, partition: partition, filter: filter, orderBy: orderBy, limit: try limit())
    }

    private mutating func showTableExtended(from start: Int) throws(SyntaxError) -> ShowStatement {
        guard accept(.extended) else { throw unrecognized(from: start) }
        let database = try inDatabase()
        try expect(.like)
        let pattern = at(.stringLiteral) ? try string() : try identifier().text
        return .tableExtended(database: database, pattern: pattern, partition: try partitionIfPresent())
    }

    private mutating func showIndexes(formatted: Bool) throws(SyntaxError) -> ShowStatement {
        guard accept(.on) || accept(.from) else { throw unrecognized() }
        var table = try tableName()
        if accept(.from) || accept(.in) { table.database = try identifier(.database) }
        return .indexes(table, formatted: formatted)
    }

    private mutating func showLocks() throws(SyntaxError) -> ShowStatement {
        var locks = ShowLocks(target: .everything, extended: false)
        if at(.database) || at(.schema), isIdentifier(peek()) {
            advance()
            locks.target = .database(try identifier(.database))
        } else if atIdentifier {
            let table = try tableName()
            locks.target = .table(table, partition: try partitionIfPresent())
        }
        locks.extended = accept(.extended)
        return .locks(locks)
    }

    private mutating func showGrants() throws(SyntaxError) -> ShowStatement {
        let principal = atAny(.user, .group, .role) ? try principal() : nil
        let object = accept(.on) ? try privilegeObject() : nil
        return .grants(principal: principal, on: object)
    }

    // MARK: DESCRIBE

    mutating func describe() throws(SyntaxError) -> Statement.Kind {
        context = "describe statement"
        advance()
        if atAny(.select, .with, .from, .map, .reduce, .values) || at(.leftParenthesis) { return .describe(.query(try query())) }
        if at(.database) || at(.schema) {
            advance()
            let extended = accept(.extended)
            return .describe(.database(try identifier(.database), extended: extended))
        }
        if accept(.function) {
            let extended = accept(.extended)
            return .describe(.function(try functionNameText(), extended: extended))
        }
        var style = DescribeStyle.plain
        if accept(.extended) {
            style = .extended
        } else if at(.formatted), peek().kind != .endOfInput, peek().kind != .dot, peek().kind != .semicolon {
            advance()
            style = .formatted
        } else if current.kind == .word, text(current).lowercased() == "pretty",
            isIdentifier(peek()) || peek().keyword == .table
        {
            advance()
            style = .pretty
        }
        if at(.model), isIdentifier(peek()) {
            advance()
            return .model(.describe(try tableName(.model), style))
        }
        accept(.table)
        return .describe(try describedTable(style))
    }

    private mutating func describedTable(_ style: DescribeStyle) throws(SyntaxError) -> DescribeStatement {
        let start = index
        let first = try identifier(.table)
        var table = TableName(name: first)
        if accept(.dot) { table = TableName(database: first, name: try identifier(.table)) }
        table.range = range(from: start)
        var path: [Identifier] = []
        if accept(.dot) { path = try columnPath() }
        if path.isEmpty, atIdentifier { path = try columnPath() }
        let partition = try partitionIfPresent()
        if path.isEmpty, atIdentifier { path = try columnPath() }
        return .table(table, style, partition: partition, columnPath: path)
    }

    private mutating func columnPath() throws(SyntaxError) -> [Identifier] {
        var path = [try identifier(.column)]
        while accept(.dot) {
            if at(.dollar), peek().kind == .word, peek(2).kind == .dollar {
                let name = Identifier("$" + text(peek()) + "$", range: peek().range)
                index += 3
                path.append(name)
            } else {
                path.append(try identifier(.column))
            }
        }
        return path
    }

    /// A function's name as DESCRIBE FUNCTION takes it: a word of any kind, a qualified name, a string or an operator.
    mutating func functionNameText() throws(SyntaxError) -> String {
        if at(.stringLiteral) { return try string() }
        if isFunctionWord(current) {
            var name = functionWord()
            if at(.dot), isFunctionWord(peek()) {
                advance()
                name += "." + functionWord()
            }
            return name
        }
        switch current.kind {
        case .equal, .nullSafeEqual, .notEqual, .lessOrEqual, .lessThan, .greaterOrEqual, .greater, .slash, .plusSign,
            .minusSign, .star, .percentSign, .ampersand, .tilde, .bar, .caret, .concatenate, .exclamation:
            let name = text(current)
            advance()
            return name
        default: throw unrecognized()
        }
    }

    private func isFunctionWord(_ token: Token) -> Bool { token.kind == .word || token.kind == .quotedWord }

    private mutating func functionWord() -> String {
        let word = identifier(of: current)
        note(.function)
        advance()
        return word.isQuoted ? word.text : word.text.lowercased()
    }
}
