import Columnar
import Platform
import Testing

@Suite struct DateTimeTests {
    /// Walks a calendar day by day and holds every function to it.
    @Test func civilDaysOfFourThousandYears() {
        var year = -1000
        var month = 1
        var day = 1
        var weekday = CivilDate.dayOfWeek(CivilDate.day(year: year, month: month, day: day))
        var number = CivilDate.day(year: year, month: month, day: day)
        var dayOfYear = 1
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var failures = 0
        while year < 3000 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let date = CivilDate.components(ofDay: number)
            if date.year != year || date.month != month || date.day != day { failures += 1 }
            if CivilDate.day(year: year, month: month, day: day) != number { failures += 1 }
            if CivilDate.dayOfWeek(number) != weekday || CivilDate.dayOfYear(number) != dayOfYear { failures += 1 }
            let length = month == 2 && leap ? 29 : lengths[month - 1]
            if CivilDate.daysInMonth(year: year, month: month) != length { failures += 1 }
            if CivilDate.isLastDayOfMonth(date) != (day == length) { failures += 1 }
            number += 1
            day += 1
            dayOfYear += 1
            weekday = weekday % 7 + 1
            if day > length {
                day = 1
                month += 1
            }
            if month > 12 {
                month = 1
                dayOfYear = 1
                year += 1
            }
        }
        #expect(failures == 0)
        #expect(CivilDate.day(year: 1970, month: 1, day: 1) == 0)
        #expect(CivilDate.dayOfWeek(0) == 4)
        _ = CivilDate.components(ofDay: .min)
        _ = CivilDate.components(ofDay: .max)
    }

    @Test func weeks() {
        func iso(_ y: Int, _ m: Int, _ d: Int) -> Int { CivilDate.isoWeek(CivilDate.day(year: y, month: m, day: d)).week }
        #expect(iso(2021, 1, 3) == 53)
        #expect(iso(2020, 12, 31) == 53)
        #expect(iso(2018, 12, 31) == 1)
        #expect(iso(2016, 1, 1) == 53)
        #expect(iso(2013, 1, 1) == 1)
    }

    @Test func months() throws {
        func moved(_ text: String, _ months: Int) throws -> String {
            let day = try #require(Cast.date(StringView.copied(text)))
            let buffer = ByteBuffer()
            DateTimeFormatter.append(day: try #require(CivilDate.adding(months: months, toDay: day)), to: buffer)
            return buffer.string
        }
        #expect(try moved("2020-01-31", 1) == "2020-02-29")
        #expect(try moved("2020-03-31", -1) == "2020-02-29")
        #expect(try moved("2020-02-29", 12) == "2021-02-28")
        #expect(try moved("2020-01-15", -13) == "2018-12-15")
    }

    @Test func formatsAsHive() throws {
        for (text, pattern, expected) in hiveDateFormats {
            guard let compiled = DateTimePattern(pattern) else {
                #expect(expected == "NULL", "\(pattern)")
                continue
            }
            let local = try #require(Cast.timestamp(StringView.copied(text)))
            let buffer = ByteBuffer()
            compiled.append(local: local, zone: .utc, to: buffer)
            #expect(buffer.string == expected, "\(text) \(pattern)")
        }
    }

    @Test func parsesAsHive() throws {
        for (text, pattern, expected) in hiveDateParses {
            let instant = try DateTimePattern(pattern)?.parse(StringView.copied(text), zone: .utc)
            #expect(instant.map { "\($0.seconds)" } ?? "NULL" == expected, "\(text) \(pattern)")
        }
    }

    @Test func zones() throws {
        let berlin = try #require(try ZoneRules.named("Europe/Berlin"))
        #expect(berlin.offset(at: 1_593_597_600) == 7200)
        #expect(berlin.offset(at: 1_577_836_800) == 3600)
        // Spring forward: 02:30 does not exist; autumn: 02:30 occurs twice, the second is taken.
        #expect(berlin.utc(fromLocal: 1_585_449_000) == 1_585_445_400)
        #expect(berlin.utc(fromLocal: 1_603_593_000) == 1_603_589_400)
        let newYork = try #require(try ZoneRules.named("America/New_York"))
        #expect(newYork.offset(at: 1_577_836_800) == -18_000)
        for instant in stride(from: Int64(-2_000_000_000), to: 4_000_000_000, by: 86_400 * 3 + 7) {
            let local = instant + Int64(newYork.offset(at: instant))
            let back = newYork.utc(fromLocal: local)
            #expect(back == instant || back - 3600 == instant, "\(instant)")
        }
        #expect(try ZoneRules.named("GMT+02:00")?.offset(at: 0) == 7200)
        #expect(try ZoneRules.named("-05:30")?.offset(at: 0) == -19_800)
        #expect(try ZoneRules.named("PST")?.offset(at: 0) == -28_800)
        #expect(try ZoneRules.named("Nowhere/Land") == nil)
        #expect(try ZoneRules.named("UT+1")?.offset(at: 0) == 3600)
        #expect(try ZoneRules.named("Etc/GMT+5")?.offset(at: 0) == -18_000)
        #expect(try ZoneRules.named("SystemV/PST8PDT")?.offset(at: 1_593_597_600) == -25_200)
        #expect(try ZoneRules.named("") == nil)
        #expect(try ZoneRules.named("GMT+2:5") == nil)
    }

    /// Java's `TimeZone` knows offsets behind GMT alone, and no names of summer times.
    @Test func zonesOfJava() throws {
        for name in ["+02:00", "UTC+2", "UT+02:00", "EDT", "PDT", "Nowhere", ""] {
            #expect(try ZoneRules.ofJavaTimeZone(name).offset(at: 0) == 0, "\(name)")
        }
        #expect(try ZoneRules.ofJavaTimeZone("GMT+2").offset(at: 0) == 7200)
        #expect(try ZoneRules.ofJavaTimeZone("PST").offset(at: 0) == -28_800)
    }

    /// The rules go on for ever, and centuries do not shift them.
    @Test func zonesFarAhead() throws {
        let berlin = try #require(try ZoneRules.named("Europe/Berlin"))
        for year in [2038, 2100, 2101, 2400, 2500, 2999, 9999] {
            let january = Int64(CivilDate.day(year: year, month: 1, day: 15)) * 86_400
            let july = Int64(CivilDate.day(year: year, month: 7, day: 15)) * 86_400
            #expect(berlin.offset(at: january) == 3600, "\(year)")
            #expect(berlin.offset(at: july) == 7200, "\(year)")
            // The last Sunday of March at 01:00 UTC.
            let lastOfMarch = CivilDate.day(year: year, month: 3, day: 31)
            let change = Int64(lastOfMarch - Int32(CivilDate.dayOfWeek(lastOfMarch) % 7)) * 86_400 + 3600
            #expect(berlin.offset(at: change - 1) == 3600, "\(year)")
            #expect(berlin.offset(at: change) == 7200, "\(year)")
        }
        #expect(berlin.offset(at: .max) != 0)
        #expect(berlin.offset(at: .min) == 3208)
    }

    @Test func withoutZonesOnlyUTCIsKnown() throws {
        let nowhere = TimeZoneDatabase(folders: ["/nonexistent"])
        #expect(throws: TimeZoneDatabase.Failure.self) { try ZoneRules.make("Europe/Berlin", from: nowhere) }
        #expect(try ZoneRules.make("GMT+8", from: nowhere)?.offset(at: 0) == 28_800)
        #expect(try ZoneRules.make("EST", from: nowhere)?.offset(at: 0) == -18_000)
    }

    /// As Java's SimpleDateFormat prints them (`z`, `zzzz`).
    @Test(arguments: [
        ("Europe/Berlin", 1_577_836_800, "CET", "Central European Standard Time"),
        ("Europe/Berlin", 1_593_597_600, "CEST", "Central European Summer Time"),
        ("Europe/Dublin", 1_577_836_800, "GMT", "Greenwich Mean Time"),
        ("Europe/Dublin", 1_593_597_600, "IST", "Irish Standard Time"),
        ("America/Sao_Paulo", 1_577_836_800, "BRT", "Brasilia Standard Time"),
        ("PST", 1_593_597_600, "PDT", "Pacific Daylight Time"),
        ("Etc/GMT+5", 0, "GMT-05:00", "GMT-05:00"), ("GMT+2", 0, "GMT+02:00", "GMT+02:00"),
        ("UTC", 0, "UTC", "Coordinated Universal Time"), ("EST", 1_593_597_600, "EST", "Eastern Standard Time"),
    ]) func zoneNames(_ name: String, _ instant: Int64, _ short: String, _ long: String) throws {
        let zone = try #require(try ZoneRules.named(name))
        for (pattern, expected) in [("z", short), ("zzzz", long)] {
            let buffer = ByteBuffer()
            DateTimePattern(pattern)?.append(Timestamp(seconds: instant), zone: zone, to: buffer)
            #expect(String(decoding: buffer.bytes, as: UTF8.self) == expected)
        }
    }

    @Test func patternsSurviveAnyText() throws {
        var random = SeededGenerator(seed: 7)
        let alphabet = Array("yYMdDHhkKmsSaEuwWFGzZX'-:/ .0123456789+ABCé".utf8)
        for _ in 0..<5000 {
            let pattern = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            let text = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            guard let compiled = try? DateTimePattern(checking: pattern) else { continue }
            _ = try compiled.parse(StringView.copied(text), zone: .utc)
            let buffer = ByteBuffer()
            compiled.append(
                local: Timestamp(seconds: Int64.random(in: -100_000_000_000...300_000_000_000, using: &random)), zone: .utc,
                to: buffer)
        }
    }
}

extension StringView {
    /// A view of bytes that live as long as the tests.
    static func copied(_ text: String) -> StringView { copied(Array(text.utf8)) }

    static func copied(_ bytes: [UInt8]) -> StringView {
        let place = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        for (index, byte) in bytes.enumerated() { place[index] = byte }
        return StringView(place, length: bytes.count)
    }
}
