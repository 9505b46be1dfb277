import Columnar

// Masking of values, as Hive's column masking uses it.

/// What each kind of character becomes; nil leaves it.
private struct MaskRule: Sendable {
    var upper: UInt32? = 88, lower: UInt32? = 120, digit: UInt32? = 110, other: UInt32?
    /// What digits of numbers become.
    var number = 1
    var day = 1, month = 0, year = 0

    func apply(_ scalar: UInt32) -> UInt32 {
        if scalar < 128 {
            if (65...90).contains(scalar) { return upper ?? scalar }
            if (97...122).contains(scalar) { return lower ?? scalar }
            if (48...57).contains(scalar) { return digit ?? scalar }
            return other ?? scalar
        }
        guard let properties = Unicode.Scalar(scalar)?.properties else { return scalar }
        switch properties.generalCategory {
        case .uppercaseLetter: return upper ?? scalar
        case .lowercaseLetter: return lower ?? scalar
        case .decimalNumber: return digit ?? scalar
        default: return other ?? scalar
        }
    }

    /// The rule that arguments from `first` on ask for; -1 leaves a kind as it is.
    init(_ call: FunctionCall, from first: Int) throws {
        func character(_ offset: Int, _ fallback: UInt32?) throws -> UInt32? {
            let index = first + offset
            guard index < call.count, !call.isNullConstant(index) else { return fallback }
            if let text = call.constantString(index) { return text.unicodeScalars.first?.value ?? fallback }
            if let number = call.constantInteger(index) { return number == -1 ? nil : UInt32(truncatingIfNeeded: number) }
            throw FunctionError(.argumentType(index), "\(call.name) needs a constant character as argument \(index + 1)")
        }
        upper = try character(0, upper)
        lower = try character(1, lower)
        digit = try character(2, digit)
        other = try character(3, other)
        func number(_ offset: Int, _ fallback: Int, _ range: ClosedRange<Int>) throws -> Int {
            let index = first + offset
            guard index < call.count else { return fallback }
            var value = call.constantInteger(index)
            if let text = call.constantString(index) {
                guard let number = Int64(text) else {
                    throw FunctionError(.argumentType(index), "\(call.name) needs a whole number as argument \(index + 1), got '\(text)'")
                }
                value = number
            }
            return value.flatMap { Int(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil } ?? fallback
        }
        // Digits of numbers are always masked; -1 leaves a part of a date as it is.
        self.number = try number(4, self.number, 0...9)
        day = try number(5, day, -1...31)
        if day == 0 { day = 1 }
        month = try number(6, month, -1...11)
        year = try number(7, year, -9999...9999)
    }
}

/// Which characters of a value are masked, by their place and the value's length.
private enum MaskedPart: Sendable {
    case all, first(Int), last(Int), butFirst(Int), butLast(Int)

    func contains(_ place: Int, of length: Int) -> Bool {
        switch self {
        case .all: true
        case .first(let count): place < count
        case .last(let count): place >= length - count
        case .butFirst(let count): place >= count
        case .butLast(let count): place < length - count
        }
    }
}

/// Masks decimal digits of a number. 0 has none.
private func maskNumber(_ value: Int64, _ rule: MaskRule, _ part: MaskedPart) -> Int64 {
    guard value != 0 else { return 0 }
    var digits = Array(String(value.magnitude).utf8)
    let length = digits.count
    for place in digits.indices where part.contains(place, of: length) { digits[place] = UInt8(48 + rule.number) }
    let masked = Int64(String(decoding: digits, as: UTF8.self)) ?? .max
    return value < 0 ? -masked : masked
}

/// Characters that Hive masks of a CHAR, the blanks behind its text among them; 0 for other types.
private func paddedLength(_ type: SQLType) -> Int {
    if case .char(let length) = type { length } else { 0 }
}

/// What masked text is: of the same kind as its argument, and of that kind's greatest length.
private func maskedText(_ type: SQLType) -> SQLType {
    switch type {
    case .char: .char(length: 255)
    case .varchar: .varchar(length: 65_535)
    default: .string
    }
}

/// The text with blanks up to a length, in `scratch` where it has fewer.
private func pad(_ text: StringView, to length: Int, _ scratch: ByteBuffer) -> StringView {
    let missing = length - (length > 0 ? UTF8Text.length(text) : 0)
    guard missing > 0 else { return text }
    scratch.removeAll()
    scratch.append(text)
    scratch.append(repeating: 32, count: missing)
    return scratch.view()
}

extension ByteBuffer {
    fileprivate func trimBlanks() {
        var kept = count
        while kept > 0, bytes[kept - 1] == 32 { kept -= 1 }
        truncate(to: kept)
    }
}

private func resolveMask(_ call: FunctionCall, _ part: MaskedPart, ruleFrom first: Int) throws -> ResolvedScalar {
    let rule = try MaskRule(call, from: first)
    let type = call.argumentTypes[0]
    let rest = Array(call.argumentTypes.dropFirst())
    switch type {
    case .string, .varchar, .char:
        let (padded, result) = (paddedLength(type), maskedText(type))
        return ResolvedScalar(argumentTypes: [.string] + rest, resultType: result) { input in
            let scratch = ByteBuffer(capacity: 64)
            return input.only(input.arguments[0]).format(StringView.self, as: result) { text, buffer in
                let text = pad(text, to: padded, scratch)
                let length = UTF8Text.length(text)
                var place = 0
                UTF8Text.forEachCharacter(text) { scalar in
                    buffer.append(character: part.contains(place, of: length) ? rule.apply(scalar) : scalar)
                    place += 1
                }
                if padded > 0 { buffer.trimBlanks() }
                return true
            }
        }
    case .tinyint, .smallint, .int, .bigint:
        return ResolvedScalar(argumentTypes: [type] + rest, resultType: type) { input in
            let alone = input.only(input.arguments[0])
            switch type.physical {
            case .int8:
                return alone.compute(type) { (x: Int8) -> Int8? in Int8(truncatingIfNeeded: maskNumber(Int64(x), rule, part)) }
            case .int16:
                return alone.compute(type) { (x: Int16) -> Int16? in Int16(truncatingIfNeeded: maskNumber(Int64(x), rule, part)) }
            case .int32:
                return alone.compute(type) { (x: Int32) -> Int32? in Int32(truncatingIfNeeded: maskNumber(Int64(x), rule, part)) }
            default: return alone.compute(type) { (x: Int64) -> Int64? in maskNumber(x, rule, part) }
            }
        }
    case .date:
        // A date has no places: all of it is masked.
        return ResolvedScalar(argumentTypes: [type] + rest, resultType: type) { input in
            input.only(input.arguments[0]).compute(type) { (day: Int32) -> Int32? in
                let date = CivilDate.components(ofDay: day)
                // Java's dates count months from 0 and years from 1900.
                return Int32(
                    exactly: CivilDate.dayNumber(
                        year: rule.year == -1 ? date.year : rule.year + 1900,
                        month: rule.month == -1 ? date.month : rule.month + 1, day: rule.day == -1 ? date.day : rule.day))
            }
        }
    default: return nothing(call, type)
    }
}

/// Types that are not masked give NULL.
private func nothing(_ call: FunctionCall, _ type: SQLType) -> ResolvedScalar {
    ResolvedScalar(argumentTypes: call.argumentTypes, resultType: type) { .nulls(type, count: $0.count) }
}

/// What the second argument says, as Hive takes it: a constant whole number, or the text of one; 4 for a column.
private func maskedCount(_ call: FunctionCall) throws -> Int {
    guard call.isConstant(1), !call.isNullConstant(1) else { return 4 }
    if call.argumentTypes[1].isIntegral, let number = call.constantInteger(1) {
        return max(Int(Int32(truncatingIfNeeded: number)), 0)
    }
    guard let text = call.constantString(1), let number = Int32(text) else {
        throw FunctionError(.argumentType(1), "\(call.name) needs a whole number as argument 2, got \(call.argumentTypes[1])")
    }
    return max(Int(number), 0)
}

private func partFunction(
    _ name: String, _ usage: String, _ part: @escaping @Sendable (Int) -> MaskedPart
) -> ScalarFunction {
    ScalarFunction(
        name,
        documentation: FunctionDocumentation(
            usage, extended: "n is 4 unless given; capital letters become X, small ones x, digits n.")
    ) { call in
        try call.expect(1...10)
        try call.expectPrimitives()
        let count = call.count > 1 ? try maskedCount(call) : 4
        return try resolveMask(call, part(count), ruleFrom: 2)
    }
}

let maskFunctions: [ScalarFunction] = [
    ScalarFunction(
        "mask",
        documentation: FunctionDocumentation(
            "_FUNC_(value[, upper, lower, digit, other, number, day, month, year]) - Masks the characters of a value",
            extended: "Example:\n  > SELECT _FUNC_('abcd-EFGH-8765');\n  'xxxx-XXXX-nnnn'")
    ) { call in
        try call.expect(1...9)
        try call.expectPrimitives()
        return try resolveMask(call, .all, ruleFrom: 1)
    },
    partFunction("mask_first_n", "_FUNC_(value[, n, ...]) - Masks the first n characters of a value") { .first($0) },
    partFunction("mask_last_n", "_FUNC_(value[, n, ...]) - Masks the last n characters of a value") { .last($0) },
    partFunction("mask_show_first_n", "_FUNC_(value[, n, ...]) - Masks all but the first n characters of a value") { .butFirst($0) },
    partFunction("mask_show_last_n", "_FUNC_(value[, n, ...]) - Masks all but the last n characters of a value") { .butLast($0) },
    ScalarFunction(
        "mask_hash",
        documentation: FunctionDocumentation("_FUNC_(value) - Returns a digest of a string; NULL for other types")
    ) { call in
        try call.expect(1)
        guard call.argumentTypes[0].isCharacter else { return nothing(call, call.argumentTypes[0]) }
        let (padded, digest) = (paddedLength(call.argumentTypes[0]), digestKernel(.md5))
        let result = maskedText(call.argumentTypes[0])
        return ResolvedScalar(argumentTypes: [.string], resultType: result) { input in
            guard padded > 0 else { return try Cast.apply(digest(input), to: result, rows: input.rows, count: input.count) }
            let scratch = ByteBuffer(capacity: 64)
            let texts = input.only(input.arguments[0]).format(StringView.self) { text, buffer in
                buffer.append(pad(text, to: padded, scratch))
                return true
            }
            return try Cast.apply(digest(input.only(texts)), to: result, rows: input.rows, count: input.count)
        }
    },
]
