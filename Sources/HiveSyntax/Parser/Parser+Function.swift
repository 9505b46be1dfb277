extension Parser {
    /// A column's name, or a call of a function.
    mutating func nameOrCall() throws(SyntaxError) -> Expression {
        let start = index
        if atIdentifier {
            let isQualifiedCall =
                peek().kind == .dot && isIdentifier(peek(2)) && peek(3).kind == .leftParenthesis
            if peek().kind != .leftParenthesis, !isQualifiedCall {
                let name = try identifier(.expression)
                try grow()
                return Expression(.column(name), range: name.range)
            }
        } else if !isReservedFunctionName(current.keyword) && !atLambdaCall || peek().kind != .leftParenthesis {
            // Words such as `date` are decided together with what follows them.
            if isReservedFunctionName(current.keyword) || at(.date) || at(.timestamp) {
                let first = index
                advance()
                throw unrecognized(from: first)
            }
            throw unrecognized()
        }
        let call = try functionCall()
        try grow()
        return Expression(.function(call), range: range(from: start))
    }

    /// Reserved words that name functions.
    func isReservedFunctionName(_ keyword: Keyword?) -> Bool {
        switch keyword {
        case .if, .array, .map, .bigint, .binary, .boolean, .currentDate, .currentTimestamp, .date, .double, .float,
            .real, .grouping, .int, .smallint, .timestamp, .decimal, .char, .varchar, .timestamplocaltz, .left, .right:
            true
        default: false
        }
    }

    mutating func functionCall() throws(SyntaxError) -> FunctionCall {
        let outer = context
        context = "function specification"
        let start = index
        var name: FunctionName
        if isReservedFunctionName(current.keyword) || at(.floor) || atLambdaCall {
            name = FunctionName(name: identifier(of: current), range: current.range)
            advance()
        } else {
            name = try functionName(.call)
        }
        name.range = range(from: start)
        try expect(.leftParenthesis)
        var call = FunctionCall(name: name, arguments: [])
        if name.database == nil, name.name.name == "trim", let trim = try trimArguments() {
            call = trim
        } else if at(.star), peek().kind == .rightParenthesis {
            call.arguments = [Expression(.star(nil), range: current.range)]
            advance()
            advance()
        } else {
            if accept(.distinct) { call.isDistinct = true } else { accept(.all) }
            if !at(.rightParenthesis) {
                context = "select expression"
                call.arguments = try list { (parser) throws(SyntaxError) in try parser.argument() }
                call.nullTreatment = nullTreatment()
                context = "function specification"
            }
            try expect(.rightParenthesis)
        }
        try suffixes(of: &call)
        context = outer
        return call
    }

    /// An argument: an expression, `*`, `t.*` or a lambda function.
    private mutating func argument() throws(SyntaxError) -> Expression {
        if let star = try star() { return star }
        if let lambda = try lambda() { return lambda }
        if at(.comma) || at(.rightParenthesis) { throw unrecognized() }
        return try expression()
    }

    /// `x -> …`, `(x, y) -> …`; nil, and nothing taken, for anything else.
    private mutating func lambda() throws(SyntaxError) -> Expression? {
        let start = index
        let close = at(.leftParenthesis) ? Int(closing[index]) : index
        guard close >= 0, atIdentifier || at(.leftParenthesis), isArrow(at: close + 1) else { return nil }
        let parameters = at(.leftParenthesis) ? try parenthesizedIdentifiers() : [try identifier()]
        index += 2
        let body = try expression()
        try grow()
        return Expression(.lambda(parameters, body), range: range(from: start))
    }

    /// Whether TRANSFORM, REDUCE or EXISTS names a function here: among its arguments is a lambda function.
    var atLambdaCall: Bool {
        guard atAny(.transform, .reduce, .exists), peek().kind == .leftParenthesis else { return false }
        let end = Int(closing[index + 1])
        var place = index + 2
        while place < end {
            if isArrow(at: place) { return true }
            // What stands in parentheses belongs to other calls.
            place = tokens[place].kind == .leftParenthesis && closing[place] > place ? Int(closing[place]) + 1 : place + 1
        }
        return false
    }

    private func isArrow(at place: Int) -> Bool {
        guard place + 1 < tokens.count else { return false }
        return tokens[place].kind == .minusSign && tokens[place + 1].kind == .greater && !tokens[place + 1].followsSpace
    }

    /// `trim([LEADING | TRAILING | BOTH] [characters] FROM text)`, as the function that does it; nil, and nothing
    /// taken, for the plain call.
    private mutating func trimArguments() throws(SyntaxError) -> FunctionCall? {
        let function: String
        if atAny(.leading, .trailing, .both), peek().kind != .dot, peek().kind != .rightParenthesis,
            peek().kind != .comma
        {
            function = at(.leading) ? "ltrim" : at(.trailing) ? "rtrim" : "trim"
            advance()
        } else {
            return nil
        }
        var characters: Expression?
        if !at(.from) { characters = try expression() }
        try expect(.from)
        let text = try expression()
        try expect(.rightParenthesis)
        return FunctionCall(
            name: FunctionName(name: Identifier(function)), arguments: [text] + (characters.map { [$0] } ?? []))
    }

    private mutating func nullTreatment() -> NullTreatment? {
        if accept(.ignore, .nulls) { return .ignore }
        if accept(.respect, .nulls) { return .respect }
        return nil
    }

    /// What may follow a call: WITHIN GROUP, FILTER, null treatment, OVER.
    private mutating func suffixes(of call: inout FunctionCall) throws(SyntaxError) {
        if at(.within, .group) {
            index += 2
            try expect(.leftParenthesis)
            try expect(.order, .by)
            call.withinGroup = try sortItems()
            try expect(.rightParenthesis)
        }
        if at(.filter), peek().kind == .leftParenthesis, peek(2).keyword == .where {
            index += 3
            call.filter = try expression()
            try expect(.rightParenthesis)
        }
        if let treatment = nullTreatment() { call.nullTreatment = treatment }
        guard accept(.over) else { return }
        if at(.leftParenthesis) {
            call.window = .specification(try windowSpecification())
        } else {
            context = "window specification"
            call.window = .named(try identifier())
        }
    }

    // MARK: Windows

    mutating func windowSpecification() throws(SyntaxError) -> WindowSpecification {
        let outer = context
        context = "window specification"
        try expect(.leftParenthesis)
        var window = WindowSpecification()
        if atIdentifier, !at(.distribute, .by), !at(.cluster, .by), !at(.sort, .by) { window.base = try identifier() }
        if accept(.partition) {
            try expect(.by)
            window.partitionBy = try possiblyParenthesizedExpressions()
            if accept(.order) {
                try expect(.by)
                window.orderBy = try sortItems()
            }
        } else if accept(.order) {
            try expect(.by)
            window.orderBy = try sortItems()
        } else if accept(.distribute) {
            window.style = .distributeBy
            try expect(.by)
            window.partitionBy = try possiblyParenthesizedExpressions()
            if accept(.sort) {
                try expect(.by)
                window.orderBy = try possiblyParenthesizedSortItems()
            }
        } else if accept(.sort) {
            window.style = .distributeBy
            try expect(.by)
            window.orderBy = try possiblyParenthesizedSortItems()
        } else if accept(.cluster) {
            window.style = .clusterBy
            try expect(.by)
            window.partitionBy = try possiblyParenthesizedExpressions()
        }
        if at(.rows) || at(.range) { window.frame = try windowFrame() }
        try expect(.rightParenthesis)
        context = outer
        return window
    }

    private mutating func windowFrame() throws(SyntaxError) -> WindowFrame {
        context = "window range expression"
        let unit: WindowFrame.Unit = at(.rows) ? .rows : .range
        advance()
        if accept(.between) {
            let start = try frameBound()
            try expect(.and)
            return WindowFrame(unit: unit, start: start, end: try frameBound())
        }
        return WindowFrame(unit: unit, start: try frameBound(), end: nil)
    }

    private mutating func frameBound() throws(SyntaxError) -> WindowFrame.Bound {
        if accept(.unbounded) {
            if accept(.preceding) { return .unboundedPreceding }
            try expect(.following)
            return .unboundedFollowing
        }
        if accept(.current) {
            try expect(.row)
            return .currentRow
        }
        let amount = try expression(from: .bitwiseOr)
        if accept(.preceding) { return .preceding(amount) }
        if accept(.following) { return .following(amount) }
        throw unrecognized(in: "windowframeboundary")
    }

    // MARK: Sort items and lists in optional parentheses

    mutating func sortItems() throws(SyntaxError) -> [SortItem] {
        try list { (parser) throws(SyntaxError) in try parser.sortItem() }
    }

    /// `ALL`: every column, from left to right.
    mutating func wholeSortItem() throws(SyntaxError) -> SortItem {
        let place = current.range
        try expect(.all)
        return try sortItem(Expression(.star(nil), range: place))
    }

    private mutating func sortItem() throws(SyntaxError) -> SortItem { try sortItem(try expression()) }

    /// What may follow an expression that is sorted by.
    private mutating func sortItem(_ expression: Expression) throws(SyntaxError) -> SortItem {
        var item = SortItem(expression: expression)
        if accept(.asc) { item.direction = .ascending } else if accept(.desc) { item.direction = .descending }
        item.nullOrder = try nullOrder()
        return item
    }

    mutating func nullOrder() throws(SyntaxError) -> SortItem.NullOrder? {
        guard at(.nulls), peek().keyword == .first || peek().keyword == .last else { return nil }
        let isFirst = peek().keyword == .first
        index += 2
        return isFirst ? .first : .last
    }

    /// `a, b` or `(a, b)`; a list in parentheses is the list, not a row.
    mutating func possiblyParenthesizedExpressions() throws(SyntaxError) -> [Expression] {
        if at(.leftParenthesis), closesList(at: index), !isQuery(at: index) {
            return try parenthesized { (parser) throws(SyntaxError) in try parser.expression() }
        }
        return try expressions()
    }

    mutating func possiblyParenthesizedSortItems() throws(SyntaxError) -> [SortItem] {
        if at(.leftParenthesis), closesList(at: index), !isQuery(at: index) {
            return try parenthesized { (parser) throws(SyntaxError) in try parser.sortItem() }
        }
        return try sortItems()
    }

    /// Whether the parenthesis at `place` holds the whole list: what follows its end continues no expression.
    private func closesList(at place: Int) -> Bool {
        guard closing[place] >= 0 else { return false }
        let after = tokens[min(Int(closing[place]) + 1, tokens.count - 1)]
        switch after.kind {
        case .endOfInput, .rightParenthesis, .semicolon: return true
        case .word:
            switch after.keyword {
            case .order, .sort, .distribute, .cluster, .limit, .rows, .range, .union, .intersect, .except, .minus,
                .window, .insert, .having, .group, .qualify, .where, .select, .map, .reduce:
                return true
            // The argument of a partitioned table function.
            default: return isIdentifier(after) && intervalQualifier(at: Int(closing[place]) + 1, afterKeyword: false) == nil
            }
        case .quotedWord: return true
        default: return false
        }
    }
}
