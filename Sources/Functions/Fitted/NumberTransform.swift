import Columnar

/// What was learned of a column of numbers, and makes another number of each.
protocol NumberTransform: FittedState {
    /// What is learned where there is nothing to learn from.
    static var unknown: Self { get }
    /// nil where nothing can be said of a number.
    func callAsFunction(_ value: Double) -> Double?
    func write(to writer: inout FittedStateWriter)
}

extension FunctionDefinition where Family == FittedFamily {
    /// A function of a number whose value is a number.
    /// - Parameters:
    ///   - arguments: how many a call may have.
    ///   - learn: Checks the arguments behind the first, and makes the accumulators, whose states `state` makes of what was
    ///     learned, or of nil where there was nothing to learn from.
    static func ofNumber<Transform: NumberTransform>(
        _: Transform.Type, _ name: String, _ documentation: FunctionDocumentation, arguments: ClosedRange<Int> = 1...1,
        learn: @escaping @Sendable (FunctionCall, _ state: @escaping @Sendable (Transform?) -> [UInt8]) throws
            -> @Sendable (EvaluationContext) -> any Accumulator
    ) -> FittedFunction {
        make(
            name, documentation: documentation,
            fit: { call in
                try call.expect(arguments)
                try call.expectNumber(0)
                let makeAccumulator = try learn(call) { learned in
                    FittedStateWriter.state(of: name) { (learned ?? .unknown).write(to: &$0) }
                }
                return FittedLearner(argumentType: .double, makeAccumulator: makeAccumulator)
            },
            apply: { _ in
                let states = FittedStates<Transform>(of: name)
                return ResolvedScalar(argumentTypes: [.binary, .double], resultType: .double) { input in
                    var transforms = try states.cursor(input)
                    let column = input.arguments[1].flattened(input.rows)
                    let values = column.values(as: Double.self)
                    let result = Column(flat: .double, count: input.count)
                    let target = result.values(as: Double.self)
                    try input.rows.forEach { row in
                        if !column.isNull(row), let made = try transforms.state(row)?(values[row]) {
                            target[row] = made
                        } else {
                            target[row] = 0
                            result.setNull(row)
                        }
                    }
                    return result
                }
            })
    }
}
