import Columnar
import Expressions
import Functions
import Platform

/// A window without PARTITION BY over many rows: all workers sort them, by way of scratch files where they do not fit in memory, and
/// the functions are computed some rows at a time, with those rows before and behind that they look at.
final class StreamedWindow: Sendable {
    private struct State {
        var stages: [SortStage] = []
        /// Of each worker the accumulators of aggregates of all rows.
        var wholes: [[any Accumulator]] = []
    }

    private let plan: WindowPlan
    private let functions: StreamedFunctions
    private let specification: SortSpecification
    private let sorting: SortSpilling
    private let query: QueryExecution
    private let state = Guarded(State())

    /// nil when a function needs all rows at once.
    init?(_ plan: WindowPlan, _ profile: OperatorProfile, _ query: QueryExecution) throws {
        guard let functions = StreamedFunctions(plan) else { return nil }
        self.plan = plan
        self.functions = functions
        self.query = query
        let columns = plan.types.enumerated().map { OutputColumn(id: ColumnID($0), name: "", type: $1) }
        specification = SortSpecification(
            try ExpressionProgram(plan.orderColumns.map { .column(columns[$0]) }, input: columns),
            orders: plan.orderComparison.normalized.orders, inputTypes: plan.types)
        sorting = SortSpilling(specification, limit: nil, profile, query)
    }

    /// Rows that one worker sorts beside others, rather than all of them by one when they have come; nil: as many as fit.
    var rowsToSortApart: Int? { functions.isExact ? 1 << 16 : nil }

    /// Whether rows have been taken.
    var hasRows: Bool { state.withLock { !$0.stages.isEmpty } }

    /// Where one worker's rows go, the kept columns of them.
    func makeStage() -> Stage {
        let stage = SortStage(specification, limit: nil, sorting, query)
        let wholes = functions.wholes.map { whole in
            let accumulator = whole.aggregate.makeAccumulator(query.context)
            accumulator.resize(groupCount: 1)
            return accumulator
        }
        state.withLock {
            $0.stages.append(stage)
            $0.wholes.append(wholes)
        }
        return FeedStage(
            functions.wholes.map { plan.functions[$0.function] }, wholes, MemoryReservation(query.memory, for: "OVER"), next: stage)
    }

    /// After the last row: pushes all rows with the functions' values.
    func produce(_ source: PhysicalOperator, into target: StageSet) throws {
        let (stages, wholes) = state.withLock { ($0.stages, $0.wholes) }
        var zero: Int32 = 0
        for index in functions.wholes.indices {
            for others in wholes.dropFirst() {
                try wholes[0][index].merge(others[index], sources: &zero, targets: &zero, count: 1)
            }
        }
        let slices = try sorting.slices(of: try sorting.sources(of: stages), from: 0)
        let rows = try StreamedRows(
            plan, functions, try wholes.first.map { try $0.map { try $0.finish(0..<1) } } ?? [], slices.rowCount, query)
        try query.drive(1, of: source, into: target) { _ in
            { _, sequence, stage in
                for number in 0..<slices.count {
                    let slice = try slices.take(number)
                    let columns = slice.columns(0..<slice.rows.count, width: self.plan.types.count)
                    let flow = try rows.take(columns, count: slice.rows.count, sequence, into: stage)
                    if flow != .more { return flow }
                }
                return try rows.finish(sequence, into: stage)
            }
        }
    }

    /// Folds rows into the aggregates of all rows on their way to the sort.
    private final class FeedStage: TransformStage {
        private let functions: [WindowPlan.Function]
        private let accumulators: [any Accumulator]
        private let reservation: MemoryReservation

        init(
            _ functions: [WindowPlan.Function], _ accumulators: [any Accumulator], _ reservation: MemoryReservation, next: Stage
        ) {
            self.functions = functions
            self.accumulators = accumulators
            self.reservation = reservation
            super.init(next: next)
        }

        override func push(_ batch: Batch) throws -> Flow {
            for (function, accumulator) in zip(functions, accumulators) {
                let arguments = function.arguments.map { argument -> Column in
                    switch argument {
                    case .column(let index): batch.columns[index].decoded(batch.rows)
                    case .literal(let value, let type): value.column(type: type, count: batch.capacity)
                    }
                }
                try accumulator.update(arguments, rows: batch.rows, group: 0)
            }
            if !accumulators.isEmpty { try reservation.update(to: accumulators.reduce(0) { $0 + $1.byteCount }) }
            return try next.push(batch)
        }
    }
}
