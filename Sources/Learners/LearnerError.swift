import Platform

/// Why a model could not be trained, loaded or applied.
public enum LearnerError: Error, Equatable, Sendable {
    case unknownLearner(String, known: [String])
    case learnerExists(String)
    case unknownHyperparameter(String, learner: String, known: [String])
    case invalidHyperparameter(name: String, value: String, expected: String)
    case wrongTask(learner: String, task: String)
    case missingLabel
    case labelNotLearned(String, learner: String)
    case missingContamination(learner: String)
    case notWithoutLabel(String, learner: String)
    case notReported(learner: String)
    case unknownClass(String, label: String, known: [String])
    case positiveOfMany(label: String, classes: Int)
    case positiveOfNumber(label: String)
    case singleClass(label: String, name: String)
    case emptyClass(label: String, name: String)
    case weightlessClass(label: String, name: String)
    case tooManyClasses(label: String, count: Int, limit: Int)
    case labelIsNotNumeric(String)
    case labelIsQuantity(label: String, values: Int)
    case negativeLabel(label: String, value: Double, learner: String)
    case zeroLabel(label: String, learner: String)
    case noRows(String)
    case noWeight
    case tooManyFeatures(learner: String, count: Int, limit: Int)
    case constantFeatures(learner: String)
    case missingValues(features: [String], learner: String)
    case featureCountMismatch(expected: Int, found: Int)
    case negativeCount(feature: String)
    /// What was computed, and of what that is too large.
    case notFinite(String, of: String = "the features")
    case inconsistentModel
    case notSavable
    /// The model cannot say what each feature adds to a prediction.
    case noContributions
    case cannotCalibrate(String)
    case cannotBalance(String)
    /// Other programs' forms do not hold what stands behind the model.
    case calibrationNotExported
    /// The probabilities are no sum of what features add.
    case calibrationNotExplained
    case needsTransform
    case notComparable(String)
    case cannotSearch(String)
    case notStreamed(String)
    case cancelled
    case libraryMissing(String)
    case library(String)
    case cannotRead(path: String, reason: String)
    case cannotWrite(path: String, reason: String)
    case invalidModel(path: String, reason: String)
}

extension LearnerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownLearner(let name, let known):
            return "unknown learner '\(name)': use \(known.joined(separator: ", "))"
        case .learnerExists(let name): return "there is a learner named '\(name)' already"
        case .unknownHyperparameter(let name, let learner, let known):
            return "learner \(learner) has no hyperparameter '\(name)': it has \(known.joined(separator: ", "))"
        case .invalidHyperparameter(let name, let value, let expected):
            return "hyperparameter \(name) must be \(expected), not '\(value)'"
        case .wrongTask(let learner, let task): return "learner \(learner) cannot do \(task)"
        case .missingLabel: return "the table has no label to learn"
        case .labelNotLearned(let label, let learner):
            return "learner \(learner) learns without a label: leave label '\(label)' out, or exclude that column"
        case .missingContamination(let learner):
            return "which rows of learner \(learner) are anomalies depends on their share: say STRUCT(0.02 AS contamination)"
        case .notWithoutLabel(let what, let learner):
            return "learner \(learner) learns without a label from all rows: there is no \(what)"
        case .notReported(let learner):
            return "a report sets predictions beside a label, and learner \(learner) learns without one: 'hiveql predict' and "
                + "ML.EVALUATE tell how its models describe rows"
        case .unknownClass(let name, let label, let known):
            let near = NearestName.find(name, among: known).map { "; did you mean '\($0)'?" } ?? ""
            let names = known.prefix(20).joined(separator: ", ") + (known.count > 20 ? ", …" : "")
            return "label '\(label)' has no class '\(name)'\(near) (classes: \(names))"
        case .positiveOfMany(let label, let classes):
            return "label '\(label)' has \(classes) classes: one of them can be the positive one of two classes only; "
                + "make a label of two in the query, such as if(\(label) = …, 1, 0)"
        case .positiveOfNumber(let label):
            return "label '\(label)' is learned as a number: there is no positive class"
        case .singleClass(let label, let name):
            return "label '\(label)' has one class only ('\(name)'): there is nothing to tell apart"
        case .emptyClass(let label, let name):
            return "class '\(name)' of label '\(label)' has no rows to train on: use a stratified or larger split"
        case .weightlessClass(let label, let name):
            return "class '\(name)' of label '\(label)' has no training rows of a weight above 0: leave it out, or weigh its rows"
        case .tooManyClasses(let label, let count, let limit):
            return "label '\(label)' has \(count) distinct values, over the limit of \(limit) classes: "
                + "if it is a quantity, use a regression learner"
        case .labelIsNotNumeric(let label): return "label '\(label)' is not numeric: use a classification learner"
        case .labelIsQuantity(let label, let values):
            return "label '\(label)' holds \(values) distinct fractional numbers, not classes: use a regression learner"
        case .negativeLabel(let label, let value, let learner):
            return "label '\(label)' has the number \(value), but learner \(learner) takes numbers of at least 0"
        case .zeroLabel(let label, let learner):
            return "label '\(label)' is 0 in all training rows that count: learner \(learner) finds nothing in them"
        case .noRows(let why): return why
        case .noWeight: return "the weights of the training rows sum to zero"
        case .tooManyFeatures(let learner, let count, let limit):
            return "learner \(learner) takes up to \(limit) features, not \(count): exclude some, or encode levels as numbers"
        case .constantFeatures(let learner):
            return "every feature has one value in all training rows: learner \(learner) finds nothing in them"
        case .missingValues(let features, let learner):
            let names = features.prefix(5).joined(separator: ", ") + (features.count > 5 ? ", …" : "")
            return "learner \(learner) takes no missing values, but there are some in \(names): choose another policy"
        case .featureCountMismatch(let expected, let found):
            return "the model takes \(expected) features, the table has \(found)"
        case .negativeCount(let feature):
            return "feature '\(feature)' has numbers below 0, which are no counts: use kind=gaussian or mixed"
        case .notFinite(let what, let source): return "\(what) is not finite: rescale or clip \(source)"
        case .inconsistentModel: return "the model's weights do not fit its features and classes"
        case .needsTransform:
            return "the model has a TRANSFORM, which is SQL: rows go through it first (Session.transforming), or ask the model by ML.PREDICT"
        case .cannotCalibrate(let why): return "probabilities cannot be calibrated: \(why)"
        case .cannotBalance(let why): return "classes cannot be balanced: \(why)"
        case .calibrationNotExplained:
            return "the model's probabilities are calibrated by a curve under which they are no sum of what each feature adds"
        case .calibrationNotExported:
            return "the model's probabilities are calibrated, which other programs' forms do not hold, but of a linear model under a sigmoid"
        case .notStreamed(let why): return "there is no training on a stream of rows: \(why)"
        case .cannotSearch(let why): return "the search cannot be done: \(why)"
        case .notComparable(let why): return "the models cannot be compared: \(why)"
        case .notSavable: return "models of this learner cannot be saved"
        case .noContributions: return "models of this learner do not tell what each feature adds to a prediction"
        case .cancelled: return "training was cancelled"
        case .libraryMissing(let text): return text
        case .library(let text): return "XGBoost: \(text)"
        case .cannotRead(let path, let reason): return "cannot read '\(path)': \(reason)"
        case .cannotWrite(let path, let reason): return "cannot write '\(path)': \(reason)"
        case .invalidModel(let path, let reason): return "'\(path)' is not a usable model: \(reason)"
        }
    }
}

extension LearnerError {
    /// Whether a saved model that causes it is to blame, and not the place where it was looked for.
    var isOfContent: Bool {
        switch self {
        case .cannotRead, .cannotWrite, .invalidModel, .libraryMissing, .cancelled: false
        default: true
        }
    }
}
