import Columnar

// Instants, their texts, and time zones. A TIMESTAMP is a wall-clock time of the session's zone.

/// A date pattern argument: compiled once when it is constant.
private struct PatternArgument: Sendable {
    let constant: TimePattern?
    let isConstant: Bool
    private let kind: TimePatternKind

    /// - Throws: `FunctionError` for a constant that is no pattern.
    init(_ call: FunctionCall, _ index: Int) throws {
        // What is no text becomes one a row.
        isConstant = call.isConstant(index) && (call.argumentTypes[index].isCharacter || call.argumentTypes[index] == .void)
        kind = call.timePatterns
        constant = try call.constantBytes(index).map { try TimePattern($0, call.timePatterns) }
    }

    /// For the patterns of one batch.
    func cache() -> Cache { Cache(kind) }

    /// Looks up the compiled form of a row's pattern; remembers the last one.
    final class Cache {
        private let kind: TimePatternKind
        private var last: (text: [UInt8], pattern: TimePattern)?

        init(_ kind: TimePatternKind) { self.kind = kind }

        func pattern(_ view: StringView) throws -> TimePattern {
            if let last, last.text.elementsEqual(view.bytes) { return last.pattern }
            let text = Array(view.bytes)
            let pattern = try TimePattern(text, kind)
            last = (text, pattern)
            return pattern
        }
    }
}

private let standardPattern = DateArguments.timestampPattern.map { TimePattern.simple($0) }

private func resolveUnixTimestamp(_ call: FunctionCall) throws -> ResolvedScalar {
    if call.count == 0, call.name == "unix_timestamp" {
        return ResolvedScalar(argumentTypes: [], resultType: .bigint) { input in
            .constant(input.context.queryStart.seconds, type: .bigint, count: input.count)
        }
    }
    try call.expect(1...2)
    let type: SQLType
    switch call.argumentTypes[0] {
    case .date, .timestamp: type = call.argumentTypes[0]
    case .timestampLocalTimeZone: type = .timestamp
    case .string, .varchar, .char, .void: type = .string
    default:
        throw FunctionError(
            .argument,
            "The function \(call.name.uppercased()) takes only string/date/timestamp types")
    }
    let pattern = call.count == 2 && type == .string ? try PatternArgument(call, 1) : nil
    let types = [type] + (call.count == 2 ? [SQLType.string] : [])
    return ResolvedScalar(argumentTypes: types, resultType: .bigint) { input in
        let zone = input.zone
        switch type {
        case .timestamp:
            // Fractions are cut towards 1970, so before it they count up.
            return input.only(input.arguments[0]).total(.bigint) { (value: Timestamp) -> Int64 in
                let seconds = zone.utc(fromLocal: value.seconds)
                return seconds < 0 && value.nanoseconds > 0 ? seconds &+ 1 : seconds
            }
        case .date:
            return input.only(input.arguments[0]).total(.bigint) { (day: Int32) -> Int64 in
                zone.utc(fromLocal: Int64(day) * 86_400)
            }
        default: break
        }
        if let pattern, !pattern.isConstant {
            let cache = pattern.cache()
            return try input.compute(.bigint) { (text: StringView, form: StringView) -> Int64? in
                try cache.pattern(form).parse(text, zone: zone)?.seconds
            }
        }
        guard let compiled = pattern == nil ? standardPattern : pattern?.constant else {
            return .nulls(.bigint, count: input.count)
        }
        return try input.only(input.arguments[0]).compute(.bigint) { (text: StringView) -> Int64? in
            try compiled.parse(text, zone: zone)?.seconds
        }
    }
}

private func resolveFromUnixTime(_ call: FunctionCall) throws -> ResolvedScalar {
    try call.expect(1...2)
    guard call.argumentTypes[0].isIntegral || call.argumentTypes[0] == .void else {
        throw FunctionError(
            .argument, "The function from_unixtime takes only int/long types for first argument. Got Type:\(call.argumentTypes[0])")
    }
    let pattern = call.count == 2 ? try PatternArgument(call, 1) : nil
    let types: [SQLType] = [.bigint] + (call.count == 2 ? [.string] : [])
    return ResolvedScalar(argumentTypes: types, resultType: .string) { input in
        let zone = input.zone
        if let pattern, !pattern.isConstant {
            let cache = pattern.cache()
            return try input.format(Int64.self, StringView.self) { seconds, form, buffer in
                let pattern = try cache.pattern(form)
                return append(seconds, pattern, zone, to: buffer)
            }
        }
        guard let compiled = pattern == nil ? standardPattern : pattern?.constant else {
            return .nulls(.string, count: input.count)
        }
        return input.only(input.arguments[0]).format(Int64.self) { seconds, buffer in append(seconds, compiled, zone, to: buffer) }
    }
}

/// Appends the wall-clock time of an instant; false where it lies beyond the days that there are.
private func append(_ seconds: Int64, _ pattern: TimePattern, _ zone: ZoneRules, to buffer: ByteBuffer) -> Bool {
    guard let instant = Timestamp(inRange: seconds), Timestamp.isInRange(seconds &+ Int64(zone.offset(at: seconds))) else { return false }
    pattern.append(instant, zone: zone, to: buffer)
    return true
}

private func resolveDateFormat(_ call: FunctionCall) throws -> ResolvedScalar {
    try call.expect(2)
    let type = try DateArguments.type(call, 0)
    guard call.argumentTypes[1].isCharacter || call.argumentTypes[1] == .void else {
        throw call.mismatch(1, "STRING_GROUP")
    }
    // Unlike the others, date_format gives NULL for what is no pattern.
    let pattern = try? PatternArgument(call, 1)
    return ResolvedScalar(argumentTypes: [type, .string], resultType: .string) { input in
        guard let pattern else { return .nulls(.string, count: input.count) }
        let zone = input.zone
        let times = DateArguments.timestamps(input, 0)
        if !pattern.isConstant {
            let cache = pattern.cache()
            return input.with([times, input.arguments[1]]).format(Timestamp.self, StringView.self) {
                time, form, buffer in
                guard let compiled = try? cache.pattern(form) else { return false }
                compiled.append(local: time, zone: zone, to: buffer)
                return true
            }
        }
        guard let compiled = pattern.constant else { return .nulls(.string, count: input.count) }
        return input.only(times).format(Timestamp.self) { time, buffer in
            compiled.append(local: time, zone: zone, to: buffer)
            return true
        }
    }
}

/// Texts that are a timestamp or a date and nothing more.
private func wholeTimes(_ input: KernelInput) -> Column {
    input.only(input.arguments[0]).compute(.timestamp) { (text: StringView) -> Timestamp? in
        let (bytes, count) = TextParsing.trimmed(text.pointer, text.count)
        return TextParsing.timestamp(bytes, count)
            ?? TextParsing.date(bytes, count).map { Timestamp(seconds: Int64($0) * 86_400) }
    }
}

/// `from_utc_timestamp` and `to_utc_timestamp`.
private func resolveZoneShift(_ call: FunctionCall, fromUTC: Bool) throws -> ResolvedScalar {
    try call.expect(2)
    try call.expectPrimitives()
    let type = call.argumentTypes[0]
    let wanted: SQLType =
        switch type {
        case .string, .varchar, .char: .string
        case .date: .date
        default: .timestamp
        }
    guard Cast.isAllowed(type, wanted) else { throw call.mismatch(0, "timestamp") }
    return ResolvedScalar(argumentTypes: [wanted, .string], resultType: .timestamp) { input in
        let times = wanted == .string ? wholeTimes(input) : DateArguments.timestamps(input, 0)
        var lastName: StringView?
        var lastZone = ZoneRules.utc
        return try input.with([times, input.arguments[1]]).compute(.timestamp) {
            (time: Timestamp, name: StringView) -> Timestamp? in
            if lastName != name {
                lastName = name
                lastZone = try ZoneRules.ofJavaTimeZone(name.string)
            }
            let seconds =
                fromUTC
                ? time.seconds &+ Int64(lastZone.offset(at: time.seconds)) : lastZone.utc(fromLocal: time.seconds)
            return Timestamp(inRange: seconds, nanoseconds: time.nanoseconds)
        }
    }
}

extension KernelInput {
    /// The wall-clock time at which the query started.
    fileprivate var localStart: Timestamp {
        let start = context.queryStart
        return Timestamp(
            seconds: start.seconds &+ Int64(zone.offset(at: start.seconds)), nanoseconds: start.nanoseconds)
    }
}

let timeFunctions: [ScalarFunction] = [
    ScalarFunction(
        "unix_timestamp",
        documentation: FunctionDocumentation(
            "_FUNC_([date[, pattern]]) - Converts a time to seconds since 1970-01-01 00:00:00 UTC; the query's start without arguments",
            extended: "pattern is yyyy-MM-dd HH:mm:ss unless given; text that does not match gives NULL."),
        traits: ScalarTraits(stability: .constantPerQuery, canFail: true)
    ) { try resolveUnixTimestamp($0) },
    ScalarFunction(
        "to_unix_timestamp",
        documentation: FunctionDocumentation(
            "_FUNC_(date[, pattern]) - Converts a time to seconds since 1970-01-01 00:00:00 UTC"),
        traits: ScalarTraits(canFail: true)
    ) { try resolveUnixTimestamp($0) },
    ScalarFunction(
        "from_unixtime",
        documentation: FunctionDocumentation(
            "_FUNC_(seconds[, format]) - Returns the text of the instant that lies so many seconds after 1970-01-01 00:00:00 UTC",
            extended: "Example:\n  > SELECT _FUNC_(0, 'yyyy-MM-dd HH:mm:ss');\n  '1970-01-01 00:00:00'"),
        traits: ScalarTraits(canFail: true)
    ) { try resolveFromUnixTime($0) },
    ScalarFunction(
        "date_format",
        documentation: FunctionDocumentation(
            "_FUNC_(date, format) - Returns the text of a date or timestamp in the given format",
            extended: "The letters of the format are those of Java's SimpleDateFormat; of its DateTimeFormatter, as in Hive 4, where\n"
                + "hive.datetime.formatter is DATETIME.\n"
                + "Example:\n  > SELECT _FUNC_('2015-04-08', 'y');\n  '2015'")
    ) { try resolveDateFormat($0) },
    ScalarFunction(
        "from_utc_timestamp",
        documentation: FunctionDocumentation(
            "_FUNC_(timestamp, zone) - Takes timestamp as UTC and returns the wall-clock time of zone")
    ) { try resolveZoneShift($0, fromUTC: true) },
    ScalarFunction(
        "to_utc_timestamp",
        documentation: FunctionDocumentation(
            "_FUNC_(timestamp, zone) - Takes timestamp as wall-clock time of zone and returns UTC")
    ) { try resolveZoneShift($0, fromUTC: false) },
    ScalarFunction(
        "current_date", documentation: FunctionDocumentation("_FUNC_() - Returns the date at the start of the query"),
        traits: .constantPerQuery
    ) { call in
        try call.expect(0)
        return ResolvedScalar(argumentTypes: [], resultType: .date) { input in
            .constant(DateArguments.day(input.localStart), type: .date, count: input.count)
        }
    },
    ScalarFunction(
        "current_timestamp", "now",
        documentation: FunctionDocumentation(
            "_FUNC_() - Returns the timestamp at the start of the query; all calls in a query give the same"),
        traits: .constantPerQuery
    ) { call in
        try call.expect(0)
        return ResolvedScalar(argumentTypes: [], resultType: .timestamp) { input in
            .constant(input.localStart, type: .timestamp, count: input.count)
        }
    },
]
