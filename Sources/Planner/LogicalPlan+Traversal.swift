import Expressions

extension LogicalPlan {
    /// The same node over other inputs.
    package func replacingInputs(_ transform: (LogicalPlan) throws -> LogicalPlan) rethrows -> LogicalPlan {
        switch self {
        case .scan, .values, .sharedScan: return self
        case .filter(var node):
            node.input = try transform(node.input)
            return .filter(node)
        case .project(var node):
            node.input = try transform(node.input)
            return .project(node)
        case .aggregate(var node):
            node.input = try transform(node.input)
            return .aggregate(node)
        case .join(var node):
            node.left = try transform(node.left)
            node.right = try transform(node.right)
            return .join(node)
        case .asofJoin(var node):
            node.left = try transform(node.left)
            node.right = try transform(node.right)
            return .asofJoin(node)
        case .window(var node):
            node.input = try transform(node.input)
            return .window(node)
        case .sort(var node):
            node.input = try transform(node.input)
            return .sort(node)
        case .limit(var node):
            node.input = try transform(node.input)
            return .limit(node)
        case .union(var node):
            node.inputs = try node.inputs.map(transform)
            return .union(node)
        case .lateralView(var node):
            node.input = try transform(node.input)
            return .lateralView(node)
        case .transform(var node):
            node.source = try transform(node.source)
            return .transform(node)
        case .with(var node):
            for index in node.subplans.indices { node.subplans[index].plan = try transform(node.subplans[index].plan) }
            node.input = try transform(node.input)
            return .with(node)
        case .branches(var node):
            node.inputs = try node.inputs.map(transform)
            return .branches(node)
        case .recursion(var node):
            node.anchor = try transform(node.anchor)
            node.step = try transform(node.step)
            return .recursion(node)
        }
    }

    /// The same node with each of its own expressions transformed; inputs are left alone.
    package func replacingExpressions(
        _ transform: (BoundExpression) throws -> BoundExpression
    ) rethrows -> LogicalPlan {
        func named(_ list: [NamedExpression]) throws -> [NamedExpression] {
            try list.map { NamedExpression(output: $0.output, expression: try transform($0.expression)) }
        }
        func keys(_ list: [SortKey]) throws -> [SortKey] {
            try list.map { key in
                var key = key
                key.expression = try transform(key.expression)
                return key
            }
        }
        func equalities(_ list: [LogicalJoin.Equality]) throws -> [LogicalJoin.Equality] {
            try list.map { equality in
                var equality = equality
                equality.left = try transform(equality.left)
                equality.right = try transform(equality.right)
                return equality
            }
        }
        switch self {
        case .scan(var node):
            node.filters = try node.filters.map(transform)
            return .scan(node)
        case .values(var node):
            node.rows = try node.rows.map { try $0.map(transform) }
            return .values(node)
        case .filter(var node):
            node.predicate = try transform(node.predicate)
            return .filter(node)
        case .project(var node):
            node.expressions = try named(node.expressions)
            return .project(node)
        case .aggregate(var node):
            node.groups = try named(node.groups)
            node.aggregates = try node.aggregates.map { aggregate in
                var aggregate = aggregate
                aggregate.call.arguments = try aggregate.call.arguments.map(transform)
                aggregate.call.filter = try aggregate.call.filter.map(transform)
                return aggregate
            }
            return .aggregate(node)
        case .join(var node):
            node.equalities = try equalities(node.equalities)
            node.residual = try node.residual.map(transform)
            return .join(node)
        case .asofJoin(var node):
            node.equalities = try equalities(node.equalities)
            node.match.left = try transform(node.match.left)
            node.match.right = try transform(node.match.right)
            node.residual = try node.residual.map(transform)
            return .asofJoin(node)
        case .window(var node):
            node.partitionBy = try node.partitionBy.map(transform)
            node.orderBy = try keys(node.orderBy)
            node.functions = try node.functions.map { function in
                var function = function
                function.arguments = try function.arguments.map(transform)
                return function
            }
            return .window(node)
        case .sort(var node):
            node.keys = try keys(node.keys)
            return .sort(node)
        case .lateralView(var node):
            node.arguments = try node.arguments.map(transform)
            return .lateralView(node)
        case .transform(var node):
            node.arguments = try node.arguments.map(transform)
            return .transform(node)
        case .limit, .union, .with, .sharedScan, .branches, .recursion: return self
        }
    }

    /// The node's own expressions.
    package var expressions: [BoundExpression] {
        var result: [BoundExpression] = []
        _ = replacingExpressions { expression in
            result.append(expression)
            return expression
        }
        return result
    }

    /// Rewrites bottom-up.
    package func transformedUp(_ transform: (LogicalPlan) throws -> LogicalPlan) rethrows -> LogicalPlan {
        try transform(try replacingInputs { try $0.transformedUp(transform) })
    }

    package func forEachNode(_ body: (LogicalPlan) -> Void) {
        body(self)
        for input in inputs { input.forEachNode(body) }
    }

    /// Scans give out only those virtual columns that an expression reads.
    var withoutUnusedVirtualColumns: LogicalPlan {
        var read: Set<ColumnID> = []
        var virtual: Set<ColumnID> = []
        forEachNode { node in
            for expression in node.expressions { read.formUnion(expression.columnIDs) }
            if case .scan(let scan) = node {
                for column in scan.columns where column.ordinal < 0 { virtual.insert(column.output.id) }
            }
        }
        // Readers of a shared subplan give out what it does, read or not.
        func isUnused(_ column: LogicalSharedScan.Column) -> Bool {
            virtual.contains(column.source) && !read.contains(column.output.id)
        }
        var wanted = read
        forEachNode { node in
            guard case .sharedScan(let scan) = node else { return }
            for column in scan.columns where !isUnused(column) { wanted.insert(column.source) }
        }
        return transformedUp { node in
            switch node {
            case .scan(var scan):
                scan.columns.removeAll { $0.ordinal < 0 && !wanted.contains($0.output.id) }
                return .scan(scan)
            case .sharedScan(var scan):
                scan.columns.removeAll(where: isUnused)
                return .sharedScan(scan)
            default: return node
            }
        }
    }

    /// Columns that the plan reads and no node in it makes: those of an enclosing query.
    package var freeColumns: Set<ColumnID> {
        var read: Set<ColumnID> = []
        var made: Set<ColumnID> = []
        forEachNode { node in
            for expression in node.expressions { read.formUnion(expression.columnIDs) }
            let passed = node.passedThrough
            for output in node.outputs where !passed.contains(output.id) { made.insert(output.id) }
        }
        return read.subtracting(made)
    }

    /// The columns that the node gives out because an input does.
    private var passedThrough: Set<ColumnID> {
        guard case .project(let node) = self else { return [] }
        return Set(node.expressions.lazy.filter { $0.expression.kind == .column($0.output.id) }.map(\.output.id))
    }
}
