import Columnar
import Expressions
import Functions
import HiveSyntax

/// What functions with lambdas are told apart by. Two calls are one when their bodies are.
struct LambdaCallKey: Hashable {
    let name: String
    let bodies: [BoundExpression]
    let types: [SQLType]
}

/// A parameter of a lambda function: how deep it stands in others, its place, and its type. Equal lambdas have the same
/// parameters, so that they are equal.
struct LambdaParameterKey: Hashable {
    let depth: Int
    let place: Int
    let type: SQLType
}

extension ExpressionBinder {
    private enum LambdaFunction: String {
        case transform, filter, exists, forall, aggregate, reduce
        case zipWith = "zip_with"
        case transformKeys = "transform_keys"
        case transformValues = "transform_values"
        case mapFilter = "map_filter"
    }

    /// A lambda function whose names are resolved.
    private struct BoundLambda {
        let lambda: Lambda
        let body: BoundExpression
    }

    /// A call with lambda functions among its arguments; nil for other calls.
    func bindLambdaCall(_ call: HiveSyntax.FunctionCall, _ name: String, _ range: SourceRange) throws -> BoundExpression? {
        guard call.arguments.contains(where: \.isLambda), let function = LambdaFunction(rawValue: name),
            binder.functions.scalar(name) != nil
        else { return nil }
        let values = try call.arguments.prefix { !$0.isLambda }.map { try bind($0) }
        let lambdas = Array(call.arguments.dropFirst(values.count))
        let expected = [LambdaFunction.aggregate, .reduce, .zipWith].contains(function) ? 2 : 1
        guard values.count == expected, lambdas.allSatisfy(\.isLambda), !call.isDistinct else {
            throw PlanError(
                "Arguments length mismatch: \(name) takes \(expected) argument\(expected == 1 ? "" : "s"), then a lambda function",
                code: 10015, at: range)
        }
        func one(_ types: [SQLType], mayHavePlace: Bool = false) throws -> BoundLambda {
            guard lambdas.count == 1 else {
                throw PlanError("Arguments length mismatch: \(name) takes one lambda function", code: 10015, at: range)
            }
            return try bindLambda(lambdas[0], types, mayHavePlace: mayHavePlace)
        }
        switch function {
        case .transform:
            let element = try element(values[0], name)
            let lambda = try one([element], mayHavePlace: true)
            let type = SQLType.array(lambda.lambda.resultType)
            return try apply(name, values, [lambda], type, LambdaKernels.transform(type, lambda.lambda), range)
        case .filter:
            let lambda = try condition(one([try element(values[0], name)], mayHavePlace: true))
            return try apply(name, values, [lambda], values[0].type, LambdaKernels.filter(values[0].type, lambda.lambda), range)
        case .exists, .forall:
            let lambda = try condition(one([try element(values[0], name)]))
            let kernel = LambdaKernels.quantified(lambda.lambda, decides: function == .exists)
            return try apply(name, values, [lambda], .boolean, kernel, range)
        case .zipWith:
            let lambda = try one([try element(values[0], name), try element(values[1], name)])
            let type = SQLType.array(lambda.lambda.resultType)
            return try apply(name, values, [lambda], type, LambdaKernels.zipWith(type, lambda.lambda), range)
        case .mapFilter:
            let (key, value) = try entry(values[0], name)
            let lambda = try condition(one([key, value]))
            return try apply(name, values, [lambda], values[0].type, LambdaKernels.filter(values[0].type, lambda.lambda), range)
        case .transformKeys, .transformValues:
            let (key, value) = try entry(values[0], name)
            let lambda = try one([key, value])
            let made = lambda.lambda.resultType
            let isKey = function == .transformKeys
            let type = isKey ? SQLType.map(key: made, value: value) : .map(key: key, value: made)
            let kernel = LambdaKernels.transformEntries(type, lambda.lambda, replacing: isKey ? 0 : 1)
            return try apply(name, values, [lambda], type, kernel, range)
        case .aggregate, .reduce: return try bindReduction(name, values, lambdas, range)
        }
    }

    /// `aggregate(array, start, (a, x) -> … [, a -> …])`. What is gathered has the type in which start and the values meet.
    private func bindReduction(
        _ name: String, _ values: [BoundExpression], _ lambdas: [Expression], _ range: SourceRange
    ) throws -> BoundExpression {
        guard lambdas.count == 1 || lambdas.count == 2 else {
            throw PlanError("Arguments length mismatch: \(name) takes one or two lambda functions", code: 10015, at: range)
        }
        let element = try element(values[0], name)
        var state = values[1].type
        var merge = try bindLambda(lambdas[0], [state, element])
        if merge.body.type != state {
            guard let wider = binder.commonType([state, merge.body.type]) else {
                throw PlanError(
                    "Argument type mismatch: the values of \(name) are \(merge.body.type), but it starts with \(state)",
                    code: 10016, at: lambdas[0].range)
            }
            state = wider
            merge = try bindLambda(lambdas[0], [state, element], resultType: state)
        }
        let finish = try lambdas.count == 2 ? bindLambda(lambdas[1], [state]) : nil
        let type = finish?.lambda.resultType ?? state
        return try apply(
            name, [values[0], binder.cast(values[1], to: state)], [merge] + (finish.map { [$0] } ?? []), type,
            LambdaKernels.aggregate(type, merge: merge.lambda, finish: finish?.lambda), range)
    }

    /// The call as one of a scalar function of its own, of which equal calls have the same.
    private func apply(
        _ name: String, _ values: [BoundExpression], _ lambdas: [BoundLambda], _ type: SQLType,
        _ kernel: @escaping ScalarKernel, _ range: SourceRange
    ) throws -> BoundExpression {
        let arguments = values + lambdas.flatMap { $0.lambda.captured.map { BoundExpression.column($0) } }
        let types = arguments.map(\.type)
        let key = LambdaCallKey(name: name, bodies: lambdas.map(\.body), types: types)
        let isDeterministic = lambdas.allSatisfy(\.body.isDeterministic)
        let function = binder.lambdaFunctions[key] ?? ScalarFunction(
            name, documentation: FunctionDocumentation(""),
            traits: ScalarTraits(stability: isDeterministic ? .constantPerQuery : .volatile, cost: .dear, canFail: true)
        ) { _ in ResolvedScalar(argumentTypes: types, resultType: type, kernel: kernel) }
        if isDeterministic { binder.lambdaFunctions[key] = function }
        return try binder.call(function, arguments, at: range)
    }

    // MARK: bodies

    private func bindLambda(
        _ expression: Expression, _ types: [SQLType], mayHavePlace: Bool = false, resultType: SQLType? = nil
    ) throws -> BoundLambda {
        guard case .lambda(let names, let written) = expression.kind else {
            throw PlanError("A lambda function is expected", at: expression.range)
        }
        let all = types + (mayHavePlace && names.count == types.count + 1 ? [.int] : [])
        guard names.count == all.count else {
            throw PlanError(
                "A lambda function of \(names.count) parameters stands where one of \(types.count) is expected", at: expression.range)
        }
        let depth = lambdaParameters.count
        let parameters = zip(names, all).enumerated().map { place, parameter in
            binder.lambdaParameter(LambdaParameterKey(depth: depth, place: place, type: parameter.1), parameter.0.name)
        }
        lambdaParameters.append(Dictionary(zip(names.map(\.name), parameters), uniquingKeysWith: { $1 }))
        // Its parameters are no columns of a plan: neither a subquery nor an aggregate can read them.
        let saved = (allowsSubqueries, aggregates, windows, isInAggregate)
        (allowsSubqueries, aggregates, windows, isInAggregate) = (false, nil, nil, true)
        defer {
            lambdaParameters.removeLast()
            (allowsSubqueries, aggregates, windows, isInAggregate) = saved
        }
        var body = try bind(written)
        if let resultType { body = binder.cast(body, to: resultType) }
        return try bound(body, parameters)
    }

    private func bound(_ written: BoundExpression, _ parameters: [OutputColumn]) throws -> BoundLambda {
        // No rule of the optimizer sees the body, which runs for every element.
        let settings = binder.settings
        let folds = settings.isOptimizerOn && settings.isRuleOn(ConstantFolding.name)
        let body = folds ? ConstantFolding.fold(written, binder.context) : written
        let own = Set(parameters.map(\.id))
        var around: [ColumnID: OutputColumn] = [:]
        let read = body.columnIDs
        body.forEachNode { node in
            guard case .column(let id) = node.kind, read.contains(id), !own.contains(id) else { return }
            around[id] = OutputColumn(id: id, name: "", type: node.type)
        }
        let captured = around.values.sorted { $0.id.number < $1.id.number }
        return BoundLambda(lambda: try Lambda(parameters: parameters, captured: captured, body: body), body: body)
    }

    /// A lambda whose value is a condition.
    private func condition(_ lambda: BoundLambda) throws -> BoundLambda {
        lambda.body.type == .boolean ? lambda : try bound(try binder.toBoolean(lambda.body), lambda.lambda.parameters)
    }

    private func element(_ value: BoundExpression, _ name: String) throws -> SQLType {
        guard case .array(let element) = value.type else {
            throw PlanError(
                "Argument type mismatch: \"array\" expected at function \(name), but \"\(value.type)\" is found", code: 10016,
                at: value.range)
        }
        return element
    }

    private func entry(_ value: BoundExpression, _ name: String) throws -> (key: SQLType, value: SQLType) {
        guard case .map(let key, let item) = value.type else {
            throw PlanError(
                "Argument type mismatch: \"map\" expected at function \(name), but \"\(value.type)\" is found", code: 10016,
                at: value.range)
        }
        return (key, item)
    }
}

extension Binder {
    /// The column of a lambda's parameter.
    func lambdaParameter(_ key: LambdaParameterKey, _ name: String) -> OutputColumn {
        if let known = lambdaParameterColumns[key] { return known }
        let column = makeColumn(name, key.type)
        lambdaParameterColumns[key] = column
        return column
    }
}

extension Expression {
    fileprivate var isLambda: Bool {
        if case .lambda = kind { true } else { false }
    }
}
