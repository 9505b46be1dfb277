import Columnar
import Planner
import Platform

/// UNION ALL under a LIMIT whose inputs read one table: a row of each input in turn, as long as it has some. Hive hands each row of
/// the table to all inputs before it reads the next one.
package final class TurnsOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    /// - Precondition: the inputs give few rows: all of them are held.
    init(_ node: LogicalUnion, inputs: [PhysicalOperator]) throws {
        guard inputs.allSatisfy({ $0.outputs.map(\.type) == node.outputs.map(\.type) }) else {
            throw ExecutionError.invalidPlan("inputs of UNION differ in their types")
        }
        super.init(outputs: node.outputs, inputs: inputs)
    }

    override func produce(_ query: QueryExecution, into target: StageSet) throws {
        let types = outputs.map(\.type)
        let held = try inputs.map { input in
            let rows = SubplanRows(types, for: "LIMIT", mustKeep: true, query)
            try input.run(query, into: StageSet { _ in rows.makeStage() })
            try rows.finish()
            return rows
        }
        // The rows are there twice while they are handed out.
        let copies = try MemoryReservation(query.memory, for: "LIMIT", bytes: held.reduce(0) { $0 + $1.byteCount })
        defer { withExtendedLifetime(copies) {} }
        let columns = try Self.inTurn(held.map(\.pieces), types, check: query.check)
        let count = held.reduce(0) { $0 + $1.pieces.reduce(0) { $0 + $1.rows.count } }
        try query.drive(count > 0 ? 1 : 0, of: self, into: target) { _ in
            { _, sequence, stage in
                var begin = 0
                var position = 0
                while begin < count {
                    try query.check()
                    let end = min(begin + query.batchSize, count)
                    let flow = try stage.push(
                        Batch(
                            columns: columns.map { $0.slice(begin..<end) }, capacity: end - begin,
                            sequence: BatchSequence(morsel: sequence, position: position)))
                    if flow != .more { return flow }
                    position += 1
                    begin = end
                }
                return .more
            }
        }
    }

    private static func inTurn(
        _ inputs: [[SubplanRows.Piece]], _ types: [SQLType], check: () throws -> Void
    ) throws -> [Column] {
        let builders = types.map { ColumnBuilder($0) }
        var places = inputs.map { pieces in pieces.flatMap { piece in piece.rows.map { (piece.columns, $0) } }[...] }
        while places.contains(where: { !$0.isEmpty }) {
            try check()
            for input in places.indices {
                guard let (columns, row) = places[input].popFirst() else { continue }
                for (builder, column) in zip(builders, columns) { builder.append(column, row: row) }
            }
        }
        return builders.map { $0.finish() }
    }
}
