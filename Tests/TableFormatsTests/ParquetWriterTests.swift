import Columnar
import Foundation
import TableFormats
import Testing

/// Files written here: read back, and by `Tests/Fixtures/parquet/check.py` with other readers.
@Suite struct ParquetWriterTests {
    /// Where files stay for other readers; nil: they are removed.
    private static let kept = ProcessInfo.processInfo.environment["HIVEQL_TEST_PARQUET_OUTPUT"]

    private static var variants: [(name: String, options: ParquetWriteOptions)] {
        func options(_ change: (inout ParquetWriteOptions) -> Void) -> ParquetWriteOptions {
            var options = ParquetWriteOptions()
            change(&options)
            return options
        }
        return [
            ("usual", options { _ in }),
            (
                "plain",
                options {
                    $0.compression = .zstd
                    $0.usesDictionaries = false
                    $0.writesChecksums = true
                    $0.pageRows = 7
                }
            ),
            (
                "groups",
                options {
                    $0.compression = .gzip
                    $0.rowGroupRows = 30
                    $0.pageBytes = 100
                }
            ),
            (
                "fallback",
                options {
                    $0.compression = .uncompressed
                    $0.dictionaryBytes = 60
                    $0.pageBytes = 200
                    $0.rowGroupBytes = 4000
                }
            ),
            ("brotli", options { $0.compression = .brotli }), ("lz4", options { $0.compression = .lz4Raw }),
        ]
    }

    /// Writes what a fixture holds, `capacity` rows a batch.
    private func write(
        _ source: String, to path: String, _ options: ParquetWriteOptions, capacity: Int, columns: [Int]? = nil
    ) throws -> ParquetWriteResult {
        let file = try ParquetFile(path: ParquetFixtures.path(source))
        let columns = columns ?? file.columns.indices.filter { file.columns[$0].type != .void }
        let set = OutputFileSet(maximumOpen: 4, maximumBufferBytes: 1 << 20)
        let writer = try ParquetWriter(schema: columns.map { file.columns[$0] }, file: set.add(path: path), options: options)
        for group in 0..<file.rowGroupCount {
            var read = ParquetReadOptions()
            read.batchCapacity = capacity
            let reader = try ParquetRowGroupReader(file, rowGroup: group, columns: columns, options: read)
            while let batch = try reader.next() { try writer.write(batch) }
        }
        return try writer.close()
    }

    private func place(_ name: String) throws -> String {
        let folder = Self.kept ?? NSTemporaryDirectory() + "parquet-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return "\(folder)/\(name).parquet"
    }

    private func remove(_ path: String) throws {
        guard Self.kept == nil else { return }
        try FileManager.default.removeItem(at: URL(fileURLWithPath: path).deletingLastPathComponent())
    }

    @Test(arguments: 0..<6)
    func roundTrips(variant: Int) throws {
        let (name, options) = Self.variants[variant]
        for (source, like) in [
            ("flat-v2", "flat"), ("encodings-0-v1", "encodings"), ("nested-v1", "nested"), ("fallback", "fallback"),
            ("empty", "empty"), ("hive-values", "hive-values"), ("duckdb-v2", "duckdb"), ("statistics", "statistics"),
        ] {
            let expected = try ParquetFixtures.expected(like).rows
            let path = try place("\(like)+\(name)")
            let result = try write(source, to: path, options, capacity: variant % 2 == 0 ? 2048 : 11)
            let file = try ParquetFile(path: path)
            #expect(try ParquetFixtures.rows(file, options: ParquetReadOptions()) == expected, "\(like), \(name)")
            #expect(result.rowCount == expected.count)
            #expect(result.rowGroupCount == file.rowGroupCount)
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int == result.byteCount)
            try remove(path)
        }
    }

    @Test func timestampsInOtherUnits() throws {
        for unit in [ParquetWriteOptions.Timestamps.milliseconds, .microseconds, .nanoseconds] {
            var options = ParquetWriteOptions()
            options.timestamps = unit
            let path = try place("statistics+\(unit)")
            _ = try write("statistics", to: path, options, capacity: 100)
            let file = try ParquetFile(path: path)
            #expect(try ParquetFixtures.rows(file, options: ParquetReadOptions()) == ParquetFixtures.expected("statistics").rows)
            #expect(ParquetFixtures.text(file.statistics(ofLeaf: 5).maximum, 0) == "1:500000000")
            try remove(path)
        }
    }

    @Test func statistics() throws {
        var options = ParquetWriteOptions()
        options.rowGroupRows = 3
        options.timestamps = .microseconds
        let path = try place("bounds")
        let result = try write("statistics", to: path, options, capacity: 3)
        let (written, other) = (try ParquetFile(path: path), try ParquetFile(path: ParquetFixtures.path("statistics")))
        func text(_ file: ParquetFile, _ leaf: Int) -> [String] {
            let statistics = file.statistics(ofLeaf: leaf)
            return (0..<file.rowGroupCount).map {
                "\(ParquetFixtures.text(statistics.minimum, $0)) \(ParquetFixtures.text(statistics.maximum, $0)) "
                    + "\(statistics.nullCounts[$0] ?? -1)"
            }
        }
        for leaf in written.schema.leaves.indices { #expect(text(written, leaf) == text(other, leaf)) }
        let whole = result.columns.map {
            "\(ParquetFixtures.text($0.minimum, 0)) \(ParquetFixtures.text($0.maximum, 0)) \($0.nullCount)"
        }
        #expect(
            whole == [
                "1 9 4", "1 4294967295 0", "bff0000000000000 4008000000000000 0", #""a" "é" 4"#, "-150 225 3",
                "-1:999000000 1:500000000 0",
            ])
        try remove(path)
    }

    @Test func refusedTypes() {
        let set = OutputFileSet(maximumOpen: 4, maximumBufferBytes: 1 << 20)
        for type in [SQLType.void, .intervalDayTime, .array(.union([.int, .string]))] {
            #expect(throws: TableFormatError.self) {
                try ParquetWriter(schema: [SchemaColumn(name: "c", type: type)], file: set.add(path: "/nowhere/x"))
            }
        }
    }

    /// A filtered batch, constants, and a key that is NULL.
    @Test func batchesOfOtherShapes() throws {
        let path = try place("shapes")
        let set = OutputFileSet(maximumOpen: 4, maximumBufferBytes: 1 << 20)
        let map = SQLType.map(key: .string, value: .int)
        let schema = [
            SchemaColumn(name: "a", type: .int), SchemaColumn(name: "b", type: .char(length: 5)), SchemaColumn(name: "m", type: map),
        ]
        func keyed(_ key: String?) -> Column {
            let builder = ColumnBuilder(map)
            for _ in 0..<4 {
                if let key { builder.children[0].append(key) } else { builder.children[0].appendNull() }
                builder.children[1].appendNull()
                builder.append(listOf: 1)
            }
            return builder.finish()
        }
        let numbers = ColumnBuilder(.int)
        for value in [5, 6, 7, 8] as [Int32] { numbers.append(value) }
        let constant = Column.constant(string: "ab  ".utf8, type: .char(length: 5), count: 4)
        let writer = try ParquetWriter(schema: schema, file: set.add(path: path))
        let rows = RowSelection.all(4).filtered(capacity: 4) { $0 % 2 == 1 }
        let a = numbers.finish()
        try writer.write(Batch(columns: [a, constant, keyed("k")], capacity: 4, rows: rows))
        try writer.write(Batch(columns: [.nulls(.int, count: 2), .nulls(.char(length: 5), count: 2), .nulls(map, count: 2)], capacity: 2))
        #expect(throws: TableFormatError.self) {
            try writer.write(Batch(columns: [a, constant, keyed(nil)], capacity: 4))
        }
        writer.abort()
        let second = try place("shapes-2")
        let again = try ParquetWriter(schema: schema, file: set.add(path: second))
        try again.write(Batch(columns: [a, constant, keyed("k")], capacity: 4, rows: rows))
        try again.write(Batch(columns: [.nulls(.int, count: 2), .nulls(.char(length: 5), count: 2), .nulls(map, count: 2)], capacity: 2))
        _ = try again.close()
        let read = try ParquetFixtures.rows(ParquetFile(path: second), options: ParquetReadOptions())
        #expect(
            read == [
                ["6", #""ab""#, #"{"k"=NULL}"#], ["8", #""ab""#, #"{"k"=NULL}"#], ["NULL", "NULL", "NULL"], ["NULL", "NULL", "NULL"],
            ])
        if Self.kept == nil { try remove(path) } else { try FileManager.default.removeItem(atPath: path) }
        try remove(second)
    }
}
