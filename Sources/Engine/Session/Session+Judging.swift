import Learners
import Platform

extension Session {
    /// Models by the paths of their files or by their names in the warehouse, judged by the same rows.
    ///
    /// The rows are read once, and go through each model's TRANSFORM.
    /// - Parameters:
    ///   - names: a name that is a file's means the file.
    ///   - rows: a table (`t`, `db.t`, ``parquet.`folder` ``, `t PARTITION (month >= 2)`) or a query; nil: the models alone are
    ///     wanted.
    /// - Throws: `HiveError`, also for rows that do not have what a model needs.
    public func models(_ names: [String], judgedBy rows: String? = nil) throws -> [NamedModel] {
        let request = JudgingRequest(names: names)
        _ = try finish(RunningStatement(hasReader: false, judging: request, in: activity), rows ?? "")
        return request.models.value
    }
}

/// Models that a statement is to judge, and their place.
final class JudgingRequest: Sendable {
    let names: [String]
    let models = Guarded<[NamedModel]>([])

    init(names: [String]) { self.names = names }
}
