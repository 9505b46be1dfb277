import Columnar

/// Days of the calendar that was Julian before 15 October 1582, by which older programs count.
enum ORCCalendar {
    /// 1582-10-15, the first day of the Gregorian calendar.
    static let gregorianStart: Int32 = -141_427
    /// 1 March of the year -4800 in the Julian calendar; no date before it occurs.
    private static let earliest = -2_472_670

    /// The day of the proleptic Gregorian calendar that has the same year, month and day.
    @inline(__always)
    static func proleptic(_ day: Int32) -> Int32 { day < gregorianStart ? shifted(day) : day }

    private static func shifted(_ day: Int32) -> Int32 {
        guard Int(day) >= earliest else { return day }
        let count = Int(day) - earliest
        let year = (4 * count + 3) / 1461
        let dayOfYear = count - 1461 * year / 4
        let month = (5 * dayOfYear + 2) / 153
        return CivilDate.day(
            year: year - 4800 + month / 10, month: month + 3 - 12 * (month / 10), day: dayOfYear - (153 * month + 2) / 5 + 1)
    }

    /// The day by the mixed calendar that has the same year, month and day. The ten days that the calendar left out
    /// count on from 4 October.
    static func hybrid(_ day: Int32) -> Int32 {
        guard day < gregorianStart else { return day }
        let date = CivilDate.components(ofDay: day)
        guard date.year > -4800 else { return day }
        let shift = (14 - date.month) / 12
        let year = date.year + 4800 - shift
        let month = date.month + 12 * shift - 3
        return Int32(truncatingIfNeeded: date.day - 1 + (153 * month + 2) / 5 + 365 * year + year / 4 + earliest)
    }

    /// The same for a moment, in seconds.
    @inline(__always)
    static func prolepticSeconds(_ seconds: Int64) -> Int64 {
        seconds < Int64(gregorianStart) * 86_400 ? shifted(seconds, proleptic) : seconds
    }

    @inline(__always)
    static func hybridSeconds(_ seconds: Int64) -> Int64 {
        seconds < Int64(gregorianStart) * 86_400 ? shifted(seconds, hybrid) : seconds
    }

    private static func shifted(_ seconds: Int64, _ day: (Int32) -> Int32) -> Int64 {
        let time = (seconds % 86_400 + 86_400) % 86_400
        guard let number = Int32(exactly: (seconds - time) / 86_400) else { return seconds }
        return Int64(day(number)) * 86_400 + time
    }
}
