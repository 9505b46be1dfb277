import Columnar

extension SQLType {
    /// Whether a column's type may change to `new`: values pass for it without a cast, as Hive's metastore checks.
    func mayBecome(_ new: SQLType) -> Bool {
        if self == new { return true }
        func rank(_ type: SQLType) -> Int? {
            switch type {
            case .tinyint: 1
            case .smallint: 2
            case .int: 3
            case .bigint: 4
            case .decimal: 5
            case .float: 6
            case .double: 7
            default: nil
            }
        }
        if let from = rank(self), let to = rank(new) { return from <= to }
        if isCharacter {
            if case .decimal = new { return true }
            return new.isCharacter || new == .double
        }
        return new.isCharacter && (rank(self) != nil || self == .date || self == .timestamp)
    }
}
