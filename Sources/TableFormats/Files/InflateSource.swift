import CZlib

/// The decompressed bytes of a `.gz` file (any number of members) or a `.deflate` file (any number of zlib streams).
final class InflateSource: ByteSource {
    private let file: FileReader
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutablePointer<UInt8>
    private static let inputCapacity = 256 << 10
    /// Offset in the file of the next byte to read.
    private var offset = 0
    private var isFinished = false
    private var isInMember = false
    private var isOpen = false

    init(_ file: FileReader, gzip: Bool) throws {
        self.file = file
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        input = .allocate(capacity: Self.inputCapacity)
        // 15 bits of window; 16 more: a gzip header, 0 more: a zlib header.
        let status = inflateInit2_(
            stream, gzip ? 15 + 16 : 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            throw TableFormatError("cannot start decompression (zlib status \(status))", path: file.path)
        }
        isOpen = true
    }

    deinit {
        if isOpen { inflateEnd(stream) }
        stream.deallocate()
        input.deallocate()
    }

    /// Where in the compressed file decompression stands.
    private var inputOffset: Int { offset - Int(stream.pointee.avail_in) }

    func read(into target: UnsafeMutablePointer<UInt8>, count: Int) throws -> Int {
        guard !isFinished, count > 0 else { return 0 }
        let wanted = min(count, 1 << 30)
        stream.pointee.next_out = target
        stream.pointee.avail_out = uInt(wanted)
        while stream.pointee.avail_out > 0, !isFinished {
            if stream.pointee.avail_in == 0 {
                let got = try file.read(into: input, count: Self.inputCapacity, at: offset)
                if got == 0 {
                    guard !isInMember else {
                        throw TableFormatError("compressed data ends too early", path: file.path, offset: offset)
                    }
                    isFinished = true
                    break
                }
                offset += got
                stream.pointee.next_in = input
                stream.pointee.avail_in = uInt(got)
            }
            isInMember = true
            let status = inflate(stream, Z_NO_FLUSH)
            switch status {
            case Z_OK, Z_BUF_ERROR: continue
            case Z_STREAM_END:
                isInMember = false
                inflateReset(stream)
            default:
                let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
                throw TableFormatError("corrupt compressed data (\(reason))", path: file.path, offset: inputOffset)
            }
        }
        return wanted - Int(stream.pointee.avail_out)
    }
}
