import Columnar

/// Dates and times in JSON texts, as Spark reads them without a format: those of CAST, with a `T` before the time and a zone behind
/// it as ISO 8601 has them. Of a date the day may be left out, and the month.
enum JSONTimes {
    static func date(_ text: StringView) -> Int32? {
        let end = text.bytes.firstIndex { $0 == UInt8(ascii: "T") || $0 == 0x20 } ?? text.count
        var bytes = Array(text.bytes[..<end])
        let dashes = bytes.filter { $0 == UInt8(ascii: "-") }.count
        if dashes < 2 { bytes += Array((dashes == 0 ? "-01-01" : "-01").utf8) }
        return bytes.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.flatMap { Cast.date(StringView($0, length: buffer.count)) }
        }
    }

    /// The wall-clock time in `zone`.
    static func timestamp(_ text: StringView, _ zone: ZoneRules) -> Timestamp? {
        var bytes = Array(text.bytes)
        // The zone stands behind the time, which begins behind the date.
        guard let middle = bytes.firstIndex(where: { $0 == UInt8(ascii: "T") || $0 == 0x20 }), middle > 0 else { return plain(bytes) }
        bytes[middle] = 0x20
        let isTime = { (byte: UInt8) in byte &- 0x30 < 10 || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") }
        guard let end = bytes[(middle + 1)...].firstIndex(where: { !isTime($0) }) else { return plain(bytes) }
        let name = String(decoding: bytes[end...].drop { $0 == 0x20 }, as: UTF8.self)
        guard let local = plain(Array(bytes[..<end])), let named = try? ZoneRules.named(name) else { return nil }
        return self.local(Timestamp(seconds: named.utc(fromLocal: local.seconds), nanoseconds: local.nanoseconds), zone)
    }

    /// An instant's wall-clock time; nil beyond the days that there are.
    static func local(_ instant: Timestamp, _ zone: ZoneRules) -> Timestamp? {
        guard instant.isInRange else { return nil }
        return Timestamp(inRange: instant.seconds &+ Int64(zone.offset(at: instant.seconds)), nanoseconds: instant.nanoseconds)
    }

    /// A date and a time of hours, minutes and, maybe, seconds.
    private static func plain(_ bytes: [UInt8]) -> Timestamp? {
        var bytes = bytes
        if bytes.filter({ $0 == UInt8(ascii: ":") }).count == 1 { bytes += Array(":00".utf8) }
        return bytes.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.flatMap { Cast.timestamp(StringView($0, length: buffer.count)) }
        }
    }
}
