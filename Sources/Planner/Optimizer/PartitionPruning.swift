import Catalog
import Columnar
import Expressions
import Functions

/// Leaves out partitions whose key values contradict the scan's conditions, so that their files are never opened.
struct PartitionPruning: OptimizerRule {
    static let name = "partition_pruning"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        try plan.transformedUp { node in
            try context.checkCancellation()
            guard case .scan(var scan) = node, scan.table.isPartitioned else { return node }
            let dataColumns = scan.table.columns.count
            let keys = scan.columns.filter { $0.ordinal >= dataColumns }
            let keyIDs = Set(keys.map(\.output.id))
            let conditions = scan.filters.filter {
                !$0.columnIDs.isEmpty && $0.columnIDs.isSubset(of: keyIDs) && $0.isDeterministic
            }
            guard !conditions.isEmpty else { return node }
            let values = try PartitionKeys(
                scan.partitions, keys: keys.map { ($0.output, $0.ordinal - dataColumns) }, context: context.evaluation)
            // A condition that cannot be decided here is left to the scan.
            var undecided: Set<BoundExpression> = []
            scan.partitions = try values.partitions(meeting: conditions, undecided: &undecided)
                .map { scan.partitions[$0] }
            scan.filters.removeAll { conditions.contains($0) && !undecided.contains($0) }
            return .scan(scan)
        }
    }
}
