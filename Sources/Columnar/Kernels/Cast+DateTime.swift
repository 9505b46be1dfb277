extension Cast {
    static func toDate(_ frame: UnaryFrame, _ context: CastContext) throws -> Column {
        let result = frame.makeResult(.date)
        switch frame.operand.type {
        case .string, .varchar, .char:
            mapValidElements(frame, into: result, StringView.self, Int32.self) { date($0) }
        case .timestamp:
            mapElements(frame, into: result, Timestamp.self, Int32.self) { CivilDate.split($0.seconds).day }
        case .timestampLocalTimeZone:
            let zone = context.zone
            mapValidElements(frame, into: result, Timestamp.self, Int32.self) {
                local($0, zone).map { CivilDate.split($0.seconds).day }
            }
        default: throw impossible(frame.operand.type, .date)
        }
        return result
    }

    static func toTimestamp(_ frame: UnaryFrame, _ type: SQLType, _ context: CastContext) throws -> Column {
        let operand = frame.operand.type
        let isLocal = type == .timestampLocalTimeZone
        if isLocal != (operand == .timestampLocalTimeZone), isCivil(operand) || operand == .timestampLocalTimeZone {
            return try changingZone(frame, type, context)
        }
        let result = frame.makeResult(type)
        switch operand {
        case .boolean: integers(frame, result, UInt8.self, context)
        case .tinyint: integers(frame, result, Int8.self, context)
        case .smallint: integers(frame, result, Int16.self, context)
        case .int: integers(frame, result, Int32.self, context)
        case .bigint: integers(frame, result, Int64.self, context)
        case .float: mapValidElements(frame, into: result, Float.self, Timestamp.self) { timestamp(Double($0)) }
        case .double: mapValidElements(frame, into: result, Double.self, Timestamp.self) { timestamp($0) }
        case .decimal(_, let scale):
            mapValidElements(frame, into: result, Int128.self, Timestamp.self) { timestamp($0, scale: scale) }
        case .date:
            mapElements(frame, into: result, Int32.self, Timestamp.self) { Timestamp(seconds: Int64($0) &* 86_400) }
        case .string, .varchar, .char:
            mapValidElements(frame, into: result, StringView.self, Timestamp.self) { timestamp($0) }
        default: throw impossible(operand, type)
        }
        return result
    }

    private static func isCivil(_ type: SQLType) -> Bool { type == .timestamp || type == .date || type.isCharacter }

    /// Between time without zone and instants of the session's zone.
    private static func changingZone(_ frame: UnaryFrame, _ type: SQLType, _ context: CastContext) throws -> Column {
        let zone = context.zone
        let result = frame.makeResult(type)
        if type == .timestamp {
            mapValidElements(frame, into: result, Timestamp.self, Timestamp.self) { local($0, zone) }
        } else if frame.operand.type == .date {
            mapValidElements(frame, into: result, Int32.self, Timestamp.self) {
                Timestamp(inRange: zone.utc(fromLocal: Int64($0) &* 86_400))
            }
        } else if frame.operand.type == .timestamp {
            mapValidElements(frame, into: result, Timestamp.self, Timestamp.self) {
                Timestamp(inRange: zone.utc(fromLocal: $0.seconds), nanoseconds: $0.nanoseconds)
            }
        } else {
            try mapValidElements(frame, into: result, StringView.self, Timestamp.self) { try instant($0, zone) }
        }
        return result
    }

    /// The wall-clock time of an instant.
    private static func local(_ instant: Timestamp, _ zone: ZoneRules) -> Timestamp? {
        Timestamp(inRange: instant.seconds &+ Int64(zone.offset(at: instant.seconds)), nanoseconds: instant.nanoseconds)
    }

    private static func integers<T: FixedWidthInteger & ColumnElement>(
        _ frame: UnaryFrame, _ result: Column, _: T.Type, _ context: CastContext
    ) {
        if context.integersAreSeconds {
            mapValidElements(frame, into: result, T.self, Timestamp.self) { Timestamp(inRange: Int64(truncatingIfNeeded: $0)) }
        } else {
            mapValidElements(frame, into: result, T.self, Timestamp.self) { value in
                timestamp(milliseconds: Int64(truncatingIfNeeded: value))
            }
        }
    }

    /// nil for what no timestamp reaches.
    @inline(__always)
    package static func timestamp(milliseconds value: Int64) -> Timestamp? {
        let quotient = value / 1000
        let remainder = value &- quotient &* 1000
        return remainder < 0
            ? Timestamp(inRange: quotient &- 1, nanoseconds: Int32(truncatingIfNeeded: (remainder &+ 1000) &* 1_000_000))
            : Timestamp(inRange: quotient, nanoseconds: Int32(truncatingIfNeeded: remainder &* 1_000_000))
    }

    /// Seconds since the epoch; the fraction is taken from the double's shortest digits and cut to nanoseconds. nil for
    /// what no timestamp reaches.
    package static func timestamp(_ value: Double) -> Timestamp? {
        guard value.isFinite, value.magnitude < 2e14 else { return nil }
        let whole = value.rounded(.towardZero)
        if whole == value { return Timestamp(inRange: Int64(whole)) }
        let (digits, exponent) = ShortestDigits.of(value.magnitude)
        // Cut to nine decimals: at most 15 + 9 digits.
        let shift = exponent - NumberFormatter.digitCount(digits) + 9
        let nanoseconds =
            shift >= 0
            ? Int128(digits) &* Decimals.powerOfTen(shift)
            : (shift < -38 ? 0 : Int128(digits) / Decimals.powerOfTen(-shift))
        return split(nanoseconds: value < 0 ? 0 &- nanoseconds : nanoseconds)
    }

    /// Seconds since the epoch, the fraction cut to nanoseconds.
    static func timestamp(_ value: Int128, scale: Int) -> Timestamp? {
        let divisor = Decimals.powerOfTen(scale)
        guard (value / divisor).magnitude < 200_000_000_000_000 else { return nil }
        if scale > 9 { return split(nanoseconds: value / Decimals.powerOfTen(scale - 9)) }
        return split(nanoseconds: value &* Decimals.powerOfTen(9 - scale))
    }

    private static func split(nanoseconds value: Int128) -> Timestamp? {
        var (seconds, rest) = value.quotientAndRemainder(dividingBy: 1_000_000_000)
        if rest < 0 {
            rest += 1_000_000_000
            seconds -= 1
        }
        return Timestamp(inRange: Int64(truncatingIfNeeded: seconds), nanoseconds: Int32(truncatingIfNeeded: rest))
    }

    /// A date, or the day of a date and a time; blanks around it do not count.
    @inline(__always)
    package static func date(_ text: StringView) -> Int32? {
        let (bytes, length) = TextParsing.trimmed(text.pointer, Int(text.length))
        if length <= 10 { return TextParsing.date(bytes, length) }
        return timestamp(StringView(bytes, length: length)).map { CivilDate.split($0.seconds).day }
    }

    /// A date, or a date and a time; more than nine decimals are cut.
    @inline(__always)
    package static func timestamp(_ text: StringView) -> Timestamp? {
        if text.length == 19, let plain = TextParsing.timestamp(text.pointer, 19) { return plain }
        let (bytes, length) = TextParsing.trimmed(text.pointer, Int(text.length))
        if length <= 10 { return TextParsing.date(bytes, length).map { Timestamp(seconds: Int64($0) &* 86_400) } }
        var end = length
        var point = length - 1
        while point > 10, bytes[point] != 0x2E { point -= 1 }
        if point > 10, length - point - 1 > 9 {
            for at in (point + 10)..<length where bytes[at] &- 0x30 > 9 { return nil }
            end = point + 10
        }
        return TextParsing.timestamp(bytes, end)
    }

    /// A timestamp that may name its zone at the end; without one it is local to `zone`.
    private static func instant(_ text: StringView, _ zone: ZoneRules) throws -> Timestamp? {
        if let local = timestamp(text) {
            return Timestamp(seconds: zone.utc(fromLocal: local.seconds), nanoseconds: local.nanoseconds)
        }
        let (bytes, length) = TextParsing.trimmed(text.pointer, Int(text.length))
        var space = length - 1
        while space > 0, bytes[space] != 0x20 { space -= 1 }
        guard space > 0, let local = timestamp(StringView(bytes, length: space)) else { return nil }
        let name = StringView(bytes + space + 1, length: length - space - 1).string
        guard let named = try ZoneRules.named(name) else { return nil }
        return Timestamp(seconds: named.utc(fromLocal: local.seconds), nanoseconds: local.nanoseconds)
    }
}
