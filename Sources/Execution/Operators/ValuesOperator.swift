import Columnar
import Expressions
import Planner

/// Rows written in the statement.
package final class ValuesOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let node: LogicalValues

    init(_ node: LogicalValues) throws {
        guard node.rows.allSatisfy({ $0.count == node.outputs.count }) else {
            throw ExecutionError.invalidPlan("rows of VALUES differ in length")
        }
        self.node = node
        super.init(outputs: node.outputs, inputs: [])
    }

    package override var details: [String] { ["rows: \(node.rows.count)"] }

    override func produce(_ query: QueryExecution, into target: StageSet) throws {
        let rows = node.rows
        let types = outputs.map(\.type)
        let size = query.batchSize
        let count = (rows.count + size - 1) / size
        // One morsel: the batches come in order, and evaluating constants is not worth a second worker.
        try query.drive(count > 0 ? 1 : 0, of: self, into: target) { _ in
            { _, sequence, stage in
                for position in 0..<count {
                    try query.check()
                    let slice = rows[position * size..<min((position + 1) * size, rows.count)]
                    let batch = Batch(
                        columns: try Self.columns(slice, types, query), capacity: slice.count,
                        sequence: BatchSequence(morsel: sequence, position: position))
                    let flow = try stage.push(batch)
                    if flow != .more { return flow }
                }
                return .more
            }
        }
    }

    private static func columns(
        _ rows: ArraySlice<[BoundExpression]>, _ types: [SQLType], _ query: QueryExecution
    ) throws -> [Column] {
        try types.indices.map { index in
            let type = types[index]
            let builder = ColumnBuilder(type, capacity: rows.count)
            for row in rows {
                let expression = row[index]
                if case .literal(let literal) = expression.kind, expression.type == type {
                    append(literal, type, to: builder)
                    continue
                }
                let program = try ExpressionProgram([expression], input: [])
                let evaluator = ExpressionEvaluator(program, context: query.context)
                evaluator.begin(Batch(columns: [], capacity: 1))
                var value = try evaluator.plainResult(0)
                if value.type != type {
                    value = try Cast.apply(
                        value, to: type, rows: .all(1), count: 1,
                        context: query.context.castContext)
                }
                builder.append(value, row: 0)
            }
            return builder.finish()
        }
    }

    private static func append(_ literal: LiteralValue, _ type: SQLType, to builder: ColumnBuilder) {
        switch (literal, type.physical) {
        case (.null, _): builder.appendNull()
        case (.bytes(let bytes), .string): bytes.withUnsafeBufferPointer { builder.append(bytes: $0) }
        case (.integer(let value), .int32): builder.append(Int32(truncatingIfNeeded: value))
        case (.integer(let value), .int64): builder.append(value)
        case (.floating(let value), .double): builder.append(value)
        case (.decimal(let value), .int128): builder.append(value)
        default: builder.append(literal.column(type: type, count: 1), row: 0)
        }
    }
}
