/// libdeflate: whole blocks at two to three times zlib's speed. The system may lack it; zlib serves then.
struct DeflateLibrary: Sendable {
    typealias Handle = OpaquePointer
    typealias Bytes = UnsafeRawPointer
    typealias Size = UnsafeMutablePointer<Int>
    /// 0: done; 1: corrupt or cut; 3: the target is too small.
    typealias Decompress = @convention(c) (Handle?, Bytes?, Int, UnsafeMutableRawPointer?, Int, Size?, Size?) -> CInt
    typealias Compress = @convention(c) (Handle?, Bytes?, Int, UnsafeMutableRawPointer?, Int) -> Int
    typealias Bound = @convention(c) (Handle?, Int) -> Int

    fileprivate let allocateDecompressor: @convention(c) () -> Handle?
    fileprivate let freeDecompressor: @convention(c) (Handle?) -> Void
    fileprivate let allocateCompressor: @convention(c) (CInt) -> Handle?
    fileprivate let freeCompressor: @convention(c) (Handle?) -> Void
    fileprivate let decompress: [ZlibBlocks.Wrapper: Decompress]
    fileprivate let compress: [ZlibBlocks.Wrapper: Compress]
    fileprivate let bound: [ZlibBlocks.Wrapper: Bound]

    static let shared = try? DeflateLibrary()

    private init() throws {
        let library = try CompressionLibrary(
            codec: "deflate", name: "libdeflate.so.0", debian: "libdeflate0", brew: ("libdeflate", "libdeflate.dylib"))
        allocateDecompressor = try library.find("libdeflate_alloc_decompressor")
        freeDecompressor = try library.find("libdeflate_free_decompressor")
        allocateCompressor = try library.find("libdeflate_alloc_compressor")
        freeCompressor = try library.find("libdeflate_free_compressor")
        decompress = [
            .raw: try library.find("libdeflate_deflate_decompress_ex"),
            .zlib: try library.find("libdeflate_zlib_decompress_ex"),
            .gzip: try library.find("libdeflate_gzip_decompress_ex"),
        ]
        compress = [
            .raw: try library.find("libdeflate_deflate_compress"), .zlib: try library.find("libdeflate_zlib_compress"),
            .gzip: try library.find("libdeflate_gzip_compress"),
        ]
        bound = [
            .raw: try library.find("libdeflate_deflate_compress_bound"),
            .zlib: try library.find("libdeflate_zlib_compress_bound"),
            .gzip: try library.find("libdeflate_gzip_compress_bound"),
        ]
    }
}

struct DeflateBlocks: BlockCoder {
    private let library: DeflateLibrary
    private let wrapper: ZlibBlocks.Wrapper

    init(_ library: DeflateLibrary, _ wrapper: ZlibBlocks.Wrapper) {
        self.library = library
        self.wrapper = wrapper
    }

    func decompress(_ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) -> BlockOutcome {
        guard let decompress = library.decompress[wrapper.plain], let handle = library.allocateDecompressor() else {
            return .corrupt("libdeflate cannot start")
        }
        defer { library.freeDecompressor(handle) }
        var read = 0
        var written = 0
        repeat {
            var taken = 0
            var made = 0
            let status = decompress(
                handle, source.address + read, source.count - read, target.address + written, target.count - written,
                &taken, &made)
            switch status {
            case 0: break
            case 3: return .targetTooSmall
            default: return .corrupt("it ends too early or is damaged")
            }
            read += taken
            written += made
            if wrapper == .rawWithTail { break }
            guard read == source.count || wrapper == .gzip else { return .corrupt("there are bytes behind its end") }
        } while read < source.count
        return .done(written)
    }

    func compressedBound(_ count: Int) -> Int { library.bound[wrapper.plain]?(nil, count) ?? 0 }

    func compress(
        _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>, level: Int?
    ) -> Int? {
        guard let compress = library.compress[wrapper.plain],
            let handle = library.allocateCompressor(CInt(min(max(level ?? 6, 1), 12)))
        else { return nil }
        defer { library.freeCompressor(handle) }
        let count = compress(handle, source.address, source.count, target.address, target.count)
        return count > 0 ? count : nil
    }
}
