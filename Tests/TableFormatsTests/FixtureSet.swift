import Foundation
import TableFormats

/// Files of other writers in a folder of `Tests/Fixtures`: ROWS.VARIANT.EXTENSION has the rows of ROWS.tsv.
struct FixtureSet {
    let folder: String
    let fileExtension: String

    init(_ name: String) {
        folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Fixtures/\(name)"
        fileExtension = "." + name
    }

    /// ROWS.VARIANT, sorted.
    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(fileExtension) }.map { String($0.dropLast(fileExtension.count)) }.sorted()
    }

    func path(_ name: String) -> String { "\(folder)/\(name)\(fileExtension)" }

    /// The rows that the writer put in, one a line.
    func rows(_ name: String) throws -> [String] {
        let rows = name.prefix { $0 != "." }
        var lines = try String(contentsOfFile: "\(folder)/\(rows).tsv", encoding: .utf8).components(separatedBy: "\n")
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}

/// Bytes with a few faults.
enum Mutation {
    /// - Parameter head: half of the faults are among so many first bytes.
    static func mutated(_ bytes: [UInt8], head: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let at = Bool.random(using: &generator)
                ? Int.random(in: 0..<bytes.count, using: &generator)
                : Int.random(in: 0..<min(bytes.count, head), using: &generator)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[at] = UInt8.random(in: 0...255, using: &generator)
            case 2: bytes[at] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
            case 3: bytes.remove(at: at)
            case 4: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: at)
            case 5: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &generator)))
            default:
                for index in at..<min(bytes.count, at + 9) { bytes[index] = 0xFF }
            }
        }
        return bytes
    }
}

/// Says no beyond a number of bytes.
final class LimitedMemory: ScanMemory {
    struct Exceeded: Error {}
    private let limit: Int

    init(_ limit: Int) { self.limit = limit }

    func update(to bytes: Int) throws { if bytes > limit { throw Exceeded() } }
}
