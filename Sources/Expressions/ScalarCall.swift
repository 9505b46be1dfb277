import Columnar
import Functions

/// A call of a scalar function that a kernel computes. Two calls are equal when function, types and arguments are, and
/// the function is deterministic.
package struct ScalarCall: Hashable, Sendable {
    package var function: ScalarFunction
    package var kernel: ScalarKernel
    package var resultType: SQLType
    package var arguments: [BoundExpression]

    package init(
        function: ScalarFunction, kernel: @escaping ScalarKernel, resultType: SQLType, arguments: [BoundExpression]
    ) {
        self.function = function
        self.kernel = kernel
        self.resultType = resultType
        self.arguments = arguments
    }

    package var name: String { function.name }
    package var traits: ScalarTraits { function.traits }
    /// False when two evaluations may differ.
    package var isDeterministic: Bool { function.traits.stability != .volatile }

    package static func == (left: ScalarCall, right: ScalarCall) -> Bool {
        left.function === right.function && left.isDeterministic && left.resultType == right.resultType
            && left.arguments == right.arguments
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(function))
        hasher.combine(arguments)
    }
}

extension BoundExpression {
    /// A call of a resolved function on arguments that have the types it asked for.
    package static func call(
        _ function: ScalarFunction, _ resolved: ResolvedScalar, _ arguments: [BoundExpression]
    ) -> BoundExpression {
        let type = resolved.resultType
        switch resolved.evaluation {
        case .kernel(let kernel):
            return BoundExpression(
                .call(ScalarCall(function: function, kernel: kernel, resultType: type, arguments: arguments)), type: type)
        case .form(let form): return BoundExpression(form, arguments, type: type)
        }
    }

    /// - Precondition: as many arguments as the form takes; the function's `resolve` has counted them.
    private init(_ form: ScalarForm, _ arguments: [BoundExpression], type: SQLType) {
        let kind: Kind =
            switch form {
            case .comparison(let operation): .comparison(operation, arguments[0], arguments[1])
            case .and: .and(arguments)
            case .or: .or(arguments)
            case .not: .not(arguments[0])
            case .isNull: .isNull(arguments[0])
            case .isNotNull: .isNotNull(arguments[0])
            case .conditional:
                .conditional(
                    Self.pairs(arguments[...]) { ConditionalBranch(condition: $0, value: $1) },
                    otherwise: arguments.count % 2 == 1 ? arguments.last : nil)
            case .simpleCase:
                .conditional(
                    Self.pairs(arguments.dropFirst()) {
                        ConditionalBranch(
                            condition: BoundExpression(.comparison(.equal, arguments[0], $0), type: .boolean), value: $1)
                    }, otherwise: arguments.count % 2 == 0 ? arguments.last : nil)
            case .coalesce: .coalesce(arguments)
            case .membership: .inList(arguments[0], Array(arguments.dropFirst()))
            }
        self.init(kind, type: type)
    }

    private static func pairs(
        _ list: ArraySlice<BoundExpression>, _ make: (BoundExpression, BoundExpression) -> ConditionalBranch
    ) -> [ConditionalBranch] {
        stride(from: list.startIndex, to: list.endIndex - 1, by: 2).map { make(list[$0], list[$0 + 1]) }
    }
}
