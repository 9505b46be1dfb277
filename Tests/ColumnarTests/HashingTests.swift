import Columnar
import Testing

@Suite struct HashingTests {
    /// Values of Hive's `hash()`, asked from Hive 2.3.10.
    @Test func hiveHashes() throws {
        let values: [(String, SQLType, Int32)] = [
            ("1", .int, 1), ("abc", .string, 96354), ("1.5", .double, 1_073_217_536),
            ("1.5", .decimal(precision: 10, scale: 5), 466), ("1.50", .decimal(precision: 3, scale: 2), 466),
            ("2020-01-01", .date, 18262), ("2020-01-01 00:00:00", .timestamp, 394_459_200),
            ("2020-01-01 00:00:00.5", .timestamp, 172_989_760), ("1969-12-31 23:59:59.5", .timestamp, 573_741_823),
            ("x", .boolean, 1), ("5000000000", .bigint, 705_032_705), ("-5", .bigint, 4), ("1.5", .float, 1_069_547_520),
            ("0", .double, 0), ("-0.0", .double, -2_147_483_648), ("", .string, 0), ("äö", .string, -1_907_628),
            ("ab", .char(length: 5), 4066), ("ab", .varchar(length: 5), 4066), ("abc", .binary, 126_145),
            ("5", .tinyint, 5), ("-5", .smallint, -5), ("0", .decimal(precision: 10, scale: 2), 0),
            ("100", .decimal(precision: 10, scale: 2), 3100),
            ("123456789012345678901234567890.12", .decimal(precision: 38, scale: 2), -1_747_325_893),
            ("-1.5", .decimal(precision: 2, scale: 1), -464), ("NaN", .double, 2_146_959_360),
            ("1 00:00:00", .intervalDayTime, 3_220_073), ("1-2", .intervalYearMonth, 14),
            ("1 02:03:04.5", .intervalDayTime, 503_493_281), ("1969-01-01", .date, -365),
        ]
        for (text, type, expected) in values {
            let column = try column(type, texts: [text])
            let hash = HiveHash.objects.apply([column], rows: .all(1), count: 1)
            #expect(elements(hash, Int32.self) == [expected], "\(text) \(type)")
        }
        let one = column(.int, [Int32(1)])
        let letter = stringColumn(["a"])
        let null = Column.nulls(.void, count: 1)
        #expect(elements(HiveHash.objects.apply([one, letter, null], rows: .all(1), count: 1), Int32.self) == [3968])
        let lists = ColumnBuilder(.array(.string))
        lists.children[0].append("a")
        lists.children[0].appendNull()
        lists.append(listOf: 2)
        #expect(elements(HiveHash.objects.apply([lists.finish()], rows: .all(1), count: 1), Int32.self) == [3007])
        let maps = ColumnBuilder(.map(key: .string, value: .int))
        maps.children[0].append("a")
        maps.children[1].append(Int32(1))
        maps.children[0].append("b")
        maps.children[1].append(Int32(2))
        maps.append(listOf: 2)
        #expect(elements(HiveHash.objects.apply([maps.finish()], rows: .all(1), count: 1), Int32.self) == [192])
    }

    /// Values that Trino's TestHiveBucketing compares with Hive's own classes.
    @Test func murmurHashes() throws {
        let values: [(String, SQLType, Int32)] = [
            ("Trino rocks", .string, -399_107_423), ("true", .boolean, 1), ("5", .tinyint, 5), ("-128", .tinyint, -128),
            ("300", .smallint, 2_107_031_704), ("-32768", .smallint, 1_342_976_838), ("300000", .int, -678_663_480),
            ("-2147483648", .int, 1_194_881_028), ("2147483647", .int, 1_133_859_967),
            ("300000000000", .bigint, -888_935_297), ("-9223372036854775808", .bigint, 1_728_983_947),
            ("12.34", .float, -381_747_602), ("Infinity", .float, -292_175_804), ("NaN", .float, -480_354_314),
            ("12.34", .double, -2_070_733_568), ("Infinity", .double, 1_614_292_060), ("NaN", .double, 1_138_026_565),
            ("", .string, -965_378_730), ("", .varchar(length: 15), -965_378_730),
            ("test string", .varchar(length: 15), -138_301_454), ("\u{5f3a}\u{5927}\u{7684}Trino\u{5f15}\u{64ce}", .string, 1_784_416_344),
            ("\u{20FFC}\u{20FFD}\u{20FFE}\u{20FFF}", .string, -697_348_811), ("1970-01-01", .date, 1_362_653_161),
            ("2015-11-19", .date, 8_542_395), ("1950-11-19", .date, -431_619_185),
        ]
        for (text, type, expected) in values {
            let hash = HiveHash.murmur.apply([try column(type, texts: [text])], rows: .all(1), count: 1)
            #expect(elements(hash, Int32.self) == [expected], "\(text) \(type)")
        }
        let lists = ColumnBuilder(.array(.smallint))
        for value in [5, 8, 13] { lists.children[0].append(Int16(value)) }
        lists.append(listOf: 3)
        #expect(elements(HiveHash.murmur.apply([lists.finish()], rows: .all(1), count: 1), Int32.self) == [-905_011_156])
        let maps = ColumnBuilder(.map(key: .string, value: .bigint))
        for (key, value) in [("key", 123), ("key2", 123_456_789), ("key3", -123_456)] {
            maps.children[0].append(key)
            maps.children[1].append(Int64(value))
        }
        maps.append(listOf: 3)
        #expect(elements(HiveHash.murmur.apply([maps.finish()], rows: .all(1), count: 1), Int32.self) == [-1_910_999_650])
    }

    @Test func bucketsAreCountedFromZero() {
        let column = column(.int, [Int32(-3), 7, nil, 4])
        let buckets = HiveHash.objects.buckets(of: [column], rows: .all(4), count: 4, bucketCount: 4)
        #expect(elements(buckets, Int32.self) == [1, 3, 0, 0])
    }

    private func hashes(_ columns: [Column]) -> [UInt64] {
        let count = columns[0].count
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
        defer { words.deallocate() }
        words.initialize(repeating: 0, count: count)
        Hashing.hash(columns, rows: .all(count), count: count, into: words)
        return (0..<count).map { words[$0] }
    }

    @Test func equalValuesHashAlike() throws {
        let zeros = hashes([column(.double, [0.0, -0.0, Double.nan, -Double.nan])])
        #expect(zeros[0] == zeros[1] && zeros[2] == zeros[3])
        #expect(hashes([column(.int, [Int32(-7)])]) == hashes([column(.bigint, [Int64(-7)])]))
        let short = try column(.decimal(precision: 5, scale: 2), texts: ["1.50", "100", nil])
        let long = try column(.decimal(precision: 38, scale: 20), texts: ["1.5", "100", nil])
        #expect(hashes([short])[0] == hashes([long])[0])
        #expect(hashes([short])[2] == Hashing.nullHash)
        let constant = Column.constant(string: "abc".utf8, count: 2)
        #expect(hashes([constant])[1] == hashes([stringColumn(["abc"])])[0])
        #expect(hashes([constant, constant])[0] == hashes([stringColumn(["abc"]), stringColumn(["abc"])])[0])
        for column in [stringColumn(["abc", nil]), column(.int, [Int32(4), nil])] {
            #expect(hashes([column]) == [Hashing.hash(column, row: 0), Hashing.hash(column, row: 1)])
        }
    }

    @Test func bitsSpread() {
        // 4,096 neighbouring keys over 4,096 slots, by low and by high bits: about 63 % of the slots are hit.
        let integers = hashes([column(.bigint, (0..<4096).map { Int64($0) as Int64? })])
        let strings = hashes([stringColumn((0..<4096).map { "key-\($0)" })])
        for words in [integers, strings] {
            #expect(Set(words).count == 4096)
            #expect(Set(words.map { $0 & 4095 }).count > 2400)
            #expect(Set(words.map { $0 >> 52 }).count > 2400)
        }
        // Every length up to 70 and a change of any byte give another hash.
        var seen = Set<UInt64>()
        var texts: [String?] = []
        for length in 0..<70 {
            texts.append(String(repeating: "a", count: length))
            for position in 0..<length {
                texts.append(String(repeating: "a", count: position) + "b" + String(repeating: "a", count: length - position - 1))
            }
        }
        for word in hashes([stringColumn(texts)]) { seen.insert(word) }
        #expect(seen.count == texts.count)
    }
}
