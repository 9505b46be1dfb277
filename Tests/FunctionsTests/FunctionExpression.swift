import Catalog
import Columnar
import Expressions
import Functions
import HiveSyntax
import Planner
import TestSupport

/// Evaluates HiveQL expressions of literals and function calls as they are bound, without a session or an optimizer, so
/// that kernels meet arguments of every shape.
enum FunctionExpression {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// How literals reach the kernels.
    enum Shape: CaseIterable, Sendable {
        /// As constants of one row.
        case constant
        /// As flat columns of five rows, all selected; what a call wants to know when it is bound it knows.
        case flat
        /// Flat, and every second row left out and full of NULL.
        case selected
    }

    static let context = EvaluationContext(
        queryStart: Timestamp(seconds: 1_600_000_000), currentDatabase: "default", currentUser: "hive")

    /// The text that Hive's command line prints for an expression.
    static func evaluate(_ text: String, shape: Shape = .constant) throws -> String {
        let column = try value(of: try bind(text), shape)
        let row = shape == .constant ? 0 : 3
        if column.isNull(row) { return "NULL" }
        let buffer = ByteBuffer()
        // Hive's command line prints a folded DECIMAL without zeros at its end.
        let purpose: TextFormatter.Purpose = if case .decimal = column.type { .cast } else { .output }
        TextFormatter(purpose).append(column, row: row, to: buffer)
        return buffer.string
    }

    static func bind(_ text: String) throws -> BoundExpression {
        guard case .query(let query) = try Parser.parseStatement("select \(text)").kind else {
            throw Failure(description: "no query: \(text)")
        }
        let binder = Binder(
            metadata: NoTables(), functions: .builtIn, settings: PlannerSettings(), context: context)
        guard case .project(let node) = try binder.bindQuery(query).plan, let item = node.expressions.first else {
            throw Failure(description: "no expression: \(text)")
        }
        return item.expression
    }

    /// The value of a call on columns that have the types it asks for.
    static func value(of function: ScalarFunction, _ resolved: ResolvedScalar, _ input: KernelInput) throws -> Column {
        let outputs = input.arguments.enumerated().map { OutputColumn(id: ColumnID($0), name: "c\($0)", type: $1.type) }
        let call = BoundExpression.call(function, resolved, outputs.map { .column($0) })
        let evaluator = ExpressionEvaluator(try ExpressionProgram([call], input: outputs), context: input.context)
        evaluator.begin(
            Batch(columns: input.arguments, capacity: input.count, rows: input.rows, sequence: input.sequence))
        return try evaluator.plainResult(0)
    }

    static func value(of expression: BoundExpression, _ shape: Shape) throws -> Column {
        let count = shape == .constant ? 1 : 5
        var columns: [Column] = []
        var outputs: [OutputColumn] = []
        let shaped = shape == .constant
            ? expression
            : expression.rewritten { node in
                guard case .literal(let literal) = node.kind else { return nil }
                let constant = literal.column(type: node.type, count: 1)
                let builder = ColumnBuilder(node.type)
                for row in 0..<count {
                    if shape == .selected, row % 2 == 0 { builder.appendNull() } else { builder.append(constant, row: 0) }
                }
                columns.append(builder.finish())
                outputs.append(OutputColumn(id: ColumnID(columns.count), name: "c\(columns.count)", type: node.type))
                return .column(outputs[outputs.count - 1])
            }
        let rows = shape == .selected
            ? RowSelection.all(count).filtered(capacity: count) { $0 % 2 == 1 } : RowSelection.all(count)
        let evaluator = ExpressionEvaluator(try ExpressionProgram([shaped], input: outputs), context: context)
        evaluator.begin(Batch(columns: columns, capacity: count, rows: rows))
        let result = try evaluator.plainResult(0)
        guard result.type == expression.type else {
            throw Failure(description: "\(result.type) came instead of \(expression.type)")
        }
        guard result.count == count else { throw Failure(description: "\(result.count) rows came") }
        return result
    }
}
