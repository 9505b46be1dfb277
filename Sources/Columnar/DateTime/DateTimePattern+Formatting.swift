extension DateTimePattern {
    /// Appends an instant as wall-clock time of `zone`.
    package func append(_ instant: Timestamp, zone: ZoneRules, to buffer: ByteBuffer) {
        let offset = zone.offset(at: instant.seconds)
        append(
            local: Timestamp(seconds: instant.seconds &+ Int64(offset), nanoseconds: instant.nanoseconds),
            offset: offset, zone: zone, to: buffer)
    }

    /// Appends a time without zone; `zone` serves the letters that print one.
    package func append(local: Timestamp, zone: ZoneRules, to buffer: ByteBuffer) {
        let offset = zone.isFixed ? zone.offset(at: 0) : zone.offset(at: zone.utc(fromLocal: local.seconds))
        append(local: local, offset: offset, zone: zone, to: buffer)
    }

    private func append(local: Timestamp, offset: Int, zone: ZoneRules, to buffer: ByteBuffer) {
        let (day, second) = CivilDate.split(local.seconds)
        let date = CivilDate.components(ofDay: day)
        parts.withUnsafeBufferPointer { parts in
            for part in parts {
                if let field = part.field {
                    append(field, part.count, day, date, second, local, offset, zone, buffer)
                } else {
                    for position in part.literalStart..<part.literalStart + part.count {
                        buffer.append(literals[position])
                    }
                }
            }
        }
    }

    private func append(
        _ field: Field, _ count: Int, _ day: Int32, _ date: CivilDate.Components, _ second: Int, _ local: Timestamp,
        _ offset: Int, _ zone: ZoneRules, _ buffer: ByteBuffer
    ) {
        func number(_ value: Int) { NumberFormatter.append(value, width: count, to: buffer) }
        func name(_ names: [StaticString], _ index: Int) {
            guard index >= 0, index < names.count else { return }
            let text = names[index]
            buffer.append(text.utf8Start, count: count >= 4 ? text.utf8CodeUnitCount : min(3, text.utf8CodeUnitCount))
        }
        let hour = second / 3600
        switch field {
        case .era: buffer.append(date.year > 0 ? "AD" : "BC")
        case .year, .weekYear:
            let astronomical = field == .year ? date.year : SundayWeek.ofYear(day).year
            let year = astronomical > 0 ? astronomical : 1 - astronomical
            if count == 2 { NumberFormatter.append(year % 100, width: 2, to: buffer) } else { number(year) }
        case .month: if count >= 3 { name(Self.monthNames, date.month - 1) } else { number(date.month) }
        case .weekOfYear: number(SundayWeek.ofYear(day).week)
        case .weekOfMonth: number(SundayWeek.ofMonth(day))
        case .dayOfYear: number(CivilDate.dayOfYear(day))
        case .dayOfMonth: number(date.day)
        case .dayOfWeekInMonth: number((date.day - 1) / 7 + 1)
        case .dayName: name(Self.dayNames, CivilDate.dayOfWeek(day) - 1)
        case .dayNumber: number(CivilDate.dayOfWeek(day))
        case .halfDay: buffer.append(hour < 12 ? "AM" : "PM")
        case .hour0To23: number(hour)
        case .hour1To24: number(hour == 0 ? 24 : hour)
        case .hour0To11: number(hour % 12)
        case .hour1To12: number(hour % 12 == 0 ? 12 : hour % 12)
        case .minute: number(second / 60 % 60)
        case .second: number(second % 60)
        case .millisecond: number(Int(local.nanoseconds) / 1_000_000)
        case .zoneName: buffer.append(zone.name(at: local.seconds &- Int64(offset), long: count >= 4))
        case .zoneRFC822: append(offset: offset, hoursOnly: false, colon: false, to: buffer)
        case .zoneISO8601:
            if offset == 0 {
                buffer.append(UInt8(ascii: "Z"))
            } else {
                append(offset: offset, hoursOnly: count == 1, colon: count == 3, to: buffer)
            }
        }
    }

    private func append(offset: Int, hoursOnly: Bool, colon: Bool, to buffer: ByteBuffer) {
        buffer.append(offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        let minutes = abs(offset) / 60
        NumberFormatter.append(minutes / 60, width: 2, to: buffer)
        if hoursOnly { return }
        if colon { buffer.append(UInt8(ascii: ":")) }
        NumberFormatter.append(minutes % 60, width: 2, to: buffer)
    }
}
