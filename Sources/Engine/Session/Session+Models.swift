import FeatureTables
import HiveSyntax
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
    ///   - needsLabel: whether a model without a label is refused; if not, it measures how it describes the rows.
    /// - Throws: `HiveError`, also for rows that do not have what a model needs.
    public func models(_ names: [String], judgedBy rows: String? = nil, needsLabel: Bool = true) throws -> [NamedModel] {
        try perform(rows ?? "") { try $0.models(names, needsLabel: needsLabel) }
    }

    /// A model by the path of its file or by its name in the warehouse.
    /// - Throws: `HiveError`.
    public func model(_ name: String) throws -> TrainedModel {
        try perform { try $0.model(called: name) }
    }

    /// Rows as a model's TRANSFORM makes them, each at its place, for whoever applies the model; as they are where it has none.
    /// - Throws: `HiveError` when they lack what the model needs.
    public func transforming(_ data: ImportData, by model: TrainedModel) throws -> ImportData {
        try perform { try $0.transforming(data, by: model) }
    }

    /// Whether `keep` may be expected to keep a model, to be asked before the training.
    /// - Throws: `HiveError` for a name that is taken or can be none, and where other files are in the model's place.
    public func checkMayKeepModel(as name: String, replacing: Bool) throws {
        try perform { try $0.checkMayKeepModel(as: name, replacing: replacing) }
    }

    /// Keeps a model in the warehouse, as CREATE MODEL does, committed as a whole: whoever reads it has the old one or this one,
    /// also after a kill at any moment.
    /// - Parameters:
    ///   - name: `m` or `db.m`.
    ///   - replacing: whether it may take the place of a model of that name.
    ///   - query: what it was trained on, for DESCRIBE MODEL.
    ///   - rowCount: that the query gave.
    /// - Throws: `HiveError`.
    public func keep(_ model: TrainedModel, as name: String, replacing: Bool, query: String, rowCount: Int) throws {
        try perform {
            try $0.keep(model, as: name, replacing: replacing, ["query": query, "rows": "\(rowCount)"])
        }
    }

    /// The models of the current database, sorted by their names.
    /// - Parameter pattern: of the names, as behind SHOW MODELS LIKE; nil: all.
    public func modelListings(like pattern: String? = nil) throws -> [ModelListing] {
        try perform { try $0.modelListings(like: pattern) }
    }
}
