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

    /// The date of a day, by multiplications and shifts alone (the method of Neri and Schneider): days are counted from
    /// 1 March of a year far before any that occurs, so that all values are positive and February ends the year.
    @inlinable @inline(__always)
    public static func components(ofDay day: Int32) -> Components {
        let shifted = UInt64(truncatingIfNeeded: Int64(day) &+ 719_468 &+ 14_700 &* 146_097)
        let quarters = 4 &* shifted &+ 3
        let century = quarters / 146_097
        let inCentury = 4 &* ((quarters &- century &* 146_097) / 4) &+ 3
        let product = 2_939_745 &* inCentury
        let yearOfCentury = product >> 32
        let dayOfYear = (product & 0xffff_ffff) / 2_939_745 / 4
        let numerator = 2141 &* dayOfYear &+ 197_913
        let isNextYear = dayOfYear >= 306
        let month = numerator >> 16
        return Components(
            year: Int(truncatingIfNeeded: 100 &* century &+ yearOfCentury) &- 5_880_000 &+ (isNextYear ? 1 : 0),
            month: Int(truncatingIfNeeded: isNextYear ? month &- 12 : month),
            day: Int(truncatingIfNeeded: (numerator & 0xffff) / 2141) &+ 1)
    }

    /// The day of a date. `month` must be 1…12; `day` may lie outside the month and then counts on (30 February is
    /// 1 or 2 March).
    @inlinable @inline(__always)
    public static func day(year: Int, month: Int, day: Int) -> Int32 {
        Int32(truncatingIfNeeded: dayNumber(year: year, month: month, day: day))
    }

    /// The same for dates that may lie beyond those of 32 bits.
    @inlinable @inline(__always)
    public static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year &- 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear &- 399) / 400
        let yearOfEra = shiftedYear &- era &* 400
        let dayOfYear = (153 &* (month > 2 ? month &- 3 : month &+ 9) &+ 2) / 5 &+ day &- 1
        let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
        return era &* 146_097 &+ dayOfEra &- 719_468
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
    public static func dayOfWeek(_ day: Int32) -> Int { dayOfWeek(Int(day)) }

    @inlinable @inline(__always)
    static func dayOfWeek(_ day: Int) -> Int {
        let shifted = (day &+ 3) % 7
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

    /// A day so many days later; nil beyond the last one.
    @inlinable @inline(__always)
    public static func adding(days: Int, toDay day: Int32) -> Int32? { Int32(exactly: Int(day) &+ days) }

    /// The same day of another month, or that month's last day when it is shorter; nil beyond the last day that there is.
    /// - Precondition: `months` has 40 bits at most.
    @inlinable @inline(__always)
    public static func adding(months: Int, toDay day: Int32) -> Int32? {
        let date = components(ofDay: day)
        let total = date.year &* 12 &+ (date.month &- 1) &+ months
        let year = total >= 0 ? total / 12 : (total &- 11) / 12
        let month = total &- year &* 12 &+ 1
        return Int32(
            exactly: dayNumber(year: year, month: month, day: min(date.day, daysInMonth(year: year, month: month))))
    }

    /// The last day of the month that `day` lies in; nil beyond the last day that there is.
    @inlinable public static func lastDayOfMonth(_ day: Int32) -> Int32? {
        let date = components(ofDay: day)
        return adding(days: daysInMonth(year: date.year, month: date.month) - date.day, toDay: day)
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
