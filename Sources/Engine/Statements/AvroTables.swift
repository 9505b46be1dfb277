import Catalog
import Columnar
import Expressions
import Planner
import TableFormats

extension StatementRunner {
    /// A table of Avro has the columns of its schema, whatever it was declared with: those of `avro.schema.literal` or
    /// `avro.schema.url`, else its own as Avro keeps them (a TINYINT is an INT there).
    func adoptAvroColumns(_ table: inout Table) throws {
        guard table.storage.format == .avro else { return }
        let properties = table.storage.serdeProperties.merging(table.properties) { own, _ in own }
        do {
            let columns: [SchemaColumn]
            if let own = try AvroTableSchema.own({ properties[$0] }) {
                columns = try own.schema.columns()
            } else {
                let text = try AvroSchema.text(of: table.columns, name: table.name, namespace: table.database)
                columns = try AvroSchema(Array(text.utf8)).columns()
            }
            let partitionNames = Set(table.partitionColumns.map(\.name))
            table.columns = columns.filter { !partitionNames.contains($0.name) }.map {
                SchemaColumn(name: $0.name, type: $0.type, comment: $0.comment ?? "")
            }
        } catch let error as AvroSchemaError {
            throw HiveError.task("\(error)")
        } catch let error as TableFormatError { throw HiveError.task("\(error)") }
    }

    /// The same for a table whose rows are a query's: `plan` with its columns as the table then has them.
    func adoptAvroColumns(_ table: inout Table, of plan: LogicalPlan, _ binder: Binder) throws -> LogicalPlan {
        let own = table.columns
        try adoptAvroColumns(&table)
        guard table.columns.count == own.count else {
            throw HiveError.semantic("The Avro schema has \(table.columns.count) columns, the query has \(own.count)", code: 10044)
        }
        for (index, column) in own.enumerated() where !Cast.isAllowed(column.type, table.columns[index].type) {
            table.columns[index].type = column.type
        }
        guard table.columns.map(\.type) != own.map(\.type) else { return plan }
        return .project(
            LogicalProject(
                input: plan,
                expressions: zip(plan.outputs, table.allColumns).map { output, column in
                    let value = BoundExpression.column(output)
                    guard output.type != column.type else { return NamedExpression(output: output, expression: value) }
                    return NamedExpression(
                        output: binder.makeColumn(column.name, column.type),
                        expression: BoundExpression(.cast(value), type: column.type))
                } + plan.outputs.dropFirst(table.allColumns.count).map { NamedExpression(output: $0, expression: .column($0)) }))
    }
}
