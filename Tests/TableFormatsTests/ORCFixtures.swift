import Columnar
import Foundation
@preconcurrency import TableFormats

/// The recorded files of `Tests/Fixtures/orc`, and rows as text.
enum ORCFixtures {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
        + "/Fixtures/orc"

    /// Names of the files: the rows' name and the variant.
    static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { $0.hasSuffix(".orc") }.map { String($0.dropLast(4)) }.sorted()

    static func path(_ name: String) -> String { "\(folder)/\(name).orc" }

    /// The rows that the writer put in, one a line.
    static func rows(_ name: String) throws -> [String] {
        let rows = name.prefix { $0 != "." }
        var lines = try String(contentsOfFile: "\(folder)/\(rows).tsv", encoding: .utf8).components(separatedBy: "\n")
        if lines.last == "" { lines.removeLast() }
        return lines
    }

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
