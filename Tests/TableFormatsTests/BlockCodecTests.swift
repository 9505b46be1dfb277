import TableFormats
import Testing

/// Blocks of every codec: those of other writers, round trips, sizes that do not fit, and damage.
@Suite struct BlockCodecTests {
    private static let text = Array("one line, one line, one line\n".utf8)

    /// The text as Python's gzip, bz2, zlib and pyarrow wrote it; two members, frames or pieces where a codec has them.
    private static let written: [(kind: BlockCodec.Kind, hex: String)] = [
        (
            .gzip,
            "1f8b0800000000000203cbcf4b55c8c9cc4bd551c807b200ef56395d0e0000001f8b0800000000000203cbc9cc4bd551c8cf4b55c801b2b800"
                + "2464cf4d0f000000"
        ),
        (
            .bzip2,
            "425a6839314159265359979e5691000006110040040225a000310c00d1ea6208d991d545e2ee48a70a1212f3cad220425a6839314159265359"
                + "dbf76cbe0000055100001040040225a000310c081a6984208dca24bc578bb9229c28486dfbb65f00"
        ),
        (.zlib, "789ccbcf4b55c8c9cc4bd551c8c760710100969d09c1"),
        (.deflate, "cbcf4b55c8c9cc4bd551c8c760710100"),
        (.snappy, "1d246f6e65206c696e652c20460a00000a"),
        (.lz4, "aa6f6e65206c696e652c200a00506c696e650a"),
        (.hadoopLZ4, "0000001d0000000fe06f6e65206c696e652c206f6e652000000011f0006c696e652c206f6e65206c696e650a"),
        (.zstd, "28b52ffd201d8d0000586f6e65206c696e652c200a0100f50a12"),
        (.zstd, "28b52ffd200e7100006f6e65206c696e652c206f6e652028b52ffd200f7900006c696e652c206f6e65206c696e650a"),
        (.brotli, "1b1c0000c463ec3b4bdfbd8612a5c850a184cf6c661100"),
    ]

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
    }

    private static func decompress(_ codec: BlockCodec, _ block: [UInt8], room: Int) throws -> [UInt8] {
        var target = [UInt8](repeating: 0xAA, count: room)
        let count = try block.withUnsafeBytes { source in
            try target.withUnsafeMutableBytes { try codec.decompress(source, into: $0) }
        }
        return Array(target.prefix(count))
    }

    @Test func blocksOfOtherWriters() throws {
        for (kind, hex) in Self.written {
            try holdsText(BlockCodec(kind), Self.bytes(hex))
            if [.deflate, .zlib, .gzip].contains(kind) {
                try holdsText(BlockCodec(kind, usingLibdeflate: false), Self.bytes(hex))
            }
        }
    }

    private func holdsText(_ codec: BlockCodec, _ block: [UInt8]) throws {
        let kind = codec.kind
        #expect(try Self.decompress(codec, block, room: Self.text.count) == Self.text, "\(kind)")
        #expect(try Self.decompress(codec, block, room: 1000) == Self.text, "\(kind)")
        #expect(throws: BlockCodecError.self, "\(kind)") {
            try Self.decompress(codec, block, room: Self.text.count - 1)
        }
        #expect(throws: BlockCodecError.self, "\(kind)") {
            try block.withUnsafeBytes { try codec.decompress($0, limit: Self.text.count - 1) }
        }
        #expect(throws: BlockCodecError.self, "\(kind)") {
            try Self.decompress(codec, block.dropLast(5), room: 1000)
        }
    }

    @Test(arguments: BlockCodec.Kind.allCases)
    func roundTrips(kind: BlockCodec.Kind) throws {
        var generator = SeededGenerator(seed: 11)
        let codec = try BlockCodec(kind)
        for size in [0, 1, 7, 300, 5000, 70_000, 300_000] {
            for alphabet in [1, 4, 256] {
                let block = (0..<size).map { _ in UInt8.random(in: 0...UInt8(alphabet - 1), using: &generator) }
                for level in [nil, 1, 9] {
                    let packed = try block.withUnsafeBytes { try codec.compress($0, level: level) }
                    #expect(try Self.decompress(codec, packed, room: size) == block, "\(kind), \(size) bytes")
                    #expect(try packed.withUnsafeBytes { try codec.decompress($0, limit: 1 << 20) } == block, "\(kind)")
                    if alphabet == 1, size > 5000, kind != .uncompressed { #expect(packed.count < size / 15, "\(kind)") }
                }
            }
        }
    }

    /// A byte changed, cut off or added: an error or other bytes, never more than there is room for.
    @Test(arguments: BlockCodec.Kind.allCases)
    func damagedBlocks(kind: BlockCodec.Kind) throws {
        var generator = SeededGenerator(seed: 12)
        let codec = try BlockCodec(kind)
        let block = (0..<3000).map { UInt8(truncatingIfNeeded: $0 / 3 &* 7 ^ $0 % 5) }
        let packed = try block.withUnsafeBytes { try codec.compress($0) }
        for _ in 0..<500 {
            var damaged = packed
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !damaged.isEmpty {
                let at = Int.random(in: 0..<damaged.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: damaged[at] = UInt8.random(in: 0...255, using: &generator)
                case 1: damaged.removeLast(damaged.count - at)
                case 2: damaged.insert(0xFF, at: at)
                default: damaged[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
            }
            let exact = try? Self.decompress(codec, damaged, room: block.count)
            let free = try? damaged.withUnsafeBytes { try codec.decompress($0, limit: 10_000) }
            #expect((exact?.count ?? 0) <= block.count)
            #expect((free?.count ?? 0) <= 10_000)
        }
    }
}
