import Columnar

/// All functions by SQL name; those for machine learning have a space of names of their own, `ml.…`. Built-in functions are
/// listed by family in `builtIn…` tables; sessions add their own.
package struct FunctionRegistry: Sendable {
    package enum Entry: Sendable {
        case scalar(ScalarFunction)
        case aggregate(AggregateFunction)
        case window(WindowFunction)
        case table(TableFunction)
        case fitted(FittedFunction)

        package var names: [String] { description.names }
        package var documentation: FunctionDocumentation { description.documentation }

        private var description: any FunctionDescription {
            switch self {
            case .scalar(let function): function
            case .aggregate(let function): function
            case .window(let function): function
            case .table(let function): function
            case .fitted(let function): function
            }
        }
    }

    private var scalars: [String: ScalarFunction] = [:]
    private var aggregates: [String: AggregateFunction] = [:]
    private var windows: [String: WindowFunction] = [:]
    private var tables: [String: TableFunction] = [:]
    private var fitteds: [String: FittedFunction] = [:]

    package init() {}

    /// Every function that the product has.
    package static let builtIn: FunctionRegistry = {
        var registry = FunctionRegistry()
        for function in allScalarFunctions { registry.register(function) }
        for function in allAggregateFunctions { registry.register(function) }
        for function in allWindowFunctions { registry.register(function) }
        for function in allTableFunctions { registry.register(function) }
        for function in allFittedFunctions { registry.register(function) }
        return registry
    }()

    package mutating func register(_ function: ScalarFunction) {
        for name in function.names { scalars[name] = function }
    }
    package mutating func register(_ function: AggregateFunction) {
        for name in function.names { aggregates[name] = function }
    }
    package mutating func register(_ function: WindowFunction) {
        for name in function.names { windows[name] = function }
    }
    package mutating func register(_ function: TableFunction) {
        for name in function.names { tables[name] = function }
    }
    package mutating func register(_ function: FittedFunction) {
        for name in function.names { fitteds[name] = function }
    }

    /// Makes `name` mean what `other` means in another registry, and nothing else.
    /// - Returns: false, and nothing is changed, where there is no such function.
    package mutating func define(_ name: String, as other: String, of source: FunctionRegistry) -> Bool {
        guard source.entry(other) != nil else { return false }
        scalars[name] = source.scalars[other]
        aggregates[name] = source.aggregates[other]
        windows[name] = source.windows[other]
        tables[name] = source.tables[other]
        fitteds[name] = source.fitteds[other]
        return true
    }

    /// Makes calls of `name` fail.
    package mutating func refuse(_ name: String, because reason: String) {
        let documentation = FunctionDocumentation("_FUNC_ - \(reason)")
        let error = FunctionError(.argument, "\(name): \(reason)")
        scalars[name] = ScalarFunction(name, documentation: documentation) { _ in throw error }
        tables[name] = TableFunction(name, documentation: documentation) { _ in throw error }
        aggregates[name] = nil
        windows[name] = nil
        fitteds[name] = nil
    }

    package func scalar(_ name: String) -> ScalarFunction? { scalars[name] }
    package func aggregate(_ name: String) -> AggregateFunction? { aggregates[name] }
    package func window(_ name: String) -> WindowFunction? { windows[name] }
    package func table(_ name: String) -> TableFunction? { tables[name] }
    package func fitted(_ name: String) -> FittedFunction? { fitteds[name] }

    package func entry(_ name: String) -> Entry? {
        if let function = scalars[name] { return .scalar(function) }
        if let function = aggregates[name] { return .aggregate(function) }
        if let function = windows[name] { return .window(function) }
        if let function = tables[name] { return .table(function) }
        if let function = fitteds[name] { return .fitted(function) }
        return nil
    }

    /// All names, sorted, as `SHOW FUNCTIONS` lists them.
    package var names: [String] {
        Set(scalars.keys).union(aggregates.keys).union(windows.keys).union(tables.keys).union(fitteds.keys).sorted()
    }
}
