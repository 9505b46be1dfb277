extension JavaTimePattern {
    /// Appends a time without zone; `zone` serves the letters that print one.
    package func append(local: Timestamp, zone: ZoneRules, to buffer: ByteBuffer) {
        let offset = zone.isFixed ? zone.offset(at: 0) : zone.offset(at: zone.utc(fromLocal: local.seconds))
        append(local: local, offset: offset, zone: zone, to: buffer)
    }

    /// Appends an instant as wall-clock time of `zone`.
    package func append(_ instant: Timestamp, zone: ZoneRules, to buffer: ByteBuffer) {
        let offset = zone.offset(at: instant.seconds)
        append(
            local: Timestamp(seconds: instant.seconds &+ Int64(offset), nanoseconds: instant.nanoseconds), offset: offset, zone: zone,
            to: buffer)
    }

    private func append(local: Timestamp, offset: Int, zone: ZoneRules, to buffer: ByteBuffer) {
        let values = Values(local: local, offset: offset, zone: zone)
        for element in elements {
            switch element {
            // Everything that sections could leave out is known.
            case .optional: break
            case .literal(let bytes): for byte in bytes { buffer.append(byte) }
            case .field(let field):
                guard field.padding > 0 else {
                    values.append(field, to: buffer)
                    continue
                }
                let alone = ByteBuffer(capacity: 32)
                values.append(field, to: alone)
                for _ in 0..<max(field.padding - alone.count, 0) { buffer.append(UInt8(ascii: " ")) }
                buffer.append(alone.string)
            }
        }
    }

    private struct Values {
        let local: Timestamp
        let offset: Int
        let zone: ZoneRules
        let day: Int32
        let second: Int
        let date: CivilDate.Components

        init(local: Timestamp, offset: Int, zone: ZoneRules) {
            self.local = local
            self.offset = offset
            self.zone = zone
            (day, second) = CivilDate.split(local.seconds)
            date = CivilDate.components(ofDay: day)
        }

        private func number(_ value: Int, _ width: Int, _ buffer: ByteBuffer) {
            NumberFormatter.append(value, width: width, to: buffer)
        }

        /// A year; with four letters and more a sign says that it has more digits.
        private func year(_ value: Int, _ count: Int, _ buffer: ByteBuffer) {
            if count == 2 { return number(abs(value) % 100, 2, buffer) }
            let digits = String(abs(value)).utf8.count
            if value < 0 { buffer.append(UInt8(ascii: "-")) } else if count >= 4, digits > count { buffer.append(UInt8(ascii: "+")) }
            number(abs(value), count, buffer)
        }

        private func name(_ names: [StaticString], _ index: Int, _ count: Int, _ buffer: ByteBuffer) {
            guard names.indices.contains(index) else { return }
            let text = names[index]
            let length = count == 4 ? text.utf8CodeUnitCount : count == 5 ? 1 : min(3, text.utf8CodeUnitCount)
            buffer.append(text.utf8Start, count: length)
        }

        func append(_ field: Field, to buffer: ByteBuffer) {
            let count = field.count
            let hour = second / 3600
            let nanoseconds = Int(local.nanoseconds)
            let weekday = CivilDate.dayOfWeek(day)
            switch Character(Unicode.Scalar(field.letter)) {
            case "G":
                let isAfter = date.year > 0
                switch count {
                case 4: buffer.append(isAfter ? "Anno Domini" : "Before Christ")
                case 5: buffer.append(isAfter ? "A" : "B")
                default: buffer.append(isAfter ? "AD" : "BC")
                }
            case "u": year(date.year, count, buffer)
            case "y": year(date.year > 0 ? date.year : 1 - date.year, count, buffer)
            case "Y": year(SundayWeek.ofYear(day).year, count, buffer)
            case "w": number(SundayWeek.ofYear(day).week, count, buffer)
            case "W": number(SundayWeek.ofMonth(day), count, buffer)
            case "M", "L":
                if count > 2 { name(DateTimePattern.monthNames, date.month - 1, count, buffer) } else { number(date.month, count, buffer) }
            case "Q", "q":
                let quarter = (date.month + 2) / 3
                switch count {
                case 3: buffer.append("Q\(quarter)")
                case 4: buffer.append("\(quarter)\(["st", "nd", "rd", "th"][quarter - 1]) quarter")
                case 5: number(quarter, 1, buffer)
                default: number(quarter, count, buffer)
                }
            case "D": number(CivilDate.dayOfYear(day), count, buffer)
            case "d": number(date.day, count, buffer)
            case "F": number((date.day - 1) % 7 + 1, count, buffer)
            case "E": name(DateTimePattern.dayNames, weekday - 1, count, buffer)
            case "e", "c":
                if count > 2 { name(DateTimePattern.dayNames, weekday - 1, count, buffer) } else { number(weekday % 7 + 1, count, buffer) }
            case "a": buffer.append(hour < 12 ? "AM" : "PM")
            case "H": number(hour, count, buffer)
            case "k": number(hour == 0 ? 24 : hour, count, buffer)
            case "K": number(hour % 12, count, buffer)
            case "h": number(hour % 12 == 0 ? 12 : hour % 12, count, buffer)
            case "m": number(second / 60 % 60, count, buffer)
            case "s": number(second % 60, count, buffer)
            case "S":
                var fraction = nanoseconds
                for _ in count..<9 { fraction /= 10 }
                number(fraction, count, buffer)
            case "A": number(second * 1000 + nanoseconds / 1_000_000, count, buffer)
            case "n": number(nanoseconds, count, buffer)
            case "N": number(second * 1_000_000_000 + nanoseconds, count, buffer)
            case "V": buffer.append(zone.identifier)
            case "z": buffer.append(zone.name(at: local.seconds &- Int64(offset), long: count == 4))
            case "O": localized(isLong: count == 4, buffer)
            case "Z" where count == 4: localized(isLong: true, buffer)
            case "Z": count == 5 ? offset(3, zero: true, buffer) : offset(2, zero: false, buffer)
            case "X": offset(count, zero: true, buffer)
            case "x": offset(count, zero: false, buffer)
            default: break
            }
        }

        /// - Parameters:
        ///   - form: 1: hours, and minutes where there are some; 2 and 3: hours and minutes, 3 with a colon; 4 and 5: seconds too
        ///     where there are some.
        ///   - zero: whether no offset is `Z`.
        private func offset(_ form: Int, zero: Bool, _ buffer: ByteBuffer) {
            if zero, offset == 0 { return buffer.append(UInt8(ascii: "Z")) }
            let size = abs(offset)
            buffer.append(offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
            number(size / 3600, 2, buffer)
            if form == 1, size / 60 % 60 == 0 { return }
            let hasColon = form == 3 || form == 5
            if hasColon { buffer.append(UInt8(ascii: ":")) }
            number(size / 60 % 60, 2, buffer)
            guard form > 3, size % 60 != 0 else { return }
            if hasColon { buffer.append(UInt8(ascii: ":")) }
            number(size % 60, 2, buffer)
        }

        /// `GMT+8`, `GMT+08:00`
        private func localized(isLong: Bool, _ buffer: ByteBuffer) {
            buffer.append("GMT")
            guard offset != 0 else { return }
            let size = abs(offset)
            buffer.append(offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
            number(size / 3600, isLong ? 2 : 1, buffer)
            guard isLong || size % 3600 != 0 else { return }
            buffer.append(UInt8(ascii: ":"))
            number(size / 60 % 60, 2, buffer)
            guard size % 60 != 0 else { return }
            buffer.append(UInt8(ascii: ":"))
            number(size % 60, 2, buffer)
        }
    }
}
