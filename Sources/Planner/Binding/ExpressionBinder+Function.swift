import Columnar
import Expressions
import Functions
import HiveSyntax
import Platform

extension ExpressionBinder {
    func bindFunction(_ call: HiveSyntax.FunctionCall, _ range: SourceRange) throws -> BoundExpression {
        let name = call.name.name.name
        if call.window != nil { return try bindWindowFunction(call, name, range) }
        if let macro = binder.macros[name] { return try expandMacro(macro, call, range) }
        if !call.withinGroup.isEmpty { throw PlanError.unsupported("WITHIN GROUP", at: range) }
        if let special = try bindSpecialForm(name, call, range) { return special }
        if let function = binder.functions.aggregate(name) {
            return try bindAggregate(function, call, name, range)
        }
        if binder.functions.window(name) != nil {
            throw PlanError("Missing over clause for function :  \(name)", code: 10247, at: nil)
        }
        if binder.functions.scalar(name) == nil, binder.functions.table(name) != nil {
            throw PlanError(
                "UDTF's are not supported outside the SELECT clause, nor nested in expressions", code: 10081, at: range)
        }
        if call.isDistinct { throw PlanError("DISTINCT keyword is not supported for \(name)", code: 10011, at: range) }
        return try binder.call(name, try bindArguments(call), at: range)
    }

    private func bindArguments(_ call: HiveSyntax.FunctionCall) throws -> [BoundExpression] {
        try call.arguments.map { try bind($0) }
    }

    /// Functions whose arguments are evaluated only where they are needed, or that speak of the query's grouping.
    private func bindSpecialForm(
        _ name: String, _ call: HiveSyntax.FunctionCall, _ range: SourceRange
    ) throws -> BoundExpression? {
        switch name {
        case "if":
            guard call.arguments.count == 3 else {
                throw PlanError(
                    "Arguments length mismatch: The function IF(expr1,expr2,expr3) accepts exactly 3 arguments.",
                    code: 10015, at: range)
            }
            let arguments = try bindArguments(call)
            guard arguments[0].type == .boolean || arguments[0].type == .void else {
                throw PlanError(
                    "Argument type mismatch: The first argument of function IF should be \"boolean\", but "
                        + "\"\(arguments[0].type)\" is found", code: 10016, at: arguments[0].range)
            }
            return try conditional(
                [binder.cast(arguments[0], to: .boolean)], [arguments[1]], arguments[2], range, name: "IF")
        case "coalesce", "nvl", "ifnull":
            let arguments = try bindArguments(call)
            guard name == "coalesce" ? !arguments.isEmpty : arguments.count == 2 else {
                throw PlanError("\(name.uppercased()) got \(arguments.count) arguments", code: 10015, at: range)
            }
            guard let type = binder.commonType(arguments.map(\.type)) else {
                throw PlanError(
                    "Argument type mismatch: The expressions after \(name.uppercased()) should all have the same type: "
                        + "\"\(arguments[0].type)\" is expected but \"\(arguments.last?.type ?? .void)\" is found",
                    code: 10016, at: range)
            }
            return BoundExpression(.coalesce(arguments.map { binder.cast($0, to: type) }), type: type)
        case "isnull", "isnotnull":
            guard call.arguments.count == 1 else { return nil }
            let value = try bind(call.arguments[0])
            return BoundExpression(name == "isnull" ? .isNull(value) : .isNotNull(value), type: .boolean)
        case "grouping": return try bindGrouping(call, range)
        case "grouping_id":
            guard let aggregates else { break }
            return try groupingID(aggregates, range)
        default: break
        }
        return nil
    }

    // MARK: aggregates

    private func bindAggregate(
        _ function: AggregateFunction, _ call: HiveSyntax.FunctionCall, _ name: String, _ range: SourceRange
    ) throws -> BoundExpression {
        guard let aggregates else {
            throw PlanError("Not yet supported place for UDAF '\(name)'", code: 10128, at: range)
        }
        let joins = pendingJoins.count
        let bound = try withoutAggregates { try resolveAggregate(function, call, name, range) }
        aggregates.inputJoins += pendingJoins[joins...]
        pendingJoins.removeSubrange(joins...)
        if let known = aggregates.aggregates.first(where: { $0.call == bound }) {
            return .column(known.output)
        }
        let output = binder.makeColumn("_\(name)_\(aggregates.aggregates.count)", bound.function.resultType)
        aggregates.aggregates.append(NamedAggregate(output: output, call: bound))
        return .column(output)
    }

    /// Arguments of an aggregate are expressions over the rows before grouping.
    private func withoutAggregates<T>(_ body: () throws -> T) rethrows -> T {
        let saved = (aggregates, windows)
        (aggregates, windows) = (nil, nil)
        defer { (aggregates, windows) = saved }
        return try body()
    }

    private func resolveAggregate(
        _ function: AggregateFunction, _ call: HiveSyntax.FunctionCall, _ name: String, _ range: SourceRange
    ) throws -> AggregateCall {
        var arguments: [BoundExpression] = []
        for argument in call.arguments {
            if case .star = argument.kind {
                guard name == "count", !call.isDistinct else {
                    throw PlanError("Invalid use of '*' in \(name)", at: argument.range)
                }
                continue
            }
            arguments.append(try bind(argument))
        }
        let constants: [Column?] = arguments.map { argument in
            guard let value = try? binder.constantValue(argument) else { return nil }
            return value.column(type: argument.type, count: 1)
        }
        let request = Functions.FunctionCall(
            name: name, argumentTypes: arguments.map(\.type), constants: constants, isDistinct: call.isDistinct)
        let resolved: ResolvedAggregate
        do {
            resolved = try function.resolve(request)
        } catch let error as FunctionError {
            throw binder.planError(error, name: name, arguments: arguments, at: range)
        }
        guard resolved.argumentTypes.count == arguments.count else {
            throw PlanError("Arguments length mismatch: \(name)", code: 10015, at: range)
        }
        return AggregateCall(
            name: function.names[0], function: resolved,
            arguments: zip(arguments, resolved.argumentTypes).map { binder.cast($0, to: $1) },
            isDistinct: call.isDistinct && function.isDistinctSensitive,
            filter: try call.filter.map { try bindCondition($0) })
    }

    func groupingID(_ aggregates: AggregateCollector, _ range: SourceRange) throws -> BoundExpression {
        guard aggregates.hasGroupingSets else {
            // All rows belong to the one set of all keys. Hive knows its number nowhere but in a condition.
            guard isHaving else { throw PlanError("Expression not in GROUP BY key", code: 10025, at: range) }
            return .integer(0, type: .bigint)
        }
        if let known = aggregates.groupingID { return .column(known) }
        let output = binder.makeColumn("grouping__id", .bigint)
        aggregates.groupingID = output
        return .column(output)
    }

    /// `grouping(a, b)`: a bit an argument, 1 where the grouping set leaves it out.
    private func bindGrouping(_ call: HiveSyntax.FunctionCall, _ range: SourceRange) throws -> BoundExpression {
        guard let aggregates, !call.arguments.isEmpty else {
            throw PlanError("grouping() needs GROUP BY and at least one argument", at: range)
        }
        let identifier: BoundExpression =
            aggregates.hasGroupingSets ? try groupingID(aggregates, range) : .integer(0, type: .bigint)
        var result: BoundExpression?
        for argument in call.arguments {
            let value = try withoutAggregates { try bind(argument) }
            guard let index = aggregates.groups.firstIndex(where: { $0.expression == value }) else {
                throw PlanError("Expression not in GROUP BY key", code: 10025, at: argument.range)
            }
            let position = BoundExpression.integer(Int64(aggregates.groups.count - 1 - index))
            let shifted = try binder.call("shiftright", [identifier, position], at: range)
            let bit = try binder.call("&", [shifted, .integer(1, type: .bigint)], at: range)
            if let earlier = result {
                let doubled = try binder.call("*", [earlier, .integer(2, type: .bigint)], at: range)
                result = try binder.call("+", [doubled, bit], at: range)
            } else {
                result = bit
            }
        }
        return result ?? .null(.bigint)
    }

    // MARK: windows

    private func bindWindowFunction(
        _ call: HiveSyntax.FunctionCall, _ name: String, _ range: SourceRange
    ) throws -> BoundExpression {
        guard let windows, let reference = call.window else {
            throw PlanError("Window function \(name) is not allowed here", at: range)
        }
        let specification = try self.specification(reference, windows, range)
        // Nested window functions would need a second pass; Hive refuses them too.
        self.windows = nil
        defer { self.windows = windows }
        let partitionBy = try specification.partitionBy.map { try bind($0) }
        let orderBy = try specification.orderBy.map { try bindSortItem($0) }
        let (function, arguments, type) = try resolveWindowFunction(call, name, range)
        let frame = try self.frame(specification, orderBy: orderBy, function: function, range)
        let output = binder.makeColumn("_\(name)_window", type)
        let named = NamedWindowFunction(
            output: output, name: name, function: function, arguments: arguments, frame: frame)
        if let index = windows.groups.firstIndex(where: { $0.partitionBy == partitionBy && $0.orderBy == orderBy }) {
            windows.groups[index].functions.append(named)
        } else {
            windows.groups.append(.init(partitionBy: partitionBy, orderBy: orderBy, functions: [named]))
        }
        return .column(output)
    }

    private func specification(
        _ reference: WindowReference, _ windows: WindowCollector, _ range: SourceRange, depth: Int = 0
    ) throws -> WindowSpecification {
        switch reference {
        case .named(let name):
            guard let found = windows.definitions[name.name], depth < 32 else {
                throw PlanError(
                    "Window \(name.text) is not defined", at: name.range,
                    hint: NearestName.hint(for: name.name, among: Array(windows.definitions.keys)))
            }
            return try specification(.specification(found), windows, range, depth: depth + 1)
        case .specification(var own):
            guard let base = own.base else { return own }
            let inherited = try specification(.named(base), windows, range, depth: depth + 1)
            if own.partitionBy.isEmpty { own.partitionBy = inherited.partitionBy }
            if own.orderBy.isEmpty { own.orderBy = inherited.orderBy }
            if own.frame == nil { own.frame = inherited.frame }
            own.base = nil
            return own
        }
    }

    func bindSortItem(_ item: SortItem) throws -> SortKey {
        let isAscending = item.direction != .descending
        return SortKey(
            expression: try bind(item.expression), isAscending: isAscending,
            nullsFirst: item.nullOrder.map { $0 == .first } ?? isAscending)
    }

    private func resolveWindowFunction(
        _ call: HiveSyntax.FunctionCall, _ name: String, _ range: SourceRange
    ) throws -> (NamedWindowFunction.Function, [BoundExpression], SQLType) {
        if let function = binder.functions.window(name) {
            let arguments = try bindArguments(call)
            let constants: [Column?] = arguments.map { argument in
                guard let value = try? binder.constantValue(argument) else { return nil }
                return value.column(type: argument.type, count: 1)
            }
            do {
                let resolved = try function.resolve(
                    Functions.FunctionCall(name: name, argumentTypes: arguments.map(\.type), constants: constants))
                let converted = zip(arguments, resolved.argumentTypes).map { binder.cast($0, to: $1) }
                return (
                    .window(function.kind, ignoreNulls: try ignoresNulls(call, function.kind, arguments)),
                    Array(converted.prefix(argumentCount(function.kind, converted.count))), resolved.resultType
                )
            } catch let error as FunctionError {
                throw binder.planError(error, name: name, arguments: arguments, at: range)
            }
        }
        guard let function = binder.functions.aggregate(name) else {
            if binder.functions.entry(name) != nil {
                throw PlanError("\(name) is no window function", code: 10011, at: range)
            }
            throw binder.unknownFunction(name, at: nil)
        }
        let bound = try resolveAggregate(function, call, name, range)
        if bound.filter != nil { throw PlanError.unsupported("FILTER with OVER", at: range) }
        return (.aggregate(bound.function, isDistinct: bound.isDistinct), bound.arguments, bound.function.resultType)
    }

    /// `first_value(x, true)` is `first_value(x) IGNORE NULLS`.
    private func ignoresNulls(
        _ call: HiveSyntax.FunctionCall, _ kind: WindowFunction.Kind, _ arguments: [BoundExpression]
    ) throws -> Bool {
        if call.nullTreatment == .ignore { return true }
        guard kind == .firstValue || kind == .lastValue, arguments.count == 2 else { return false }
        return try binder.constantValue(arguments[1]) == .integer(1)
    }

    private func argumentCount(_ kind: WindowFunction.Kind, _ count: Int) -> Int {
        switch kind {
        case .firstValue, .lastValue: min(count, 1)
        case .rowNumber, .rank, .denseRank, .percentRank, .cumulativeDistribution: 0
        case .ntile, .lag, .lead, .nthValue: count
        }
    }

    private func frame(
        _ specification: WindowSpecification, orderBy: [SortKey], function: NamedWindowFunction.Function,
        _ range: SourceRange
    ) throws -> WindowFrame {
        guard let written = specification.frame else {
            return orderBy.isEmpty
                ? .wholePartition : WindowFrame(unit: .range, start: .unboundedPreceding, end: .currentRow)
        }
        let unit: WindowFrame.Unit = written.unit == .rows ? .rows : .range
        let frame = WindowFrame(
            unit: unit, start: try bound(written.start, unit: unit, orderBy: orderBy, range),
            end: try written.end.map { try bound($0, unit: unit, orderBy: orderBy, range) } ?? .currentRow)
        if case .unboundedFollowing = frame.start {
            throw PlanError("Window frame invalid. Start of range cannot be UNBOUNDED FOLLOWING.", at: range)
        }
        if case .unboundedPreceding = frame.end {
            throw PlanError("Window frame invalid. End of range cannot be UNBOUNDED PRECEDING.", at: range)
        }
        guard frame.startsBeforeItEnds else {
            throw PlanError("Window frame invalid. Start of range is after its end.", at: range)
        }
        if unit == .range, orderBy.isEmpty { return .wholePartition }
        return frame
    }

    private func bound(
        _ bound: HiveSyntax.WindowFrame.Bound, unit: WindowFrame.Unit, orderBy: [SortKey], _ range: SourceRange
    ) throws -> WindowFrame.Bound {
        func amount(_ expression: Expression) throws -> (LiteralValue, SQLType) {
            let bound = try bind(expression)
            guard let value = try binder.constantValue(bound), value != .null else {
                throw PlanError("A window frame's bound must be a constant", at: expression.range)
            }
            if unit == .rows {
                guard case .integer(let count) = value, count >= 0 else {
                    throw PlanError("A ROWS frame's bound must be a whole number, not negative", at: expression.range)
                }
                return (value, .bigint)
            }
            guard orderBy.count == 1 else {
                throw PlanError("Range value based Window Frame can have only 1 Sort Key", at: range)
            }
            return (value, bound.type)
        }
        switch bound {
        case .unboundedPreceding: return .unboundedPreceding
        case .currentRow: return .currentRow
        case .unboundedFollowing: return .unboundedFollowing
        case .preceding(let expression):
            let (value, type) = try amount(expression)
            return .preceding(value, type)
        case .following(let expression):
            let (value, type) = try amount(expression)
            return .following(value, type)
        }
    }
}

extension WindowFrame {
    /// Whether the kinds of the bounds, and for ROWS their counts, leave room between them.
    fileprivate var startsBeforeItEnds: Bool {
        func offset(_ bound: Bound) -> Int64 {
            switch bound {
            case .unboundedPreceding: return .min
            case .preceding(.integer(let count), _) where unit == .rows: return -count
            case .preceding: return -1
            case .currentRow: return 0
            case .following(.integer(let count), _) where unit == .rows: return count
            case .following: return 1
            case .unboundedFollowing: return .max
            }
        }
        return offset(start) <= offset(end)
    }
}
