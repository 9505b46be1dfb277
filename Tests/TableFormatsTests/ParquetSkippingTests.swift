import Columnar
import Foundation
import TableFormats
import Testing

/// Rows that predicates, indexes of pages and bloom filters leave out: never one too many, in files of any writer.
@Suite struct ParquetSkippingTests {
    /// Files with indexes, and whose rows they have.
    private static let paged = ["paged-v1": "paged", "paged-v2": "paged", "spark-paged": "spark-paged"]

    /// Where written files stay for other readers (`Tests/Fixtures/parquet/check_skipping.py`); nil: they are removed.
    private static let kept = ProcessInfo.processInfo.environment["HIVEQL_TEST_SKIPPING_OUTPUT"]

    private func pick(_ ranges: [Range<Int>]) -> RowRanges {
        var rows = RowRanges()
        for range in ranges { rows.append(range) }
        return rows
    }

    /// Some ranges of rows in order, which do not overlap.
    private func randomRanges(_ count: Int, _ generator: inout SeededGenerator) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var row = 0
        while row < count {
            let start = row + Int.random(in: 0...150, using: &generator)
            let end = min(start + Int.random(in: 1...90, using: &generator), count)
            if start < end { ranges.append(start..<end) }
            row = max(end, start) + 1
        }
        return ranges
    }

    // MARK: Ranges of rows

    @Test(arguments: paged.keys.sorted())
    func rangesLineUp(name: String) throws {
        let file = try ParquetFile(path: ParquetFixtures.path(name))
        let expected = try ParquetFixtures.expected(Self.paged[name] ?? "").rows
        var firstRow = 0
        for group in 0..<file.rowGroupCount {
            let count = file.rowCount(ofRowGroup: group)
            for seed in 0..<12 {
                var generator = SeededGenerator(seed: UInt64(seed))
                let ranges = randomRanges(count, &generator)
                var options = ParquetReadOptions()
                options.batchCapacity = [2048, 7, 33][seed % 3]
                options.rows = pick(ranges)
                let wanted = ranges.flatMap { $0 }
                // Every second time some of the columns, behind a filter that keeps rows here and there.
                let columns = seed % 2 == 0 ? Array(file.columns.indices) : [file.columns.count - 1, 0, file.columns.count / 2]
                var kept = wanted
                if seed % 2 == 1 {
                    options.filter = RowFilter(columns: [0]) { $0 % 40 > 30 }
                    kept = wanted.enumerated().filter { $0.offset % 40 > 30 }.map(\.element)
                }
                var rows: [[String]] = []
                let reader = try ParquetRowGroupReader(file, rowGroup: group, columns: columns, options: options)
                while let batch = try reader.next() {
                    batch.rows.forEach { row in
                        rows.append(batch.columns.map { ParquetFixtures.text($0, row) })
                        #expect(kept[rows.count - 1] == reader.batchRow + row)
                    }
                }
                #expect(rows == kept.map { row in columns.map { expected[firstRow + row][$0] } }, "\(name), seed \(seed)")
            }
            firstRow += count
        }
    }

    @Test func pagesWithoutRowsAreNotRead() throws {
        let file = try ParquetFile(path: ParquetFixtures.path("paged-v1"))
        func pages(_ ranges: [Range<Int>]?) throws -> PageCounts {
            var options = ParquetReadOptions()
            options.rows = ranges.map { pick($0) }
            let reader = try ParquetRowGroupReader(file, rowGroup: 0, columns: Array(file.columns.indices), options: options)
            while try reader.next() != nil {}
            return reader.pages
        }
        let all = try pages(nil)
        #expect(all.skipped == 0)
        let some = try pages([90..<100, 500..<501])
        #expect(some.read + some.skipped == all.read)
        // A page or two of each stored column for each of the ranges.
        #expect(some.read < file.schema.leaves.count * 4 && some.skipped > 0)
        // Dictionaries are read all the same.
        #expect(some.byteCount < all.byteCount * 2 / 3)
    }

    // MARK: Predicates

    private func equal(_ ordinal: Int, _ constant: Column) -> ColumnPredicate {
        ColumnPredicate(ordinal: ordinal, type: constant.type, test: .comparison(.equal, constant))
    }

    @Test func indexesOfPages() throws {
        for name in ["paged-v1", "paged-v2", "spark-paged"] {
            let file = try ParquetFile(path: ParquetFixtures.path(name))
            let scan = PredicateScan(format: "parquet")
            // In order: all rows of the predicate stand in one page.
            let result = try scan.rows(
                file.path, schema: file.columns, equal(0, .constant(Int64(300), type: .bigint, count: 1)), skips: true)
            #expect(result.lines.count == 1)
            #expect(result.skippedPages > result.pages * 3 / 4, "\(name)")
            // A page of NULLs alone has none of other values.
            let nulls = try scan.rows(file.path, schema: file.columns, ColumnPredicate(ordinal: 1, type: .int, test: .isNotNull), skips: true)
            #expect(nulls.skippedPages > 0 || name != "spark-paged", "\(name)")
            let none = try scan.rows(file.path, schema: file.columns, ColumnPredicate(ordinal: 1, type: .int, test: .isNull), skips: true)
            #expect(none.lines.count > 100)
        }
    }

    @Test func bloomFilters() throws {
        func skipped(_ name: String, _ column: Int, _ constant: Column) throws -> (rows: Int, parts: Int, skipped: Int) {
            let file = try ParquetFile(path: ParquetFixtures.path(name))
            let result = try PredicateScan(format: "parquet").rows(file.path, schema: file.columns, equal(column, constant), skips: true)
            return (result.lines.count, result.parts, result.skippedParts)
        }
        // Between the bounds of the row groups, in none of them.
        let word = try skipped("duckdb-bloom", 1, .constant(string: "word 33x".utf8, count: 1))
        #expect(word.rows == 0 && word.skipped == word.parts && word.parts == 2)
        let number = try skipped("duckdb-bloom", 2, .constant(0.3, type: .double, count: 1))
        #expect(number.rows == 0 && number.skipped == 2)
        let there = try skipped("duckdb-bloom", 1, .constant(string: "word 33".utf8, count: 1))
        #expect(there.rows == 75 && there.skipped == 0)
        for (name, column, value) in [("paged-v1", "us", Column.constant(Timestamp(seconds: 100, nanoseconds: 500_000_000), type: .timestamp, count: 1)),
            ("paged-v2", "i", .constant(Int64(1801), type: .bigint, count: 1)),
            ("spark-paged", "d", .constant(-500.5, type: .double, count: 1)),
            ("spark-paged", "d9", .constant(Int128(305), type: .decimal(precision: 9, scale: 2), count: 1))] {
            let file = try ParquetFile(path: ParquetFixtures.path(name))
            let ordinal = try #require(file.columns.firstIndex { $0.name == column })
            let result = try skipped(name, ordinal, value)
            #expect(result.rows == 0 && result.skipped == result.parts, "\(name), \(column)")
        }
        // A constant of a wider type than the column's.
        let file = try ParquetFile(path: ParquetFixtures.path("spark-paged"))
        let wide = ColumnPredicate(ordinal: 1, type: .bigint, test: .membership([Int64(1), 999].map { .constant($0, type: .bigint, count: 1) }))
        let scan = PredicateScan(format: "parquet")
        #expect(
            try scan.rows(file.path, schema: file.columns, wide, skips: true).lines
                == scan.rows(file.path, schema: file.columns, wide, skips: false).lines)
    }

    /// With predicates of all kinds the rows are those that are there without skipping.
    @Test(arguments: ["paged-v1", "paged-v2", "spark-paged", "duckdb-bloom", "flat-snappy", "encodings-0-v1", "statistics"])
    func skippingChangesNothing(name: String) throws {
        let file = try ParquetFile(path: ParquetFixtures.path(name))
        try expectSameRows(file.path, schema: file.columns, format: "parquet", seeds: 0..<60)
    }

    // MARK: Files written here

    @Test(arguments: 0..<12)
    func skippingChangesNothingInWrittenFiles(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let batches = RandomRows.batches(&generator)
        var properties = ["parquet.bloom.filter.enabled": "true", "parquet.page.size": "\([200, 1000, 1 << 20][seed % 3])"]
        properties["parquet.bloom.filter.enabled#tiny"] = "false"
        properties["parquet.bloom.filter.expected.ndv#word"] = "100"
        properties["parquet.enable.dictionary"] = seed % 2 == 0 ? "true" : "false"
        properties["parquet.block.size"] = seed % 4 == 0 ? "20000" : nil
        let path = try write(batches, "parquet", properties)
        defer { if Self.kept == nil { try? FileManager.default.removeItem(atPath: path) } }
        let description = try FileDescription(of: path)
        for part in description.parts {
            #expect(part.columns.allSatisfy { $0.indexes.contains { $0.hasPrefix("offset index") } })
            #expect(part.columns.count { $0.indexes.contains { $0.hasPrefix("bloom filter") } } == part.columns.count - 2)
        }
        try expectSameRows(path, schema: RandomRows.schema, format: "parquet", seeds: seed * 1000..<seed * 1000 + 40, RandomRows.nothing)
    }

    @Test(arguments: 0..<6)
    func skippingChangesNothingInORC(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed + 50))
        let batches = RandomRows.batches(&generator)
        let properties = [
            "orc.bloom.filter.columns": "tiny, number,large,double,single,WORD,day,moment,money", "orc.row.index.stride": "1000",
            "orc.bloom.filter.fpp": "0.02",
        ]
        let path = try write(batches, "orc", properties)
        defer { if Self.kept == nil { try? FileManager.default.removeItem(atPath: path) } }
        let description = try FileDescription(of: path)
        #expect(description.parts.allSatisfy { $0.columns.contains { $0.indexes.contains("bloom filter") } })
        try expectSameRows(path, schema: RandomRows.schema, format: "orc", seeds: seed * 1000..<seed * 1000 + 40, RandomRows.nothing)
    }

    private func write(_ batches: [Batch], _ format: String, _ properties: [String: String]) throws -> String {
        let name = "skipping-\(UUID().uuidString)"
        if let kept = Self.kept { try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true) }
        let path = Self.kept.map { "\($0)/\(name).\(format)" } ?? NSTemporaryDirectory() + name
        let storage = TableStorage(format: format, serde: "", tableProperties: properties)
        let writer = try TableFormatRegistry.format(of: storage).makeWriter(schema: RandomRows.schema)
        let set = OutputFileSet(maximumOpen: 4, maximumBufferBytes: 1 << 20)
        defer { withExtendedLifetime(set) {} }
        let file = try writer.open(set.add(path: path))
        for batch in batches {
            try writer.begin(batch)
            try file.append(nil)
        }
        _ = try file.close()
        return path
    }

    /// - Parameter unmet: a predicate that no row meets, and for which bounds say so.
    private func expectSameRows(
        _ path: String, schema: [SchemaColumn], format: String, seeds: Range<Int>, _ unmet: ColumnPredicate? = nil
    ) throws {
        let scan = PredicateScan(format: format)
        let request = ScanRequest(schema: schema, columns: Array(schema.indices))
        let tableFormat = try TableFormatRegistry.format(of: TableStorage(format: format, serde: ""))
        let reader = try tableFormat.makeReader(request)
        var columns: [[Column]] = []
        for split in try tableFormat.splits(of: DataFiles.list(in: path), for: request, splitBytes: 1 << 20).splits {
            try reader.scan(split, isCancelled: { false }) { batch in columns.append(batch.columns.map { $0.flattened(.all(batch.capacity)) }) }
        }
        var skipped = 0
        for seed in seeds {
            var generator = SeededGenerator(seed: UInt64(seed))
            guard let some = columns.randomElement(using: &generator) else { return }
            var predicates = RandomPredicates(schema: schema, values: some, generator: generator)
            guard let predicate = seed == seeds.lowerBound ? unmet ?? predicates.next() : predicates.next() else { continue }
            var own = scan
            own.batchCapacity = seed % 2 == 0 ? 2048 : 17
            let columns = seed % 3 == 0 ? nil : [predicate.ordinal, schema.count - 1]
            let without = try own.rows(path, schema: schema, predicate, skips: false, columns: columns)
            let with = try own.rows(path, schema: schema, predicate, skips: true, columns: columns)
            #expect(with.lines == without.lines, "seed \(seed): \(predicate)")
            skipped += with.skippedParts + with.skippedPages
        }
        if schema.count > 4 { #expect(skipped > 0) }
    }

    // MARK: Damaged files

    /// Faults in indexes, filters and footer: an error, or rows.
    @Test(arguments: ["paged-v1", "paged-v2", "spark-paged", "duckdb-bloom"])
    func mutations(name: String) throws {
        let rounds = Int(ProcessInfo.processInfo.environment["HIVEQL_TEST_MUTATIONS"] ?? "") ?? 60
        let original = try ParquetFile(path: ParquetFixtures.path(name))
        let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: original.path)))
        let path = NSTemporaryDirectory() + "parquet-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var outcomes = (errors: 0, rows: 0)
        for round in 0..<rounds {
            var generator = SeededGenerator(seed: UInt64(round) &+ 77)
            var damaged = bytes
            // Behind the data stand filters, indexes and the footer.
            let tail = max(bytes.count - bytes.count * 2 / 5, 4)..<bytes.count - 8
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                let at = Int.random(in: tail, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: damaged[at] = UInt8.random(in: 0...255, using: &generator)
                case 1: damaged[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 2: damaged[at] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
                default: damaged[at] = damaged[at] &+ UInt8.random(in: 1...3, using: &generator)
                }
            }
            try Data(damaged).write(to: URL(fileURLWithPath: path))
            let value = Int64.random(in: 0...1500, using: &generator)
            let predicates = [
                ColumnPredicate(ordinal: 0, type: .bigint, test: .comparison(.greater, .constant(value, type: .bigint, count: 1))),
                equal(0, .constant(value, type: .bigint, count: 1)), ColumnPredicate(ordinal: 1, type: .int, test: .isNotNull),
            ]
            for predicate in predicates where original.columns[predicate.ordinal].type.isPrimitive {
                do {
                    let scan = PredicateScan(format: "parquet", batchCapacity: 100)
                    let found = try scan.rows(path, schema: original.columns, predicate, skips: true, columns: Array(original.columns.indices))
                    #expect(found.lines.count <= original.rowCount + 100_000)
                    outcomes.rows += 1
                } catch let error as TableFormatError {
                    #expect(error.path == path, "round \(round)")
                    outcomes.errors += 1
                }
            }
        }
        #expect(outcomes.rows > 0)
    }
}

/// Rows of many types with NULLs, NaN, both zeros, and strings that begin alike, half in order and half in none.
private enum RandomRows {
    static let schema: [SchemaColumn] = [
        ("large", SQLType.bigint), ("number", .int), ("small", .smallint), ("tiny", .tinyint), ("double", .double),
        ("single", .float), ("word", .string), ("flag", .boolean), ("day", .date), ("moment", .timestamp),
        ("money", .decimal(precision: 12, scale: 2)), ("items", .array(.int)),
    ].map { SchemaColumn(name: $0.0, type: $0.1) }

    /// No number is below 0.
    static let nothing = ColumnPredicate(
        ordinal: 0, type: .bigint, test: .comparison(.less, .constant(Int64(-1), type: .bigint, count: 1)))

    static func batches(_ generator: inout SeededGenerator) -> [Batch] {
        var row = 0
        let isSorted = Bool.random(using: &generator)
        let share = Int.random(in: 2...12, using: &generator)
        return (0..<9).map { number in
            let count = Int.random(in: 300...900, using: &generator)
            let builders = schema.map { ColumnBuilder($0.type) }
            for _ in 0..<count {
                let value = isSorted ? row : Int.random(in: 0...3000, using: &generator)
                row += 1
                for (builder, column) in zip(builders, schema) {
                    // Every fourth batch has a column of NULLs alone.
                    if Int.random(in: 0..<share, using: &generator) == 0 || number % 4 == 3 && column.name == "number" {
                        builder.appendNull()
                        continue
                    }
                    let real = [Double(value) / 4, -0.0, 0, value % 3000 > 2900 ? .nan : -1][Int.random(in: 0..<4, using: &generator)]
                    switch column.type {
                    case .bigint: builder.append(Int64(value) * 1_000_003)
                    case .int, .date: builder.append(Int32(value))
                    case .smallint: builder.append(Int16(value % 1000))
                    case .tinyint: builder.append(Int8(value % 100))
                    case .double: builder.append(real)
                    case .float: builder.append(Float(real))
                    case .string: builder.append(String(repeating: "a long beginning é", count: value % 5) + "\(value / 7)")
                    case .boolean: builder.append(value % 2 == 0)
                    case .timestamp: builder.append(Timestamp(seconds: Int64(value) - 500, nanoseconds: Int32(value) * 1000))
                    case .decimal: builder.append(Int128(value) - 700)
                    default:
                        for item in 0..<value % 3 { builder.children[0].append(Int32(item)) }
                        builder.append(listOf: value % 3)
                    }
                }
            }
            return Batch(columns: builders.map { $0.finish() }, capacity: count)
        }
    }
}
