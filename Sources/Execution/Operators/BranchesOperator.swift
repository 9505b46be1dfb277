import Columnar
import Planner

/// Plans that run together, each into stages of its own. When all of them stream the rows of one shared subplan, that
/// plan runs once and each of its batches goes through all branches: nothing is kept.
package final class BranchesOperator: PhysicalOperator, @unchecked Sendable {
    // Unchecked: an immutable description, as all operators.
    init(_ inputs: [PhysicalOperator]) {
        super.init(outputs: inputs.flatMap(\.outputs), inputs: inputs)
    }

    func run(_ query: QueryExecution, into targets: [StageSet]) throws {
        guard let source = streamedSubplan else {
            for (input, target) in zip(inputs, targets) { try input.run(query, into: target) }
            return
        }
        var pipelines: [(stages: StageSet?, finish: [() throws -> Void])] = []
        for (branch, target) in zip(inputs, targets) {
            var stages: StageSet? = target
            var finish: [() throws -> Void] = []
            var current: PhysicalOperator? = branch
            while let step = current, step !== source, let next = stages {
                let made = try step.begin(query, into: step.metered(next))
                finish.append(made.finish)
                stages = made.stages
                current = step.streamedInput
            }
            pipelines.append((stages, finish.reversed()))
        }
        let targets = pipelines.compactMap(\.stages)
        if !targets.isEmpty {
            try source.run(
                query,
                into: StageSet(onBegin: { morsels in for target in targets { target.begin(morsels) } }) { worker in
                    FanOutStage(try targets.map { try $0.stage(worker: worker) })
                })
        }
        for pipeline in pipelines { for finish in pipeline.finish { try finish() } }
    }

    /// The one subplan at the end of every branch's pipeline, if nothing else reads it.
    private var streamedSubplan: SharedSubplanOperator? {
        var found: SharedSubplanOperator?
        for branch in inputs {
            var current: PhysicalOperator? = branch
            while let step = current, !(step is SharedSubplanOperator) { current = step.streamedInput }
            guard let subplan = current as? SharedSubplanOperator, found == nil || found === subplan else { return nil }
            found = subplan
        }
        guard let found else { return nil }
        var readers = 0
        for branch in inputs { branch.forEachOperator { if ($0 as? SharedScanOperator)?.subplan === found { readers += 1 } } }
        return readers == inputs.count ? found : nil
    }
}

/// Hands every batch to several stages.
private final class FanOutStage: Stage {
    private let targets: [Stage]
    /// What each target said last.
    private var flows: [Flow]

    init(_ targets: [Stage]) {
        self.targets = targets
        flows = targets.map { _ in .more }
    }

    override func push(_ batch: Batch) throws -> Flow {
        for (index, target) in targets.enumerated() where flows[index] == .more {
            flows[index] = try target.push(batch)
        }
        if flows.contains(.more) { return .more }
        return flows.contains(.endMorsel) ? .endMorsel : .stop
    }

    override func finishMorsel(_ morsel: Int) throws {
        for (index, target) in targets.enumerated() {
            try target.finishMorsel(morsel)
            if flows[index] == .endMorsel { flows[index] = .more }
        }
    }

    override func flush() throws { for target in targets { try target.flush() } }
}
