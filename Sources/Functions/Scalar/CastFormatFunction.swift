import Columnar

extension FunctionDefinition where Family == ScalarFamily {
    /// `CAST(value AS type FORMAT 'pattern')`, of a value and the pattern; nil for types that it does not make. What it makes of a time is
    /// a STRING. It has no name in SQL.
    package static func formattedCast(to type: SQLType) -> ScalarFunction? {
        switch type {
        case .string, .varchar, .char: formatted
        case .date: dateOfFormat
        case .timestamp: timestampOfFormat
        default: nil
        }
    }
}

private let usage = FunctionDocumentation("CAST(value AS type FORMAT 'pattern') - Converts times to text and text to times by a pattern of SQL:2016")

private func refusal(_ call: FunctionCall) -> FunctionError {
    FunctionError(
        .argumentType(0),
        "CAST ... FORMAT only converts dates and timestamps to string types, and string types to dates and timestamps, got \(call.argumentTypes[0])")
}

private func pattern(_ call: FunctionCall, isForReading: Bool) throws -> SQLDateTimePattern {
    try call.expect(2)
    guard let text = call.constantString(1) else { throw FunctionError(.argumentType(1), "CAST ... FORMAT needs a constant pattern") }
    do { return try SQLDateTimePattern(text, isForReading: isForReading) } catch { throw FunctionError(.argument, error.description) }
}

private let formatted = ScalarFunction("cast_format", documentation: usage, traits: .strict) { call in
    let pattern = try pattern(call, isForReading: false)
    let type = call.argumentTypes[0]
    guard type == .date || type == .timestamp || type == .void else { throw refusal(call) }
    return ResolvedScalar(argumentTypes: [.timestamp, .string], resultType: .string) { input in
        input.only(input.arguments[0]).format(Timestamp.self) { time, buffer in
            pattern.append(time, to: buffer)
            return true
        }
    }
}

private func reading<Value: ColumnElement>(
    _ type: SQLType, _ value: @escaping @Sendable (Timestamp) -> Value
) -> ScalarFunction {
    // Years of fewer digits are completed by the current one.
    ScalarFunction("cast_format", documentation: usage, traits: ScalarTraits(nulls: .propagated, stability: .constantPerQuery)) { call in
        let pattern = try pattern(call, isForReading: true)
        guard call.argumentTypes[0].isCharacter || call.argumentTypes[0] == .void else { throw refusal(call) }
        return ResolvedScalar(argumentTypes: [.string, .string], resultType: type) { input in
            let start = input.context.queryStart.seconds
            let today = SQLDateTimePattern.Today(CivilDate.split(start &+ Int64(input.zone.offset(at: start))).day)
            return input.only(input.arguments[0]).compute(type) { (text: StringView) -> Value? in
                pattern.parse(text, today: today).map(value)
            }
        }
    }
}

private let timestampOfFormat = reading(.timestamp) { (time: Timestamp) -> Timestamp in time }
private let dateOfFormat = reading(.date) { (time: Timestamp) -> Int32 in CivilDate.split(time.seconds).day }
