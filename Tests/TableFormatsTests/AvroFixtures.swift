import Columnar
import Foundation
@preconcurrency import TableFormats

/// The recorded files of `Tests/Fixtures/avro`.
enum AvroFixtures {
    static let set = FixtureSet("avro")
    static let names = set.names

    static func lines(
        _ file: AvroFile, range: Range<Int>? = nil, schema: AvroSchema? = nil, columns: [Int]? = nil, batch: Int = 2048
    ) throws -> [String] {
        let all = Array((schema?.fields ?? file.schema?.fields ?? []).indices)
        let reader = try AvroReader(file, range: range, schema: schema, columns: columns ?? all)
        var lines: [String] = []
        while let batch = try reader.next(batch) { lines += ORCFixtures.lines(batch) }
        return lines
    }
}
