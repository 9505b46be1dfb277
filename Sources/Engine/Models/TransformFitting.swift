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

    /// The rows as a trained model's items make them, as far as somebody wants what they make.
    /// - Throws: `PlanError` at `range`, errors of functions, `FeatureError`.
    func applied(_ transform: ModelTransform, wanted: TransformedColumns, at range: SourceRange) throws -> ImportData {
        try made(try binder.bindTransform(transform, over: columns, wanted: wanted, at: range))
    }

    /// An item as SQL.
    private static func text(of item: SelectItem) -> String {
        String(SQLPrinter.print(Query(body: .select(SelectCore(items: [item])))).dropFirst("SELECT ".count))
    }

    /// What a call learns of `rows`: each thread of some that follow one another, put together in their order.
    private func learn(_ call: FittedCall, _ rows: [Int32]) throws -> [UInt8] {
        let learners = try inParts(of: rows.count) { part in
            let accumulator = call.fit.resolved.makeAccumulator(context)
            accumulator.resize(groupCount: 1)
            let reservation = try ImportReservation(data.memory, for: "what \(call.name) learns", help: ImportMemory.fewerRows)
            let evaluator = ExpressionEvaluator(try ExpressionProgram(call.fit.arguments, input: columns), context: context)
            try evaluate(evaluator, on: part, of: { rows[$0] }) { batch in
                let arguments = try call.fit.arguments.indices.map { try evaluator.plainResult($0) }
                try accumulator.update(arguments, rows: batch.rows, group: 0)
                try reservation.update(to: accumulator.byteCount)
            }
            return (accumulator, reservation)
        }
        let (whole, reservation) = learners[0]
        for (other, _) in learners.dropFirst() {
            try whole.merge(other, sources: [0], targets: [0], count: 1)
            try reservation.update(to: whole.byteCount)
        }
        let state = try whole.finish(0..<1)
        guard !state.isNull(0) else { throw PlanError("Internal error: \(call.name) learned nothing", at: call.range) }
        return Array(state.values(as: StringView.self)[state.element(of: 0)].bytes)
    }

    private func made(_ expressions: [NamedExpression]) throws -> ImportData {
        let parts = try inParts(of: data.rowCount) { part in
            let evaluator = ExpressionEvaluator(
                try ExpressionProgram(expressions.map(\.expression), input: columns), context: context)
            let builders = expressions.map { ColumnBuilder($0.output.type, capacity: part.count) }
            try evaluate(evaluator, on: part, of: { Int32($0) }) { batch in
                for (place, builder) in builders.enumerated() { builder.append(try evaluator.plainResult(place), rows: batch.rows) }
            }
            return builders
        }
        return try ImportData(
            data, schema: expressions.map { SchemaColumn(name: $0.output.name, type: $0.output.type) },
            columns: expressions.indices.map { place in
                let whole = parts[0][place]
                for part in parts.dropFirst() {
                    let further = part[place].finish()
                    whole.append(further, rows: .all(further.count))
                }
                return whole.finish()
            })
    }

    /// What `body` makes of the places that each thread gets, which follow one another; in their order. At least one part.
    private func inParts<Part>(of count: Int, _ body: (Range<Int>) throws -> Part) throws -> [Part] {
        let parts = RowBlocks(groups: min(data.threads, count / Self.rowsTogether))
        return try parts.map(threads: parts.count) { part, _ in
            Result { try body(count * part / parts.count..<count * (part + 1) / parts.count) }
        }.map { try $0.get() }
    }

    /// Evaluates a program on the rows that `row` gives for `places`, some at a time.
    private func evaluate(
        _ evaluator: ExpressionEvaluator, on places: Range<Int>, of row: (Int) -> Int32, _ body: (Batch) throws -> Void
    ) throws {
        var isRead = [Bool](repeating: false, count: columns.count)
        for node in evaluator.program.nodes { if case .column(let place) = node.operation { isRead[place] = true } }
        for start in stride(from: places.lowerBound, to: places.upperBound, by: Self.rowsTogether) {
            try context.checkCancellation()
            let rows = (start..<min(start + Self.rowsTogether, places.upperBound)).map(row)
            let batch = Batch(
                columns: data.columns.enumerated().map { place, column in
                    isRead[place] ? column.pickingRows(rows) : .nulls(column.type, count: rows.count)
                }, capacity: rows.count)
            evaluator.begin(batch)
            try body(batch)
            evaluator.end()
        }
    }
}
