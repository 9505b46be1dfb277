/// Snappy by its C face.
struct SnappyLibrary: BlockCoder {
    /// 0: done; 1: corrupt; 2: the target is too small.
    private typealias Coder =
        @convention(c) (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?) -> CInt

    private let encode: Coder
    private let decode: Coder
    private let bound: @convention(c) (Int) -> Int
    private let statedSize: @convention(c) (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<Int>?) -> CInt

    static let shared = Result { try SnappyLibrary() }

    private init() throws {
        let library = try CompressionLibrary(
            codec: "snappy", name: "libsnappy.so.1", debian: "libsnappy1v5", brew: ("snappy", "libsnappy.dylib"))
        encode = try library.find("snappy_compress")
        decode = try library.find("snappy_uncompress")
        bound = try library.find("snappy_max_compressed_length")
        statedSize = try library.find("snappy_uncompressed_length")
    }

    func decompress(_ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) -> BlockOutcome {
        var count = target.count
        switch decode(source.address, source.count, target.address, &count) {
        case 0: return .done(count)
        case 2: return .targetTooSmall
        default: return .corrupt("it ends too early or is damaged")
        }
    }

    func decompressedSize(_ source: UnsafeBufferPointer<UInt8>) -> Int? {
        var count = 0
        // No byte of snappy stands for more than some 22 bytes: a larger size is a lie, found out when it is read.
        return statedSize(source.address, source.count, &count) == 0 ? min(count, source.count * 24) : nil
    }

    func compressedBound(_ count: Int) -> Int { bound(count) }

    func compress(
        _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>, level: Int?
    ) -> Int? {
        var count = target.count
        return encode(source.address, source.count, target.address, &count) == 0 ? count : nil
    }
}
