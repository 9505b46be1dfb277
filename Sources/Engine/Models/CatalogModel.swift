import Catalog
import Columnar
import Expressions
import FeatureTables
import Functions
import HiveSyntax
import Learners
import Planner
import Platform

/// A model of the warehouse, as queries use it.
struct CatalogModel: PlannableModel {
    let table: Table
    let trained: TrainedModel
    var inputs: [String] { BatchPredictor.inputs(of: trained) }
    var hasLabel: Bool { trained.encoding.label != nil }

    /// Functions that take rows, and those that tell of the model alone.
    static let functions = [
        "predict", "explain_predict", "transform", "evaluate", "confusion_matrix", "roc_curve", "weights", "feature_info",
        "feature_importance", "training_info", "rules", "trial_info", "detect_anomalies", "centroids", "principal_components",
        "principal_component_info", "global_explain",
    ]

    /// BigQuery ML's.
    private static let usualColumnCount = 5

    func transform() throws -> ModelTransform? { try trained.modelTransform() }

    func transformedColumns(for function: String) -> TransformedColumns {
        trained.transformedColumns(label: ["evaluate", "confusion_matrix", "roc_curve"].contains(function) ? .needed : .unused)
    }

    func relation(
        of function: String, settings: [(name: String, value: LiteralValue, type: SQLType)], columns: [SchemaColumn]?
    ) throws -> ModelRelation {
        do {
            switch function {
            case "predict":
                let threshold = try setting("threshold", among: settings, of: function).map { try number($0, "threshold", 0...1) }
                return try prediction(of: try rows(columns, for: function), as: "ml.predict") {
                    try BatchPredictor(trained, schema: $0, threshold: threshold)
                }
            case "explain_predict":
                let count = try setting("top_k_features", among: settings, of: function).map(self.columnCount)
                return try perRow("ml.explain_predict", try rows(columns, for: function)) { schema in
                    let explainer = try BatchExplainer(trained, schema: schema, columnCount: count ?? Self.usualColumnCount)
                    return (explainer.resultType, { try explainer.explain($0.arguments, rows: $0.rows, count: $0.count) })
                }
            case "detect_anomalies":
                let share = try setting("contamination", among: settings, of: function).map { try number($0, "contamination", 0...0.5) }
                return try prediction(of: try rows(columns, for: function), as: "ml.detect_anomalies") {
                    try BatchPredictor(anomaliesOf: trained, schema: $0, contamination: share)
                }
            case "evaluate", "confusion_matrix", "roc_curve":
                try refuse(settings, of: function)
                if let columns { return try summary(function, of: columns) }
                return try ModelTable(trained).known(function)
            case "global_explain":
                let byClass = try setting("class_level_explain", among: settings, of: function).map(self.flag) ?? false
                if byClass, trained.encoding.label?.classes == nil {
                    throw PlanError("class_level_explain is for a model of classes, and this one tells no class")
                }
                return try columns.map { try globalExplanation(of: $0, byClass: byClass) }
                    ?? ModelTable(trained).globalExplanation(byClass: byClass)
            case "transform": throw PlanError("Model \(table.name) has no TRANSFORM")
            case "weights", "feature_info", "feature_importance", "training_info", "rules", "trial_info", "centroids",
                "principal_components", "principal_component_info":
                try refuse(settings, of: function)
                guard columns == nil else { throw PlanError("ML.\(function.uppercased()) takes a model and no rows") }
                return try ModelTable(trained).known(function)
            default:
                throw PlanError(
                    "There is no function ML.\(function.uppercased()) of models", code: 10011,
                    hint: NearestName.hint(for: function, among: Self.functions))
            }
        } catch let error as FeatureError {
            throw PlanError("\(error)")
        } catch let error as LearnerError {
            throw PlanError("\(error)")
        }
    }

    private func rows(_ columns: [SchemaColumn]?, for function: String) throws -> [SchemaColumn] {
        guard let columns else {
            throw PlanError("ML.\(function.uppercased()) takes rows behind the model: TABLE t, or a query in parentheses")
        }
        return columns
    }

    // MARK: Settings

    private func refuse(_ settings: [(name: String, value: LiteralValue, type: SQLType)], of function: String) throws {
        guard let first = settings.first else { return }
        throw PlanError("ML.\(function.uppercased()) has no setting '\(first.name)'")
    }

    private typealias Setting = (text: String, type: SQLType)

    /// The one setting that a function has; nil when it is not given.
    private func setting(
        _ name: String, among settings: [(name: String, value: LiteralValue, type: SQLType)], of function: String
    ) throws -> Setting? {
        guard let first = settings.first else { return nil }
        guard settings.count == 1, first.name == name else {
            throw PlanError("ML.\(function.uppercased()) has one setting, \(name), and no '\(settings.last?.name ?? "")'")
        }
        guard !first.type.isComplex else { return ("", first.type) }
        return (OptionText.texts(of: first.value.column(type: first.type, count: 1), type: first.type).first ?? "", first.type)
    }

    private func number(_ setting: Setting, _ name: String, _ range: ClosedRange<Double>) throws -> Double {
        guard let number = Double(setting.text), range.contains(number) else {
            throw PlanError("\(name) is a number from \(Self.short(range.lowerBound)) to \(Self.short(range.upperBound))")
        }
        return number
    }

    private static func short(_ number: Double) -> String { HyperparameterValue.number(number).text }

    private func flag(_ setting: Setting) throws -> Bool {
        guard setting.type == .boolean, ["true", "false"].contains(setting.text.lowercased()) else {
            throw PlanError("class_level_explain is TRUE or FALSE")
        }
        return setting.text.lowercased() == "true"
    }

    /// Of how many columns a row's explanation tells.
    private func columnCount(_ setting: Setting) throws -> Int {
        guard setting.type.isIntegral, let count = Int(setting.text), count > 0 else {
            throw PlanError("top_k_features is a whole number of at least 1")
        }
        return count
    }

    // MARK: Functions over rows

    /// The places of a model's columns among those of the rows.
    private func places(of names: [String], in columns: [SchemaColumn]) throws -> [Int] {
        try names.map { name in
            let wanted = name.lowercased()
            guard let place = columns.firstIndex(where: { $0.name.lowercased() == wanted }) else {
                throw PlanError(
                    "The rows have no column '\(name)', which model \(table.name) needs",
                    hint: NearestName.hint(for: name, among: columns.map(\.name)))
            }
            return place
        }
    }

    /// What gives a STRUCT of each row.
    private func perRow(
        _ name: String, _ columns: [SchemaColumn], _ make: ([SchemaColumn]) throws -> (type: SQLType, kernel: ScalarKernel)
    ) throws -> ModelRelation {
        let places = try places(of: inputs, in: columns)
        let (type, kernel) = try make(schema(inputs, columns, places))
        return .scalar(scalar(name, type, kernel), arguments: places)
    }

    private func prediction(
        of columns: [SchemaColumn], as name: String, _ make: ([SchemaColumn]) throws -> BatchPredictor
    ) throws -> ModelRelation {
        try perRow(name, columns) { schema in
            let predictor = try make(schema)
            return (predictor.resultType, { try predictor.predict($0.arguments, rows: $0.rows, count: $0.count) })
        }
    }

    private func summary(_ name: String, of columns: [SchemaColumn]) throws -> ModelRelation {
        let inputs = BatchJudge.inputs(of: trained, available: columns.map(\.name))
        let places = try places(of: inputs, in: columns)
        let judge = try BatchJudge(trained, schema: schema(inputs, columns, places))
        let judging = scalar("ml.judge", BatchJudge.judgementType) { input in
            try judge.judge(input.arguments, rows: input.rows, count: input.count)
        }
        let tables = ModelTable(trained)
        let type = try tables.summaryType(name)
        let summing = scalar("ml.\(name)", .array(type)) { input in
            var isWanted = [Bool](repeating: false, count: input.count)
            input.rows.forEach { isWanted[$0] = true }
            let builder = ColumnBuilder(.array(type), capacity: input.count)
            for row in 0..<input.count {
                guard isWanted[row] else {
                    builder.appendNull()
                    continue
                }
                try tables.append(name, judge.judged(of: input.arguments[0], row: row), to: builder)
            }
            return builder.finish()
        }
        return .summary(judge: judging, arguments: places, summary: summing)
    }

    /// What each column adds on average to the predictions of rows.
    private func globalExplanation(of columns: [SchemaColumn], byClass: Bool) throws -> ModelRelation {
        let places = try places(of: inputs, in: columns)
        let explainer = try BatchExplainer(trained, schema: schema(inputs, columns, places), columnCount: inputs.count)
        let explaining = scalar("ml.attributions", BatchExplainer.magnitudesType) { input in
            try explainer.magnitudes(input.arguments, rows: input.rows, count: input.count)
        }
        let type = SQLType.array(ModelTable.attributionType(byClass: byClass))
        let summing = scalar("ml.global_explain", type) { input in
            let builder = ColumnBuilder(type, capacity: input.count)
            var isWanted = [Bool](repeating: false, count: input.count)
            input.rows.forEach { isWanted[$0] = true }
            for row in 0..<input.count {
                guard isWanted[row] else {
                    builder.appendNull()
                    continue
                }
                ModelTable.append(explainer.explanation(of: input.arguments[0], row: row), byClass: byClass, to: builder)
            }
            return builder.finish()
        }
        return .summary(judge: explaining, arguments: places, summary: summing)
    }

    /// The columns at `places` under the model's names.
    private func schema(_ names: [String], _ columns: [SchemaColumn], _ places: [Int]) -> [SchemaColumn] {
        zip(names, places).map { SchemaColumn(name: $0, type: columns[$1].type) }
    }

    /// A function whose kernel's errors are the statement's.
    private func scalar(_ name: String, _ type: SQLType, _ kernel: @escaping ScalarKernel) -> ScalarFunction {
        ScalarFunction(
            name, documentation: FunctionDocumentation("_FUNC_ - a function of model \(table.name)"),
            traits: ScalarTraits(cost: .dear, canFail: true)
        ) { call in
            ResolvedScalar(argumentTypes: call.argumentTypes, resultType: type) { input in
                do { return try kernel(input) } catch let error as FeatureError {
                    throw FunctionError(.argument, "\(error)")
                } catch let error as LearnerError {
                    throw FunctionError(.argument, "\(error)")
                }
            }
        }
    }
}

extension TrainedModel {
    /// What rows go through before the model sees them, as the planner takes it.
    func modelTransform() throws -> ModelTransform? {
        guard let transform else { return nil }
        return ModelTransform(
            items: try transform.items.map { item in
                guard case .query(let query) = try Parser.parseStatement("SELECT \(item.text)").kind,
                    case .select(let core) = query.body, core.items.count == 1
                else { throw PlanError("the model's TRANSFORM has an item that is none: \(item.text)") }
                return (core.items[0], item.stateBytes)
            },
            inputs: transform.inputs.compactMap { input in SQLType(typeText: input.type).map { (input.name.lowercased(), $0) } })
    }

    /// What whoever applies a model has to do with the rows' label.
    enum LabelUse {
        /// Predictions are judged by it.
        case needed
        /// They are where it is there.
        case useful
        case unused
    }

    /// What a transform has to make for the model to predict, and to be judged.
    func transformedColumns(label use: LabelUse) -> TransformedColumns {
        let label = encoding.label.map { [$0.name] } ?? []
        let weight = use == .unused ? [] : encoding.weight.map { [$0] } ?? []
        return TransformedColumns(
            needed: Set((BatchPredictor.inputs(of: self) + (use == .needed ? label : [])).map { $0.lowercased() }),
            useful: Set((weight + (use == .useful ? label : [])).map { $0.lowercased() }))
    }
}
