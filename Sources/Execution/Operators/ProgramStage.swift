import Columnar
import Expressions

/// Runs an operator's expressions over each batch and passes on what it makes of them; batches without rows end here.
final class ProgramStage: TransformStage {
    private let evaluator: ExpressionEvaluator
    private let make: (ExpressionEvaluator, Batch) throws -> Batch

    init(_ evaluator: ExpressionEvaluator, next: Stage, make: @escaping (ExpressionEvaluator, Batch) throws -> Batch) {
        self.evaluator = evaluator
        self.make = make
        super.init(next: next)
    }

    override func push(_ batch: Batch) throws -> Flow {
        evaluator.begin(batch)
        defer { evaluator.end() }
        let made = try make(evaluator, batch)
        return made.rows.isEmpty ? .more : try next.push(made)
    }
}

extension StageSet {
    /// Stages that hand on what `make` makes of each batch; it sees the program's values for the batch.
    static func running(
        _ program: ExpressionProgram, _ query: QueryExecution, into target: StageSet,
        make: @escaping (ExpressionEvaluator, Batch) throws -> Batch
    ) -> StageSet {
        StageSet(downstream: target) { worker in
            ProgramStage(
                ExpressionEvaluator(program, context: query.context), next: try target.stage(worker: worker), make: make)
        }
    }
}
