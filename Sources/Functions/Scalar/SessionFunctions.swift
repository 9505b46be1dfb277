import Columnar

/// A function of the session: one value for all rows.
private func sessionFunction(
    _ names: [String], _ usage: String, _ value: @escaping @Sendable (EvaluationContext) -> String
) -> ScalarFunction {
    ScalarFunction(names: names, documentation: FunctionDocumentation(usage), traits: .constantPerQuery) { call in
        try call.expect(0)
        return ResolvedScalar(argumentTypes: [], resultType: .string) { input in
            .constant(string: value(input.context).utf8, count: input.count)
        }
    }
}

let sessionFunctions: [ScalarFunction] = [
    sessionFunction(["current_database"], "_FUNC_() - Returns the name of the current database") { $0.currentDatabase },
    sessionFunction(["current_schema"], "_FUNC_() - Returns the name of the current database") { $0.currentDatabase },
    sessionFunction(["current_catalog"], "_FUNC_() - Returns the name of the current catalog, of which there is one") { _ in "hive" },
    sessionFunction(["current_user"], "_FUNC_() - Returns the name of the current user") { $0.currentUser },
    sessionFunction(["logged_in_user"], "_FUNC_() - Returns the name of the user who runs the session") { $0.currentUser },
    sessionFunction(["version"], "_FUNC_() - Returns the version of Hive whose behaviour is followed") { _ in
        "2.3.10 hiveql"
    },
    ScalarFunction(
        "typeof", documentation: FunctionDocumentation("_FUNC_(x) - Returns the name of x's data type")
    ) { call in
        try call.expect(1)
        let name = call.argumentTypes[0].description
        return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: .string) { input in
            .constant(string: name.utf8, count: input.count)
        }
    },
]
