import Columnar

/// What becomes of a value that lies in the middle of two candidates.
enum RoundingMode: Sendable { case halfUp, halfEven }

/// Rounding of doubles as their shortest decimal notation reads, so that 2.675 to two places is 2.68.
enum DecimalRounding {
    private static let powers: [Double] = (0...22).map { exponent in
        (0..<exponent).reduce(1.0) { power, _ in power * 10 }
    }

    /// `value` to `places` decimals (negative: tens, hundreds, …).
    @inline(__always)
    static func round(_ value: Double, places: Int, mode: RoundingMode) -> Double {
        guard value.isFinite else { return value }
        // As decimal numbers have it, there is no zero below zero.
        guard value != 0 else { return 0 }
        if places >= 0, places <= 22, value.magnitude < 1e15 {
            let power = powers[places]
            let scaled = value.magnitude * power
            guard scaled < 4.5e15 else { return value }
            let whole = scaled.rounded(.down)
            let fraction = scaled - whole
            // Away from the middle the multiplication's error does not matter.
            if (fraction - 0.5).magnitude > 1e-6 * Swift.max(1, scaled * 1e-9) {
                let rounded = (fraction > 0.5 ? whole + 1 : whole) / power
                return value < 0 ? 0 - rounded : rounded
            }
        }
        return roundDigits(value, places: places, mode: mode)
    }

    /// The same by the decimal digits themselves.
    @inline(never)
    private static func roundDigits(_ value: Double, places: Int, mode: RoundingMode) -> Double {
        var digits: [UInt8] = []
        // Where the decimal point stands: digits before it.
        var point = 0
        var seenPoint = false
        var exponent = 0
        var text = value.magnitude.description[...]
        if let mark = text.firstIndex(of: "e") {
            exponent = Int(text[text.index(after: mark)...]) ?? 0
            text = text[..<mark]
        }
        for byte in text.utf8 {
            if byte == 46 {
                seenPoint = true
            } else {
                digits.append(byte &- 48)
                if !seenPoint { point += 1 }
            }
        }
        point += exponent
        let kept = point + places
        if kept >= digits.count { return value }
        guard kept >= 0 else { return 0 }
        let first = digits[kept]
        let rest = digits[(kept + 1)...].contains { $0 != 0 }
        var isUp = first > 5 || (first == 5 && rest)
        if first == 5, !rest {
            isUp = mode == .halfUp || (kept > 0 && digits[kept - 1] % 2 == 1)
        }
        var result = Array(digits[..<kept])
        if isUp {
            var index = kept - 1
            while index >= 0, result[index] == 9 {
                result[index] = 0
                index -= 1
            }
            if index >= 0 {
                result[index] += 1
            } else {
                result.insert(1, at: 0)
            }
        }
        let number = String(decoding: result.map { $0 + 48 }, as: UTF8.self)
        let rounded = Double("\(number.isEmpty ? "0" : number)e\(-places)") ?? value
        return value < 0 ? 0 - rounded : rounded
    }

    /// `value` cut towards zero.
    static func truncate(_ value: Double, places: Int) -> Double {
        let rounded = round(value, places: places, mode: .halfUp)
        guard rounded.magnitude > value.magnitude else { return rounded }
        // Rounding went away from zero by less than one unit of the last place.
        let unit = places >= 0 ? 1 / powers[min(places, 22)] : powers[min(-places, 22)]
        return round(rounded - (value < 0 ? -unit : unit), places: places, mode: .halfUp)
    }

    /// An integer to tens, hundreds, …: `places` is negative.
    static func round(_ value: Int128, tens: Int, mode: RoundingMode) -> Int128 {
        guard tens <= 38 else { return 0 }
        let power = DecimalPowers.tenTo(tens)
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: power)
        let twice = remainder.magnitude * 2
        var result = quotient
        let isUp =
            twice > power.magnitude
            || (twice == power.magnitude && (mode == .halfUp || quotient % 2 != 0))
        if isUp { result += value < 0 ? -1 : 1 }
        return result.multipliedReportingOverflow(by: power).partialValue
    }
}

private func resolveRound(_ call: FunctionCall, _ mode: RoundingMode) throws -> ResolvedScalar {
    try call.expect(1...2)
    if call.count == 2 {
        guard call.argumentTypes[1].isIntegral || call.argumentTypes[1] == .void else {
            throw FunctionError(
                .argumentType(1), "\(call.name.uppercased()) second argument only takes integer constant")
        }
        guard call.isConstant(1) || call.argumentTypes[1] == .void else {
            throw FunctionError(
                .argumentType(1), "\(call.name.uppercased()) second argument only takes constant")
        }
    }
    // No number has more digits than that to either side of its point.
    let places = max(-400, min(400, Int(call.count == 2 ? call.constantInteger(1) ?? 0 : 0)))
    let isNull = call.count == 2 && call.isNullConstant(1)
    let type = call.argumentTypes[0]
    let result: SQLType
    switch type {
    case .tinyint, .smallint, .int, .bigint, .float, .double: result = type
    case .string, .varchar, .char, .void: result = .double
    case .decimal(let precision, let scale):
        let kept = min(max(places, 0), 38)
        let whole = precision - scale + (places < scale ? 1 : 0)
        result = .decimal(precision: max(1, min(38, whole + kept)), scale: kept)
    default:
        throw FunctionError(
            .argumentType(0),
            "\(call.name.uppercased()) input only takes numeric or string types, got \(type)")
    }
    let wanted: SQLType = if case .decimal = type { type } else { result }
    let arguments = [wanted] + (call.count == 2 ? [SQLType.int] : [])
    return ResolvedScalar(argumentTypes: arguments, resultType: result) { input in
        if isNull { return .nulls(result, count: input.count) }
        let only = KernelInput(
            arguments: [input.arguments[0]], rows: input.rows, count: input.count, context: input.context,
            sequence: input.sequence)
        return roundColumn(only, from: wanted, to: result, places: places, mode: mode)
    }
}

private func roundColumn(
    _ input: KernelInput, from type: SQLType, to result: SQLType, places: Int, mode: RoundingMode
) -> Column {
    let tens = -places
    switch type.physical {
    case .double:
        return input.total(result) { (x: Double) -> Double in DecimalRounding.round(x, places: places, mode: mode) }
    case .float:
        return input.total(result) { (x: Float) -> Float in
            Float(DecimalRounding.round(Double(x), places: places, mode: mode))
        }
    case .int128:
        guard case .decimal(_, let scale) = type, case .decimal(let precision, let kept) = result else {
            return .nulls(result, count: input.count)
        }
        let up = DecimalPowers.tenTo(kept - scale)
        let down = DecimalPowers.tenTo(scale - kept)
        let limit = DecimalPowers.tenTo(precision)
        return input.compute(result) { (x: Int128) -> Int128? in
            // Cutting to `places` and then to the kept scale are exact multiples of one another.
            let rounded = places >= scale ? x : DecimalRounding.round(x, tens: scale - places, mode: mode)
            let (value, isOverflow) = (rounded / down).multipliedReportingOverflow(by: up)
            return !isOverflow && value.magnitude < limit.magnitude ? value : nil
        }
    default:
        guard tens > 0 else { return input.arguments[0] }
        switch type.physical {
        case .int8:
            return input.total(result) { (x: Int8) -> Int8 in
                Int8(truncatingIfNeeded: DecimalRounding.round(Int128(x), tens: tens, mode: mode))
            }
        case .int16:
            return input.total(result) { (x: Int16) -> Int16 in
                Int16(truncatingIfNeeded: DecimalRounding.round(Int128(x), tens: tens, mode: mode))
            }
        case .int32:
            return input.total(result) { (x: Int32) -> Int32 in
                Int32(truncatingIfNeeded: DecimalRounding.round(Int128(x), tens: tens, mode: mode))
            }
        default:
            return input.total(result) { (x: Int64) -> Int64 in
                Int64(truncatingIfNeeded: DecimalRounding.round(Int128(x), tens: tens, mode: mode))
            }
        }
    }
}

private func resolveWhole(_ call: FunctionCall, isUp: Bool) throws -> ResolvedScalar {
    try call.expect(1)
    switch call.argumentTypes[0] {
    case .tinyint, .smallint, .int, .bigint:
        return ResolvedScalar(argumentTypes: [.bigint], resultType: .bigint, kernel: Kernels.identity(.bigint))
    case .decimal(let precision, let scale):
        let result = SQLType.decimal(precision: min(38, max(1, precision - scale + 1)), scale: 0)
        let power = DecimalPowers.tenTo(scale)
        return ResolvedScalar(argumentTypes: call.argumentTypes, resultType: result) { input in
            input.total(result) { (x: Int128) -> Int128 in
                let (quotient, remainder) = x.quotientAndRemainder(dividingBy: power)
                if isUp { return remainder > 0 ? quotient + 1 : quotient }
                return remainder < 0 ? quotient - 1 : quotient
            }
        }
    default:
        try call.expectNumericOrString(0)
        return ResolvedScalar(argumentTypes: [.double], resultType: .bigint) { input in
            if isUp { return input.total(.bigint) { (x: Double) -> Int64 in Int64(saturating: x.rounded(.up)) } }
            return input.total(.bigint) { (x: Double) -> Int64 in Int64(saturating: x.rounded(.down)) }
        }
    }
}

let roundingFunctions: [ScalarFunction] = [
    ScalarFunction(
        "round",
        documentation: FunctionDocumentation(
            "_FUNC_(x[, d]) - Rounds x to d decimal places, halves away from zero",
            extended: "A negative d rounds to tens, hundreds, …\nExample:\n  > SELECT _FUNC_(12.3456, 1);\n  12.3")
    ) { try resolveRound($0, .halfUp) },
    ScalarFunction(
        "bround",
        documentation: FunctionDocumentation(
            "_FUNC_(x[, d]) - Rounds x to d decimal places, halves to the even neighbour",
            extended: "Example:\n  > SELECT _FUNC_(2.5D);\n  2.0")
    ) { try resolveRound($0, .halfEven) },
    ScalarFunction(
        "floor",
        documentation: FunctionDocumentation(
            "_FUNC_(x) - Returns the largest integer not greater than x", extended: "Example:\n  > SELECT _FUNC_(-0.1);\n  -1")
    ) { try resolveWhole($0, isUp: false) },
    ScalarFunction(
        "ceil", "ceiling",
        documentation: FunctionDocumentation(
            "_FUNC_(x) - Returns the smallest integer not smaller than x", extended: "Example:\n  > SELECT _FUNC_(-0.1);\n  0")
    ) { try resolveWhole($0, isUp: true) },
]
