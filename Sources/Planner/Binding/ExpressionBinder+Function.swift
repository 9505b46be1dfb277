import Columnar
import Expressions
import Functions
import HiveSyntax
import Platform

extension ExpressionBinder {
    func bindFunction(_ call: HiveSyntax.FunctionCall, _ range: SourceRange) throws -> BoundExpression {
        let name = binder.key(of: call.name)
        if let fitted = binder.functions.fitted(name) { return try bindFitted(fitted, call, name, range) }
        if !call.withinGroup.isEmpty, binder.functions.aggregate(name) == nil {
            throw PlanError("WITHIN GROUP is not allowed for \(name)", code: 10011, at: range)
        }
        if call.window != nil { return try bindWindowFunction(call, name, range) }
        if let value = try bindLambdaCall(call, name, range) { return value }
        if let macro = binder.macros[name] { return try expandMacro(macro, call, range) }
        if let grouping = GroupingFunction(rawValue: name),
            let bound = try bindGrouping(grouping, call, range)
        {
            return bound
        }
        if let function = binder.functions.aggregate(name) {
            return try bindAggregate(function, call, name, range)
        }
        if let window = binder.functions.window(name) {
            if let value = try bindNested(window, call, name, range) { return value }
            throw PlanError("Missing over clause for function :  \(name)", code: 10247, at: nil)
        }
        if binder.functions.scalar(name) == nil, binder.functions.table(name) != nil {
            throw PlanError(
                "UDTF's are not supported outside the SELECT clause, nor nested in expressions", code: 10081, at: range)
        }
        if call.isDistinct { throw PlanError("DISTINCT keyword is not supported for \(name)", code: 10011, at: range) }
        if let prediction = try bindPrediction(call, range) { return prediction }
        return try binder.call(named: name, try bindArguments(call), at: range)
    }

    /// The arguments of a call; `*` stands for all columns, `t.*` for those of a table.
    func bindArguments(_ call: HiveSyntax.FunctionCall) throws -> [BoundExpression] {
        try call.arguments.flatMap { argument in
            guard case .star(let table) = argument.kind else { return [try bind(argument)] }
            return try columns(of: table, argument.range)
        }
    }

    private func columns(of table: TableName?, _ range: SourceRange) throws -> [BoundExpression] {
        let listed = try scope.listed(table, at: range)
        binder.expansion?.star(range, listed.map { (table: $0.table, name: $0.column.name) }, in: scope)
        return listed.map(\.column.expression)
    }

    // MARK: grouping sets

    /// What speaks of the query's grouping instead of values.
    private enum GroupingFunction: String {
        case grouping
        case groupingID = "grouping_id"
    }

    private func bindGrouping(
        _ function: GroupingFunction, _ call: HiveSyntax.FunctionCall, _ range: SourceRange
    ) throws -> BoundExpression? {
        switch function {
        case .grouping: return try bindGrouping(call, range)
        case .groupingID: return try aggregates.map { try groupingID($0, range) }
        }
    }

    // MARK: aggregates

    private func bindAggregate(
        _ function: AggregateFunction, _ call: HiveSyntax.FunctionCall, _ name: String, _ range: SourceRange
    ) throws -> BoundExpression {
        guard let aggregates else {
            // In the WHERE of a subquery it is over the groups of the query around.
            if !isInAggregate, let around = environment.aggregatingBinder { return try around.bindFunction(call, range) }
            throw PlanError("Not yet supported place for UDAF '\(name)'", code: 10128, at: range)
        }
        let joins = pendingJoins.count
        let bound = try withoutAggregates { try resolveAggregate(function, call, name, range) }
        aggregates.inputJoins += pendingJoins[joins...]
        pendingJoins.removeSubrange(joins...)
        return .column(
            aggregates.column(of: bound) {
                binder.makeColumn("_\(name)_\(aggregates.aggregates.count)", bound.resolved.resultType)
            })
    }

    /// Arguments of an aggregate are expressions over the rows before grouping.
    private func withoutAggregates<T>(_ body: () throws -> T) rethrows -> T {
        let saved = (aggregates, windows, isInAggregate)
        (aggregates, windows, isInAggregate) = (nil, nil, true)
        defer { (aggregates, windows, isInAggregate) = saved }
        return try body()
    }

    private func resolveAggregate(
        _ function: AggregateFunction, _ call: HiveSyntax.FunctionCall, _ name: String, _ range: SourceRange
    ) throws -> AggregateCall {
        var arguments: [BoundExpression] = []
        for argument in call.arguments {
            if case .star(let table) = argument.kind {
                guard function.traits.acceptsStar else {
                    throw PlanError("Invalid use of '*' in \(name)", at: argument.range)
                }
                // Rows are counted whatever their columns are; the table has to be there.
                if call.isDistinct {
                    arguments += try columns(of: table, argument.range)
                } else if table != nil {
                    _ = try scope.listed(table, at: argument.range)
                }
                continue
            }
            arguments.append(try bind(argument))
        }
        guard call.withinGroup.isEmpty || function.traits.acceptsSortKeys else {
            throw PlanError("WITHIN GROUP is not allowed for \(name)", code: 10011, at: range)
        }
        for item in call.withinGroup {
            let key = try bindSortItem(item)
            let order = SortOrderArgument(isDescending: !key.isAscending, nullsFirst: key.nullsFirst)
            arguments += [key.expression, .integer(order.code)]
        }
        return try binder.aggregate(
            function, arguments, as: name, isDistinct: call.isDistinct, sortKeyCount: call.withinGroup.count, at: range,
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
            let shifted = try binder.call(.shiftRight, [identifier, position], at: range)
            let bit = try binder.call(.arithmetic(.bitwiseAnd), [shifted, .integer(1, type: .bigint)], at: range)
            if let earlier = result {
                let doubled = try binder.call(.arithmetic(.multiply), [earlier, .integer(2, type: .bigint)], at: range)
                result = try binder.call(.arithmetic(.add), [doubled, bit], at: range)
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
        let specification = try self.specification(reference, windows.definitions, range)
        windows.note(call)
        // A window function with an OVER of its own is refused in another's arguments, as in Hive.
        let saved = (aliases, enclosingWindow)
        self.windows = nil
        defer {
            self.windows = windows
            (aliases, enclosingWindow) = saved
        }
        aliases += windowAliases
        let partitionBy = try specification.partitionBy.map { try bind($0) }
        let orderBy = try specification.orderBy.map { try bindSortItem($0) }
        aliases = saved.0
        enclosingWindow = EnclosingWindow(windows: windows, partitionBy: partitionBy, orderBy: orderBy)
        let (function, arguments, type) = try resolveWindowFunction(call, name, range)
        let frame = try self.frame(specification, orderBy: orderBy, function: function, range)
        let output = binder.makeColumn("_\(name)_window", type)
        windows.add(
            NamedWindowFunction(output: output, name: name, function: function, arguments: arguments, frame: frame),
            partitionBy: partitionBy, orderBy: orderBy)
        return .column(output)
    }

    /// `lag` and `lead` without OVER in the arguments of a window function look along that function's window.
    private func bindNested(
        _ window: WindowFunction, _ call: HiveSyntax.FunctionCall, _ name: String, _ range: SourceRange
    ) throws -> BoundExpression? {
        guard let around = enclosingWindow else { return nil }
        let (function, arguments, type) = try resolveWindowFunction(call, name, range)
        guard case .window(let kind, _) = function, kind == .lag || kind == .lead else { return nil }
        let output = binder.makeColumn("_\(name)_window", type)
        around.windows.add(
            NamedWindowFunction(output: output, name: name, function: function, arguments: arguments, frame: .wholePartition),
            partitionBy: around.partitionBy, orderBy: around.orderBy)
        return .column(output)
    }

    func specification(
        _ reference: WindowReference, _ definitions: [String: WindowSpecification], _ range: SourceRange, through names: [String] = []
    ) throws -> WindowSpecification {
        switch reference {
        case .named(let name):
            guard !names.contains(name.name), names.count < 200 else {
                let what = names.contains(name.name) ? "is defined by itself" : "is defined by too many others"
                throw PlanError("Window \(name.text) \(what)", at: name.range)
            }
            guard let found = definitions[name.name] else {
                throw PlanError(
                    "Window \(name.text) is not defined", at: name.range,
                    hint: NearestName.hint(for: name.name, among: Array(definitions.keys)))
            }
            return try specification(.specification(found), definitions, range, through: names + [name.name])
        case .specification(var own):
            guard let base = own.base else { return own }
            let inherited = try specification(.named(base), definitions, range, through: names)
            if own.partitionBy.isEmpty { own.partitionBy = inherited.partitionBy }
            if own.orderBy.isEmpty { own.orderBy = inherited.orderBy }
            if own.frame == nil { own.frame = inherited.frame }
            own.base = nil
            return own
        }
    }

    func bindSortItem(_ item: SortItem) throws -> SortKey {
        try binder.sortKey(item, of: try bind(item.expression))
    }

    private func resolveWindowFunction(
        _ call: HiveSyntax.FunctionCall, _ name: String, _ range: SourceRange
    ) throws -> (NamedWindowFunction.Function, [BoundExpression], SQLType) {
        if let function = binder.functions.window(name) {
            let arguments = try bindArguments(call)
            let resolved = try binder.resolve(function, name, arguments, at: range)
            let ignoresNulls = call.nullTreatment == .ignore || resolved.ignoresNulls
            return (
                .window(resolved.kind, ignoreNulls: ignoresNulls),
                zip(arguments, resolved.argumentTypes).map { binder.cast($0, to: $1) }, resolved.resultType
            )
        }
        guard let function = binder.functions.aggregate(name) else {
            if binder.functions.entry(name) != nil {
                throw PlanError("\(name) is no window function", code: 10011, at: range)
            }
            throw binder.unknownFunction(name, at: nil)
        }
        let bound = try resolveAggregate(function, call, name, range)
        if bound.filter != nil { throw PlanError.unsupported("FILTER with OVER", at: range) }
        return (
            .aggregate(bound.function, bound.resolved, isDistinct: bound.isDistinct), bound.arguments,
            bound.resolved.resultType
        )
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
            return intervalOfTime(value, bound.type, along: orderBy[0].expression.type) ?? (value, bound.type)
        }
        /// A number along dates counts days, along times seconds.
        func intervalOfTime(_ value: LiteralValue, _ type: SQLType, along key: SQLType) -> (LiteralValue, SQLType)? {
            guard case .integer(let count) = value, type.isIntegral else { return nil }
            let unit: Int64
            switch key {
            case .date: unit = 86_400
            case .timestamp, .timestampLocalTimeZone: unit = 1
            default: return nil
            }
            let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
            return overflow ? nil : (.timestamp(Timestamp(seconds: seconds, nanoseconds: 0)), .intervalDayTime)
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
