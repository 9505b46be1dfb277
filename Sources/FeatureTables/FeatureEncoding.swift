/// How columns became features: fitted on training rows, saved with a model, applied to other tables.
///
/// Applying it to the rows it was fitted on gives the matrix the learner saw, bit for bit, but for numbers that were learned from
/// the label (`CategoricalForm.needsLabel`).
public struct FeatureEncoding: Codable, Sendable, Equatable {
    /// In the order of the query; each gives one or more features.
    public var columns: [ColumnEncoding]
    public var label: LabelEncoding?
    public var weight: String?
    public var identifiers: [String]
    public var unseenLevels: UnseenLevelPolicy
    /// How matrices are laid out; nil, as in models of earlier versions: dense.
    public var layout: MatrixLayout?

    /// The matrix's columns: a numeric column's own name, `column=level` for one-hot slots, `column.month` for parts of a
    /// date.
    public var featureNames: [String] { columns.flatMap(\.featureNames) }
}

/// How one column becomes one or more features.
public struct ColumnEncoding: Codable, Sendable, Equatable {
    public var name: String
    /// The SQL type the column had when the encoding was fitted.
    public var type: String
    public var missing: MissingPolicy
    public var form: Form

    public enum Form: Codable, Sendable, Equatable {
        /// `fill` stands for a missing value; with `indicator`, one more feature tells that it did.
        case number(fill: Double, indicator: Bool)
        case levels(LevelEncoding)
        /// An array of as many numbers in every row; each element stands in for a missing one at its place.
        case vector(fills: [Double])
        /// A sparse array, ARRAY<STRUCT<index, value>>: a feature for each index that the training rows have, ascending.
        case sparseVector(indices: [Int])
        /// Parts of a date or a time, each a number; `fills` stand for those of a missing value.
        case dateParts([DatePart], fills: [Double])
        /// Numbers that the training rows give to each level.
        case statistics(LevelStatistics)
    }

    public var featureNames: [String] {
        switch form {
        case .number(_, let indicator): return indicator ? [name, "\(name)=(missing)"] : [name]
        case .levels(let encoding):
            guard encoding.form == .oneHot else { return [name] }
            return encoding.slotNames.map { "\(name)=\($0)" }
        case .vector(let fills): return fills.indices.map { "\(name)[\($0)]" }
        case .sparseVector(let indices): return indices.map { "\(name)[\($0)]" }
        case .dateParts(let parts, _): return parts.map { "\(name).\($0.rawValue)" }
        case .statistics(let statistics): return statistics.features.map { "\(name).\($0)" }
        }
    }

    /// How many features the column becomes.
    public var width: Int {
        switch form {
        case .number(_, let indicator): indicator ? 2 : 1
        case .levels(let encoding): encoding.form == .oneHot ? encoding.slotCount : 1
        case .vector(let fills): fills.count
        case .sparseVector(let indices): indices.count
        case .dateParts(let parts, _): parts.count
        case .statistics(let statistics): statistics.features.count
        }
    }

    /// Whether a feature may be missing.
    var mayLackValues: Bool {
        if missing == .keep { return true }
        switch form {
        case .number(let fill, _): return fill.isNaN
        case .levels, .sparseVector: return false
        case .vector(let fills), .dateParts(_, let fills): return fills.contains(where: \.isNaN)
        case .statistics: return true
        }
    }

    /// What is done with a missing value, where that is not what the policy's name says.
    var policyInEffect: String {
        guard missing == .ownLevel, case .levels(let levels) = form, !levels.hasMissingSlot else { return missing.name }
        let value = levels.form == .oneHot ? "all of its features are 0" : "-1"
        return "\(missing.name), but none was missing in training: \(value)"
    }
}

/// The levels of a categorical column and the slots beside them.
public struct LevelEncoding: Codable, Sendable, Equatable {
    public var form: CategoricalForm
    /// By frequency in the training rows, then by name. Level `i` has slot `i`.
    public var levels: [String]
    /// A slot for missing values follows the levels.
    public var hasMissingSlot: Bool
    /// A slot for rare and unseen levels comes last.
    public var hasOtherSlot: Bool
    /// Rare levels were put in the last slot, so unseen ones go there as well.
    public var groupsRareLevels: Bool
    /// The slot of the level that stands for a missing value; nil: the missing slot, or none.
    public var fill: Int?
    /// Hashes of the levels that were grouped, by which they are told from unseen ones, ascending; nil: there are none, or
    /// too many to be kept.
    public var rareLevels: [Int]?

    /// More hashes than these are not kept in a model.
    static let rareLevelLimit = 20_000

    public var slotCount: Int { levels.count + (hasMissingSlot ? 1 : 0) + (hasOtherSlot ? 1 : 0) }
    package var missingSlot: Int? { hasMissingSlot ? levels.count : nil }
    package var otherSlot: Int? { hasOtherSlot ? slotCount - 1 : nil }

    /// Level names, then `(missing)` and `(other)` where there are such slots.
    public var slotNames: [String] {
        func distinct(_ name: String) -> String {
            var name = name
            while levels.contains(name) { name = "(\(name))" }
            return name
        }
        return levels + (hasMissingSlot ? [distinct("(missing)")] : []) + (hasOtherSlot ? [distinct("(other)")] : [])
    }

    /// The level that a slot stands for; nil for the slots that stand for no single level.
    public func level(ofSlot slot: Int) -> String? { levels.indices.contains(slot) ? levels[slot] : nil }
}

/// How the label column is read.
public struct LabelEncoding: Codable, Sendable, Equatable {
    public var name: String
    public var type: String
    public var kind: Kind

    public enum Kind: Codable, Sendable, Equatable {
        /// Class names: numbers ascending, `false` before `true`, other names in the order of their bytes. The last of
        /// two classes is the positive one.
        case classes([String])
        case number
    }

    /// Class names; nil for a number.
    public var classes: [String]? {
        if case .classes(let names) = kind { names } else { nil }
    }
}

/// What importing did to the data: nothing is dropped, filled or left out without a line here.
public struct ImportSummary: Codable, Sendable, Equatable {
    /// Rows that were to be encoded.
    public var rowsRead = 0
    /// Rows in the table.
    public var rowsKept = 0
    public var rowsWithoutLabel = 0
    public var rowsWithoutWeight = 0
    /// Rows that the policy `drop-row` left out.
    public var rowsWithMissingValues = 0
    public var columns: [ColumnSummary] = []
    /// What else is to be known: by what rows were divided.
    public var notes: [String]?

    /// What happened to one column.
    public struct ColumnSummary: Codable, Sendable, Equatable {
        public var name: String
        /// Rows without a value, and what was done with them.
        public var missing = 0
        public var policy: String?
        /// Rows with a level that the encoding does not have.
        public var unseen = 0
        /// Rows with a level that was grouped with others since it is rare.
        public var rare: Int?
        /// The encoding does not know which levels it grouped: `rare` counts unseen ones too.
        public var rareMayBeUnseen: Bool?
        public var leftOut: String?
        /// What becomes of the values that a user may not expect.
        public var notes: [String]?

        public init(
            name: String, missing: Int = 0, policy: String? = nil, unseen: Int = 0, leftOut: String? = nil,
            notes: [String]? = nil
        ) {
            self.name = name
            self.missing = missing
            self.policy = policy
            self.unseen = unseen
            self.leftOut = leftOut
            self.notes = notes
        }
    }

    public init() {}

    /// Counts the rows of another part of the same stream.
    package mutating func add(_ other: ImportSummary) {
        rowsRead += other.rowsRead
        rowsKept += other.rowsKept
        rowsWithoutLabel += other.rowsWithoutLabel
        rowsWithoutWeight += other.rowsWithoutWeight
        rowsWithMissingValues += other.rowsWithMissingValues
        for found in other.columns where found.leftOut == nil {
            guard let place = columns.firstIndex(where: { $0.name == found.name && $0.leftOut == nil }) else {
                columns.append(found)
                continue
            }
            columns[place].missing += found.missing
            columns[place].unseen += found.unseen
            if let rare = found.rare { columns[place].rare = (columns[place].rare ?? 0) + rare }
            if found.rareMayBeUnseen == true { columns[place].rareMayBeUnseen = true }
        }
    }

    /// One sentence a fact worth telling; empty when nothing was dropped, filled or left out.
    public var lines: [String] {
        var lines = notes ?? []
        if rowsWithoutLabel > 0 { lines.append("\(rowsWithoutLabel) row(s) dropped: no label") }
        if rowsWithoutWeight > 0 { lines.append("\(rowsWithoutWeight) row(s) dropped: no weight") }
        if rowsWithMissingValues > 0 { lines.append("\(rowsWithMissingValues) row(s) dropped: missing values (drop-row)") }
        for column in columns {
            if let why = column.leftOut { lines.append("column \(column.name) left out: \(why)") }
            lines += (column.notes ?? []).map { "column \(column.name): \($0)" }
            if column.missing > 0, let policy = column.policy {
                lines.append("column \(column.name): \(column.missing) missing value(s), policy \(policy)")
            }
            if column.unseen > 0 {
                lines.append("column \(column.name): \(column.unseen) row(s) with a level unknown to the model")
            }
            if let rare = column.rare, rare > 0 {
                let kind = column.rareMayBeUnseen == true ? "a rare or unknown level" : "a rare level"
                lines.append("column \(column.name): \(rare) row(s) with \(kind), in (other)")
            }
        }
        return lines
    }
}
