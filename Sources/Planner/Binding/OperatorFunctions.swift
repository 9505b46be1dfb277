import Columnar
import Functions
import HiveSyntax

extension BinaryOperator {
    /// The function that the operator stands for.
    var function: ScalarFunction {
        switch self {
        case .add: .arithmetic(.add)
        case .subtract: .arithmetic(.subtract)
        case .multiply: .arithmetic(.multiply)
        case .divide: .arithmetic(.divide)
        case .remainder: .arithmetic(.remainder)
        case .integerDivide: .arithmetic(.integerDivide)
        case .bitwiseAnd: .arithmetic(.bitwiseAnd)
        case .bitwiseOr: .arithmetic(.bitwiseOr)
        case .bitwiseXor: .arithmetic(.bitwiseXor)
        case .concatenate: .concat
        case .equal: .comparison(.equal)
        case .nullSafeEqual: .comparison(.nullSafeEqual)
        case .notEqual: .comparison(.notEqual)
        case .less: .comparison(.less)
        case .lessOrEqual: .comparison(.lessOrEqual)
        case .greater: .comparison(.greater)
        case .greaterOrEqual: .comparison(.greaterOrEqual)
        }
    }

    /// nil for operators that do not compare. Both types spell operators as SQL does.
    var comparison: ComparisonOperator? { ComparisonOperator(rawValue: rawValue) }

    /// The comparison that is TRUE where this one is FALSE; nil for operators that do not compare.
    var negated: BinaryOperator? {
        switch self {
        case .equal: .notEqual
        case .notEqual: .equal
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        default: nil
        }
    }
}

extension DateTimeField {
    var field: DateField {
        switch self {
        case .year: .year
        case .quarter: .quarter
        case .month: .month
        case .week: .week
        case .day: .day
        case .dayOfWeek: .dayOfWeek
        case .hour: .hour
        case .minute: .minute
        case .second: .second
        }
    }
}
