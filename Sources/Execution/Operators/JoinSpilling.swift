/// What the workers of a join put aside of its kept side.
final class JoinSpilling: Sendable {
    let budget: SpillBudget
    private let buildRows: SpillPlace

    init(_ profile: OperatorProfile, _ query: QueryExecution) {
        budget = SpillBudget(query)
        buildRows = SpillPlace(query, profile)
    }

    /// nil: all rows of the kept side are in memory.
    var spilledBuildRows: PartitionedSpill? { buildRows.spill }

    /// Runs the kept side; its rows are in memory then, or all of them have been put aside.
    func collect(_ input: PhysicalOperator, _ plan: JoinBuildPlan, _ query: QueryExecution) throws -> [JoinBuildStage] {
        let stages = try JoinBuildStage.collect(input, plan, self, query)
        if spilledBuildRows != nil || !JoinTable.fits(stages, query) {
            try query.forEachTask(stages.count) { _, task in try stages[task].putAside() }
        }
        return stages
    }

    func makeBuildWriter() throws -> PartitionedSpillWriter { try buildRows.makeWriter() }
}
