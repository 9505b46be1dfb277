import Catalog
import Columnar
import Execution
import Expressions
import FeatureTables
import HiveSyntax
import Planner
import Platform

extension StatementRunner {
    /// `SUMMARIZE t`, `SUMMARIZE SELECT …`: a row a column. The names are DuckDB's where DuckDB has the same; what is
    /// behind them is this program's own.
    func runSummarize(_ statement: SummarizeStatement) throws -> StatementResult {
        if let request = running.profiling {
            let profile = try profile(statement, request.options)
            request.profile.withLock { $0 = profile }
            return none
        }
        let profile = try profile(statement, ProfileOptions(topCount: 1, correlates: false))
        return StatementResult(output: .rows(Self.summary(profile)))
    }

    /// Runs the query that a statement looks at, and looks at its rows.
    func profile(_ statement: SummarizeStatement, _ options: ProfileOptions) throws -> Profile {
        let query = try self.query(of: statement)
        let locked = try bound { binder in try binder.bindShownQuery(query) }
        let columns = locked.bound.columns
        let plan: ProfilePlan
        do { plan = try ProfilePlan(columns, options) } catch { throw HiveError.semantic("\(error)") }
        var logical = locked.bound.plan
        let unread = plan.unread(of: columns.count)
        if !unread.isEmpty { logical = logical.replacingBody { $0.leavingAside(unread, locked.binder) } }
        let prepared = try makeExecutor().prepare(try optimize(logical, locked.binder))
        if prepared.holdsItsFiles { locked.locks.release() } else { session.activity.keep(locked.locks, for: running) }
        let consumer = ProfileConsumer(plan)
        try prepared.run(into: consumer)
        return consumer.profile(in: evaluationContext.zone)
    }

    /// The query that a statement looks at.
    func query(of statement: SummarizeStatement) throws -> Query {
        switch statement {
        case .query(let query): return query
        case .table(let name, let elements):
            let star = SelectItem(expression: Expression(.star(nil), range: name.range))
            var select = SelectCore(items: [star], range: name.range)
            select.from = TableReference(.table(TableSource(name: name)), range: name.range)
            if !elements.isEmpty {
                let table = try tableAtPosition(name)
                // Names that are no partition columns are refused, though a condition could use them.
                _ = try partitionSpec(elements.map { PartitionElement(column: $0.column) }, of: table)
                let conditions = elements.compactMap { element in
                    element.value.map { value in
                        Expression(
                            .binary(element.comparison, Expression(.column(element.column), range: element.column.range), value),
                            range: value.range)
                    }
                }
                select.filter = conditions.count == 1 ? conditions[0] : conditions.isEmpty ? nil : Expression(.and(conditions))
            }
            return Query(body: .select(select), range: name.range)
        }
    }

    private static func summary(_ profile: Profile) -> QueryResult {
        let schema: [SchemaColumn] = [
            SchemaColumn(name: "column_name", type: .string), SchemaColumn(name: "column_type", type: .string),
            SchemaColumn(name: "min", type: .string), SchemaColumn(name: "max", type: .string),
            SchemaColumn(name: "approx_unique", type: .bigint), SchemaColumn(name: "avg", type: .string),
            SchemaColumn(name: "std", type: .string), SchemaColumn(name: "q25", type: .string),
            SchemaColumn(name: "q50", type: .string), SchemaColumn(name: "q75", type: .string),
            SchemaColumn(name: "count", type: .bigint), SchemaColumn(name: "null_percentage", type: .decimal(precision: 9, scale: 2)),
            SchemaColumn(name: "nulls", type: .bigint), SchemaColumn(name: "top", type: .string),
            SchemaColumn(name: "freq", type: .bigint),
        ]
        let builders = schema.map { ColumnBuilder($0.type, capacity: profile.columns.count) }
        for column in profile.columns {
            func quantile(_ fraction: Double) -> String? { column.quantiles.first { $0.fraction == fraction }?.value }
            let texts: [String?] = [
                column.name, "\(column.type)", column.minimum, column.maximum, nil, column.numbers?.meanText,
                column.numbers?.deviation.map(number), quantile(0.25), quantile(0.5), quantile(0.75), nil, nil, nil,
                column.top.first?.value, nil,
            ]
            let counts: [Int: Int?] = [
                4: column.distinct?.count, 10: column.rowCount, 12: column.nullCount, 14: column.top.first?.count,
            ]
            for (position, builder) in builders.enumerated() {
                if let count = counts[position] {
                    if let count { builder.append(Int64(count)) } else { builder.appendNull() }
                } else if position == 11 {
                    if let share = column.nullShare {
                        builder.append(Int128((share * 10_000).rounded()))
                    } else {
                        builder.appendNull()
                    }
                } else if let text = texts[position] {
                    builder.append(text)
                } else {
                    builder.appendNull()
                }
            }
        }
        let batch = Batch(columns: builders.map { $0.finish() }, capacity: profile.columns.count)
        return QueryResult(schema: schema, batches: profile.columns.isEmpty ? [] : [batch])
    }

    /// As SQL prints a DOUBLE.
    private static func number(_ value: Double) -> String {
        let buffer = ByteBuffer(capacity: 32)
        NumberFormatter.append(value, to: buffer)
        return buffer.string
    }
}
