import Columnar
import Planner

/// A plan that several operators read. The first reader runs it; its rows are kept in memory for the others.
package final class SharedSubplanOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let id: Int
    private let title: String
    /// Whether running it again gives the same rows.
    private let isDeterministic: Bool

    init(_ subplan: SharedSubplan, input: PhysicalOperator) {
        id = subplan.id
        title = subplan.name
        isDeterministic = subplan.plan.isDeterministic
        super.init(outputs: input.outputs, inputs: [input])
    }

    package override var details: [String] { ["subplan: \(id) \(title)"] }

    override var streamedInput: PhysicalOperator? { inputs[0] }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep { PipelineStep(target) }

    /// Scans that read the subplan.
    private(set) var readerCount = 0

    func addReader() { readerCount += 1 }

    /// Forgets the rows, which the next reader computes again.
    func forget(_ query: QueryExecution) { query.sharedRows.withLock { $0[ObjectIdentifier(self)] = nil } }

    /// A reader is done; after the last one the rows go.
    func release(_ query: QueryExecution) {
        query.sharedRows.withLock { known in
            guard let rows = known[ObjectIdentifier(self)] else { return }
            rows.readersDone += 1
            if rows.isWhole, rows.readersDone >= readerCount { known[ObjectIdentifier(self)] = nil }
        }
    }

    /// Whether the plan reads rows that could not be kept. Running it for every reader would run those again for each of
    /// them, and so on down a chain.
    private func readsRowsNotKept(_ query: QueryExecution) -> Bool {
        var result = false
        forEachOperator { step in
            guard let scan = step as? SharedScanOperator else { return }
            let rows = query.sharedRows.withLock { $0[ObjectIdentifier(scan.subplan)] }
            if rows.map({ !$0.isWhole }) ?? false { result = true }
        }
        return result
    }

    /// The rows, computed when this is the first reader; nil when they are too many to keep: then every reader runs the
    /// plan for itself.
    func rows(_ query: QueryExecution) throws -> SubplanRows? {
        if let known = query.sharedRows.withLock({ $0[ObjectIdentifier(self)] }) { return known.isWhole ? known : nil }
        let rows = SubplanRows(outputs.map(\.type), for: "WITH \(title)", mustKeep: !isDeterministic, query)
        try run(query, into: StageSet { _ in rows.makeStage() })
        try rows.finish()
        if !rows.isWhole, readsRowsNotKept(query) {
            throw ExecutionError.outOfMemory(
                operation: "WITH \(title)", requested: rows.byteCount, limit: query.memory.limit)
        }
        profile.add(bytes: rows.byteCount)
        query.sharedRows.withLock { $0[ObjectIdentifier(self)] = rows }
        return rows.isWhole ? rows : nil
    }
}

/// Reads the rows of a shared subplan.
package final class SharedScanOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    let subplan: SharedSubplanOperator
    /// For each output its place among the subplan's columns.
    private let places: [Int]
    private let node: LogicalSharedScan
    /// Whether it stands in a recursive query's step, and runs with every one: who runs the steps releases the rows.
    private(set) var readsAgain = false

    func readAgain() { readsAgain = true }

    init(_ node: LogicalSharedScan, of subplan: SharedSubplanOperator) throws {
        self.node = node
        self.subplan = subplan
        subplan.addReader()
        places = try node.columns.map { column in
            guard let place = subplan.outputs.firstIndex(where: { $0.id == column.source }) else {
                throw ExecutionError.invalidPlan("\(node.name) does not give column \(column.source.number)")
            }
            return place
        }
        super.init(outputs: node.columns.map(\.output), inputs: [])
    }

    package override var details: [String] {
        ["subplan: \(node.subplan) \(node.name)", "columns: " + outputs.map(\.name).joined(separator: ", ")]
    }

    override var streamedInput: PhysicalOperator? { subplan }

    /// For rows that come straight from the subplan.
    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        let places = places
        return PipelineStep(
            StageSet(downstream: target) { worker in
                ColumnChoiceStage(places, next: try target.stage(worker: worker))
            })
    }

    override func produce(_ query: QueryExecution, into target: StageSet) throws {
        guard let rows = try subplan.rows(query) else { return try super.produce(query, into: target) }
        defer { if !readsAgain { subplan.release(query) } }
        try rows.produce(places, as: self, query, into: target)
    }
}

/// Hands on some columns of a batch.
private final class ColumnChoiceStage: TransformStage {
    private let places: [Int]

    init(_ places: [Int], next: Stage) {
        self.places = places
        super.init(next: next)
    }

    override func push(_ batch: Batch) throws -> Flow {
        var chosen = batch
        chosen.columns = places.map { batch.columns[$0] }
        return try next.push(chosen)
    }
}

/// Shared subplans, and what reads them.
package final class WithOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    init(_ subplans: [SharedSubplanOperator], input: PhysicalOperator) {
        super.init(outputs: input.outputs, inputs: subplans + [input])
    }

    package override var isOrdered: Bool { inputs[inputs.count - 1].isOrdered }

    override var streamedInput: PhysicalOperator? { inputs[inputs.count - 1] }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep { PipelineStep(target) }
}
