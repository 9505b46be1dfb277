#if os(Linux)
import Engine
import TestSupport

/// Every function with values at the ends of their types: with constants and with columns, with the optimizer and without,
/// in batches of one row; all answers are to be the same.
final class FunctionBreaker: Breaker {
    let trialsOfARound = 1_000
    private let seed: UInt64
    private let plain: Session
    private let literal: Session
    private var call: RandomCall?

    init(folder: String, seed: UInt64) throws {
        self.seed = seed
        let warehouse = try Warehouse(at: "\(folder)/warehouse")
        let settings = ["hiveql.memory.limit": "64m", "hiveql.threads": "1"]
        plain = try Session(warehouse: warehouse, settings: settings)
        literal = try Session(
            warehouse: warehouse, settings: settings.merging(["hiveql.optimizer": "false", "hiveql.batch.size": "1"]) { $1 })
    }

    func prepare(_ trial: Int) throws -> String? {
        var random = RandomSource(seed: seed &+ UInt64(trial) &* 104_729)
        let call = RandomCall(&random)
        self.call = call
        return "\(call.onConstants);\n\(call.onColumns)"
    }

    func run() throws -> BreakOutcome {
        guard let call else { return .refused }
        var answers: [(way: String, rows: [String])] = []
        var refusal: (any Error)?
        for (session, name) in [(plain, "optimized"), (literal, "not optimized")] {
            for (sql, kind) in [(call.onConstants, "constants"), (call.onColumns, "columns")] {
                do { answers.append(("\(kind), \(name)", try session.lines(sql))) } catch {
                    refusal = error
                    if case .refused = BreakOutcome(error) { continue }
                    return BreakOutcome(error)
                }
            }
        }
        guard let first = answers.first else { return refusal.map { BreakOutcome($0) } ?? .refused }
        guard call.isRepeatable else { return .value }
        for answer in answers.dropFirst() {
            let isOfColumns = answer.way.hasPrefix("columns")
            if isOfColumns, !first.way.hasPrefix("columns") {
                guard call.isSameForColumns else { continue }
                let expected = Array(repeating: first.rows, count: call.rowsOfColumns).flatMap { $0 }
                // Folded decimals are printed without zeros at their end.
                if BreakAnswer.areSame(answer.rows, expected) { continue }
            } else if !isOfColumns, first.way.hasPrefix("columns") {
                continue
            } else if answer.rows == first.rows {
                continue
            }
            return .mixed("\(first.way) gave \(BreakAnswer.shown(first.rows)), \(answer.way) gave \(BreakAnswer.shown(answer.rows))")
        }
        return .value
    }

    func cancel() {
        plain.cancel()
        literal.cancel()
    }
}
#endif
