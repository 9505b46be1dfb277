import Columnar
import TableFormats
import Testing

/// Row groups that statistics and bloom filters exclude are not read.
@Suite struct ORCSkippingTests {
    /// Keeps all rows, and counts those that it is asked about.
    private final class Counter: ScanFilter {
        let columns: [Int]
        private(set) var rows = 0

        init(_ column: Int) { columns = [column] }

        func select(_ columns: [Column], count: Int) -> RowSelection {
            rows += count
            return .all(count)
        }
    }

    private func rows(_ name: String, _ column: Int, _ test: (SQLType) -> ColumnPredicate.Test) throws -> Int {
        let file = try ORCFile(path: ORCFixtures.path(name))
        let format = try TableFormatRegistry.format(of: TableStorage(format: "orc", serde: ""))
        let filter = Counter(column)
        let type = file.columns[column].type
        let request = ScanRequest(
            schema: file.columns, columns: Array(file.columns.indices), filter: filter,
            predicates: [ColumnPredicate(ordinal: column, type: type, test: test(type))])
        let reader = try format.makeReader(request)
        let scanned = ScanFile(path: file.path, byteCount: file.byteCount)
        for split in try format.splits(of: [scanned], for: request, splitBytes: 1 << 20).splits {
            try reader.scan(split, isCancelled: { false }) { _ in }
        }
        return filter.rows
    }

    @Test func statisticsOfRowGroups() throws {
        let file = try ORCFile(path: ORCFixtures.path("groups.zlib"))
        #expect(file.rowCount == 1100 && file.rowIndexStride < 1100)
        let all = try rows("groups.zlib", 0) { _ in .isNotNull }
        let last = try rows("groups.zlib", 0) { .comparison(.greater, .constant(Int64(1098), type: $0, count: 1)) }
        #expect(all == 1100 && last == (1100 - 1) % file.rowIndexStride + 1)
        #expect(try rows("groups.zlib", 0) { .comparison(.less, .constant(Int64(0), type: $0, count: 1)) } == 0)
    }

    @Test func bloomFilters() throws {
        let file = try ORCFile(path: ORCFixtures.path("hive.bloom"))
        let reader = try ORCStripeReader(file, stripe: 0, columns: [3])
        let filters = try reader.bloomFilters(ofColumn: 3)
        let batch = try #require(try reader.next(300))
        let column = batch.columns[0]
        let values = (0..<batch.capacity).filter { !column.isNull($0) }.map { column.values(as: Int32.self)[$0] }
        let (low, high) = (try #require(values.min()), try #require(values.max()))
        // Between the bounds, so that only the filters can tell.
        let step = Int64(high) / 1000 - Int64(low) / 1000
        let candidates = (1..<1000).map { Int32(Int64(low) + Int64($0) * step) }
        let missing = candidates.first { value in
            let isExcluded = !filters.contains { $0.mayContain(.integer(Int64(value))) }
            return isExcluded && !values.contains(value)
        }
        let absent = try #require(missing)
        func equal(_ value: Int32) -> (SQLType) -> ColumnPredicate.Test {
            { .comparison(.equal, .constant(value, type: $0, count: 1)) }
        }
        #expect(try rows("hive.bloom", 3, equal(absent)) == 0)
        #expect(try rows("hive.bloom", 3, equal(values[5])) == file.rowCount)
        #expect(try rows("hive.bloom", 3) { type in
            .membership([absent, values[7]].map { .constant($0, type: type, count: 1) })
        } == file.rowCount)
    }
}
