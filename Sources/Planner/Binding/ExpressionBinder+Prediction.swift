import Columnar
import Expressions
import HiveSyntax

extension ExpressionBinder {
    /// What of a prediction a function gives.
    private enum PredictionFunction: String {
        case predict
        /// The classes and their probabilities.
        case probabilities = "predict_proba"
    }

    /// `predict(m, x, …)`, where `m` names a model and what follows are its columns in their order; nil for other calls.
    func bindPrediction(_ call: HiveSyntax.FunctionCall, _ range: SourceRange) throws -> BoundExpression? {
        guard let wanted = PredictionFunction(rawValue: call.name.key), binder.functions.scalar(call.name.key) == nil,
            let name = call.arguments.first.flatMap(modelName)
        else { return nil }
        guard binder.models != nil else {
            throw PlanError("\(call.name.key) asks a model, which can't be done here: a TRANSFORM depends on no other model", at: range)
        }
        let model = try binder.model(name)
        let arguments = try call.arguments.dropFirst().map { try bind($0) }
        guard try model.transform() == nil else {
            throw PlanError("Model \(model.table.name) has a TRANSFORM, which takes rows: ask it by ML.PREDICT", at: name.range)
        }
        guard arguments.count == model.inputs.count else {
            throw PlanError(
                "\(call.name.key) takes behind the model its columns in their order (\(model.inputs.joined(separator: ", "))), "
                    + "got \(arguments.count) value(s)", code: 10015, at: range)
        }
        let relation = try prediction(of: model, arguments.map(\.type), range)
        guard case .scalar(let function, let places) = relation else {
            throw PlanError("Internal error: ML.PREDICT is no function of a row", at: range)
        }
        let whole = try binder.call(function, places.map { arguments[$0] }, at: range)
        guard case .structure(let fields) = whole.type else {
            throw PlanError("Internal error: ML.PREDICT gives no STRUCT", at: range)
        }
        // A cluster and whether a row is an anomaly stand first; of principal components none is the prediction.
        guard model.hasLabel || wanted == .predict && (fields.count == 1 || fields[0].type != .double) else {
            throw PlanError(
                "Model \(model.table.name) learned without a label and tells several things of a row: ask it by ML.PREDICT", at: name.range)
        }
        let index = wanted == .predict ? 0 : 1
        guard fields.indices.contains(index) else {
            throw PlanError("Model \(model.table.name) predicts numbers, which have no probabilities", at: name.range)
        }
        return BoundExpression(.field(whole, index: index), type: fields[index].type, range: range)
    }

    private func prediction(of model: any PlannableModel, _ types: [SQLType], _ range: SourceRange) throws -> ModelRelation {
        let key = ([model.table.database, model.table.name] + types.map { "\($0)" }).joined(separator: "\u{0}")
        if let known = binder.predictions[key] { return known }
        let columns = zip(model.inputs, types).map { SchemaColumn(name: $0, type: $1) }
        let made = try binder.located(at: range) { try model.relation(of: "predict", settings: [], columns: columns) }
        binder.predictions[key] = made
        return made
    }

    /// `m` or `db.m`.
    private func modelName(_ expression: Expression) -> TableName? {
        switch expression.kind {
        case .column(let name): return TableName(name: name, range: expression.range)
        case .field(let base, let name):
            guard case .column(let database) = base.kind else { return nil }
            return TableName(database: database, name: name, range: expression.range)
        default: return nil
        }
    }
}
