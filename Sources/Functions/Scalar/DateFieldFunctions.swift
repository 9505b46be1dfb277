import Columnar

// Fields of dates and times: `year`, `hour`, `weekofyear`, …; EXTRACT becomes calls of these.

private enum DateField: Sendable {
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
                field == .day
                    ? Int32(truncatingIfNeeded: interval.seconds / 86_400)
                    : field.of(second: Int(interval.seconds % 86_400))
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
private func floorFunction(_ unit: String, _ start: @escaping @Sendable (Timestamp) -> Int64) -> ScalarFunction {
    ScalarFunction(
        "floor_\(unit)",
        documentation: FunctionDocumentation("_FUNC_(t) - Returns the timestamp at which t's \(unit) began")
    ) { call in
        try call.expect(1)
        let type = try DateArguments.type(call, 0)
        return ResolvedScalar(argumentTypes: [type], resultType: .timestamp) { input in
            input.only(DateArguments.timestamps(input, 0)).total(.timestamp) { (value: Timestamp) -> Timestamp in
                Timestamp(seconds: start(value))
            }
        }
    }
}

private func floorDay(_ unit: String, _ start: @escaping @Sendable (Int32) -> Int32) -> ScalarFunction {
    floorFunction(unit) { Int64(start(DateArguments.day($0))) * 86_400 }
}

private func floorDivision(_ seconds: Int64, _ unit: Int64) -> Int64 {
    let remainder = seconds % unit
    return seconds - (remainder < 0 ? remainder + unit : remainder)
}

/// The first day of a month, quarter or year.
func firstDay(_ day: Int32, monthsIn unit: Int) -> Int32 {
    let date = CivilDate.components(ofDay: day)
    return CivilDate.day(year: date.year, month: (date.month - 1) / unit * unit + 1, day: 1)
}

private func field(_ names: [String], _ field: DateField, _ usage: String) -> ScalarFunction {
    ScalarFunction(names: names, documentation: FunctionDocumentation(usage)) { try resolveField($0, field) }
}

let dateFieldFunctions: [ScalarFunction] = [
    field(["year"], .year, "_FUNC_(date) - Returns the year of a date"),
    field(["quarter"], .quarter, "_FUNC_(date) - Returns the quarter of the year, 1 to 4"),
    field(["month"], .month, "_FUNC_(date) - Returns the month of a date, 1 to 12"),
    field(["weekofyear", "week"], .week, "_FUNC_(date) - Returns the ISO week of the year: weeks start on Monday, week 1 has the first Thursday"),
    field(["day", "dayofmonth"], .day, "_FUNC_(date) - Returns the day of the month"),
    field(["dayofweek"], .dayOfWeek, "_FUNC_(date) - Returns the day of the week, 1 (Sunday) to 7 (Saturday)"),
    field(["hour"], .hour, "_FUNC_(t) - Returns the hour of a timestamp or of a text 'yyyy-MM-dd HH:mm:ss' or 'HH:mm:ss'"),
    field(["minute"], .minute, "_FUNC_(t) - Returns the minute of a timestamp or of a text 'yyyy-MM-dd HH:mm:ss' or 'HH:mm:ss'"),
    field(["second"], .second, "_FUNC_(t) - Returns the second of a timestamp or of a text 'yyyy-MM-dd HH:mm:ss' or 'HH:mm:ss'"),
    floorDay("year") { firstDay($0, monthsIn: 12) },
    floorDay("quarter") { firstDay($0, monthsIn: 3) },
    floorDay("month") { firstDay($0, monthsIn: 1) },
    floorDay("week") { $0 - Int32(CivilDate.dayOfWeek($0) - 1) },
    floorDay("day") { $0 },
    floorFunction("hour") { floorDivision($0.seconds, 3600) },
    floorFunction("minute") { floorDivision($0.seconds, 60) },
    floorFunction("second") { $0.seconds },
]
