/// A compiled time zone as the system keeps it, by RFC 8536 (TZif, versions 1 to 4).
package struct TimeZoneFile: Sendable, Equatable {
    /// What clocks show between two changes.
    package struct LocalTime: Sendable, Equatable {
        /// Seconds to add to UTC.
        package var offset: Int32
        /// As the file marks it. Some zones (Dublin) mark winter, by their law's words.
        package var isDaylight: Bool
        package var abbreviation: String
    }

    /// Instants in seconds since the epoch at which the local time changes, ascending.
    package var transitions: [Int64]
    /// For each transition the position in `localTimes` of what begins there.
    package var kinds: [Int]
    /// The first holds before all transitions. Never empty.
    package var localTimes: [LocalTime]
    /// How it goes on after the last transition; nil: as it was there.
    package var rule: TimeZoneRule?

    package struct Invalid: Error, Sendable {
        package let reason: String
    }

    /// - Throws: `Invalid` for bytes that are no such file, are cut short, or count leap seconds.
    package init(_ bytes: [UInt8]) throws(Invalid) {
        var reader = Reader(bytes)
        let version = try reader.header()
        if version.number >= 2 {
            // The first block serves readers that know 32-bit times only.
            try reader.skip(version.counts.byteCount(timeSize: 4))
            let second = try reader.header()
            (transitions, kinds, localTimes) = try reader.block(second.counts, timeSize: 8)
            rule = try reader.footer()
        } else {
            (transitions, kinds, localTimes) = try reader.block(version.counts, timeSize: 4)
        }
    }
}

private struct Counts {
    var universalMarks: Int
    var standardMarks: Int
    var leapSeconds: Int
    var transitions: Int
    var localTimes: Int
    var letters: Int

    func byteCount(timeSize: Int) -> Int {
        transitions * (timeSize + 1) + localTimes * 6 + letters + leapSeconds * (timeSize + 4) + standardMarks
            + universalMarks
    }
}

private struct Reader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func skip(_ count: Int) throws(TimeZoneFile.Invalid) {
        guard bytes.count - at >= count else { throw TimeZoneFile.Invalid(reason: "it is cut short") }
        at += count
    }

    private mutating func integer(_ size: Int) throws(TimeZoneFile.Invalid) -> Int64 {
        let start = at
        try skip(size)
        var value = Int64(Int8(bitPattern: bytes[start]))
        for position in start + 1..<start + size { value = value << 8 | Int64(bytes[position]) }
        return value
    }

    private mutating func count() throws(TimeZoneFile.Invalid) -> Int {
        let value = Int(try integer(4))
        guard value >= 0, value <= bytes.count else { throw TimeZoneFile.Invalid(reason: "it is cut short") }
        return value
    }

    mutating func header() throws(TimeZoneFile.Invalid) -> (number: Int, counts: Counts) {
        guard bytes.count - at >= 20, bytes[at..<at + 4].elementsEqual("TZif".utf8) else {
            throw TimeZoneFile.Invalid(reason: "it is no compiled time zone")
        }
        let mark = bytes[at + 4]
        at += 20
        let counts = Counts(
            universalMarks: try count(), standardMarks: try count(), leapSeconds: try count(), transitions: try count(),
            localTimes: try count(), letters: try count())
        return (mark < 0x32 ? 1 : Int(mark) - 0x30, counts)
    }

    mutating func block(
        _ counts: Counts, timeSize: Int
    ) throws(TimeZoneFile.Invalid) -> ([Int64], [Int], [TimeZoneFile.LocalTime]) {
        guard counts.leapSeconds == 0 else { throw TimeZoneFile.Invalid(reason: "it counts leap seconds") }
        guard counts.localTimes > 0 else { throw TimeZoneFile.Invalid(reason: "it has no local time") }
        var transitions: [Int64] = []
        for _ in 0..<counts.transitions {
            let instant = try integer(timeSize)
            // Some thirty thousand years are enough for every calendar here.
            guard instant < 1 << 40 else { throw TimeZoneFile.Invalid(reason: "a change is out of range") }
            if let last = transitions.last, last >= instant {
                throw TimeZoneFile.Invalid(reason: "its changes are not in order")
            }
            transitions.append(instant)
        }
        var kinds: [Int] = []
        for _ in 0..<counts.transitions {
            let kind = Int(UInt8(truncatingIfNeeded: try integer(1)))
            guard kind < counts.localTimes else { throw TimeZoneFile.Invalid(reason: "a change leads to no local time") }
            kinds.append(kind)
        }
        let table = at
        try skip(counts.localTimes * 6)
        let letters = bytes[at..<min(at + counts.letters, bytes.count)]
        try skip(counts.letters + counts.standardMarks + counts.universalMarks)
        var localTimes: [TimeZoneFile.LocalTime] = []
        for entry in 0..<counts.localTimes {
            let start = table + entry * 6
            let offset = bytes[start..<start + 4].reduce(Int32(0)) { $0 << 8 | Int32($1) }
            guard abs(Int(offset)) < 26 * 3600 else { throw TimeZoneFile.Invalid(reason: "an offset is out of range") }
            let name = letters.dropFirst(Int(bytes[start + 5])).prefix { $0 != 0 }
            localTimes.append(
                TimeZoneFile.LocalTime(
                    offset: offset, isDaylight: bytes[start + 4] != 0, abbreviation: String(decoding: name, as: UTF8.self)))
        }
        return (transitions, kinds, localTimes)
    }

    /// The text between two line ends.
    mutating func footer() throws(TimeZoneFile.Invalid) -> TimeZoneRule? {
        guard at < bytes.count, bytes[at] == 0x0A, let end = bytes[(at + 1)...].firstIndex(of: 0x0A) else {
            throw TimeZoneFile.Invalid(reason: "it is cut short")
        }
        let text = bytes[at + 1..<end]
        if text.isEmpty { return nil }
        guard let rule = TimeZoneRule(text) else { throw TimeZoneFile.Invalid(reason: "its last rule cannot be read") }
        return rule
    }
}
