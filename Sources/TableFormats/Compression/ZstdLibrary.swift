/// Zstandard by libzstd.
struct ZstdLibrary: BlockCoder {
    private typealias Bytes = UnsafePointer<UInt8>
    private typealias Target = UnsafeMutablePointer<UInt8>

    private let encode: @convention(c) (Target?, Int, Bytes?, Int, CInt) -> Int
    private let decode: @convention(c) (Target?, Int, Bytes?, Int) -> Int
    private let bound: @convention(c) (Int) -> Int
    private let isError: @convention(c) (Int) -> CUnsignedInt
    private let errorName: @convention(c) (Int) -> UnsafePointer<CChar>?
    private let errorCode: @convention(c) (Int) -> CInt
    private let contentSize: @convention(c) (Bytes?, Int) -> UInt64

    /// `ZSTD_error_dstSize_tooSmall`, which the library promises to keep.
    private static let targetTooSmall: CInt = 70

    static let shared = Result { try ZstdLibrary() }

    private init() throws {
        let library = try CompressionLibrary(
            codec: "zstd", name: "libzstd.so.1", debian: "libzstd1", brew: ("zstd", "libzstd.dylib"))
        encode = try library.find("ZSTD_compress")
        decode = try library.find("ZSTD_decompress")
        bound = try library.find("ZSTD_compressBound")
        isError = try library.find("ZSTD_isError")
        errorName = try library.find("ZSTD_getErrorName")
        errorCode = try library.find("ZSTD_getErrorCode")
        contentSize = try library.find("ZSTD_getFrameContentSize")
    }

    func decompress(_ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) -> BlockOutcome {
        let count = decode(target.address, target.count, source.address, source.count)
        if isError(count) == 0 { return .done(count) }
        if errorCode(count) == Self.targetTooSmall { return .targetTooSmall }
        return .corrupt(errorName(count).map { String(cString: $0) } ?? "it is damaged")
    }

    func decompressedSize(_ source: UnsafeBufferPointer<UInt8>) -> Int? {
        let size = contentSize(source.address, source.count)
        // The largest two values say that the size is not known or the frame is none.
        return size < UInt64(BlockCodec.largestBlock) ? min(Int(size), max(source.count, 64) * 1024) : nil
    }

    func compressedBound(_ count: Int) -> Int { bound(count) }

    func compress(
        _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>, level: Int?
    ) -> Int? {
        let level = CInt(min(max(level ?? 3, 1), 19))
        let count = encode(target.address, target.count, source.address, source.count, level)
        return isError(count) == 0 ? count : nil
    }
}
