import Columnar

/// What tells a model that an imputer put something in: a feature of its own, since that a value is missing may say something.
let missingIndicatorFunction = ScalarFunction(
    "ml.missing_indicator",
    documentation: FunctionDocumentation(
        "_FUNC_(x) - Returns 1 where x is NULL, which ML.IMPUTER puts something in for, else 0",
        extended: "Example:\n  > SELECT _FUNC_(NULL);\n  1"),
    traits: ScalarTraits(cost: .cheap)
) { call in
    try call.expect(1)
    return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: .int) { input in
        let column = input.arguments[0]
        if column.isConstant { return .constant(Int32(column.isNull(0) ? 1 : 0), type: .int, count: input.count) }
        let result = Column(flat: .int, count: input.count)
        let target = result.values(as: Int32.self)
        input.rows.forEach { row in target[row] = column.isNull(row) ? 1 : 0 }
        return result
    }
}
