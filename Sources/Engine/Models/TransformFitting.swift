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
    /// - Parameters:
    ///   - rows: to learn from.
    ///   - folding: by what rows are in folds where they are told what the others say.
    /// - Throws: `PlanError`, errors of functions, `FeatureError`.
    func transform(
        _ items: [SelectItem], learningFrom rows: [Int32], folding: SplitOptions
    ) throws -> (data: ImportData, transform: FittedTransform) {
        let foldKey = binder.makeColumn("fold key", .bigint)
        let learning = TransformedRows(data, columns: columns + [foldKey]) { [data] in try data.foldKeys(of: rows, folding) }
        var expressions: [NamedExpression] = []
        var fitted: [FittedTransform.Item] = []
        for (ordinal, item) in items.enumerated() {
            var states: [[UInt8]] = []
            var made = try binder.bindTransformItem(item, over: columns, foldKey: foldKey) { call in
                let state = try learn(call, rows, learning)
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
        return (try made(expressions, learning), FittedTransform(items: fitted, inputs: inputs))
    }

    /// The rows as a trained model's items make them, as far as somebody wants what they make.
    /// - Throws: `PlanError` at `range`, errors of functions, `FeatureError`.
    func applied(_ transform: ModelTransform, wanted: TransformedColumns, at range: SourceRange) throws -> ImportData {
        try made(try binder.bindTransform(transform, over: columns, wanted: wanted, at: range), TransformedRows(data, columns: columns))
    }

    /// An item as SQL.
    private static func text(of item: SelectItem) -> String {
        String(SQLPrinter.print(Query(body: .select(SelectCore(items: [item])))).dropFirst("SELECT ".count))
    }

    /// What a call learns of `rows`, of all together or by group: each thread of some that follow one another, put together in their
    /// order.
    private func learn(_ call: FittedCall, _ rows: [Int32], _ source: TransformedRows) throws -> [UInt8] {
        let learners = try inParts(of: rows.count) { part in
            let groups = LearnedGroups(
                call.fit.resolved.makeAccumulator(context), hasKeys: call.groupKey != nil,
                try ImportReservation(data.memory, for: "what \(call.name) learns", help: ImportMemory.fewerRows))
            let evaluator = ExpressionEvaluator(
                try ExpressionProgram(call.fit.arguments + (call.groupKey.map { [$0] } ?? []), input: source.columns), context: context)
            try evaluate(evaluator, source, on: part, of: { rows[$0] }) { batch in
                let arguments = try call.fit.arguments.indices.map { try evaluator.plainResult($0) }
                let keys = try call.groupKey.map { _ in try evaluator.plainResult(arguments.count) }
                try groups.update(arguments, keys, batch.rows)
            }
            return groups
        }
        let whole = learners[0]
        for other in learners.dropFirst() { try whole.merge(other) }
        guard let state = try whole.state() else { throw PlanError("Internal error: \(call.name) learned nothing", at: call.range) }
        return state
    }

    private func made(_ expressions: [NamedExpression], _ source: TransformedRows) throws -> ImportData {
        let parts = try inParts(of: data.rowCount) { part in
            let evaluator = ExpressionEvaluator(
                try ExpressionProgram(expressions.map(\.expression), input: source.columns), context: context)
            let builders = expressions.map { ColumnBuilder($0.output.type, capacity: part.count) }
            try evaluate(evaluator, source, on: part, of: { Int32($0) }) { batch in
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
        _ evaluator: ExpressionEvaluator, _ source: TransformedRows, on places: Range<Int>, of row: (Int) -> Int32,
        _ body: (Batch) throws -> Void
    ) throws {
        var isRead = [Bool](repeating: false, count: source.columns.count)
        for node in evaluator.program.nodes { if case .column(let place) = node.operation { isRead[place] = true } }
        let values = try isRead.indices.map { isRead[$0] ? try source.values($0) : nil }
        for start in stride(from: places.lowerBound, to: places.upperBound, by: Self.rowsTogether) {
            try context.checkCancellation()
            let rows = (start..<min(start + Self.rowsTogether, places.upperBound)).map(row)
            let batch = Batch(
                columns: zip(source.columns, values).map { column, values in
                    values?.pickingRows(rows) ?? .nulls(column.type, count: rows.count)
                }, capacity: rows.count)
            evaluator.begin(batch)
            try body(batch)
            evaluator.end()
        }
    }
}
