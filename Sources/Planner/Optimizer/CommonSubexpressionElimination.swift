import Expressions

/// Marks what stands more than once in the expressions of a node, so that its operator computes it once a batch.
/// Feature queries repeat themselves: the great-circle formula has the same sines and cosines many times over.
struct CommonSubexpressionElimination: OptimizerRule {
    static let name = "common_subexpression_elimination"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        try plan.transformedUp { node in
            try context.checkCancellation()
            var numbering = ExpressionNumbering()
            for expression in node.expressions { numbering.count(expression) }
            guard numbering.hasRepetition else { return node }
            return node.replacingExpressions { numbering.marked($0) }
        }
    }
}

/// Numbers expressions, equal ones alike, by the numbers of their operands: each is looked at once, however deep it is.
private struct ExpressionNumbering {
    private struct Numbered {
        var expression: BoundExpression
        var number: Int
        var isDeterministic: Bool
    }

    /// By expressions whose operands are columns that stand for their numbers.
    private var numbers: [BoundExpression: Int] = [:]
    /// By number: how often it stands somewhere, if it is worth sharing and always gives the same.
    private var uses: [Int] = []

    var hasRepetition: Bool { uses.contains { $0 > 1 } }

    /// Counts an expression and everything in it.
    mutating func count(_ expression: BoundExpression) { _ = numbered(expression, counts: true) }

    /// The expression with what stands more than once marked.
    mutating func marked(_ expression: BoundExpression) -> BoundExpression {
        numbered(expression, counts: false).expression
    }

    private mutating func numbered(_ expression: BoundExpression, counts: Bool) -> Numbered {
        var isDeterministic = true
        var isLeaf = true
        var operands: [BoundExpression] = []
        let key = expression.replacingChildren { child in
            let operand = numbered(child, counts: counts)
            isDeterministic = isDeterministic && operand.isDeterministic
            isLeaf = false
            operands.append(operand.expression)
            return BoundExpression(.column(ColumnID(-1 - operand.number)), type: child.type)
        }
        if case .call(let call) = expression.kind, !call.isDeterministic { isDeterministic = false }
        let number = numbers[key] ?? uses.count
        if number == uses.count {
            numbers[key] = number
            uses.append(0)
        }
        let isShareable = !isLeaf && isDeterministic
        if counts {
            if isShareable { uses[number] += 1 }
            return Numbered(expression: expression, number: number, isDeterministic: isDeterministic)
        }
        guard !isLeaf else { return Numbered(expression: expression, number: number, isDeterministic: true) }
        var next = operands.makeIterator()
        var result = expression.replacingChildren { next.next() ?? $0 }
        result.isShared = isShareable && uses[number] > 1
        return Numbered(expression: result, number: number, isDeterministic: isDeterministic)
    }
}
