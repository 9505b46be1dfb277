import Columnar
import Foundation
@preconcurrency import TableFormats

/// The recorded files of `Tests/Fixtures/orc`, and rows as text.
enum ORCFixtures {
    static let set = FixtureSet("orc")
    static let names = set.names

    static func path(_ name: String) -> String { set.path(name) }
    static func rows(_ name: String) throws -> [String] { try set.rows(name) }

    /// A batch's rows as Hive prints them.
    static func lines(_ batch: Batch) -> [String] {
        let formatter = TextFormatter(.output)
        let buffer = ByteBuffer()
        var lines: [String] = []
        batch.rows.forEach { row in
            buffer.removeAll()
            for (index, column) in batch.columns.enumerated() {
                if index > 0 { buffer.append(0x09) }
                formatter.append(column, row: row, to: buffer)
            }
            lines.append(buffer.string)
        }
        return lines
    }

    static func lines(_ file: ORCFile, columns: [Int]? = nil, batch: Int = 2048) throws -> [String] {
        var lines: [String] = []
        for stripe in file.stripes.indices {
            let reader = try ORCStripeReader(file, stripe: stripe, columns: columns ?? Array(file.columns.indices))
            while let batch = try reader.next(batch) { lines += Self.lines(batch) }
        }
        return lines
    }
}

/// A file for one test.
final class ORCTestFile {
    let path: String
    /// Files do not keep their set.
    private let files = OutputFileSet(maximumOpen: 1, maximumBufferBytes: 1 << 20)

    func output() -> OutputFile { files.add(path: path) }

    init(_ bytes: [UInt8] = []) throws {
        path = NSTemporaryDirectory() + "orc-\(UUID().uuidString)"
        if !bytes.isEmpty { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
