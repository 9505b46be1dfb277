import Columnar
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
            DateTimeFormatter.append(day: CivilDate.adding(months: months, toDay: day), to: buffer)
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

    @Test func parsesAsHive() {
        for (text, pattern, expected) in hiveDateParses {
            let instant = DateTimePattern(pattern)?.parse(StringView.copied(text), zone: .utc)
            #expect(instant.map { "\($0.seconds)" } ?? "NULL" == expected, "\(text) \(pattern)")
        }
    }

    @Test func zones() throws {
        let berlin = try #require(ZoneRules.named("Europe/Berlin"))
        #expect(berlin.offset(at: 1_593_597_600) == 7200)
        #expect(berlin.offset(at: 1_577_836_800) == 3600)
        // Spring forward: 02:30 does not exist; autumn: 02:30 occurs twice, the first is taken.
        #expect(berlin.utc(fromLocal: 1_585_449_000) == 1_585_445_400)
        #expect(berlin.utc(fromLocal: 1_603_593_000) == 1_603_585_800)
        let newYork = try #require(ZoneRules.named("America/New_York"))
        #expect(newYork.offset(at: 1_577_836_800) == -18_000)
        for instant in stride(from: Int64(-2_000_000_000), to: 4_000_000_000, by: 86_400 * 3 + 7) {
            let local = instant + Int64(newYork.offset(at: instant))
            let back = newYork.utc(fromLocal: local)
            #expect(back == instant || back + 3600 == instant, "\(instant)")
        }
        #expect(ZoneRules.named("GMT+02:00")?.offset(at: 0) == 7200)
        #expect(ZoneRules.named("-05:30")?.offset(at: 0) == -19_800)
        #expect(ZoneRules.named("PST")?.offset(at: 0) == -28_800)
        #expect(ZoneRules.named("Nowhere/Land") == nil)
        #expect(ZoneRules.named("") == nil)
    }

    @Test func patternsSurviveAnyText() {
        var random = SeededGenerator(seed: 7)
        let alphabet = Array("yYMdDHhkKmsSaEuwWFGzZX'-:/ .0123456789+ABCé".utf8)
        for _ in 0..<5000 {
            let pattern = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            let text = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            guard let compiled = DateTimePattern(bytes: pattern) else { continue }
            _ = compiled.parse(StringView.copied(text), zone: .utc)
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
