import Columnar

/// The time zone in which a stripe's timestamps were written, as the writer knew it.
struct ORCWriterZone {
    private let rules: ZoneRules
    /// Java's time zones begin with 1900 and have today's standard time before it; nil: others', which know local mean time.
    private let offsetBefore1900: Int?
    private let isUTC: Bool

    private static let year1900: Int64 = -2_208_988_800

    init(_ rules: ZoneRules, isJava: Bool) {
        self.rules = rules
        isUTC = rules.isFixed && rules.offset(at: 0) == 0
        guard isJava, !rules.isFixed else {
            offsetBefore1900 = nil
            return
        }
        // Standard time is the least offset of a year: in Java's tables clocks never go back for summer.
        let months = (1...12).map { CivilDate.seconds(day: CivilDate.day(year: 2037, month: $0, day: 15)) }
        offsetBefore1900 = months.map { rules.offset(at: $0) }.min()
    }

    /// 2015-01-01 00:00:00 in this zone, from which seconds are counted.
    var base: Int64 { rules.utc(fromLocal: ORCTimestampReader.base) }

    /// Turns instants into wall-clock times.
    func makeLocal(_ times: UnsafeMutablePointer<Timestamp>, _ count: Int) {
        guard !isUTC else { return }
        for index in 0..<count {
            let instant = times[index].seconds
            let ancient = instant < Self.year1900 ? offsetBefore1900 : nil
            times[index].seconds = instant &+ Int64(ancient ?? rules.offset(at: instant))
        }
    }
}
