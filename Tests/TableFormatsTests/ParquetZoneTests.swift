import Columnar
import TableFormats
import Testing

/// INT96 of Java's writers are instants, those of others are not.
@Suite struct ParquetZoneTests {
    @Test(arguments: [("hive-values", "ts", 9), ("flat-int96", "", 0)])
    func instantsOfJavaAreOfTheSessionsZone(name: String, column: String, hours: Int64) throws {
        let file = try ParquetFile(path: ParquetFixtures.path(name))
        let schema = file.columns
        let ordinal = try #require(schema.firstIndex { column.isEmpty ? $0.type == .timestamp : $0.name == column })
        func seconds(_ zone: ZoneRules) throws -> [Int64?] {
            let format = try TableFormatRegistry.format(of: TableStorage(format: "parquet", serde: ""))
            let request = ScanRequest(schema: schema, columns: [ordinal], zone: zone)
            let reader = try format.makeReader(request)
            var found: [Int64?] = []
            let scanned = ScanFile(path: file.path, byteCount: file.byteCount)
            for split in try format.splits(of: [scanned], for: request, splitBytes: 1 << 20).splits {
                try reader.scan(split, isCancelled: { false }) { batch in
                    let values = batch.columns[0].flattened(batch.rows)
                    batch.rows.forEach { row in
                        found.append(values.isNull(row) ? nil : values.elements(as: Timestamp.self)[row].seconds)
                    }
                }
            }
            return found
        }
        let here = try seconds(.utc)
        let there = try seconds(ZoneRules(identifier: "UTC+09:00", offset: 9 * 3600))
        #expect(here.contains { $0 != nil })
        #expect(there == here.map { $0.map { $0 + hours * 3600 } })
    }
}
