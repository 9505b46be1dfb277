import Columnar
import Functions
import HiveSyntax

/// Names a column of a logical plan. Every column that a plan node makes has an identity of its own, so that rewriting
/// rules never mistake one for another.
package struct ColumnID: Hashable, Sendable, Comparable {
    package let number: Int

    package init(_ number: Int) { self.number = number }

    package static func < (left: ColumnID, right: ColumnID) -> Bool { left.number < right.number }
}

/// An expression whose names, types and functions are resolved. Its `type` is exact; conversions are explicit casts.
package struct BoundExpression: Hashable, Sendable {
    package indirect enum Kind: Hashable, Sendable {
        case column(ColumnID)
        case literal(LiteralValue)
        /// Arguments already have the types that the function asked for.
        case call(ScalarCall)
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
    }

    package var kind: Kind
    package var type: SQLType
    /// Where it stands in the statement; not part of its identity.
    package var range: SourceRange?
    /// Stands elsewhere in its plan node too: operators compute it once a batch. Not part of its identity; set by the
    /// optimizer's rule `common_subexpression_elimination`.
    package var isShared = false

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

package struct ConditionalBranch: Hashable, Sendable {
    package var condition: BoundExpression
    package var value: BoundExpression

    package init(condition: BoundExpression, value: BoundExpression) {
        self.condition = condition
        self.value = value
    }
}

/// A call of a scalar function. Two calls are equal when name, types and arguments are, and the function is
/// deterministic.
package struct ScalarCall: Hashable, Sendable {
    package var name: String
    package var function: ResolvedScalar
    package var arguments: [BoundExpression]
    package var isDeterministic: Bool

    package init(name: String, function: ResolvedScalar, arguments: [BoundExpression], isDeterministic: Bool) {
        self.name = name
        self.function = function
        self.arguments = arguments
        self.isDeterministic = isDeterministic
    }

    package static func == (left: ScalarCall, right: ScalarCall) -> Bool {
        left.isDeterministic && right.isDeterministic && left.name == right.name && left.arguments == right.arguments
            && left.function.resultType == right.function.resultType
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(arguments)
    }
}

/// A constant.
package enum LiteralValue: Hashable, Sendable {
    case null
    /// BOOLEAN (0, 1), integers, DATE (days), INTERVAL YEAR TO MONTH (months).
    case integer(Int64)
    /// FLOAT and DOUBLE.
    case floating(Double)
    /// The unscaled value; the expression's type has the scale.
    case decimal(Int128)
    /// STRING, VARCHAR, CHAR, BINARY.
    case bytes([UInt8])
    /// TIMESTAMP and INTERVAL DAY TO SECOND.
    case timestamp(Timestamp)
    /// ARRAY, MAP, STRUCT: a constant column of one row.
    case complex(ComplexLiteral)
}

/// A constant of a complex type; equal only to itself.
package final class ComplexLiteral: Hashable, Sendable {
    package let column: Column

    package init(_ column: Column) { self.column = column }

    package static func == (left: ComplexLiteral, right: ComplexLiteral) -> Bool { left === right }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension LiteralValue {
    /// The constant as a constant column of `count` rows.
    package func column(type: SQLType, count: Int) -> Column {
        switch self {
        case .null: return .nulls(type, count: count)
        case .complex(let literal): return literal.column.withCount(count)
        case .bytes(let bytes): return .constant(string: bytes, type: type, count: count)
        case .decimal(let unscaled): return .constant(unscaled, type: type, count: count)
        case .timestamp(let value): return .constant(value, type: type, count: count)
        case .floating(let value):
            return type == .float
                ? .constant(Float(value), type: type, count: count) : .constant(value, type: type, count: count)
        case .integer(let value):
            switch type.physical {
            case .boolean: return .constant(UInt8(value == 0 ? 0 : 1), type: type, count: count)
            case .int8: return .constant(Int8(truncatingIfNeeded: value), type: type, count: count)
            case .int16: return .constant(Int16(truncatingIfNeeded: value), type: type, count: count)
            case .int32: return .constant(Int32(truncatingIfNeeded: value), type: type, count: count)
            default: return .constant(value, type: type, count: count)
            }
        }
    }

    /// Row `row` of a column as a constant.
    package init(_ column: Column, row: Int) {
        guard !column.isNull(row) else {
            self = .null
            return
        }
        let plain = column.decoded(.all(column.count))
        let element = plain.element(of: row)
        switch plain.type.physical {
        case .boolean: self = .integer(Int64(plain.values(as: UInt8.self)[element]))
        case .int8: self = .integer(Int64(plain.values(as: Int8.self)[element]))
        case .int16: self = .integer(Int64(plain.values(as: Int16.self)[element]))
        case .int32: self = .integer(Int64(plain.values(as: Int32.self)[element]))
        case .int64: self = .integer(plain.values(as: Int64.self)[element])
        case .float: self = .floating(Double(plain.values(as: Float.self)[element]))
        case .double: self = .floating(plain.values(as: Double.self)[element])
        case .int128: self = .decimal(plain.values(as: Int128.self)[element])
        case .string: self = .bytes(Array(plain.values(as: StringView.self)[element].bytes))
        case .timestamp: self = .timestamp(plain.values(as: Timestamp.self)[element])
        case .list, .structure, .union:
            let builder = ColumnBuilder(plain.type)
            builder.append(plain, row: element)
            let one = builder.finish()
            let zero: [Int32] = [0]
            // A dictionary of one row decodes to a flat column; read as a constant it has the same element.
            self = .complex(ComplexLiteral(Column.constantElement(of: one.type, like: one, index: zero)))
        }
    }
}

extension Column {
    /// The single row of `column` as a constant.
    fileprivate static func constantElement(of type: SQLType, like column: Column, index: [Int32]) -> Column {
        let constant = Column(constant: type, count: 1, children: column.children, heap: column.heap)
        constant.rawValues.copyMemory(from: column.rawValues, byteCount: type.physical.stride)
        return constant
    }
}
