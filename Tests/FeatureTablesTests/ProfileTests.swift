import Columnar
import FeatureTables
import Platform
import Testing

/// Profiles of small tables; the numbers are those of pandas, numpy, scipy and scikit-learn for the same rows.
@Suite struct ProfileTests {
    private typealias TestColumn = (String, SQLType, [Cell])

    /// Rows dealt out to workers in batches, as a query does.
    private func profile(
        _ columns: [TestColumn], _ options: ProfileOptions = ProfileOptions(), workers: Int = 1, batchSize: Int = 100
    ) throws -> Profile {
        let rows = columns.first?.2.count ?? 0
        let plan = try ProfilePlan(columns.map { SchemaColumn(name: $0.0, type: $0.1) }, options)
        let parts = (0..<workers).map { ProfileWorker(plan, number: $0) }
        var moments: MomentSums?
        for (turn, start) in stride(from: 0, to: rows, by: batchSize).enumerated() {
            let end = min(start + batchSize, rows)
            let worker = parts[turn % workers]
            try worker.add(Batch(columns: columns.map { column($0.1, Array($0.2[start..<end])) }, capacity: end - start))
            let taken = worker.takeMoments()
            if moments?.merge(taken) == nil { moments = taken }
        }
        return ProfileBuilder(plan, parts, moments: moments).profile()
    }

    /// 400 rows: `x` with gaps, `k` of nine values, `kind`, `y` that follows `x`, `z` that follows `kind`, and `price`.
    private static let rows: [TestColumn] = {
        let places = Array(0..<400)
        let x = places.map { $0 % 10 == 3 ? nil : $0 * 37 % 101 }
        let k = places.map { $0 * $0 % 17 }
        let kinds = places.map { $0 % 3 == 0 ? "cash" : $0 % 7 == 1 ? "check" : "card" }
        let price = places.map { Double(k[$0]) * 1.5 + (kinds[$0] == "cash" ? 3 : 0) + Double($0 % 5) * 0.25 }
        return [
            ("x", .double, x.map { $0.map { .integer($0) } ?? .null }), ("k", .int, k.map { .integer($0) }),
            ("kind", .string, kinds.map { .text($0) }),
            ("y", .int, places.map { place in .integer(x[place].map { $0 > 50 || place % 13 == 0 ? 1 : 0 } ?? 0) }),
            ("z", .int, places.map { .integer(kinds[$0] == "cash" || $0 % 5 == 0 ? 1 : 0) }),
            ("price", .double, price.map { .number($0) }),
        ]
    }()

    private func isNear(_ found: Double?, _ expected: Double, _ tolerance: Double = 1e-6) -> Bool {
        found.map { abs($0 - expected) <= tolerance } ?? false
    }

    @Test func numbersAreThoseOfPandas() throws {
        let profile = try profile(Self.rows)
        #expect(profile.rowCount == 400 && profile.columns.map(\.name) == ["x", "k", "kind", "y", "z", "price"])
        let x = profile.columns[0]
        #expect(x.nullCount == 40 && x.valueCount == 360 && x.distinct == DistinctCount(count: 101, isExact: true))
        #expect(isNear(x.numbers?.mean, 50.577778) && isNear(x.numbers?.deviation, 29.050615))
        #expect(x.minimum == "0.0" && x.maximum == "100.0" && x.numbers?.negatives == 0)
        #expect(x.quantiles.map(\.number) == [1, 5.95, 25, 51, 77, 95, 99])
        #expect(x.histogram?.counts == [15, 15, 19, 20, 20, 19, 16, 15, 16, 20, 19, 20, 19, 15, 15, 17, 20, 20, 19, 21])
        let k = profile.columns[1]
        #expect(isNear(k.numbers?.mean, 7.99) && isNear(k.numbers?.deviation, 5.667469) && k.numbers?.zeros == 24)
        #expect(k.minimum == "0" && k.maximum == "16" && k.quantiles.map(\.value) == ["0", "0", "2", "8", "13", "16", "16"])
        // A bar for each of the seventeen numbers.
        #expect(k.histogram?.counts == [24, 47, 47, 0, 47, 0, 0, 0, 47, 47, 0, 0, 0, 47, 0, 47, 47])
        let kind = profile.columns[2]
        #expect(kind.top.map(\.value) == ["card", "cash", "check"] && kind.top.map(\.count) == [228, 134, 38])
        #expect(kind.texts?.leastLength == 4 && kind.texts?.mostLength == 5 && kind.texts?.meanLength == 4.095)
        let price = profile.columns[5]
        #expect(isNear(price.numbers?.mean, 13.49) && isNear(price.numbers?.deviation, 8.642432))
        #expect(price.quantiles.map(\.number) == [0.25, 1.5, 5.5, 13.5, 22.75, 26.2625, 27.75])
    }

    @Test func correlationsAreThoseOfPandas() throws {
        let profile = try profile(Self.rows)
        func coefficient(_ left: String, _ right: String) -> Double? {
            profile.correlations.first { profile.columns[$0.left].name == left && profile.columns[$0.right].name == right }?.coefficient
        }
        // Over the rows that have both.
        #expect(coefficient("x", "k") == 0.053171 && coefficient("x", "y") == 0.792004 && coefficient("x", "price") == 0.060481)
        #expect(coefficient("k", "y") == 0.018512 && coefficient("k", "price") == 0.985604)
        #expect(profile.correlations.count == 10)
        #expect(profile.findings.contains { $0.kind == .correlated && $0.column == "k" })
    }

    @Test func associationsWithClasses() throws {
        let label = try #require(try profile(Self.rows, ProfileOptions(label: "Z")).label)
        #expect(label.name == "z" && label.classes == [FrequentValue(value: "0", count: 213), FrequentValue(value: "1", count: 187)])
        let kind = try #require(label.associations.first { $0.column == "kind" })
        #expect(label.associations.first?.column == "kind" && kind.measure == .cramersV)
        #expect(isNear(kind.value, 0.755194) && isNear(kind.mutualInformation, 0.516181) && kind.areaUnderROC == nil)
        let k = try #require(label.associations.first { $0.column == "k" })
        #expect(k.value == 0 && isNear(k.areaUnderROC, 0.504645))
        let other = try #require(try profile(Self.rows, ProfileOptions(label: "y")).label)
        #expect(isNear(other.associations.first { $0.column == "x" }?.areaUnderROC, 0.959565))
    }

    @Test func associationsWithANumber() throws {
        let label = try #require(try profile(Self.rows, ProfileOptions(label: "price")).label)
        #expect(label.classes == nil && label.associations.first?.column == "k")
        #expect(label.associations.first?.measure == .pearson && isNear(label.associations.first?.value, 0.985604))
        let kind = try #require(label.associations.first { $0.column == "kind" })
        #expect(kind.measure == .correlationRatio && isNear(kind.value, 0.154814))
    }

    @Test func leaksAreNamed() throws {
        let rows = Self.rows + [("copy", .string, Self.rows[4].2.map { if case .integer(let value) = $0 { .text("v\(value)") } else { .null } })]
        let found = try profile(rows, ProfileOptions(label: "z")).findings.filter { $0.kind == .leak }
        #expect(found.map(\.column) == ["copy"])
    }

    @Test func differencesAreThoseOfScipy() throws {
        func one(_ values: [Double]) throws -> Profile { try profile([("v", .double, values.map { .number($0) })]) }
        let ours = try one([1, 2, 2, 5, 9, 9, 9, 12, 30, 31]), theirs = try one([2, 5, 5, 5, 9, 12, 12, 30, 30, 40])
        let drift = try #require(ours.compared(with: theirs).drift?.first)
        #expect(drift.kolmogorovSmirnov == 0.2 && isNear(drift.populationStability, 2.717643) && isNear(drift.jensenShannon, 0.512109))
        let kinds = Self.rows[2].2
        func half(_ cells: [Cell]) throws -> Profile { try profile([("kind", .string, cells)]) }
        let changed = kinds[200...].enumerated().map { $0.offset % 4 == 0 ? Cell.text("cash") : $0.element }
        let between = try #require(try half(Array(kinds[..<200])).compared(with: try half(changed)).drift?.first)
        #expect(isNear(between.populationStability, 0.11364, 1e-5) && isNear(between.jensenShannon, 0.142771))
        #expect(between.kolmogorovSmirnov == nil)
        let same = try #require(ours.compared(with: ours).drift?.first)
        #expect(same.kolmogorovSmirnov == 0 && same.populationStability == 0 && same.jensenShannon == 0)
        #expect(try one([]).compared(with: ours).drift?.first?.reason == "no rows")
        #expect(try half(kinds).compared(with: ours).drift?.first?.reason == "only one side has it")
        let texts = try profile([("v", .string, ["1"])])
        #expect(texts.compared(with: ours).drift?.first?.reason == "type string, the other's double")
    }

    /// Everything a report shows, for comparing.
    private func report(_ profile: Profile) throws -> String { try profile.json() + profile.html(title: "t") }

    @Test func workersAndBatchesDoNotMatter() throws {
        var numbers = TestNumbers(seed: 51)
        let count = 60_000
        let wide: [TestColumn] = [
            ("id", .string, (0..<count).map { .text("row \($0)") }),
            ("x", .double, (0..<count).map { _ in numbers.fraction() < 0.1 ? .null : .number(numbers.normal() * 1e3) }),
            ("skewed", .string, (0..<count).map { _ in .text("value \(numbers.next().trailingZeroBitCount < 3 ? 0 : numbers.next() % 40_000)") }),
            ("n", .bigint, (0..<count).map { _ in .integer(Int(truncatingIfNeeded: numbers.next() >> 34)) }),
            ("y", .boolean, (0..<count).map { _ in .flag(numbers.fraction() < 0.3) }),
        ]
        let options = ProfileOptions(label: "y")
        let expected = try report(profile(wide, options, workers: 1, batchSize: 2_000))
        for workers in [2, 3] {
            #expect(try report(profile(wide, options, workers: workers, batchSize: 2_000)) == expected, "\(workers) workers")
        }
        let profile = try profile(wide, options, workers: 2, batchSize: 777)
        let id = try #require(profile.columns.first), skewed = profile.columns[2]
        #expect(id.distinct?.isExact == false && abs(Double(id.distinct?.count ?? 0) / Double(count) - 1) < 0.02 && id.top.isEmpty)
        #expect(id.minimum == "row 0" && id.maximum == "row 9999")
        #expect(profile.findings.contains { $0.kind == .identifier && $0.column == "id" })
        #expect(skewed.top.first?.value == "value 0" && (skewed.top.first?.count ?? 0) > count * 7 / 8 - 1_000)
    }

    @Test func everyTypeIsDescribed() throws {
        let nested = SQLType.array(.int)
        let lists = ColumnBuilder(nested)
        lists.children[0].append(Int32(1))
        lists.append(listOf: 1)
        lists.appendNull()
        let wide = ColumnBuilder(.decimal(precision: 38, scale: 18))
        wide.append(Int128(10_100_000_000_000_000_000))
        wide.append(Int128(-2_500_000_000_000_000_000))
        let columns: [(String, Column)] = [
            ("flag", column(.boolean, [true, false])), ("day", column(.date, [0, 31])), ("at", column(.timestamp, [0, 86_400])),
            ("amount", column(.decimal(precision: 10, scale: 2), [150, 275])), ("wide", wide.finish()),
            ("single", column(.float, [.number(0.1), .number(.nan)])), ("months", column(.intervalYearMonth, [13, 14])),
            ("code", column(.char(length: 5), ["ab", "ab"])), ("raw", column(.binary, ["x", "y"])), ("list", lists.finish()),
            ("nothing", Column.nulls(.void, count: 2)), ("far", column(.double, [.number(-.infinity), 3])),
        ]
        let plan = try ProfilePlan(columns.map { SchemaColumn(name: $0.0, type: $0.1.type) }, ProfileOptions())
        let worker = ProfileWorker(plan, number: 0)
        try worker.add(Batch(columns: columns.map(\.1), capacity: 2))
        let profile = ProfileBuilder(plan, [worker], moments: worker.takeMoments()).profile()
        func bounds(_ name: String) -> [String?] {
            profile.columns.first { $0.name == name }.map { [$0.minimum, $0.maximum, $0.numbers?.meanText] } ?? []
        }
        #expect(bounds("flag") == ["false", "true", nil])
        #expect(bounds("day") == ["1970-01-01", "1970-02-01", "1970-01-16 12:00:00"])
        #expect(bounds("at") == ["1970-01-01 00:00:00.5", "1970-01-02 00:00:00.5", "1970-01-01 12:00:01"])
        #expect(bounds("amount") == ["1.50", "2.75", "2.125"])
        #expect(bounds("wide") == ["-2.500000000000000000", "10.100000000000000000", "3.8"])
        #expect(bounds("single") == ["0.1", "0.1", "0.10000000149"])
        #expect(bounds("months") == ["1-1", "1-2", nil])
        #expect(bounds("far") == ["-Infinity", "3.0", "3.0"])
        #expect(bounds("list") == [nil, nil, nil] && bounds("nothing") == [nil, nil, nil])
        #expect(profile.columns.first { $0.name == "single" }?.numbers?.nans == 1)
        #expect(profile.columns.first { $0.name == "far" }?.distinct?.count == 2)
        #expect(profile.columns.first { $0.name == "list" }?.nullCount == 1)
        #expect(profile.columns.first { $0.name == "list" }?.distinct == nil)
        #expect(profile.findings.contains { $0.kind == .empty && $0.column == "nothing" })
        #expect(profile.findings.contains { $0.kind == .notFinite && $0.column == "far" })
        #expect(profile.findings.contains { $0.kind == .constant && $0.column == "code" })
    }

    /// Dictionaries, constants and selections are what they stand for.
    @Test func encodingsAreRead() throws {
        let base = column(.int, [10, nil, 30])
        let batch = Batch(
            columns: [Column.dictionary(base, indices: [2, 1, 0, 2], count: 4), .constant(string: Array("k".utf8), type: .string, count: 4), .nulls(.int, count: 4)],
            capacity: 4, rows: RowSelection.all(4).filtered(capacity: 4) { $0 != 2 })
        let plan = try ProfilePlan(
            [SchemaColumn(name: "t.a", type: .int), SchemaColumn(name: "t.b", type: .string), SchemaColumn(name: "t.c", type: .int)], ProfileOptions())
        let worker = ProfileWorker(plan, number: 0)
        try worker.add(batch)
        let profile = ProfileBuilder(plan, [worker], moments: worker.takeMoments()).profile()
        #expect(profile.rowCount == 3 && profile.columns.map(\.name) == ["a", "b", "c"])
        #expect(profile.columns[0].top == [FrequentValue(value: "30", count: 2)] && profile.columns[0].nullCount == 1)
        #expect(profile.columns[1].top == [FrequentValue(value: "k", count: 3)])
        #expect(profile.columns[2].nullCount == 3 && profile.columns[2].minimum == nil)
    }

    @Test func whatIsWorthALook() throws {
        let places = Array(0..<100)
        let profile = try profile([
            ("id", .bigint, places.map { .integer($0) }), ("twin", .int, places.map { .integer($0) }),
            ("turned", .int, places.map { .integer(99 - $0) }), ("half", .string, places.map { $0 % 3 == 0 ? "a" : nil }),
            ("one", .string, places.map { _ in "x" }), ("digits", .string, places.map { .text("\($0 % 20)") }),
            ("days", .string, places.map { .text("2013-01-\(10 + $0 % 20)") }), ("none", .double, places.map { _ in nil }),
        ])
        func kinds(_ column: String) -> [ProfileFinding.Kind] { profile.findings.filter { $0.column == column }.map(\.kind) }
        #expect(kinds("id").contains(.identifier) && kinds("twin").contains(.duplicate))
        // The same values in other rows.
        #expect(!kinds("turned").contains(.duplicate))
        #expect(kinds("half") == [.missing, .constant] && kinds("one") == [.constant] && kinds("none") == [.empty])
        #expect(kinds("digits") == [.textNumbers] && profile.columns[5].texts?.readableAs == .bigint)
        #expect(kinds("days") == [.textNumbers] && profile.columns[6].texts?.readableAs == .date)
    }

    @Test func nothingIsAProfileToo() throws {
        let empty = try profile([("a", .int, []), ("b", .string, [])], ProfileOptions(label: "b"))
        #expect(empty.rowCount == 0 && empty.findings.isEmpty && empty.columns.allSatisfy { $0.nullShare == nil && $0.top.isEmpty })
        #expect(empty.label?.associations.first?.reason == "no row has a label")
        #expect(try empty.json().contains(#""rows": 0"#))
        let none = try profile([])
        #expect(none.columns.isEmpty && none.html(title: "").hasSuffix("</html>\n"))
    }

    @Test func namesThatDoNotFitAreRefused() throws {
        let columns: [TestColumn] = [("a", .int, [1]), ("A", .int, [2])]
        #expect(error { _ = try profile(columns) } == .duplicateColumn("A"))
        #expect(error { _ = try profile([("a", .int, [1])], ProfileOptions(columns: ["b"])) } == .unknownColumn("b", known: ["a"]))
        #expect(error { _ = try profile([("a", .int, [1])], ProfileOptions(label: "b")) } == .unknownColumn("b", known: ["a"]))
        let chosen = try profile([("t.a", .int, [1]), ("t.b", .int, [1]), ("t.c", .int, [1])], ProfileOptions(columns: ["C", "t.a"], label: "b"))
        #expect(chosen.columns.map(\.name) == ["c", "a", "b"])
    }

    /// Nothing from the data gets out of its place.
    @Test func pagesAreEscaped() throws {
        let hostile = "</td><script>alert(\"1\" & '2')</script>\u{1B}[2J\u{0}"
        let profile = try profile([(hostile, .string, [.text(hostile), .text("b")]), ("n", .int, [1, 2]), ("m", .int, [2, 1])])
        let page = profile.html(title: hostile)
        #expect(!page.contains("<script") && !page.contains("\u{1B}") && !page.contains("\u{0}") && !page.contains("\"1\""))
        #expect(page.contains("&lt;script&gt;"))
        #expect(try JSON(Array(profile.json().utf8))["columns"]?.elements?.first?["name"]?.text == hostile)
    }

    @Test func manyNumericColumnsAreNotAllCorrelated() throws {
        let columns = (0..<70).map { number -> TestColumn in ("c\(number)", .int, (0..<10).map { .integer(($0 * (number + 1)) % 11) }) }
        let profile = try profile(columns, ProfileOptions(label: "c69", classLimit: 3))
        #expect(profile.uncorrelatedColumns == 6 && profile.correlations.count == 64 * 63 / 2)
        #expect(profile.label?.associations.first { $0.column == "c0" }?.value != nil)
        #expect(profile.label?.associations.first { $0.column == "c68" }?.reason == "more than 64 numeric columns")
    }
}
