extension Parser {
    mutating func fromClause() throws(SyntaxError) -> TableReference {
        let outer = context
        context = "join source"
        try expect(.from)
        let source = try joinSource()
        context = outer
        return source
    }

    /// Tables joined from left to right; the comma is a join of the same strength.
    mutating func joinSource() throws(SyntaxError) -> TableReference {
        try enter()
        let siblings = height
        height = 0
        let start = index
        if at(.uniquejoin) {
            let source = try uniqueJoin()
            height = max(height, siblings)
            leave()
            return source
        }
        var left = try joinOperand()
        while let (kind, isNatural) = try joinKind() {
            let siblings = height
            height = 0
            let right = try joinOperand()
            var join = Join(kind: kind, left: left, right: right)
            if kind.isAsof, at(.matchCondition) {
                advance()
                try expect(.leftParenthesis)
                join.match = try expression()
                try expect(.rightParenthesis)
            }
            if isNatural {
                join.condition = .natural
            } else if accept(.on) {
                join.condition = .on(try expression())
            } else if at(.using), peek().kind == .leftParenthesis {
                advance()
                join.condition = .using(try parenthesizedIdentifiers(.column))
            }
            height = max(height, siblings)
            try grow()
            // After a condition a lateral view reads all that was joined.
            left = try lateralViews(over: TableReference(.join(join), range: range(from: start)), from: start)
        }
        height = max(height, siblings)
        leave()
        return left
    }

    /// Takes the words of a join; nil, and nothing taken, when there is none.
    private mutating func joinKind() throws(SyntaxError) -> (Join.Kind, isNatural: Bool)? {
        if at(.comma) {
            // `, LATERAL VIEW` belongs to the table before it and was taken with it.
            advance()
            return (.comma, false)
        }
        let isNatural = at(.natural) && !atAlias
        if isNatural { advance() }
        let start = index
        let kind: Join.Kind
        switch current.keyword {
        case .join:
            kind = .inner
        case .inner:
            advance()
            guard at(.join) else { throw expected("JOIN") }
            kind = .inner
        case .cross:
            advance()
            kind = .cross
        case .left:
            advance()
            if accept(.semi) { kind = .leftSemi } else if accept(.anti) { kind = .leftAnti } else {
                accept(.outer)
                kind = .leftOuter
            }
        case .right:
            advance()
            if accept(.semi) { kind = .rightSemi } else if accept(.anti) { kind = .rightAnti } else {
                accept(.outer)
                kind = .rightOuter
            }
        case .full:
            advance()
            accept(.outer)
            kind = .fullOuter
        case .asof where isAsofJoin(at: index):
            if isNatural { throw error("ASOF JOIN cannot be NATURAL: USING names its columns", at: index) }
            kind = try asofKind()
        default:
            if isNatural { throw unrecognized() }
            return nil
        }
        guard accept(.join) else { throw unrecognized(from: start, in: "join type specifier") }
        return (kind, isNatural)
    }

    /// `ASOF [INNER | LEFT [OUTER]]`, up to JOIN.
    private mutating func asofKind() throws(SyntaxError) -> Join.Kind {
        advance()
        let isLeft = at(.left)
        let named = isLeft && (peek().keyword == .semi || peek().keyword == .anti) ? index + 1 : index
        switch tokens[named].keyword {
        case .right, .full, .semi, .anti:
            throw error("ASOF JOIN is INNER or LEFT, \(text(tokens[named]).uppercased()) is not supported", at: named)
        case .inner:
            advance()
            return .asofInner
        case .left:
            advance()
            accept(.outer)
            return .asofLeft
        default: return .asof
        }
    }

    /// A table, subquery, or join in parentheses, with the lateral views after it.
    mutating func joinOperand() throws(SyntaxError) -> TableReference {
        let start = index
        var source = try tableSource()
        try grow()
        while at(.pivot) || at(.unpivot) {
            source = try at(.pivot) ? pivot(over: source, from: start) : unpivot(over: source, from: start)
            try grow()
        }
        return try lateralViews(over: source, from: start)
    }

    /// The lateral views that follow, each over what stands before it; `source` itself when there are none.
    mutating func lateralViews(over source: TableReference, from start: Int) throws(SyntaxError) -> TableReference {
        var source = source
        while at(.lateral) || (at(.comma) && peek().keyword == .lateral) {
            accept(.comma)
            source = try lateralView(over: source, from: start)
            try grow()
        }
        return source
    }

    private mutating func lateralView(
        over source: TableReference, from start: Int
    ) throws(SyntaxError) -> TableReference {
        let outer = context
        context = "lateral view"
        try expect(.lateral)
        if at(.table) {
            let function = try inlineTable()
            accept(.as)
            let alias = try identifier()
            let columns = at(.leftParenthesis) ? try parenthesizedIdentifiers() : []
            context = outer
            return TableReference(
                .lateralView(
                    LateralView(source: source, isOuter: false, function: function, alias: alias, columns: columns)),
                range: range(from: start))
        }
        try expect(.view)
        let isOuter = accept(.outer)
        let functionStart = index
        let function = try functionCall()
        let functionRange = range(from: functionStart)
        // Hive asks for the alias; `AS` at once leaves it out in newer versions.
        let alias = at(.as) ? Identifier("", range: functionRange) : try identifier()
        let columns = accept(.as) ? try lateralViewColumns() : []
        context = outer
        return TableReference(
            .lateralView(
                LateralView(
                    source: source, isOuter: isOuter, function: function, alias: alias, columns: columns,
                    functionRange: functionRange)),
            range: range(from: start))
    }

    private mutating func lateralViewColumns() throws(SyntaxError) -> [Identifier] {
        var columns = [try identifier()]
        // A comma may also join the next table; then no single name follows it.
        while at(.comma), isIdentifier(peek()), !isTableAfterComma {
            advance()
            columns.append(try identifier())
        }
        return columns
    }

    /// Whether the name after the comma here is a table of the FROM list: it has another part, a sample or an alias.
    private var isTableAfterComma: Bool {
        let after = peek(2)
        switch after.kind {
        case .dot, .leftParenthesis: return true
        default: return after.keyword == .as || after.keyword == .for || after.keyword == .tablesample || isAlias(at: index + 2)
        }
    }

    /// `TABLE (VALUES (1, 2), (3, 4))` as the function that makes those rows.
    private mutating func inlineTable() throws(SyntaxError) -> FunctionCall {
        try expect(.table)
        try expect(.leftParenthesis)
        try expect(.values)
        let rows = try list { (parser) throws(SyntaxError) in
            try parser.parenthesized { (parser) throws(SyntaxError) in try parser.expression() }
        }
        try expect(.rightParenthesis)
        func call(_ name: String, _ arguments: [Expression]) -> Expression {
            Expression(.function(FunctionCall(name: FunctionName(name: Identifier(name)), arguments: arguments)))
        }
        return FunctionCall(
            name: FunctionName(name: Identifier("inline")),
            arguments: [call("array", rows.map { call("struct", $0) })])
    }

    private mutating func tableSource() throws(SyntaxError) -> TableReference {
        let start = index
        if at(.leftParenthesis) {
            if isQuery(at: index) { return try subquerySource() }
            guard atIdentifierOrSource(peek()) else {
                advance()
                throw unrecognized()
            }
            advance()
            let inside = try joinSource()
            try expect(.rightParenthesis)
            return TableReference(.parenthesized(inside), range: range(from: start))
        }
        if at(.table), peek().kind == .leftParenthesis { return try tableFunctionSource() }
        if atModelFunction { return TableReference(.modelFunction(try modelFunction()), range: range(from: start)) }
        if atFeaturesAtTime { return TableReference(.featuresAtTime(try featuresAtTime()), range: range(from: start)) }
        guard atIdentifier else { throw unrecognized() }
        if peek().kind == .leftParenthesis {
            if peek(2).keyword == .on {
                return TableReference(
                    .partitionedTableFunction(try partitionedTableFunction()), range: range(from: start))
            }
        }
        return TableReference(.table(try namedTable()), range: range(from: start))
    }

    private func atIdentifierOrSource(_ token: Token) -> Bool {
        isIdentifier(token) || token.kind == .leftParenthesis || token.keyword == .table
            || token.keyword == .uniquejoin
    }

    private mutating func namedTable(allowsProperties: Bool = true) throws(SyntaxError) -> TableSource {
        var table = TableSource(name: try tableName())
        if allowsProperties, at(.leftParenthesis), peek().kind == .stringLiteral { table.properties = try properties() }
        if at(.tablesample) { table.sample = try tableSample() }
        if at(.for), peek().keyword == .systemTime || peek().keyword == .systemVersion {
            advance()
            let isTime = at(.systemTime)
            advance()
            try expect(.as, .of)
            let point = try expression(from: .bitwiseOr)
            table.asOf = isTime ? .time(point) : .version(point)
        }
        table.alias = try tableAlias()
        return table
    }

    /// `[AS] name`
    mutating func tableAlias() throws(SyntaxError) -> Identifier? {
        if accept(.as) { return try identifier() }
        return atAlias ? try identifier() : nil
    }

    /// `(query) [AS] name [(columns)]`; VALUES alone in the parentheses is a table of rows.
    private mutating func subquerySource() throws(SyntaxError) -> TableReference {
        let outer = context
        let start = index
        let isValues = peek().keyword == .values
        let query = try parenthesizedQuery()
        context = "subquery source"
        accept(.as)
        let alias = atAlias ? try identifier() : nil
        // What PIVOT and UNPIVOT are over needs no name.
        let mayBeUnnamed = isValues || at(.pivot) || at(.unpivot)
        if alias == nil, !mayBeUnnamed || tokens[index - 1].keyword == .as { throw unrecognized() }
        let columns = at(.leftParenthesis) ? try parenthesizedIdentifiers() : []
        context = outer
        if case .values(let rows) = query.body, query == Query(body: query.body) {
            return TableReference(.values(rows, alias: alias, columns: columns), range: range(from: start))
        }
        return TableReference(.subquery(query, alias: alias, columns: columns), range: range(from: start))
    }

    /// `TABLE (VALUES …) AS t (a, b)`, `TABLE (f(x)) AS t`
    private mutating func tableFunctionSource() throws(SyntaxError) -> TableReference {
        let start = index
        try expect(.table)
        try expect(.leftParenthesis)
        if accept(.values) {
            let rows = try valueRows()
            // Hive's grammar closes the list of columns and the table with one parenthesis or with two.
            try expect(.rightParenthesis)
            let alias = try tableAlias()
            let columns = at(.leftParenthesis) ? try parenthesizedIdentifiers() : []
            return TableReference(.values(rows, alias: alias, columns: columns), range: range(from: start))
        }
        let function = try functionCall()
        try expect(.rightParenthesis)
        let alias = try tableAlias()
        let columns = at(.leftParenthesis) ? try parenthesizedIdentifiers() : []
        return TableReference(.tableFunction(function, alias: alias, columns: columns), range: range(from: start))
    }

    private mutating func tableSample() throws(SyntaxError) -> TableSample {
        let outer = context
        context = "table sample specification"
        try expect(.tablesample)
        try expect(.leftParenthesis)
        let sample: TableSample
        if accept(.bucket) {
            let number = try integer()
            try expect(.out, .of)
            let count = try integer()
            sample = .bucket(number, outOf: count, on: accept(.on) ? try expressions() : [])
        } else if at(.byteLength) {
            sample = .bytes(try byteLength())
        } else {
            let start = index
            let number = text(current)
            guard at(.integerLiteral) || at(.decimalLiteral) || at(.doubleLiteral) else { throw unrecognized() }
            if at(.integerLiteral), peek().keyword == .rows {
                sample = .rows(try integer())
                advance()
            } else {
                advance()
                guard accept(.percent) else { throw unrecognized(from: start) }
                sample = .percent(number)
            }
        }
        try expect(.rightParenthesis)
        context = outer
        return sample
    }

    /// `10M`: bytes
    private mutating func byteLength() throws(SyntaxError) -> Int {
        let written = text(current)
        let unit: Int =
            switch written.last?.lowercased() {
            case "k": 1 << 10
            case "m": 1 << 20
            case "g": 1 << 30
            default: 1
            }
        guard let count = Int(written.dropLast()), case let product = count.multipliedReportingOverflow(by: unit),
            !product.overflow
        else {
            throw SyntaxError(message: "the number \(written) is too large", range: current.range, in: source)
        }
        advance()
        return product.partialValue
    }

    private mutating func uniqueJoin() throws(SyntaxError) -> TableReference {
        let start = index
        try expect(.uniquejoin)
        let tables = try list { (parser) throws(SyntaxError) in
            let isPreserved = parser.accept(.preserve)
            let table = try parser.namedTable(allowsProperties: false)
            let key = try parser.parenthesized { (parser) throws(SyntaxError) in try parser.expression() }
            return UniqueJoinTable(isPreserved: isPreserved, table: table, key: key)
        }
        try grow()
        return TableReference(.uniqueJoin(tables), range: range(from: start))
    }

    /// `f(ON source [PARTITION BY …] [ORDER BY …] [name(value), …]) [alias]`
    private mutating func partitionedTableFunction() throws(SyntaxError) -> PartitionedTableFunction {
        try enter()
        let outer = context
        context = "ptf clause"
        let name = try identifier()
        try expect(.leftParenthesis)
        try expect(.on)
        let source = try tableSource()
        var function = PartitionedTableFunction(
            name: name, source: source, partitionBy: [], orderBy: [], arguments: [], alias: nil)
        if accept(.partition, .by) || accept(.distribute, .by) || accept(.cluster, .by) {
            function.partitionBy = try possiblyParenthesizedExpressions()
        }
        if accept(.order, .by) || accept(.sort, .by) { function.orderBy = try possiblyParenthesizedSortItems() }
        if atIdentifier {
            function.arguments = try list { (parser) throws(SyntaxError) in
                let name = try parser.identifier()
                let values = try parser.parenthesized { (parser) throws(SyntaxError) in try parser.expression() }
                return PartitionedTableFunction.NamedArgument(name: name, values: values)
            }
        }
        try expect(.rightParenthesis)
        if atAlias { function.alias = try identifier() }
        context = outer
        leave()
        return function
    }
}
