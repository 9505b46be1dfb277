import Columnar
import Foundation
import TableFormats
import Testing

/// Says how fast a file is scanned and written; nothing is held to it. HIVEQL_TEST_ORC_FILE names the file.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["HIVEQL_TEST_ORC_FILE"] != nil)) struct ORCSpeedTests {
    @Test func scanAndWrite() throws {
        let path = try #require(ProcessInfo.processInfo.environment["HIVEQL_TEST_ORC_FILE"])
        let file = try ORCFile(path: path)
        let clock = ContinuousClock()
        for columns in [Array(file.columns.indices)] + file.columns.indices.map({ [$0] }) {
            var rows = 0
            let time = try clock.measure {
                for stripe in file.stripes.indices {
                    let reader = try ORCStripeReader(file, stripe: stripe, columns: columns)
                    while let batch = try reader.next() { rows += batch.rowCount }
                }
            }
            print("scan", columns.count == 1 ? "\(file.columns[columns[0]])" : "all", rows, "rows", time)
        }
        for compression in [ORCCompression.none, .zlib, .snappy, .zstd] {
            let target = try ORCTestFile()
            var options = ORCWriteOptions()
            options.compression = compression
            var summary: ORCWriteSummary?
            let time = try clock.measure {
                let output = target.output()
                let writer = try ORCWriter(schema: file.columns, options: options, to: output)
                for stripe in file.stripes.indices {
                    let reader = try ORCStripeReader(file, stripe: stripe, columns: Array(file.columns.indices))
                    while let batch = try reader.next() { try writer.write(batch) }
                }
                summary = try writer.close()
            }
            print("scan and write", compression, summary?.byteCount ?? 0, "bytes", time)
        }
    }
}
