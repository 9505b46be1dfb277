import Columnar
import Foundation
import TableFormats
import Testing

/// Files of other writers: every type, encoding, codec, page version and form of nesting.
@Suite struct ParquetReaderTests {
    private static let names = ParquetFixtures.files.map(\.name)

    private static func options(_ capacity: Int) -> ParquetReadOptions {
        var options = ParquetReadOptions()
        options.batchCapacity = capacity
        return options
    }

    @Test(arguments: ParquetFixtures.files.indices)
    func files(index: Int) throws {
        let (name, like) = ParquetFixtures.files[index]
        let expected = try ParquetFixtures.expected(like)
        let file = try ParquetFile(path: ParquetFixtures.path(name))
        #expect(ParquetFixtures.header(file) == expected.header, "\(name)")
        #expect(file.rowCount == expected.rows.count, "\(name)")
        for capacity in [2048, 7, 1] {
            let rows = try ParquetFixtures.rows(file, options: Self.options(capacity))
            #expect(rows.count == expected.rows.count, "\(name)")
            for (row, (found, wanted)) in zip(rows, expected.rows).enumerated() where found != wanted {
                let column = zip(found, wanted).enumerated().first { $1.0 != $1.1 }?.offset ?? 0
                Issue.record(
                    "\(name), batches of \(capacity), row \(row), \(expected.header[column]): \(found[column]), not \(wanted[column])")
                break
            }
        }
    }

    /// Some columns in another order, one twice, and rows that a filter keeps: pages are passed over.
    @Test(arguments: ParquetFixtures.files.indices)
    func projectionsAndFilters(index: Int) throws {
        let (name, like) = ParquetFixtures.files[index]
        let expected = try ParquetFixtures.expected(like)
        let file = try ParquetFile(path: ParquetFixtures.path(name))
        let last = file.columns.count - 1
        let columns = [last, 0, last / 2, last]
        for (number, keeps) in [{ $0 % 50 > 40 }, { $0 % 3 == 0 }, { _ in false }, { $0 > 30 }].enumerated() as EnumeratedSequence<[(Int) -> Bool]> {
            var options = Self.options(5)
            options.filter = RowFilter(columns: [last / 2], keeps: keeps)
            let rows = try ParquetFixtures.rows(file, columns: columns, options: options)
            let wanted = expected.rows.enumerated().filter { keeps($0.offset) }.map { row in columns.map { row.element[$0] } }
            #expect(rows == wanted, "\(name), filter \(number)")
        }
        let counted = try ParquetFixtures.rows(file, columns: [], options: Self.options(9))
        #expect(counted.count == expected.rows.count)
    }

    @Test func dictionariesAreKept() throws {
        let file = try ParquetFile(path: ParquetFixtures.path("fallback"))
        let reader = try ParquetRowGroupReader(file, rowGroup: 0, columns: [0, 1], options: Self.options(100))
        let first = try #require(try reader.next())
        #expect(first.columns[0].encoding == .dictionary)
        #expect(first.columns[1].encoding == .flat)
        var options = Self.options(100)
        options.keepsDictionaries = false
        let plain = try ParquetRowGroupReader(file, rowGroup: 0, columns: [0], options: options)
        #expect(try plain.next()?.columns[0].encoding == .flat)
    }

    /// Batches keep what their strings point at.
    @Test func batchesOutliveTheirReader() throws {
        let file = try ParquetFile(path: ParquetFixtures.path("flat-v2-plain"))
        let expected = try ParquetFixtures.expected("flat")
        var batches: [Batch] = []
        for group in 0..<file.rowGroupCount {
            let reader = try ParquetRowGroupReader(
                file, rowGroup: group, columns: Array(file.columns.indices), options: Self.options(4))
            while let batch = try reader.next() { batches.append(batch) }
        }
        let rows = batches.flatMap { batch in
            (0..<batch.capacity).map { row in batch.columns.map { ParquetFixtures.text($0, row) } }
        }
        #expect(rows == expected.rows)
    }

    @Test func statistics() throws {
        let file = try ParquetFile(path: ParquetFixtures.path("statistics"))
        #expect((0..<file.rowGroupCount).map(file.rowCount(ofRowGroup:)) == [3, 3, 3])
        func bounds(_ leaf: Int) -> [String] {
            let statistics = file.statistics(ofLeaf: leaf)
            return (0..<3).map {
                "\(ParquetFixtures.text(statistics.minimum, $0)) \(ParquetFixtures.text(statistics.maximum, $0)) "
                    + "\(statistics.nullCounts[$0] ?? -1) \(statistics.areExact[$0])"
            }
        }
        #expect(bounds(0) == ["1 3 1 true", "7 9 0 true", "NULL NULL 3 false"])
        #expect(bounds(1) == Array(repeating: "1 4294967295 0 true", count: 3))
        #expect(
            bounds(2) == [
                "8000000000000000 4000000000000000 0 false", "NULL NULL 0 false", "bff0000000000000 4008000000000000 0 false",
            ])
        #expect(bounds(3).map { $0.split(separator: " ").prefix(3).joined(separator: " ") }
            == [#""a" "é" 0"#, #""x" "y" 1"#, "NULL NULL 3"])
        #expect(bounds(4) == Array(repeating: "-150 225 1 true", count: 3))
        #expect(bounds(5) == Array(repeating: "-1:999000000 1:500000000 0 true", count: 3))
    }

    // MARK: Refusals

    private func refusal(_ bytes: [UInt8]) throws -> String {
        let path = NSTemporaryDirectory() + "parquet-\(UUID().uuidString)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            let file = try ParquetFile(path: path)
            _ = try ParquetFixtures.rows(file, options: ParquetReadOptions())
            return ""
        } catch let error as TableFormatError {
            #expect(error.path == path)
            return error.message
        }
    }

    @Test func refusals() throws {
        let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: ParquetFixtures.path("flat-plain"))))
        #expect(try refusal([]).contains("no Parquet file"))
        #expect(try refusal(Array("PAR1PAR1".utf8)).contains("no Parquet file"))
        #expect(try refusal(Array(bytes.dropLast(1))).contains("PAR1 is missing"))
        #expect(try refusal(bytes.dropLast(4) + Array("PARE".utf8)).contains("encrypted"))
        #expect(try refusal(bytes.dropLast(8) + [0xFF, 0xFF, 0xFF, 0x7F] + Array("PAR1".utf8)).contains("footer has"))
        #expect(try refusal(bytes.dropLast(8) + [9, 0, 0, 0] + Array("PAR1".utf8)).contains("corrupt Parquet footer"))
        var changed = bytes
        changed[60] ^= 0x10
        #expect(try refusal(changed).contains("corrupt Parquet"))
    }

    /// A row group that got lost: the file says how many rows it has, in a number before the list of the groups.
    @Test func rowsOfGroupsAreThoseOfTheFile() throws {
        let path = ParquetFixtures.path("flat-plain")
        var bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
        let doubled = try ParquetFile(path: path).rowCount * 2
        let number = doubled < 128 ? [UInt8(doubled)] : [UInt8(doubled & 0x7F | 0x80), UInt8(doubled >> 7)]
        let place = try #require(bytes.indices.last { bytes[$0...].starts(with: [0x16] + number + [0x19]) })
        bytes[place + 1] ^= 2
        #expect(try refusal(bytes).contains("the row groups have \(doubled / 2) rows, the file"))
    }

    @Test func memoryIsAskedFor() throws {
        let file = try ParquetFile(path: ParquetFixtures.path("fallback"))
        let memory = LimitedMemory(1 << 20)
        var options = Self.options(100)
        options.memory = memory
        #expect(try ParquetFixtures.rows(file, options: options).count == 3000)
        #expect(memory.peak > 1000)
        options.memory = LimitedMemory(1000)
        #expect(throws: TableFormatError.self) { try ParquetFixtures.rows(file, options: options) }
        options.memory = nil
        options.memoryLimit = 1000
        #expect(throws: TableFormatError.self) { try ParquetFixtures.rows(file, options: options) }
    }
}
