/// What each column of a query is for. Names are compared without regard to case, as Hive does.
public struct ColumnRoles: Codable, Sendable, Equatable {
    public var label: String?
    /// nil: every column that has no other role.
    public var features: [String]?
    /// Columns that must not be features, such as those that give the label away.
    public var excluded: [String]
    /// How much a row counts; finite and not negative.
    public var weight: String?
    /// Columns that name a row; carried to the predictions, never features.
    public var identifiers: [String]
    /// Integer or boolean columns whose values are names, not quantities.
    public var categorical: [String]
    /// String columns that hold numbers.
    public var numeric: [String]
    public var labelKind: LabelKind
    /// Columns that divide the rows, and so are needed though they may be no features.
    public var dividing: [String] = []

    public init(
        label: String? = nil, features: [String]? = nil, excluded: [String] = [], weight: String? = nil,
        identifiers: [String] = [], categorical: [String] = [], numeric: [String] = [],
        labelKind: LabelKind = .automatic
    ) {
        self.label = label
        self.features = features
        self.excluded = excluded
        self.weight = weight
        self.identifiers = identifiers
        self.categorical = categorical
        self.numeric = numeric
        self.labelKind = labelKind
    }
}

/// How a label column is read.
public enum LabelKind: String, Codable, Sendable, CaseIterable {
    /// Classes for strings, booleans, and integers of at most `ImportOptions.automaticClassLimit` values; else a number.
    case automatic
    case classes
    case number
}

/// How a string column becomes numbers.
public enum CategoricalForm: String, Codable, Sendable, CaseIterable {
    /// One column of 0 or 1 a level, named `column=level`.
    case oneHot = "one-hot"
    /// One column that holds the level's position: the most frequent level is 0.
    case index
    /// The mean label of the level's rows, or their share in the positive class or in each of several, drawn towards that of
    /// all rows where there are few (Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes",
    /// 2001). Training rows get what the other folds' rows say.
    case target
    /// Of two classes: the logarithm of the level's share in the positive class over its share in the other. By folds.
    case weightOfEvidence = "weight-of-evidence"
    /// Rows of each class, log-odds of the classes, and whether the level was too rare to be counted on its own. By folds.
    case counts
    /// The level's share of the training rows.
    case frequency

    /// Whether numbers stand for levels that the training rows say something of, however many levels there are.
    public var isStatistic: Bool {
        switch self {
        case .oneHot, .index: false
        case .target, .weightOfEvidence, .counts, .frequency: true
        }
    }

    /// Whether the numbers come from the label.
    public var needsLabel: Bool { isStatistic && self != .frequency }
}

/// What becomes of a missing value: NULL, NaN or an infinity.
public enum MissingPolicy: Codable, Sendable, Equatable {
    /// NaN stays in the matrix; for learners that take missing values (boosted trees).
    case keep
    /// A number, or for a categorical column a level.
    case constant(String)
    case mean
    case median
    /// The most frequent value; the smallest of equally frequent ones.
    case mode
    case dropRow
    /// The column is left out if a training row lacks it.
    case dropColumn
    /// The mean, and one more column `column=(missing)` that is 1 where the value was missing.
    case indicator
    /// A categorical column's missing values are a level of their own, `(missing)`.
    case ownLevel

    /// `keep`, `mean`, `median`, `mode`, `drop-row`, `drop-column`, `indicator`, `own-level` or `constant:VALUE`.
    /// - Throws: `FeatureError.invalidOption` for anything else.
    public init(parsing text: String) throws {
        switch text.lowercased() {
        case "keep": self = .keep
        case "mean": self = .mean
        case "median": self = .median
        case "mode": self = .mode
        case "drop-row": self = .dropRow
        case "drop-column": self = .dropColumn
        case "indicator": self = .indicator
        case "own-level": self = .ownLevel
        default:
            guard let colon = text.firstIndex(of: ":"), text[..<colon].lowercased() == "constant" else {
                throw FeatureError.invalidOption(
                    "unknown missing-value policy '\(text)': use keep, mean, median, mode, drop-row, drop-column, "
                        + "indicator, own-level or constant:VALUE")
            }
            self = .constant(String(text[text.index(after: colon)...]))
        }
    }

    public var name: String {
        switch self {
        case .keep: "keep"
        case .constant(let value): "constant:\(value)"
        case .mean: "mean"
        case .median: "median"
        case .mode: "mode"
        case .dropRow: "drop-row"
        case .dropColumn: "drop-column"
        case .indicator: "indicator"
        case .ownLevel: "own-level"
        }
    }
}

/// What becomes of a level that the training rows did not have. Counted and reported in every case.
public enum UnseenLevelPolicy: String, Codable, Sendable, CaseIterable {
    case error
    /// A slot `(other)` of its own, present from the start.
    case ownSlot = "own-slot"
    /// One-hot: all of the column's slots are 0. Index: missing (NaN) where missing values are kept, else −1.
    case ignore
}

/// What becomes of a string column with more levels than the limit.
public enum LevelLimitPolicy: String, Codable, Sendable, CaseIterable {
    /// The column is left out, and the report says so.
    case leaveOut = "leave-out"
    /// The most frequent levels are kept, all others share the slot `(other)`.
    case groupRare = "group-rare"
    case error
}

/// How columns are encoded.
public struct ImportOptions: Codable, Sendable, Equatable {
    public var categoricalForm: CategoricalForm
    /// Per column, before `categoricalForm`; keys in lower case.
    public var formByColumn: [String: CategoricalForm] = [:]
    /// How numbers for levels are learned, where a form asks for them.
    public var statistics = LevelStatisticOptions()
    /// nil: the mean for numbers, a level of their own for categorical columns.
    public var missing: MissingPolicy?
    /// Per column, before `missing`; keys in lower case.
    public var missingByColumn: [String: MissingPolicy]
    public var unseenLevels: UnseenLevelPolicy
    public var levelLimit: Int
    public var overLevelLimit: LevelLimitPolicy
    /// The most values an integer label may have to be taken as classes without being told.
    public var automaticClassLimit: Int
    /// What dates and times become features of; none: days or seconds since 1970-01-01.
    public var dateParts: [DatePart] = []
    /// The learner takes features in single precision: values that become equal in it are counted.
    public var isSinglePrecision = false

    public init(
        categoricalForm: CategoricalForm = .oneHot, missing: MissingPolicy? = nil,
        missingByColumn: [String: MissingPolicy] = [:], unseenLevels: UnseenLevelPolicy = .ignore,
        levelLimit: Int = 100, overLevelLimit: LevelLimitPolicy = .leaveOut, automaticClassLimit: Int = 20
    ) {
        self.categoricalForm = categoricalForm
        self.missing = missing
        self.missingByColumn = missingByColumn
        self.unseenLevels = unseenLevels
        self.levelLimit = levelLimit
        self.overLevelLimit = overLevelLimit
        self.automaticClassLimit = automaticClassLimit
    }
}
