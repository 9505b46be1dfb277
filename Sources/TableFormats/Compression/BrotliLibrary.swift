/// Brotli by its two libraries.
struct BrotliLibrary: BlockCoder {
    private typealias State = OpaquePointer
    private typealias Size = UnsafeMutablePointer<Int>
    private typealias Bytes = UnsafePointer<UInt8>
    private typealias Target = UnsafeMutablePointer<UInt8>

    private let create: @convention(c) (OpaquePointer?, OpaquePointer?, OpaquePointer?) -> State?
    private let destroy: @convention(c) (State?) -> Void
    /// 0: corrupt; 1: done; 2: wants more input; 3: wants more room.
    private let decode:
        @convention(c) (
            State?, Size?, UnsafeMutablePointer<Bytes?>?, Size?, UnsafeMutablePointer<Target?>?, Size?
        ) -> CInt
    private let encoder: Result<Encoder, any Error>

    private struct Encoder: Sendable {
        let encode: @convention(c) (CInt, CInt, CInt, Int, Bytes?, Size?, Target?) -> CInt
        let bound: @convention(c) (Int) -> Int

        init() throws {
            let library = try CompressionLibrary(
                codec: "brotli", name: "libbrotlienc.so.1", debian: "libbrotli1", brew: ("brotli", "libbrotlienc.dylib"))
            encode = try library.find("BrotliEncoderCompress")
            bound = try library.find("BrotliEncoderMaxCompressedSize")
        }
    }

    static let shared = Result { try BrotliLibrary() }

    private init() throws {
        let library = try CompressionLibrary(
            codec: "brotli", name: "libbrotlidec.so.1", debian: "libbrotli1", brew: ("brotli", "libbrotlidec.dylib"))
        create = try library.find("BrotliDecoderCreateInstance")
        destroy = try library.find("BrotliDecoderDestroyInstance")
        decode = try library.find("BrotliDecoderDecompressStream")
        encoder = Result { try Encoder() }
    }

    func decompress(_ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) -> BlockOutcome {
        guard let state = create(nil, nil, nil) else { return .corrupt("brotli cannot start") }
        defer { destroy(state) }
        var input: Bytes? = source.address
        var inputCount = source.count
        var output: Target? = target.address
        var room = target.count
        switch decode(state, &inputCount, &input, &room, &output, nil) {
        case 1: return inputCount == 0 ? .done(target.count - room) : .corrupt("there are bytes behind its end")
        case 2: return .corrupt("it ends too early")
        case 3: return .targetTooSmall
        default: return .corrupt("it is damaged")
        }
    }

    func compressedBound(_ count: Int) -> Int {
        // The library's own bound is 0 for sizes that it cannot bound.
        max((try? encoder.get())?.bound(count) ?? 0, count + count / 8 + 1024)
    }

    func compress(
        _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>, level: Int?
    ) throws -> Int? {
        var count = target.count
        // A window of 2^22 bytes, data of no stated kind.
        let status = try encoder.get().encode(
            CInt(min(max(level ?? 5, 0), 11)), 22, 0, source.count, source.address, &count, target.address)
        return status == 1 ? count : nil
    }
}
