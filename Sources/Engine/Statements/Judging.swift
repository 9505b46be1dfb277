import Catalog
import FeatureTables
import HiveSyntax
import Learners
import Planner
import Platform

extension StatementRunner {
    /// Loads models and judges them by the rows of the statement's text, if there are some.
    func models(_ names: [String], needsLabel: Bool) throws -> [NamedModel] {
        var found = try names.map { NamedModel(name: $0, model: try model(called: $0)) }
        guard !source.bytes.isEmpty else { return found }
        return try telling {
            if needsLabel { for model in found { try model.checkLabel() } }
            let query = try self.query(of: try Parser.parseSummarized(source))
            let data = try importData(of: query)
            for place in found.indices {
                try running.cancellation.check()
                let rows = try transformed(data, by: found[place].model, label: .needed, at: query.range)
                try found[place].judge(rows, needsLabel: needsLabel)
            }
            return found
        }
    }

    func transforming(_ data: ImportData, by model: TrainedModel) throws -> ImportData {
        try telling { try transformed(data, by: model, label: .useful, at: .none) }
    }

    private func transformed(
        _ data: ImportData, by model: TrainedModel, label: TrainedModel.LabelUse, at range: SourceRange
    ) throws -> ImportData {
        guard let transform = try model.modelTransform() else { return data }
        return try TransformFitting(data, makeBinder(), evaluationContext)
            .applied(transform, wanted: model.transformedColumns(label: label), at: range)
    }

    /// What learners and features refuse is a failure of the statement.
    private func telling<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as FeatureError {
            throw HiveError.semantic("\(error)")
        } catch let error as LearnerError {
            throw HiveError.semantic("\(error)")
        }
    }

    /// The model of a file, or of a name in the warehouse.
    func model(called name: String) throws -> TrainedModel {
        do {
            let status = try? FileStatus.of(name)
            if name.contains("/") || status?.kind == .file { return try TrainedModel.load(from: name) }
        } catch let error as LearnerError {
            throw HiveError.task("\(error)")
        }
        let found = modelName(name)
        guard let found, let table = try catalog.model(database: found.database, name: found.name) else {
            throw PlanError(
                "There is no file '\(name)', and no model of that name in the warehouse",
                hint: NearestName.hint(
                    for: found?.name ?? name, among: try catalog.modelNames(database: found?.database ?? catalog.currentDatabase)))
        }
        return try locked([table.qualifiedName: .shared]) { try models.trained(table) }
    }

    /// `m` or `db.m`, in backquotes or not; nil for what has more parts.
    private func modelName(_ text: String) -> (database: String, name: String)? {
        let parts = text.lowercased().replacing("`", with: "").split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), let last = parts.last else { return nil }
        return (parts.count == 2 ? parts[0] : catalog.currentDatabase, last)
    }

    // MARK: Models of the library's user

    func checkMayKeepModel(as name: String, replacing: Bool) throws {
        let (database, name) = try keptName(name)
        _ = try mayCreateModel(database, name, orReplace: replacing, ifNotExists: false)
        try checkPlace(ofModel: name, in: database)
    }

    func keep(_ model: TrainedModel, as name: String, replacing: Bool, _ properties: [String: String]) throws {
        let (database, name) = try keptName(name)
        _ = try keepModel(model, database, name, orReplace: replacing, ifNotExists: false, properties)
    }

    private func keptName(_ text: String) throws -> (database: String, name: String) {
        guard let found = modelName(text) else {
            throw HiveError.semantic("'\(text)' is no name of a model: m, or db.m")
        }
        return found
    }

    func modelListings(like pattern: String?) throws -> [ModelListing] {
        let database = catalog.currentDatabase
        return try catalog.modelNames(database: database).filter { Self.matches($0, pattern) }.compactMap { name in
            try running.cancellation.check()
            guard let table = try catalog.model(database: database, name: name) else { return nil }
            var listing = ModelListing(
                database: database, name: name, learner: table.properties["learner"] ?? "", created: table.createTime,
                rowCount: table.properties["rows"].flatMap { Int($0) })
            do {
                let model = try locked([table.qualifiedName: .shared]) { try models.trained(table) }
                listing.content = ModelListing.Content(model)
            } catch let error as HiveError where !error.isCancellation {
                listing.damage = error.message
            }
            return listing
        }
    }
}
