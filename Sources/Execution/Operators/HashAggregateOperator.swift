import Columnar
import Functions
import Planner
import Platform

/// Groups rows and aggregates each group, in two phases: every worker aggregates what it sees, then the workers' groups
/// are merged, in parallel by ranges of hashes when they are many.
package final class HashAggregateOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    let plan: AggregatePlan
    private let node: LogicalAggregate

    init(_ node: LogicalAggregate, input: PhysicalOperator) throws {
        self.node = node
        plan = try AggregatePlan(node, input: input.outputs)
        super.init(outputs: LogicalPlan.aggregate(node).outputs, inputs: [input])
    }

    package override var details: [String] {
        var lines: [String] = []
        if !node.groups.isEmpty {
            lines.append("keys: " + node.groups.map { describe($0.expression) }.joined(separator: ", "))
        }
        if let sets = node.groupingSets { lines.append("grouping sets: \(sets.count)") }
        if !node.aggregates.isEmpty {
            lines.append("aggregates: " + node.aggregates.map { describe($0.call) }.joined(separator: ", "))
        }
        return lines
    }

    override var streamedInput: PhysicalOperator? { inputs[0] }

    override func begin(_ query: QueryExecution, into target: StageSet) throws -> PipelineStep {
        let spilling = AggregateSpilling(plan, profile, query)
        if plan.isOrderSensitive, query.workerCount > 1 {
            // All workers find rows; they are aggregated in their order.
            let stage = try AggregateStage(plan, spilling, query)
            let delivery = OrderedDelivery(AggregatingWorker(stage), query: query)
            return PipelineStep(delivery.stages) { try self.merge([stage], spilling, query, into: target) }
        }
        let stages = Guarded<[AggregateStage]>([])
        let plan = plan
        return PipelineStep(
            StageSet { worker in
                let stage = try AggregateStage(plan, spilling, query)
                stages.withLock { $0.append(stage) }
                return stage
            }
        ) { try self.merge(stages.withLock { $0 }, spilling, query, into: target) }
    }

    private func merge(
        _ workers: [AggregateStage], _ spilling: AggregateSpilling, _ query: QueryExecution, into target: StageSet
    ) throws {
        let plan = plan
        let begin = monotonicNanoseconds()
        for distinct in plan.distincts.indices {
            if let spill = spilling.spilledValues(ofDistinct: distinct) {
                try aggregateDistinct(distinct, of: workers, spill, spilling, query)
            } else {
                try aggregateDistinct(distinct, of: workers, query)
            }
        }
        if let spill = spilling.spilledGroups {
            try query.forEachTask(workers.count) { _, task in try workers[task].putGroupsAside() }
            profile.addDriveTime(monotonicNanoseconds() - begin)
            return try mergeSpilled(spill, spilling, query, into: target)
        }
        var states = workers.flatMap { $0.completed + [$0.state] }.filter { $0.groupCount > 0 }
        if states.isEmpty || (plan.isGlobal && states.count > 1) {
            let whole = try AggregateState(plan, query)
            if plan.isGlobal { whole.addGlobalGroup() }
            for state in states { try whole.merge(state, count: state.groupCount) }
            states = [whole]
        }
        let total = states.reduce(0) { $0 + $1.groupCount }
        if states.count > 1, total <= Self.serialMergeLimit {
            for state in states.dropFirst() { try states[0].merge(state, count: state.groupCount) }
            states = [states[0]]
        }
        profile.add(bytes: states.reduce(0) { $0 + $1.byteCount })
        profile.addDriveTime(monotonicNanoseconds() - begin)
        if states.count == 1 {
            let state = states[0]
            try query.drive(state.groupCount > 0 ? 1 : 0, of: self, into: target) { _ in
                { _, sequence, stage in
                    // Few groups come out in order, the same in every run.
                    state.groupCount <= Self.serialMergeLimit
                        ? try state.emitSorted(plan, sequence, query.batchSize, into: stage)
                        : try state.emit(plan, sequence, query.batchSize, into: stage)
                }
            }
            return
        }
        try mergePartitions(states, query, into: target)
    }

    /// Fewer groups than this are merged by one worker.
    private static let serialMergeLimit = 8192

    /// Merges groups that were put aside, a part at a time.
    private func mergeSpilled(
        _ spill: PartitionedSpill, _ spilling: AggregateSpilling, _ query: QueryExecution, into target: StageSet
    ) throws {
        let plan = plan
        if let state = try spilling.mergeAll(spill, upTo: Self.serialMergeLimit) {
            try query.drive(1, of: self, into: target) { _ in
                { _, sequence, stage in try state.emitSorted(plan, sequence, query.batchSize, into: stage) }
            }
            return
        }
        try query.drive(PartitionedSpill.partCount, of: self, into: target) { _ in
            { part, sequence, stage in
                var position = 0
                var flow = Flow.more
                _ = try spilling.mergeGroups(spill, part: part) { state in
                    flow = try state.emit(plan, sequence, from: &position, query.batchSize, into: stage)
                    return flow == .more
                }
                return flow
            }
        }
    }

    private func mergePartitions(_ states: [AggregateState], _ query: QueryExecution, into target: StageSet) throws {
        let parts = HashPartitions.count(for: states.reduce(0) { $0 + $1.groupCount })
        let splits = Guarded<[HashPartitions?]>(Array(repeating: nil, count: states.count))
        try query.forEachTask(states.count) { _, task in
            guard let table = states[task].table else { return }
            let split = HashPartitions(hashes: table.hashes, count: table.count, parts: parts)
            splits.withLock { $0[task] = split }
        }
        let ready = splits.withLock { $0 }
        let plan = plan
        try query.drive(parts, of: self, into: target) { _ in
            { part, sequence, stage in
                let expected = ready.compactMap { $0?.size(of: part) }.max() ?? 0
                let merged = try AggregateState(plan, query, expecting: expected)
                for (state, split) in zip(states, ready) {
                    guard let split else { continue }
                    try split.withRows(of: part) { numbers, count in
                        if count > 0 { try merged.merge(state, numbers: numbers, count: count) }
                    }
                }
                return try merged.emit(plan, sequence, query.batchSize, into: stage)
            }
        }
    }

    /// Folds distinct values that were put aside into their aggregates, a part at a time.
    private func aggregateDistinct(
        _ index: Int, of workers: [AggregateStage], _ spill: PartitionedSpill, _ spilling: AggregateSpilling,
        _ query: QueryExecution
    ) throws {
        try query.forEachTask(workers.count) { _, task in try workers[task].putDistinctAside(index) }
        let distinct = plan.distincts[index]
        let ticket = Ticket()
        try query.onWorkers(workers.count) { worker in
            while true {
                let part = ticket.next()
                guard part < PartitionedSpill.partCount else { return }
                try spilling.uniteValues(spill, part: part, distinct.layout) { try workers[worker].fold($0, distinct) }
            }
        }
    }

    /// Folds the distinct values of one DISTINCT argument list into its aggregates: workers' sets are united in parallel
    /// by ranges of hashes, and each worker folds the values it united into the groups it has.
    private func aggregateDistinct(_ index: Int, of workers: [AggregateStage], _ query: QueryExecution) throws {
        let tables = workers.map { $0.distinctTables[index] }.filter { $0.count > 0 }
        guard !tables.isEmpty else { return }
        let distinct = plan.distincts[index]
        if workers.count == 1 || tables.count == 1 {
            try workers[0].fold(tables[0], distinct)
            return
        }
        let parts = HashPartitions.count(for: tables.reduce(0) { $0 + $1.count })
        let splits = Guarded<[HashPartitions?]>(Array(repeating: nil, count: tables.count))
        try query.forEachTask(tables.count) { _, task in
            let split = HashPartitions(hashes: tables[task].hashes, count: tables[task].count, parts: parts)
            splits.withLock { $0[task] = split }
        }
        let ready = splits.withLock { $0 }
        // Each thread folds into a state of its own, so no more threads than states; a thread that got no rows has none.
        let ticket = Ticket()
        try query.onWorkers(min(parts, workers.count)) { worker in
            while true {
                let part = ticket.next()
                guard part < parts else { return }
                try query.check()
                let united = KeyTable(distinct.layout, expecting: ready.compactMap { $0?.size(of: part) }.max() ?? 0)
                for (table, split) in zip(tables, ready) {
                    guard let split else { continue }
                    try split.withRows(of: part) { numbers, count in
                        try withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(count, 1)) { targets in
                            guard let first = targets.baseAddress, count > 0 else { return }
                            try united.merge(table, numbers: numbers, count: count, into: first)
                        }
                    }
                }
                try workers[worker].fold(united, distinct)
            }
        }
    }
}

/// Aggregates rows that come in order.
private final class AggregatingWorker: ResultWorker {
    private let stage: AggregateStage

    init(_ stage: AggregateStage) { self.stage = stage }

    func consume(_ batch: Batch) throws { _ = try stage.push(batch) }
    func finish() throws {}
}
