import Catalog
import Columnar
import Expressions
import Functions
import HiveSyntax
import Platform

/// A query with names, types and functions resolved.
package struct BoundQuery: Sendable {
    package var plan: LogicalPlan
    /// What the query gives: names as a result's header shows them.
    package var columns: [SchemaColumn]
    /// Into how many files the rows go, by an INT that the plan gives behind the columns; nil: nobody says.
    package var reducers: Int?

    package init(plan: LogicalPlan, columns: [SchemaColumn], reducers: Int? = nil) {
        self.plan = plan
        self.columns = columns
        self.reducers = reducers
    }
}

/// `CREATE TEMPORARY MACRO name(parameters) body`.
package struct Macro: Sendable {
    package var parameters: [(name: String, type: SQLType)]
    package var body: Expression

    package init(parameters: [(name: String, type: SQLType)], body: Expression) {
        self.parameters = parameters
        self.body = body
    }
}

/// Turns syntax trees into logical plans: resolves names against the catalog, functions against the registry, and makes
/// every conversion of types explicit.
///
/// One binder serves one statement; it is confined to the caller's thread.
package final class Binder {
    let metadata: any MetadataProvider
    let functions: FunctionRegistry
    package let settings: PlannerSettings
    var macros: [String: Macro]
    /// nil where there are no models.
    var models: (any ModelProvider)?
    package let context: EvaluationContext
    /// Throws when the statement is to end; asked for every query, expression and plan node.
    package let checkCancellation: () throws -> Void
    private var lastColumn = 0
    /// Plans that several places may read, each after those that it reads itself.
    var sharedSubplans: [SharedSubplan] = []
    /// Common table expressions whose queries are being bound, outermost first.
    var commonTablesBeingBound: [CommonTable] = []
    /// Shared subplans that are outer rows read by subqueries, and have their plans.
    var subplansOfOuterRows: Set<Int> = []
    /// Shared subplans that are rows of a recursive query's last step, or are made of them: they stand in the query's plan.
    var subplansOfSteps: Set<Int> = []
    /// Views being expanded, outermost first: a view that refers to itself is an error, not a crash.
    var expandingViews: [String] = []
    /// Tables and views that the statement reads, for locks.
    package private(set) var tablesRead: Set<String> = []
    /// Overrides the session's database inside a view.
    var databaseOverride: String?
    /// Set when a view is made of the query: learns what its names mean.
    package var viewExpansion: ViewExpansion?
    /// Whether the text of a view that is bound now has its names written out: its back quotes are names, whatever the
    /// session's setting is.
    var readsExpandedText = false
    /// Functions that calls with lambda functions stand for.
    var lambdaFunctions: [LambdaCallKey: ScalarFunction] = [:]
    var lambdaParameterColumns: [LambdaParameterKey: OutputColumn] = [:]
    /// Calls of fitted functions so far for which a state was asked.
    var fittedCallCount = 0
    /// Functions of models that `predict()` stands for, by model and types: calls that say the same are the same, in GROUP BY too.
    var predictions: [String: ModelRelation] = [:]
    /// Inside macros, whose text is elsewhere, and where names stay as written.
    var expansionPauses = 0

    /// Who is to learn what the names mean that are bound now: not those in the text of another view.
    var expansion: ViewExpansion? { expandingViews.isEmpty && expansionPauses == 0 ? viewExpansion : nil }

    package init(
        metadata: any MetadataProvider, functions: FunctionRegistry, settings: PlannerSettings,
        macros: [String: Macro] = [:], models: (any ModelProvider)? = nil, context: EvaluationContext, checkCancellation: @escaping () throws -> Void = {}
    ) {
        self.checkCancellation = checkCancellation
        self.metadata = metadata
        self.functions = functions
        self.settings = settings
        self.macros = macros
        self.models = models
        self.context = context
    }

    package func makeColumn(_ name: String, _ type: SQLType) -> OutputColumn {
        lastColumn += 1
        return OutputColumn(id: ColumnID(lastColumn), name: name, type: type)
    }

    /// The columns that stand for values used several times; equal values have the same, so that equal expressions stay
    /// equal.
    private var valueColumns: [BoundExpression: OutputColumn] = [:]
    /// Larger operands are not repeated in what is made of them.
    private static let largestRepeatedOperand = 24

    /// What `body` makes of an operand that it uses several times. A large operand, or one drawn at random, is kept once
    /// and named, so that operands nested in operands do not double at every level.
    func sharing(
        _ operand: BoundExpression, _ body: (BoundExpression) throws -> BoundExpression
    ) rethrows -> BoundExpression {
        guard operand.nodeCount > Self.largestRepeatedOperand || !operand.isDeterministic else {
            return try body(operand)
        }
        let column = valueColumns[operand] ?? makeColumn("_value", operand.type)
        valueColumns[operand] = column
        var named = BoundExpression.column(column)
        named.range = operand.range
        let inner = try body(named)
        return BoundExpression(
            .letting(column.id, value: operand, in: inner), type: inner.type, range: inner.range ?? operand.range)
    }

    func noteRead(_ table: Table) { tablesRead.insert(table.qualifiedName) }

    var currentDatabase: String { databaseOverride ?? metadata.currentDatabase }

    /// Binds a query.
    /// - Throws: `PlanError` with the position of what is wrong.
    /// - Parameter fittedStates: Who is asked for what calls of fitted functions have learned that stand in the query
    ///   itself, not in one inside of it; without, they learn from the query's rows.
    package func bindQuery(_ query: Query, fittedStates: FittedStateProvider? = nil) throws -> BoundQuery {
        let relation = try bindWhole(query, fittedStates: fittedStates)
        return BoundQuery(
            plan: finished(relation.plan), columns: relation.columns.map { SchemaColumn(name: $0.name, type: $0.type) })
    }

    /// The same for rows that become files.
    /// - Parameter reducers: how many files the last stage deals the rows out to.
    package func bindQuery(_ query: Query, reducers: Int?) throws -> BoundQuery {
        var relation = try bindWhole(query)
        let columns = relation.columns.map { SchemaColumn(name: $0.name, type: $0.type) }
        guard let reducers, let place = try reducer(of: query, &relation, count: reducers) else {
            return BoundQuery(plan: finished(relation.plan), columns: columns)
        }
        let expressions =
            relation.columns.map { NamedExpression(output: $0, expression: .column($0)) }
            + [NamedExpression(output: makeColumn("_reducer", .int), expression: place)]
        return BoundQuery(
            plan: finished(.project(LogicalProject(input: relation.plan, expressions: expressions))), columns: columns,
            reducers: reducers)
    }

    /// The columns that the expanded text of a view gives, whatever database is current.
    /// - Throws: `PlanError`; `SyntaxError` for a text that does not parse.
    package func columns(ofViewText text: String) throws -> [SchemaColumn] {
        let statement = try Parser.parseStatement(text)
        guard case .query(let query) = statement.kind else { throw PlanError("The text of the view is no query") }
        let savedDatabase = databaseOverride
        databaseOverride = ""
        readsExpandedText = true
        defer {
            databaseOverride = savedDatabase
            readsExpandedText = false
        }
        return try bindQuery(query).columns
    }

    /// Binds a query whose rows are shown. A DECIMAL that is constant loses its trailing zeros, as Hive shows it; a
    /// table made of the same query keeps the full type.
    package func bindShownQuery(_ query: Query) throws -> BoundQuery {
        var bound = try bindQuery(query)
        bound.plan = narrowingConstants(bound.plan)
        for (index, output) in bound.plan.outputs.enumerated() where bound.columns.indices.contains(index) {
            bound.columns[index].type = output.type
        }
        return bound
    }

    /// The same rows; what is a constant DECIMAL among the selected expressions has no zeros at its end.
    func narrowingConstants(_ plan: LogicalPlan) -> LogicalPlan {
        plan.replacingBody { body in
            guard case .project(var node) = body else { return body }
            for index in node.expressions.indices {
                let expression = node.expressions[index].expression
                guard case .decimal(_, let scale) = expression.type, expression.isConstant,
                    case .decimal(let unscaled)? = try? constantValue(expression)
                else { continue }
                let shown = Self.narrowed(unscaled, scale: scale, expression.range)
                node.expressions[index].expression = shown
                node.expressions[index].output.type = shown.type
            }
            return .project(node)
        }
    }

    /// Binds a query whose rows go into columns of given types, and converts each value as an assignment does.
    /// - Throws: `PlanError` when the number of columns differs or a value cannot be converted.
    /// - Parameter reducers: how many files the last stage deals the rows out to.
    package func bindInsertSource(
        _ query: Query, targets: [SchemaColumn], table: Identifier, unconverted: Set<String> = [], reducers: Int? = nil
    ) throws -> BoundQuery {
        var relation = try bindWhole(query)
        let place = try reducers.flatMap { try reducer(of: query, &relation, count: $0) }
        var bound = try assigned(relation, query, targets: targets, table: table, unconverted: unconverted, place: place)
        if place != nil { bound.reducers = reducers }
        bound.plan = finished(bound.plan)
        return bound
    }

    /// A query's rows as the columns they go into; those named in `unconverted` keep the query's types where a text stands
    /// for their values.
    func assigned(
        _ relation: Relation, _ query: Query, targets: [SchemaColumn], table: Identifier, unconverted: Set<String>,
        place: BoundExpression? = nil
    ) throws -> BoundQuery {
        guard relation.columns.count == targets.count else {
            throw PlanError(
                "Cannot insert into target table because column number/types are different '\(table.name)': Table "
                    + "insclause-0 has \(targets.count) columns, but query has \(relation.columns.count) columns.",
                code: 10044, at: table.range)
        }
        let targets = zip(targets, relation.columns).map { target, source in
            // Text stands for a partition's value, so what has a text needs no conversion.
            unconverted.contains(target.name) && Cast.isAllowed(source.type, .string)
                ? SchemaColumn(name: target.name, type: source.type, comment: target.comment) : target
        }
        if place == nil, zip(relation.columns, targets).allSatisfy({ $0.type == $1.type }) {
            return BoundQuery(plan: relation.plan, columns: targets)
        }
        var expressions = try zip(relation.columns, targets).map { source, target in
            let value = BoundExpression.column(source)
            guard source.type == target.type || Cast.isAllowed(source.type, target.type) else {
                throw PlanError(
                    "Cannot insert into target table because column number/types are different '\(table.name)': "
                        + "Cannot convert column \(source.name) from \(source.type) to \(target.type).",
                    code: 10044, at: table.range)
            }
            return NamedExpression(
                output: makeColumn(target.name, target.type), expression: cast(value, to: target.type))
        }
        if let place { expressions.append(NamedExpression(output: makeColumn("_reducer", .int), expression: place)) }
        return BoundQuery(
            plan: .project(LogicalProject(input: relation.plan, expressions: expressions)), columns: targets)
    }

    private func bindWhole(_ query: Query, fittedStates: FittedStateProvider? = nil) throws -> Relation {
        fittedCallCount = 0
        return exact(try bind(query, environment: QueryEnvironment(fittedStates: fittedStates)))
    }

    /// A statement's plan with the subplans that it shares.
    func finished(_ plan: LogicalPlan) -> LogicalPlan {
        let shared = sharedSubplans.filter { !subplansOfSteps.contains($0.id) }
        let subplans = subplansOfOuterRows.isEmpty ? shared : shared.inOrderOfReading
        return LogicalPlan.reading(subplans, in: plan).withoutUnusedVirtualColumns
    }

    /// A relation whose plan gives its columns and no others.
    func exact(_ relation: Relation) -> Relation {
        guard relation.plan.outputs != relation.columns else { return relation }
        let expressions = relation.columns.map { NamedExpression(output: $0, expression: .column($0)) }
        return Relation(
            plan: .project(LogicalProject(input: relation.plan, expressions: expressions)), columns: relation.columns)
    }

    /// The value of an expression without columns: a default, a partition's value, a limit.
    /// - Throws: `PlanError` when it is not constant.
    package func evaluateConstant(_ expression: Expression) throws -> (value: LiteralValue, type: SQLType) {
        let binder = ExpressionBinder(self, scope: Scope(parent: nil), environment: QueryEnvironment())
        let bound = try binder.bind(expression)
        guard let value = try constantValue(bound) else {
            throw PlanError("The expression must be constant", at: expression.range)
        }
        return (value, bound.type)
    }

    /// Binds a predicate over a table's columns, for `ALTER TABLE … DROP PARTITION (month > 3)` and the like.
    package func bindPredicate(_ expression: Expression, columns: [OutputColumn]) throws -> BoundExpression {
        let table = ScopeTable(
            alias: nil, database: nil, columns: columns.map { ScopeColumn(name: $0.name, expression: .column($0)) })
        let binder = ExpressionBinder(self, scope: Scope(tables: [table], parent: nil), environment: QueryEnvironment())
        let predicate = try toBoolean(binder.bind(expression))
        guard binder.pendingJoins.isEmpty else { throw PlanError("Subqueries are not allowed in this condition", at: expression.range) }
        return predicate
    }

    /// `expression` as a value of `type`; no node when it has that type.
    func cast(_ expression: BoundExpression, to type: SQLType) -> BoundExpression {
        if expression.type == type { return expression }
        if case .literal(.null) = expression.kind {
            return BoundExpression(.literal(.null), type: type, range: expression.range)
        }
        return BoundExpression(.cast(expression), type: type, range: expression.range)
    }

    /// A condition as BOOLEAN; Hive converts other primitive types.
    func toBoolean(_ expression: BoundExpression) throws -> BoundExpression {
        if expression.type == .boolean { return expression }
        guard Cast.isAllowed(expression.type, .boolean) else {
            throw PlanError(
                "A condition must be boolean, but \(expression.type) is found", code: 10016, at: expression.range)
        }
        return cast(expression, to: .boolean)
    }

    /// The value of a constant expression; nil when it is none.
    func constantValue(_ expression: BoundExpression) throws -> LiteralValue? {
        if case .literal(let value) = expression.kind { return value }
        if let known = expression.knownValue { return known.value }
        guard expression.isConstantSoFarAsKnown else { return nil }
        return try expression.withKnownValues.value(in: context)
    }

    /// `expression` with its value noted, if it has one. A constant that fails to evaluate (assert_true(false)) fails
    /// when the query runs, not here.
    private func knowingValue(_ expression: BoundExpression) -> BoundExpression {
        guard !expression.isLiteral, expression.knownValue == nil else { return expression }
        var result = expression
        result.knownValue = (try? constantValue(expression)).map { KnownValue($0) } ?? KnownValue.none
        return result
    }

    /// What a call's function is registered as: under its database's name, where that has a function of its own.
    func key(of name: FunctionName) -> String {
        guard let database = name.database?.name, functions.entry("\(database).\(name.name.name)") != nil else { return name.key }
        return "\(database).\(name.name.name)"
    }

    /// A call of a function that the statement names.
    func call(named name: String, _ arguments: [BoundExpression], at range: SourceRange?) throws -> BoundExpression {
        guard let function = functions.scalar(name) else { throw unknownFunction(name, at: range) }
        return try call(function, arguments, as: name, at: range)
    }

    /// A call of a scalar function on bound arguments.
    /// - Parameter name: how errors call it; the function's own name unless given.
    package func call(
        _ function: ScalarFunction, _ written: [BoundExpression], as name: String? = nil, at range: SourceRange?
    ) throws -> BoundExpression {
        let name = name ?? function.name
        let known = written.map { knowingValue($0) }
        let arguments = function.traits.narrowsConstants ? narrowedConstants(known) : known
        let resolved = try resolve(function, name, arguments, at: range)
        guard resolved.argumentTypes.count == arguments.count else {
            throw PlanError("Arguments length mismatch: \(name)", code: 10015, at: range)
        }
        var converts = resolved.kernel != nil && !function.traits.capitalizesBooleans
        if case .form(.comparison) = resolved.evaluation { converts = true }
        let converted = zip(arguments, resolved.argumentTypes).map { converts ? convert($0, to: $1) : cast($0, to: $1) }
        var result = BoundExpression.call(function, resolved, converted)
        result.range = range
        return result
    }

    /// A call of an aggregate function on bound arguments.
    func aggregate(
        _ function: AggregateFunction, _ arguments: [BoundExpression], as name: String? = nil, isDistinct: Bool = false,
        sortKeyCount: Int = 0, at range: SourceRange?, filter: BoundExpression? = nil
    ) throws -> AggregateCall {
        let name = name ?? function.name
        let resolved = try resolve(
            function, name, arguments, isDistinct: isDistinct, sortKeyCount: sortKeyCount, at: range)
        guard resolved.argumentTypes.count == arguments.count else {
            throw PlanError("Arguments length mismatch: \(name)", code: 10015, at: range)
        }
        return AggregateCall(
            function: function, resolved: resolved,
            arguments: zip(arguments, resolved.argumentTypes).map { cast($0, to: $1) },
            isDistinct: function.traits.isAlwaysDistinct || (isDistinct && function.traits.isDistinctSensitive), filter: filter)
    }

    /// Fits a function to a call's arguments.
    func resolve<Family>(
        _ function: FunctionDefinition<Family>, _ name: String, _ arguments: [BoundExpression],
        isDistinct: Bool = false, sortKeyCount: Int = 0, at range: SourceRange?
    ) throws -> Family.Resolved {
        // A constant argument that fails to evaluate (assert_true(false)) fails when the query runs, not here.
        let constants: [Column?] = arguments.map { argument in
            guard let value = try? constantValue(argument) else { return nil }
            return value.column(type: argument.type, count: 1)
        }
        let request = Functions.FunctionCall(
            name: name, argumentTypes: arguments.map(\.type), constants: constants, isDistinct: isDistinct,
            sortKeyCount: sortKeyCount, timePatterns: context.timePatterns)
        do {
            return try function.resolve(request)
        } catch let error as FunctionError {
            throw planError(error, name: name, arguments: arguments, at: range)
        }
    }

    /// Beside a DECIMAL a constant counts with the digits its value has, not with those of its type.
    private func narrowedConstants(_ arguments: [BoundExpression]) -> [BoundExpression] {
        guard arguments.contains(where: { if case .decimal = $0.type { true } else { false } }) else { return arguments }
        return arguments.map { argument in
            guard let value = try? constantValue(argument) else { return argument }
            switch (value, argument.type) {
            case (.integer(let number), let type) where type.isIntegral:
                return Self.narrowed(Int128(number), scale: 0, argument.range)
            case (.decimal(let unscaled), .decimal(_, let scale)):
                return Self.narrowed(unscaled, scale: scale, argument.range)
            default: return argument
            }
        }
    }

    /// A DECIMAL constant without trailing zeros, of the narrowest type that holds it.
    private static func narrowed(_ value: Int128, scale: Int, _ range: SourceRange?) -> BoundExpression {
        var unscaled = value
        var scale = scale
        while scale > 0, unscaled % 10 == 0 {
            unscaled /= 10
            scale -= 1
        }
        let digits = unscaled == 0 ? 1 : String(unscaled.magnitude).count
        return BoundExpression(
            .literal(.decimal(unscaled)), type: .decimal(precision: max(digits, scale), scale: scale), range: range)
    }

    /// An argument as the type that a function asks for. Unlike CAST it writes BOOLEAN as `true` and `false`.
    func convert(_ expression: BoundExpression, to type: SQLType) -> BoundExpression {
        guard expression.type == .boolean, type.isCharacter else { return cast(expression, to: type) }
        func text(_ text: String) -> BoundExpression {
            cast(BoundExpression(.literal(.bytes(Array(text.utf8))), type: .string), to: type)
        }
        return sharing(expression) { value in
            let branches = [
                ConditionalBranch(condition: value, value: text("true")),
                ConditionalBranch(condition: BoundExpression(.not(value), type: .boolean), value: text("false")),
            ]
            return BoundExpression(.conditional(branches, otherwise: nil), type: type, range: expression.range)
        }
    }

    func planError(
        _ error: FunctionError, name: String, arguments: [BoundExpression], at range: SourceRange?
    ) -> PlanError {
        func message(_ kind: String) -> String {
            error.message.hasPrefix(kind) ? error.message : "\(kind): \(error.message)"
        }
        switch error.kind {
        case .argumentCount: return PlanError(message("Arguments length mismatch"), code: 10015, at: range)
        case .argumentType(let index):
            let place = arguments.indices.contains(index) ? arguments[index].range : nil
            return PlanError(message("Argument type mismatch"), code: 10016, at: place ?? range)
        case .argument: return PlanError(message("Wrong arguments"), code: 10014, at: range)
        }
    }

    func unknownFunction(_ name: String, at range: SourceRange?) -> PlanError {
        if let reason = RefusedFunctions.reason(name) {
            return PlanError("The function \(name) is not supported: it \(reason)", code: 10011, at: range)
        }
        return PlanError(
            "Invalid function \(name)", code: 10011, at: range,
            hint: NearestName.hint(for: name, among: functions.names.filter { $0.first?.isLetter == true }))
    }

    // MARK: common types

    /// The type in which values of several branches meet (CASE, COALESCE, VALUES).
    func commonType(_ types: [SQLType]) -> SQLType? { meet(types, TypeCoercion.commonType) }

    /// The type of a column of UNION.
    func unionType(_ types: [SQLType]) -> SQLType? { meet(types, TypeCoercion.unionType) }

    /// The type in which values are compared.
    func commonComparisonType(_ types: [SQLType]) -> SQLType? { meet(types, TypeCoercion.comparisonType) }

    private func meet(_ types: [SQLType], _ rule: (SQLType, SQLType) -> SQLType?) -> SQLType? {
        types.reduce(SQLType.void) { result, type in result.flatMap { rule($0, type) } }
    }
}
