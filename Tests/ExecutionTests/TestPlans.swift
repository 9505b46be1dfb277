import Columnar
import Execution
import Expressions
import Functions
import Planner
import Platform

/// A value of a test table.
enum Cell: Hashable, CustomStringConvertible {
    case null
    case integer(Int64)
    case double(Double)
    case string(String)

    var description: String {
        switch self {
        case .null: "NULL"
        case .integer(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let value): value
        }
    }

    /// NULLs first, then by value.
    static func order(_ left: Cell, _ right: Cell) -> Int {
        switch (left, right) {
        case (.null, .null): 0
        case (.null, _): -1
        case (_, .null): 1
        case (.integer(let a), .integer(let b)): a < b ? -1 : a == b ? 0 : 1
        case (.double(let a), .double(let b)): a < b ? -1 : a == b ? 0 : 1
        case (.string(let a), .string(let b)): Array(a.utf8).lexicographicallyPrecedes(Array(b.utf8)) ? -1 : a == b ? 0 : 1
        default: 0
        }
    }
}

/// Repeatable random numbers; tests print the seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}

/// Rows in a test and the plan that gives them.
struct TestTable {
    var columns: [OutputColumn]
    var rows: [[Cell]]

    init(_ names: [(String, SQLType)], firstID: Int = 0, rows: [[Cell]]) {
        columns = names.enumerated().map { OutputColumn(id: ColumnID(firstID + $0), name: $1.0, type: $1.1) }
        self.rows = rows
    }

    /// Several inputs under one UNION ALL, so that workers and morsels share the rows.
    /// - Parameter literal: what a cell is in its column.
    func plan(
        pieces: Int = 1, literal: (Cell, OutputColumn) -> LiteralValue = { cell, _ in TestTable.literal(cell) }
    ) -> LogicalPlan {
        func values(_ rows: ArraySlice<[Cell]>) -> LogicalPlan {
            .values(
                LogicalValues(
                    outputs: columns,
                    rows: rows.map { row in
                        zip(row, columns).map { cell, column in
                            BoundExpression(.literal(literal(cell, column)), type: column.type)
                        }
                    }))
        }
        if pieces <= 1 { return values(rows[...]) }
        let size = (rows.count + pieces - 1) / pieces
        let slices = (0..<pieces).map { rows[min($0 * size, rows.count)..<min(($0 + 1) * size, rows.count)] }
        return .union(LogicalUnion(inputs: slices.map(values), outputs: columns))
    }

    static func literal(_ cell: Cell) -> LiteralValue {
        switch cell {
        case .null: .null
        case .integer(let value): .integer(value)
        case .double(let value): .floating(value)
        case .string(let value): .bytes(Array(value.utf8))
        }
    }

    func column(_ index: Int) -> BoundExpression { .column(columns[index]) }
}

/// How a plan is run: results must not depend on it.
struct RunMode: CustomStringConvertible, Sendable {
    var threads: Int
    var batchSize: Int

    var description: String { "threads \(threads), batches of \(batchSize)" }

    static let all = [
        RunMode(threads: 1, batchSize: 2048), RunMode(threads: 4, batchSize: 2048), RunMode(threads: 4, batchSize: 3),
    ]
}

let testContext = EvaluationContext(queryStart: Timestamp(seconds: 0))

func run(_ plan: LogicalPlan, _ mode: RunMode = RunMode(threads: 2, batchSize: 64), memoryLimit: Int = .max) throws
    -> [[Cell]]
{
    let executor = QueryExecutor(
        settings: ExecutionSettings(threads: mode.threads, batchSize: mode.batchSize, memoryLimit: memoryLimit),
        context: testContext)
    let consumer = CollectingConsumer()
    try executor.run(plan, into: consumer)
    return consumer.batches.flatMap(cells)
}

/// Keeps all rows outside of the query's memory limit.
final class UnchargedConsumer: ResultConsumer {
    private let collected = Guarded<[Batch]>([])

    var order: DeliveryOrder { .any }
    var batches: [Batch] { collected.withLock { $0 } }

    func makeWorker() -> any ResultWorker { Worker(self) }

    private final class Worker: ResultWorker {
        private let consumer: UnchargedConsumer

        init(_ consumer: UnchargedConsumer) { self.consumer = consumer }

        func consume(_ batch: Batch) {
            let kept = batch.materialized()
            consumer.collected.withLock { $0.append(kept) }
        }

        func finish() {}
    }
}

func cells(_ batch: Batch) -> [[Cell]] {
    (0..<batch.rowCount).map { ordinal in
        batch.columns.map { column in
            let row = batch.rows[ordinal]
            if column.isNull(row) { return .null }
            let plain = column.decoded(.all(column.count))
            let element = plain.element(of: row)
            switch plain.type.physical {
            case .boolean: return .integer(Int64(plain.values(as: UInt8.self)[element]))
            case .int8: return .integer(Int64(plain.values(as: Int8.self)[element]))
            case .int16: return .integer(Int64(plain.values(as: Int16.self)[element]))
            case .int32: return .integer(Int64(plain.values(as: Int32.self)[element]))
            case .int64: return .integer(plain.values(as: Int64.self)[element])
            case .double: return .double(plain.values(as: Double.self)[element])
            case .string: return .string(plain.values(as: StringView.self)[element].string)
            default: return .string("?")
            }
        }
    }
}

/// Rows as a multiset.
func sorted(_ rows: [[Cell]]) -> [[Cell]] {
    rows.sorted { left, right in
        for (a, b) in zip(left, right) {
            let order = Cell.order(a, b)
            if order != 0 { return order < 0 }
        }
        return false
    }
}

/// A call of a built-in scalar function.
func call(_ name: String, _ arguments: BoundExpression...) throws -> BoundExpression {
    guard let function = FunctionRegistry.builtIn.scalar(name) else { throw FunctionError(.argument, "no \(name)") }
    let resolved = try function.resolve(FunctionCall(name: name, argumentTypes: arguments.map(\.type)))
    let converted = zip(arguments, resolved.argumentTypes).map { argument, type in
        argument.type == type ? argument : BoundExpression(.cast(argument), type: type)
    }
    return .call(function, resolved, converted)
}

func integer(_ value: Int64, _ type: SQLType = .int) -> BoundExpression {
    BoundExpression(.literal(.integer(value)), type: type)
}

/// A call of a built-in aggregate function.
func aggregate(_ name: String, _ arguments: [BoundExpression], distinct: Bool = false, id: Int) throws -> NamedAggregate {
    guard let function = FunctionRegistry.builtIn.aggregate(name) else { throw FunctionError(.argument, "no \(name)") }
    let resolved = try function.resolve(
        FunctionCall(name: name, argumentTypes: arguments.map(\.type), isDistinct: distinct))
    return NamedAggregate(
        output: OutputColumn(id: ColumnID(id), name: name, type: resolved.resultType),
        call: AggregateCall(function: function, resolved: resolved, arguments: arguments, isDistinct: distinct))
}
