import Foundation

/// Bytes with a few faults.
enum Mutation {
    /// How many damaged versions of each of `files` a test tries: `HIVEQL_TEST_MUTATIONS` is the number for all of them, else
    /// each has the usual one.
    static func rounds(of files: Int, usual: Int) -> Int {
        guard let all = Int(ProcessInfo.processInfo.environment["HIVEQL_TEST_MUTATIONS"] ?? "") else { return usual }
        return max(1, (all + files - 1) / max(files, 1))
    }

    /// The part of a file on which all else hangs: half of the faults are there.
    enum Part {
        case head(Int), tail(Int)

        func range(_ count: Int) -> Range<Int> {
            switch self {
            case .head(let bytes): 0..<min(count, bytes)
            case .tail(let bytes): max(0, count - bytes)..<count
            }
        }
    }

    static func mutated(_ bytes: [UInt8], often part: Part, _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let at = Bool.random(using: &generator)
                ? Int.random(in: 0..<bytes.count, using: &generator)
                : Int.random(in: part.range(bytes.count), using: &generator)
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

    /// Lines with up to so many faults.
    /// - Parameters:
    ///   - special: bytes that mean something to whoever reads the lines.
    ///   - longest: of pieces that stand once more elsewhere.
    static func mutatedText(
        _ bytes: [UInt8], faults: Int, special: [UInt8], longest: Int, _ generator: inout SeededGenerator
    ) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...faults, using: &generator) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: at)
            case 2: bytes.insert(special[Int.random(in: 0..<special.count, using: &generator)], at: at)
            case 3: bytes[at] = special[Int.random(in: 0..<special.count, using: &generator)]
            default:
                let end = min(bytes.count, at + Int.random(in: 1...longest, using: &generator))
                bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &generator))
            }
        }
        return bytes
    }
}
