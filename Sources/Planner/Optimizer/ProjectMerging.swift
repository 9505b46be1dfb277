import Expressions

/// Puts expressions of a projection into the node above it, so that one operator sees whole expressions and shares
/// their common parts; drops projections that change nothing.
struct ProjectMerging: OptimizerRule {
    static let name = "project_merging"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        try plan.transformedUp { node in
            try context.checkCancellation()
            switch node {
            case .project(let outer):
                guard case .project(let inner) = outer.input else { break }
                let definitions = definitions(of: inner)
                guard canMerge(outer.expressions.map(\.expression), definitions) else { break }
                return .project(
                    LogicalProject(
                        input: inner.input,
                        expressions: outer.expressions.map {
                            NamedExpression(
                                output: $0.output, expression: $0.expression.substituting(definitions))
                        }))
            case .aggregate:
                guard case .project(let inner) = node.inputs[0] else { break }
                let definitions = definitions(of: inner)
                guard canMerge(node.expressions, definitions) else { break }
                return node.replacingExpressions { $0.substituting(definitions) }.replacingInputs { _ in inner.input }
            default: break
            }
            return node
        }
    }

    private func definitions(of project: LogicalProject) -> [ColumnID: BoundExpression] {
        Dictionary(project.expressions.map { ($0.output.id, $0.expression) }, uniquingKeysWith: { first, _ in first })
    }

    /// Random values must be drawn once; and substitution must not blow the expressions up.
    private func canMerge(_ expressions: [BoundExpression], _ definitions: [ColumnID: BoundExpression]) -> Bool {
        var size = 0
        var uses: [ColumnID: Int] = [:]
        for expression in expressions {
            expression.forEachNode { node in
                guard case .column(let id) = node.kind, let definition = definitions[id] else { return }
                uses[id, default: 0] += 1
                size += definition.nodeCount
            }
        }
        let isDeterministic = definitions.allSatisfy { $0.value.isDeterministic || uses[$0.key, default: 0] == 0 }
        return isDeterministic && size < 2_000
    }
}
