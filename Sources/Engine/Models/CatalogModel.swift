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

    /// Functions that take rows, and those that tell of the model alone.
    static let functions = [
        "predict", "explain_predict", "transform", "evaluate", "confusion_matrix", "roc_curve", "weights", "feature_info",
        "feature_importance", "training_info", "rules", "trial_info",
    ]

    func transform() throws -> ModelTransform? { try trained.modelTransform() }

    func transformedColumns(for function: String) -> TransformedColumns {
        trained.transformedColumns(isJudged: ["evaluate", "confusion_matrix", "roc_curve"].contains(function))
    }

    func relation(
        of function: String, settings: [(name: String, value: LiteralValue, type: SQLType)], columns: [SchemaColumn]?
    ) throws -> ModelRelation {
        do {
            switch function {
            case "predict":
                let threshold = try self.threshold(settings, of: function)
                return try prediction(of: try rows(columns, for: function), threshold: threshold)
            case "explain_predict":
                let count = try columnCount(settings, of: function)
                return try explanation(of: try rows(columns, for: function), columnCount: count)
            case "evaluate", "confusion_matrix", "roc_curve":
                try refuse(settings, of: function)
                if let columns { return try summary(function, of: columns) }
                return try ModelTable(trained).known(function)
            case "transform": throw PlanError("Model \(table.name) has no TRANSFORM")
            case "weights", "feature_info", "feature_importance", "training_info", "rules", "trial_info":
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

    private func threshold(
        _ settings: [(name: String, value: LiteralValue, type: SQLType)], of function: String
    ) throws -> Double? {
        guard let first = settings.first else { return nil }
        guard settings.count == 1, first.name == "threshold" else {
            throw PlanError("ML.\(function.uppercased()) has one setting, threshold, and no '\(settings.last?.name ?? "")'")
        }
        let value = first.value.column(type: first.type, count: 1)
        guard !first.type.isComplex, let number = OptionText.texts(of: value, type: first.type).first.flatMap({ Double($0) }),
            (0...1).contains(number)
        else { throw PlanError("threshold is a number from 0 to 1") }
        return number
    }

    /// Of how many columns a row's explanation tells.
    private func columnCount(_ settings: [(name: String, value: LiteralValue, type: SQLType)], of function: String) throws -> Int {
        guard let first = settings.first else { return 5 }
        guard settings.count == 1, first.name == "top_k_features" else {
            throw PlanError("ML.\(function.uppercased()) has one setting, top_k_features, and no '\(settings.last?.name ?? "")'")
        }
        let value = first.value.column(type: first.type, count: 1)
        guard first.type.isIntegral, let text = OptionText.texts(of: value, type: first.type).first, let count = Int(text), count > 0
        else { throw PlanError("top_k_features is a whole number of at least 1") }
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

    private func prediction(of columns: [SchemaColumn], threshold: Double?) throws -> ModelRelation {
        let places = try places(of: inputs, in: columns)
        let predictor = try BatchPredictor(trained, schema: schema(inputs, columns, places), threshold: threshold)
        let function = scalar("ml.predict", predictor.resultType) { input in
            try predictor.predict(input.arguments, rows: input.rows, count: input.count)
        }
        return .scalar(function, arguments: places)
    }

    private func explanation(of columns: [SchemaColumn], columnCount: Int) throws -> ModelRelation {
        let places = try places(of: inputs, in: columns)
        let explainer = try BatchExplainer(trained, schema: schema(inputs, columns, places), columnCount: columnCount)
        let function = scalar("ml.explain_predict", explainer.resultType) { input in
            try explainer.explain(input.arguments, rows: input.rows, count: input.count)
        }
        return .scalar(function, arguments: places)
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
                try tables.append(name, judge.judgedRows(of: input.arguments[0], row: row), to: builder)
            }
            return builder.finish()
        }
        return .summary(judge: judging, arguments: places, summary: summing)
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
            })
    }

    /// What a transform has to make for the model to predict, or to be judged.
    func transformedColumns(isJudged: Bool) -> TransformedColumns {
        let label = isJudged ? encoding.label.map { [$0.name] } ?? [] : []
        let weight = isJudged ? encoding.weight.map { [$0] } ?? [] : []
        return TransformedColumns(
            needed: Set((BatchPredictor.inputs(of: self) + label).map { $0.lowercased() }),
            useful: Set(weight.map { $0.lowercased() }))
    }
}
