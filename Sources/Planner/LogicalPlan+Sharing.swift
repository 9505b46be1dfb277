import Expressions

/// A plan that is computed once in a statement, however many read it.
package struct SharedSubplan: Sendable {
    package var id: Int
    /// What EXPLAIN calls it: the name of the common table expression.
    package var name: String
    package var plan: LogicalPlan

    package init(id: Int, name: String, plan: LogicalPlan) {
        self.id = id
        self.name = name
        self.plan = plan
    }
}

extension [SharedSubplan] {
    /// Each after those that it reads: rows that a subquery reads of the query around are known after the subquery.
    var inOrderOfReading: [SharedSubplan] {
        let places = Dictionary(enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        var ordered: [SharedSubplan] = []
        var known: Set<Int> = []
        func add(_ subplan: SharedSubplan) {
            guard known.insert(subplan.id).inserted else { return }
            var reads: [Int: Int] = [:]
            subplan.plan.countReads(into: &reads)
            for id in reads.keys.sorted() { if let place = places[id] { add(self[place]) } }
            ordered.append(subplan)
        }
        forEach(add)
        return ordered
    }
}

/// Shared subplans and the plan that reads them. So the plan is a tree that every rule walks once, though what it stands
/// for is a graph. Outputs: the input's.
package struct LogicalWith: Sendable {
    /// One may read those before it.
    package var subplans: [SharedSubplan]
    package var input: LogicalPlan

    package init(subplans: [SharedSubplan], input: LogicalPlan) {
        self.subplans = subplans
        self.input = input
    }
}

/// The rows of a shared subplan, under columns of this reader's own.
package struct LogicalSharedScan: Sendable {
    package struct Column: Hashable, Sendable {
        package var output: OutputColumn
        /// The subplan's column.
        package var source: ColumnID

        package init(output: OutputColumn, source: ColumnID) {
            self.output = output
            self.source = source
        }
    }

    package var subplan: Int
    package var name: String
    package var columns: [Column]

    package init(subplan: Int, name: String, columns: [Column]) {
        self.subplan = subplan
        self.name = name
        self.columns = columns
    }
}

/// Several plans that run together, each into a target of its own: the branches of a multi-insert. Stands at the top of
/// a statement's plan, below its shared subplans.
package struct LogicalBranches: Sendable {
    package var inputs: [LogicalPlan]

    package init(inputs: [LogicalPlan]) { self.inputs = inputs }
}

extension LogicalPlan {
    /// The plan below its shared subplans replaced; the subplans stay around it.
    package func replacingBody(_ transform: (LogicalPlan) throws -> LogicalPlan) rethrows -> LogicalPlan {
        guard case .with(var node) = self else { return try transform(self) }
        node.input = try transform(node.input)
        return .with(node)
    }

    /// Whether running it again gives the same rows, apart from their order.
    package var isDeterministic: Bool {
        var result = true
        forEachNode { node in
            if !node.expressions.allSatisfy(\.isDeterministic) { result = false }
            // Nobody knows what a program does.
            if case .transform = node { result = false }
        }
        return result
    }

    /// How often the plan reads each shared subplan, in its own nodes; what steps of recursive queries read, they read often.
    func countReads(into counts: inout [Int: Int]) {
        forEachNode { node in
            switch node {
            case .sharedScan(let scan): counts[scan.subplan, default: 0] += 1
            case .recursion(let recursion):
                recursion.step.forEachNode { inner in
                    if case .sharedScan(let scan) = inner { counts[scan.subplan, default: 0] += 1 }
                }
            default: break
            }
        }
    }

    /// `plan` with the given subplans around it, those that one place reads put there.
    package static func reading(_ subplans: [SharedSubplan], in plan: LogicalPlan) -> LogicalPlan {
        guard !subplans.isEmpty else { return plan }
        var counts: [Int: Int] = [:]
        plan.countReads(into: &counts)
        for subplan in subplans.reversed() where counts[subplan.id, default: 0] > 0 {
            subplan.plan.countReads(into: &counts)
        }
        var kept: [SharedSubplan] = []
        var single: [Int: LogicalPlan] = [:]
        for var subplan in subplans {
            let count = counts[subplan.id, default: 0]
            guard count > 0 else { continue }
            subplan.plan = subplan.plan.inlining(single)
            if count == 1 { single[subplan.id] = subplan.plan } else { kept.append(subplan) }
        }
        let body = plan.inlining(single)
        return kept.isEmpty ? body : .with(LogicalWith(subplans: kept, input: body))
    }

    /// Puts plans in place of the scans that read them. A plan may stand in one place only: its columns keep their
    /// identities.
    private func inlining(_ plans: [Int: LogicalPlan]) -> LogicalPlan {
        guard !plans.isEmpty else { return self }
        return transformedUp { node in
            guard case .sharedScan(let scan) = node, let plan = plans[scan.subplan] else { return node }
            return scan.standingFor(plan)
        }
    }

    /// The same plan with identities of its own for all columns that it makes.
    func withFreshColumns(_ make: (OutputColumn) -> OutputColumn) -> LogicalPlan {
        var fresh: [ColumnID: OutputColumn] = [:]
        forEachNode { node in
            for output in node.outputs where fresh[output.id] == nil { fresh[output.id] = make(output) }
        }
        let columns = fresh.mapValues { BoundExpression.column($0) }
        func named(_ output: OutputColumn) -> OutputColumn {
            var result = output
            result.id = fresh[output.id]?.id ?? output.id
            return result
        }
        return transformedUp { $0.replacingExpressions { $0.substituting(columns) }.renamingOutputs(named) }
    }

    /// The node with other identities for the columns that it makes itself.
    private func renamingOutputs(_ named: (OutputColumn) -> OutputColumn) -> LogicalPlan {
        func renamed(_ list: [NamedExpression]) -> [NamedExpression] {
            list.map { NamedExpression(output: named($0.output), expression: $0.expression) }
        }
        switch self {
        case .scan(var node):
            for index in node.columns.indices { node.columns[index].output = named(node.columns[index].output) }
            for index in node.summaries.indices { node.summaries[index].output = named(node.summaries[index].output) }
            return .scan(node)
        case .values(var node):
            node.outputs = node.outputs.map(named)
            return .values(node)
        case .project(var node):
            node.expressions = renamed(node.expressions)
            return .project(node)
        case .aggregate(var node):
            node.groups = renamed(node.groups)
            node.groupingID = node.groupingID.map(named)
            for index in node.aggregates.indices { node.aggregates[index].output = named(node.aggregates[index].output) }
            return .aggregate(node)
        case .join(var node):
            node.mark = node.mark.map(named)
            return .join(node)
        case .window(var node):
            for index in node.functions.indices { node.functions[index].output = named(node.functions[index].output) }
            return .window(node)
        case .union(var node):
            node.outputs = node.outputs.map(named)
            return .union(node)
        case .lateralView(var node):
            node.generated = node.generated.map(named)
            return .lateralView(node)
        case .transform(var node):
            node.outputs = node.outputs.map(named)
            return .transform(node)
        case .sharedScan(var node):
            for index in node.columns.indices { node.columns[index].output = named(node.columns[index].output) }
            return .sharedScan(node)
        case .recursion(var node):
            let fresh = Dictionary(node.outputs.map { ($0.id, named($0).id) }, uniquingKeysWith: { first, _ in first })
            node.outputs = node.outputs.map(named)
            let rows = node.rows
            // What reads the rows of the step before names these columns.
            node.step = node.step.transformedUp { inner in
                guard case .sharedScan(var scan) = inner, scan.subplan == rows else { return inner }
                for index in scan.columns.indices {
                    scan.columns[index].source = fresh[scan.columns[index].source] ?? scan.columns[index].source
                }
                return .sharedScan(scan)
            }
            return .recursion(node)
        case .filter, .asofJoin, .sort, .limit, .with, .branches: return self
        }
    }
}

extension LogicalSharedScan {
    /// `plan`, which is the subplan, with the columns that this scan gives.
    func standingFor(_ plan: LogicalPlan) -> LogicalPlan {
        if plan.outputs == columns.map(\.output), columns.allSatisfy({ $0.output.id == $0.source }) { return plan }
        return .project(
            LogicalProject(
                input: plan,
                expressions: columns.map { column in
                    NamedExpression(
                        output: column.output,
                        expression: BoundExpression(.column(column.source), type: column.output.type))
                }))
    }
}
