import Platform

/// The offsets of a time zone, as a sorted table of its changes: no call into the system while rows are processed.
public struct ZoneRules: Sendable, Hashable {
    /// As the user wrote it: `Europe/Berlin`, `UTC`, `GMT+02:00`.
    public let identifier: String
    /// Instants (seconds since the epoch) at which the offset changes, ascending.
    private let transitions: [Int64]
    /// Offset from UTC in seconds before the first change, then after each.
    private let offsets: [Int32]
    /// Beside `offsets`: whether it is summer time, and the name that the system's tables have for it.
    private let seasons: [Season]
    /// From here on everything repeats every 400 years, as the calendar does.
    private let tableEnd: Int64

    private struct Season: Sendable {
        var isDaylight: Bool
        var abbreviation: String
    }

    public static let utc = ZoneRules(identifier: "UTC", offset: 0)

    /// A zone whose offset never changes.
    public init(identifier: String, offset: Int) {
        self.identifier = identifier
        transitions = []
        offsets = [Int32(truncatingIfNeeded: offset)]
        seasons = [Season(isDaylight: false, abbreviation: "")]
        tableEnd = .max
    }

    private static let cycleYears = 400
    private static let cycle: Int64 = 146_097 * 86_400

    private init(identifier: String, file: TimeZoneFile) {
        self.identifier = identifier
        var transitions: [Int64] = []
        var times = [file.localTimes[0]]
        func append(_ instant: Int64, _ time: TimeZoneFile.LocalTime) {
            if transitions.last == instant {
                times[times.count - 1] = time
            } else if times[times.count - 1] != time {
                transitions.append(instant)
                times.append(time)
            }
        }
        for (instant, kind) in zip(file.transitions, file.kinds) { append(instant, file.localTimes[kind]) }
        var tableEnd = Int64.max
        if let rule = file.rule, rule.daylight != nil {
            // Rules began with the twentieth century; what stands before it needs no such rule.
            let last = max(file.transitions.last ?? 0, -2_208_988_800)
            let year = CivilDate.components(ofDay: CivilDate.split(last).day).year
            let endYear = year + 2 + Self.cycleYears
            tableEnd = Int64(CivilDate.day(year: endYear, month: 1, day: 1)) * 86_400
            let changes = (year - 1...endYear).flatMap { rule.changes(inYear: $0) }
            for (instant, time) in changes.sorted(by: { $0.instant < $1.instant })
            where instant > last && instant < tableEnd {
                append(instant, time)
            }
        }
        self.transitions = transitions
        self.tableEnd = tableEnd
        offsets = times.map(\.offset)
        seasons = times.indices.map {
            Season(isDaylight: Self.isDaylight($0, times), abbreviation: times[$0].abbreviation)
        }
    }

    /// Whether clocks are ahead of the other half of the year. The files' own mark says which half is the exception by
    /// law, and that is winter in Dublin.
    private static func isDaylight(_ index: Int, _ times: [TimeZoneFile.LocalTime]) -> Bool {
        let time = times[index]
        guard index > 0, index + 1 < times.count else { return time.isDaylight }
        let (before, after) = (times[index - 1], times[index + 1])
        guard before.isDaylight != time.isDaylight, after.isDaylight != time.isDaylight else { return time.isDaylight }
        return time.isDaylight
            ? !(before.offset > time.offset && after.offset > time.offset)
            : before.offset < time.offset && after.offset < time.offset
    }

    @inline(__always)
    public var isFixed: Bool { transitions.isEmpty }

    public static func == (left: ZoneRules, right: ZoneRules) -> Bool { left.identifier == right.identifier }

    public func hash(into hasher: inout Hasher) { hasher.combine(identifier) }

    /// Seconds to add to UTC at an instant.
    /// - Complexity: O(log changes); constant for a fixed zone.
    @inline(__always)
    public func offset(at instant: Int64) -> Int {
        if transitions.isEmpty { return Int(offsets[0]) }
        return lookUp(instant)
    }

    private func lookUp(_ instant: Int64) -> Int { Int(offsets[index(at: instant)]) }

    /// The position in `offsets` of what holds at an instant.
    private func index(at instant: Int64) -> Int {
        var instant = instant
        if instant >= tableEnd { instant = tableEnd - Self.cycle + (instant - tableEnd) % Self.cycle }
        return transitions.partitionPoint { $0 > instant }
    }

    /// The instant of a wall-clock time, as Java's calendar takes it: a time that a change of the clock skips counts on from
    /// the offset before; of a time that occurs twice the second is taken.
    public func utc(fromLocal local: Int64) -> Int64 {
        if transitions.isEmpty { return local &- Int64(offsets[0]) }
        let after = offset(at: local &+ 86_400)
        let candidate = local &- Int64(after)
        if offset(at: candidate) == after { return candidate }
        return local &- Int64(offset(at: local &- 86_400))
    }

    private static let known = Guarded<[String: ZoneRules]>([:])

    /// Names that mean UTC or Greenwich for ever, so that they need no file.
    private static let universal: Set<String> = [
        "UTC", "GMT", "Z", "UT", "UCT", "Universal", "Zulu", "Greenwich", "GMT0", "Etc/UTC", "Etc/GMT", "Etc/UCT",
        "Etc/Universal", "Etc/Zulu", "Etc/Greenwich", "Etc/GMT0",
    ]

    /// The zone of an identifier: a region (`Europe/Berlin`), `UTC`, `GMT`, `Z`, an offset (`+02:00`, `GMT-8`, `UTC+5:30`)
    /// or one of Java's three-letter names (`PST`). nil when there is none.
    /// - Throws: `TimeZoneDatabase.Failure` when the machine has no time zones at all, or this one's file is damaged.
    public static func named(_ name: String) throws -> ZoneRules? {
        if universal.contains(name) { return ZoneRules(identifier: name == "Z" ? "UTC" : name, offset: 0) }
        if let found = known.withLock({ $0[name] }) { return found }
        guard let made = try make(name, from: .system) else { return nil }
        known.withLock { $0[name] = made }
        return made
    }

    package static func make(_ name: String, from database: TimeZoneDatabase) throws -> ZoneRules? {
        var rest = Substring(name)
        if let prefix = ["GMT", "UTC", "UT"].first(where: { name.hasPrefix($0) }) { rest = rest.dropFirst(prefix.count) }
        if let fixed = offset(ofText: rest) { return ZoneRules(identifier: name, offset: fixed) }
        if let offset = shortOffsets[name] { return ZoneRules(identifier: name, offset: offset * 3600) }
        guard let file = try database.zone(named: shortNames[name] ?? name) else { return nil }
        return ZoneRules(identifier: name, file: file)
    }

    /// What Java's `TimeZone` has for a name: regions, three letters, and offsets behind `GMT` alone. UTC for everything else.
    /// - Throws: as `named`.
    package static func ofJavaTimeZone(_ name: String) throws -> ZoneRules {
        let isOffset = ["+", "-", "UTC+", "UTC-", "UT+", "UT-"].contains { name.hasPrefix($0) }
        if isOffset || unknownToJava.contains(name) { return .utc }
        return try named(name) ?? .utc
    }

    /// Names that Java reads in a text, or systems have, but that are no `TimeZone`.
    private static let unknownToJava: Set<String> = ["EDT", "CDT", "MDT", "PDT", "ROC"]

    /// `+h`, `+hh`, `+hhmm`, `+h:mm`, `+hh:mm` in seconds.
    public static func offset(ofText text: some StringProtocol) -> Int? {
        guard let sign = text.utf8.first, sign == 0x2B || sign == 0x2D else { return nil }
        var fields: [Int] = [0]
        var digits = 0
        for byte in text.utf8.dropFirst() {
            if byte == 0x3A {
                guard digits > 0, fields.count < 2 else { return nil }
                fields.append(0)
                digits = 0
                continue
            }
            let digit = byte &- 0x30
            guard digit <= 9, digits < 4 else { return nil }
            fields[fields.count - 1] = fields[fields.count - 1] * 10 + Int(digit)
            digits += 1
        }
        guard digits > 0 else { return nil }
        var hours = fields[0]
        var minutes = 0
        if fields.count == 2 {
            guard digits == 2 else { return nil }
            minutes = fields[1]
        } else if digits > 2 {
            minutes = hours % 100
            hours /= 100
        }
        guard hours <= 23, minutes <= 59 else { return nil }
        let seconds = hours * 3600 + minutes * 60
        return sign == 0x2D ? -seconds : seconds
    }

    /// Java's names for regions and fixed offsets.
    static let shortNames: [String: String] = [
        "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "CST": "America/Chicago", "CDT": "America/Chicago",
        "EDT": "America/New_York", "MDT": "America/Denver", "AST": "America/Anchorage", "ACT": "Australia/Darwin",
        "AET": "Australia/Sydney", "AGT": "America/Argentina/Buenos_Aires", "ART": "Africa/Cairo",
        "BET": "America/Sao_Paulo", "BST": "Asia/Dhaka", "CAT": "Africa/Harare", "CNT": "America/St_Johns",
        "CTT": "Asia/Shanghai", "EAT": "Africa/Addis_Ababa", "ECT": "Europe/Paris",
        "IET": "America/Indiana/Indianapolis", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "MIT": "Pacific/Apia",
        "NET": "Asia/Yerevan", "NST": "Pacific/Auckland", "PLT": "Asia/Karachi", "PNT": "America/Phoenix",
        "PRT": "America/Puerto_Rico", "SST": "Pacific/Guadalcanal", "VST": "Asia/Ho_Chi_Minh",
        "SystemV/AST4ADT": "America/Halifax", "SystemV/EST5EDT": "America/New_York",
        "SystemV/CST6CDT": "America/Chicago", "SystemV/MST7MDT": "America/Denver",
        "SystemV/PST8PDT": "America/Los_Angeles", "SystemV/YST9YDT": "America/Anchorage",
    ]
    static let shortOffsets: [String: Int] = [
        "EST": -5, "MST": -7, "HST": -10, "SystemV/AST4": -4, "SystemV/EST5": -5, "SystemV/CST6": -6, "SystemV/MST7": -7,
        "SystemV/PST8": -8, "SystemV/YST9": -9, "SystemV/HST10": -10,
    ]

    /// `CET`, `Central European Standard Time`; for format letters that print a name.
    func name(at instant: Int64, long: Bool) -> String {
        let season = seasons[index(at: instant)]
        if let names = ZoneNames.byIdentifier[identifier] {
            let name =
                long
                ? (season.isDaylight ? names.longDaylight : names.long)
                : (season.isDaylight ? names.shortDaylight : names.short)
            if !name.isEmpty { return name }
        }
        if isFixed, identifier.hasPrefix("+") || identifier.hasPrefix("-") { return identifier }
        let letters = season.abbreviation.utf8
        if !long, !letters.isEmpty, letters.allSatisfy({ (0x61...0x7A).contains($0 | 0x20) }) { return season.abbreviation }
        let minutes = abs(offset(at: instant)) / 60
        func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "GMT\(offset(at: instant) < 0 ? "-" : "+")\(twoDigits(minutes / 60)):\(twoDigits(minutes % 60))"
    }
}
