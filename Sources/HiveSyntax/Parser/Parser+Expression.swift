/// Binding strengths of Hive's operators, weakest first. NOT binds weaker than `=`; IS stronger than `^`.
enum Precedence: Int, Comparable {
    case or, and, not, equality, comparison, bitwiseOr, bitwiseAnd, concatenation, sum, product, bitwiseXor, postfix

    static func < (left: Precedence, right: Precedence) -> Bool { left.rawValue < right.rawValue }

    var next: Precedence { Precedence(rawValue: rawValue + 1) ?? .postfix }
}

extension BinaryOperator {
    var precedence: Precedence {
        switch self {
        case .equal, .nullSafeEqual, .notEqual: .equality
        case .less, .lessOrEqual, .greater, .greaterOrEqual: .comparison
        case .bitwiseOr: .bitwiseOr
        case .bitwiseAnd: .bitwiseAnd
        case .concatenate: .concatenation
        case .add, .subtract: .sum
        case .multiply, .divide, .remainder, .integerDivide: .product
        case .bitwiseXor: .bitwiseXor
        }
    }
}

extension Parser {
    mutating func expression() throws(SyntaxError) -> Expression {
        let outer = context
        context = "expression specification"
        let result = try expression(from: .or)
        context = outer
        return result
    }

    mutating func expressions() throws(SyntaxError) -> [Expression] {
        try list { (parser) throws(SyntaxError) in try parser.expression() }
    }

    /// An expression whose outermost operator binds at least as strongly as `weakest`.
    mutating func expression(from weakest: Precedence) throws(SyntaxError) -> Expression {
        try enter()
        let siblings = height
        height = 0
        var left = try prefixed(from: weakest)
        while try extend(&left, from: weakest) {}
        height = max(height, siblings)
        leave()
        return left
    }

    /// NOT, or an operand with its `IS` test.
    private mutating func prefixed(from weakest: Precedence) throws(SyntaxError) -> Expression {
        let start = index
        if at(.not) || at(.exclamation) {
            advance()
            let operand = try expression(from: .not)
            try grow()
            return Expression(.unary(.not, operand), range: range(from: start))
        }
        var operand = try unary()
        if at(.is), !isDistinctTest {
            advance()
            let negated = accept(.not)
            let test: TruthTest
            switch current.keyword {
            case .null: test = .null
            case .true: test = .isTrue
            case .false: test = .isFalse
            case .unknown: test = .unknown
            default: throw negated ? expected("NULL") : unrecognized()
            }
            advance()
            try grow()
            operand = Expression(.isTest(operand, test, negated: negated), range: range(from: start))
        }
        return operand
    }

    private var isDistinctTest: Bool { at(.is, .distinct, .from) || at(.is, .not, .distinct, .from) }

    /// Takes one operator and its right side when it binds strongly enough; false when there is none.
    private mutating func extend(_ left: inout Expression, from weakest: Precedence) throws(SyntaxError) -> Bool {
        if let binary = binaryOperator {
            let precedence = binary.precedence
            guard precedence >= weakest else { return false }
            advance()
            if precedence <= .comparison, atAny(.any, .some, .all), peek().kind == .leftParenthesis {
                left = try quantifiedComparison(left, binary)
                return true
            }
            try join(&left, binary)
            return true
        }
        if at(.or), weakest <= .or {
            left = try chain(left, .or, each: .and) { .or($0) }
            return true
        }
        if at(.and), weakest <= .and {
            left = try chain(left, .and, each: .not) { .and($0) }
            return true
        }
        if weakest <= .equality, at(.is), isDistinctTest {
            advance()
            let negated = accept(.not)
            index += 2
            let right = try operand(from: .comparison)
            left = Expression(.isDistinctFrom(left, right, negated: negated), range: left.range.union(right.range))
            return true
        }
        guard weakest <= .comparison else { return false }
        return try extendByPredicate(&left)
    }

    /// Takes an operator's right side; a chain of operators of one strength is one node.
    private mutating func join(_ left: inout Expression, _ binary: BinaryOperator) throws(SyntaxError) {
        let next = binary.precedence.next
        switch left.kind {
        case .chain(let first, var links) where links[0].operation.precedence == binary.precedence:
            links.append(ChainLink(operation: binary, operand: try expression(from: next)))
            left.kind = .chain(first, links)
            left.range = left.range.union(links[links.count - 1].operand.range)
        case .binary(let earlier, let first, let second) where earlier.precedence == binary.precedence:
            var links = [ChainLink(operation: earlier, operand: second)]
            links.append(ChainLink(operation: binary, operand: try expression(from: next)))
            // All of them at once: every time that the node is taken apart its links are copied. What is compared may
            // be compared with ANY and ALL next.
            while binary.precedence > .comparison, let more = binaryOperator, more.precedence == binary.precedence {
                advance()
                links.append(ChainLink(operation: more, operand: try expression(from: next)))
            }
            left = Expression(.chain(first, links), range: left.range.union(links[links.count - 1].operand.range))
        default:
            let right = try operand(from: next)
            left = Expression(.binary(binary, left, right), range: left.range.union(right.range))
        }
    }

    /// The right side of an operator: counts the operator's own tree level above both sides.
    private mutating func operand(from weakest: Precedence) throws(SyntaxError) -> Expression {
        let right = try expression(from: weakest)
        try grow()
        return right
    }

    /// `left AND x AND y …` as one node.
    private mutating func chain(
        _ left: Expression, _ keyword: Keyword, each: Precedence, _ make: ([Expression]) -> Expression.Kind
    ) throws(SyntaxError) -> Expression {
        var operands = [left]
        while accept(keyword) { operands.append(try expression(from: each)) }
        try grow()
        return Expression(make(operands), range: left.range.union(operands[operands.count - 1].range))
    }

    private var binaryOperator: BinaryOperator? {
        switch current.kind {
        case .plusSign: .add
        case .minusSign: .subtract
        case .star: .multiply
        case .slash: .divide
        case .percentSign: .remainder
        case .ampersand: .bitwiseAnd
        case .bar: .bitwiseOr
        case .caret: .bitwiseXor
        case .concatenate: .concatenate
        case .equal: .equal
        case .nullSafeEqual: .nullSafeEqual
        case .notEqual: .notEqual
        case .lessThan: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .word where current.keyword == .div: .integerDivide
        default: nil
        }
    }

    private mutating func quantifiedComparison(
        _ left: Expression, _ comparison: BinaryOperator
    ) throws(SyntaxError) -> Expression {
        let quantifier: Quantifier = at(.all) ? .all : .any
        advance()
        let start = index
        let query = try parenthesizedQuery()
        try grow()
        return Expression(
            .quantifiedComparison(left, comparison, quantifier, query), range: left.range.union(range(from: start)))
    }

    /// `[NOT] IN`, `[NOT] BETWEEN`, `[NOT] LIKE` and its kin.
    private mutating func extendByPredicate(_ left: inout Expression) throws(SyntaxError) -> Bool {
        let isNegation = at(.not) || at(.exclamation)
        let keyword = isNegation ? peek().keyword : current.keyword
        switch keyword {
        case .in, .between, .like, .rlike, .regexp: break
        default:
            guard isNegation else { return false }
            advance()
            throw unrecognized()
        }
        if isNegation { advance() }
        let start = index
        advance()
        let kind: Expression.Kind
        switch keyword {
        case .in:
            kind = try inPredicate(left, negated: isNegation)
        case .between:
            let isSymmetric = at(.symmetric) && !isEndOfOperand(peek())
            if isSymmetric || (at(.asymmetric) && !isEndOfOperand(peek())) { advance() }
            let low = try expression(from: .bitwiseOr)
            try expect(.and)
            let high = try expression(from: .bitwiseOr)
            kind = .between(left, low: low, high: high, symmetric: isSymmetric, negated: isNegation)
        case .like where atAny(.any, .some, .all) && peek().kind == .leftParenthesis:
            let quantifier: Quantifier = at(.all) ? .all : .any
            advance()
            let patterns = try parenthesized { (parser) throws(SyntaxError) in try parser.expression() }
            kind = .likeQuantified(left, quantifier, patterns: patterns, negated: isNegation)
        default:
            let match: MatchOperator = keyword == .like ? .like : keyword == .rlike ? .rlike : .regexp
            kind = .match(match, left, pattern: try expression(from: .bitwiseOr), negated: isNegation)
        }
        try grow()
        left = Expression(kind, range: left.range.union(range(from: start)))
        return true
    }

    /// Whether a name that could also be a keyword stands alone, and so is a name.
    private func isEndOfOperand(_ token: Token) -> Bool {
        switch token.kind {
        case .endOfInput, .dot, .leftBracket, .plusSign, .minusSign, .star, .slash, .percentSign, .ampersand, .bar,
            .caret, .concatenate:
            true
        default: token.keyword == .and || token.keyword == .is || token.keyword == .div
        }
    }

    private mutating func inPredicate(_ left: Expression, negated: Bool) throws(SyntaxError) -> Expression.Kind {
        guard at(.leftParenthesis) else { throw unrecognized() }
        if isQuery(at: index) { return .inSubquery(left, try parenthesizedQuery(), negated: negated) }
        if peek().kind == .rightParenthesis { throw unrecognized() }
        let items = try parenthesized { (parser) throws(SyntaxError) in try parser.expression() }
        return .inList(left, items, negated: negated)
    }

    // MARK: Operands

    /// Signs before an operand; field and element access, and `::type`, after it.
    private mutating func unary() throws(SyntaxError) -> Expression {
        let start = index
        let sign: UnaryOperator
        switch current.kind {
        case .plusSign: sign = .plus
        case .minusSign: sign = .minus
        case .tilde: sign = .bitwiseNot
        default: return try accessed()
        }
        try enter()
        advance()
        let operand = try unary()
        try grow()
        leave()
        return Expression(.unary(sign, operand), range: range(from: start))
    }

    private mutating func accessed() throws(SyntaxError) -> Expression {
        let start = index
        var base = try primary()
        while true {
            if at(.dot) {
                guard isIdentifier(peek()) else {
                    // Hive decides on the name and the point together.
                    advance()
                    throw unrecognized(from: max(index - 2, 0), in: "selection target")
                }
                advance()
                let name = try identifier(.expression)
                base = Expression(.field(base, name), range: range(from: start))
            } else if at(.leftBracket) {
                advance()
                let inside = try expression()
                try expect(.rightBracket)
                base = Expression(.element(base, inside), range: range(from: start))
            } else if at(.colon), peek().kind == .colon, !peek().followsSpace {
                advance()
                advance()
                let target = try type(in: "primitive type specification")
                base = Expression(.cast(base, target, format: nil), range: range(from: start))
            } else {
                return base
            }
            try grow()
        }
    }

    private mutating func primary() throws(SyntaxError) -> Expression {
        let token = current
        switch token.kind {
        case .stringLiteral, .integerLiteral, .integerWithSuffix, .decimalLiteral, .doubleLiteral, .decimalWithSuffix, .doubleWithSuffix,
            .characterSet:
            return try grown(literal())
        case .leftParenthesis:
            return try parenthesizedExpression()
        case .question:
            advance()
            parameterCount += 1
            return try grown(Expression(.parameter(parameterCount - 1), range: token.range))
        case .quotedWord:
            return try nameOrCall()
        case .word:
            guard let keyword = token.keyword else { return try nameOrCall() }
            return try keywordOperand(keyword)
        default:
            throw unrecognized()
        }
    }

    private mutating func grown(_ leaf: Expression) throws(SyntaxError) -> Expression {
        try grow()
        return leaf
    }

    private mutating func keywordOperand(_ keyword: Keyword) throws(SyntaxError) -> Expression {
        let start = index
        switch keyword {
        case .null, .true, .false:
            advance()
            let literal: Literal = keyword == .null ? .null : .boolean(keyword == .true)
            return try grown(Expression(.literal(literal), range: range(from: start)))
        case .date, .timestamp, .timestamplocaltz:
            if peek().kind == .stringLiteral { return try grown(dateTimeLiteral(keyword)) }
            return try nameOrCall()
        case .currentDate, .currentTimestamp:
            if peek().kind == .leftParenthesis { return try nameOrCall() }
            advance()
            let call = FunctionCall(
                name: FunctionName(name: identifier(of: tokens[start]), range: range(from: start)), arguments: [])
            return try grown(Expression(.function(call), range: range(from: start)))
        case .interval: return try interval()
        case .case: return try caseExpression()
        case .cast: return try cast()
        // What does not convert is NULL in Hive anyway.
        case .tryCast where peek().kind == .leftParenthesis: return try cast()
        case .extract: return try extract()
        case .floor: return try floor()
        case .exists where !atLambdaCall:
            advance()
            guard at(.leftParenthesis) else { throw expected("(") }
            let query = try parenthesizedQuery()
            try grow()
            return Expression(.exists(query), range: range(from: start))
        default:
            return try nameOrCall()
        }
    }

    /// What stands in parentheses: a query, one expression (the parentheses leave no trace), or a row.
    private mutating func parenthesizedExpression() throws(SyntaxError) -> Expression {
        let start = index
        if isQuery(at: index) {
            let query = try parenthesizedQuery()
            try grow()
            return Expression(.scalarSubquery(query), range: range(from: start))
        }
        if let interval = try parenthesizedIntervalAmount() { return interval }
        advance()
        let first = try expression()
        if at(.comma) {
            var items = [first]
            while accept(.comma) { items.append(try expression()) }
            try expect(.rightParenthesis)
            try grow()
            return Expression(.row(items), range: range(from: start))
        }
        guard accept(.rightParenthesis) else {
            throw unrecognized(from: at(.endOfInput) ? start : index)
        }
        return Expression(first.kind, range: range(from: start))
    }

    /// Whether the parenthesis at `place` opens a query, and not an expression, a join or a list.
    func isQuery(at place: Int) -> Bool {
        var open = place
        while true {
            let inside = tokens[min(open + 1, tokens.count - 1)]
            switch inside.keyword {
            case .select, .with, .from, .values: return true
            case .map, .reduce:
                return isTransform(at: open + 1)
            default: break
            }
            guard inside.kind == .leftParenthesis, closing[open + 1] >= 0 else { return false }
            let after = tokens[min(Int(closing[open + 1]) + 1, tokens.count - 1)]
            switch after.keyword {
            case .union, .intersect, .except, .minus, .order, .sort, .cluster, .distribute, .limit: break
            default:
                guard after.kind == .rightParenthesis else { return false }
            }
            open += 1
        }
    }

    /// Whether MAP or REDUCE at `place` begins a clause, which has a USING, and not a call of the function.
    private func isTransform(at place: Int) -> Bool {
        var scan = place + 1
        while scan < tokens.count {
            let token = tokens[scan]
            switch token.kind {
            case .leftParenthesis:
                guard closing[scan] >= 0 else { return false }
                scan = Int(closing[scan])
            case .rightParenthesis, .endOfInput: return false
            default: if token.keyword == .using { return true }
            }
            scan += 1
        }
        return false
    }

    private mutating func caseExpression() throws(SyntaxError) -> Expression {
        let outer = context
        context = "case expression"
        let start = index
        try expect(.case)
        let operand = at(.when) ? nil : try expression()
        var branches: [CaseBranch] = []
        guard at(.when) else { throw expected("WHEN") }
        while accept(.when) {
            let condition = try expression()
            try expect(.then)
            branches.append(CaseBranch(condition: condition, result: try expression()))
        }
        let otherwise = accept(.else) ? try expression() : nil
        try expect(.end)
        try grow()
        context = outer
        return Expression(
            .caseExpression(operand: operand, branches: branches, otherwise: otherwise), range: range(from: start))
    }

    private mutating func cast() throws(SyntaxError) -> Expression {
        let outer = context
        context = "cast expression"
        let start = index
        advance()
        try expect(.leftParenthesis)
        let operand = try expression()
        try expect(.as)
        let target = try type(in: "primitive type specification")
        let format = accept(.format) ? try string() : nil
        try expect(.rightParenthesis)
        try grow()
        context = outer
        return Expression(.cast(operand, target, format: format), range: range(from: start))
    }

    private mutating func extract() throws(SyntaxError) -> Expression {
        let start = index
        try expect(.extract)
        try expect(.leftParenthesis)
        guard let field = dateTimeField(current.keyword) else { throw unrecognized() }
        advance()
        try expect(.from)
        let operand = try expression()
        try expect(.rightParenthesis)
        try grow()
        return Expression(.extract(field, operand), range: range(from: start))
    }

    /// `floor(x)`, `floor(x TO DAY)`
    private mutating func floor() throws(SyntaxError) -> Expression {
        let start = index
        let name = FunctionName(name: identifier(of: current), range: current.range)
        advance()
        try expect(.leftParenthesis)
        let operand = try expression()
        var kind = Expression.Kind.function(FunctionCall(name: name, arguments: [operand]))
        if accept(.to) {
            guard let field = dateTimeField(current.keyword), field != .dayOfWeek else { throw unrecognized() }
            advance()
            kind = .floorTo(operand, field)
        }
        try expect(.rightParenthesis)
        try grow()
        return Expression(kind, range: range(from: start))
    }

    private func dateTimeField(_ keyword: Keyword?) -> DateTimeField? {
        switch keyword {
        case .year, .years: .year
        case .quarter: .quarter
        case .month, .months: .month
        case .week, .weeks: .week
        case .day, .days: .day
        case .dayofweek: .dayOfWeek
        case .hour, .hours: .hour
        case .minute, .minutes: .minute
        case .second, .seconds: .second
        default: nil
        }
    }
}
