import Columnar
import Expressions
import FeatureTables
import Learners
import Planner

/// What functions of models tell as tables, under BigQuery ML's names of columns.
struct ModelTable: Sendable {
    private let model: TrainedModel
    private var classes: [String]? { model.encoding.label?.classes }

    init(_ model: TrainedModel) { self.model = model }

    // MARK: Of the model alone

    /// - Throws: `PlanError` where the model does not know it.
    func known(_ function: String) throws -> ModelRelation {
        switch function {
        case "weights": return try weights()
        case "feature_info": return featureInfo()
        case "feature_importance": return featureImportance()
        case "training_info": return try trainingInfo()
        case "rules": return try rules()
        case "trial_info": return try trialInfo()
        case "centroids": return try model.centroids()
        case "principal_components": return try model.principalComponents()
        case "principal_component_info": return try model.principalComponentInfo()
        case "evaluate", "confusion_matrix":
            guard let quality = model.report.map({ $0.evaluation ?? $0.training }),
                let metrics = quality.plain
            else { throw PlanError("The model has no measures of its own: give ML.\(function.uppercased()) rows") }
            let type = try summaryType(function)
            guard case .structure(let fields) = type else { throw PlanError("Internal error: \(function) gives no structure") }
            let rows = function == "evaluate" ? [values(of: metrics)] : Self.confusion(metrics, classes ?? [])
            return .rows(fields.map { SchemaColumn(name: $0.name, type: $0.type) }, rows)
        default: throw PlanError("ML.\(function.uppercased()) needs rows behind the model: TABLE t, or a query in parentheses")
        }
    }

    /// A row a feature, and the constant term; of more than two classes a row a feature and class.
    private func weights() throws -> ModelRelation {
        guard let linear = model.uncalibrated as? LinearModel else {
            throw PlanError("A model of \(model.learner) has no weights: ML.FEATURE_IMPORTANCE tells what its features matter")
        }
        let names = linear.outputs.count > 1 ? linear.classes.map { LiteralValue.bytes(Array($0.utf8)) } : [.null]
        var rows: [[LiteralValue]] = []
        for (output, name) in zip(linear.outputs, names) {
            rows += zip(linear.featureNames, output.weights).map { [.bytes(Array($0.utf8)), .floating($1), name] }
            rows.append([.bytes(Array("__INTERCEPT__".utf8)), .floating(output.intercept), name])
        }
        return .rows(
            [
                SchemaColumn(name: "processed_input", type: .string), SchemaColumn(name: "weight", type: .double),
                SchemaColumn(name: "class_label", type: .string),
            ], rows)
    }

    private func featureInfo() -> ModelRelation {
        let rows: [[LiteralValue]] = model.encoding.columns.map { column in
            [
                .bytes(Array(column.name.utf8)), .bytes(Array(column.type.utf8)), .bytes(Array(Self.form(of: column).utf8)),
                .bytes(Array(column.missing.name.utf8)), .integer(Int64(column.width)),
            ]
        }
        return .rows(
            [
                SchemaColumn(name: "input", type: .string), SchemaColumn(name: "type", type: .string),
                SchemaColumn(name: "encoding", type: .string), SchemaColumn(name: "missing", type: .string),
                SchemaColumn(name: "dimension", type: .bigint),
            ], rows)
    }

    private static func form(of column: ColumnEncoding) -> String {
        switch column.form {
        case .number: "number"
        case .levels(let levels): levels.form.rawValue
        case .vector: "vector"
        case .sparseVector: "sparse vector"
        case .dateParts: "date-parts"
        case .statistics(let statistics): statistics.form.rawValue
        }
    }

    private func featureImportance() -> ModelRelation {
        let rows: [[LiteralValue]] = model.model.influences.map { influence in
            [
                .bytes(Array(influence.feature.utf8)), .floating(influence.magnitude),
                influence.splits.map { .integer(Int64($0)) } ?? .null, influence.gain.map { .floating($0) } ?? .null,
            ]
        }
        return .rows(
            [
                SchemaColumn(name: "feature", type: .string), SchemaColumn(name: "importance", type: .double),
                SchemaColumn(name: "importance_weight", type: .bigint), SchemaColumn(name: "importance_gain", type: .double),
            ], rows)
    }

    /// A row a column of the query; of each class by itself, if asked.
    func globalExplanation(byClass: Bool) throws -> ModelRelation {
        guard let explanation = model.report?.explanation else {
            throw PlanError(
                "The model's training did not keep what its columns add to predictions: give ML.GLOBAL_EXPLAIN rows, or CREATE MODEL "
                    + "the option enable_global_explain = true")
        }
        if byClass, explanation.classes == nil {
            throw PlanError(
                "The model's training did not keep what its columns add to predictions of each class: give ML.GLOBAL_EXPLAIN rows, or "
                    + "train the model anew")
        }
        return .rows(
            Self.attributionFields(byClass: byClass).map { SchemaColumn(name: $0.name, type: $0.type) },
            Self.attributions(explanation, byClass: byClass).map { name, column in
                (byClass ? [.bytes(Array(name.utf8))] : []) + [.bytes(Array(column.name.utf8)), .floating(column.attribution)]
            })
    }

    private static func attributionFields(byClass: Bool) -> [StructField] {
        (byClass ? [StructField(name: "class_name", type: .string)] : [])
            + [StructField(name: "feature", type: .string), StructField(name: "attribution", type: .double)]
    }

    static func attributionType(byClass: Bool) -> SQLType { .structure(attributionFields(byClass: byClass)) }

    /// Class after class, of which only those are told that are predicted of a row.
    private static func attributions(
        _ explanation: GlobalExplanation, byClass: Bool
    ) -> [(name: String, column: GlobalExplanation.Column)] {
        guard byClass else { return explanation.rows == 0 ? [] : explanation.columns.map { ("", $0) } }
        return (explanation.classes ?? []).filter { $0.rows > 0 }.flatMap { one in one.columns.map { (one.name, $0) } }
    }

    /// Appends an ARRAY of `attributionType`; of no rows it is empty.
    static func append(_ explanation: GlobalExplanation, byClass: Bool, to list: ColumnBuilder) {
        let rows = attributions(explanation, byClass: byClass)
        let structure = list.children[0]
        for (name, column) in rows {
            if byClass { structure.children[0].append(name) }
            structure.children[byClass ? 1 : 0].append(column.name)
            structure.children[byClass ? 2 : 1].append(column.attribution)
            structure.appendStructure()
        }
        list.append(listOf: rows.count)
    }

    /// A row a leaf of a decision tree.
    private func rules() throws -> ModelRelation {
        guard let label = model.encoding.label, let rules = TreeRules(of: model.uncalibrated)?.rules else {
            throw PlanError("A model of \(model.learner) has no rules: those of a decision tree are told")
        }
        let prediction = SchemaColumn(name: "predicted_\(label.name)", type: classes == nil ? .double : .string)
        return .rows(
            [SchemaColumn(name: "condition", type: .string), prediction]
                + (classes == nil ? [] : [SchemaColumn(name: "probability", type: .double)])
                + [SchemaColumn(name: "row_count", type: .bigint)],
            rules.map { rule in
                let predicted: [LiteralValue] = rule.predictedClass.map { [.bytes(Array($0.name.utf8)), .floating($0.share)] }
                    ?? [rule.predictedNumber.map { .floating($0) } ?? .null]
                return [.bytes(Array(rule.condition.utf8))] + predicted + [.integer(Int64(rule.rowCount))]
            })
    }

    private func trainingInfo() throws -> ModelRelation {
        guard let report = model.report else { throw PlanError("The model does not tell of its training") }
        let row: [LiteralValue] = [
            .integer(Int64(report.fit.iterations)), report.fit.objective.map { .floating($0) } ?? .null,
            .integer(report.fit.converged ? 1 : 0), .bytes(Array(report.fit.stopReason.utf8)),
            .integer(Int64(report.trainingImport.rowsKept)), .integer(Int64(report.evaluationImport?.rowsKept ?? 0)),
        ]
        return .rows(
            [
                SchemaColumn(name: "iterations", type: .bigint), SchemaColumn(name: "loss", type: .double),
                SchemaColumn(name: "converged", type: .boolean), SchemaColumn(name: "stop_reason", type: .string),
                SchemaColumn(name: "training_rows", type: .bigint), SchemaColumn(name: "evaluation_rows", type: .bigint),
            ], [row])
    }

    /// A row a trial, with a column a hyperparameter that was looked for.
    private func trialInfo() throws -> ModelRelation {
        guard let search = model.report?.search else {
            throw PlanError("The model's hyperparameters were not looked for: give CREATE MODEL some by HPARAM_RANGE or HPARAM_CANDIDATES")
        }
        func text(_ value: String) -> LiteralValue { .bytes(Array(value.utf8)) }
        let names = search.names
        let rows: [[LiteralValue]] = search.trials.enumerated().map { place, trial in
            [.integer(Int64(place + 1))] + names.map { trial.hyperparameters[$0].map(text) ?? .null } + [
                text(search.objective), trial.mean.map { .floating($0) } ?? .null, trial.deviation.map { .floating($0) } ?? .null,
                .floating(trial.rowShare), text(trial.error == nil ? "SUCCEEDED" : "FAILED"), trial.error.map(text) ?? .null,
                .integer(place == search.best ? 1 : 0),
            ]
        }
        return .rows(
            [SchemaColumn(name: "trial_id", type: .bigint)]
                + names.map { SchemaColumn(name: $0.replacing("-", with: "_"), type: .string) } + [
                    SchemaColumn(name: "objective", type: .string), SchemaColumn(name: "mean", type: .double),
                    SchemaColumn(name: "deviation", type: .double), SchemaColumn(name: "row_share", type: .double),
                    SchemaColumn(name: "status", type: .string), SchemaColumn(name: "error_message", type: .string),
                    SchemaColumn(name: "is_optimal", type: .boolean),
                ], rows)
    }

    // MARK: Of rows

    private static let classificationFields = [
        "precision", "recall", "accuracy", "f1_score", "log_loss", "roc_auc", "average_precision",
    ]
    private static let regressionFields = [
        "mean_absolute_error", "mean_squared_error", "root_mean_squared_error", "r2_score",
    ]
    private static let countFields = ["mean_poisson_deviance", "poisson_d2_score"]

    private var evaluationFields: [String] {
        if let unsupervised = model.model as? any UnsupervisedModel { return unsupervised.measureNames }
        guard classes == nil else { return Self.classificationFields }
        return Self.regressionFields + (isOfCounts ? Self.countFields : [])
    }

    /// Whether numbers are predicted by their logarithms, for which squared errors are the wrong measure.
    private var isOfCounts: Bool { (model.model as? LinearModel)?.link == .log }

    /// The STRUCT that a row of a summary is.
    func summaryType(_ function: String) throws -> SQLType {
        switch function {
        case "evaluate":
            return .structure(
                evaluationFields.map { StructField(name: $0, type: .double) } + [StructField(name: "row_count", type: .bigint)])
        case "confusion_matrix":
            guard let classes else { throw PlanError("ML.CONFUSION_MATRIX is of classes, and the model predicts none") }
            return .structure(
                [StructField(name: "expected_label", type: .string)]
                    + Self.distinct(classes, beside: "expected_label").map { StructField(name: $0, type: .double) })
        default:
            guard classes?.count == 2 else { throw PlanError("ML.ROC_CURVE is of two classes") }
            let counts = ["true_positives", "false_positives", "true_negatives", "false_negatives"]
            return .structure(
                ["threshold", "recall", "false_positive_rate"].map { StructField(name: $0, type: .double) }
                    + counts.map { StructField(name: $0, type: .double) })
        }
    }

    /// Classes as names of columns, which know no case.
    private static func distinct(_ classes: [String], beside taken: String) -> [String] {
        var known: Set<String> = [taken]
        return classes.map { name in
            var candidate = name.lowercased()
            while !known.insert(candidate).inserted { candidate += "_" }
            return candidate
        }
    }

    /// Appends the rows of a summary, an ARRAY of `summaryType`.
    func append(_ function: String, _ judged: BatchJudge.Judged, to list: ColumnBuilder) throws {
        let rows: [[LiteralValue]]
        switch function {
        case "roc_curve":
            if case .rows(let judged) = judged { rows = ROCCurve(judged).points } else { rows = [] }
        case "confusion_matrix": rows = try judged.metrics().map { Self.confusion($0, classes ?? []) } ?? []
        default:
            rows = [try judged.metrics().map { values(of: $0) } ?? noRows]
        }
        let structure = list.children[0]
        for row in rows {
            for (value, builder) in zip(row, structure.children) {
                builder.append(value.column(type: builder.type, count: 1), row: 0)
            }
            structure.appendStructure()
        }
        list.append(listOf: rows.count)
    }

    /// The measures of no rows.
    private var noRows: [LiteralValue] {
        Array(repeating: .null, count: evaluationFields.count) + [.integer(0)]
    }

    /// Of two classes precision, recall and F1 are the positive one's, of more the means over the classes.
    private func values(of metrics: EvaluationMetrics) -> [LiteralValue] {
        func number(_ value: Double?) -> LiteralValue { value.map { .floating($0) } ?? .null }
        switch metrics {
        case .classification(let metrics):
            let positive = metrics.positive
            return [
                number(positive?.precision ?? metrics.macroPrecision), number(positive?.recall ?? metrics.macroRecall),
                number(metrics.accuracy), number(positive?.f1 ?? metrics.macroF1), number(metrics.logLoss),
                number(metrics.areaUnderROC), number(metrics.areaUnderPR), .integer(Int64(metrics.rows)),
            ]
        case .regression(let metrics):
            return [
                number(metrics.meanAbsoluteError), number(metrics.meanSquaredError), number(metrics.rootMeanSquaredError),
                number(metrics.rSquared),
            ] + (isOfCounts ? [number(metrics.meanPoissonDeviance), number(metrics.poissonDSquared)] : [])
                + [.integer(Int64(metrics.rows))]
        case .unsupervised(let metrics): return metrics.measures.map { number($0.value) } + [.integer(Int64(metrics.rows))]
        }
    }

    /// A row an actual class: its name, and the weight of its rows by the class that is predicted.
    private static func confusion(_ metrics: EvaluationMetrics, _ classes: [String]) -> [[LiteralValue]] {
        guard case .classification(let metrics) = metrics else { return [] }
        return zip(classes, metrics.confusion).map { name, counts in
            [.bytes(Array(name.utf8))] + counts.map { .floating($0) }
        }
    }
}
