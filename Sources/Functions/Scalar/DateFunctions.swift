import Columnar

// Dates: moving, comparing, truncating.

private func resolveAddDays(_ call: FunctionCall, sign: Int) throws -> ResolvedScalar {
    try call.expect(2)
    let type = try DateArguments.type(call, 0)
    switch call.argumentTypes[1] {
    case .tinyint, .smallint, .int, .void: break
    case let other:
        throw FunctionError(
            .argument,
            "\(call.name.uppercased())() only takes TINYINT/SMALLINT/INT types as second argument, got \(other.description.uppercased())")
    }
    return ResolvedScalar(argumentTypes: [type, .int], resultType: .date) { input in
        input.with([DateArguments.days(input, 0), input.arguments[1]]).compute(.date) {
            (day: Int32, days: Int32) -> Int32? in CivilDate.adding(days: Int(days) * sign, toDay: day)
        }
    }
}

/// Months later or earlier; the last day of a month stays the last day. nil beyond the days that there are.
private func addMonths(_ day: Int32, _ months: Int) -> Int32? {
    let date = CivilDate.components(ofDay: day)
    let total = date.year * 12 + date.month - 1 + months
    let year = total >= 0 ? total / 12 : -((11 - total) / 12)
    let month = total - year * 12 + 1
    let last = CivilDate.daysInMonth(year: year, month: month)
    let isLast = CivilDate.isLastDayOfMonth(date)
    return Int32(exactly: CivilDate.dayNumber(year: year, month: month, day: isLast ? last : min(date.day, last)))
}

/// A function from days to the text of a day, which is what Hive returns for these.
private func dayTextFunction(
    _ name: String, _ usage: String, extended: String = "", _ body: @escaping @Sendable (Int32) -> Int32?
) -> ScalarFunction {
    ScalarFunction(name, documentation: FunctionDocumentation(usage, extended: extended)) { call in
        try call.expect(1)
        let type = try DateArguments.type(call, 0)
        return ResolvedScalar(argumentTypes: [type], resultType: .string) { input in
            input.only(DateArguments.days(input, 0)).format(Int32.self) { day, buffer in
                guard let found = body(day) else { return false }
                DateTimeFormatter.append(day: found, to: buffer)
                return true
            }
        }
    }
}

private let addMonthsFunction = ScalarFunction(
    "add_months",
    documentation: FunctionDocumentation(
        "_FUNC_(start, n[, format]) - Returns the date that lies n months after start, as a string",
        extended: "The last day of a month becomes the last day of the other month; format is yyyy-MM-dd unless given.\n"
            + "Example:\n  > SELECT _FUNC_('2009-08-31', 1);\n  '2009-09-30'")
) { call in
    try call.expect(2...3)
    let type = try DateArguments.type(call, 0)
    try call.expectIntegral(1)
    let pattern = call.constantBytes(2).flatMap { try? DateTimePattern(checking: $0) }
    guard call.count == 2 || pattern != nil else {
        throw FunctionError(.argumentType(2), "add_months needs a constant date pattern as 3rd argument")
    }
    let types: [SQLType] = [type, .int] + (call.count == 3 ? [.string] : [])
    return ResolvedScalar(argumentTypes: types, resultType: .string) { input in
        if let pattern {
            let moved = input.with([DateArguments.timestamps(input, 0), input.arguments[1]])
            return moved.format(Timestamp.self, Int32.self) { start, months, buffer in
                guard let day = addMonths(DateArguments.day(start), Int(months)) else { return false }
                let seconds = Int64(day) * 86_400 + Int64(DateArguments.secondOfDay(start))
                pattern.append(
                    local: Timestamp(seconds: seconds, nanoseconds: start.nanoseconds), zone: input.zone, to: buffer)
                return true
            }
        }
        let moved = input.with([DateArguments.days(input, 0), input.arguments[1]])
        return moved.format(Int32.self, Int32.self) { day, months, buffer in
            guard let day = addMonths(day, Int(months)) else { return false }
            DateTimeFormatter.append(day: day, to: buffer)
            return true
        }
    }
}

/// 1 (Monday) … 7 of a day's English name or its first two or three letters.
private func weekday(_ name: StringView) -> Int? {
    let names = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
    let wanted = name.string.uppercased()
    return names.firstIndex { wanted == $0 || wanted == $0.prefix(3) || wanted == $0.prefix(2) }.map { $0 + 1 }
}

private let nextDay = ScalarFunction(
    "next_day",
    documentation: FunctionDocumentation(
        "_FUNC_(start, day_of_week) - Returns the first date after start that falls on that day of the week",
        extended: "day_of_week is Mo, MON, MONDAY, …\nExample:\n  > SELECT _FUNC_('2015-01-14', 'TU');\n  '2015-01-20'"),
    traits: .strict
) { call in
    try call.expect(2)
    let type = try DateArguments.type(call, 0)
    try call.expectPrimitive(1)
    return ResolvedScalar(argumentTypes: [type, .string], resultType: .string) { input in
        input.with([DateArguments.days(input, 0), input.arguments[1]]).format(Int32.self, StringView.self) {
            day, name, buffer in
            guard let wanted = weekday(name) else { return false }
            guard let next = CivilDate.adding(days: (wanted - CivilDate.dayOfWeek(day) + 6) % 7 + 1, toDay: day) else { return false }
            DateTimeFormatter.append(day: next, to: buffer)
            return true
        }
    }
}

let dateDifference = ScalarFunction(
    "datediff",
    documentation: FunctionDocumentation(
        "_FUNC_(end, start) - Returns the number of days from start to end",
        extended: "Times of day are ignored.\nExample:\n  > SELECT _FUNC_('2009-07-30', '2009-07-31');\n  -1"),
    traits: .strict
) { call in
    try call.expect(2)
    let types = [try DateArguments.type(call, 0), try DateArguments.type(call, 1)]
    return ResolvedScalar(argumentTypes: types, resultType: .int) { input in
        input.with([DateArguments.days(input, 0), DateArguments.days(input, 1)]).compute(.int) {
            (end: Int32, start: Int32) -> Int32? in Int32(exactly: Int(end) &- Int(start))
        }
    }
}

private func monthsBetween(_ left: Timestamp, _ right: Timestamp, rounding: Bool) -> Double {
    let a = CivilDate.components(ofDay: DateArguments.day(left))
    let b = CivilDate.components(ofDay: DateArguments.day(right))
    let months = Double((a.year - b.year) * 12 + a.month - b.month)
    if a.day == b.day || (CivilDate.isLastDayOfMonth(a) && CivilDate.isLastDayOfMonth(b)) { return months }
    let leftSeconds = a.day * 86_400 + DateArguments.secondOfDay(left)
    let rightSeconds = b.day * 86_400 + DateArguments.secondOfDay(right)
    let result = months + Double(leftSeconds - rightSeconds) / Double(31 * 86_400)
    return rounding ? DecimalRounding.round(result, places: 8, mode: .halfUp) : result
}

private let monthsBetweenFunction = ScalarFunction(
    "months_between",
    documentation: FunctionDocumentation(
        "_FUNC_(date1, date2[, roundOff]) - Returns the number of months from date2 to date1",
        extended: "Whole when both fall on the same day of the month or both on the last; else by a month of 31 days,\n"
            + "rounded to 8 places unless roundOff is FALSE.\n"
            + "Example:\n  > SELECT _FUNC_('1997-02-28 10:30:00', '1996-10-30');\n  3.94959677"),
    traits: .strict
) { call in
    try call.expect(2...3)
    let types = [try DateArguments.type(call, 0), try DateArguments.type(call, 1)]
    if call.count == 3, call.argumentTypes[2] != .boolean {
        throw FunctionError(.argumentType(2), "months_between only takes BOOLEAN types as 3rd argument, got \(call.argumentTypes[2])")
    }
    return ResolvedScalar(argumentTypes: types + (call.count == 3 ? [.boolean] : []), resultType: .double) { input in
        let both = input.with([DateArguments.timestamps(input, 0), DateArguments.timestamps(input, 1)])
        if input.arguments.count == 3 {
            return both.with(both.arguments + [input.arguments[2]]).compute(.double) {
                (left: Timestamp, right: Timestamp, rounding: UInt8) -> Double? in
                monthsBetween(left, right, rounding: rounding != 0)
            }
        }
        return both.compute(.double) { (left: Timestamp, right: Timestamp) -> Double? in
            monthsBetween(left, right, rounding: true)
        }
    }
}

/// How many months the unit of `trunc` has; nil for a name that is none (lower case is none, as in Hive).
private func truncationUnit(_ name: String) -> Int? {
    switch name {
    case "MONTH", "MON", "MM": 1
    case "QUARTER", "Q": 3
    case "YEAR", "YYYY", "YY": 12
    default: nil
    }
}

private func resolveTruncate(_ call: FunctionCall) throws -> ResolvedScalar {
    try call.expect(1...2)
    if call.argumentTypes[0].isNumeric { return try resolveTruncateNumber(call) }
    guard call.count == 2 else {
        throw FunctionError(.argumentCount, "TRUNC() requires 2 argument for date and 1 or 2 arguments for number, got \(call.count)")
    }
    let type = try DateArguments.type(call, 0)
    guard call.argumentTypes[1].isCharacter || call.argumentTypes[1] == .void else {
        throw FunctionError(.argumentType(1), "trunc() only takes STRING/CHAR/VARCHAR types as second argument, got \(call.argumentTypes[1].description.uppercased())")
    }
    return ResolvedScalar(argumentTypes: [type, .string], resultType: .string) { input in
        let constant = input.arguments[1]
        if constant.isConstant, !constant.isNull(0) {
            guard let unit = truncationUnit(constant.values(as: StringView.self)[0].string) else {
                return .nulls(.string, count: input.count)
            }
            return input.only(DateArguments.days(input, 0)).format(Int32.self) { day, buffer in
                guard let first = firstDay(day, monthsIn: unit) else { return false }
                DateTimeFormatter.append(day: first, to: buffer)
                return true
            }
        }
        return input.with([DateArguments.days(input, 0), constant]).format(Int32.self, StringView.self) {
            day, name, buffer in
            guard let unit = truncationUnit(name.string), let first = firstDay(day, monthsIn: unit) else { return false }
            DateTimeFormatter.append(day: first, to: buffer)
            return true
        }
    }
}

private func resolveTruncateNumber(_ call: FunctionCall) throws -> ResolvedScalar {
    if call.count == 2 { try call.expectIntegral(1) }
    let isConstant = call.count == 1 || call.isConstant(1)
    let places = call.count == 2 ? call.constantInteger(1) ?? 0 : 0
    guard Int32(exactly: places) != nil else {
        throw FunctionError(.argument, "TRUNC input only takes integer values, got \(places)")
    }
    let type = call.argumentTypes[0]
    let arguments = [type] + (call.count == 2 ? [SQLType.bigint] : [])
    return ResolvedScalar(argumentTypes: arguments, resultType: type) { input in
        @inline(__always) func truncate<Value: ColumnElement>(_ body: (Value, Int) -> Value) throws -> Column {
            // No number has more digits than that to either side of its point.
            if isConstant {
                let places = Swift.max(-400, Swift.min(400, Int(places)))
                return input.only(input.arguments[0]).total(type) { body($0, places) }
            }
            return input.with([input.arguments[0], try placesWithoutNulls(input)]).total(type) { (value: Value, places: Int64) in
                body(value, Swift.max(-400, Swift.min(400, Int(places))))
            }
        }
        @inline(__always) func cut(_ value: Int128, _ drop: Int) -> Int128 {
            guard drop > 0 else { return value }
            let power = DecimalPowers.tenTo(drop)
            return drop > 38 ? 0 : value / power * power
        }
        switch type {
        case .decimal(_, let scale): return try truncate { (x: Int128, places) in cut(x, scale - places) }
        case .float:
            return try truncate { (x: Float, places) in Float(DecimalRounding.truncate(Double(x), places: places)) }
        case .double: return try truncate { (x: Double, places) in DecimalRounding.truncate(x, places: places) }
        case .tinyint: return try truncate { (x: Int8, places) in Int8(truncatingIfNeeded: cut(Int128(x), -places)) }
        case .smallint: return try truncate { (x: Int16, places) in Int16(truncatingIfNeeded: cut(Int128(x), -places)) }
        case .int: return try truncate { (x: Int32, places) in Int32(truncatingIfNeeded: cut(Int128(x), -places)) }
        default: return try truncate { (x: Int64, places) in Int64(truncatingIfNeeded: cut(Int128(x), -places)) }
        }
    }
}

/// The second argument, a BIGINT that has to be an INT: NULL cuts as 0 does.
private func placesWithoutNulls(_ input: KernelInput) throws -> Column {
    let places = input.arguments[1]
    let values = UnsafePointer(places.values(as: Int64.self))
    return try input.only(places).build(.bigint) { row, builder in
        let value = places.isNull(row) ? 0 : values[places.isConstant ? 0 : row]
        guard Int32(exactly: value) != nil else { throw FunctionError(.argument, "TRUNC scale argument out of allowed range") }
        builder.append(value)
    }
}

let dateFunctions: [ScalarFunction] = [
    ScalarFunction(
        "date_add", "dateadd",
        documentation: FunctionDocumentation(
            "_FUNC_(start, days) - Returns the date that lies days after start",
            extended: "Example:\n  > SELECT _FUNC_('2009-07-30', 1);\n  2009-07-31")
    ) { try resolveAddDays($0, sign: 1) },
    ScalarFunction(
        "date_sub",
        documentation: FunctionDocumentation(
            "_FUNC_(start, days) - Returns the date that lies days before start",
            extended: "Example:\n  > SELECT _FUNC_('2009-07-30', 1);\n  2009-07-29")
    ) { try resolveAddDays($0, sign: -1) },
    dateDifference, addMonthsFunction, nextDay, monthsBetweenFunction,
    dayTextFunction("last_day", "_FUNC_(date) - Returns the last day of the date's month, as a string") {
        CivilDate.lastDayOfMonth($0)
    },
    ScalarFunction(
        "to_date",
        documentation: FunctionDocumentation(
            "_FUNC_(expr) - Returns the date part of a timestamp, or of the text of one",
            extended: "Example:\n  > SELECT _FUNC_('2009-07-30 04:17:52');\n  2009-07-30")
    ) { call in
        try call.expect(1)
        let type = try DateArguments.type(call, 0)
        return ResolvedScalar(argumentTypes: [type], resultType: .date) { DateArguments.days($0, 0) }
    },
    ScalarFunction(
        "trunc",
        documentation: FunctionDocumentation(
            "_FUNC_(date, unit) - Returns the first day of the date's month, quarter or year\n"
                + "_FUNC_(number[, places]) - Cuts a number to so many decimal places",
            extended: "unit is MONTH/MON/MM, QUARTER/Q or YEAR/YYYY/YY.\n"
                + "Example:\n  > SELECT _FUNC_('2009-02-12', 'MM');\n  '2009-02-01'\n  > SELECT _FUNC_(1234.567, -2);\n  1200"),
        traits: ScalarTraits(canFail: true)
    ) { try resolveTruncate($0) },
]
