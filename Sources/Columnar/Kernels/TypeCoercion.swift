/// Which types Hive converts silently, and the common type of two operands in each place that needs one.
package enum TypeCoercion {
    /// The type in which two operands of a comparison are compared; nil where Hive refuses them.
    ///
    /// Strings beside numbers and booleans are compared as doubles, beside dates and timestamps as those. Decimals and
    /// character strings may also be compared without a cast.
    package static func comparisonType(_ left: SQLType, _ right: SQLType) -> SQLType? {
        if left == right { return left }
        if left == .void { return right }
        if right == .void { return left }
        if left.isCharacter, right.isCharacter { return .string }
        if left.isNumeric, right.isNumeric { return commonNumeric(left, right) }
        if let type = comparisonTypeByGroup(left, right) ?? comparisonTypeByGroup(right, left) { return type }
        return commonNested(left, right, comparisonType)
    }

    /// The type in which IN and CASE with an operand look a value up among others; nil where Hive refuses them.
    package static func membershipType(_ types: [SQLType]) -> SQLType? {
        if let text = mixedMembershipType(types) { return text }
        var result = SQLType.void
        for type in types {
            guard let common = comparisonType(result, type) else { return nil }
            result = common
        }
        return result
    }

    /// `membershipType` where texts and other types meet: text, where `=` compares as the other type. nil for other lists,
    /// and for types that have no text to compare.
    package static func mixedMembershipType(_ types: [SQLType]) -> SQLType? {
        let isMixed = types.contains(where: \.isCharacter) && !types.allSatisfy { $0.isCharacter || $0 == .void }
        return isMixed ? commonType(types) : nil
    }

    private static func comparisonTypeByGroup(_ left: SQLType, _ right: SQLType) -> SQLType? {
        switch left {
        case .date:
            if right.isCharacter { return .date }
            if right == .timestamp || right == .timestampLocalTimeZone { return right }
            return right.isNumeric ? .double : nil
        case .timestamp:
            if right.isCharacter { return .timestamp }
            if right == .timestampLocalTimeZone { return right }
            return right.isNumeric ? .double : nil
        case .timestampLocalTimeZone: return right.isCharacter ? left : nil
        case .intervalYearMonth, .intervalDayTime: return right.isCharacter ? left : nil
        case .boolean: return right.isNumeric || right.isCharacter ? .double : nil
        case .binary: return right.isCharacter ? .binary : nil
        default: return left.isNumeric && right.isCharacter ? .double : nil
        }
    }

    /// The type of CASE, IF, COALESCE, NVL, arrays and the like over two branches; nil where Hive refuses them.
    package static func commonType(_ left: SQLType, _ right: SQLType) -> SQLType? {
        if left == right { return left }
        if left == .void { return right }
        if right == .void { return left }
        if left.isNumeric, right.isNumeric { return commonNumeric(left, right) }
        if left.isCharacter, right.isCharacter { return .string }
        if left.isCharacter || right.isCharacter {
            let character = left.isCharacter ? left : right
            let other = left.isCharacter ? right : left
            switch other {
            case .date, .timestamp, .timestampLocalTimeZone: return .string
            default: return other.isNumeric && character == .string ? .string : nil
            }
        }
        return commonNested(left, right, commonType)
    }

    /// The type of a column of UNION over two branches; nil where Hive refuses them.
    ///
    /// Unlike CASE: types of different families never meet, strings of one kind take the greater length, dates and
    /// timestamps meet, and a DECIMAL absorbs integers as it is.
    package static func unionType(_ left: SQLType, _ right: SQLType) -> SQLType? {
        if left == right { return left }
        if left == .void { return right }
        if right == .void { return left }
        switch (left, right) {
        case (.decimal(let p1, let s1), .decimal(let p2, let s2)): return commonDecimal(p1, s1, p2, s2)
        case (.varchar(let a), .varchar(let b)): return .varchar(length: max(a, b))
        case (.char(let a), .char(let b)): return .char(length: max(a, b))
        case (.date, .timestamp), (.timestamp, .date): return .timestamp
        case (.timestampLocalTimeZone, .date), (.timestampLocalTimeZone, .timestamp), (.date, .timestampLocalTimeZone),
            (.timestamp, .timestampLocalTimeZone):
            return .timestampLocalTimeZone
        default: break
        }
        if left.isNumeric, right.isNumeric { return ArithmeticTypes.wider(left, right) }
        if left.isCharacter, right.isCharacter { return .string }
        return commonNested(left, right, unionType)
    }

    /// The common type of several branches, from left to right.
    package static func commonType(_ types: [SQLType]) -> SQLType? {
        guard var result = types.first else { return nil }
        for type in types.dropFirst() {
            guard let common = commonType(result, type) else { return nil }
            result = common
        }
        return result
    }

    private static func commonNumeric(_ left: SQLType, _ right: SQLType) -> SQLType {
        if case .decimal(let p1, let s1) = ArithmeticTypes.decimalType(of: left) ?? .double,
            case .decimal(let p2, let s2) = ArithmeticTypes.decimalType(of: right) ?? .double,
            !(left.isIntegral && right.isIntegral)
        {
            return commonDecimal(p1, s1, p2, s2)
        }
        return ArithmeticTypes.wider(left, right)
    }

    private static func commonDecimal(_ p1: Int, _ s1: Int, _ p2: Int, _ s2: Int) -> SQLType {
        let integerDigits = max(p1 - s1, p2 - s2)
        let scale = max(s1, s2)
        let precision = min(integerDigits + scale, Decimals.maximumPrecision)
        return .decimal(precision: precision, scale: min(scale, Decimals.maximumPrecision - min(integerDigits, 38)))
    }

    private static func commonNested(
        _ left: SQLType, _ right: SQLType, _ common: (SQLType, SQLType) -> SQLType?
    ) -> SQLType? {
        switch (left, right) {
        case (.array(let a), .array(let b)): return common(a, b).map { .array($0) }
        case (.map(let k1, let v1), .map(let k2, let v2)):
            guard let key = common(k1, k2), let value = common(v1, v2) else { return nil }
            return .map(key: key, value: value)
        case (.structure(let a), .structure(let b)):
            guard a.count == b.count else { return nil }
            var fields: [StructField] = []
            for (x, y) in zip(a, b) {
                guard x.name == y.name, let type = common(x.type, y.type) else { return nil }
                fields.append(StructField(name: x.name, type: type))
            }
            return .structure(fields)
        default: return nil
        }
    }

    /// Whether Hive passes a `from` where a `to` is asked for, without a cast.
    package static func isImplicitlyConvertible(_ from: SQLType, _ to: SQLType) -> Bool {
        conversionCost(from, to) != nil
    }

    /// How far a silent conversion goes, for choosing among overloads: 0 for the same type, nil when there is none.
    package static func conversionCost(_ from: SQLType, _ to: SQLType) -> Int? {
        if from == to { return 0 }
        if from == .void { return 1 }
        if from.isNumeric, to.isNumeric {
            if case .decimal = from, case .decimal = to { return 1 }
            let steps = ArithmeticTypes.rank(to) - ArithmeticTypes.rank(from)
            return steps >= 0 ? steps + 1 : nil
        }
        if from.isCharacter, to.isCharacter { return to == .string ? 1 : 2 }
        if from.isCharacter {
            switch to {
            case .double: return 10
            case .decimal: return 11
            default: return nil
            }
        }
        if to.isCharacter {
            let penalty = to == .string ? 0 : 1
            switch from {
            case .date, .timestamp, .timestampLocalTimeZone: return 20 + penalty
            default: return from.isNumeric ? 20 + penalty : nil
            }
        }
        switch (from, to) {
        case (.date, .timestamp), (.date, .timestampLocalTimeZone), (.timestamp, .timestampLocalTimeZone): return 5
        case (.array(let a), .array(let b)): return conversionCost(a, b).map { $0 + 1 }
        case (.map(let k1, let v1), .map(let k2, let v2)):
            guard let key = conversionCost(k1, k2), let value = conversionCost(v1, v2) else { return nil }
            return key + value + 1
        case (.structure(let a), .structure(let b)) where a.count == b.count:
            var total = 1
            for (x, y) in zip(a, b) {
                guard let cost = conversionCost(x.type, y.type) else { return nil }
                total += cost
            }
            return total
        default: return nil
        }
    }
}
