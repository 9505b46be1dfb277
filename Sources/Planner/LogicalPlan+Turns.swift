/// Which rows a LIMIT without an order takes of a UNION ALL. SQL leaves it open; Hive reads a table once for all branches that
/// read it and hands each row to all of them, so some rows of each branch come out, not those of the first one alone.
extension LogicalPlan {
    /// Rows up to which branches take turns: what all of them give is held.
    private static let mostRowsInTurn = 10_000

    /// The plan with its first `rows` rows at least; those of a union of branches over one table are of each branch in turn.
    func takingTurns(firstRows rows: Int) -> LogicalPlan {
        guard rows <= Self.mostRowsInTurn else { return self }
        switch self {
        case .project(var node):
            node.input = node.input.takingTurns(firstRows: rows)
            return .project(node)
        case .union(var node):
            let tables = node.inputs.map(\.streamedTable)
            guard let first = tables[0], tables.allSatisfy({ $0 == first }) else { return self }
            node.takesTurns = true
            node.inputs = node.inputs.map { .limit(LogicalLimit(input: $0, count: rows)) }
            return .union(node)
        default: return self
        }
    }

    /// Database and name of the table all of whose rows stream through projections alone: with a condition in between the branches
    /// have their rows at different places of the table.
    private var streamedTable: [String]? {
        switch self {
        case .scan(let node): node.filters.isEmpty && node.sample == nil ? [node.table.database, node.table.name] : nil
        case .project(let node): node.input.streamedTable
        default: nil
        }
    }
}
