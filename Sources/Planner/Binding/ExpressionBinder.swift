import Columnar
import Expressions
import Functions
import HiveSyntax
import Platform

/// A subquery that an expression uses: joined to the plan that the expression is evaluated over.
struct PendingJoin {
    var kind: LogicalJoin.Kind
    var plan: LogicalPlan
    /// `left` is over the outer query's columns, `right` over the subquery's.
    var equalities: [LogicalJoin.Equality] = []
    var residual: [BoundExpression] = []
    var isSingleMatch = false
    /// The column that a mark join makes.
    var mark: OutputColumn?
    /// The number of the shared subplan under which the subquery reads the outer rows.
    var outerRows: Int?
}

/// Aggregates met while the expressions of one SELECT are bound.
final class AggregateCollector {
    private(set) var aggregates: [NamedAggregate] = []
    private var columns: [AggregateCall: OutputColumn] = [:]
    /// Subqueries in arguments: joined to the rows before grouping.
    var inputJoins: [PendingJoin] = []
    /// `GROUPING__ID`, made when it is first used.
    var groupingID: OutputColumn?
    let groups: [NamedExpression]
    let hasGroupingSets: Bool

    init(groups: [NamedExpression], hasGroupingSets: Bool) {
        self.groups = groups
        self.hasGroupingSets = hasGroupingSets
    }

    /// The column of an aggregate, which equal ones share.
    func column(of call: AggregateCall, make: () -> OutputColumn) -> OutputColumn {
        if let known = columns[call] { return known }
        let output = make()
        columns[call] = output
        aggregates.append(NamedAggregate(output: output, call: call))
        return output
    }
}

/// Window functions met while the expressions of one SELECT are bound.
final class WindowCollector {
    struct Group {
        var partitionBy: [BoundExpression]
        var orderBy: [SortKey]
        var functions: [NamedWindowFunction]
    }

    /// By level: those of one level read values of lower ones.
    private var levels: [[Group]] = []
    private var levelOfColumn: [ColumnID: Int] = [:]
    private var numbers: [HiveSyntax.FunctionCall: Int] = [:]
    /// By which the rows are known, where a function asks for it.
    private(set) var rowKey: OutputColumn?
    let definitions: [String: WindowSpecification]

    init(_ windows: [NamedWindow] = []) {
        definitions = Dictionary(windows.map { ($0.name.name, $0.specification) }, uniquingKeysWith: { $1 })
    }

    /// In the order in which they are computed.
    var groups: [Group] { levels.flatMap { $0 } }

    /// The column by which the rows are known.
    func rowKey(make: () -> OutputColumn) -> OutputColumn {
        if let rowKey { return rowKey }
        let column = make()
        rowKey = column
        return column
    }

    /// Functions over equal windows are computed together.
    func add(_ function: NamedWindowFunction, partitionBy: [BoundExpression], orderBy: [SortKey]) {
        let read = (function.arguments + partitionBy + orderBy.map(\.expression)).flatMap(\.columnIDs)
        let level = read.compactMap { levelOfColumn[$0] }.max().map { $0 + 1 } ?? 0
        levelOfColumn[function.output.id] = level
        while levels.count <= level { levels.append([]) }
        if let index = levels[level].firstIndex(where: { $0.partitionBy == partitionBy && $0.orderBy == orderBy }) {
            levels[level][index].functions.append(function)
        } else {
            levels[level].append(Group(partitionBy: partitionBy, orderBy: orderBy, functions: [function]))
        }
    }

    /// Numbers the calls with OVER as they come; equal ones have one number.
    func note(_ call: HiveSyntax.FunctionCall) {
        if numbers[call] == nil { numbers[call] = numbers.count }
    }

    func number(of call: HiveSyntax.FunctionCall) -> Int? { numbers[call] }
}

/// The window of a function whose arguments are being bound.
struct EnclosingWindow {
    let windows: WindowCollector
    let partitionBy: [BoundExpression]
    let orderBy: [SortKey]
}

/// Binds expressions of one clause against one scope.
final class ExpressionBinder {
    let binder: Binder
    let scope: Scope
    let environment: QueryEnvironment
    /// nil where aggregates may not stand.
    var aggregates: AggregateCollector?
    /// nil where window functions may not stand.
    var windows: WindowCollector?
    /// Select aliases: tried after the scope (HAVING), or before it (ORDER BY).
    var aliases: [ScopeColumn] = []
    var prefersAliases = false
    var isHaving = false
    /// The select items before: names that PARTITION BY and ORDER BY of a window find when nothing else has them.
    var windowAliases: [ScopeColumn] = []
    /// Set while the arguments of a window function are bound.
    var enclosingWindow: EnclosingWindow?
    /// Inside the arguments of an aggregate.
    var isInAggregate = false
    /// Subqueries met; whoever uses the binder joins them to its plan.
    var pendingJoins: [PendingJoin] = []
    var allowsSubqueries = true
    /// Parameters of lambda functions being bound, the innermost last.
    var lambdaParameters: [[String: OutputColumn]] = []
    /// Parameters of a macro being expanded.
    private var macroArguments: [[String: BoundExpression]] = []

    init(_ binder: Binder, scope: Scope, environment: QueryEnvironment) {
        self.binder = binder
        self.scope = scope
        self.environment = environment
    }

    func bindCondition(_ expression: Expression) throws -> BoundExpression { try binder.toBoolean(bind(expression)) }

    func bind(_ expression: Expression) throws -> BoundExpression {
        try binder.checkCancellation()
        var bound = try bindKind(expression)
        bound.range = expression.range
        return bound
    }

    private func bindKind(_ expression: Expression) throws -> BoundExpression {
        let range = expression.range
        switch expression.kind {
        case .literal(let literal): return try bindLiteral(literal, range)
        case .column, .field:
            if let names = expression.dottedName { return try bindName(names, range) }
            guard case .field(let base, let name) = expression.kind else { break }
            binder.expansion?.alias(name)
            return try field(try bind(base), name.name, range)
        case .element(let base, let position):
            let value = try bind(base)
            let index = try bind(position)
            switch value.type {
            case .array where !index.type.isIntegral:
                throw PlanError(
                    "Not proper type for index of ARRAY. Currently, only integer type is supported", at: position.range)
            case .array, .map: return try binder.call(.index, [value, index], at: range)
            default:
                throw PlanError("[] not valid on non-collection types: \(value.type)", code: 10038, at: range)
            }
        case .star: throw PlanError("Invalid use of '*'", at: range)
        case .unary(let operation, let operand):
            switch operation {
            case .not:
                return BoundExpression(.not(try bindCondition(operand)), type: .boolean)
            case .plus: return try binder.call(.identity, [try bind(operand)], at: range)
            case .minus: return try bindNegative(operand, range)
            case .bitwiseNot: return try binder.call(.complement, [try bind(operand)], at: range)
            }
        case .binary(let operation, let left, let right):
            return try binder.operation(operation, try bind(left), try bind(right), at: range)
        case .chain(let first, let links):
            var place = first.range
            return try links.reduce(try bind(first)) { left, link in
                place = place.union(link.operand.range)
                return try binder.operation(link.operation, left, try bind(link.operand), at: place)
            }
        case .and(let operands):
            return BoundExpression(.and(try operands.map { try bindCondition($0) }), type: .boolean)
        case .or(let operands):
            return BoundExpression(.or(try operands.map { try bindCondition($0) }), type: .boolean)
        case .isTest(let operand, let test, let negated): return try bindTest(operand, test, negated)
        case .isDistinctFrom(let left, let right, let negated):
            let same = try binder.call(.comparison(.nullSafeEqual), [try bind(left), try bind(right)], at: range)
            return negated ? same : BoundExpression(.not(same), type: .boolean)
        case .between(let operand, let low, let high, let symmetric, let negated):
            let inside = try bindBetween(try bind(operand), try bind(low), try bind(high), isSymmetric: symmetric, range)
            return negated ? BoundExpression(.not(inside), type: .boolean) : inside
        case .inList(let operand, let list, let negated):
            let found = try bindInList(operand, list, range)
            return negated ? BoundExpression(.not(found), type: .boolean) : found
        case .inSubquery(let operand, let query, let negated):
            let found = try bindAny(operand, .equal, query, range)
            return negated ? BoundExpression(.not(found), type: .boolean) : found
        case .match(let operation, let operand, let pattern, let negated):
            let matched = try binder.call(
                operation == .like ? .like : .regexpLike, [try bind(operand), try bind(pattern)], at: range)
            return negated ? BoundExpression(.not(matched), type: .boolean) : matched
        case .likeQuantified(let operand, let quantifier, let patterns, let negated):
            let matched = try binder.sharing(try bind(operand)) { value in
                let tests = try patterns.map { try binder.call(.like, [value, try bind($0)], at: range) }
                return quantifier == .any ? .disjunction(tests) : .conjunction(tests)
            }
            return negated ? BoundExpression(.not(matched), type: .boolean) : matched
        case .exists(let query): return try bindExistsValue(query, range)
        case .scalarSubquery(let query): return try bindScalarSubquery(query, range)
        case .quantifiedComparison(let operand, let operation, let quantifier, let query):
            switch (operation, quantifier) {
            case (_, .any): return try bindAny(operand, operation, query, range)
            case (_, .all):
                // All compare TRUE unless any compares the other way.
                guard let opposite = operation.negated else {
                    throw PlanError.unsupported("\(operation.rawValue) ALL with a subquery", at: range)
                }
                return BoundExpression(.not(try bindAny(operand, opposite, query, range)), type: .boolean)
            }
        case .caseExpression(let operand, let branches, let otherwise):
            return try bindCase(operand, branches, otherwise, range)
        case .cast(let operand, let typeName, let format):
            let value = try bind(operand)
            let type = try SQLType(typeName)
            if let format {
                guard let function = ScalarFunction.formattedCast(to: type) else {
                    throw PlanError("Cast...format can only convert to DATE, TIMESTAMP, STRING, VARCHAR, CHAR. Can't convert to \(type)", code: 10014, at: range)
                }
                let pattern = BoundExpression(.literal(.bytes(Array(format.utf8))), type: .string)
                return binder.cast(try binder.call(function, [value, pattern], at: range), to: type)
            }
            guard value.type == type || Cast.isAllowed(value.type, type) else {
                throw PlanError("Wrong arguments: cannot cast \(value.type) to \(type)", code: 10014, at: range)
            }
            return binder.cast(value, to: type)
        case .function(let call): return try bindFunction(call, range)
        case .extract(let field, let operand):
            guard let function = ScalarFunction.extract(field.field) else { break }
            return try binder.call(function, [try bind(operand)], at: range)
        case .floorTo(let operand, let field):
            guard let function = ScalarFunction.floor(to: field.field) else {
                throw binder.unknownFunction("floor_\(field.field.rawValue.lowercased())", at: range)
            }
            return try binder.call(function, [try bind(operand)], at: range)
        case .interval(let amount, let qualifier): return try bindComputedInterval(amount, qualifier, range)
        case .row(let items):
            return try binder.call(.row, try items.map { try bind($0) }, at: range)
        case .parameter: throw PlanError.unsupported("A parameter of a prepared statement", at: range)
        case .defaultValue: return .null(.void)
        case .lambda: throw PlanError("A lambda function is not allowed here", at: range)
        }
        throw PlanError("Invalid expression", at: range)
    }

    // MARK: names

    private func bindName(_ names: [Identifier], _ range: SourceRange) throws -> BoundExpression {
        let parts = names.map(\.name)
        if let parameter = lambdaParameters.reversed().lazy.compactMap({ $0[parts[0]] }).first {
            return try fields(.column(parameter), parts.dropFirst(), range)
        }
        if let arguments = macroArguments.last {
            guard let argument = arguments[parts[0]] else {
                throw PlanError("Invalid table alias or column reference '\(parts[0])'", code: 10004, at: range)
            }
            return try fields(argument, parts.dropFirst(), range)
        }
        if parts == ["grouping__id"], let aggregates, !scope.hasColumn(parts[0]) {
            return try groupingID(aggregates, range)
        }
        if prefersAliases, let alias = aliases.first(where: { $0.name == parts[0] }) {
            if aliases.filter({ $0.name == parts[0] }).count == 1 || parts.count == 1 {
                return try fields(alias.expression, parts.dropFirst(), range)
            }
        }
        switch scope.resolve(parts) {
        case .found(let expression, let consumed, _):
            binder.expansion?.column(names, consumed: consumed, in: scope)
            return try fields(expression, parts.dropFirst(consumed), range)
        case .ambiguous(let message):
            throw PlanError(message, code: message.hasPrefix("Ambiguous") ? 10007 : nil, at: names[0].range)
        case .missingInTable(let column):
            throw PlanError(
                "Invalid column reference '\(column)'", code: 10002, at: names.count > 1 ? names[1].range : range,
                hint: NearestName.hint(for: column, among: scope.tables.flatMap { $0.columns.map(\.name) }))
        case .missing:
            if let alias = aliases.first(where: { $0.name == parts[0] }) {
                return try fields(alias.expression, parts.dropFirst(), range)
            }
            let candidates = prefersAliases ? aliases.map(\.name) : scope.columnNames
            throw PlanError(
                "Invalid table alias or column reference '\(parts[0])': (possible column names are: "
                    + "\(candidates.joined(separator: ", ")))",
                code: 10004, at: names[0].range,
                hint: NearestName.hint(for: parts[0], among: scope.tables.flatMap { $0.columns.map(\.name) }))
        }
    }

    private func fields(
        _ base: BoundExpression, _ names: ArraySlice<String>, _ range: SourceRange
    ) throws -> BoundExpression {
        try names.reduce(base) { try field($0, $1, range) }
    }

    /// `base.name` of a STRUCT, or of every element of an ARRAY of them.
    private func field(_ base: BoundExpression, _ name: String, _ range: SourceRange) throws -> BoundExpression {
        switch base.type {
        case .structure(let fields):
            guard let index = fields.firstIndex(where: { $0.name.lowercased() == name }) else {
                throw PlanError(
                    "cannot find field \(name)(lowercase form: \(name)) in "
                        + "[\(fields.map(\.name).joined(separator: ", "))]", at: range,
                    hint: NearestName.hint(for: name, among: fields.map(\.name)))
            }
            return BoundExpression(.field(base, index: index), type: fields[index].type, range: range)
        case .array(.structure(let fields)):
            guard let index = fields.firstIndex(where: { $0.name.lowercased() == name }) else {
                throw PlanError("cannot find field \(name)", at: range)
            }
            return BoundExpression(.field(base, index: index), type: .array(fields[index].type), range: range)
        default:
            throw PlanError(
                ". Operator is only supported on struct or list of struct types '\(name)'", code: 10042, at: range)
        }
    }

    // MARK: predicates

    private func bindTest(_ operand: Expression, _ test: TruthTest, _ negated: Bool) throws -> BoundExpression {
        switch test {
        case .null:
            let value = try bind(operand)
            return BoundExpression(negated ? .isNotNull(value) : .isNull(value), type: .boolean)
        case .unknown:
            let value = try bindCondition(operand)
            return BoundExpression(negated ? .isNotNull(value) : .isNull(value), type: .boolean)
        case .isTrue, .isFalse:
            let value = try bindCondition(operand)
            let wanted = BoundExpression.integer(test == .isTrue ? 1 : 0, type: .boolean)
            let same = try binder.call(.comparison(.nullSafeEqual), [value, wanted], at: operand.range)
            return negated ? BoundExpression(.not(same), type: .boolean) : same
        }
    }

    private func bindBetween(
        _ operand: BoundExpression, _ low: BoundExpression, _ high: BoundExpression, isSymmetric: Bool,
        _ range: SourceRange
    ) throws -> BoundExpression {
        guard !isSymmetric else {
            return try binder.sharing(low) { low in
                try binder.sharing(high) { high in
                    try bindBetween(
                        operand, try binder.call(.least, [low, high], at: range),
                        try binder.call(.greatest, [low, high], at: range), isSymmetric: false, range)
                }
            }
        }
        return try binder.sharing(operand) { value in
            let above = try binder.call(.comparison(.greaterOrEqual), [value, low], at: range)
            let below = try binder.call(.comparison(.lessOrEqual), [value, high], at: range)
            // Against constants of one kind either both comparisons are unknown or none is.
            let isOfOneKind = low.type == high.type || (low.type.isNumeric && high.type.isNumeric)
            if isOfOneKind, [low, high].allSatisfy({ $0.isLiteral && $0.kind != .literal(.null) }) {
                return BoundExpression(.and([above, below]), type: .boolean)
            }
            return binder.sharing(above) { between($0, below) }
        }
    }

    /// BETWEEN looks at the lower bound first in Hive: it is unknown when that comparison is, whatever the upper bound says.
    private func between(_ above: BoundExpression, _ below: BoundExpression) -> BoundExpression {
        let unknown = BoundExpression(.isNull(above), type: .boolean)
        let both = BoundExpression(.and([above, below]), type: .boolean)
        return BoundExpression(
            .conditional([ConditionalBranch(condition: unknown, value: .null(.boolean))], otherwise: both), type: .boolean)
    }

    private func bindInList(
        _ operand: Expression, _ list: [Expression], _ range: SourceRange
    ) throws -> BoundExpression {
        let value = try bind(operand)
        let items = try list.map { try bind($0) }
        guard let type = TypeCoercion.membershipType([value.type] + items.map(\.type)) else {
            throw PlanError(
                "Wrong arguments: The arguments for IN should be the same type! Types are: "
                    + "{\(value.type) IN (\(items.map(\.type.description).joined(separator: ", ")))}",
                code: 10014, at: range)
        }
        return BoundExpression(
            .inList(binder.cast(value, to: type), items.map { binder.cast($0, to: type) }), type: .boolean)
    }

    private func bindCase(
        _ operand: Expression?, _ branches: [CaseBranch], _ otherwise: Expression?, _ range: SourceRange
    ) throws -> BoundExpression {
        guard let operand else { return try bindCase(nil as BoundExpression?, branches, otherwise, range) }
        return try binder.sharing(try bind(operand)) { try bindCase($0, branches, otherwise, range) }
    }

    private func bindCase(
        _ subject: BoundExpression?, _ branches: [CaseBranch], _ otherwise: Expression?, _ range: SourceRange
    ) throws -> BoundExpression {
        var conditions = try branches.map { try bind($0.condition) }
        if let subject {
            let text = TypeCoercion.mixedMembershipType([subject.type] + conditions.map(\.type))
            conditions = try zip(branches, conditions).map { branch, value in
                let operands = [subject, value].map { operand in text.map { binder.cast(operand, to: $0) } ?? operand }
                return try binder.call(.comparison(.equal), operands, at: branch.condition.range)
            }
        } else {
            conditions = try zip(branches, conditions).map { branch, condition in
                guard condition.type == .boolean || condition.type == .void else {
                    throw PlanError(
                        "Argument type mismatch: \"boolean\" is expected after WHEN, but \"\(condition.type)\" is found",
                        code: 10016, at: branch.condition.range)
                }
                return binder.cast(condition, to: .boolean)
            }
        }
        let values = try branches.map { try bind($0.result) }
        let fallback = try otherwise.map { try bind($0) }
        return try conditional(conditions, values, fallback, range)
    }

    /// CASE with its values in one type.
    private func conditional(
        _ conditions: [BoundExpression], _ values: [BoundExpression], _ otherwise: BoundExpression?,
        _ range: SourceRange
    ) throws -> BoundExpression {
        let all = values + (otherwise.map { [$0] } ?? [])
        guard let type = binder.commonType(all.map(\.type)) else {
            throw PlanError(
                "Argument type mismatch: The expressions of CASE should all have the same type: "
                    + "\(all.map { "\"\($0.type)\"" }.joined(separator: ", ")) are found",
                code: 10016, at: range)
        }
        let branches = zip(conditions, values).map {
            ConditionalBranch(condition: $0, value: binder.cast($1, to: type))
        }
        return BoundExpression(
            .conditional(branches, otherwise: otherwise.map { binder.cast($0, to: type) }), type: type)
    }

    // MARK: macros

    func expandMacro(_ macro: Macro, _ call: HiveSyntax.FunctionCall, _ range: SourceRange) throws -> BoundExpression {
        guard call.arguments.count == macro.parameters.count else {
            throw PlanError(
                "Arguments length mismatch: The macro \(call.name.name.text) accepts exactly \(macro.parameters.count) arguments.", code: 10015,
                at: range)
        }
        guard macroArguments.count < 32 else { throw PlanError("Macros are nested too deeply", at: range) }
        let arguments = try zip(macro.parameters, call.arguments).map { parameter, argument in
            (name: parameter.name, value: binder.cast(try bind(argument), to: parameter.type))
        }
        binder.expansion?.alias(call.name.name)
        return try bindBody(of: macro, arguments[...], [:])
    }

    /// The macro's body with the values of the parameters that are left to bind.
    private func bindBody(
        of macro: Macro, _ arguments: ArraySlice<(name: String, value: BoundExpression)>,
        _ bound: [String: BoundExpression]
    ) throws -> BoundExpression {
        guard let next = arguments.first else {
            macroArguments.append(bound)
            binder.expansionPauses += 1
            defer {
                macroArguments.removeLast()
                binder.expansionPauses -= 1
            }
            return try bind(macro.body)
        }
        return try binder.sharing(next.value) { value in
            try bindBody(of: macro, arguments.dropFirst(), bound.merging([next.name: value]) { $1 })
        }
    }
}
