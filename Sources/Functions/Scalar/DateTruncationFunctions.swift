import Columnar

// Dates and times as Spark and DuckDB cut, count and make them, beyond Hive.

/// A unit of `date_trunc` and `date_diff`.
private enum TimeUnit: Sendable {
    case months(Int)
    case weeks
    /// Less than a day, or days.
    case seconds(Int64)
    case nanoseconds(Int32)

    init?(_ name: String) {
        switch name.uppercased() {
        case "YEAR", "YYYY", "YY", "YEARS": self = .months(12)
        case "QUARTER", "QUARTERS": self = .months(3)
        case "MONTH", "MM", "MON", "MONTHS": self = .months(1)
        case "WEEK", "WEEKS": self = .weeks
        case "DAY", "DD", "DAYS": self = .seconds(86_400)
        case "HOUR", "HOURS": self = .seconds(3_600)
        case "MINUTE", "MINUTES": self = .seconds(60)
        case "SECOND", "SECONDS": self = .seconds(1)
        case "MILLISECOND", "MILLISECONDS": self = .nanoseconds(1_000_000)
        case "MICROSECOND", "MICROSECONDS": self = .nanoseconds(1_000)
        default: return nil
        }
    }

    /// The start of the unit that a time lies in; nil before the first day that there is.
    @inline(__always)
    func start(_ time: Timestamp) -> Timestamp? {
        switch self {
        case .months(let count): firstDay(DateArguments.day(time), monthsIn: count).map { Timestamp(seconds: Int64($0) * 86_400) }
        case .weeks:
            CivilDate.adding(days: 1 - CivilDate.dayOfWeek(DateArguments.day(time)), toDay: DateArguments.day(time)).map {
                Timestamp(seconds: Int64($0) * 86_400)
            }
        case .seconds(let count): Timestamp(seconds: time.seconds &- floorModulo(time.seconds, count))
        case .nanoseconds(let count): Timestamp(seconds: time.seconds, nanoseconds: time.nanoseconds / count * count)
        }
    }

    /// How many starts of units lie behind `start`, up to `end`; nil for more than 64 bits.
    @inline(__always)
    func boundaries(_ start: Timestamp, _ end: Timestamp) -> Int64? {
        switch self {
        case .months(let count):
            let a = CivilDate.components(ofDay: DateArguments.day(start)), b = CivilDate.components(ofDay: DateArguments.day(end))
            return Int64((b.year &* 12 &+ b.month &- 1) / count &- (a.year &* 12 &+ a.month &- 1) / count)
        case .weeks:
            return seconds(start, end).map { $0 / (7 * 86_400) }
        case .seconds(let count):
            return seconds(start, end).map { $0 / count }
        case .nanoseconds(let count):
            let perSecond = Int64(1_000_000_000 / count)
            let (whole, overflow) = (end.seconds &- start.seconds).multipliedReportingOverflow(by: perSecond)
            let (sum, sumOverflow) = whole.addingReportingOverflow(Int64(end.nanoseconds / count &- start.nanoseconds / count))
            return overflow || sumOverflow ? nil : sum
        }
    }

    /// From the start of one time's unit to that of another's.
    private func seconds(_ left: Timestamp, _ right: Timestamp) -> Int64? {
        guard let first = start(left), let second = start(right) else { return nil }
        return second.seconds &- first.seconds
    }
}

@inline(__always)
private func floorModulo(_ value: Int64, _ divisor: Int64) -> Int64 {
    let remainder = value % divisor
    return remainder < 0 ? remainder + divisor : remainder
}

/// A unit argument: looked up once when it is constant.
private struct UnitArgument: Sendable {
    let constant: TimeUnit?
    let isConstant: Bool

    init(_ call: FunctionCall, _ index: Int) {
        isConstant = call.isConstant(index)
        constant = call.constantString(index).flatMap { TimeUnit($0) }
    }

    func unit(_ text: StringView) -> TimeUnit? { isConstant ? constant : TimeUnit(text.string) }
}

private let dateTruncate = ScalarFunction(
    "date_trunc",
    documentation: FunctionDocumentation(
        "_FUNC_(unit, t) - Returns the timestamp at which the unit that t lies in began",
        extended: "unit is YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND, MILLISECOND or MICROSECOND; NULL for others.\n"
            + "Example:\n  > SELECT _FUNC_('HOUR', '2015-03-05 09:32:05');\n  2015-03-05 09:00:00"),
    traits: .strict
) { call in
    try call.expect(2)
    try call.expectPrimitive(0)
    let type = try DateArguments.type(call, 1)
    let unit = UnitArgument(call, 0)
    return ResolvedScalar(argumentTypes: [.string, type], resultType: .timestamp) { input in
        input.with([input.arguments[0], DateArguments.timestamps(input, 1)]).compute(.timestamp) {
            (name: StringView, time: Timestamp) -> Timestamp? in unit.unit(name)?.start(time)
        }
    }
}

private let dateDifferenceInUnits = ScalarFunction(
    "date_diff",
    documentation: FunctionDocumentation(
        "_FUNC_(end, start) - Returns the number of days from start to end\n"
            + "_FUNC_(unit, start, end) - Returns how many units begin between start and end",
        extended: "The units are those of date_trunc.\nExample:\n  > SELECT _FUNC_('month', '2015-01-31', '2015-02-01');\n  1"),
    traits: ScalarTraits(nulls: .propagated, canFail: true)
) { call in
    try call.expect(2...3)
    if call.count == 2 { return try dateDifference.resolve(call) }
    try call.expectPrimitive(0)
    let types = [try DateArguments.type(call, 1), try DateArguments.type(call, 2)]
    let unit = UnitArgument(call, 0)
    return ResolvedScalar(argumentTypes: [.string] + types, resultType: .bigint) { input in
        try input.with([input.arguments[0], DateArguments.timestamps(input, 1), DateArguments.timestamps(input, 2)]).compute(.bigint) {
            (name: StringView, start: Timestamp, end: Timestamp) throws -> Int64? in
            guard let unit = unit.unit(name) else { throw FunctionError(.argument, "date_diff: '\(name.string)' is no unit of time") }
            return unit.boundaries(start, end)
        }
    }
}

private func dayNumber(_ names: [String], _ usage: String, _ example: String, _ body: @escaping @Sendable (Int32) -> Int32) -> ScalarFunction {
    ScalarFunction(
        names: names, documentation: FunctionDocumentation(usage, extended: "Example:\n  > SELECT _FUNC_(\(example)"), traits: .strict
    ) { call in
        try call.expect(1)
        let type = try DateArguments.type(call, 0)
        return ResolvedScalar(argumentTypes: [type], resultType: .int) { input in
            input.only(DateArguments.days(input, 0)).total(.int) { (day: Int32) -> Int32 in body(day) }
        }
    }
}

private let makeDate = ScalarFunction(
    "make_date",
    documentation: FunctionDocumentation(
        "_FUNC_(year, month, day) - Returns a date of its parts, NULL when there is none",
        extended: "Example:\n  > SELECT _FUNC_(2013, 7, 15);\n  2013-07-15"),
    traits: .strict
) { call in
    try call.expect(3)
    for index in 0..<3 { try call.expectIntegral(index) }
    return ResolvedScalar(argumentTypes: [.int, .int, .int], resultType: .date) { input in
        input.compute(.date) { (year: Int32, month: Int32, day: Int32) -> Int32? in
            guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
                Int(day) <= CivilDate.daysInMonth(year: Int(year), month: Int(month))
            else { return nil }
            return CivilDate.day(year: Int(year), month: Int(month), day: Int(day))
        }
    }
}

private let dateOfDay = ScalarFunction(
    "date_from_unix_date",
    documentation: FunctionDocumentation(
        "_FUNC_(days) - Returns the date that lies days after 1970-01-01", extended: "Example:\n  > SELECT _FUNC_(1);\n  1970-01-02"),
    traits: .strict
) { call in
    try call.expect(1)
    try call.expectIntegral(0)
    return ResolvedScalar(argumentTypes: [.int], resultType: .date) { $0.arguments[0].retyped(.date) }
}

/// `timestamp_millis`, …: the wall-clock time of the session's zone at an instant, NULL where it is beyond all dates.
private func timestamp(_ name: String, perSecond: Int64, _ unit: String) -> ScalarFunction {
    ScalarFunction(
        name, documentation: FunctionDocumentation("_FUNC_(n) - Returns the timestamp n \(unit) after the start of 1970 in UTC"),
        traits: .strict
    ) { call in
        try call.expect(1)
        if perSecond == 1, let fractional = timestampOfFraction(call.argumentTypes[0]) { return fractional }
        try call.expectIntegral(0)
        return ResolvedScalar(argumentTypes: [.bigint], resultType: .timestamp) { input in
            let zone = input.zone
            return input.compute(.timestamp) { (value: Int64) -> Timestamp? in
                let fraction = floorModulo(value, perSecond)
                let seconds = (value &- fraction) / perSecond
                guard Timestamp.isInRange(seconds) else { return nil }
                return Timestamp(
                    inRange: seconds &+ Int64(zone.offset(at: seconds)),
                    nanoseconds: Int32(truncatingIfNeeded: fraction &* (1_000_000_000 / perSecond)))
            }
        }
    }
}

/// `timestamp_seconds` of a number with a fraction, which is cut to microseconds; nil for other types.
private func timestampOfFraction(_ type: SQLType) -> ResolvedScalar? {
    func resolved<T: ColumnElement>(_ wanted: SQLType, _ micros: @escaping @Sendable (T) -> Int128?) -> ResolvedScalar {
        ResolvedScalar(argumentTypes: [wanted], resultType: .timestamp) { input in
            let zone = input.zone
            return input.compute(.timestamp) { (value: T) -> Timestamp? in
                guard let micros = micros(value) else { return nil }
                let rest = micros % 1_000_000
                let fraction = rest < 0 ? rest + 1_000_000 : rest
                guard let seconds = Int64(exactly: (micros - fraction) / 1_000_000), Timestamp.isInRange(seconds) else { return nil }
                return Timestamp(
                    inRange: seconds &+ Int64(zone.offset(at: seconds)), nanoseconds: Int32(truncatingIfNeeded: fraction * 1000))
            }
        }
    }
    switch type {
    case .float, .double: return resolved(.double) { (value: Double) in (value * 1e6).magnitude < 1e30 ? Int128(value * 1e6) : nil }
    case .decimal(_, let scale):
        return resolved(type) { (value: Int128) in
            if scale >= 6 { return value / Decimals.powerOfTen(scale - 6) }
            let (micros, overflow) = value.multipliedReportingOverflow(by: Decimals.powerOfTen(6 - scale))
            return overflow ? nil : micros
        }
    default: return nil
    }
}

/// `unix_millis`, …: the instant of a wall-clock time of the session's zone, rounded down.
private func instant(_ names: [String], perSecond: Int64, _ unit: String) -> ScalarFunction {
    ScalarFunction(
        names: names, documentation: FunctionDocumentation("_FUNC_(t) - Returns how many \(unit) t lies after the start of 1970 in UTC"),
        traits: .strict
    ) { call in
        try call.expect(1)
        let type = try DateArguments.type(call, 0)
        return ResolvedScalar(argumentTypes: [type], resultType: .bigint) { input in
            let zone = input.zone
            return input.only(DateArguments.timestamps(input, 0)).compute(.bigint) { (time: Timestamp) -> Int64? in
                let (whole, overflow) = zone.utc(fromLocal: time.seconds).multipliedReportingOverflow(by: perSecond)
                let (sum, sumOverflow) = whole.addingReportingOverflow(Int64(time.nanoseconds) / (1_000_000_000 / perSecond))
                return overflow || sumOverflow ? nil : sum
            }
        }
    }
}

let dateTruncationFunctions: [ScalarFunction] = [
    dateTruncate, dateDifferenceInUnits, makeDate, dateOfDay,
    dayNumber(["dayofyear"], "_FUNC_(date) - Returns the day of the year, from 1", "'2016-04-09');\n  100") {
        Int32(truncatingIfNeeded: CivilDate.dayOfYear($0))
    },
    dayNumber(["weekday"], "_FUNC_(date) - Returns the day of the week, 0 (Monday) to 6 (Sunday)", "'2009-07-30');\n  3") {
        Int32(truncatingIfNeeded: CivilDate.dayOfWeek($0) - 1)
    },
    dayNumber(["unix_date"], "_FUNC_(date) - Returns how many days a date lies after 1970-01-01", "'1970-01-02');\n  1") { $0 },
    timestamp("timestamp_seconds", perSecond: 1, "seconds"), timestamp("timestamp_millis", perSecond: 1_000, "milliseconds"),
    timestamp("timestamp_micros", perSecond: 1_000_000, "microseconds"),
    instant(["unix_seconds"], perSecond: 1, "seconds"), instant(["unix_millis", "to_epoch_milli"], perSecond: 1_000, "milliseconds"),
    instant(["unix_micros"], perSecond: 1_000_000, "microseconds"),
]
