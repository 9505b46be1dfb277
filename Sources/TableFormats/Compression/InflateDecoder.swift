import CZlib

/// Members of a `.gz` file, or zlib streams of a `.deflate` file, one behind the other.
final class InflateDecoder: StreamDecoder {
    private let stream: UnsafeMutablePointer<z_stream>

    init(isGzip: Bool) throws {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window; 16 more: a gzip header, 0 more: a zlib header.
        let status = inflateInit2_(stream, isGzip ? 15 + 16 : 15, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            stream.deallocate()
            throw BlockCodecError.failed(codec: "zlib", reason: "it cannot start (status \(status))")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// The library's window is the same for all files.
    var byteCount: Int { 0 }

    func step(
        _ source: UnsafeMutablePointer<UInt8>, _ count: Int, _ target: UnsafeMutablePointer<UInt8>, _ room: Int
    ) throws -> StreamStep {
        stream.pointee.next_in = source
        stream.pointee.avail_in = uInt(count)
        stream.pointee.next_out = target
        stream.pointee.avail_out = uInt(room)
        let status = inflate(stream, Z_NO_FLUSH)
        guard status == Z_OK || status == Z_BUF_ERROR || status == Z_STREAM_END else {
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
            throw BlockCodecError.failed(codec: "zlib", reason: reason)
        }
        if status == Z_STREAM_END { inflateReset(stream) }
        return StreamStep(
            taken: count - Int(stream.pointee.avail_in), made: room - Int(stream.pointee.avail_out),
            isBetweenMembers: status == Z_STREAM_END)
    }
}
