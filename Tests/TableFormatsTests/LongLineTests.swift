import Columnar
import Foundation
import TableFormats
import Testing

/// Lines that are longer than a split, a chunk or the memory.
@Suite struct LongLineTests {
    private static func scan(
        _ table: TextTable, columns: [Int], splitBytes: Int, chunkBytes: Int = 1024, memory: LimitedMemory? = nil,
        properties: [String: String] = [:], tableProperties: [String: String] = [:]
    ) throws -> (rows: Int, lengths: [Int], bytesRead: Int) {
        let format = try TextFormat(
            serdeProperties: ["field.delim": "|"].merging(properties) { $1 }, tableProperties: tableProperties)
        let scanner = TextScanner(
            schema: TextTable.schema([.string, .string]), columns: columns, format: format, memory: memory, chunkBytes: chunkBytes)
        var rows = 0
        var lengths: [Int] = []
        for split in try TextSplitter.splits(of: DataFiles.list(in: table.directory), format: format, splitBytes: splitBytes) {
            try scanner.scan(split) { batch in
                rows += batch.rowCount
                guard let first = batch.columns.first else { return }
                batch.rows.forEach { row in lengths.append(first.isNull(row) ? -1 : first.values(as: StringView.self)[row].count) }
            }
        }
        return (rows, lengths, scanner.statistics.byteCount)
    }

    private static func text(_ lengths: [Int], end: String = "\n", fill: Character = "x") -> String {
        lengths.map { String(repeating: fill, count: $0) + end }.joined()
    }

    /// Every split but the one that the line begins in leaves it out without reading on.
    @Test(arguments: ["\n", "\r\n", "\r"], [[], [0]] as [[Int]])
    func bytesReadAreLinear(end: String, columns: [Int]) throws {
        let lengths = [10, 200_000, 3, 50_000, 0, 7]
        let table = try TextTable(Self.text(lengths, end: end))
        let size = try #require(try DataFiles.list(in: table.directory).first).byteCount
        for splitBytes in [1000, 1024, 4096, 100_000, 1 << 20] {
            let found = try Self.scan(table, columns: columns, splitBytes: splitBytes)
            #expect(found.rows == lengths.count)
            if !columns.isEmpty { #expect(found.lengths == lengths) }
            // Each byte by the split it lies in, and those of a line by the split it begins in.
            #expect(found.bytesRead <= size * 2 + size / splitBytes * 8 + 300_000, "\(splitBytes): \(found.bytesRead)")
        }
    }

    /// Where splits begin and end, at and around the ends of lines.
    @Test(arguments: ["\n", "\r\n", "\r"])
    func splitsAnywhere(end: String) throws {
        let lengths = [5, 40, 0, 1, 33, 2]
        let table = try TextTable(Self.text(lengths, end: end))
        for splitBytes in 1...50 {
            for columns in [[], [0]] {
                let found = try Self.scan(table, columns: columns, splitBytes: splitBytes, chunkBytes: 64)
                #expect(found.rows == lengths.count, "\(splitBytes)")
                if !columns.isEmpty { #expect(found.lengths == lengths, "\(splitBytes)") }
            }
        }
    }

    @Test func countingKeepsNothingOfALine() throws {
        let table = try TextTable(Self.text([400_000, 5, 300_000]))
        let limit = LimitedMemory(0)
        #expect(try Self.scan(table, columns: [], splitBytes: 1 << 20, memory: limit).rows == 3)
        #expect(limit.peak == 0)
    }

    @Test func aLineBeyondTheLimitIsAnErrorThatNamesItsPlace() throws {
        let table = try TextTable(Self.text([100, 400_000, 5]))
        let limit = LimitedMemory(64 << 10)
        let error = #expect(throws: TableFormatError.self) {
            try Self.scan(table, columns: [0], splitBytes: 1 << 20, memory: limit)
        }
        #expect(error?.path == table.path && error?.offset == 101)
        #expect(limit.held == 0)
        // The one that fits.
        let enough = LimitedMemory(2 << 20)
        #expect(try Self.scan(table, columns: [0], splitBytes: 1 << 20, memory: enough).lengths == [100, 400_000, 5])
        #expect(enough.held == 0 && enough.peak >= 400_000)
    }

    @Test func manyFieldsAreChargedToo() throws {
        let table = try TextTable(Self.text([4, 300_000], fill: "|"))
        let error = #expect(throws: TableFormatError.self) {
            try Self.scan(table, columns: [0], splitBytes: 1 << 20, chunkBytes: 1 << 20, memory: LimitedMemory(256 << 10))
        }
        #expect(error?.path == table.path && error?.offset == 5)
    }

    @Test func escapedAndSkippedLines() throws {
        let long = String(repeating: "ab\\|", count: 20_000)
        let table = try TextTable("\(long)\n\(long)|x\n1|2\n")
        let format = ["escape.delim": "\\"]
        let header = ["skip.header.line.count": "1"]
        for splitBytes in [1000, 1 << 20] {
            let found = try Self.scan(table, columns: [0], splitBytes: splitBytes, properties: format, tableProperties: header)
            #expect(found.lengths == [60_000, 1])
            #expect(try Self.scan(table, columns: [], splitBytes: splitBytes, properties: format, tableProperties: header).rows == 2)
        }
    }

    /// Deflated by stored blocks, which need no compressor.
    private static func stored(_ text: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0x78, 0x01]
        var at = 0
        repeat {
            let size = min(text.count - at, 65_535)
            bytes += [at + size == text.count ? 1 : 0, UInt8(size & 255), UInt8(size >> 8), UInt8(~size & 255), UInt8(~size >> 8 & 255)]
            bytes += text[at..<at + size]
            at += size
        } while at < text.count
        var low: UInt32 = 1
        var high: UInt32 = 0
        for byte in text {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        let sum = high << 16 | low
        return bytes + [UInt8(sum >> 24), UInt8(sum >> 16 & 255), UInt8(sum >> 8 & 255), UInt8(sum & 255)]
    }

    @Test func compressedLinesAreChargedAndHeadersAreNot() throws {
        let table = try TextTable(Self.stored(Array(Self.text([300_000, 3, 250_000, 4]).utf8)), name: "part.deflate")
        let header = ["skip.header.line.count": "1"]
        #expect(try Self.scan(table, columns: [], splitBytes: 1000, memory: LimitedMemory(0), tableProperties: header).rows == 3)
        let error = #expect(throws: TableFormatError.self) {
            try Self.scan(table, columns: [0], splitBytes: 1000, memory: LimitedMemory(64 << 10), tableProperties: header)
        }
        #expect(error?.path == table.path && error?.offset == 300_005)
        let found = try Self.scan(table, columns: [0], splitBytes: 1000, memory: LimitedMemory(2 << 20), tableProperties: header)
        #expect(found.lengths == [3, 250_000, 4])
    }
}
