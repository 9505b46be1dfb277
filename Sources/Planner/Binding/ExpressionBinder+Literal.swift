import Columnar
import Expressions
import Functions
import HiveSyntax

extension ExpressionBinder {
    func bindLiteral(_ literal: Literal, _ range: SourceRange) throws -> BoundExpression {
        switch literal {
        case .null: return .null(.void)
        case .boolean(let value): return .integer(value ? 1 : 0, type: .boolean)
        case .string(let text): return BoundExpression(.literal(.bytes(Array(text.utf8))), type: .string)
        case .characterSet(_, let text): return BoundExpression(.literal(.bytes(Array(text.utf8))), type: .string)
        case .integer(let digits, let suffix): return try integer(digits, suffix, range)
        case .decimal(let text): return try decimal(text, range)
        case .double(let text):
            guard let value = Double(text) else {
                throw PlanError("Invalid numerical constant '\(text)'", code: 10029, at: range)
            }
            return BoundExpression(.literal(.floating(value)), type: .double)
        case .date(let text): return try converted(text, to: .date, name: "date", range)
        case .timestamp(let text): return try converted(text, to: .timestamp, name: "timestamp", range)
        case .timestampLocalTimeZone(let text):
            return try converted(text, to: .timestampLocalTimeZone, name: "timestamp", range)
        case .interval(let amount, let qualifier): return try interval(amount, qualifier, range)
        }
    }

    private func integer(_ digits: String, _ suffix: IntegerSuffix, _ range: SourceRange) throws -> BoundExpression {
        let value = Int64(digits)
        switch suffix {
        case .tinyint:
            if let value, Int8(exactly: value) != nil { return .integer(value, type: .tinyint) }
        case .smallint:
            if let value, Int16(exactly: value) != nil { return .integer(value, type: .smallint) }
        case .bigint:
            if let value { return .integer(value, type: .bigint) }
        case .none:
            guard let value else { return try decimal(digits, range) }
            return .integer(value, type: Int32(exactly: value) != nil ? .int : .bigint)
        }
        throw PlanError("Invalid numerical constant '\(digits)\(suffix.rawValue)'", code: 10029, at: range)
    }

    /// `1E30BD`: NULL where no DECIMAL holds it; digits behind the 38th place are rounded away.
    private func decimal(_ mantissa: Substring, exponent: Int, _ range: SourceRange) throws -> BoundExpression {
        let value = try decimal(String(mantissa), range)
        guard case .literal(.decimal(var unscaled)) = value.kind, case .decimal(_, var scale) = value.type,
            case (let moved, let overflow) = scale.subtractingReportingOverflow(exponent), !overflow
        else { return value }
        scale = moved
        let most = Decimals.maximumPrecision
        while scale < 0 || scale > most, unscaled != 0 {
            if scale > most {
                unscaled = (unscaled + (scale == most + 1 ? 5 : 0)) / 10
                scale -= 1
            } else {
                let (product, overflow) = unscaled.multipliedReportingOverflow(by: 10)
                guard !overflow, String(product).count <= most else { return .null(.decimal(precision: most, scale: 0)) }
                unscaled = product
                scale += 1
            }
        }
        scale = min(max(scale, 0), most)
        let precision = max(String(unscaled).count, scale)
        return BoundExpression(.literal(.decimal(unscaled)), type: .decimal(precision: precision, scale: scale))
    }

    /// The narrowest DECIMAL that holds the digits as written; more than 38 of them make a DOUBLE.
    private func decimal(_ text: String, _ range: SourceRange) throws -> BoundExpression {
        if let place = text.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            guard let exponent = Int(text[text.index(after: place)...]) else {
                throw PlanError("Invalid numerical constant '\(text)'", code: 10029, at: range)
            }
            return try decimal(text[..<place], exponent: exponent, range)
        }
        var unscaled: Int128 = 0
        var scale = 0
        var digits = 0
        var sawPoint = false
        for byte in text.utf8 {
            if byte == UInt8(ascii: ".") {
                sawPoint = true
                continue
            }
            guard byte >= 48, byte <= 57 else {
                throw PlanError("Invalid numerical constant '\(text)'", code: 10029, at: range)
            }
            if digits > 0 || byte != 48 { digits += 1 }
            if digits > 38 {
                return BoundExpression(.literal(.floating(Double(text) ?? .nan)), type: .double)
            }
            unscaled = unscaled * 10 + Int128(byte - 48)
            if sawPoint { scale += 1 }
        }
        while scale > 0, unscaled % 10 == 0 {
            unscaled /= 10
            scale -= 1
            if digits > 0 { digits -= 1 }
        }
        let precision = max(digits, scale, 1)
        guard precision <= 38 else { return BoundExpression(.literal(.floating(Double(text) ?? .nan)), type: .double) }
        return BoundExpression(.literal(.decimal(unscaled)), type: .decimal(precision: precision, scale: scale))
    }

    private func converted(
        _ text: String, to type: SQLType, name: String, _ range: SourceRange
    ) throws -> BoundExpression {
        let source = Column.constant(string: text.utf8, count: 1)
        let column = try Cast.apply(source, to: type, rows: .all(1), count: 1, context: binder.context.castContext)
        guard !column.isNull(0) else {
            throw PlanError("Unable to convert time literal '\(text)' to time value.", at: range)
        }
        return BoundExpression(.literal(LiteralValue(column, row: 0)), type: type)
    }

    /// `-` before a number makes a negative constant, so that `-2147483648` and `-1.5` keep their types.
    func bindNegative(_ operand: Expression, _ range: SourceRange) throws -> BoundExpression {
        let value = try bind(operand)
        switch (value.kind, value.type) {
        case (.literal(.integer(let number)), let type) where type.isIntegral && number != 0:
            return .integer(-number, type: type)
        case (.literal(.decimal(let number)), let type):
            return BoundExpression(.literal(.decimal(-number)), type: type)
        case (.literal(.floating(let number)), let type):
            return BoundExpression(.literal(.floating(-number)), type: type)
        case (_, .intervalYearMonth), (_, .intervalDayTime):
            guard let constant = try binder.constantValue(value) else { break }
            switch constant {
            case .integer(let months):
                return BoundExpression(.literal(.integer(-months)), type: value.type)
            case .timestamp(let length):
                return BoundExpression(.literal(.timestamp(Self.negated(length))), type: value.type)
            default: break
            }
        default: break
        }
        return try binder.call(.negative, [value], at: range)
    }

    static func negated(_ length: Timestamp) -> Timestamp {
        length.nanoseconds == 0
            ? Timestamp(seconds: -length.seconds)
            : Timestamp(seconds: -length.seconds - 1, nanoseconds: 1_000_000_000 - length.nanoseconds)
    }

    // MARK: intervals

    private func interval(
        _ amount: String, _ qualifier: IntervalQualifier, _ range: SourceRange
    ) throws -> BoundExpression {
        let text = amount.trimmingSpaces
        func invalid() -> PlanError { PlanError("Invalid interval literal '\(amount)' \(qualifier.rawValue)", at: range) }
        func months(_ count: Int64) -> BoundExpression {
            BoundExpression(.literal(.integer(count)), type: .intervalYearMonth)
        }
        func length(_ value: Timestamp) -> BoundExpression {
            BoundExpression(.literal(.timestamp(value)), type: .intervalDayTime)
        }
        func wholeNumber() throws -> Int64 {
            guard let value = Int64(text), abs(value) < 1 << 40 else { throw invalid() }
            return value
        }
        switch qualifier {
        case .year: return months(try wholeNumber() * 12)
        case .quarter: return months(try wholeNumber() * 3)
        case .month: return months(try wholeNumber())
        case .week: return length(Timestamp(seconds: try wholeNumber() * 7 * 86_400))
        case .day: return length(Timestamp(seconds: try wholeNumber() * 86_400))
        case .hour: return length(Timestamp(seconds: try wholeNumber() * 3_600))
        case .minute: return length(Timestamp(seconds: try wholeNumber() * 60))
        case .second:
            guard let value = Self.secondsAndNanoseconds(text) else { throw invalid() }
            return length(value)
        case .yearToMonth:
            let isNegative = text.hasPrefix("-")
            let parts = text.drop { $0 == "-" || $0 == "+" }.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, let years = Int64(parts[0]), let rest = Int64(parts[1]), (0...11).contains(rest),
                years < 1 << 32
            else { throw invalid() }
            return months((years * 12 + rest) * (isNegative ? -1 : 1))
        case .dayToSecond:
            let isNegative = text.hasPrefix("-")
            let halves = text.drop { $0 == "-" || $0 == "+" }.split(separator: " ")
            guard halves.count == 2, let days = Int64(halves[0]), days < 1 << 32 else { throw invalid() }
            let clock = halves[1].split(separator: ":", omittingEmptySubsequences: false)
            guard clock.count == 3, let hours = Int64(clock[0]), let minutes = Int64(clock[1]),
                let seconds = Self.secondsAndNanoseconds(String(clock[2])), (0...23).contains(hours),
                (0...59).contains(minutes)
            else { throw invalid() }
            let whole = Timestamp(
                seconds: days * 86_400 + hours * 3_600 + minutes * 60 + seconds.seconds,
                nanoseconds: seconds.nanoseconds)
            return length(isNegative ? Self.negated(whole) : whole)
        }
    }

    /// `12`, `-1.5`, `.25`
    private static func secondsAndNanoseconds(_ text: String) -> Timestamp? {
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" || $0 == "+" }.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let seconds = parts[0].isEmpty ? 0 : Int64(parts[0]),
            abs(seconds) < 1 << 40
        else { return nil }
        var nanoseconds: Int32 = 0
        if parts.count == 2 {
            guard parts[1].allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
            let digits = String(parts[1].prefix(9))
            nanoseconds = Int32(digits + String(repeating: "0", count: 9 - digits.count)) ?? 0
        }
        let value = Timestamp(seconds: seconds, nanoseconds: nanoseconds)
        return isNegative ? negated(value) : value
    }

    /// `INTERVAL (expression) DAY`: the amount is a string as in the literal, or a whole number.
    func bindComputedInterval(
        _ amount: Expression, _ qualifier: IntervalQualifier, _ range: SourceRange
    ) throws -> BoundExpression {
        let value = try bind(amount)
        if let constant = try binder.constantValue(value) {
            switch constant {
            case .null: return .null(.intervalDayTime)
            case .integer(let number) where value.type.isIntegral: return try interval(String(number), qualifier, range)
            case .bytes(let bytes): return try interval(String(decoding: bytes, as: UTF8.self), qualifier, range)
            default: break
            }
        }
        guard value.type.isIntegral else {
            throw PlanError.unsupported("An interval whose amount is \(value.type)", at: range)
        }
        return try binder.call(.interval(qualifier.unit), [binder.cast(value, to: .bigint)], at: range)
    }
}

extension IntervalQualifier {
    /// What the amount of a computed interval counts.
    fileprivate var unit: IntervalUnit {
        switch self {
        case .year: .year
        case .quarter: .quarter
        case .month, .yearToMonth: .month
        case .week: .week
        case .day, .dayToSecond: .day
        case .hour: .hour
        case .minute: .minute
        case .second: .second
        }
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var text = Substring(self)
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
