import Columnar
import Expressions
import Platform

/// What the workers of a hash join put aside.
final class JoinSpilling: @unchecked Sendable {
    // Unchecked: what varies is behind locks.
    let budget: SpillBudget
    private let profile: OperatorProfile
    private let query: QueryExecution
    private let buildRows = Guarded<PartitionedSpill?>(nil)

    init(_ profile: OperatorProfile, _ query: QueryExecution) {
        self.profile = profile
        self.query = query
        budget = SpillBudget(query)
    }

    /// nil: all rows of the kept side are in memory.
    var spilledBuildRows: PartitionedSpill? { buildRows.value }

    /// Runs the kept side; its rows are in memory then, or all of them have been put aside.
    func collect(_ input: PhysicalOperator, _ plan: JoinBuildPlan, _ query: QueryExecution) throws -> [JoinBuildStage] {
        let stages = try JoinBuildStage.collect(input, plan, self, query)
        if spilledBuildRows != nil || !JoinTable.fits(stages, query) {
            try query.forEachTask(stages.count) { _, task in try stages[task].putAside() }
        }
        return stages
    }

    func makeBuildWriter() throws -> PartitionedSpillWriter {
        try buildRows.withLock { spill in
            let made = spill ?? PartitionedSpill(query, profile)
            spill = made
            return made
        }.makeWriter()
    }
}
