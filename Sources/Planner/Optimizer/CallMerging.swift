import Expressions
import Functions

/// Makes one call of those in a node's expressions that read one value, each in its own way: several paths of one JSON text
/// are found in one walk. The call is then shared by `common_subexpression_elimination`.
struct CallMerging: OptimizerRule {
    static let name = "call_merging"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        try plan.transformedUp { node in
            try context.checkCancellation()
            var groups: [Operand: Group] = [:]
            for expression in node.expressions {
                expression.forEachNode { part in
                    guard let (operand, call) = Self.mergeable(part) else { return }
                    groups[operand, default: Group()].add(call.arguments[1])
                }
            }
            groups = groups.filter { $0.value.constants.count > 1 }
            guard !groups.isEmpty else { return node }
            for (operand, group) in groups {
                groups[operand]?.call = try context.binder.call(
                    .joint(operand.form), [operand.value] + group.constants, at: operand.value.range)
            }
            return try node.replacingExpressions { try Self.merged($0, groups) }
        }
    }

    /// What calls have in common that can be one.
    private struct Operand: Hashable {
        let form: ScalarTraits.Joint
        let value: BoundExpression
    }

    private struct Group {
        /// What sets the calls apart, in the order of the fields of `call`.
        private(set) var constants: [BoundExpression] = []
        private var places: [BoundExpression: Int] = [:]
        var call: BoundExpression?

        mutating func add(_ constant: BoundExpression) {
            guard places[constant] == nil else { return }
            places[constant] = constants.count
            constants.append(constant)
        }

        func place(of constant: BoundExpression) -> Int? { places[constant] }
    }

    private static func mergeable(_ expression: BoundExpression) -> (Operand, ScalarCall)? {
        guard case .call(let call) = expression.kind, let form = call.traits.joint, call.arguments.count == 2,
            case .literal = call.arguments[1].kind
        else { return nil }
        if case .literal = call.arguments[0].kind { return nil }
        return (Operand(form: form, value: call.arguments[0]), call)
    }

    private static func merged(_ expression: BoundExpression, _ groups: [Operand: Group]) throws -> BoundExpression {
        if let (operand, call) = mergeable(expression), let group = groups[operand], let joint = group.call,
            let place = group.place(of: call.arguments[1])
        {
            var field = BoundExpression(.field(joint, index: place), type: expression.type, range: expression.range)
            field.knownValue = KnownValue.none
            return field
        }
        return try expression.replacingChildren { try merged($0, groups) }
    }
}
