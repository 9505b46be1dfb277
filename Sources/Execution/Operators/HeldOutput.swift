import Planner

/// What a join gives, kept until its last row has come: a scalar subquery that has a second row for one of them ends the query
/// before anybody has seen another.
final class HeldOutput {
    /// Where the join's rows go meanwhile.
    let stages: StageSet
    private let rows: SubplanRows
    private let join: PhysicalOperator
    private let query: QueryExecution

    init(of join: PhysicalOperator, _ query: QueryExecution) {
        let rows = SubplanRows(join.outputs.map(\.type), for: "JOIN", mustKeep: true, query)
        stages = StageSet { _ in rows.makeStage() }
        self.rows = rows
        self.join = join
        self.query = query
    }

    /// After the last row.
    func release(into target: StageSet) throws {
        try rows.finish()
        try rows.produce(Array(join.outputs.indices), as: join, query, into: target)
    }
}
