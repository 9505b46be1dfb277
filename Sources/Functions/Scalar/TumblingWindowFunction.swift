import Columnar

/// `tumbling_window(t, length[, origin])`, as Hive 4 has it: time is cut into windows of one length, of which one begins at the
/// origin. Windows before the origin, and before 1970, are cut in the same way (Hive's are off by one there).
let tumblingWindowFunction = ScalarFunction(
    "tumbling_window",
    documentation: FunctionDocumentation(
        "_FUNC_(t, interval[, origin]) - Returns when the window of time begins that t lies in",
        extended: "Windows are as long as the interval; one begins at origin, which is 1970-01-01 00:00:00 unless given.\n"
            + "NULL for an interval that is not longer than nothing.\n"
            + "Example:\n  > SELECT _FUNC_(pickup, INTERVAL '15' MINUTE), count(*) FROM trips "
            + "GROUP BY _FUNC_(pickup, INTERVAL '15' MINUTE);"),
    traits: .strict
) { call in
    try call.expect(2...3)
    var types = [try DateArguments.type(call, 0), SQLType.intervalDayTime]
    guard [.intervalDayTime, .void].contains(call.argumentTypes[1]) else {
        throw FunctionError(.argumentType(1), "Second arg has to be interval got \(call.argumentTypes[1])")
    }
    if call.count == 3 { types.append(try DateArguments.type(call, 2)) }
    return ResolvedScalar(argumentTypes: types, resultType: .timestamp) { input in
        let origins =
            input.arguments.count == 3
            ? DateArguments.timestamps(input, 2) : Column.constant(Timestamp(seconds: 0), type: .timestamp, count: input.count)
        return input.with([DateArguments.timestamps(input, 0), input.arguments[1], origins]).compute(.timestamp) {
            (time: Timestamp, length: Timestamp, origin: Timestamp) -> Timestamp? in windowStart(time, length, origin)
        }
    }
}

private let perSecond: Int128 = 1_000_000_000

private func nanoseconds(_ time: Timestamp) -> Int128 { Int128(time.seconds) * perSecond + Int128(time.nanoseconds) }

/// nil for a length that is not positive, and for a time before all dates.
private func windowStart(_ time: Timestamp, _ length: Timestamp, _ origin: Timestamp) -> Timestamp? {
    let step = nanoseconds(length)
    guard step > 0 else { return nil }
    let now = nanoseconds(time)
    let rest = (now - nanoseconds(origin)) % step
    let start = now - (rest < 0 ? rest + step : rest)
    let fraction = start % perSecond
    let whole = (start - (fraction < 0 ? fraction + perSecond : fraction)) / perSecond
    guard let seconds = Int64(exactly: whole) else { return nil }
    return Timestamp(inRange: seconds, nanoseconds: Int32(truncatingIfNeeded: fraction < 0 ? fraction + perSecond : fraction))
}
