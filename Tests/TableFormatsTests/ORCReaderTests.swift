import Columnar
import Foundation
import TableFormats
import Testing

/// Files of other writers, value for value.
@Suite struct ORCReaderTests {
    @Test(arguments: ORCFixtures.names)
    func recordedFiles(name: String) throws {
        let file = try ORCFile(path: ORCFixtures.path(name))
        let expected = try ORCFixtures.rows(name)
        #expect(file.rowCount == expected.count)
        try RecordedRows.expect(expected, batches: [2048, 100, 7]) { try ORCFixtures.lines(file, batch: $0) }
    }

    @Test(arguments: ORCFixtures.names)
    func eachColumnAlone(name: String) throws {
        let file = try ORCFile(path: ORCFixtures.path(name))
        try RecordedRows.expectColumns(ORCFixtures.rows(name), file.columns) {
            try ORCFixtures.lines(file, columns: [$0], batch: 97)
        }
    }

    @Test func noColumnsCountsRows() throws {
        let file = try ORCFile(path: ORCFixtures.path("groups.zlib"))
        let reader = try ORCStripeReader(file, stripe: 0, columns: [])
        var rows = 0
        while let batch = try reader.next() { rows += batch.rowCount }
        #expect(rows == 1100)
    }

    @Test func dictionariesStayDictionaries() throws {
        let file = try ORCFile(path: ORCFixtures.path("groups.zlib"))
        let reader = try ORCStripeReader(file, stripe: 0, columns: [1])
        let batch = try #require(try reader.next())
        #expect(batch.columns[0].encoding == .dictionary)
    }

    @Test(arguments: ORCFixtures.names)
    func rowGroupsAreFoundByTheirPositions(name: String) throws {
        let file = try ORCFile(path: ORCFixtures.path(name))
        let expected = try ORCFixtures.rows(name)
        var before = 0
        for stripe in file.stripes.indices {
            let reader = try ORCStripeReader(file, stripe: stripe, columns: Array(file.columns.indices))
            for group in (0..<reader.rowGroupCount).reversed() {
                try reader.seek(toRowGroup: group)
                let first = before + group * reader.rowGroupSize
                #expect(reader.row == group * reader.rowGroupSize)
                let count = min(reader.rowGroupSize, reader.rowCount - reader.row, 150)
                let lines = try reader.next(count).map(ORCFixtures.lines) ?? []
                #expect(lines == Array(expected[first..<first + count]), "group \(group) of stripe \(stripe)")
            }
            before += reader.rowCount
        }
    }

    @Test func rowGroupStatisticsAndBloomFilters() throws {
        let file = try ORCFile(path: ORCFixtures.path("groups.zlib"))
        let reader = try ORCStripeReader(file, stripe: 0, columns: [])
        let groups = try reader.rowGroupStatistics(ofColumn: 0)
        #expect(groups.map(\.minimum) == [.integer(0), .integer(400), .integer(800)])
        #expect(groups.map(\.maximum) == [.integer(399), .integer(799), .integer(1099)])
        #expect(groups.map(\.valueCount) == [400, 400, 300])
        let halves = try reader.rowGroupStatistics(ofColumn: 2)
        #expect(halves.allSatisfy { $0.hasNull == true })
        #expect(halves[1].minimum == .double(200))

        let ids = try reader.bloomFilters(ofColumn: 0)
        #expect(ids.count == 3)
        for id in stride(from: Int64(0), to: 1100, by: 13) {
            #expect(ids[Int(id) / 400].mayContain(.integer(id)))
        }
        let falsePositives = (0..<1000).count { ids[0].mayContain(.integer(Int64(1_000_000 + $0))) }
        #expect(falsePositives < 120)
        let words = try reader.bloomFilters(ofColumn: 1)
        for word in 0..<50 { #expect(words[0].mayContain(.bytes(Array("w\(word)".utf8)))) }
        #expect((0..<1000).count { words[0].mayContain(.bytes(Array("other \($0)".utf8))) } < 120)
        let halfFilters = try reader.bloomFilters(ofColumn: 2)
        for row in 1..<400 where row % 3 != 0 { #expect(halfFilters[0].mayContain(.double(Double(row) / 2))) }
        let moments = try reader.bloomFilters(ofColumn: 5)
        for row in 1..<400 where row % 11 != 0 {
            #expect(moments[0].mayContain(.timestamp(Timestamp(seconds: Int64(row), nanoseconds: Int32(row)))))
        }
        let money = try reader.bloomFilters(ofColumn: 6)
        for row in 0..<400 { #expect(money[0].mayContain(.decimal(Int128(row)))) }
    }

    /// Every value that Hive wrote is one that its filters may contain, by the old calendar too.
    @Test func bloomFiltersOfHive() throws {
        let file = try ORCFile(path: ORCFixtures.path("hive.bloom"))
        for column in [3, 6, 7, 9, 10, 13, 14] {
            let reader = try ORCStripeReader(file, stripe: 0, columns: [column])
            let filters = try reader.bloomFilters(ofColumn: column)
            #expect(filters.count == 1)
            let batch = try #require(try reader.next())
            let values = batch.columns[0].decoded(.all(batch.capacity))
            for row in 0..<batch.capacity where !values.isNull(row) {
                let bound: ORCColumnStatistics.Bound =
                    switch values.type {
                    case .int: .integer(Int64(values.values(as: Int32.self)[row]))
                    case .double: .double(values.values(as: Double.self)[row])
                    case .decimal: .decimal(values.values(as: Int128.self)[row])
                    case .date: .day(values.values(as: Int32.self)[row])
                    case .timestamp: .timestamp(values.values(as: Timestamp.self)[row])
                    default: .bytes(Array(values.values(as: StringView.self)[row].bytes))
                    }
                #expect(filters[0].mayContain(bound), "\(bound) of \(values.type)")
            }
        }
        let numbers = try ORCStripeReader(file, stripe: 0, columns: []).bloomFilters(ofColumn: 3)
        #expect((0..<1000).count { numbers[0].mayContain(.integer(Int64(1_000_000 + $0))) } < 120)
    }

    /// ORC's C++ writer rounds times towards 1970 where Java's rounds down.
    @Test func bloomFiltersOfTimesBefore1970() throws {
        let file = try ORCFile(path: ORCFixtures.path("before-1970.bloom"))
        let reader = try ORCStripeReader(file, stripe: 0, columns: [0])
        let filters = try reader.bloomFilters(ofColumn: 0)
        let batch = try #require(try reader.next())
        let values = batch.columns[0].decoded(.all(batch.capacity))
        #expect(batch.capacity == 20)
        for row in 0..<batch.capacity {
            let time = values.values(as: Timestamp.self)[row]
            #expect(filters[0].mayContain(.timestamp(time)), "\(time)")
        }
        let others = (0..<100).count { filters[0].mayContain(.timestamp(Timestamp(seconds: -500_000 - $0, nanoseconds: 1000))) }
        #expect(others < 30)
    }

    @Test func filesOfTransactionalTablesAreRefused() throws {
        let target = try ORCTestFile()
        let names = ["operation", "originalTransaction", "bucket", "rowId", "currentTransaction"]
        let schema = names.map { SchemaColumn(name: $0, type: .bigint) } + [SchemaColumn(name: "row", type: .structure([]))]
        let writer = try ORCWriter(schema: schema, to: target.output())
        _ = try writer.close()
        let error = #expect(throws: TableFormatError.self) { try ORCFile(path: target.path) }
        #expect(error?.message.contains("ACID") == true)
    }

    @Test func encryptedFilesAreRefused() throws {
        let postscript: [UInt8] = [0x08, 2, 0x10, 0, 0x22, 2, 0, 12, 0x28, 0, 0x82, 0xF4, 0x03, 3] + Array("ORC".utf8)
        let file = try ORCTestFile(Array("ORC".utf8) + [0x52, 0] + postscript + [UInt8(postscript.count)])
        let error = #expect(throws: TableFormatError.self) { try ORCFile(path: file.path) }
        #expect(error?.message.contains("encrypted") == true)
    }

    /// A file without compression whose footer says this of its stripes; what stands before it is a hole.
    private func file(stripes: Int, ofRows rows: Int, bytes: Int, rowsOfAll: Int) throws -> ORCTestFile {
        var footer = ProtobufWriter()
        for _ in 0..<stripes {
            footer.message(3) { stripe in
                stripe.integer(3, bytes)
                stripe.integer(5, rows)
            }
        }
        footer.integer(6, rowsOfAll)
        var postscript = ProtobufWriter()
        postscript.integer(1, footer.bytes.count)
        postscript.string(8000, "ORC")
        let file = try ORCTestFile([0])
        let handle = try #require(FileHandle(forWritingAtPath: file.path))
        try handle.truncate(atOffset: UInt64(bytes))
        try handle.seekToEnd()
        try handle.write(contentsOf: footer.bytes + postscript.bytes + [UInt8(postscript.bytes.count)])
        try handle.close()
        return file
    }

    @Test func rowsOfStripesAreThoseOfTheFile() throws {
        let file = try file(stripes: 2, ofRows: 50, bytes: 10, rowsOfAll: 99)
        let error = #expect(throws: TableFormatError.self) { try ORCFile(path: file.path) }
        #expect(error?.message.contains("it counts 99 rows, its stripes 100") == true)
    }

    /// Each may have its rows, but nobody can count all of them.
    @Test func moreRowsThanNumbersAreRefused() throws {
        let file = try file(stripes: 2048, ofRows: 1 << 52, bytes: 1 << 28, rowsOfAll: 0)
        let error = #expect(throws: TableFormatError.self) { try ORCFile(path: file.path) }
        #expect(error?.message.contains("stripe 2047 cannot have") == true)
    }

    @Test func fileAndStripeStatistics() throws {
        let file = try ORCFile(path: ORCFixtures.path("groups.zlib"))
        let ids = try #require(file.statistics(of: file.schema.children[0]))
        #expect(ids.minimum == .integer(0) && ids.maximum == .integer(1099) && ids.sum == 1099 * 1100 / 2)
        let stripes = try file.stripeStatistics()
        #expect(stripes.count == 1)
        #expect(stripes[0][1].maximum == .integer(1099))
        let money = try #require(file.statistics(of: file.schema.children[6]))
        #expect(money.minimum == .decimal(0) && money.maximum == .decimal(1099))
    }

    @Test func aFileWithoutBytesHasNoRows() throws {
        let empty = try ORCTestFile()
        FileManager.default.createFile(atPath: empty.path, contents: nil)
        let file = try ORCFile(path: empty.path)
        #expect(file.rowCount == 0 && file.stripes.isEmpty && file.columns.isEmpty)
    }

    @Test func otherFilesAreRefused() throws {
        for bytes in [Array("PAR1 something PAR1".utf8), [UInt8](repeating: 0, count: 300), [7]] {
            let other = try ORCTestFile(bytes)
            #expect(throws: TableFormatError.self) { try ORCFile(path: other.path) }
        }
    }

    @Test func memoryThatIsNotThereIsAnError() throws {
        let file = try ORCFile(path: ORCFixtures.path("others.dictionary"))
        #expect(throws: TableFormatError.self) {
            let reader = try ORCStripeReader(file, stripe: 0, columns: [0, 1], memory: LimitedMemory(1000))
            while try reader.next() != nil {}
        }
    }
}
