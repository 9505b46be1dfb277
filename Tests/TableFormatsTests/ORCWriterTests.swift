import Columnar
import Foundation
import TableFormats
import Testing

/// What is written is read again the same: the rows of other writers' files in all compressions, row indexes included.
@Suite struct ORCWriterTests {
    /// Copies a file's rows into a new file.
    private func copy(
        _ name: String, _ options: ORCWriteOptions, batch: Int = 300, into target: ORCTestFile
    ) throws -> ORCWriteSummary {
        let file = try ORCFile(path: ORCFixtures.path(name))
        let output = target.output()
        let writer = try ORCWriter(schema: file.columns, options: options, to: output)
        for stripe in file.stripes.indices {
            let reader = try ORCStripeReader(file, stripe: stripe, columns: Array(file.columns.indices))
            while let batch = try reader.next(batch) { try writer.write(batch) }
        }
        return try writer.close()
    }

    private static func options(
        _ compression: ORCCompression, stride: Int = 64, block: Int = 2048, stripe: Int = 64 << 20, dictionary: Double = 0.8
    ) -> ORCWriteOptions {
        var options = ORCWriteOptions()
        options.compression = compression
        options.rowIndexStride = stride
        options.compressionBlockSize = block
        options.stripeSize = stripe
        options.dictionaryThreshold = dictionary
        return options
    }

    /// A TIMESTAMP within the second before 1970 cannot be told from one within the second after it.
    private static let lossy = "1969-12-31 23:59:59."

    @Test(arguments: ORCFixtures.names)
    func rowsComeBack(name: String) throws {
        let expected = try ORCFixtures.rows(name).filter { !$0.contains(Self.lossy) }
        let variants = [
            Self.options(.none), Self.options(.zlib), Self.options(.snappy, stride: 100, dictionary: 1),
            Self.options(.zstd, stripe: 10_000), Self.options(.lz4, stride: 0, dictionary: 0), Self.options(.zlib, stride: 10_000),
        ]
        for options in variants {
            let target = try ORCTestFile()
            let summary = try copy(name, options, into: target)
            let written = try ORCFile(path: target.path)
            #expect(summary.rowCount == written.rowCount && summary.byteCount == written.byteCount)
            #expect(written.columns == (try ORCFile(path: ORCFixtures.path(name)).columns))
            let lines = try ORCFixtures.lines(written)
            #expect(lines.filter { !$0.contains(Self.lossy) } == expected, "\(options)")
            var before = 0
            for stripe in written.stripes.indices {
                let reader = try ORCStripeReader(written, stripe: stripe, columns: Array(written.columns.indices))
                for group in (0..<reader.rowGroupCount).reversed() {
                    try reader.seek(toRowGroup: group)
                    let first = before + group * reader.rowGroupSize
                    let count = min(reader.rowGroupSize, reader.rowCount - reader.row)
                    let rows = try reader.next(count).map(ORCFixtures.lines) ?? []
                    #expect(rows == Array(lines[first..<first + count]), "group \(group) of stripe \(stripe), \(options)")
                }
                before += reader.rowCount
            }
        }
    }

    @Test func summariesAndStatistics() throws {
        let target = try ORCTestFile()
        let summary = try copy("groups.zlib", Self.options(.zlib, stride: 400), into: target)
        #expect(summary.rowCount == 1100)
        #expect(summary.columns[0].minimum == .integer(0) && summary.columns[0].maximum == .integer(1099))
        #expect(summary.columns[0].nullCount == 0)
        #expect(summary.columns[2].nullCount == 367)
        #expect(summary.columns[1].minimum == .bytes(Array("w0".utf8)))
        let file = try ORCFile(path: target.path)
        let reference = try ORCFile(path: ORCFixtures.path("groups.zlib"))
        for (node, other) in zip(file.schema.children, reference.schema.children) {
            let (own, their) = (file.statistics(of: node), reference.statistics(of: other))
            #expect(own?.minimum == their?.minimum && own?.maximum == their?.maximum, "\(node.type)")
            #expect(own?.valueCount == their?.valueCount && own?.hasNull == their?.hasNull && own?.sum == their?.sum)
        }
        let (own, their) = (
            try ORCStripeReader(file, stripe: 0, columns: []), try ORCStripeReader(reference, stripe: 0, columns: [])
        )
        for column in file.columns.indices {
            let (left, right) = (try own.rowGroupStatistics(ofColumn: column), try their.rowGroupStatistics(ofColumn: column))
            #expect(left.map(\.minimum) == right.map(\.minimum) && left.map(\.maximum) == right.map(\.maximum))
            #expect(left.map(\.valueCount) == right.map(\.valueCount))
        }
        #expect(try file.stripeStatistics().first?[1].maximum == .integer(1099))
    }

    @Test func integersOfAllShapes() throws {
        var generator = SeededGenerator(seed: 5)
        let shapes: [(inout SeededGenerator, Int) -> Int64] = [
            { _, row in Int64(row) }, { _, row in Int64(-row * row) }, { _, _ in 7 }, { _, row in Int64(row / 9) },
            { generator, _ in Int64.random(in: .min ... .max, using: &generator) },
            { generator, _ in [Int64.min, .max, 0, -1].randomElement(using: &generator) ?? 0 },
            { generator, _ in Int64.random(in: 0...50, using: &generator) },
            { generator, row in row % 60 == 0 ? 1 << 40 : Int64.random(in: -100...50, using: &generator) },
            { generator, row in Int64(1) << Int64(row % 63) }, { _, row in row % 40 < 25 ? 3 : Int64(row) },
            { generator, row in row % 500 == 1 ? Int64.max / 2 : Int64(row % 3) },
        ]
        for (number, shape) in shapes.enumerated() {
            let values = (0..<5000).map { shape(&generator, $0) }
            let column = Column(flat: .bigint, count: values.count)
            for (row, value) in values.enumerated() { column.values(as: Int64.self)[row] = value }
            let target = try ORCTestFile()
            let output = target.output()
            let writer = try ORCWriter(
                schema: [SchemaColumn(name: "x", type: .bigint)], options: Self.options(.none, stride: 1000), to: output)
            try writer.write(Batch(columns: [column], capacity: values.count))
            _ = try writer.close()
            let file = try ORCFile(path: target.path)
            let reader = try ORCStripeReader(file, stripe: 0, columns: [0])
            let batch = try #require(try reader.next(5000))
            let read = (0..<5000).map { batch.columns[0].values(as: Int64.self)[$0] }
            #expect(read == values, "shape \(number)")
        }
    }

    @Test func selectionsConstantsAndDictionaries() throws {
        let target = try ORCTestFile()
        let output = target.output()
        let writer = try ORCWriter(schema: MixedBatch.schema, to: output)
        let batch = MixedBatch.make()
        try writer.write(batch)
        try writer.write(batch, ordinals: [2, 0], count: 2)
        #expect(try writer.close().columns.map(\.nullCount) == [2, 0, 0, 5])
        #expect(try ORCFixtures.lines(ORCFile(path: target.path)) == MixedBatch.lines)
    }

    @Test func unknownTypesAreRefused() throws {
        let target = try ORCTestFile()
        let output = target.output()
        #expect(throws: TableFormatError.self) {
            try ORCWriter(schema: [SchemaColumn(name: "i", type: .intervalDayTime)], to: output)
        }
        var options = ORCWriteOptions()
        options.compression = .lzo
        #expect(throws: TableFormatError.self) { try ORCWriter(schema: [], options: options, to: output) }
    }

    @Test func abortedFilesAreNone() throws {
        let target = try ORCTestFile()
        let output = target.output()
        let writer = try ORCWriter(schema: [SchemaColumn(name: "a", type: .int)], to: output)
        try writer.write(Batch(columns: [.constant(Int32(1), type: .int, count: 9)], capacity: 9))
        writer.abort()
        try output.close()
        #expect(throws: TableFormatError.self) { try ORCFile(path: target.path) }
    }

    /// Copies every recorded file into the folder that HIVEQL_TEST_ORC_INTEROP names, for `Fixtures/orc/read-written`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["HIVEQL_TEST_ORC_INTEROP"] != nil), arguments: ORCFixtures.names)
    func copiesForOthers(name: String) throws {
        let folder = try #require(ProcessInfo.processInfo.environment["HIVEQL_TEST_ORC_INTEROP"])
        for compression in [ORCCompression.none, .zlib, .snappy, .zstd] {
            let target = try ORCTestFile()
            _ = try copy(name, Self.options(compression, stride: 1000, block: 16384), into: target)
            try FileManager.default.copyItem(atPath: target.path, toPath: "\(folder)/\(name).\(compression).orc")
        }
    }
}
