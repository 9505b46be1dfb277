import Columnar
import Expressions
import Planner

/// A recursive query: the rows of the anchor, and then, step after step, what its branch makes of the rows of the step before.
/// Only the rows of the last step are kept, and of UNION without ALL the distinct rows so far.
package final class RecursionOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let node: LogicalRecursion
    private let layout: KeyLayout
    /// Shared subplans that the step makes of its own rows: other ones in every step.
    private let ownSubplans: [SharedSubplanOperator]
    /// Readers, in the step, of subplans that are the same in every step.
    private let readers: [SharedScanOperator]
    /// Joins in the step of which one side is the same in every step.
    private let joins: [HashJoinOperator]
    /// Whether it stands in the step of another recursive query, which then releases what both read.
    private var isRepeated = false

    private var anchor: PhysicalOperator { inputs[0] }
    private var step: PhysicalOperator { inputs[1] }

    init(_ node: LogicalRecursion, anchor: PhysicalOperator, step: PhysicalOperator) throws {
        self.node = node
        let types = node.outputs.map(\.type)
        guard anchor.outputs.map(\.type) == types, step.outputs.map(\.type) == types else {
            throw ExecutionError.invalidPlan("branches of the recursive query \(node.name) differ in their types")
        }
        layout = KeyLayout(types)
        var own: [ObjectIdentifier: SharedSubplanOperator] = [:]
        var found: (readers: [SharedScanOperator], joins: [HashJoinOperator]) = ([], [])
        step.forEachOperator { part in
            switch part {
            case let subplan as SharedSubplanOperator: own[ObjectIdentifier(subplan)] = subplan
            case let scan as SharedScanOperator: found.readers.append(scan)
            case let join as HashJoinOperator where join.probeInput.readsSteps && !join.buildInput.readsSteps:
                found.joins.append(join)
            case let inner as RecursionOperator: inner.isRepeated = true
            default: break
            }
        }
        ownSubplans = Array(own.values)
        readers = found.readers.filter { own[ObjectIdentifier($0.subplan)] == nil }
        joins = found.joins
        for reader in readers { reader.readAgain() }
        for join in joins { join.keepBuildSide() }
        super.init(outputs: node.outputs, inputs: [anchor, step])
    }

    package override var details: [String] {
        ["rows: \(node.rows) \(node.name)", node.isDistinct ? "union: distinct" : "union: all"]
    }

    override func produce(_ query: QueryExecution, into target: StageSet) throws {
        defer { release(query) }
        let distinct = node.isDistinct ? DistinctRows(layout, for: node.name, query) : nil
        let places = Array(outputs.indices)
        var rows = try collect(anchor, distinct, query)
        var count = 0
        while try rows.produce(places, as: self, query, into: target), !rows.pieces.isEmpty {
            try query.check()
            if let limit = query.settings.recursionLimit, count >= limit {
                throw ExecutionError.message(
                    "The recursive query \(node.name) has not ended after \(limit) steps (hiveql.recursion.limit)")
            }
            count += 1
            profile.add(turns: 1)
            let before = rows
            query.stepRows.withLock { $0[node.rows] = before }
            for subplan in ownSubplans { subplan.forget(query) }
            rows = try collect(step, distinct, query)
        }
    }

    /// The rows that a branch gives, and that were not there before where they have to be distinct.
    private func collect(_ branch: PhysicalOperator, _ distinct: DistinctRows?, _ query: QueryExecution) throws -> SubplanRows {
        let rows = SubplanRows(outputs.map(\.type), for: "WITH \(node.name)", mustKeep: true, query)
        try branch.run(query, into: StageSet { _ in rows.makeStage() })
        try rows.finish()
        return try distinct?.new(among: rows) ?? rows
    }

    private func release(_ query: QueryExecution) {
        query.stepRows.withLock { $0[node.rows] = nil }
        for subplan in ownSubplans { subplan.forget(query) }
        query.keptSides.withLock { sides in for join in joins { sides[ObjectIdentifier(join)] = nil } }
        if !isRepeated { for reader in readers { reader.subplan.release(query) } }
    }
}

/// Reads the rows of a recursive query's step before.
package final class StepScanOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    private let node: LogicalSharedScan
    /// For each output its place among the query's columns.
    private let places: [Int]

    init(_ node: LogicalSharedScan, of columns: [OutputColumn]) throws {
        self.node = node
        places = try node.columns.map { column in
            guard let place = columns.firstIndex(where: { $0.id == column.source }) else {
                throw ExecutionError.invalidPlan("\(node.name) does not give column \(column.source.number)")
            }
            return place
        }
        super.init(outputs: node.columns.map(\.output), inputs: [])
    }

    package override var details: [String] {
        ["rows: \(node.subplan) \(node.name)", "columns: " + outputs.map(\.name).joined(separator: ", ")]
    }

    override func produce(_ query: QueryExecution, into target: StageSet) throws {
        guard let rows = query.stepRows.withLock({ $0[node.subplan] }) else {
            throw ExecutionError.invalidPlan("\(node.name) is read outside of its steps")
        }
        try rows.produce(places, as: self, query, into: target)
    }
}

extension PhysicalOperator {
    /// Whether rows of steps of recursive queries come in, so that they may be others the next time.
    fileprivate var readsSteps: Bool {
        var result = false
        forEachOperator { part in
            if part is StepScanOperator { result = true }
            if let scan = part as? SharedScanOperator, scan.subplan.readsSteps { result = true }
        }
        return result
    }
}

/// The distinct rows of a recursive query so far.
private final class DistinctRows {
    private let table: KeyTable
    private let operation: String
    private let types: [SQLType]
    private let query: QueryExecution
    private let reservation: MemoryReservation

    init(_ layout: KeyLayout, for title: String, _ query: QueryExecution) {
        table = KeyTable(layout)
        operation = "WITH \(title)"
        types = layout.types
        self.query = query
        reservation = MemoryReservation(query.memory, for: operation)
    }

    /// Of rows those that are not there yet, each once. They are there from now on.
    func new(among rows: SubplanRows) throws -> SubplanRows {
        let result = SubplanRows(types, for: operation, mustKeep: true, query)
        let stage = result.makeStage()
        var morsel = 0
        for piece in rows.pieces {
            var begin = piece.rows.lowerBound
            while begin < piece.rows.upperBound {
                try query.check()
                let end = min(begin + query.batchSize, piece.rows.upperBound)
                let columns = piece.columns.map { $0.slice(begin..<end) }
                let chosen = try new(columns, count: end - begin)
                _ = try stage.push(
                    Batch(
                        columns: columns, capacity: end - begin, rows: chosen,
                        sequence: BatchSequence(morsel: morsel, position: 0)))
                morsel += 1
                begin = end
            }
        }
        try result.finish()
        return result
    }

    private func new(_ columns: [Column], count: Int) throws -> RowSelection {
        let rows = RowSelection.all(count)
        let keys = ComplexKeyCoding.encodeComplex(columns, rows: rows, count: count).map { $0.decoded(rows) }
        let known = table.count
        let numbers = try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(count, 1)) { hashes in
            try [Int32](unsafeUninitializedCapacity: count) { numbers, used in
                guard let hashed = hashes.baseAddress, let target = numbers.baseAddress else { return }
                Hashing.hash(keys, rows: rows, count: count, into: hashed)
                try table.insert(keys, rows: rows, hashes: hashed, into: target)
                used = count
            }
        }
        try reservation.update(to: table.byteCount)
        // Of equal rows in the batch the first one.
        var isTaken = [Bool](repeating: false, count: table.count - known)
        return rows.filtered(capacity: count) { row in
            let place = Int(numbers[row]) - known
            guard place >= 0, !isTaken[place] else { return false }
            isTaken[place] = true
            return true
        }
    }
}
