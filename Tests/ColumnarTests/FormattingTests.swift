import Columnar
import Testing

@Suite struct FormattingTests {
    private func text(_ value: Double) -> String {
        let buffer = ByteBuffer()
        NumberFormatter.append(value, to: buffer)
        return buffer.string
    }

    private func text(_ value: Float) -> String {
        let buffer = ByteBuffer()
        NumberFormatter.append(value, to: buffer)
        return buffer.string
    }

    @Test func doublesAsJava() {
        let values: [(Double, String)] = [
            (1, "1.0"), (100, "100.0"), (1e7, "1.0E7"), (9_999_999, "9999999.0"), (12_345_678.9, "1.23456789E7"),
            (1e-3, "0.001"), (0.00099, "9.9E-4"), (1e-10, "1.0E-10"), (1e21, "1.0E21"),
            (123_456_789_012_345_680, "1.2345678901234568E17"), (0.1, "0.1"), (1e300, "1.0E300"),
            (4.9e-324, "4.9E-324"), (-0.0, "-0.0"), (0, "0.0"), (.greatestFiniteMagnitude, "1.7976931348623157E308"),
            (2.2250738585072014e-308, "2.2250738585072014E-308"), (9_007_199_254_740_993, "9.007199254740992E15"),
            (1.100000023841858, "1.100000023841858"), (-12.5, "-12.5"), (123456.703125, "123456.703125"),
            (.nan, "NaN"), (.infinity, "Infinity"), (-.infinity, "-Infinity"), (1.5778728001234567e9, "1.5778728001234567E9"),
            (0.30000000000000004, "0.30000000000000004"), (1.0 / 3, "0.3333333333333333"), (0.005, "0.005"),
            (7.075313976683532e17, "7.0753139766835315E17"), (4.479563547720614e18, "4.4795635477206139E18"),
        ]
        for (value, expected) in values { #expect(text(value) == expected) }
    }

    @Test func floatsAsJava() {
        let values: [(Float, String)] = [
            (1.1, "1.1"), (1e10, "1.0E10"), (474_811_552, "4.74811552E8"), (0.1, "0.1"), (16_777_216, "1.6777216E7"), (1e-3, "0.001"),
            (3.4e38, "3.4E38"), (1_577_872_768, "1.57787277E9"), (9_223_372_800, "9.2233728E9"), (1e7, "1.0E7"), (123456.7, "123456.7"),
            (1.4e-45, "1.4E-45"), (9_999_999, "9999999.0"), (0.00099, "9.9E-4"), (33_554_432, "3.3554432E7"),
            (1.9899998, "1.9899998"),
        ]
        for (value, expected) in values { #expect(text(value) == expected) }
    }

    @Test func randomDoublesReadBack() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            #expect(Double(text(value)) == value)
            let short = Double(Int.random(in: -10_000_000...10_000_000, using: &random)) / 1000
            #expect(Double(text(short)) == short)
        }
    }

    /// The digits are those of the standard library's shortest form, for numbers of every size around one.
    @Test func digitsAreTheShortest() {
        var random = SeededGenerator(seed: 12)
        func digits(_ text: String) -> String {
            let mantissa = text.lowercased().split(separator: "e")[0].filter(\.isNumber)
            let start = mantissa.drop { $0 == "0" }
            return String(start.reversed().drop { $0 == "0" }.reversed())
        }
        for round in 0..<60_000 {
            var value = Double(sign: .plus, exponent: Int.random(in: -150...52, using: &random), significand: 1)
            if round % 10 != 0 { value *= 1 + Double(random.next() >> 12) / 0x1p52 }
            if round % 3 == 0 { value = (value * 1e6).rounded() / 1e6 }
            guard value > 0 else { continue }
            #expect(digits(text(value)) == digits("\(value)"), "\(value)")
            #expect(Double(text(value)) == value)
        }
    }

    @Test func decimals() throws {
        func shown(_ value: Int128, _ scale: Int, trimming: Bool) -> String {
            let buffer = ByteBuffer()
            NumberFormatter.append(value, scale: scale, trimming: trimming, to: buffer)
            return buffer.string
        }
        #expect(shown(150, 2, trimming: false) == "1.50")
        #expect(shown(150, 2, trimming: true) == "1.5")
        #expect(shown(0, 2, trimming: false) == "0.00")
        #expect(shown(0, 2, trimming: true) == "0")
        #expect(shown(-5, 3, trimming: false) == "-0.005")
        #expect(shown(10000, 2, trimming: true) == "100")
        #expect(shown(Decimals.powersOfTen[38] - 1, 38, trimming: false) == "0." + String(repeating: "9", count: 38))
        #expect(shown(1 - Decimals.powersOfTen[38], 0, trimming: false) == "-" + String(repeating: "9", count: 38))
        #expect(shown(Decimals.powersOfTen[20], 0, trimming: false) == "1" + String(repeating: "0", count: 20))
    }

    @Test func nestedAsHive() throws {
        let type = SQLType.structure([
            StructField(name: "a", type: .string), StructField(name: "b", type: .array(.decimal(precision: 10, scale: 2))),
            StructField(name: "c", type: .map(key: .string, value: .double)), StructField(name: "d", type: .char(length: 3)),
            StructField(name: "e", type: .binary), StructField(name: "f", type: .date),
        ])
        let builder = ColumnBuilder(type)
        builder.children[0].append("x\"y\t\\/\u{1}ä")
        builder.children[1].children[0].append(Int128(150))
        builder.children[1].children[0].appendNull()
        builder.children[1].append(listOf: 2)
        builder.children[2].children[0].append("k")
        builder.children[2].children[1].append(1e10)
        builder.children[2].append(listOf: 1)
        builder.children[3].append("ab")
        builder.children[4].append("x")
        builder.children[5].append(Int32(18262))
        builder.appendStructure()
        builder.appendNull()
        let rows = builder.finish()
        #expect(
            texts(rows) == [
                #"{"a":"x\"y\t\\/\u0001ä","b":[1.5,null],"c":{"k":1.0E10},"d":"ab ","e":x,"f":"2020-01-01"}"#, "NULL",
            ])
    }

    @Test func timestampsAndIntervals() throws {
        let stamps = column(
            .timestamp,
            [
                Timestamp(seconds: 1_577_836_800), Timestamp(seconds: 0, nanoseconds: 500_000_000),
                Timestamp(seconds: -1, nanoseconds: 1), Timestamp(seconds: -62_135_596_800),
            ])
        #expect(
            texts(stamps) == [
                "2020-01-01 00:00:00", "1970-01-01 00:00:00.5", "1969-12-31 23:59:59.000000001", "0001-01-01 00:00:00",
            ])
        let spans = column(
            .intervalDayTime, [Timestamp(seconds: 2_592_000), Timestamp(seconds: -1, nanoseconds: 500_000_000)])
        #expect(texts(spans) == ["30 00:00:00.000000000", "-0 00:00:00.500000000"])
        #expect(texts(column(.intervalYearMonth, [Int32(14), -14, 0])) == ["1-2", "-1-2", "0-0"])
    }
}
