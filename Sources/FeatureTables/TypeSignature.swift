import Columnar

/// Decides whether a column may stand where an encoding was fitted on another type: the same type, or one of its family
/// whose values all mean the same there.
enum TypeSignature {
    private enum Family: Equatable {
        case boolean, integer, floating, decimal(integerDigits: Int), text, date, timestamp
        case other(String)
    }

    /// - Parameters:
    ///   - fitted: the type's name in the encoding.
    ///   - found: the type of the column that is there.
    static func accepts(_ found: SQLType, for fitted: String) -> Bool {
        if found == .void || "\(found)" == fitted { return true }
        if case .array(let element) = found {
            guard fitted.hasPrefix("array<"), fitted.hasSuffix(">") else { return false }
            return accepts(element, for: String(fitted.dropFirst(6).dropLast()))
        }
        switch (family("\(found)"), family(fitted)) {
        case (.integer, .integer), (.floating, .floating), (.text, .text), (.decimal, .decimal): return true
        // Numbers up to 2³¹ are exact in a double; BIGINT has others.
        case (.integer, .floating): return found != .bigint
        case (.integer, .decimal(let digits)): return digits >= integerDigits(found)
        default: return false
        }
    }

    private static func integerDigits(_ type: SQLType) -> Int {
        switch type {
        case .tinyint: 3
        case .smallint: 5
        case .int: 10
        default: 19
        }
    }

    private static func family(_ name: String) -> Family {
        switch name {
        case "boolean": return .boolean
        case "tinyint", "smallint", "int", "bigint": return .integer
        case "float", "double": return .floating
        case "string": return .text
        case "date": return .date
        case "timestamp": return .timestamp
        default: break
        }
        if name.hasPrefix("varchar(") || name.hasPrefix("char(") { return .text }
        if name.hasPrefix("decimal("), name.hasSuffix(")") {
            let numbers = name.dropFirst(8).dropLast().split(separator: ",").compactMap { Int($0) }
            if numbers.count == 2 { return .decimal(integerDigits: numbers[0] - numbers[1]) }
        }
        return .other(name)
    }
}
