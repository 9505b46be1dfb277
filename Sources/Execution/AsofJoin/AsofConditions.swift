import Columnar
import Expressions
import Functions
import Planner

/// The further conditions of an ASOF join, by when they are asked.
struct AsofConditions {
    /// Over the left row alone: they decide whether it may match.
    var ofLeft: [BoundExpression] = []
    /// Once one fails for a right row it fails for all that are farther: a tolerance.
    var limits: [BoundExpression] = []
    /// Asked for one right row after the other.
    var ofPairs: [BoundExpression] = []
    /// Whether no pair may be asked for that is not needed: values can be refused or are drawn at random.
    var isPatient = false
    /// Where `limits` are what their name says.
    var validity = LimitValidity.always

    /// What the values searched must be like for limits to be limits: sums that wrap around do not grow.
    enum LimitValidity: Sendable, Equatable {
        case always
        /// The difference of any two values fits into so many bits.
        case differenceFits(bits: Int)
        /// Left values are finite.
        case finite
    }

    init(_ node: LogicalAsofJoin) {
        let left = Set(node.left.outputs.map(\.id))
        for conjunct in node.residual?.conjuncts ?? [] {
            if conjunct.isDeterministic, conjunct.columnIDs.isSubset(of: left) {
                ofLeft.append(conjunct)
            } else if conjunct.isDeterministic, let needed = Self.limit(conjunct, node.match, left),
                validity == .always || needed == .always || validity == needed
            {
                limits.append(conjunct)
                if needed != .always { validity = needed }
            } else {
                ofPairs.append(conjunct)
            }
        }
        for conjunct in limits + ofPairs {
            conjunct.forEachNode { node in
                if case .call(let call) = node.kind, call.traits.canFail || !call.isDeterministic { isPatient = true }
            }
        }
    }

    /// Whether a condition holds for the nearest right values up to one and for none behind: `a.t - b.t <= …` or
    /// `b.t >= …` beside `a.t >= b.t`.
    private static func limit(
        _ conjunct: BoundExpression, _ match: LogicalAsofJoin.Match, _ left: Set<ColumnID>
    ) -> LimitValidity? {
        guard case .comparison(let written, let first, let second) = conjunct.kind else { return nil }
        // The operand without right columns goes to the right.
        let isTurned = first.columnIDs.isSubset(of: left)
        let (operand, bound) = isTurned ? (second, first) : (first, second)
        guard bound.columnIDs.isSubset(of: left) else { return nil }
        let operation = isTurned ? written.mirrored : written
        let isDescending = match.operation == .greaterOrEqual || match.operation == .greater
        switch operation {
        case .greater, .greaterOrEqual:
            return isDescending && isSame(operand, match.right) ? .always : nil
        case .less, .lessOrEqual:
            if !isDescending, isSame(operand, match.right) { return .always }
            let (greater, less) = isDescending ? (match.left, match.right) : (match.right, match.left)
            guard case .call(let call) = operand.kind, call.function === ScalarFunction.arithmetic(.subtract),
                call.arguments.count == 2, isSame(call.arguments[0], greater), isSame(call.arguments[1], less)
            else { return nil }
            switch operand.type {
            case .tinyint, .smallint, .int, .bigint: return .differenceFits(bits: operand.type.physical.stride * 8)
            case .float, .double: return .finite
            case .decimal, .intervalDayTime: return .always
            default: return nil
            }
        default: return nil
        }
    }

    /// The same value, apart from a conversion that keeps all differences.
    private static func isSame(_ left: BoundExpression, _ right: BoundExpression) -> Bool {
        left == right || withoutCast(left) == withoutCast(right)
    }

    private static func withoutCast(_ expression: BoundExpression) -> BoundExpression {
        guard case .cast(let operand) = expression.kind else { return expression }
        switch (operand.type, expression.type) {
        case (.date, .timestamp): return operand
        case let (from, to) where from.isIntegral && to.isIntegral && from.physical.stride <= to.physical.stride:
            return operand
        default: return expression
        }
    }
}
