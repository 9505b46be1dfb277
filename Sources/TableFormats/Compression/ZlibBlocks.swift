import CZlib

/// Deflate in its three dresses, by libdeflate when the system has it, otherwise by zlib.
struct ZlibBlocks: BlockCoder {
    enum Wrapper: Sendable {
        case raw, zlib, gzip
        /// Bytes behind the end of the stream are no damage.
        case rawWithTail

        /// How the bytes are dressed.
        var plain: Wrapper { self == .rawWithTail ? .raw : self }

        /// zlib's parameter for a window of 32 KiB in that dress.
        fileprivate var windowBits: CInt {
            switch self {
            case .raw, .rawWithTail: -15
            case .zlib: 15
            case .gzip: 15 + 16
            }
        }
    }

    private let wrapper: Wrapper

    init(_ wrapper: Wrapper) { self.wrapper = wrapper }

    static func coder(_ wrapper: Wrapper, usingLibdeflate: Bool) -> any BlockCoder {
        if usingLibdeflate, let library = DeflateLibrary.shared { DeflateBlocks(library, wrapper) } else { ZlibBlocks(wrapper) }
    }

    func decompress(_ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) -> BlockOutcome {
        var stream = z_stream()
        stream.next_in = UnsafeMutablePointer(mutating: source.address)
        stream.avail_in = uInt(source.count)
        stream.next_out = target.address
        stream.avail_out = uInt(target.count)
        return withUnsafeMutablePointer(to: &stream) { stream in
            guard inflateInit2_(stream, wrapper.windowBits, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK else {
                return .corrupt("zlib cannot start")
            }
            defer { inflateEnd(stream) }
            while true {
                switch inflate(stream, Z_FINISH) {
                case Z_STREAM_END:
                    guard stream.pointee.avail_in > 0 else { return .done(target.count - Int(stream.pointee.avail_out)) }
                    if wrapper == .rawWithTail { return .done(target.count - Int(stream.pointee.avail_out)) }
                    guard wrapper == .gzip else { return .corrupt("there are bytes behind its end") }
                    inflateReset(stream)
                case Z_OK where stream.pointee.avail_out > 0 && stream.pointee.avail_in > 0: continue
                case Z_OK, Z_BUF_ERROR:
                    // Out of room, unless the input is used up too.
                    guard stream.pointee.avail_out == 0 else { return .corrupt("it ends too early") }
                    return .targetTooSmall
                case let status:
                    return .corrupt(stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)")
                }
            }
        }
    }

    func compressedBound(_ count: Int) -> Int { Int(compressBound(uLong(count))) + 18 }

    func compress(
        _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>, level: Int?
    ) -> Int? {
        var stream = z_stream()
        stream.next_in = UnsafeMutablePointer(mutating: source.address)
        stream.avail_in = uInt(source.count)
        stream.next_out = target.address
        stream.avail_out = uInt(target.count)
        return withUnsafeMutablePointer(to: &stream) { stream in
            let level = level.map { CInt(min(max($0, 1), 9)) } ?? Z_DEFAULT_COMPRESSION
            let status = deflateInit2_(
                stream, level, Z_DEFLATED, wrapper.windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                CInt(MemoryLayout<z_stream>.size))
            guard status == Z_OK else { return nil }
            defer { deflateEnd(stream) }
            return deflate(stream, Z_FINISH) == Z_STREAM_END ? target.count - Int(stream.pointee.avail_out) : nil
        }
    }
}
