import Columnar

extension EvaluationContext {
    /// What `Cast` needs to know of the session.
    package var castContext: CastContext {
        CastContext(
            zone: zone,
            integersAreSeconds: integersAreSeconds)
    }
}

/// `int(x)`, `string(x)`, …: the same as a CAST.
private func conversion(_ name: String, _ type: SQLType) -> ScalarFunction {
    ScalarFunction(
        name,
        documentation: FunctionDocumentation("_FUNC_(x) - Converts x to \(type.description.uppercased()), as CAST does")
    ) { call in
        guard call.count == 1 else {
            throw FunctionError(.argumentCount, "The function \(name.uppercased()) takes exactly 1 argument, got \(call.count)")
        }
        let from = call.argumentTypes[0]
        guard Cast.isAllowed(from, type) else {
            throw FunctionError(
                .argumentType(0), "Cast of \(from) to \(type) is not supported")
        }
        return ResolvedScalar(argumentTypes: [from], resultType: type) { input in
            try Cast.apply(
                input.arguments[0], to: type, rows: input.rows, count: input.count,
                context: input.context.castContext)
        }
    }
}

let conversionFunctions: [ScalarFunction] = [
    conversion("boolean", .boolean), conversion("tinyint", .tinyint), conversion("smallint", .smallint),
    conversion("int", .int), conversion("bigint", .bigint), conversion("float", .float),
    conversion("double", .double), conversion("decimal", .decimal(precision: 10, scale: 0)),
    conversion("string", .string), conversion("binary", .binary),
    conversion("date", .date), conversion("timestamp", .timestamp),
]
