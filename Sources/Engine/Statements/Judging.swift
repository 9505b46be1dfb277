import Catalog
import FeatureTables
import HiveSyntax
import Learners
import Planner
import Platform

extension StatementRunner {
    /// Loads models and judges them by the rows of the statement's text, if there are some.
    func judge(_ request: JudgingRequest) throws -> StatementResult {
        var found = try request.names.map { NamedModel(name: $0, model: try model(called: $0)) }
        if !source.bytes.isEmpty {
            do { for model in found { try model.checkLabel() } } catch let error as LearnerError {
                throw HiveError.semantic("\(error)")
            }
            let query = try self.query(of: try Parser.parseSummarized(source))
            let data = try importData(of: query)
            do {
                for place in found.indices {
                    try running.cancellation.check()
                    let model = found[place].model
                    let rows = try model.modelTransform().map {
                        try TransformFitting(data, makeBinder(), evaluationContext).applied($0, of: model, at: query.range)
                    }
                    try found[place].judge(rows ?? data)
                }
            } catch let error as FeatureError {
                throw HiveError.semantic("\(error)")
            } catch let error as LearnerError {
                throw HiveError.semantic("\(error)")
            }
        }
        request.models.withLock { $0 = found }
        return none
    }

    /// The model of a file, or of a name in the warehouse.
    private func model(called name: String) throws -> TrainedModel {
        do {
            let status = try? FileStatus.of(name)
            if name.contains("/") || status?.kind == .file { return try TrainedModel.load(from: name) }
        } catch let error as LearnerError {
            throw HiveError.task("\(error)")
        }
        let parts = name.lowercased().replacing("`", with: "").split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let database = parts.count == 2 ? parts[0] : catalog.currentDatabase
        guard (1...2).contains(parts.count), let last = parts.last,
            let table = try catalog.model(database: database, name: last)
        else {
            throw PlanError(
                "There is no file '\(name)', and no model of that name in the warehouse",
                hint: NearestName.hint(for: parts.last ?? name, among: try catalog.modelNames(database: database)))
        }
        return try locked([table.qualifiedName: .shared]) { try models.trained(table) }
    }
}
