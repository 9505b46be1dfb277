import Foundation
import Synchronization

/// The offsets of a time zone, as a sorted table of its changes: no call into the system while rows are processed.
public struct ZoneRules: Sendable, Hashable {
    /// As the user wrote it: `Europe/Berlin`, `UTC`, `GMT+02:00`.
    public let identifier: String
    /// Instants (seconds since the epoch) at which the offset changes, ascending.
    private let transitions: [Int64]
    /// Offset from UTC in seconds before the first change, then after each.
    private let offsets: [Int32]

    public static let utc = ZoneRules(identifier: "UTC", offset: 0)

    /// A zone whose offset never changes.
    public init(identifier: String, offset: Int) {
        self.identifier = identifier
        transitions = []
        offsets = [Int32(truncatingIfNeeded: offset)]
    }

    private init(identifier: String, transitions: [Int64], offsets: [Int32]) {
        self.identifier = identifier
        self.transitions = transitions
        self.offsets = offsets
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

    private func lookUp(_ instant: Int64) -> Int {
        // The calendar repeats every 28 years in the century after the table's end.
        var instant = instant
        if instant >= ZoneRules.tableEnd {
            let cycle: Int64 = 28 * 1461 * 86_400 / 4
            instant = ZoneRules.tableEnd - cycle + (instant - ZoneRules.tableEnd) % cycle
        }
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= instant { low = middle + 1 } else { high = middle }
        }
        return Int(offsets[low])
    }

    /// The instant of a wall-clock time. A time that a change of the clock skips counts on from the offset before; of a
    /// time that occurs twice the first is taken.
    public func utc(fromLocal local: Int64) -> Int64 {
        if transitions.isEmpty { return local &- Int64(offsets[0]) }
        let before = offset(at: local &- 86_400)
        let candidate = local &- Int64(before)
        if offset(at: candidate) == before { return candidate }
        let after = offset(at: local &+ 86_400)
        let other = local &- Int64(after)
        return offset(at: other) == after ? other : candidate
    }

    private static let tableStart: Int64 = -2_840_140_800  // 1880
    private static let tableEnd: Int64 = 4_102_444_800  // 2100

    private static let known = Mutex<[String: ZoneRules]>([:])

    /// The zone of an identifier: a region (`Europe/Berlin`), `UTC`, `GMT`, `Z`, an offset (`+02:00`, `GMT-8`, `UTC+5:30`)
    /// or one of Java's three-letter names (`PST`). nil when there is none.
    public static func named(_ name: String) -> ZoneRules? {
        if name == "UTC" || name == "GMT" || name == "Z" { return ZoneRules(identifier: name == "Z" ? "UTC" : name, offset: 0) }
        if let found = known.withLock({ $0[name] }) { return found }
        guard let made = make(name) else { return nil }
        known.withLock { $0[name] = made }
        return made
    }

    private static func make(_ name: String) -> ZoneRules? {
        var rest = Substring(name)
        if rest.hasPrefix("GMT") || rest.hasPrefix("UTC") { rest = rest.dropFirst(3) }
        if let fixed = offset(ofText: rest) { return ZoneRules(identifier: name, offset: fixed) }
        if let offset = shortOffsets[name] { return ZoneRules(identifier: name, offset: offset * 3600) }
        guard let zone = TimeZone(identifier: shortNames[name] ?? name) else { return nil }
        func systemOffset(_ instant: Int64) -> Int32 {
            Int32(truncatingIfNeeded: zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))))
        }
        // No zone changes twice within a week; look at each week's ends and halve where they differ.
        var transitions: [Int64] = []
        var offsets = [systemOffset(tableStart)]
        var last = offsets[0]
        var instant = tableStart
        while instant < tableEnd {
            let next = min(instant + 7 * 86_400, tableEnd)
            let after = systemOffset(next)
            if after != last {
                var low = instant
                var high = next
                while high - low > 1 {
                    let middle = low + (high - low) / 2
                    if systemOffset(middle) == last { low = middle } else { high = middle }
                }
                transitions.append(high)
                offsets.append(after)
                last = after
            }
            instant = next
        }
        return ZoneRules(identifier: name, transitions: transitions, offsets: offsets)
    }

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
    ]
    static let shortOffsets: [String: Int] = ["EST": -5, "MST": -7, "HST": -10]

    /// `CET`, `Central European Standard Time`; for format letters that print a name.
    func name(at instant: Int64, long: Bool) -> String {
        if identifier == "UTC" { return long ? "Coordinated Universal Time" : "UTC" }
        if identifier == "GMT" { return long ? "Greenwich Mean Time" : "GMT" }
        guard !isFixed, let zone = TimeZone(identifier: ZoneRules.shortNames[identifier] ?? identifier) else {
            return identifier
        }
        let date = Date(timeIntervalSince1970: Double(instant))
        if long {
            let style: NSTimeZone.NameStyle = zone.isDaylightSavingTime(for: date) ? .daylightSaving : .standard
            return zone.localizedName(for: style, locale: Locale(identifier: "en_US")) ?? identifier
        }
        return zone.abbreviation(for: date) ?? identifier
    }
}
