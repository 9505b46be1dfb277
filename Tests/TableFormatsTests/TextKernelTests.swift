import CKernels
import Columnar
import Testing

/// The vector kernels against their plain twins.
@Suite struct TextKernelTests {
    @Test func everyWidthListsTheSameStructure() {
        var generator = SeededGenerator(seed: 3)
        let size = 1000
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: size + 64)
        defer { bytes.deallocate() }
        for round in 0..<400 {
            let alphabet = Array((round % 2 == 0 ? ",\n" : "abcdefghij,\n\r").utf8)
            for at in 0..<(size + 64) { bytes[at] = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            let from = Int.random(in: 0..<200, using: &generator)
            let to = Int.random(in: from...size, using: &generator)
            let lineLimit = Int.random(in: 1..<100, using: &generator)
            let fieldLimit = Int.random(in: 1..<500, using: &generator)
            func list(_ width: Int32) -> ([UInt32], [UInt32], Int, Bool) {
                var fields = [UInt32](repeating: 0, count: fieldLimit + 128)
                var lines = [UInt32](repeating: 0, count: lineLimit + 128)
                let found =
                    width == 1
                    ? hiveql_list_structure_plain(bytes, from, to, 0x2C, &fields, fieldLimit, &lines, lineLimit)
                    : hiveql_list_structure_width(
                        width, bytes, from, to, 0x2C, &fields, fieldLimit, &lines, lineLimit)
                return (
                    Array(fields.prefix(found.structural_count)), Array(lines.prefix(found.line_count)),
                    found.position, found.saw_carriage_return
                )
            }
            let plain = list(1)
            for width: Int32 in [16, 32, 64] { #expect(list(width) == plain, "width \(width) round \(round)") }
            var sawPlain = false
            var saw = false
            var feeds = 0
            for at in from..<to {
                feeds += bytes[at] == 10 ? 1 : 0
                if bytes[at] == 13 { sawPlain = true }
            }
            #expect(hiveql_count_line_feeds(bytes, from, to, &saw) == feeds)
            #expect(saw == sawPlain)
        }
    }

    @Test func everyKernelListsTheSameQuotedStructure() {
        var generator = SeededGenerator(seed: 11)
        let size = 1000
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: size + 64)
        defer { bytes.deallocate() }
        let alphabets = ["a,\n\"", "abcdefgh,\n", "\"\"\",,\n", "ab,\"\n\\", "abcdefghijk,\n\r"].map { Array($0.utf8) }
        for round in 0..<1000 {
            let alphabet = alphabets[round % alphabets.count]
            for at in 0..<(size + 64) { bytes[at] = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            if round % 7 == 0 {
                // Regular lines.
                let line = Array("\"a,b\",c,\"d\"\"e\"\n".utf8)
                for at in 0..<(size + 64) { bytes[at] = line[at % line.count] }
            }
            let from = round % 7 == 0 ? 0 : Int.random(in: 0..<200, using: &generator)
            let to = Int.random(in: from...size, using: &generator)
            let lineLimit = Int.random(in: 1..<100, using: &generator)
            let fieldLimit = Int.random(in: 1..<500, using: &generator)
            func list(_ isPlain: Bool) -> ([UInt32], [UInt32], Int, [Bool]) {
                var fields = [UInt32](repeating: 0, count: fieldLimit + 128)
                var lines = [UInt32](repeating: 0, count: lineLimit + 128)
                let found =
                    isPlain
                    ? hiveql_list_quoted_structure_plain(
                        bytes, from, to, 0x2C, 0x22, 0x5C, &fields, fieldLimit, &lines, lineLimit)
                    : hiveql_list_quoted_structure(bytes, from, to, 0x2C, 0x22, 0x5C, &fields, fieldLimit, &lines, lineLimit)
                return (
                    Array(fields.prefix(found.structural_count)), Array(lines.prefix(found.line_count)), found.position,
                    [found.saw_carriage_return, found.saw_doubled_quote]
                )
            }
            let plain = list(true)
            #expect(list(false) == plain, "round \(round)")
            if round % 7 == 0 { #expect(!plain.3[0]) }
        }
    }

    @Test func shortNumbersAreReadTheSameByVectorsAndWords() {
        var generator = SeededGenerator(seed: 5)
        let alphabet = Array("0123456789012345678901234567890123456789.x-".utf8)
        var window = [UInt8](repeating: 0x37, count: 48)
        for _ in 0..<200_000 {
            let count = Int.random(in: 1...16, using: &generator)
            for at in 0..<48 { window[at] = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            window.withUnsafeBufferPointer { text in
                guard let base = text.baseAddress else { return }
                let end = base + 32
                let fast = hiveql_parse_decimal(end, count)
                let plain = hiveql_parse_decimal_plain(end, count)
                let own = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
                defer { own.deallocate() }
                own.initialize(from: end - count, count: count)
                let lone = hiveql_parse_lone_decimal(own, count)
                #expect(fast.is_valid == plain.is_valid && fast.is_valid == lone.is_valid)
                let spelled = String(decoding: UnsafeBufferPointer(start: end - count, count: count), as: UTF8.self)
                if fast.is_valid {
                    #expect(fast.mantissa == plain.mantissa && fast.fraction == plain.fraction)
                    #expect(fast.mantissa == lone.mantissa && fast.fraction == lone.fraction)
                    let parts = spelled.split(separator: ".", omittingEmptySubsequences: false)
                    #expect(parts.count <= 2 && UInt64(parts.joined()) == fast.mantissa)
                    #expect(Int(fast.fraction) == (parts.count == 2 ? parts[1].count : 0))
                } else {
                    #expect(Double(spelled) == nil || spelled.contains("-") || spelled.contains("x"))
                }
                let digits = hiveql_parse_digits(end, count)
                #expect(digits.is_valid == spelled.allSatisfy(\.isNumber))
                if digits.is_valid { #expect(UInt64(spelled) == digits.value) }
            }
        }
    }

    /// Digits that lie on, just above and just below the middle between two doubles.
    @Test func halfwayNumbersAreRoundedToEven() {
        var generator = SeededGenerator(seed: 21)
        func check(_ spelled: String) {
            var text = spelled
            text.withUTF8 { bytes in
                guard let base = bytes.baseAddress else { return }
                #expect(TextParsing.double(base, bytes.count) == Double(spelled), "\(spelled)")
                #expect(TextParsing.float(base, bytes.count) == Float(spelled), "\(spelled)")
            }
        }
        for _ in 0..<20_000 {
            let middle = (UInt64.random(in: 1 << 53..<1 << 54, using: &generator) | 1) << UInt64.random(in: 0...9, using: &generator)
            for offset in 0...2 { check("\(middle &- 1 &+ UInt64(offset))") }
            check("\(UInt64.random(in: 0...UInt64.max, using: &generator))e\(Int.random(in: -60...60, using: &generator))")
            check("\(Int64.random(in: 1..<1 << 26, using: &generator) | 1).5")
            check("1677721\(Int.random(in: 0...99, using: &generator)).\(generator.next())")
            check("0.\(generator.next())\(generator.next())")
        }
        for exponent in -345...310 {
            for mantissa in ["1", "9007199254740993", "17976931348623157", "22250738585072014", "4.9", "9999999999999999999"] {
                check("\(mantissa)e\(exponent)")
            }
        }
    }

    /// Random doubles and floats in many spellings against the standard library's correctly rounding conversion.
    @Test func floatingPointIsRoundedCorrectly() throws {
        var generator = SeededGenerator(seed: 9)
        for round in 0..<100_000 {
            let value =
                round % 2 == 0
                ? Double(bitPattern: generator.next())
                : Double(Int64.random(in: -9_999_999_999...9_999_999_999, using: &generator)) / 1e6
            guard value.isFinite else { continue }
            let spelled = round % 3 == 0 ? "\(Float(value))" : "\(value)"
            guard !spelled.contains("inf") else { continue }
            var text = spelled
            text.withUTF8 { bytes in
                guard let base = bytes.baseAddress else { return }
                #expect(TextParsing.double(base, bytes.count) == Double(spelled))
                #expect(TextParsing.float(base, bytes.count) == Float(spelled))
            }
        }
    }
}
