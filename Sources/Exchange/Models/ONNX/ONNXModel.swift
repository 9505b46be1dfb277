import FeatureTables
import Learners
import Platform

/// A trained model as a graph of ONNX: from columns to the prediction.
///
/// Linear models are a matrix product in double precision, since the operators for them (LinearClassifier and
/// LinearRegressor) keep weights in single precision; trees a TreeEnsembleRegressor, whose margins become probabilities by
/// Sigmoid or Softmax.
struct ONNXModel {
    private let trained: TrainedModel
    private let form: ModelForm

    /// - Throws: `ExportError` for a model that has no such form.
    init(_ trained: TrainedModel) throws {
        guard let form = try trained.model.form() else {
            throw ExportError("a model of \(trained.learner) cannot be written as ONNX")
        }
        guard trained.transform == nil else {
            throw ExportError("a model with TRANSFORM cannot be written as ONNX: what SQL does to the rows has no form there")
        }
        self.trained = trained
        self.form = form
    }

    func bytes() throws -> [UInt8] {
        let isOfTrees = if case .xgboost = form { true } else { false }
        let encoding = ONNXEncoding(trained.encoding, absentIsMissing: isOfTrees)
        let outputs = trained.model.task == .regression ? ["prediction"] : ["label", "probabilities"]
        if let name = encoding.inputNames.first(where: outputs.contains) {
            throw ExportError("column '\(name)' has the name of an output of the graph: give it an alias, and train again")
        }
        var graph = ONNXGraph(names: encoding.inputNames + outputs)
        let features = encoding.append(to: &graph)
        let scores = try scores(features, &graph)
        switch trained.model.task {
        case .regression: graph.output("prediction", .double, width: 1, from: scores)
        case .binaryClassification:
            let opposite = graph.node("Sigmoid", [graph.node("Neg", [scores])])
            let both = graph.node("Concat", [opposite, graph.node("Sigmoid", [scores])], [("axis", .integer(1))])
            addClasses(both, to: &graph)
        case .multiclassClassification: addClasses(graph.node("Softmax", [scores], [("axis", .integer(1))]), to: &graph)
        case .clustering, .dimensionReduction, .anomalyDetection:
            throw ExportError("a model of \(trained.learner) cannot be written as ONNX")
        }
        return graph.encoded(explanation: explanation(encoding), properties: properties(encoding))
    }

    /// The numbers that predictions are made of, `double`: one a row, or one a class.
    private func scores(_ features: String, _ graph: inout ONNXGraph) throws -> String {
        switch form {
        case .linear(let model):
            let outputs = model.scores
            let (rows, columns) = (model.featureNames.count, outputs.count)
            let weights = (0..<rows).flatMap { row in outputs.map { $0.weights[row] } }
            let sums = graph.node(
                "Gemm",
                [
                    features, graph.constant(weights, shape: [rows, columns]),
                    graph.constant(outputs.map(\.intercept), shape: [columns]),
                ])
            switch model.link {
            case nil: return sums
            case .log:
                return graph.node("Exp", [graph.node("Min", [sums, graph.constant([LinearModel.greatestLogarithm], shape: [1])])])
            case .oneAgainstRest:
                // The logarithms of the probabilities, of which Softmax makes probabilities divided by their sum. ONNX Runtime has no
                // Softplus of doubles.
                let powers = graph.node("Exp", [graph.node("Neg", [graph.node("Abs", [sums])])])
                let logarithms = graph.node("Log", [graph.node("Add", [powers, graph.constant([1.0], shape: [1])])])
                return graph.node("Sub", [graph.node("Min", [sums, graph.constant([0.0], shape: [1])]), logarithms])
            }
        case .xgboost(let booster):
            let task = trained.model.task
            let count = task == .multiclassClassification ? trained.encoding.label?.classes?.count ?? 1 : 1
            let trees = try ONNXTrees(booster, outputCount: count, isLogistic: task == .binaryClassification)
            let single = graph.cast(features, to: .float)
            return graph.cast(trees.append(to: &graph, single), to: .double)
        }
    }

    private func addClasses(_ probabilities: String, to graph: inout ONNXGraph) {
        let classes = trained.encoding.label?.classes ?? []
        let places = graph.node("ArgMax", [probabilities], [("axis", .integer(1)), ("keepdims", .integer(0))])
        let label = graph.node("Gather", [graph.constant(classes), places])
        graph.output("label", .string, width: nil, from: label)
        graph.output("probabilities", .double, width: classes.count, from: probabilities)
    }

    // MARK: Words

    private func explanation(_ encoding: ONNXEncoding) -> String {
        var text = "\(trained.learner) of hiveql. Numbers are double and NaN where they are missing, texts empty where they are."
        if !encoding.encodedColumns.isEmpty {
            text += " Inputs that take encoded features, which hiveql export --model writes: "
                + encoding.encodedColumns.joined(separator: ", ") + "."
        }
        return text
    }

    private func properties(_ encoding: ONNXEncoding) -> [(String, String)] {
        var properties = [
            ("hiveql_learner", trained.learner), ("hiveql_columns", JSON.list(trained.encoding.columns.map(\.name))),
            ("hiveql_features", JSON.list(trained.model.featureNames)),
        ]
        if let label = trained.encoding.label {
            properties.append(("hiveql_label", label.name))
            if let classes = label.classes { properties.append(("hiveql_classes", JSON.list(classes))) }
        }
        if !encoding.encodedColumns.isEmpty { properties.append(("hiveql_encoded_columns", JSON.list(encoding.encodedColumns))) }
        return properties
    }
}
