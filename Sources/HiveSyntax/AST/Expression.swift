/// A scalar expression, predicate or subquery use, with the place where it was written.
package struct Expression: Hashable, Sendable {
    package var kind: Kind
    package var range: SourceRange

    package init(_ kind: Kind, range: SourceRange = .none) {
        self.kind = kind
        self.range = range
    }

    package indirect enum Kind: Hashable, Sendable {
        case literal(Literal)
        /// A bare name: a column, or the alias of a table when a `.field` follows.
        case column(Identifier)
        /// `base.name`: a table's column, a database's table's column, or a field of a struct. The parser cannot
        /// tell; `t.a.b` is `.field(.field(.column(t), a), b)`. See `Expression.dottedName`.
        case field(Expression, Identifier)
        /// `base[position]`: element of an array or value of a map.
        case element(Expression, Expression)
        /// `*`, `t.*` or `db.t.*` in a select list or as an argument; as what is ordered by, ALL.
        case star(TableName?)
        case unary(UnaryOperator, Expression)
        case binary(BinaryOperator, Expression, Expression)
        /// `a + b - c …`: three or more operands with operators of one strength between them, taken from left to right.
        case chain(Expression, [ChainLink])
        /// Two or more operands joined by AND at one level; a chain in parentheses stays an operand of its own.
        case and([Expression])
        /// Two or more operands joined by OR at one level.
        case or([Expression])
        /// `IS [NOT] NULL | TRUE | FALSE | UNKNOWN`
        case isTest(Expression, TruthTest, negated: Bool)
        case isDistinctFrom(Expression, Expression, negated: Bool)
        case between(Expression, low: Expression, high: Expression, symmetric: Bool, negated: Bool)
        case inList(Expression, [Expression], negated: Bool)
        case inSubquery(Expression, Query, negated: Bool)
        case match(MatchOperator, Expression, pattern: Expression, negated: Bool)
        /// `[NOT] LIKE ANY (…)`, `[NOT] LIKE ALL (…)`
        case likeQuantified(Expression, Quantifier, patterns: [Expression], negated: Bool)
        case exists(Query)
        case scalarSubquery(Query)
        /// `x > ANY (SELECT …)`; SOME is ANY.
        case quantifiedComparison(Expression, BinaryOperator, Quantifier, Query)
        /// `operand` is absent in the searched form.
        case caseExpression(operand: Expression?, branches: [CaseBranch], otherwise: Expression?)
        case cast(Expression, TypeName, format: String?)
        case function(FunctionCall)
        /// `EXTRACT(field FROM source)`
        case extract(DateTimeField, Expression)
        /// `FLOOR(source TO field)`
        case floorTo(Expression, DateTimeField)
        /// `INTERVAL (expression) DAY` and `(expression) DAYS`: an interval whose amount is computed.
        case interval(Expression, IntervalQualifier)
        /// `(a, b)` of two or more items: a row, as in `(a, b) IN (…)`.
        case row([Expression])
        /// `?` in a statement to PREPARE, numbered from 0.
        case parameter(Int)
        /// `DEFAULT` as a value of INSERT or UPDATE.
        case defaultValue
        /// `x -> x + 1`, `(x, y) -> x + y`: a function as an argument.
        case lambda([Identifier], Expression)
    }
}

/// An operator of a chain and its right side.
package struct ChainLink: Hashable, Sendable {
    package var operation: BinaryOperator
    package var operand: Expression

    package init(operation: BinaryOperator, operand: Expression) {
        self.operation = operation
        self.operand = operand
    }
}

package enum Literal: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// Digits as written (no sign), and the suffix.
    case integer(String, IntegerSuffix)
    /// `1.5BD`, or a number with a fraction and no exponent: digits as written without the suffix.
    case decimal(String)
    /// `1.5D` or a number with an exponent: as written without the suffix.
    case double(String)
    /// Bytes after the escapes were resolved; adjacent literals were joined.
    case string(String)
    /// `DATE '2024-01-31'`
    case date(String)
    case timestamp(String)
    /// `TIMESTAMPLOCALTZ '…'`
    case timestampLocalTimeZone(String)
    /// `INTERVAL '1-2' YEAR TO MONTH`, `INTERVAL 1 DAY`, `1 DAY`: the amount's text and the unit.
    case interval(String, IntervalQualifier)
    /// `_utf8 'abc'`, `_utf8 0x616263`: the name with its underscore, and the characters, decoded.
    case characterSet(name: String, text: String)
}

package enum IntegerSuffix: String, Hashable, Sendable {
    case none = ""
    case tinyint = "Y"
    case smallint = "S"
    case bigint = "L"
}

package enum IntervalQualifier: String, Hashable, Sendable, CaseIterable {
    case year = "YEAR"
    case quarter = "QUARTER"
    case month = "MONTH"
    case week = "WEEK"
    case day = "DAY"
    case hour = "HOUR"
    case minute = "MINUTE"
    case second = "SECOND"
    case yearToMonth = "YEAR TO MONTH"
    case dayToSecond = "DAY TO SECOND"
}

/// What EXTRACT takes out of, and `FLOOR(… TO …)` cuts, a date or timestamp.
package enum DateTimeField: String, Hashable, Sendable, CaseIterable {
    case year = "YEAR"
    case quarter = "QUARTER"
    case month = "MONTH"
    case week = "WEEK"
    case day = "DAY"
    case dayOfWeek = "DOW"
    case hour = "HOUR"
    case minute = "MINUTE"
    case second = "SECOND"
}

package enum UnaryOperator: String, Hashable, Sendable {
    case plus = "+"
    case minus = "-"
    case bitwiseNot = "~"
    case not = "NOT"
}

package enum BinaryOperator: String, Hashable, Sendable, CaseIterable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case integerDivide = "DIV"
    case bitwiseAnd = "&"
    case bitwiseOr = "|"
    case bitwiseXor = "^"
    case concatenate = "||"
    /// `=` and `==`
    case equal = "="
    case nullSafeEqual = "<=>"
    /// `<>` and `!=`
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

package enum TruthTest: String, Hashable, Sendable {
    case null = "NULL"
    case isTrue = "TRUE"
    case isFalse = "FALSE"
    case unknown = "UNKNOWN"
}

package enum MatchOperator: String, Hashable, Sendable {
    case like = "LIKE"
    /// RLIKE
    case rlike = "RLIKE"
    /// Same meaning as RLIKE.
    case regexp = "REGEXP"
}

package enum Quantifier: String, Hashable, Sendable {
    case any = "ANY"
    case all = "ALL"
}

package struct CaseBranch: Hashable, Sendable {
    package var condition: Expression
    package var result: Expression

    package init(condition: Expression, result: Expression) {
        self.condition = condition
        self.result = result
    }
}

package struct FunctionCall: Hashable, Sendable {
    package var name: FunctionName
    package var isDistinct: Bool
    /// `.star` stands for `f(*)`.
    package var arguments: [Expression]
    /// `WITHIN GROUP (ORDER BY …)`
    package var withinGroup: [SortItem]
    /// `FILTER (WHERE …)`
    package var filter: Expression?
    package var nullTreatment: NullTreatment?
    package var window: WindowReference?

    package init(
        name: FunctionName, isDistinct: Bool = false, arguments: [Expression], withinGroup: [SortItem] = [],
        filter: Expression? = nil, nullTreatment: NullTreatment? = nil, window: WindowReference? = nil
    ) {
        self.name = name
        self.isDistinct = isDistinct
        self.arguments = arguments
        self.withinGroup = withinGroup
        self.filter = filter
        self.nullTreatment = nullTreatment
        self.window = window
    }
}

package enum NullTreatment: String, Hashable, Sendable {
    case ignore = "IGNORE NULLS"
    case respect = "RESPECT NULLS"
}

/// `OVER name` or `OVER (…)`
package enum WindowReference: Hashable, Sendable {
    case named(Identifier)
    case specification(WindowSpecification)
}

package struct WindowSpecification: Hashable, Sendable {
    /// A named window that this one starts from.
    package var base: Identifier?
    package var partitionBy: [Expression]
    package var orderBy: [SortItem]
    /// `DISTRIBUTE BY … SORT BY …` or `CLUSTER BY …` instead of `PARTITION BY … ORDER BY …`; kept for printing.
    package var style: Style
    package var frame: WindowFrame?

    package enum Style: Hashable, Sendable { case partitionBy, distributeBy, clusterBy }

    package init(
        base: Identifier? = nil, partitionBy: [Expression] = [], orderBy: [SortItem] = [],
        style: Style = .partitionBy, frame: WindowFrame? = nil
    ) {
        self.base = base
        self.partitionBy = partitionBy
        self.orderBy = orderBy
        self.style = style
        self.frame = frame
    }
}

package struct WindowFrame: Hashable, Sendable {
    package enum Unit: String, Hashable, Sendable {
        case rows = "ROWS"
        case range = "RANGE"
    }

    package indirect enum Bound: Hashable, Sendable {
        case unboundedPreceding
        case preceding(Expression)
        case currentRow
        case following(Expression)
        case unboundedFollowing
    }

    package var unit: Unit
    package var start: Bound
    /// Absent in `ROWS 2 PRECEDING`: the current row.
    package var end: Bound?

    package init(unit: Unit, start: Bound, end: Bound?) {
        self.unit = unit
        self.start = start
        self.end = end
    }
}

package struct SortItem: Hashable, Sendable {
    package enum Direction: String, Hashable, Sendable {
        case ascending = "ASC"
        case descending = "DESC"
    }

    package enum NullOrder: String, Hashable, Sendable {
        case first = "NULLS FIRST"
        case last = "NULLS LAST"
    }

    package var expression: Expression
    /// Absent when not written: ascending.
    package var direction: Direction?
    /// Absent when not written: first when ascending, last when descending.
    package var nullOrder: NullOrder?

    package init(expression: Expression, direction: Direction? = nil, nullOrder: NullOrder? = nil) {
        self.expression = expression
        self.direction = direction
        self.nullOrder = nullOrder
    }
}

extension Expression {
    /// The names of `a`, `t.a`, `db.t.a`, … from left to right, or nil when the expression is something else.
    package var dottedName: [Identifier]? {
        var names: [Identifier] = []
        var current = self
        while true {
            switch current.kind {
            case .column(let name):
                names.append(name)
                names.reverse()
                return names
            case .field(let base, let name):
                names.append(name)
                current = base
            default:
                return nil
            }
        }
    }
}
