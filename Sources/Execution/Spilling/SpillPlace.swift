import Platform

/// Where the workers of an operator put rows of one kind aside; made when the first of them has to.
final class SpillPlace: Sendable {
    private let query: QueryExecution
    private let profile: OperatorProfile
    private let made = Guarded<PartitionedSpill?>(nil)

    init(_ query: QueryExecution, _ profile: OperatorProfile) {
        self.query = query
        self.profile = profile
    }

    /// nil: all rows are in memory.
    var spill: PartitionedSpill? { made.value }

    /// - Throws: `ExecutionError` naming the scratch folder.
    func makeWriter() throws -> PartitionedSpillWriter {
        try made.withLock { made in
            let spill = made ?? PartitionedSpill(query, profile)
            made = spill
            return spill
        }.makeWriter()
    }
}
