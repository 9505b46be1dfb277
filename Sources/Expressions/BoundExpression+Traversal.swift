import Columnar

extension BoundExpression {
    /// The operands, in order of evaluation.
    package var children: [BoundExpression] {
        switch kind {
        case .column, .literal: []
        case .call(let call): call.arguments
        case .comparison(_, let left, let right): [left, right]
        case .cast(let operand), .not(let operand), .isNull(let operand), .isNotNull(let operand): [operand]
        case .and(let operands), .or(let operands), .coalesce(let operands): operands
        case .conditional(let branches, let otherwise):
            branches.flatMap { [$0.condition, $0.value] } + (otherwise.map { [$0] } ?? [])
        case .inList(let operand, let list): [operand] + list
        case .field(let operand, _): [operand]
        case .letting(_, let value, let body): [value, body]
        }
    }

    /// The same expression over other operands, which must be as many as `children`.
    package func replacingChildren(_ transform: (BoundExpression) throws -> BoundExpression) rethrows -> BoundExpression {
        var result = self
        switch kind {
        case .column, .literal: return self
        case .call(var call):
            call.arguments = try call.arguments.map(transform)
            result.kind = .call(call)
        case .comparison(let operation, let left, let right):
            result.kind = .comparison(operation, try transform(left), try transform(right))
        case .cast(let operand): result.kind = .cast(try transform(operand))
        case .not(let operand): result.kind = .not(try transform(operand))
        case .isNull(let operand): result.kind = .isNull(try transform(operand))
        case .isNotNull(let operand): result.kind = .isNotNull(try transform(operand))
        case .and(let operands): result.kind = .and(try operands.map(transform))
        case .or(let operands): result.kind = .or(try operands.map(transform))
        case .coalesce(let operands): result.kind = .coalesce(try operands.map(transform))
        case .conditional(let branches, let otherwise):
            let mapped = try branches.map {
                ConditionalBranch(condition: try transform($0.condition), value: try transform($0.value))
            }
            result.kind = .conditional(mapped, otherwise: try otherwise.map(transform))
        case .inList(let operand, let list): result.kind = .inList(try transform(operand), try list.map(transform))
        case .field(let operand, let index): result.kind = .field(try transform(operand), index: index)
        case .letting(let id, let value, let body):
            result.kind = .letting(id, value: try transform(value), in: try transform(body))
        }
        return result
    }

    /// Calls `body` with this expression and everything in it.
    package func forEachNode(_ body: (BoundExpression) -> Void) {
        body(self)
        for child in children { child.forEachNode(body) }
    }

    /// The columns it reads; those that stand for a value inside it are none of them.
    package var columnIDs: Set<ColumnID> {
        var result: Set<ColumnID> = []
        var own: Set<ColumnID> = []
        forEachNode {
            switch $0.kind {
            case .column(let id): result.insert(id)
            case .letting(let id, _, _): own.insert(id)
            default: break
            }
        }
        return own.isEmpty ? result : result.subtracting(own)
    }

    /// False when two evaluations may differ.
    package var isDeterministic: Bool {
        var result = true
        forEachNode { if case .call(let call) = $0.kind, !call.isDeterministic { result = false } }
        return result
    }

    package var isLiteral: Bool {
        if case .literal = kind { return true }
        return false
    }

    /// Depends on no column and is deterministic: one value for the whole query.
    package var isConstant: Bool {
        var result = true
        forEachNode {
            switch $0.kind {
            case .column: result = false
            case .call(let call) where !call.isDeterministic: result = false
            default: break
            }
        }
        return result
    }

    /// `isConstant`, without a look into what is known already.
    package var isConstantSoFarAsKnown: Bool {
        if let knownValue { return knownValue.value != nil }
        switch kind {
        case .column: return false
        case .call(let call) where !call.isDeterministic: return false
        default: return children.allSatisfy(\.isConstantSoFarAsKnown)
        }
    }

    /// Operands whose values are known replaced by them.
    package var withKnownValues: BoundExpression {
        if let value = knownValue?.value { return BoundExpression(.literal(value), type: type, range: range) }
        return replacingChildren(\.withKnownValues)
    }

    /// The operands of a conjunction, nested ones flattened.
    package var conjuncts: [BoundExpression] {
        if case .and(let operands) = kind { return operands.flatMap(\.conjuncts) }
        return [self]
    }

    /// TRUE for no operands.
    package static func conjunction(_ operands: [BoundExpression]) -> BoundExpression {
        switch operands.count {
        case 0: BoundExpression(.literal(.integer(1)), type: .boolean)
        case 1: operands[0]
        default: BoundExpression(.and(operands), type: .boolean)
        }
    }

    package static func disjunction(_ operands: [BoundExpression]) -> BoundExpression {
        switch operands.count {
        case 0: BoundExpression(.literal(.integer(0)), type: .boolean)
        case 1: operands[0]
        default: BoundExpression(.or(operands), type: .boolean)
        }
    }

    package static func column(_ output: OutputColumn) -> BoundExpression {
        BoundExpression(.column(output.id), type: output.type)
    }

    package static func null(_ type: SQLType) -> BoundExpression { BoundExpression(.literal(.null), type: type) }

    package static func integer(_ value: Int64, type: SQLType = .int) -> BoundExpression {
        BoundExpression(.literal(.integer(value)), type: type)
    }

    /// Replaces whole subtrees: where `replacement` gives an expression it stands for the subtree.
    package func rewritten(_ replacement: (BoundExpression) throws -> BoundExpression?) rethrows -> BoundExpression {
        if let replaced = try replacement(self) { return replaced }
        return try replacingChildren { try $0.rewritten(replacement) }
    }

    /// Replaces columns by expressions.
    package func substituting(_ columns: [ColumnID: BoundExpression]) -> BoundExpression {
        rewritten { node in
            guard case .column(let id) = node.kind, var replacement = columns[id] else { return nil }
            replacement.range = node.range ?? replacement.range
            return replacement
        }
    }
}
