import Columnar

/// Decides whether a column may stand where an encoding was fitted on another type: the same type, or one of its family
/// whose values all mean the same there.
enum TypeSignature {
    /// - Parameters:
    ///   - found: the type of the column that is there.
    ///   - fitted: the type's name in the encoding.
    static func accepts(_ found: SQLType, for fitted: String) -> Bool {
        guard let fitted = SQLType(typeText: fitted) else { return false }
        return accepts(found, for: fitted)
    }

    private static func accepts(_ found: SQLType, for fitted: SQLType) -> Bool {
        if found == .void || found == fitted || found.isCharacter && fitted.isCharacter { return true }
        switch (found, fitted) {
        case (.array(.structure), .array(.structure)): return SparseVectors.areHeld(by: found) && SparseVectors.areHeld(by: fitted)
        case (.array(let element), .array(let wanted)): return accepts(element, for: wanted)
        case (.decimal, .decimal): return true
        default: break
        }
        if fitted.isIntegral { return found.isIntegral }
        // Numbers up to 2³¹ are exact in a double; BIGINT has others.
        if fitted.isFloatingPoint { return found.isFloatingPoint || found.isIntegral && found != .bigint }
        if case .decimal(let precision, let scale) = fitted, found.isIntegral { return precision - scale >= integerDigits(found) }
        return false
    }

    private static func integerDigits(_ type: SQLType) -> Int {
        switch type {
        case .tinyint: 3
        case .smallint: 5
        case .int: 10
        default: 19
        }
    }
}
