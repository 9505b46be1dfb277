/// LZ4 blocks by liblz4.
struct LZ4Library: BlockCoder {
    private typealias Coder = @convention(c) (UnsafePointer<UInt8>?, UnsafeMutablePointer<UInt8>?, CInt, CInt) -> CInt

    private let encode: Coder
    private let decode: Coder
    private let bound: @convention(c) (CInt) -> CInt

    static let shared = Result { try LZ4Library() }

    private init() throws {
        let library = try CompressionLibrary(
            codec: "lz4", name: "liblz4.so.1", debian: "liblz4-1", brew: ("lz4", "liblz4.dylib"))
        encode = try library.find("LZ4_compress_default")
        decode = try library.find("LZ4_decompress_safe")
        bound = try library.find("LZ4_compressBound")
    }

    func decompress(_ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) -> BlockOutcome {
        let count = decode(source.address, target.address, CInt(source.count), CInt(target.count))
        if count >= 0 { return .done(Int(count)) }
        // The library does not tell the reasons apart; a byte of LZ4 stands for 255 at most.
        return target.count < source.count * 255 ? .targetTooSmall : .corrupt("it ends too early or is damaged")
    }

    func compressedBound(_ count: Int) -> Int { Int(bound(CInt(count))) }

    func compress(
        _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>, level: Int?
    ) -> Int? {
        let count = encode(source.address, target.address, CInt(source.count), CInt(target.count))
        return count > 0 ? Int(count) : nil
    }
}
