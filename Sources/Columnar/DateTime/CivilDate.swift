/// Days since 1970-01-01 as dates of the proleptic Gregorian calendar.
///
/// Pure integer arithmetic that wraps: no input traps. Years are astronomical (year 0 is 1 BC).
public enum CivilDate {
    public struct Components: Hashable, Sendable {
        public var year: Int
        /// 1…12.
        public var month: Int
        /// 1…31.
        public var day: Int

        @inlinable public init(year: Int, month: Int, day: Int) {
            self.year = year
            self.month = month
            self.day = day
        }
    }

    /// The date of a day. Works on eras of 400 years that begin on 1 March.
    @inlinable @inline(__always)
    public static func components(ofDay day: Int32) -> Components {
        let shifted = Int(day) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return Components(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The day of a date. `month` must be 1…12; `day` may lie outside the month and then counts on (30 February is
    /// 1 or 2 March).
    @inlinable @inline(__always)
    public static func day(year: Int, month: Int, day: Int) -> Int32 {
        let shiftedYear = month <= 2 ? year &- 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear &- 399) / 400
        let yearOfEra = shiftedYear &- era &* 400
        let dayOfYear = (153 &* (month > 2 ? month &- 3 : month &+ 9) &+ 2) / 5 &+ day &- 1
        let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
        return Int32(truncatingIfNeeded: era &* 146_097 &+ dayOfEra &- 719_468)
    }

    @inlinable public static func day(_ date: Components) -> Int32 {
        day(year: date.year, month: date.month, day: date.day)
    }

    @inlinable public static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// `month` is 1…12.
    @inlinable @inline(__always)
    public static func daysInMonth(year: Int, month: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : 30 + ((month + (month >> 3)) & 1)
    }

    @inlinable public static func isLastDayOfMonth(_ date: Components) -> Bool {
        date.day == daysInMonth(year: date.year, month: date.month)
    }

    /// 1…366.
    @inlinable public static func dayOfYear(_ day: Int32) -> Int {
        let date = components(ofDay: day)
        return Int(day &- CivilDate.day(year: date.year, month: 1, day: 1)) + 1
    }

    /// ISO: Monday is 1, Sunday is 7.
    @inlinable @inline(__always)
    public static func dayOfWeek(_ day: Int32) -> Int {
        let shifted = (Int(day) + 3) % 7
        return (shifted < 0 ? shifted + 7 : shifted) + 1
    }

    /// ISO 8601 week and the year it belongs to: weeks begin on Monday, week 1 has the year's first Thursday.
    @inlinable public static func isoWeek(_ day: Int32) -> (year: Int, week: Int) {
        let thursday = day &+ Int32(4 - dayOfWeek(day))
        let year = components(ofDay: thursday).year
        let first = CivilDate.day(year: year, month: 1, day: 1)
        return (year, Int(thursday &- first) / 7 + 1)
    }

    /// 1…4.
    @inlinable public static func quarter(_ day: Int32) -> Int { (components(ofDay: day).month + 2) / 3 }

    /// The same day of another month, or that month's last day when it is shorter.
    @inlinable @inline(__always)
    public static func adding(months: Int, toDay day: Int32) -> Int32 {
        let date = components(ofDay: day)
        let total = date.year &* 12 &+ (date.month &- 1) &+ months
        let year = total >= 0 ? total / 12 : (total &- 11) / 12
        let month = total &- year &* 12 &+ 1
        return CivilDate.day(year: year, month: month, day: min(date.day, daysInMonth(year: year, month: month)))
    }

    /// The last day of the month that `day` lies in.
    @inlinable public static func lastDayOfMonth(_ day: Int32) -> Int32 {
        let date = components(ofDay: day)
        return CivilDate.day(year: date.year, month: date.month, day: daysInMonth(year: date.year, month: date.month))
    }

    /// Seconds since the epoch as a day and the second of that day, 0…86,399.
    @inlinable @inline(__always)
    public static func split(_ seconds: Int64) -> (day: Int32, second: Int) {
        let quotient = seconds / 86_400
        let remainder = seconds &- quotient &* 86_400
        return remainder < 0
            ? (Int32(truncatingIfNeeded: quotient &- 1), Int(remainder &+ 86_400))
            : (Int32(truncatingIfNeeded: quotient), Int(remainder))
    }

    /// Seconds since the epoch of a date and time without zone.
    @inlinable public static func seconds(day: Int32, hour: Int = 0, minute: Int = 0, second: Int = 0) -> Int64 {
        Int64(day) &* 86_400 &+ Int64(hour &* 3600 &+ minute &* 60 &+ second)
    }
}
