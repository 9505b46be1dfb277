import Columnar
import Expressions

/// Adds columns to a query by which its rows are known whatever else it selects, for who divides rows and has to divide
/// them in the same way when features come and go.
///
/// A row is known by the place of the row that it comes from in the files of the first table: the left input of a join,
/// since what is joined to its rows are features of them. A grouped row is known by its groups.
package struct RowKeyPlanner {
    package struct Key: Sendable, Equatable {
        package enum Source: Sendable, Equatable {
            /// The place of a row in the files of a table.
            case place(table: String)
            /// The values of the columns that were grouped by.
            case groups([String])
        }

        package var source: Source
        /// The columns behind the query's own.
        package var columnCount: Int
    }

    private struct Identified {
        var plan: LogicalPlan
        var columns: [OutputColumn]
        var source: Key.Source
    }

    private let binder: Binder
    private var subplans: [Int: SharedSubplan] = [:]
    private var identifiedSubplans: [Int: Identified?] = [:]

    package init(_ binder: Binder) { self.binder = binder }

    /// The plan with key columns behind its own; nil for rows that nothing makes known: those of VALUES, of functions
    /// over no table, of grouping sets.
    package static func adding(to plan: LogicalPlan, _ binder: Binder) throws -> (plan: LogicalPlan, key: Key)? {
        var planner = RowKeyPlanner(binder)
        let outputs = plan.outputs
        var subplans: [SharedSubplan] = []
        var body = plan
        if case .with(let node) = plan {
            subplans = node.subplans
            body = node.input
            for subplan in subplans { planner.subplans[subplan.id] = subplan }
        }
        guard let found = try planner.identify(body) else { return nil }
        let shown = LogicalPlan.project(
            LogicalProject(
                input: found.plan,
                expressions: (outputs + found.columns).map { NamedExpression(output: $0, expression: .column($0)) }))
        let key = Key(source: found.source, columnCount: found.columns.count)
        guard !subplans.isEmpty else { return (shown, key) }
        let changed = subplans.map { planner.subplans[$0.id] ?? $0 }
        return (.with(LogicalWith(subplans: changed, input: shown)), key)
    }

    /// The rows of a SELECT that is being bound with one number more by which they are known, and where nothing makes them known, by all
    /// that they say.
    static func naming(_ key: OutputColumn, of plan: LogicalPlan, _ binder: Binder) throws -> LogicalPlan {
        var planner = RowKeyPlanner(binder)
        for subplan in binder.sharedSubplans { planner.subplans[subplan.id] = subplan }
        let found = try planner.identify(plan)
        if found != nil { binder.sharedSubplans = binder.sharedSubplans.map { planner.subplans[$0.id] ?? $0 } }
        let columns = found?.columns ?? plan.outputs.filter { !$0.type.isComplex }
        var value = BoundExpression(.literal(.null), type: .bigint)
        if columns.count == 1, columns[0].type == .bigint {
            value = .column(columns[0])
        } else if !columns.isEmpty {
            value = binder.cast(try binder.call(.hash(.murmur), columns.map { .column($0) }, at: nil), to: .bigint)
        }
        // A place is NULL on the side of a join that has no row: rows without one are together.
        let known = BoundExpression(.coalesce([value, BoundExpression(.literal(.integer(0)), type: .bigint)]), type: .bigint)
        return .project(
            LogicalProject(
                input: found?.plan ?? plan,
                expressions: plan.outputs.map { NamedExpression(output: $0, expression: .column($0)) }
                    + [NamedExpression(output: key, expression: known)]))
    }

    private mutating func identify(_ plan: LogicalPlan) throws -> Identified? {
        try binder.checkCancellation()
        switch plan {
        case .scan(var node):
            guard node.summaries.isEmpty else { return nil }
            let place = LogicalScan.VirtualColumn.rowPlace
            let column = binder.makeColumn(place.name, place.type)
            node.columns.append(LogicalScan.ScanColumn(output: column, ordinal: place.rawValue))
            return Identified(
                plan: .scan(node), columns: [column], source: .place(table: node.table.qualifiedName))
        case .filter, .sort, .limit, .window, .lateralView: return try through(plan)
        case .project(var node):
            guard let input = try identify(node.input) else { return nil }
            node.input = input.plan
            let known = Set(node.expressions.map(\.output.id))
            node.expressions += input.columns.filter { !known.contains($0.id) }
                .map { NamedExpression(output: $0, expression: .column($0)) }
            return Identified(plan: .project(node), columns: input.columns, source: input.source)
        case .aggregate(let node):
            guard !node.groups.isEmpty, node.groupingSets == nil,
                node.groups.allSatisfy({ !$0.output.type.isComplex })
            else { return nil }
            return Identified(
                plan: plan, columns: node.groups.map(\.output), source: .groups(node.groups.map(\.output.name)))
        case .join(let node): return try identify(node)
        case .asofJoin(var node):
            // Every row of the right side may be found by many of the left side.
            guard var found = try identify(node.left) else { return nil }
            node.left = found.plan
            found.plan = .asofJoin(node)
            return found
        case .union(let node): return try identify(node)
        case .sharedScan(let node): return try identify(node)
        case .values, .transform, .with, .branches, .recursion: return nil
        }
    }

    /// A node that gives out what its one input does.
    private mutating func through(_ plan: LogicalPlan) throws -> Identified? {
        guard let input = plan.inputs.first, var found = try identify(input) else { return nil }
        let below = found.plan
        found.plan = plan.replacingInputs { _ in below }
        return found
    }

    private mutating func identify(_ node: LogicalJoin) throws -> Identified? {
        var node = node
        switch node.kind {
        case .leftSemi, .leftAnti, .leftAntiNullAware, .mark, .left, .inner, .cross:
            if var found = try identify(node.left) {
                node.left = found.plan
                found.plan = .join(node)
                return found
            }
            guard node.kind == .inner || node.kind == .cross else { return nil }
            fallthrough
        case .right:
            guard var found = try identify(node.right) else { return nil }
            node.right = found.plan
            found.plan = .join(node)
            return found
        case .full:
            guard let left = try identify(node.left), let right = try identify(node.right),
                left.columns.map(\.type) == right.columns.map(\.type)
            else { return nil }
            node.left = left.plan
            node.right = right.plan
            // A row is known by its left one, which many may have in common, or where it has none by its right one.
            let keys = zip(left.columns, right.columns).map { left, right in
                NamedExpression(
                    output: binder.makeColumn(left.name, left.type),
                    expression: BoundExpression(.coalesce([.column(left), .column(right)]), type: left.type))
            }
            let outputs = node.left.outputs + node.right.outputs
            let shown = outputs.map { NamedExpression(output: $0, expression: .column($0)) } + keys
            return Identified(
                plan: .project(LogicalProject(input: .join(node), expressions: shown)), columns: keys.map(\.output),
                source: left.source)
        }
    }

    /// The inputs must be known in the same way.
    private mutating func identify(_ node: LogicalUnion) throws -> Identified? {
        var node = node
        var source: Key.Source?
        var types: [SQLType]?
        for index in node.inputs.indices {
            guard let found = try identify(node.inputs[index]) else { return nil }
            let foundTypes = found.columns.map(\.type)
            if let types, types != foundTypes { return nil }
            types = foundTypes
            source = source ?? found.source
            let outputs = node.inputs[index].outputs + found.columns
            node.inputs[index] = .project(
                LogicalProject(
                    input: found.plan,
                    expressions: outputs.map { NamedExpression(output: $0, expression: .column($0)) }))
        }
        guard let source, let types else { return nil }
        let columns = types.map { binder.makeColumn(LogicalScan.VirtualColumn.rowPlace.name, $0) }
        node.outputs += columns
        return Identified(plan: .union(node), columns: columns, source: source)
    }

    /// The key of a shared subplan is made once, and every reader gives it out under a name of its own.
    private mutating func identify(_ node: LogicalSharedScan) throws -> Identified? {
        if identifiedSubplans[node.subplan] == nil {
            var found: Identified?
            if let subplan = subplans[node.subplan] { found = try identify(subplan.plan) }
            if let found { subplans[node.subplan]?.plan = found.plan }
            identifiedSubplans[node.subplan] = .some(found)
        }
        guard let found = identifiedSubplans[node.subplan] ?? nil else { return nil }
        var node = node
        let columns = found.columns.map { binder.makeColumn($0.name, $0.type) }
        node.columns += zip(columns, found.columns).map { LogicalSharedScan.Column(output: $0, source: $1.id) }
        return Identified(plan: .sharedScan(node), columns: columns, source: found.source)
    }
}
