extension SQLPrinter {
    /// Signs bind tighter than every operator, and access and calls tighter than signs.
    private static let unaryLevel = Precedence.postfix.rawValue + 1
    static let primaryLevel = Precedence.postfix.rawValue + 2

    static func level(_ precedence: Precedence) -> Int { precedence.rawValue }

    mutating func write(_ expression: Expression) { write(expression, atLeast: 0) }

    /// In parentheses when the expression binds weaker than `minimum`.
    mutating func write(_ expression: Expression, atLeast minimum: Int) {
        if SQLPrinter.level(of: expression) < minimum {
            output += "("
            writeBare(expression)
            output += ")"
        } else {
            writeBare(expression)
        }
    }

    private mutating func write(_ expression: Expression, atLeast minimum: Precedence) {
        write(expression, atLeast: minimum.rawValue)
    }

    private static func level(of expression: Expression) -> Int {
        switch expression.kind {
        case .or: level(.or)
        case .and: level(.and)
        case .unary(.not, _): level(.not)
        case .unary: unaryLevel
        case .binary(let binary, _, _): level(binary.precedence)
        case .chain(_, let links): links.first.map { level($0.operation.precedence) } ?? primaryLevel
        case .quantifiedComparison(_, let comparison, _, _): level(comparison.precedence)
        case .isDistinctFrom: level(.equality)
        case .between, .inList, .inSubquery, .match, .likeQuantified: level(.comparison)
        case .isTest: level(.postfix)
        default: primaryLevel
        }
    }

    private mutating func writeBare(_ expression: Expression) {
        switch expression.kind {
        case .literal(let literal): write(literal)
        case .column(let name): write(name)
        case .field(let base, let name):
            access(base)
            output += "."
            write(name)
        case .element(let base, let position):
            access(base)
            output += "["
            write(position)
            output += "]"
        case .star(let table):
            if let table {
                write(table)
                output += "."
            }
            output += "*"
        case .unary(let sign, let operand): unary(sign, operand)
        case .binary(let binary, let left, let right):
            write(left, atLeast: binary.precedence)
            output += " \(binary.rawValue) "
            write(right, atLeast: binary.precedence.next)
        case .chain(let first, let links):
            if let link = links.first { write(first, atLeast: link.operation.precedence) }
            for link in links {
                output += " \(link.operation.rawValue) "
                write(link.operand, atLeast: link.operation.precedence.next)
            }
        case .and(let operands):
            list(operands, separator: " AND ") { printer, operand in printer.write(operand, atLeast: .not) }
        case .or(let operands):
            list(operands, separator: " OR ") { printer, operand in printer.write(operand, atLeast: .and) }
        case .caseExpression(let operand, let branches, let otherwise): caseExpression(operand, branches, otherwise)
        case .cast(let operand, let type, let format):
            output += "CAST("
            write(operand)
            output += " AS "
            write(type)
            clause("FORMAT", format)
            output += ")"
        case .function(let call): write(call)
        case .extract(let field, let operand):
            output += "EXTRACT(\(SQLPrinter.word(field)) FROM "
            write(operand)
            output += ")"
        case .floorTo(let operand, let field):
            output += "floor("
            write(operand)
            output += " TO \(SQLPrinter.word(field)))"
        case .interval(let amount, let qualifier):
            output += "INTERVAL ("
            write(amount)
            output += ") \(qualifier.rawValue)"
        case .row(let items): parentheses(items) { printer, item in printer.write(item) }
        case .parameter: output += "?"
        case .defaultValue: output += "DEFAULT"
        case .lambda(let parameters, let body):
            if parameters.count == 1 { write(parameters[0]) } else { identifiers(parameters) }
            output += " -> "
            write(body)
        default: predicate(expression)
        }
    }

    private static func word(_ field: DateTimeField) -> String {
        field == .dayOfWeek ? "DAYOFWEEK" : field.rawValue
    }

    private mutating func predicate(_ expression: Expression) {
        func not(_ negated: Bool) -> String { negated ? " NOT" : "" }
        switch expression.kind {
        case .isTest(let operand, let test, let negated):
            write(operand, atLeast: SQLPrinter.unaryLevel)
            output += " IS\(not(negated)) \(test.rawValue)"
        case .isDistinctFrom(let left, let right, let negated):
            write(left, atLeast: .equality)
            output += " IS\(not(negated)) DISTINCT FROM "
            write(right, atLeast: .comparison)
        case .between(let operand, let low, let high, let symmetric, let negated):
            write(operand, atLeast: .comparison)
            output += "\(not(negated)) BETWEEN \(symmetric ? "SYMMETRIC " : "")"
            write(low, atLeast: .bitwiseOr)
            output += " AND "
            write(high, atLeast: .bitwiseOr)
        case .inList(let operand, let items, let negated):
            write(operand, atLeast: .comparison)
            output += "\(not(negated)) IN "
            parentheses(items) { printer, item in printer.write(item) }
        case .inSubquery(let operand, let query, let negated):
            write(operand, atLeast: .comparison)
            output += "\(not(negated)) IN "
            parenthesized(query)
        case .match(let match, let operand, let pattern, let negated):
            write(operand, atLeast: .comparison)
            output += "\(not(negated)) \(match.rawValue) "
            write(pattern, atLeast: .bitwiseOr)
        case .likeQuantified(let operand, let quantifier, let patterns, let negated):
            write(operand, atLeast: .comparison)
            output += "\(not(negated)) LIKE \(quantifier.rawValue) "
            parentheses(patterns) { printer, pattern in printer.write(pattern) }
        case .exists(let query):
            output += "EXISTS "
            parenthesized(query)
        case .scalarSubquery(let query): parenthesized(query)
        case .quantifiedComparison(let operand, let comparison, let quantifier, let query):
            write(operand, atLeast: comparison.precedence)
            output += " \(comparison.rawValue) \(quantifier.rawValue) "
            parenthesized(query)
        default: break
        }
    }

    private mutating func unary(_ sign: UnaryOperator, _ operand: Expression) {
        if sign == .not {
            output += "NOT "
            write(operand, atLeast: .not)
        } else {
            // Two signs in a row stand apart: `--` begins a comment.
            output += sign.rawValue
            write(operand, atLeast: SQLPrinter.primaryLevel)
        }
    }

    /// What a point or bracket follows; a number keeps its distance from the point.
    private mutating func access(_ base: Expression) {
        if case .literal = base.kind {
            output += "("
            write(base)
            output += ")"
        } else {
            write(base, atLeast: SQLPrinter.primaryLevel)
        }
    }

    private mutating func caseExpression(
        _ operand: Expression?, _ branches: [CaseBranch], _ otherwise: Expression?
    ) {
        output += "CASE"
        if let operand {
            output += " "
            write(operand)
        }
        for branch in branches {
            output += " WHEN "
            write(branch.condition)
            output += " THEN "
            write(branch.result)
        }
        if let otherwise {
            output += " ELSE "
            write(otherwise)
        }
        output += " END"
    }

    private mutating func write(_ literal: Literal) {
        switch literal {
        case .null: output += "NULL"
        case .boolean(let value): output += value ? "TRUE" : "FALSE"
        case .integer(let digits, let suffix): output += digits + suffix.rawValue
        case .decimal(let digits):
            output += digits
            if !digits.contains(".") || digits.contains(where: { $0 == "e" || $0 == "E" }) { output += "BD" }
        case .double(let digits):
            output += digits
            if !digits.contains(where: { $0 == "e" || $0 == "E" }) { output += "D" }
        case .string(let text): string(text)
        case .date(let text):
            output += "DATE "
            string(text)
        case .timestamp(let text):
            output += "TIMESTAMP "
            string(text)
        case .timestampLocalTimeZone(let text):
            output += "TIMESTAMPLOCALTZ "
            string(text)
        case .interval(let amount, let qualifier):
            output += "INTERVAL "
            string(amount)
            output += " \(qualifier.rawValue)"
        case .characterSet(let name, let text):
            output += name + " "
            string(text)
        }
    }

    // MARK: Calls and windows

    mutating func write(_ call: FunctionCall) {
        write(call.name)
        output += "("
        if call.isDistinct { output += "DISTINCT " }
        list(call.arguments) { printer, argument in printer.write(argument) }
        output += ")"
        if !call.withinGroup.isEmpty {
            output += " WITHIN GROUP (ORDER BY "
            sortItems(call.withinGroup)
            output += ")"
        }
        if let filter = call.filter {
            output += " FILTER (WHERE "
            write(filter)
            output += ")"
        }
        if let treatment = call.nullTreatment { output += " \(treatment.rawValue)" }
        switch call.window {
        case .named(let name):
            output += " OVER "
            write(name)
        case .specification(let window):
            output += " OVER "
            write(window)
        case nil: break
        }
    }

    mutating func write(_ window: WindowSpecification) {
        output += "("
        if let base = window.base { write(base) }
        let (partition, order) =
            switch window.style {
            case .partitionBy: ("PARTITION BY ", "ORDER BY ")
            case .distributeBy: ("DISTRIBUTE BY ", "SORT BY ")
            case .clusterBy: ("CLUSTER BY ", "SORT BY ")
            }
        if !window.partitionBy.isEmpty {
            word(partition)
            possiblyParenthesized(window.partitionBy)
        }
        if !window.orderBy.isEmpty {
            word(order)
            sortItems(window.orderBy, allowsParentheses: window.style != .partitionBy)
        }
        if let frame = window.frame {
            word(frame.unit.rawValue + " ")
            if let end = frame.end {
                output += "BETWEEN "
                write(frame.start)
                output += " AND "
                write(end)
            } else {
                write(frame.start)
            }
        }
        output += ")"
    }

    private mutating func write(_ bound: WindowFrame.Bound) {
        switch bound {
        case .unboundedPreceding: output += "UNBOUNDED PRECEDING"
        case .unboundedFollowing: output += "UNBOUNDED FOLLOWING"
        case .currentRow: output += "CURRENT ROW"
        case .preceding(let amount):
            write(amount, atLeast: .bitwiseOr)
            output += " PRECEDING"
        case .following(let amount):
            write(amount, atLeast: .bitwiseOr)
            output += " FOLLOWING"
        }
    }

    /// - Parameter allowsParentheses: the list may stand in parentheses in this clause, so that a first item which
    ///   begins with one must be told from it.
    mutating func sortItems(_ items: [SortItem], allowsParentheses: Bool = false) {
        let start = output.endIndex
        list(items) { printer, item in
            // An item of its own in this place only.
            if case .star = item.expression.kind { printer.output += "ALL" } else { printer.write(item.expression) }
            if let direction = item.direction { printer.output += " \(direction.rawValue)" }
            if let order = item.nullOrder { printer.output += " \(order.rawValue)" }
        }
        if allowsParentheses { wrapLoneParenthesis(items.map(\.expression), from: start) }
    }

    /// A list in a clause where Hive also takes it in parentheses.
    mutating func possiblyParenthesized(_ expressions: [Expression]) {
        let start = output.endIndex
        list(expressions) { printer, expression in printer.write(expression) }
        wrapLoneParenthesis(expressions, from: start)
    }

    private mutating func wrapLoneParenthesis(_ expressions: [Expression], from start: String.Index) {
        guard expressions.count == 1, start < output.endIndex, output[start] == "(" else { return }
        if case .scalarSubquery = expressions[0].kind { return }
        output.insert("(", at: start)
        output += ")"
    }
}
