import Columnar
import FeatureTables
import HiveSyntax
import Learners
import Planner
import Platform

/// `OPTIONS (…)` of CREATE MODEL as a training: BigQuery ML's names, the options of `hiveql train` with `_` for `-`, and the
/// learner's hyperparameters.
struct ModelOptions {
    private var options = TrainingOptions()
    private var given: [String: Given] = [:]
    /// The name under which each option of the training was given.
    private var spellings: [String: String] = [:]

    private struct Given {
        var values: [String] = []
        /// Values to look for the best of, and by which function they are given.
        var tried: (function: String, values: SearchDimension.Values)?
        let range: SourceRange
    }

    /// - Parameter texts: the texts of an option's value.
    /// - Throws: `PlanError` at the option that is wrong.
    static func request(_ written: [ModelOption], texts: (Expression) throws -> [String]) throws -> TrainingRequest {
        var result = ModelOptions()
        for option in written {
            var given = Given(range: option.name.range)
            given.tried = try tried(option.value, texts)
            if given.tried == nil { given.values = try texts(option.value) }
            guard result.given.updateValue(given, forKey: option.name.name) == nil else {
                throw PlanError("The option \(option.name.name) is given twice", at: option.name.range)
            }
        }
        try result.chooseLearner()
        try result.divideRows()
        for name in result.given.keys.sorted() { try result.take(name) }
        do { return try result.options.finished(label: "The option input_label_cols") } catch let error as TrainingOptions.Invalid {
            throw PlanError(error.description)
        } catch let error as LearnerError {
            throw PlanError("\(error)")
        }
    }

    /// `HPARAM_CANDIDATES(array(…))` and `HPARAM_RANGE(least, greatest)`, with `'log'` behind where equal ratios are equally likely;
    /// nil for anything else.
    private static func tried(
        _ expression: Expression, _ texts: (Expression) throws -> [String]
    ) throws -> (function: String, values: SearchDimension.Values)? {
        guard case .function(let call) = expression.kind, call.name.database == nil else { return nil }
        let name = call.name.name.name.lowercased()
        switch name {
        case "hparam_candidates":
            guard call.arguments.count == 1 else {
                throw PlanError("HPARAM_CANDIDATES takes an array: hparam_candidates(array(0.1, 1))", at: expression.range)
            }
            let values = try texts(call.arguments[0])
            guard !values.isEmpty else { throw PlanError("HPARAM_CANDIDATES takes at least one value", at: expression.range) }
            return (name, .candidates(values))
        case "hparam_range":
            let values = try call.arguments.map { try texts($0) }.map { $0.count == 1 ? $0[0] : "" }
            let isLogarithmic = values.count == 3 && values[2].lowercased() == "log"
            guard values.count == 2 || isLogarithmic, let low = Double(values[0]), let high = Double(values[1]) else {
                throw PlanError(
                    "HPARAM_RANGE takes the least and the greatest number: hparam_range(0.001, 1), or hparam_range(0.001, 1, 'log')",
                    at: expression.range)
            }
            return (name, .range(low, high, isLogarithmic: isLogarithmic))
        default: return nil
        }
    }

    /// Notes that an option is given, which others may be other names of.
    private mutating func claim(_ name: String, as spelled: String, at range: SourceRange?) throws {
        guard let other = spellings.updateValue(spelled, forKey: name) else { return }
        throw PlanError("The options \(other) and \(spelled) say the same thing", at: range)
    }

    private mutating func set(_ name: String, to values: [String], as spelled: String, at range: SourceRange?) throws {
        try claim(name, as: spelled, at: range)
        do { try options.set(name, to: values, spelled: "The option \(spelled)") } catch let error as TrainingOptions.Invalid {
            throw PlanError(error.description, at: range)
        } catch let error as FeatureError {
            throw PlanError("The option \(spelled): \(error)", at: range)
        }
    }

    private mutating func value(of name: String) throws -> (text: String, range: SourceRange)? {
        guard let found = given.removeValue(forKey: name) else { return nil }
        guard found.values.count == 1, let text = found.values.first else {
            throw PlanError("The option \(name) takes one value", at: found.range)
        }
        return (text, found.range)
    }

    // MARK: model_type

    /// BigQuery ML's names of learners.
    private static let modelTypes = [
        "logistic_reg": LogisticRegression.name, "linear_reg": LinearRegression.name, "boosted_tree_classifier": BoostedTrees.name,
        "boosted_tree_regressor": BoostedTrees.name, "decision_tree_classifier": DecisionTree.name,
        "decision_tree_regressor": DecisionTree.name, "random_forest_classifier": RandomForest.name,
        "random_forest_regressor": RandomForest.name,
    ]

    private mutating func chooseLearner() throws {
        guard let (text, range) = try value(of: "model_type") ?? value(of: "learner") else {
            throw PlanError("OPTIONS lacks model_type: \(Self.knownTypes.joined(separator: ", "))")
        }
        let name = text.lowercased()
        let learner = Self.modelTypes[name] ?? name.replacing("_", with: "-")
        guard LearnerCatalog.kinds.contains(where: { $0.name == learner }) else {
            throw PlanError(
                "There is no model_type '\(text)': use \(Self.knownTypes.joined(separator: ", "))", at: range,
                hint: NearestName.hint(for: name, among: Self.knownTypes))
        }
        try set("learner", to: [learner], as: "model_type", at: range)
        guard Self.modelTypes[name] != nil else { return }
        if name.hasSuffix("_classifier") { options.readLabelAsClasses() }
        if name.hasSuffix("_regressor") { try set("task", to: ["regression"], as: "model_type", at: range) }
    }

    private static var knownTypes: [String] {
        modelTypes.keys.sorted() + LearnerCatalog.kinds.map { $0.name.replacing("-", with: "_") }.filter { modelTypes[$0] == nil }
    }

    // MARK: data_split_method

    private mutating func divideRows() throws {
        let method = try value(of: "data_split_method")
        let column = given.removeValue(forKey: "data_split_col")
        if let (text, range) = try value(of: "data_split_eval_fraction") {
            guard let fraction = Double(text), fraction >= 0, fraction < 1 else {
                throw PlanError("The option data_split_eval_fraction takes a number from 0 to below 1, not '\(text)'", at: range)
            }
            try set("split", to: ["\(1 - fraction)"], as: "data_split_eval_fraction", at: range)
        }
        let name = method?.text.lowercased() ?? "auto_split"
        let option: String
        switch name {
        case "auto_split", "random":
            if let column { throw PlanError("data_split_method \(name) takes no data_split_col", at: column.range) }
            return
        case "no_split":
            if let column { throw PlanError("data_split_method no_split takes no data_split_col", at: column.range) }
            return try set("split", to: ["1"], as: "data_split_method", at: method?.range)
        case "seq": option = "split-time"
        case "custom": option = "split-column"
        case "group": option = "split-group"
        default:
            throw PlanError(
                "There is no data_split_method '\(name)': use auto_split, random, seq, custom, group or no_split", at: method?.range)
        }
        guard let column else { throw PlanError("data_split_method \(name) needs data_split_col", at: method?.range) }
        try set(option, to: column.values, as: "data_split_col", at: column.range)
    }

    // MARK: Others

    /// BigQuery ML's names of hyperparameters, here by the learners' own.
    private static let hyperparameters = [
        "l1_reg": ["l1"], "l2_reg": ["l2"], "max_iterations": ["max-iterations", "rounds"], "learn_rate": ["learning-rate"],
        "max_tree_depth": ["depth"], "min_tree_child_weight": ["min-child-weight"], "min_split_loss": ["min-gain"],
        "subsample": ["row-sample"], "colsample_bytree": ["column-sample"], "colsample_bynode": ["split-features"],
        "num_parallel_tree": ["trees"], "kmeans_init_method": ["init"],
    ]

    private static let searches = [
        "vizier_default": "random", "random_search": "random", "grid_search": "grid", "random": "random", "grid": "grid", "halving": "halving",
    ]

    /// BigQuery ML's names of what a search is told.
    private static let tuningOptions = ["num_trials": "trials", "hparam_tuning_objectives": "objective"]

    private static let encodings = ["one_hot_encoding": "one-hot", "label_encoding": "index", "target_encoding": "target"]

    private mutating func take(_ name: String) throws {
        guard let found = given[name] else { return }
        if name == "input_label_cols" { return try set("label", to: found.values, as: name, at: found.range) }
        if name == "category_encoding_method" {
            let text = found.values.first?.lowercased() ?? ""
            guard let form = Self.encodings[text] else {
                throw PlanError(
                    "The option category_encoding_method takes \(Self.encodings.keys.sorted().joined(separator: ", ")), not '\(text)'",
                    at: found.range)
            }
            return try set("encoding", to: [form], as: name, at: found.range)
        }
        let own = LearnerCatalog.kinds.first { $0.name == options.learner }?.parameters.map(\.name) ?? []
        let plain = name.replacing("_", with: "-")
        let parameter = (Self.hyperparameters[name] ?? [plain]).first(where: own.contains)
        if let tried = found.tried {
            guard let parameter else {
                throw PlanError("\(tried.function.uppercased()) is for hyperparameters, and \(name) is none", at: found.range)
            }
            try claim("hyperparameter \(parameter)", as: name, at: found.range)
            return options.tryHyperparameter(SearchDimension(parameter, tried.values))
        }
        // Trials run one after the other, each with all workers.
        if name == "max_parallel_trials" { return }
        if let parameter {
            guard found.values.count == 1, let text = found.values.first else {
                throw PlanError("The option \(name) takes one value", at: found.range)
            }
            try claim("hyperparameter \(parameter)", as: name, at: found.range)
            return options.setHyperparameter(parameter, to: text)
        }
        if name == "hparam_tuning_algorithm" {
            let text = found.values.first?.lowercased() ?? ""
            guard found.values.count == 1, let method = Self.searches[text] else {
                throw PlanError(
                    "The option hparam_tuning_algorithm takes \(Self.searches.keys.sorted().joined(separator: ", ")), not '\(text)'",
                    at: found.range)
            }
            return try set("search", to: [method], as: name, at: found.range)
        }
        let option = Self.tuningOptions[name] ?? Self.option(plain)
        guard let arity = TrainingOptions.arity(of: option), option != "learner", option != "set", option != "try" else {
            throw PlanError(
                "Model type \(options.learner.replacing("-", with: "_")) has no option '\(name)'", at: found.range,
                hint: NearestName.hint(for: name, among: Self.names(own)))
        }
        switch arity {
        case .flag:
            guard let text = found.values.first?.lowercased(), found.values.count == 1, text == "true" || text == "false" else {
                throw PlanError("The option \(name) takes true or false", at: found.range)
            }
            if text == "true" { try set(option, to: [], as: name, at: found.range) }
        case .value, .list: try set(option, to: found.values, as: name, at: found.range)
        }
    }

    /// `weight-col` as `weight`, `feature-cols` as `features`.
    private static func option(_ name: String) -> String {
        guard let dash = name.lastIndex(of: "-"), ["-col", "-cols"].contains(name[dash...]) else { return name }
        let stem = String(name[..<dash])
        return TrainingOptions.arity(of: stem) == nil ? stem + "s" : stem
    }

    private static func names(_ own: [String]) -> [String] {
        hyperparameters.filter { $0.value.contains(where: own.contains) }.keys + own.map { $0.replacing("-", with: "_") }
            + [
                "input_label_cols", "data_split_method", "data_split_col", "data_split_eval_fraction", "category_encoding_method",
                "weight_col", "identifier_cols", "exclude_cols", "feature_cols", "categorical_cols", "numeric_cols", "seed", "stratify",
                "positive_class", "missing", "encoding", "encode", "unseen", "rare", "max_levels", "date_parts", "smoothing", "folds",
                "cross_validate", "enable_global_explain", "calibration", "calibration_folds", "balance", "balance_neighbors",
                "num_trials", "hparam_tuning_algorithm",
                "hparam_tuning_objectives", "max_parallel_trials",
            ]
    }
}
