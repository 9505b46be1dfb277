import Learners
import Platform

/// Boosted trees as XGBoost's own programs load them, with the names of features and, as the attribute `hiveql_classes`, of
/// classes.
struct XGBoostExport {
    private let model: TrainedModel
    private let booster: [UInt8]

    /// - Throws: `ExportError` for a model that is not XGBoost's.
    init(_ model: TrainedModel) throws {
        guard case .xgboost(let booster)? = try model.model.form() else {
            throw ExportError("a model of \(model.learner) is not XGBoost's")
        }
        self.model = model
        self.booster = booster
    }

    /// - Throws: `LearnerError.library`.
    func bytes(isBinary: Bool) throws -> [UInt8] {
        let names = model.model.featureNames
        // XGBoost's Python package refuses data with such names.
        let areAllowed = !names.contains { $0.contains { "[]<".contains($0) } } && Set(names).count == names.count
        var attributes: [(name: String, value: String)] = []
        if let classes = model.encoding.label?.classes { attributes.append(("hiveql_classes", JSON.list(classes))) }
        return try BoostedTreesModel.describing(
            booster, featureNames: areAllowed ? names : nil, attributes: attributes, isBinary: isBinary)
    }
}
