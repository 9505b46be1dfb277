import Columnar

/// `datetime_legacy_hybrid_calendar`, as Hive 4 has it: what a number of days means in the calendar that was Julian before
/// 1582-10-15, as a date of the one calendar that dates have here.
let hybridCalendarFunction = ScalarFunction(
    "datetime_legacy_hybrid_calendar",
    documentation: FunctionDocumentation(
        "_FUNC_(t) - Returns the date or timestamp that older programs meant, whose calendar was Julian before 1582-10-15",
        extended: "For values that such programs wrote and that are read here as of the Gregorian calendar: all before 1582-10-15 "
            + "are some days off.\n"
            + "Example:\n  > SELECT _FUNC_(date '0601-03-07');\n  0601-03-04"),
    traits: .strict
) { call in
    try call.expect(1)
    switch call.argumentTypes[0] {
    case .date, .void:
        return ResolvedScalar(argumentTypes: [.date], resultType: .date) { input in
            input.total(.date) { (day: Int32) -> Int32 in hybrid(day) }
        }
    case .timestamp:
        return ResolvedScalar(argumentTypes: [.timestamp], resultType: .timestamp) { input in
            input.total(.timestamp) { (time: Timestamp) -> Timestamp in
                let day = DateArguments.day(time)
                return Timestamp(seconds: time.seconds &+ (Int64(hybrid(day)) &- Int64(day)) &* 86_400, nanoseconds: time.nanoseconds)
            }
        }
    case let type:
        throw FunctionError(
            .argumentType(0), "datetime_legacy_hybrid_calendar only allows date or timestamp types, got \(type)")
    }
}

/// The first day of the Gregorian calendar, 1582-10-15.
private let firstGregorianDay: Int32 = -141_427

/// The day of the same name in the Gregorian calendar. February 29 of years that it does not leap in is March 1.
private func hybrid(_ day: Int32) -> Int32 {
    guard day < firstGregorianDay else { return day }
    // Days since March 1 of the year -4800 of the Julian calendar, whose years all have four a leap day.
    let count = Int(day) + 2_440_588 + 32_082
    let era = (4 * count + 3) >= 0 ? (4 * count + 3) / 1461 : (4 * count + 3 - 1460) / 1461
    let ofYear = count - (1461 * era >= 0 ? 1461 * era / 4 : (1461 * era - 3) / 4)
    let month = (5 * ofYear + 2) / 153
    return CivilDate.day(
        year: era - 4800 + month / 10, month: month + 3 - 12 * (month / 10), day: ofYear - (153 * month + 2) / 5 + 1)
}
