import Catalog
import HiveSyntax
import Planner

extension StatementRunner {
    /// `TRUNCATE TABLE t [PARTITION (…)] COLUMNS (a, b)`: the columns become NULL in all rows of a table or partition of RCFiles,
    /// which is written anew as INSERT OVERWRITE does it.
    func truncateColumns(_ statement: TruncateStatement) throws -> StatementResult {
        let found = try table(statement.table)
        return try locked(exclusive(found)) {
            let table = try table(statement.table)
            try checkTruncation(statement, of: table)
            guard !table.isPartitioned || !statement.partition.isEmpty else {
                throw HiveError.semantic("table is partitioned but partition spec is not specified")
            }
            let rows =
                statement.partition.isEmpty
                ? Partition(values: [], storage: table.storage) : try partition(statement.partition, of: table)
            guard rows.storage.format == .rcfile else {
                throw HiveError.semantic("Only RCFileFormat supports column truncation.")
            }
            try checkRewriting(of: rows, table)
            for column in statement.columns {
                guard table.columns.contains(where: { $0.name == column.name }) else {
                    throw HiveError.semantic("Invalid column reference \(column.name)")
                }
                guard !rows.storage.isBucketed || !rows.storage.bucketColumns.contains(column.name) else {
                    throw HiveError.semantic("A column on which a partition/table is bucketed cannot be truncated. \(column.name)")
                }
            }
            let nulls = statement.columns.map { Assignment(column: $0, value: Expression(.literal(.null), range: $0.range)) }
            let change = RowChange(
                target: statement.table, actions: [RowChange.Action(condition: nil, effect: .update(nulls))])
            let transaction = self.transaction("TRUNCATE TABLE \(table.qualifiedName) COLUMNS", [table])
            let write = try rewrite([rows], of: table, by: change, in: transaction)
            var totals = WriteTotals()
            let metadata = try write.finish(&totals) { _, _, _ in }
            try transaction.commit(metadata)
            return none
        }
    }
}
