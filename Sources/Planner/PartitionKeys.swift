import Catalog
import Columnar
import Expressions
import Functions

/// The values of partition columns, which the metastore keeps as text, as columns: a row a partition.
package struct PartitionKeys {
    private let outputs: [OutputColumn]
    private let columns: [Column]
    private let count: Int
    private let context: EvaluationContext

    /// - Parameter keys: the columns that are wanted, each with its place among the table's partition columns. A
    ///   partition that has no value there has NULL.
    package init(
        _ partitions: [Partition], keys: [(output: OutputColumn, index: Int)], context: EvaluationContext
    ) throws {
        outputs = keys.map(\.output)
        count = partitions.count
        self.context = context
        columns = try keys.map { key in
            let type = key.output.type
            let texts = ColumnBuilder(.string, capacity: partitions.count)
            for partition in partitions {
                guard key.index < partition.values.count, !Self.isNull(partition.values[key.index], type: type, named: context.nullPartition)
                else {
                    texts.appendNull()
                    continue
                }
                texts.append(partition.values[key.index])
            }
            return try Cast.apply(
                texts.finish(), to: type, rows: .all(partitions.count), count: partitions.count,
                context: context.castContext)
        }
    }

    /// Whether the folder name's value reads as NULL: that of the default partition does, except for text columns,
    /// which read the name itself, as in Hive. A folder of an integer column may be named by any text that a query gave;
    /// what is not written as an integer reads as NULL, also what a cast would cut to one.
    /// - Parameter name: what names the partitions of NULL besides Hive's own name.
    private static func isNull(_ text: String, type: SQLType, named name: String?) -> Bool {
        if text == PartitionName.defaultValue || text == name { return !type.isCharacter }
        switch type {
        case .tinyint, .smallint, .int: return Int32(text) == nil
        case .bigint: return Int64(text) == nil
        default: return false
        }
    }

    /// The values of one partition, each as a constant of one row, in the order of the keys.
    package func constants(of partition: Int) -> [Column] {
        columns.map { LiteralValue($0, row: partition).column(type: $0.type, count: 1) }
    }

    /// The partitions that meet all conditions, which read the keys alone: all partitions are one batch.
    package func partitions(meeting conditions: [BoundExpression]) throws -> [Int] {
        guard !conditions.isEmpty else { return Array(0..<count) }
        let evaluator = ExpressionEvaluator(try ExpressionProgram(conditions, input: outputs), context: context)
        evaluator.begin(Batch(columns: columns, capacity: count))
        return indices(try evaluator.conjunction())
    }

    /// The same, leaving undecided the conditions whose evaluation fails.
    package func partitions(
        meeting conditions: [BoundExpression], undecided: inout Set<BoundExpression>
    ) throws -> [Int] {
        let evaluator = ExpressionEvaluator(try ExpressionProgram(conditions, input: outputs), context: context)
        var batch = Batch(columns: columns, capacity: count)
        for (root, condition) in conditions.enumerated() {
            evaluator.begin(batch)
            if let kept = try? evaluator.selection(root) { batch.rows = kept } else { undecided.insert(condition) }
        }
        return indices(batch.rows)
    }

    private func indices(_ rows: RowSelection) -> [Int] {
        var result: [Int] = []
        rows.forEach { result.append($0) }
        return result
    }
}
