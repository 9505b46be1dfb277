import Columnar
import Expressions
import HiveSyntax
import Platform

extension Binder {
    /// `ML.PREDICT(MODEL m, TABLE t)` and the like.
    func bindModelFunction(_ function: ModelFunction, environment: QueryEnvironment) throws -> Source {
        expansion?.alias(function.alias)
        let model = try self.model(function.model)
        let input = try function.input.map { try bind(rows(of: $0), environment: environment) }
        let settings = try function.settings.map { setting in
            let (value, type) = try evaluateConstant(setting.value)
            return (name: setting.name.name, value: value, type: type)
        }
        let relation = try located(at: function.name.range) {
            var rows = input.map { ModelRows(relation: $0, columns: $0.columns) }
            if let given = input, let transform = try model.transform() {
                let isAll = function.name.name == "transform"
                let (relation, made) = try transformed(
                    transform, given, wanted: isAll ? nil : model.transformedColumns(for: function.name.name), at: function.name.range)
                if isAll, function.settings.isEmpty { return exact(Relation(plan: relation.plan, columns: made)) }
                rows = ModelRows(relation: relation, columns: made)
            }
            let found = try model.relation(
                of: function.name.name, settings: settings,
                columns: rows?.columns.map { SchemaColumn(name: $0.name, type: $0.type) })
            return try self.relation(found, over: rows)
        }
        return Source(plan: relation.plan, scope: [try scopeTable(function.alias?.name, relation.columns, renamed: [])])
    }

    /// - Throws: `PlanError` when there is no such model.
    func model(_ name: TableName) throws -> any PlannableModel {
        let database = name.database?.name ?? currentDatabase
        guard let models else { throw PlanError.unsupported("Functions of models", at: name.range) }
        guard let model = try located(at: name.range, { try models.model(database: database, name: name.name.name) }) else {
            throw PlanError(
                "Model not found '\(name.name.name)'", at: name.range,
                hint: NearestName.hint(for: name.name.name, among: try models.modelNames(database: database)))
        }
        noteRead(model.table)
        expansion?.table(name, database: database)
        return model
    }

    func rows(of input: ModelFunction.Input) -> Query {
        switch input {
        case .query(let query): return query
        case .table(let name):
            // The star is nowhere in the text: a view's text has nothing to be written out in its place.
            return Query(
                body: .select(
                    SelectCore(
                        items: [SelectItem(expression: Expression(.star(nil)))],
                        from: TableReference(.table(TableSource(name: name)), range: name.range))),
                range: name.range)
        }
    }

    /// The rows that a function of models is given, and those of their columns that it sees.
    private struct ModelRows {
        let relation: Relation
        let columns: [OutputColumn]
    }

    private func relation(_ found: ModelRelation, over rows: ModelRows?) throws -> Relation {
        switch found {
        case .rows(let schema, let rows):
            guard rows.allSatisfy({ $0.count == schema.count }) else {
                throw PlanError("The model's file does not fit together: its measures are of other classes")
            }
            let outputs = schema.map { makeColumn($0.name, $0.type) }
            let values = rows.map { row in zip(row, schema).map { BoundExpression(.literal($0), type: $1.type) } }
            return Relation(plan: .values(LogicalValues(outputs: outputs, rows: values)), columns: outputs)
        case .scalar(let function, let arguments):
            guard let rows else { throw PlanError("Internal error: \(function.name) has no rows") }
            let input = rows.relation
            let value = try call(function, arguments.map { .column(rows.columns[$0]) }, at: nil)
            let whole = makeColumn(function.name, value.type)
            let called = LogicalPlan.project(
                LogicalProject(
                    input: input.plan,
                    expressions: [NamedExpression(output: whole, expression: value)]
                        + input.columns.map { NamedExpression(output: $0, expression: .column($0)) }))
            return fields(of: whole, over: called, beside: input.columns)
        case .summary(let judge, let arguments, let summary):
            guard let rows else { throw PlanError("Internal error: \(judge.name) has no rows") }
            guard let collect = functions.aggregate("collect_list"), let inline = functions.table("inline") else {
                throw PlanError("Internal error: collect_list and inline are missing")
            }
            let judged = try call(judge, arguments.map { .column(rows.columns[$0]) }, at: nil)
            let collected = try aggregate(collect, [judged], at: nil)
            let list = makeColumn(judge.name, collected.resolved.resultType)
            let all = LogicalPlan.aggregate(
                LogicalAggregate(input: rows.relation.plan, groups: [], aggregates: [NamedAggregate(output: list, call: collected)]))
            let view = try lateralView(
                inline, name: "inline", arguments: [try call(summary, [.column(list)], at: nil)], over: all, columns: [],
                isOuter: false, range: .none)
            return exact(Relation(plan: .lateralView(view), columns: view.generated))
        }
    }

    /// The fields of a STRUCT as columns, and other columns behind them.
    private func fields(of whole: OutputColumn, over plan: LogicalPlan, beside others: [OutputColumn]) -> Relation {
        guard case .structure(let fields) = whole.type else { return Relation(plan: plan, columns: [whole] + others) }
        var expressions = fields.enumerated().map { place, field in
            NamedExpression(
                output: makeColumn(field.name, field.type),
                expression: BoundExpression(.field(.column(whole), index: place), type: field.type))
        }
        expressions += others.map { NamedExpression(output: $0, expression: .column($0)) }
        return Relation(
            plan: .project(LogicalProject(input: plan, expressions: expressions)), columns: expressions.map(\.output))
    }
}
