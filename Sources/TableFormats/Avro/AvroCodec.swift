import CZlib

/// How the blocks of a file are compressed ("Required Codecs", "Optional Codecs").
package enum AvroCodec: String, Sendable, CaseIterable {
    case null, deflate, snappy, zstandard, bzip2

    func blockCodec() throws -> BlockCodec? {
        switch self {
        case .null: nil
        // fastavro leaves a part of zlib's checksum behind the stream.
        case .deflate: try BlockCodec(.deflate, passingOverTail: true)
        case .snappy: try BlockCodec(.snappy)
        case .zstandard: try BlockCodec(.zstd)
        case .bzip2: try BlockCodec(.bzip2)
        }
    }

    /// Behind blocks of snappy stand the four bytes of a CRC-32 of what was compressed, the highest first.
    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var value: uLong = crc32(0, nil, 0)
        var done = 0
        while done < bytes.count {
            let count = min(bytes.count - done, 1 << 30)
            value = crc32(value, bytes.baseAddress?.advanced(by: done).assumingMemoryBound(to: Bytef.self), uInt(count))
            done += count
        }
        return UInt32(truncatingIfNeeded: value)
    }
}
