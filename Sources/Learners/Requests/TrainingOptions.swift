import FeatureTables

/// What a user asks of a training, option by option, in the words that the command line and SQL share.
///
/// Names are the command's without the dashes in front; SQL writes `_` for `-`. Values are texts.
public struct TrainingOptions: Sendable {
    private var request = TrainingRequest(roles: ColumnRoles(), learner: LogisticRegression.name)
    private var split = SplitOptions()
    private var search = SearchOptions()
    private var searchMethod: SearchOptions.Method?
    private var selectionMeasure: FeatureSelection.Measure?
    private var calibration: CalibrationMethod?
    private var calibrationFolds: Int?
    private var balancing: BalancingOptions.Method?
    private var balancingNeighbors: Int?
    /// Whether the learner is one that somebody asked for.
    private var namesLearner = false
    /// The options, as they were spelled, that are about a label or about rows to evaluate on.
    private var aboutLabels: [String] = []

    public init() {}

    /// What is wrong with an option; the text names it as it was spelled.
    public struct Invalid: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// What an option is given.
    public enum Arity: Sendable {
        case flag, value, list
    }

    /// nil for a name that no option has.
    public static func arity(of name: String) -> Arity? {
        switch name {
        case "stratify", "enable-global-explain": .flag
        case "features", "exclude", "identifier", "categorical", "numeric", "split-by", "split-group", "date-parts", "encode": .list
        case "label", "weight", "learner", "set", "task", "split", "seed", "positive-class", "split-time", "split-column", "missing",
            "encoding", "smoothing", "least-rows", "folds", "unseen", "rare", "max-levels", "cross-validate", "search", "try", "trials",
            "objective", "calibration", "calibration-folds", "balance", "balance-neighbors", "select-features",
            "select-by":
            .value
        default: nil
        }
    }

    /// The learner that is asked for so far.
    public var learner: String { request.learner }

    /// Sets a hyperparameter of the learner.
    public mutating func setHyperparameter(_ name: String, to value: String) { request.hyperparameters[name] = value }

    /// Looks for the best of several values of a hyperparameter.
    public mutating func tryHyperparameter(_ dimension: SearchDimension) { search.dimensions.append(dimension) }

    /// Reads the label as classes, whatever its column is.
    public mutating func readLabelAsClasses() { request.roles.labelKind = .classes }

    private static let labelOptions: Set = [
        "stratify", "positive-class", "calibration", "calibration-folds", "balance", "balance-neighbors",
    ]

    /// - Parameters:
    ///   - name: of an option (`arity(of:)`).
    ///   - values: none for a flag, one for a value, any number for a list.
    ///   - spelled: how errors call the option.
    /// - Throws: `Invalid`, `FeatureError`.
    public mutating func set(_ name: String, to values: [String], spelled: String) throws {
        let option = Option(values: values, spelled: spelled)
        if Self.labelOptions.contains(name) || (name.hasPrefix("split") && values != ["1"]) {
            aboutLabels.append(spelled)
        }
        if try !setRole(name, option), try !setLearning(name, option), try !setTuning(name, option) {
            try setEncoding(name, option)
        }
    }

    /// The request.
    /// - Parameter spelled: how errors call the label; nil: whoever wants features alone, with or without a label, whatever the
    ///   learner takes.
    /// - Throws: `Invalid` without a label, unless the learner takes none; `LearnerError` for what can be told to be wrong
    ///   without the data.
    public func finished(label spelled: String?) throws -> TrainingRequest {
        if let spelled {
            guard try LearnerCatalog.kind(named: request.learner).needsLabel else { return try finishedWithoutLabel(spelled) }
            guard request.roles.label != nil else { throw Invalid(description: "\(spelled) is missing") }
        }
        var request = request
        request.selection = try finishedSelection()
        request.roles.dividing = split.key.columns
        if case .parts = split.key {
            request.split = split
        } else {
            request.split = split.fraction < 1 ? split : nil
        }
        guard calibrationFolds == nil || calibration != nil else {
            throw Invalid(description: "folds to calibrate by need a calibration: sigmoid or isotonic")
        }
        request.calibration = calibration.map {
            CalibrationOptions(method: $0, folds: calibrationFolds ?? CalibrationOptions.usualFolds)
        }
        guard balancingNeighbors == nil || balancing == .smote else {
            throw Invalid(description: "neighbors to balance by are for the method smote")
        }
        request.balancing = balancing.map {
            BalancingOptions(method: $0, neighborCount: balancingNeighbors ?? BalancingOptions.usualNeighbors, seed: split.seed)
        }
        if namesLearner || spelled == nil { return try finished(request) }
        if let task = request.task { return try finished(request.with(learner: TrainingRequest.usualLearner(of: task))) }
        request.choosesLearner = true
        // Whatever the label says, one of the two has to know what it is told.
        do { return try finished(request) } catch {
            guard let other = try? finished(request.with(learner: LinearRegression.name)) else { throw error }
            return other
        }
    }

    /// The request with its search, as far as its learner can do what it is told.
    /// - Throws: `Invalid`, `LearnerError`.
    private func finished(_ request: TrainingRequest) throws -> TrainingRequest {
        var request = request
        _ = try LearnerCatalog.learner(
            named: request.learner, hyperparameters: request.hyperparameters, task: request.task)
        request.search = try finishedSearch(for: request.learner)
        return request
    }

    /// The seed of the rows' division, of which there is none, is the learner's.
    private func finishedWithoutLabel(_ spelled: String) throws -> TrainingRequest {
        if request.explains { throw LearnerError.noContributions }
        if let option = request.roles.label == nil ? aboutLabels.first : spelled {
            throw Invalid(
                description: "\(option) says nothing to learner \(request.learner), which learns without a label from all rows")
        }
        if request.folds != nil {
            throw LearnerError.notWithoutLabel("label to judge folds by", learner: request.learner)
        }
        if !search.dimensions.isEmpty || searchMethod != nil || search.trials != nil || search.objective != nil {
            throw LearnerError.notWithoutLabel("label to judge a search by", learner: request.learner)
        }
        var request = request
        request.split = nil
        request.selection = try finishedSelection()
        if let selection = request.selection, selection.measure != .variance {
            throw LearnerError.notWithoutLabel("label to select columns by", learner: request.learner)
        }
        let kind = try LearnerCatalog.kind(named: request.learner)
        if split.seed != 0, request.hyperparameters["seed"] == nil, kind.parameters.contains(where: { $0.name == "seed" }) {
            request.hyperparameters["seed"] = "\(split.seed)"
        }
        _ = try kind.learner(request.hyperparameters, task: request.task)
        return request
    }

    // MARK: Options by subject

    private mutating func setRole(_ name: String, _ option: Option) throws -> Bool {
        switch name {
        case "label": request.roles.label = try option.value
        case "features": request.roles.features = (request.roles.features ?? []) + option.values
        case "exclude": request.roles.excluded += option.values
        case "identifier": request.roles.identifiers += option.values
        case "weight": request.roles.weight = try option.value
        case "categorical": request.roles.categorical += option.values
        case "numeric": request.roles.numeric += option.values
        default: return false
        }
        return true
    }

    private mutating func setLearning(_ name: String, _ option: Option) throws -> Bool {
        switch name {
        case "learner":
            request.learner = try option.value
            namesLearner = true
        case "enable-global-explain": request.explains = true
        case "set":
            let (key, value) = try option.pair
            request.hyperparameters[key] = value
        case "task":
            let text = try option.value
            guard let task = LearningTask(parsing: text) else { throw option.invalid("binary, multiclass or regression", text) }
            request.task = task
        case "split":
            split.fraction = try option.number
            guard split.fraction > 0, split.fraction <= 1 else {
                throw Invalid(description: "\(option.spelled) takes a fraction above 0 and up to 1")
            }
        case "seed":
            let seed = try option.integer
            guard seed >= 0 else { throw option.invalid("a whole number of at least 0", "\(seed)") }
            split.seed = UInt64(seed)
        case "positive-class": request.positiveClass = try option.value
        case "stratify": request.isStratified = true
        case "split-by": try split(by: .columns(option.values))
        case "split-group": try split(by: .group(option.values))
        case "split-time": try split(by: .time(try option.value))
        case "split-column": try split(by: .parts(try option.value))
        case "select-features":
            let count = try option.integer
            guard count > 0 else { throw Invalid(description: "\(option.spelled) takes a number of columns above 0") }
            request.selection = FeatureSelection(columnCount: count)
        case "select-by": selectionMeasure = try option.choice()
        default: return false
        }
        return true
    }

    private mutating func setTuning(_ name: String, _ option: Option) throws -> Bool {
        switch name {
        case "cross-validate":
            let folds = try option.integer
            guard 2...ImportData.mostFolds ~= folds else {
                throw Invalid(description: "\(option.spelled) takes a number of folds from 2 to \(ImportData.mostFolds)")
            }
            request.folds = folds
        case "search": searchMethod = try option.choice()
        case "try":
            let text = try option.value
            guard let dimension = SearchDimension(parsing: text) else {
                throw option.invalid("l2=0.01,0.1,1 or depth=3..8 or learning-rate=0.001..0.3:log", text)
            }
            tryHyperparameter(dimension)
        case "trials":
            let trials = try option.integer
            guard 1...SearchOptions.mostTrials ~= trials else {
                throw Invalid(description: "\(option.spelled) takes a number from 1 to \(SearchOptions.mostTrials)")
            }
            search.trials = trials
        case "objective": search.objective = try option.value
        case "calibration": calibration = try option.choice()
        case "calibration-folds":
            let folds = try option.integer
            guard 2...ImportData.mostFolds ~= folds else {
                throw Invalid(description: "\(option.spelled) takes a number of folds from 2 to \(ImportData.mostFolds)")
            }
            calibrationFolds = folds
        case "balance": balancing = try option.choice()
        case "balance-neighbors":
            let count = try option.integer
            guard 1...1000 ~= count else { throw Invalid(description: "\(option.spelled) takes a number from 1 to 1000") }
            balancingNeighbors = count
        default: return false
        }
        return true
    }

    /// What the options say of columns to select, if some are to be.
    private func finishedSelection() throws -> FeatureSelection? {
        guard var selection = request.selection else {
            guard selectionMeasure == nil else {
                throw Invalid(description: "a measure to select columns by needs their number, select-features")
            }
            return nil
        }
        if let selectionMeasure { selection.measure = selectionMeasure }
        return selection
    }

    /// What the options say of a search, if there is one.
    /// - Throws: `Invalid`, `LearnerError`.
    private func finishedSearch(for learner: String) throws -> SearchOptions? {
        guard !search.dimensions.isEmpty else {
            guard searchMethod == nil, search.trials == nil, search.objective == nil else {
                throw Invalid(description: "a search needs hyperparameters to try, such as l2=0.01,0.1,1")
            }
            return nil
        }
        var search = search
        search.method = searchMethod ?? (search.trials == nil ? .grid : .random)
        search.seed = split.seed
        if let both = search.dimensions.map(\.name).first(where: { request.hyperparameters[$0] != nil }) {
            throw Invalid(description: "hyperparameter \(both) is given, and to be tried")
        }
        _ = try search.combinations(for: try LearnerCatalog.kind(named: learner))
        return search
    }

    private mutating func split(by key: SplitOptions.Key) throws {
        guard split.key == .row else {
            throw Invalid(description: "--split-by, --split-group, --split-time and --split-column exclude each other")
        }
        split.key = key
    }

    private mutating func setEncoding(_ name: String, _ option: Option) throws {
        switch name {
        case "missing": request.options.missing = try MissingPolicy(parsing: try option.value)
        case "date-parts": request.options.dateParts = try DatePart.parse(option.values)
        case "encoding": request.options.categoricalForm = try option.choice()
        case "encode": try setForms(option)
        case "smoothing":
            request.options.statistics.smoothing = try option.value == "auto" ? nil : option.number(atLeast: 0)
        case "least-rows": request.options.statistics.leastRows = try option.number(atLeast: 1)
        case "folds":
            request.options.statistics.folds = try option.integer
            guard 2...LevelStatisticOptions.mostFolds ~= request.options.statistics.folds else {
                throw Invalid(description: "\(option.spelled) takes a number from 2 to \(LevelStatisticOptions.mostFolds)")
            }
        case "unseen": request.options.unseenLevels = try option.choice()
        case "rare": request.options.overLevelLimit = try option.choice()
        case "max-levels":
            request.options.levelLimit = try option.integer
            guard request.options.levelLimit > 0 else {
                throw Invalid(description: "\(option.spelled) takes a number above 0")
            }
        default: throw Invalid(description: "Unrecognized option: \(option.spelled)")
        }
    }

    /// `column=form`.
    private mutating func setForms(_ option: Option) throws {
        for text in option.values {
            guard let place = text.lastIndex(of: "="), place > text.startIndex else {
                throw Invalid(
                    description: "\(option.spelled) takes columns with their encodings, such as city=target, not '\(text)'")
            }
            let column = text[..<place].lowercased()
            let form: CategoricalForm = try option.choice(String(text[text.index(after: place)...]))
            guard request.options.formByColumn.updateValue(form, forKey: column).map({ $0 == form }) ?? true else {
                throw Invalid(description: "\(option.spelled) says two encodings for \(column)")
            }
        }
    }
}

/// What one option was given, and how it is read.
private struct Option {
    let values: [String]
    let spelled: String

    func invalid(_ expected: String, _ text: String) -> TrainingOptions.Invalid {
        TrainingOptions.Invalid(description: "\(spelled) takes \(expected), not '\(text)'")
    }

    var value: String {
        get throws {
            guard values.count == 1, let value = values.first else {
                throw TrainingOptions.Invalid(description: "\(spelled) takes one value, not \(values.count)")
            }
            return value
        }
    }

    var integer: Int {
        get throws {
            let text = try value
            guard let number = Int(text) else { throw invalid("a whole number", text) }
            return number
        }
    }

    var number: Double {
        get throws {
            let text = try value
            guard let number = Double(text) else { throw invalid("a number", text) }
            return number
        }
    }

    func number(atLeast least: Double) throws -> Double {
        let text = try value
        guard let number = Double(text), number.isFinite, number >= least else {
            throw invalid("a number of at least \(Int(least))", text)
        }
        return number
    }

    /// `key=value`.
    var pair: (key: String, value: String) {
        get throws {
            let text = try value
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { throw invalid("key=value", text) }
            return (String(text[..<equals]), String(text[text.index(after: equals)...]))
        }
    }

    /// One of the names of an enumeration.
    func choice<Choice: RawRepresentable & CaseIterable>() throws -> Choice where Choice.RawValue == String {
        try choice(try value)
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ text: String) throws -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: text.lowercased()) else {
            throw invalid(Choice.allCases.map(\.rawValue).joined(separator: ", "), text)
        }
        return choice
    }
}
