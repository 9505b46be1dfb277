import Platform

/// Why a query result could not become a feature table.
public enum FeatureError: Error, Equatable, Sendable {
    case unknownColumn(String, known: [String])
    case duplicateColumn(String)
    case duplicateFeature(String)
    case conflictingRoles(column: String, String, String)
    case noRows(String)
    case noFeatures
    case missingLabel
    case unsupportedType(column: String, type: String, use: String)
    case notNumeric(column: String, value: String)
    case invalidWeight(column: String, value: String)
    case tooManyLevels(column: String, levels: Int, limit: Int)
    case unseenLevel(column: String, level: String, rows: Int)
    case unseenLabel(column: String, level: String)
    case invalidPolicy(column: String, policy: String, reason: String)
    case invalidOption(String)
    case unevenArrays(column: String, expected: Int, found: Int)
    case negativeIndex(column: String, index: Int)
    case typeChanged(column: String, expected: String, found: String)
    case tooLarge(rows: Int, columns: Int)
    case outOfMemory(what: String, requested: Int, used: Int, limit: Int, help: String)
    case cannotWrite(path: String, reason: String)
}

extension FeatureError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownColumn(let name, let known):
            let near = NearestName.find(name, among: known).map { "; did you mean '\($0)'?" } ?? ""
            return "the query has no column '\(name)'\(near) (columns: \(known.joined(separator: ", ")))"
        case .duplicateColumn(let name):
            return "the query has two columns named '\(name)': give one of them an alias"
        case .duplicateFeature(let name):
            return "two features would be named '\(name)': give one of their columns an alias"
        case .conflictingRoles(let column, let first, let second):
            return "column '\(column)' cannot be both \(first) and \(second)"
        case .noRows(let why): return why
        case .noFeatures: return "no column is left to be a feature"
        case .missingLabel: return "no label column is named"
        case .unsupportedType(let column, let type, let use):
            return "column '\(column)' of type \(type) cannot be \(use): exclude it, or convert it in the query"
        case .notNumeric(let column, let value):
            return "column '\(column)' must be numeric, but holds '\(value)'"
        case .invalidWeight(let column, let value):
            return "weight column '\(column)' holds \(value): weights are finite and not negative"
        case .tooManyLevels(let column, let levels, let limit):
            return "column '\(column)' has \(levels) levels, over the limit of \(limit): exclude it, raise the limit, "
                + "or group its rare levels"
        case .unseenLevel(let column, let level, let rows):
            return "column '\(column)' holds '\(level)', a level unknown to the model (\(rows) row(s) with such levels)"
        case .unseenLabel(let column, let level):
            return "label '\(column)' holds '\(level)', a class unknown to the model"
        case .invalidPolicy(let column, let policy, let reason):
            return "missing-value policy '\(policy)' cannot be used for column '\(column)': \(reason)"
        case .invalidOption(let text): return text
        case .unevenArrays(let column, let expected, let found):
            return "column '\(column)' holds arrays of \(expected) and of \(found) elements: features need one length"
        case .negativeIndex(let column, let index):
            return "column '\(column)' holds a sparse array with the index \(index): indices begin with 0"
        case .typeChanged(let column, let expected, let found):
            return "column '\(column)' has type \(found) where \(expected) is expected: convert it in the query"
        case .tooLarge(let rows, let columns):
            return "a matrix of \(rows) rows and \(columns) columns is too large"
        case .outOfMemory(let what, let requested, let used, let limit, let help):
            return "out of memory: \(what) needs \(Self.size(requested)), \(Self.size(used)) are in use and the limit is "
                + "\(Self.size(limit)): \(help)"
        case .cannotWrite(let path, let reason): return "cannot write '\(path)': \(reason)"
        }
    }
    private static func size(_ bytes: Int) -> String {
        let units = ["bytes", "KB", "MB", "GB", "TB", "PB"]
        var unit = 0
        var scaled = Double(bytes)
        while scaled >= 1024, unit < units.count - 1 { scaled /= 1024; unit += 1 }
        if unit == 0 { return "\(bytes) bytes" }
        let tenths = Int((scaled * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
