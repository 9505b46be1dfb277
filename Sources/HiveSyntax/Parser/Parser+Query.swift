extension Parser {
    /// `[WITH …] body [ORDER BY …] [LIMIT …]`
    mutating func query() throws(SyntaxError) -> Query {
        let with = try commonTableExpressions()
        return try query(with: with)
    }

    mutating func query(with: [CommonTableExpression]) throws(SyntaxError) -> Query {
        try enter()
        let siblings = height
        height = 0
        let start = index
        var query = Query(with: with, body: try queryBody())
        try orderingAndLimit(of: &query)
        query.range = range(from: start)
        if let first = with.first { query.range = first.name.range.union(query.range) }
        try grow()
        height = max(height, siblings)
        leave()
        return query
    }

    mutating func parenthesizedQuery() throws(SyntaxError) -> Query {
        try expect(.leftParenthesis)
        let query = try query()
        try expect(.rightParenthesis)
        return query
    }

    /// `WITH [RECURSIVE] name [(columns)] AS (query), …`
    mutating func commonTableExpressions() throws(SyntaxError) -> [CommonTableExpression] {
        guard accept(.with) else { return [] }
        // A name follows the word; where AS or a list of columns does, it is a name itself.
        let isRecursive = at(.recursive) && isIdentifier(peek())
        if isRecursive { advance() }
        return try list { (parser) throws(SyntaxError) in
            let name = try parser.identifier()
            let columns = parser.at(.leftParenthesis) ? try parser.parenthesizedIdentifiers() : []
            try parser.expect(.as)
            return CommonTableExpression(
                name: name, columns: columns, query: try parser.parenthesizedQuery(), isRecursive: isRecursive)
        }
    }

    /// Cores joined by set operators, all of the same strength, from left to right.
    private mutating func queryBody() throws(SyntaxError) -> Query.Body {
        let first = try queryAtom()
        var others: [Query.SetOperand] = []
        while let setOperator = acceptSetOperator() {
            let all = accept(.all)
            if !all { accept(.distinct) }
            let siblings = height
            height = 0
            let right = try queryAtom()
            height = max(height, siblings)
            // Unions are planned side by side, other operators one upon the other.
            if others.isEmpty || setOperator != .union { try grow() }
            others.append(Query.SetOperand(operation: setOperator, all: all, body: right))
        }
        return others.isEmpty ? first : .setOperations(first, others)
    }

    private mutating func acceptSetOperator() -> SetOperator? {
        if accept(.union) { return .union }
        if accept(.intersect) { return .intersect }
        if accept(.except) { return .except }
        if at(.minus), isMinusOperator(at: index) {
            advance()
            return .except
        }
        return nil
    }

    /// MINUS is a name too; a query after it makes it the operator.
    func isMinusOperator(at place: Int) -> Bool {
        let next = tokens[min(place + 1, tokens.count - 1)]
        switch next.keyword {
        case .select, .all, .distinct, .from, .values, .map, .reduce, .table: return true
        default: return next.kind == .leftParenthesis
        }
    }

    private mutating func queryAtom() throws(SyntaxError) -> Query.Body {
        switch current.keyword {
        case .select, .map, .reduce: return .select(try selectCore(from: nil))
        case .from:
            let source = try fromClause()
            guard atAny(.select, .map, .reduce) else { throw unrecognized() }
            return .select(try selectCore(from: source))
        case .values:
            advance()
            return .values(try valueRows())
        case .table where isIdentifier(peek()):
            advance()
            return .table(try tableName())
        default:
            guard at(.leftParenthesis) else { throw unrecognized() }
            return .parenthesized(try parenthesizedQuery())
        }
    }

    mutating func orderingAndLimit(of query: inout Query) throws(SyntaxError) {
        if accept(.order) {
            context = "order by clause"
            try expect(.by)
            query.orderBy = at(.all) ? [try wholeSortItem()] : try sortItems()
        }
        if accept(.cluster, .by) { query.clusterBy = try possiblyParenthesizedExpressions() }
        if accept(.distribute, .by) { query.distributeBy = try possiblyParenthesizedExpressions() }
        if accept(.sort, .by) { query.sortBy = try possiblyParenthesizedSortItems() }
        query.limit = try limit()
    }

    /// `LIMIT n`, `LIMIT offset, n`, `LIMIT n OFFSET offset`
    mutating func limit() throws(SyntaxError) -> Limit? {
        guard at(.limit) else { return nil }
        let start = index
        advance()
        let first = try limitNumber(from: start)
        if accept(.comma) { return Limit(count: try limitNumber(from: start), offset: first) }
        if accept(.offset) { return Limit(count: first, offset: try limitNumber(from: start)) }
        return Limit(count: first)
    }

    private mutating func limitNumber(from start: Int) throws(SyntaxError) -> Expression {
        let token = current
        switch token.kind {
        case .integerLiteral:
            advance()
            return Expression(.literal(.integer(text(token), .none)), range: token.range)
        case .question:
            advance()
            parameterCount += 1
            return Expression(.parameter(parameterCount - 1), range: token.range)
        default:
            throw unrecognized(from: start, in: "limit clause")
        }
    }

    /// `(1, 'a'), (2, 'b')`
    mutating func valueRows() throws(SyntaxError) -> [[Expression]] {
        let outer = context
        context = "value row constructor"
        let rows = try list { (parser) throws(SyntaxError) in
            try parser.parenthesized { (parser) throws(SyntaxError) in try parser.valueOrDefault() }
        }
        context = outer
        return rows
    }

    /// An expression, or DEFAULT alone.
    mutating func valueOrDefault() throws(SyntaxError) -> Expression {
        if at(.default) {
            switch peek().kind {
            case .comma, .rightParenthesis, .endOfInput, .semicolon:
                let token = current
                advance()
                return Expression(.defaultValue, range: token.range)
            default:
                if peek().keyword == .where || peek().keyword == .when {
                    let token = current
                    advance()
                    return Expression(.defaultValue, range: token.range)
                }
            }
        }
        return try expression()
    }

    // MARK: SELECT

    /// A select list and the clauses after it. `source` is the FROM that was written before it.
    /// - Parameter isBranch: whether it is a branch of a multi-insert, whose FROM stands before all of them.
    mutating func selectCore(from source: TableReference?, isBranch: Bool = false) throws(SyntaxError) -> SelectCore {
        let outer = context
        context = "select clause"
        let start = index
        var core = SelectCore(items: [], from: source)
        if accept(.select) {
            if at(.hint) { core.hints = try hints() }
            if accept(.distinct) {
                core.isDistinct = true
                context = "selection target"
            } else {
                accept(.all)
            }
            if at(.transform), peek().kind == .leftParenthesis, !atLambdaCall {
                advance()
                let items = try parenthesized { (parser) throws(SyntaxError) in try parser.transformItem() }
                try transform(.transform, items: items, of: &core)
            } else {
                core.items = [try selectItem()]
                context = "selection target"
                // A last comma before FROM is no mistake.
                while accept(.comma), !at(.from) { core.items.append(try selectItem()) }
            }
        } else {
            let keyword: Transform.Keyword = at(.map) ? .map : .reduce
            advance()
            let items: [SelectItem]
            if at(.leftParenthesis), closing[index] >= 0, !isSubquery(at: index),
                followsTransformItems(tokens[min(Int(closing[index]) + 1, tokens.count - 1)])
            {
                items = try parenthesized { (parser) throws(SyntaxError) in try parser.transformItem() }
            } else {
                items = try list { (parser) throws(SyntaxError) in try parser.transformItem() }
            }
            try transform(keyword, items: items, of: &core)
        }
        if source == nil, at(.from) { core.from = try fromClause() }
        if at(.lateral), isBranch || source != nil {
            core.from = try lateralViews(over: source ?? TableReference(.branchSource), from: index)
        }
        try clauses(of: &core)
        core.range = range(from: start)
        context = outer
        return core
    }

    private func followsTransformItems(_ token: Token) -> Bool {
        token.keyword == .using || token.keyword == .row || token.keyword == .recordwriter
    }

    /// WHERE, GROUP BY, HAVING, QUALIFY and WINDOW.
    mutating func clauses(of core: inout SelectCore) throws(SyntaxError) {
        if accept(.where) { core.filter = try expression() }
        if at(.group) { core.groupBy = try groupBy() }
        if accept(.having) { core.having = try expression() }
        if accept(.window) {
            core.windows = try list { (parser) throws(SyntaxError) in
                let name = try parser.identifier()
                try parser.expect(.as)
                if parser.atIdentifier {
                    return NamedWindow(name: name, specification: WindowSpecification(base: try parser.identifier()))
                }
                return NamedWindow(name: name, specification: try parser.windowSpecification())
            }
        }
        if accept(.qualify) { core.qualify = try expression() }
    }

    private mutating func hints() throws(SyntaxError) -> [Hint] {
        let token = current
        advance()
        let text = source.text(token.range)
        var hints: [Hint] = []
        var parser = try Parser(SourceText(text))
        while !parser.at(.endOfInput) {
            guard parser.at(.word) || parser.at(.quotedWord) else {
                throw SyntaxError(message: "failed to parse query hint '\(text)'", range: token.range, in: source)
            }
            var hint = Hint(name: try parser.anyWord(), arguments: [])
            if parser.accept(.leftParenthesis) {
                while !parser.at(.rightParenthesis), !parser.at(.endOfInput) {
                    if !parser.accept(.comma) {
                        hint.arguments.append(parser.text(parser.current))
                        parser.advance()
                    }
                }
                guard parser.accept(.rightParenthesis) else {
                    throw SyntaxError(message: "failed to parse query hint '\(text)'", range: token.range, in: source)
                }
            }
            hints.append(hint)
            parser.accept(.comma)
        }
        return hints
    }

    mutating func selectItem() throws(SyntaxError) -> SelectItem {
        if let star = try star() { return SelectItem(expression: star, starChanges: try starChanges()) }
        // The expression's own production would claim the error; the list's is Hive's.
        if !beginsOperand(current) { throw unrecognized() }
        let start = index
        var item = SelectItem(expression: try expression())
        if accept(.as) {
            if at(.leftParenthesis) {
                item.columnAliases = try parenthesizedIdentifiers()
            } else {
                guard atIdentifier else { throw unrecognized(from: index - 1, in: "selection target") }
                item.alias = try identifier()
            }
        } else if atAlias {
            item.alias = try identifier()
        } else if isStray(current) {
            throw unrecognized(
                from: index - start == 1 ? start : index, in: index - start == 1 ? "constant" : "selection target")
        }
        return item
    }

    /// A token that can neither go on with the select list nor begin the next clause.
    private func isStray(_ token: Token) -> Bool {
        switch token.kind {
        case .stringLiteral, .integerLiteral, .decimalLiteral, .doubleLiteral, .integerWithSuffix, .question, .colon, .dollar, .leftBrace,
            .rightBrace, .rightBracket, .byteLength, .hexadecimal, .characterSet:
            true
        case .word: token.keyword == .as || token.keyword == .end
        default: false
        }
    }

    private func beginsOperand(_ token: Token) -> Bool {
        switch token.kind {
        case .endOfInput, .comma, .semicolon, .dot, .rightParenthesis, .rightBracket, .dollar, .hexadecimal, .byteLength,
            .colon, .slash, .percentSign, .equal, .lessThan, .greater:
            return false
        case .word:
            switch token.keyword {
            case .from, .where, .group, .order, .having, .select, .user, .on, .join, .union: return false
            default: return true
            }
        default: return true
        }
    }

    /// `*`, `t.*`, `db.t.*`; nil, and nothing taken, for anything else.
    mutating func star() throws(SyntaxError) -> Expression? {
        let start = index
        if at(.star) {
            advance()
            return Expression(.star(nil), range: range(from: start))
        }
        guard atIdentifier, peek().kind == .dot else { return nil }
        if peek(2).kind == .star {
            let name = try identifier()
            index += 2
            return Expression(.star(TableName(name: name, range: name.range)), range: range(from: start))
        }
        if isIdentifier(peek(2)), peek(3).kind == .dot, peek(4).kind == .star {
            let name = try tableName()
            index += 2
            return Expression(.star(name), range: range(from: start))
        }
        return nil
    }

    /// `EXCEPT (a, b)` and `REPLACE (x + 1 AS x)` behind a `*`.
    private mutating func starChanges() throws(SyntaxError) -> StarChanges? {
        var changes = StarChanges()
        if at(.except), peek().kind == .leftParenthesis, isIdentifier(peek(2)) {
            advance()
            changes.excluded = try parenthesizedIdentifiers(.column)
        }
        if at(.replace), peek().kind == .leftParenthesis {
            advance()
            changes.replacements = try parenthesized { (parser) throws(SyntaxError) in
                let expression = try parser.expression()
                try parser.expect(.as)
                return StarChanges.Replacement(expression: expression, column: try parser.identifier(.column))
            }
        }
        return changes == StarChanges() ? nil : changes
    }

    /// Whether a name here is an alias, and not the first word of the next clause.
    var atAlias: Bool { isAlias(at: index) }

    func isAlias(at place: Int) -> Bool {
        let token = tokens[min(place, tokens.count - 1)]
        let next = tokens[min(place + 1, tokens.count - 1)]
        guard isIdentifier(token) else { return false }
        switch token.keyword {
        case .limit: return next.kind != .integerLiteral && next.kind != .question && !isIdentifier(next)
        case .sort, .cluster, .distribute: return next.keyword != .by
        case .minus: return !isMinusOperator(at: place)
        case .offset: return next.kind != .integerLiteral && next.kind != .question
        case .natural: return !isJoinWord(next.keyword) && !isAsofJoin(at: place + 1)
        case .asof: return !isAsofJoin(at: place)
        case .qualify: return !beginsCondition(next)
        case .matchCondition, .pivot: return next.kind != .leftParenthesis
        case .unpivot: return next.kind != .leftParenthesis && !atNullsOfUnpivot(place + 1)
        case .recordwriter, .recordreader: return next.kind != .stringLiteral
        default: return true
        }
    }

    /// Whether QUALIFY before this token is the clause, and no name.
    private func beginsCondition(_ token: Token) -> Bool {
        switch token.keyword {
        case .limit, .sort, .cluster, .distribute, .minus, .offset, .natural, .asof, .pivot, .unpivot, .left, .right: return false
        case .not, .case, .cast, .exists, .interval, .null, .true, .false, .floor, .extract: return true
        case let keyword?:
            if !keyword.isReserved || isReservedFunctionName(keyword) { return true }
            return false
        case nil: break
        }
        switch token.kind {
        case .word, .quotedWord, .stringLiteral, .integerLiteral, .integerWithSuffix, .decimalLiteral, .doubleLiteral,
            .decimalWithSuffix, .doubleWithSuffix, .characterSet, .leftParenthesis, .plusSign, .minusSign, .tilde,
            .exclamation, .question:
            return true
        default: return false
        }
    }

    /// Whether ASOF stands here before a join's words: there it is no alias.
    func isAsofJoin(at place: Int) -> Bool {
        tokens[min(place, tokens.count - 1)].keyword == .asof
            && isJoinWord(tokens[min(place + 1, tokens.count - 1)].keyword)
    }

    private func isJoinWord(_ keyword: Keyword?) -> Bool {
        switch keyword {
        case .join, .inner, .left, .right, .full: true
        default: false
        }
    }

    private mutating func transformItem() throws(SyntaxError) -> SelectItem {
        if let star = try star() { return SelectItem(expression: star) }
        var item = SelectItem(expression: try expression())
        if accept(.as) { item.alias = try identifier() } else if atAlias { item.alias = try identifier() }
        return item
    }

    /// What follows the arguments of TRANSFORM, MAP and REDUCE.
    private mutating func transform(
        _ keyword: Transform.Keyword, items: [SelectItem], of core: inout SelectCore
    ) throws(SyntaxError) {
        core.items = items
        var transform = Transform(keyword: keyword, command: "")
        if at(.row) { transform.inputFormat = try rowFormat() }
        if accept(.recordwriter) { transform.recordWriter = try string() }
        try expect(.using)
        transform.command = try string()
        if accept(.as) {
            if at(.leftParenthesis) {
                transform.outputColumns = try parenthesized { (parser) throws(SyntaxError) in
                    try parser.transformColumn()
                }
            } else {
                transform.outputColumns = try list { (parser) throws(SyntaxError) in try parser.transformColumn() }
            }
        }
        if at(.row) { transform.outputFormat = try rowFormat() }
        if accept(.recordreader) { transform.recordReader = try string() }
        core.transform = transform
    }

    private mutating func transformColumn() throws(SyntaxError) -> TransformColumn {
        var column = TransformColumn(name: try identifier())
        switch current.kind {
        case .word where !at(.from) && !at(.row) && !(at(.recordreader) && peek().kind == .stringLiteral)
            && !endsTransform(current.keyword):
            column.type = try type()
        default: break
        }
        return column
    }

    private func endsTransform(_ keyword: Keyword?) -> Bool {
        switch keyword {
        case .where, .group, .having, .order, .sort, .cluster, .distribute, .limit, .union, .insert, .select, .map,
            .reduce, .window, .qualify, .intersect, .except, .minus:
            keyword != .map || peek().kind != .lessThan
        default: false
        }
    }

    private mutating func groupBy() throws(SyntaxError) -> GroupBy {
        let outer = context
        context = "group by clause"
        let start = index
        try expect(.group)
        try expect(.by)
        var group = GroupBy(expressions: [])
        if accept(.all) {
            group.style = .all
        } else if atAny(.rollup, .cube), peek().kind == .leftParenthesis {
            group.style = at(.rollup) ? .rollup(functionStyle: true) : .cube(functionStyle: true)
            advance()
            group.expressions = try parenthesized { (parser) throws(SyntaxError) in try parser.expression() }
        } else if at(.grouping, .sets) {
            // The standard's form without a list of its own: the list is what the sets name.
            let sets = try groupingSets()
            group.expressions = GroupBy.expressions(in: sets)
            group.style = .groupingSets(sets)
        } else if at(.leftParenthesis), peek().kind == .rightParenthesis {
            advance()
            advance()
        } else {
            group.expressions = try expressions()
            if accept(.with, .rollup) {
                group.style = .rollup(functionStyle: false)
            } else if accept(.with, .cube) {
                group.style = .cube(functionStyle: false)
            } else if at(.grouping, .sets) {
                group.style = .groupingSets(try groupingSets())
            }
        }
        group.range = range(from: start)
        context = outer
        return group
    }

    private mutating func groupingSets() throws(SyntaxError) -> [[Expression]] {
        try expect(.grouping, .sets)
        return try parenthesized { (parser) throws(SyntaxError) in try parser.groupingSet() }
    }

    /// In a list that may stand in parentheses: `((SELECT …))` is a list of one subquery, `(SELECT …)` a subquery.
    private func isSubquery(at place: Int) -> Bool {
        isQuery(at: place) && closing[place] >= 0 && closing[place + 1] != closing[place] - 1
    }

    private mutating func groupingSet() throws(SyntaxError) -> [Expression] {
        let close = at(.leftParenthesis) ? Int(closing[index]) : -1
        let isList =
            close >= 0 && !isSubquery(at: index)
            && [.comma, .rightParenthesis].contains(tokens[min(close + 1, tokens.count - 1)].kind)
        guard isList else { return [try expression()] }
        advance()
        if accept(.rightParenthesis) { return [] }
        let set = try expressions()
        try expect(.rightParenthesis)
        return set
    }
}
