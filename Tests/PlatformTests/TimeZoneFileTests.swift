import Platform
import Testing

@Suite struct TimeZoneFileTests {
    private static let berlinTail = "CET-1CEST,M3.5.0,M10.5.0/3"

    /// A file of the given version: UTC+1 at first, then the changes.
    static func file(
        version: UInt8 = 0x32, changes: [(Int64, UInt8)] = [], offsets: [Int32] = [3600, 7200], footer: String = "",
        leapSeconds: Int = 0
    ) -> [UInt8] {
        func bigEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
        func block(_ timeSize: Int) -> [UInt8] {
            var bytes = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
            for count in [0, 0, leapSeconds, changes.count, offsets.count, 8] { bytes += bigEndian(Int32(count)) }
            for (instant, _) in changes { bytes += timeSize == 8 ? bigEndian(instant) : bigEndian(Int32(truncatingIfNeeded: instant)) }
            bytes += changes.map(\.1)
            for (index, offset) in offsets.enumerated() {
                bytes += bigEndian(offset) + [index % 2 == 1 ? 1 : 0, index % 2 == 1 ? 4 : 0]
            }
            bytes += Array("STD\0DST\0".utf8)
            bytes += [UInt8](repeating: 0, count: leapSeconds * (timeSize + 4))
            return bytes
        }
        return version == 0 ? block(4) : block(4) + block(8) + Array("\n\(footer)\n".utf8)
    }

    @Test(arguments: [0, 0x32, 0x33, 0x34] as [UInt8]) func readsEveryVersion(_ version: UInt8) throws {
        let zone = try TimeZoneFile(Self.file(version: version, changes: [(100, 1), (200, 0)], footer: Self.berlinTail))
        #expect(zone.transitions == [100, 200])
        #expect(zone.kinds == [1, 0])
        #expect(zone.localTimes.map(\.offset) == [3600, 7200])
        #expect(zone.localTimes.map(\.isDaylight) == [false, true])
        #expect(zone.localTimes.map(\.abbreviation) == ["STD", "DST"])
        #expect((zone.rule != nil) == (version != 0))
    }

    @Test func refusesDamagedFiles() {
        let whole = Self.file(changes: [(100, 1), (200, 0)], footer: Self.berlinTail)
        for length in 0..<whole.count - 1 {
            #expect(throws: TimeZoneFile.Invalid.self, "\(length)") { try TimeZoneFile(Array(whole.prefix(length))) }
        }
        for bad in [
            Self.file(changes: [(200, 1), (100, 0)]), Self.file(changes: [(100, 2)]), Self.file(offsets: []),
            Self.file(offsets: [100_000]), Self.file(leapSeconds: 1), Self.file(footer: "CET-1CEST,M13.5.0,M10.5.0/3"),
            Self.file(changes: [(.max, 1)]),
        ] {
            #expect(throws: TimeZoneFile.Invalid.self) { try TimeZoneFile(bad) }
        }
    }

    @Test func survivesMutations() {
        var random = SystemRandomNumberGenerator()
        let whole = Self.file(changes: [(100, 1), (200, 0)], footer: Self.berlinTail)
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try? TimeZoneFile(bytes)
        }
    }

    @Test func rulesByPOSIX() throws {
        func changes(_ text: String, _ year: Int) throws -> [Int64] {
            try #require(TimeZoneRule(text.utf8), "\(text)").changes(inYear: year).map(\.instant)
        }
        #expect(try changes("CET-1CEST,M3.5.0,M10.5.0/3", 2024) == [1_711_846_800, 1_729_990_800])
        #expect(try changes("EST5EDT,M3.2.0,M11.1.0", 2100) == [4_108_690_800, 4_129_250_400])
        // The south: summer spans the year's end.
        #expect(try changes("AEST-10AEDT,M10.1.0,M4.1.0/3", 2024) == [1_712_419_200, 1_728_144_000])
        // Hours of other days, both signs (Nuuk, Gaza).
        #expect(try changes("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2025) == [1_743_296_400, 1_761_440_400])
        #expect(try changes("EET-2EEST,M3.4.4/50,M10.4.4/50", 2024) == [1_711_756_800, 1_729_897_200])
        // Days by number, with and without 29 February.
        #expect(try changes("AAA0BBB,J60/0,60/0", 2024) == [1_709_247_600, 1_709_251_200])
        #expect(try changes("<+0330>-3:30", 2024).isEmpty)
        let offset = try #require(TimeZoneRule("<+0330>-3:30".utf8)).standard
        #expect(offset.offset == 12_600)
        #expect(offset.abbreviation == "+0330")
        for bad in ["", "CET", "CE-1", "<+03", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-25", "CET-1 ", "CET-1CEST,J0,J5", "CET-1CEST,M3.5.0/168,M10.5.0"] {
            #expect(TimeZoneRule(bad.utf8) == nil, "\(bad)")
        }
    }

    @Test func namesStayInsideTheFolder() throws {
        let database = TimeZoneDatabase(folders: ["/usr/share/zoneinfo"])
        for name in ["", "..", "../zoneinfo/Europe/Berlin", "/usr/share/zoneinfo/Europe/Berlin", "Europe/../Europe/Berlin", "Europe//Berlin", "Europe/", "posix/Europe/Berlin", "right/Europe/Berlin", "tzdata.zi", "zone.tab", "localtime", "Europe", "Europe/Berlin\0"] {
            #expect(try database.zone(named: name) == nil, "\(name)")
        }
        #expect(try database.zone(named: "Europe/Berlin") != nil)
    }

    @Test func aMachineWithoutZonesSaysSo() {
        let database = TimeZoneDatabase(folders: ["/nonexistent/zoneinfo", "/nonexistent/other"])
        #expect(throws: TimeZoneDatabase.Failure.missing(searched: ["/nonexistent/zoneinfo", "/nonexistent/other"])) {
            try database.zone(named: "Europe/Berlin")
        }
        #expect(database.searchError.contains("tzdata"))
    }
}

extension TimeZoneDatabase {
    fileprivate var searchError: String {
        do { return "\(String(describing: try zone(named: "Europe/Berlin")))" } catch { return "\(error)" }
    }
}
