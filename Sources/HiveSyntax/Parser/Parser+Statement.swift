extension Parser {
    mutating func statement() throws(SyntaxError) -> Statement {
        try enter()
        let start = index
        let kind = try statementKind()
        leave()
        return Statement(kind, range: range(from: start))
    }

    private mutating func statementKind() throws(SyntaxError) -> Statement.Kind {
        context = ""
        guard at(.word) || at(.leftParenthesis) else { throw unrecognized() }
        switch current.keyword {
        case .select, .values, .map, .reduce, .table: return .query(try query())
        case .with: return try statementAfterWith()
        case .from: return try statementFromSource(with: [])
        case .insert: return try insertStatement(with: [])
        case .update: return try update()
        case .delete: return try delete()
        case .merge: return try merge()
        case .load: return try load()
        case .export: return try export()
        case .import: return try importStatement()
        case .create: return try create()
        case .drop: return try drop()
        case .alter: return try alter()
        case .truncate: return try truncate()
        case .use: return try use()
        case .show: return try show()
        case .describe, .desc: return try describe()
        case .explain: return try explain()
        case .analyze: return try analyze()
        case .summarize:
            advance()
            return .summarize(try summarized())
        case .msck: return try msck()
        case .set: return try setStatement()
        case .grant: return try grant()
        case .revoke: return try revoke()
        case .lock: return try lock()
        case .unlock: return try unlock()
        case .start, .commit, .rollback, .abort, .kill, .prepare, .execute, .reload:
            return try sessionStatement()
        case .repl: return unsupported("replication")
        default: break
        }
        if at(.leftParenthesis) {
            guard isQuery(at: index) else { throw unrecognized() }
            return .query(try query())
        }
        throw unrecognized()
    }

    private mutating func statementAfterWith() throws(SyntaxError) -> Statement.Kind {
        let with = try commonTableExpressions()
        if at(.insert) { return try insertStatement(with: with) }
        if at(.from) { return try statementFromSource(with: with) }
        return .query(try query(with: with))
    }

    /// `FROM source INSERT … INSERT …`, or a query that begins with FROM.
    private mutating func statementFromSource(
        with: [CommonTableExpression]
    ) throws(SyntaxError) -> Statement.Kind {
        // What follows the source decides; a second parse of the source is cheaper than carrying it along.
        let mark = self
        let source = try fromClause()
        guard at(.insert) else {
            self = mark
            return .query(try query(with: with))
        }
        var branches: [MultiInsertStatement.Branch] = []
        while at(.insert) {
            let target = try insertTarget()
            guard atAny(.select, .map, .reduce) else { throw unrecognized(in: "select clause") }
            branches.append(MultiInsertStatement.Branch(target: target, source: try branchQuery()))
        }
        return .multiInsert(MultiInsertStatement(with: with, from: source, branches: branches))
    }

    private mutating func branchQuery() throws(SyntaxError) -> Query {
        let start = index
        var query = Query(body: .select(try selectCore(from: nil, isBranch: true)))
        try orderingAndLimit(of: &query)
        query.range = range(from: start)
        return query
    }

    private mutating func insertStatement(with: [CommonTableExpression]) throws(SyntaxError) -> Statement.Kind {
        let target = try insertTarget()
        guard atAny(.select, .values, .with, .from, .map, .reduce, .table) || at(.leftParenthesis) else {
            throw unrecognized()
        }
        return .insert(InsertStatement(with: with, target: target, source: try query()))
    }

    private mutating func insertTarget() throws(SyntaxError) -> InsertTarget {
        context = "insert clause"
        let start = index
        try expect(.insert)
        let isOverwrite = at(.overwrite)
        guard accept(.overwrite) || accept(.into) else { throw unrecognized(from: start) }
        context = "destination specification"
        if isOverwrite, at(.directory) || at(.local, .directory) {
            let isLocal = accept(.local)
            try expect(.directory)
            var directory = InsertDirectory(isLocal: isLocal, path: try string())
            if at(.row) { directory.rowFormat = try rowFormat() }
            if at(.stored) { directory.storedAs = try fileFormat() }
            return .directory(directory)
        }
        let hasTable = accept(.table)
        if !hasTable, isOverwrite, !atIdentifier { throw unrecognized() }
        var table = InsertTable(isOverwrite: isOverwrite, name: try tableName())
        if at(.leftParenthesis), !isQuery(at: index) { table.columns = try parenthesizedIdentifiers(.column) }
        if at(.partition) { table.partition = try partitionSpecification() }
        if accept(.if, .not) {
            try expect(.exists)
            table.ifNotExists = true
        }
        if table.columns == nil, at(.leftParenthesis), !isQuery(at: index) {
            table.columns = try parenthesizedIdentifiers(.column)
        }
        return .table(table)
    }

    // MARK: Partitions

    /// `PARTITION (a = 1, b)`
    mutating func partitionSpecification() throws(SyntaxError) -> [PartitionElement] {
        try partitionElements { (parser) throws(SyntaxError) in
            parser.at(.equal)
        }
    }

    /// `PARTITION (a >= 1, a < 5)`: any comparison.
    mutating func partitionSelection() throws(SyntaxError) -> [PartitionElement] {
        try partitionElements { (parser) throws(SyntaxError) in true }
    }

    mutating func partitionIfPresent() throws(SyntaxError) -> [PartitionElement] {
        at(.partition) ? try partitionSpecification() : []
    }

    private mutating func partitionElements(
        _ takesComparison: (inout Parser) throws(SyntaxError) -> Bool
    ) throws(SyntaxError) -> [PartitionElement] {
        let outer = context
        context = "partition specification"
        try expect(.partition)
        let elements = try parenthesized { (parser) throws(SyntaxError) in
            var element = PartitionElement(column: try parser.identifier(.partitionKey))
            guard let comparison = parser.partitionComparison, try takesComparison(&parser) else { return element }
            parser.advance()
            element.comparison = comparison
            element.value = try parser.expression(from: .bitwiseOr)
            return element
        }
        context = outer
        return elements
    }

    private var partitionComparison: BinaryOperator? {
        switch current.kind {
        case .equal: .equal
        case .notEqual: .notEqual
        case .lessThan: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        default: nil
        }
    }

    // MARK: Row-level changes

    private mutating func update() throws(SyntaxError) -> Statement.Kind {
        context = "update statement"
        try expect(.update)
        let table = try tableName()
        try expect(.set)
        let assignments = try list { (parser) throws(SyntaxError) in try parser.assignment() }
        let filter = accept(.where) ? try expression() : nil
        return .update(UpdateStatement(table: table, assignments: assignments, filter: filter))
    }

    private mutating func assignment() throws(SyntaxError) -> Assignment {
        let column = try identifier(.column)
        try expect(.equal)
        return Assignment(column: column, value: try valueOrDefault())
    }

    private mutating func delete() throws(SyntaxError) -> Statement.Kind {
        context = "delete statement"
        try expect(.delete)
        try expect(.from)
        let table = try tableName()
        let filter = accept(.where) ? try expression() : nil
        return .delete(DeleteStatement(table: table, filter: filter))
    }

    private mutating func merge() throws(SyntaxError) -> Statement.Kind {
        context = "MERGE statement"
        try expect(.merge)
        try expect(.into)
        let target = try tableName()
        let alias = try tableAlias()
        try expect(.using)
        let source = try joinOperand()
        try expect(.on)
        let condition = try expression()
        var merge = MergeStatement(target: target, alias: alias, source: source, condition: condition, clauses: [])
        guard at(.when) else { throw expected("WHEN") }
        while accept(.when) { merge.clauses.append(try mergeClause()) }
        return .merge(merge)
    }

    private mutating func mergeClause() throws(SyntaxError) -> MergeStatement.Clause {
        if accept(.not) {
            try expect(.matched)
            let condition = accept(.and) ? try expression() : nil
            try expect(.then)
            try expect(.insert)
            let columns = at(.leftParenthesis) ? try parenthesizedIdentifiers(.column) : nil
            try expect(.values)
            let values = try parenthesized { (parser) throws(SyntaxError) in try parser.valueOrDefault() }
            return .insert(condition: condition, columns: columns, values: values)
        }
        try expect(.matched)
        let condition = accept(.and) ? try expression() : nil
        try expect(.then)
        if accept(.delete) { return .delete(condition: condition) }
        try expect(.update)
        try expect(.set)
        return .update(
            condition: condition, try list { (parser) throws(SyntaxError) in try parser.assignment() })
    }

    // MARK: Files

    private mutating func load() throws(SyntaxError) -> Statement.Kind {
        context = "load statement"
        try expect(.load)
        try expect(.data)
        let isLocal = accept(.local)
        try expect(.inpath)
        let path = try string()
        let isOverwrite = accept(.overwrite)
        try expect(.into)
        try expect(.table)
        let table = try tableName()
        var load = LoadStatement(
            isLocal: isLocal, path: path, isOverwrite: isOverwrite, table: table,
            partition: try partitionIfPresent())
        if accept(.inputformat) {
            load.inputFormat = try string()
            try expect(.serde)
            load.serde = try string()
        }
        return .load(load)
    }

    private mutating func export() throws(SyntaxError) -> Statement.Kind {
        context = "export statement"
        try expect(.export)
        if at(.model) { return try exportModel() }
        try expect(.table)
        let table = try tableName()
        let partition = try partitionIfPresent()
        try expect(.to)
        var export = ExportStatement(table: table, partition: partition, path: try string())
        if accept(.for) {
            let isMetadataOnly = accept(.metadata)
            try expect(.replication)
            export.replication = ReplicationClause(
                identifier: try parenthesizedString(), isMetadataOnly: isMetadataOnly)
        }
        return .export(export)
    }

    mutating func parenthesizedString() throws(SyntaxError) -> String {
        try expect(.leftParenthesis)
        let text = try string()
        try expect(.rightParenthesis)
        return text
    }

    private mutating func importStatement() throws(SyntaxError) -> Statement.Kind {
        context = "import statement"
        try expect(.import)
        if at(.model), isIdentifier(peek()) { return try importModel() }
        let isExternal = accept(.external)
        var table: TableName?
        var partition: [PartitionElement] = []
        if isExternal || at(.table) {
            try expect(.table)
            table = try tableName()
            partition = try partitionIfPresent()
        }
        try expect(.from)
        let path = try string()
        let location = accept(.location) ? try string() : nil
        return .importTable(
            ImportStatement(
                isExternal: isExternal, table: table, partition: partition, path: path, location: location))
    }

    private mutating func truncate() throws(SyntaxError) -> Statement.Kind {
        context = "truncate table statement"
        try expect(.truncate)
        accept(.table)
        var truncate = TruncateStatement(table: try tableName())
        truncate.partition = try partitionIfPresent()
        if accept(.columns) { truncate.columns = try parenthesizedIdentifiers(.column) }
        truncate.force = accept(.force)
        return .truncateTable(truncate)
    }

    private mutating func use() throws(SyntaxError) -> Statement.Kind {
        context = "switch database statement"
        try expect(.use)
        return .use(database: try identifier(.database))
    }

    // MARK: Sessions

    private mutating func sessionStatement() throws(SyntaxError) -> Statement.Kind {
        context = "session statement"
        let keyword = current.keyword
        advance()
        switch keyword {
        case .start:
            try expect(.transaction)
            return try startTransaction()
        case .commit:
            accept(.work)
            return .commit
        case .rollback:
            accept(.work)
            return .rollback
        case .abort:
            try expect(.transactions)
            var identifiers: [String] = []
            while at(.integerLiteral) {
                identifiers.append(text(current))
                advance()
            }
            guard !identifiers.isEmpty else { throw unrecognized() }
            return .abortTransactions(identifiers)
        case .kill:
            try expect(.query)
            var identifiers = [try singleString()]
            while at(.stringLiteral) { identifiers.append(try singleString()) }
            return .killQuery(identifiers)
        case .prepare:
            let name = try identifier()
            try expect(.from)
            return .prepare(name: name, try query())
        case .execute:
            let name = try identifier()
            let arguments = accept(.using) ? try expressions() : []
            return .execute(name: name, arguments: arguments)
        default:
            guard accept(.functions) || accept(.function) else { throw unrecognized(from: index - 1) }
            return .reloadFunctions
        }
    }

    private mutating func startTransaction() throws(SyntaxError) -> Statement.Kind {
        var isSnapshot = false
        var access: TransactionAccess?
        if atAny(.isolation, .read) {
            repeat {
                if accept(.isolation) {
                    try expect(.level, .snapshot)
                    isSnapshot = true
                } else {
                    try expect(.read)
                    if accept(.only) { access = .readOnly } else {
                        try expect(.write)
                        access = .readWrite
                    }
                }
            } while accept(.comma)
        }
        return .startTransaction(isolationSnapshot: isSnapshot, access: access)
    }

    /// SET forms with a grammar; plain settings were taken as raw text before parsing.
    private mutating func setStatement() throws(SyntaxError) -> Statement.Kind {
        context = "set statement"
        try expect(.set)
        if accept(.role) {
            if accept(.all) { return .setRole(.all) }
            if accept(.none) { return .setRole(.none) }
            return .setRole(.named(try identifier()))
        }
        try expect(.autocommit)
        if accept(.true) { return .setAutocommit(true) }
        try expect(.false)
        return .setAutocommit(false)
    }

    // MARK: Statements kept as text

    /// The rest of the statement, not looked into.
    mutating func remainingText() -> String {
        let start = index
        while !at(.endOfInput) { advance() }
        var last = index - 1
        while last >= start, tokens[last].kind == .semicolon { last -= 1 }
        guard last >= start else { return "" }
        return source.text(SourceRange(start: tokens[start].range.start, end: tokens[last].range.end))
    }

    /// A statement of a feature that is only recognized; the text begins with its first word.
    mutating func unsupported(_ feature: String, from start: Int? = nil) -> Statement.Kind {
        index = start ?? index
        return .unsupported(feature: feature, text: remainingText())
    }
}
