import Catalog
import Columnar
import Expressions
import Functions

/// Leaves out partitions whose key values contradict the scan's conditions, so that their files are never opened.
struct PartitionPruning: OptimizerRule {
    static let name = "partition_pruning"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        let evaluator = ConstantEvaluator(context: context.evaluation)
        return try plan.transformedUp { node in
            guard case .scan(var scan) = node, scan.table.isPartitioned else { return node }
            let dataColumns = scan.table.columns.count
            let keys = scan.columns.filter { $0.ordinal >= dataColumns }
            let keyIDs = Set(keys.map(\.output.id))
            let conditions = scan.filters.filter {
                !$0.columnIDs.isEmpty && $0.columnIDs.isSubset(of: keyIDs) && $0.isDeterministic
            }
            guard !conditions.isEmpty else { return node }
            var undecided: Set<BoundExpression> = []
            scan.partitions = try scan.partitions.filter { partition in
                let values = try keys.reduce(into: [ColumnID: BoundExpression]()) { values, key in
                    let text = partition.values[key.ordinal - dataColumns]
                    values[key.output.id] = try PartitionValue.literal(
                        text, type: key.output.type, evaluator: evaluator)
                }
                return conditions.allSatisfy { condition in
                    // A condition that cannot be decided here is left to the scan.
                    guard let value = try? evaluator.evaluate(condition.substituting(values)) else {
                        undecided.insert(condition)
                        return true
                    }
                    return value == .integer(1)
                }
            }
            scan.filters.removeAll { conditions.contains($0) && !undecided.contains($0) }
            return .scan(scan)
        }
    }
}

/// Values of partition columns, which the metastore keeps as text.
package enum PartitionValue {
    /// Whether the folder name's value reads as NULL: that of the default partition does, except for text columns,
    /// which read the name itself, as in Hive. A folder of an integer column may be named by any text that a query gave;
    /// what is not written as an integer reads as NULL, also what a cast would cut to one.
    package static func isNull(_ text: String, type: SQLType) -> Bool {
        if text == PartitionName.defaultValue { return !type.isCharacter }
        switch type {
        case .tinyint, .smallint, .int: return Int32(text) == nil
        case .bigint: return Int64(text) == nil
        default: return false
        }
    }

    /// The value as a constant of the column's type.
    package static func literal(
        _ text: String, type: SQLType, evaluator: ConstantEvaluator
    ) throws -> BoundExpression {
        if isNull(text, type: type) { return .null(type) }
        let string = BoundExpression(.literal(.bytes(Array(text.utf8))), type: .string)
        if type == .string { return string }
        let value = try evaluator.evaluate(BoundExpression(.cast(string), type: type))
        return BoundExpression(.literal(value), type: type)
    }
}
