import Columnar

// Fields of dates and times: `year`, `hour`, `weekofyear`, …; EXTRACT becomes calls of these.

/// A part of a date or time.
package enum DateField: String, Sendable, CaseIterable {
    case year, quarter, month, week, day, dayOfWeek, hour, minute, second

    @inline(__always)
    func of(day: Int32) -> Int32 {
        switch self {
        case .year: Int32(truncatingIfNeeded: CivilDate.components(ofDay: day).year)
        case .quarter: Int32(truncatingIfNeeded: CivilDate.quarter(day))
        case .month: Int32(truncatingIfNeeded: CivilDate.components(ofDay: day).month)
        case .week: Int32(truncatingIfNeeded: CivilDate.isoWeek(day).week)
        case .day: Int32(truncatingIfNeeded: CivilDate.components(ofDay: day).day)
        case .dayOfWeek: Int32(truncatingIfNeeded: CivilDate.dayOfWeek(day) % 7 + 1)
        case .hour, .minute, .second: 0
        }
    }

    @inline(__always)
    func of(second: Int) -> Int32 {
        switch self {
        case .hour: Int32(truncatingIfNeeded: second / 3600)
        case .minute: Int32(truncatingIfNeeded: second / 60 % 60)
        default: Int32(truncatingIfNeeded: second % 60)
        }
    }

    var isOfTime: Bool {
        switch self {
        case .hour, .minute, .second: true
        default: false
        }
    }
}

private func resolveField(_ call: FunctionCall, _ field: DateField) throws -> ResolvedScalar {
    try call.expect(1)
    switch call.argumentTypes[0] {
    case .intervalYearMonth:
        guard field == .year || field == .month || field == .quarter else { throw call.mismatch(0, "date or time") }
        return ResolvedScalar(argumentTypes: [.intervalYearMonth], resultType: .int) { input in
            input.total(.int) { (months: Int32) -> Int32 in field == .year ? months / 12 : months % 12 }
        }
    case .intervalDayTime:
        guard field.isOfTime || field == .day else { throw call.mismatch(0, "date or time") }
        return ResolvedScalar(argumentTypes: [.intervalDayTime], resultType: .int) { input in
            input.total(.int) { (interval: Timestamp) -> Int32 in
                // A fraction is cut towards zero, also before it.
                let seconds = interval.seconds < 0 && interval.nanoseconds > 0 ? interval.seconds &+ 1 : interval.seconds
                return field == .day
                    ? Int32(truncatingIfNeeded: seconds / 86_400) : field.of(second: Int(seconds % 86_400))
            }
        }
    default: break
    }
    let type = try DateArguments.type(call, 0)
    if field.isOfTime {
        return ResolvedScalar(argumentTypes: [type], resultType: .int) { input in
            switch type {
            case .timestamp:
                return input.total(.int) { (value: Timestamp) -> Int32 in
                    field.of(second: DateArguments.secondOfDay(value))
                }
            case .string:
                guard let full = DateArguments.timestampPattern, let time = DateArguments.timePattern else {
                    return .nulls(.int, count: input.count)
                }
                return try input.compute(.int) { (text: StringView) -> Int32? in
                    try (full.parseLocal(text) ?? time.parseLocal(text)).map {
                        field.of(second: DateArguments.secondOfDay($0.local))
                    }
                }
            // A date is read as a text without a time of day.
            default: return .nulls(.int, count: input.count)
            }
        }
    }
    return ResolvedScalar(argumentTypes: [type], resultType: .int) { input in
        input.only(DateArguments.days(input, 0)).total(.int) { (day: Int32) -> Int32 in field.of(day: day) }
    }
}

/// `floor(t TO unit)`: the start of the unit.
private func floorFunction(_ unit: DateField, _ start: @escaping @Sendable (Timestamp) -> Int64?) -> ScalarFunction {
    ScalarFunction(
        "floor_\(unit.rawValue)",
        documentation: FunctionDocumentation("_FUNC_(t) - Returns the timestamp at which t's \(unit.rawValue) began"),
        traits: .strict
    ) { call in
        try call.expect(1)
        let type = try DateArguments.type(call, 0)
        return ResolvedScalar(argumentTypes: [type], resultType: .timestamp) { input in
            input.only(DateArguments.timestamps(input, 0)).compute(.timestamp) { (value: Timestamp) -> Timestamp? in
                start(value).flatMap { Timestamp(inRange: $0) }
            }
        }
    }
}

private func floorDay(_ unit: DateField, _ start: @escaping @Sendable (Int32) -> Int32?) -> ScalarFunction {
    floorFunction(unit) { start(DateArguments.day($0)).map { Int64($0) * 86_400 } }
}

private func floorDivision(_ seconds: Int64, _ unit: Int64) -> Int64 {
    let remainder = seconds % unit
    return seconds &- (remainder < 0 ? remainder + unit : remainder)
}

/// The first day of a month, quarter or year; nil before the first day that there is.
func firstDay(_ day: Int32, monthsIn unit: Int) -> Int32? {
    let date = CivilDate.components(ofDay: day)
    return Int32(exactly: CivilDate.dayNumber(year: date.year, month: (date.month - 1) / unit * unit + 1, day: 1))
}

private func field(_ names: [String], _ field: DateField, _ usage: String) -> ScalarFunction {
    ScalarFunction(
        names: names, documentation: FunctionDocumentation(usage), traits: .strict
    ) { try resolveField($0, field) }
}

private let fields: [DateField: ScalarFunction] = [
    .year: field(["year"], .year, "_FUNC_(date) - Returns the year of a date"),
    .quarter: field(["quarter"], .quarter, "_FUNC_(date) - Returns the quarter of the year, 1 to 4"),
    .month: field(["month"], .month, "_FUNC_(date) - Returns the month of a date, 1 to 12"),
    .week: field(
        ["weekofyear", "week"], .week,
        "_FUNC_(date) - Returns the ISO week of the year: weeks start on Monday, week 1 has the first Thursday"),
    .day: field(["day", "dayofmonth"], .day, "_FUNC_(date) - Returns the day of the month"),
    .dayOfWeek: field(
        ["dayofweek"], .dayOfWeek, "_FUNC_(date) - Returns the day of the week, 1 (Sunday) to 7 (Saturday)"),
    .hour: field(
        ["hour"], .hour,
        "_FUNC_(t) - Returns the hour of a timestamp or of a text 'yyyy-MM-dd HH:mm:ss' or 'HH:mm:ss'"),
    .minute: field(
        ["minute"], .minute,
        "_FUNC_(t) - Returns the minute of a timestamp or of a text 'yyyy-MM-dd HH:mm:ss' or 'HH:mm:ss'"),
    .second: field(
        ["second"], .second,
        "_FUNC_(t) - Returns the second of a timestamp or of a text 'yyyy-MM-dd HH:mm:ss' or 'HH:mm:ss'"),
]

private let floors: [DateField: ScalarFunction] = [
    .year: floorDay(.year) { firstDay($0, monthsIn: 12) },
    .quarter: floorDay(.quarter) { firstDay($0, monthsIn: 3) },
    .month: floorDay(.month) { firstDay($0, monthsIn: 1) },
    .week: floorDay(.week) { CivilDate.adding(days: 1 - CivilDate.dayOfWeek($0), toDay: $0) },
    .day: floorDay(.day) { $0 },
    .hour: floorFunction(.hour) { floorDivision($0.seconds, 3600) },
    .minute: floorFunction(.minute) { floorDivision($0.seconds, 60) },
    .second: floorFunction(.second) { $0.seconds },
]

let dateFieldFunctions: [ScalarFunction] = DateField.allCases.flatMap { [fields[$0], floors[$0]].compactMap { $0 } }

extension FunctionDefinition where Family == ScalarFamily {
    /// `EXTRACT(field FROM x)`
    package static func extract(_ field: DateField) -> ScalarFunction? { fields[field] }

    /// `FLOOR(x TO field)`; nil for the day of the week.
    package static func floor(to field: DateField) -> ScalarFunction? { floors[field] }
}
