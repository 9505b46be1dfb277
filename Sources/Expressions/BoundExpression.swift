import Columnar
import Functions
import Platform

/// An expression whose names, types and functions are resolved. Its `type` is exact; conversions are explicit casts.
package struct BoundExpression: Hashable, Sendable {
    package indirect enum Kind: Hashable, Sendable {
        case column(ColumnID)
        case literal(LiteralValue)
        /// Arguments already have the types that the function asked for.
        case call(ScalarCall)
        case comparison(ComparisonOperator, BoundExpression, BoundExpression)
        case cast(BoundExpression)
        /// Three-valued, two or more operands, evaluated in order on the rows that are still undecided.
        case and([BoundExpression])
        case or([BoundExpression])
        case not(BoundExpression)
        case isNull(BoundExpression)
        case isNotNull(BoundExpression)
        /// CASE and IF: the first branch whose condition is TRUE; `otherwise` nil means NULL.
        case conditional([ConditionalBranch], otherwise: BoundExpression?)
        /// The first value that is not NULL.
        case coalesce([BoundExpression])
        /// `operand IN (list)`; NULL in list as in SQL. Operand and list have one type.
        case inList(BoundExpression, [BoundExpression])
        /// Field `index` of a STRUCT.
        case field(BoundExpression, index: Int)
        /// The last operand, in which the column stands for `value`: what is used several times is written once.
        case letting(ColumnID, value: BoundExpression, in: BoundExpression)
    }

    package var kind: Kind
    package var type: SQLType
    /// Where it stands in the statement; not part of its identity.
    package var range: SourceRange?
    /// Stands elsewhere in its plan node too: operators compute it once a batch. Not part of its identity; set by the
    /// optimizer's rule `common_subexpression_elimination`.
    package var isShared = false
    /// What the binder found out about its value; not part of its identity.
    package var knownValue: KnownValue?

    package init(_ kind: Kind, type: SQLType, range: SourceRange? = nil) {
        self.kind = kind
        self.type = type
        self.range = range
    }

    package static func == (left: BoundExpression, right: BoundExpression) -> Bool {
        left.type == right.type && left.kind == right.kind
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(type)
        hasher.combine(kind)
    }
}

/// Whether an expression is a constant that can be evaluated, and its value: asked for at every level of an expression
/// that is being bound, so it is kept where it was found.
package final class KnownValue: Sendable {
    /// nil when the expression has no value before the query runs.
    package let value: LiteralValue?

    package init(_ value: LiteralValue?) { self.value = value }

    package static let none = KnownValue(nil)
}

package struct ConditionalBranch: Hashable, Sendable {
    package var condition: BoundExpression
    package var value: BoundExpression

    package init(condition: BoundExpression, value: BoundExpression) {
        self.condition = condition
        self.value = value
    }
}
