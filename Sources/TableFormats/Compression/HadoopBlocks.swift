/// The framing of Hadoop's `BlockCompressorStream`: the size of the decompressed bytes, then pieces with the size of
/// each, until the pieces have made as many bytes; any number of these. Sizes are big-endian and take four bytes.
struct HadoopBlocks: BlockCoder {
    private let coder: any BlockCoder

    init(_ coder: any BlockCoder) { self.coder = coder }

    func decompress(_ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) -> BlockOutcome {
        var read = 0
        var written = 0
        while read < source.count {
            guard let stated = size(source, &read) else { return .corrupt("it ends in the size of a block") }
            let end = written + stated
            guard end <= target.count else { return .targetTooSmall }
            while written < end {
                guard let count = size(source, &read), count <= source.count - read else {
                    return .corrupt("a piece is longer than what is left")
                }
                let piece = UnsafeBufferPointer(start: source.address + read, count: count)
                let room = UnsafeMutableBufferPointer(start: target.address + written, count: end - written)
                guard case .done(let made) = coder.decompress(piece, into: room), made > 0 else {
                    return .corrupt("a piece is damaged")
                }
                read += count
                written += made
            }
        }
        return .done(written)
    }

    private func size(_ source: UnsafeBufferPointer<UInt8>, _ offset: inout Int) -> Int? {
        guard source.count - offset >= 4 else { return nil }
        let value = UnsafeRawPointer(source.address + offset).loadUnaligned(as: UInt32.self)
        offset += 4
        return Int(UInt32(bigEndian: value))
    }

    func compressedBound(_ count: Int) -> Int { coder.compressedBound(count) + 8 }

    func compress(
        _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>, level: Int?
    ) throws -> Int? {
        let raw = UnsafeMutableRawPointer(target.address)
        raw.storeBytes(of: UInt32(truncatingIfNeeded: source.count).bigEndian, as: UInt32.self)
        guard source.count > 0 else { return 4 }
        let room = UnsafeMutableBufferPointer(start: target.address + 8, count: target.count - 8)
        guard let count = try coder.compress(source, into: room, level: level) else { return nil }
        raw.storeBytes(of: UInt32(truncatingIfNeeded: count).bigEndian, toByteOffset: 4, as: UInt32.self)
        return count + 8
    }
}
