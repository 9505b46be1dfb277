import Columnar
import Platform

extension AvroFile {
    /// What the header says, and how many blocks and rows follow it. Blocks are passed over, not decompressed.
    func description() throws -> FileDescription {
        var result = FileDescription(format: "Avro", path: path, byteCount: byteCount)
        result.columns = columns
        result.storedSchema = metadata["avro.schema"].map { String(decoding: $0, as: UTF8.self) }
        result.metadata = metadata.filter { $0.key != "avro.schema" }.sorted { $0.key < $1.key }.map {
            ($0.key, String(decoding: $0.value, as: UTF8.self))
        }
        let blocks = try AvroBlockReader(
            self, range: 0..<byteCount, memory: RowFileMemory(nil, path: path, limit: 256 << 20))
        var (count, rows, largest) = (0, 0, 0)
        while try blocks.next() {
            count += 1
            let (sum, isTooLarge) = rows.addingReportingOverflow(blocks.rowCount)
            guard !isTooLarge else { throw blocks.damaged("the blocks have more rows than can be counted") }
            rows = sum
            largest = max(largest, blocks.rowCount)
        }
        result.rowCount = rows
        result.facts = [
            FileDescription.Fact("codec", codec.rawValue), FileDescription.Fact("blocks", count),
            FileDescription.Fact("rows of the largest block", largest),
            FileDescription.Fact("header bytes", dataStart),
        ]
        return result
    }
}
