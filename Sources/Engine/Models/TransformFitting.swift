import Columnar
import Expressions
import FeatureTables
import Functions
import HiveSyntax
import Learners
import Planner
import Platform

/// Runs TRANSFORM over imported rows: what fitted functions learn comes from the rows that are trained on, and from no
/// others; or they have learned it.
struct TransformFitting {
    private let binder: Binder
    private let context: EvaluationContext
    private let data: ImportData
    private let columns: [OutputColumn]

    private static let rowsTogether = 2048

    init(_ data: ImportData, _ binder: Binder, _ context: EvaluationContext) {
        self.data = data
        self.binder = binder
        self.context = context
        columns = data.schema.map { binder.makeColumn($0.name.lowercased(), $0.type) }
    }

    /// The rows as the items make them, and what is needed to do the same to others.
    /// - Parameter rows: to learn from.
    /// - Throws: `PlanError`, errors of functions, `FeatureError`.
    func transform(_ items: [SelectItem], learningFrom rows: [Int32]) throws -> (data: ImportData, transform: FittedTransform) {
        var expressions: [NamedExpression] = []
        var fitted: [FittedTransform.Item] = []
        for (ordinal, item) in items.enumerated() {
            var states: [[UInt8]] = []
            var made = try binder.bindTransformItem(item, over: columns) { call in
                let state = try learn(call, rows)
                states.append(state)
                return state
            }
            if case .star = item.expression.kind {
                // Other rows may have other columns: these are the ones that are meant.
                fitted += made.map {
                    FittedTransform.Item(text: SQLPrinter.print(Identifier($0.output.name, isQuoted: true)), states: [])
                }
            } else {
                var named = item
                if item.alias == nil, item.columnAliases.isEmpty, made.count == 1, made[0].output.name.hasPrefix("_c") {
                    made[0].output.name = "_c\(ordinal)"
                    named.alias = Identifier(made[0].output.name, isQuoted: true)
                }
                fitted.append(FittedTransform.Item(text: Self.text(of: named), states: states))
            }
            expressions += made
        }
        let inputs = data.schema.map { FittedTransform.Input(name: $0.name, type: "\($0.type)") }
        return (try made(expressions), FittedTransform(items: fitted, inputs: inputs))
    }

    /// The rows as a trained model's items make them, as far as it needs that to be judged.
    /// - Throws: `PlanError` at `range`, errors of functions, `FeatureError`.
    func applied(_ transform: ModelTransform, of model: TrainedModel, at range: SourceRange) throws -> ImportData {
        try made(
            try binder.bindTransform(
                transform, over: columns, wanted: model.transformedColumns(isJudged: true), at: range))
    }

    /// An item as SQL.
    private static func text(of item: SelectItem) -> String {
        String(SQLPrinter.print(Query(body: .select(SelectCore(items: [item])))).dropFirst("SELECT ".count))
    }

    /// What a call learns of `rows`.
    private func learn(_ call: FittedCall, _ rows: [Int32]) throws -> [UInt8] {
        let accumulator = call.fit.resolved.makeAccumulator(context)
        accumulator.resize(groupCount: 1)
        let evaluator = ExpressionEvaluator(try ExpressionProgram(call.fit.arguments, input: columns), context: context)
        for start in stride(from: 0, to: rows.count, by: Self.rowsTogether) {
            try context.checkCancellation()
            let picked = Array(rows[start..<min(start + Self.rowsTogether, rows.count)])
            let batch = batch(of: picked, for: evaluator.program)
            evaluator.begin(batch)
            let arguments = try call.fit.arguments.indices.map { try evaluator.plainResult($0) }
            try accumulator.update(arguments, rows: batch.rows, group: 0)
            evaluator.end()
        }
        let state = try accumulator.finish(0..<1)
        guard !state.isNull(0) else { throw PlanError("Internal error: \(call.name) learned nothing", at: call.range) }
        return Array(state.values(as: StringView.self)[state.element(of: 0)].bytes)
    }

    private func made(_ expressions: [NamedExpression]) throws -> ImportData {
        let evaluator = ExpressionEvaluator(
            try ExpressionProgram(expressions.map(\.expression), input: columns), context: context)
        let builders = expressions.map { ColumnBuilder($0.output.type, capacity: data.rowCount) }
        for start in stride(from: 0, to: data.rowCount, by: Self.rowsTogether) {
            try context.checkCancellation()
            let picked = (start..<min(start + Self.rowsTogether, data.rowCount)).map { Int32($0) }
            let batch = batch(of: picked, for: evaluator.program)
            evaluator.begin(batch)
            for (place, builder) in builders.enumerated() { builder.append(try evaluator.plainResult(place), rows: batch.rows) }
            evaluator.end()
        }
        return try ImportData(
            data, schema: expressions.map { SchemaColumn(name: $0.output.name, type: $0.output.type) },
            columns: builders.map { $0.finish() })
    }

    /// Some rows of the columns that a program reads.
    private func batch(of rows: [Int32], for program: ExpressionProgram) -> Batch {
        var isRead = [Bool](repeating: false, count: columns.count)
        for node in program.nodes { if case .column(let place) = node.operation { isRead[place] = true } }
        return Batch(
            columns: data.columns.enumerated().map { place, column in
                isRead[place] ? column.pickingRows(rows) : .nulls(column.type, count: rows.count)
            }, capacity: rows.count)
    }
}
