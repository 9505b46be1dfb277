import Columnar
import Expressions
import Functions

/// Takes counts and extremes over whole files from what the files say of themselves. An aggregate over a scan that is
/// narrowed and grouped by partition columns alone becomes one over the summaries of its files' parts; what files do not
/// say is found by reading them.
struct FileSummaries: OptimizerRule {
    static let name = "file_summaries"

    func apply(_ plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan {
        try plan.transformedUp { node in
            try context.checkCancellation()
            guard case .aggregate(let aggregate) = node else { return node }
            return try summarized(aggregate, context) ?? node
        }
    }

    private func summarized(_ node: LogicalAggregate, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .scan(let scan) = node.input, scan.sample == nil, scan.summaries.isEmpty else { return nil }
        var builder = SummaryBuilder(scan, context.binder)
        guard scan.filters.allSatisfy(builder.isOfPartition), node.groups.allSatisfy({ builder.isOfPartition($0.expression) })
        else { return nil }
        let rows = try builder.rowCount()
        var merged = node
        merged.aggregates = []
        var results: [NamedExpression] = (node.groups.map(\.output) + (node.groupingID.map { [$0] } ?? [])).map {
            NamedExpression(output: $0, expression: .column($0))
        }
        for aggregate in node.aggregates {
            guard let (call, isCount) = try builder.merging(aggregate.call, rows: rows) else { return nil }
            let output = context.binder.makeColumn(aggregate.output.name, aggregate.output.type)
            merged.aggregates.append(NamedAggregate(output: output, call: call))
            // The sum of no counts is NULL.
            let value = BoundExpression.column(output)
            let result = isCount
                ? BoundExpression(.coalesce([value, .integer(0, type: output.type)]), type: output.type) : value
            results.append(NamedExpression(output: aggregate.output, expression: result))
        }
        guard context.metadata.hasFileSummaries(scan.table, partitions: scan.partitions) else { return nil }
        merged.input = .scan(builder.scan)
        return .project(LogicalProject(input: .aggregate(merged), expressions: results))
    }
}

/// Gathers what a scan has to say of the parts of its files.
private struct SummaryBuilder {
    private(set) var scan: LogicalScan
    private let binder: Binder
    private let partitionColumns: Set<ColumnID>
    private let fileColumns: Set<ColumnID>

    init(_ scan: LogicalScan, _ binder: Binder) {
        self.scan = scan
        self.binder = binder
        let width = scan.table.columns.count
        partitionColumns = Set(scan.columns.filter { $0.ordinal >= width }.map(\.output.id))
        fileColumns = Set(scan.columns.filter { (0..<width).contains($0.ordinal) }.map(\.output.id))
    }

    /// Whether all rows of a file have the same value.
    func isOfPartition(_ expression: BoundExpression) -> Bool {
        expression.isDeterministic && expression.columnIDs.isSubset(of: partitionColumns)
    }

    /// Tells also which parts have rows at all.
    mutating func rowCount() throws -> OutputColumn {
        add(try binder.aggregate(.count, [], at: nil), name: "rows")
    }

    /// The aggregate of summaries that is `call` of the rows, and whether it is a sum of counts; nil: there is none.
    mutating func merging(_ call: AggregateCall, rows: OutputColumn) throws -> (call: AggregateCall, isCount: Bool)? {
        guard !call.isDistinct, call.filter == nil else { return nil }
        switch call.function.traits.slidingForm {
        case .count:
            guard let argument = call.arguments.first else { return (try sum(.column(rows)), true) }
            guard call.arguments.count == 1 else { return nil }
            if argument.isLiteral, argument.kind != .literal(.null) { return (try sum(.column(rows)), true) }
            if isOfPartition(call.arguments[0]) {
                let test = BoundExpression(.isNotNull(call.arguments[0]), type: .boolean)
                let branch = ConditionalBranch(condition: test, value: .column(rows))
                let counted = BoundExpression(
                    .conditional([branch], otherwise: .integer(0, type: .bigint)), type: .bigint)
                return (try sum(counted), true)
            }
            guard isFileColumn(call.arguments[0]) else { return nil }
            return (try sum(.column(add(call, name: "values"))), true)
        case .least, .greatest:
            guard call.arguments.count == 1 else { return nil }
            if isOfPartition(call.arguments[0]) { return (call, false) }
            guard isFileColumn(call.arguments[0]), call.arguments[0].type.hasExactBounds else { return nil }
            var merged = call
            merged.arguments = [.column(add(call, name: call.name))]
            return (merged, false)
        case .sum, .average, nil: return nil
        }
    }

    private func isFileColumn(_ expression: BoundExpression) -> Bool {
        if case .column(let id) = expression.kind { return fileColumns.contains(id) }
        return false
    }

    private func sum(_ counts: BoundExpression) throws -> AggregateCall { try binder.aggregate(.sum, [counts], at: nil) }

    private mutating func add(_ call: AggregateCall, name: String) -> OutputColumn {
        if let known = scan.summaries.first(where: { $0.call == call }) { return known.output }
        let output = binder.makeColumn(name, call.resolved.resultType)
        scan.summaries.append(NamedAggregate(output: output, call: call))
        return output
    }
}

extension SQLType {
    /// Whether there are files whose bounds of columns of the type are values that occur: bounds of floating-point numbers
    /// leave NaN out, those of CHAR are ordered with their padding.
    fileprivate var hasExactBounds: Bool {
        switch self {
        case .float, .double, .char, .binary, .void: false
        default: !isComplex
        }
    }
}
