/// The streaming half of libzstd.
struct ZstdStreamLibrary: Sendable {
    /// `ZSTD_inBuffer` and `ZSTD_outBuffer`.
    struct Buffer {
        var bytes: UnsafeMutablePointer<UInt8>?
        var size = 0
        var position = 0
    }

    typealias Context = OpaquePointer

    let makeDecoder: @convention(c) () -> Context?
    let freeDecoder: @convention(c) (Context?) -> Int
    let decode: @convention(c) (Context?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int
    let sizeOfDecoder: @convention(c) (Context?) -> Int
    let makeEncoder: @convention(c) () -> Context?
    let freeEncoder: @convention(c) (Context?) -> Int
    /// The last parameter: 0: go on, 2: end.
    let encode: @convention(c) (Context?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, CInt) -> Int
    let isError: @convention(c) (Int) -> CUnsignedInt
    let errorName: @convention(c) (Int) -> UnsafePointer<CChar>?

    static let shared = Result { try ZstdStreamLibrary() }

    private init() throws {
        let library = try CompressionLibrary(
            codec: "zstd", name: "libzstd.so.1", debian: "libzstd1", brew: ("zstd", "libzstd.dylib"))
        makeDecoder = try library.find("ZSTD_createDCtx")
        freeDecoder = try library.find("ZSTD_freeDCtx")
        decode = try library.find("ZSTD_decompressStream")
        sizeOfDecoder = try library.find("ZSTD_sizeof_DCtx")
        makeEncoder = try library.find("ZSTD_createCCtx")
        freeEncoder = try library.find("ZSTD_freeCCtx")
        encode = try library.find("ZSTD_compressStream2")
        isError = try library.find("ZSTD_isError")
        errorName = try library.find("ZSTD_getErrorName")
    }

    func check(_ status: Int) throws {
        guard isError(status) != 0 else { return }
        throw BlockCodecError.failed(codec: "zstd", reason: errorName(status).map { String(cString: $0) } ?? "it is damaged")
    }
}

/// `.zst`
final class ZstdCompressor: ByteCompressor {
    private let library: ZstdStreamLibrary
    private let context: ZstdStreamLibrary.Context
    private let output = CompressorOutput()

    init() throws {
        library = try ZstdStreamLibrary.shared.get()
        guard let context = library.makeEncoder() else {
            throw BlockCodecError.failed(codec: "zstd", reason: "it cannot start")
        }
        self.context = context
    }

    deinit { _ = library.freeEncoder(context) }

    /// What the library takes at its usual level.
    var byteCount: Int { 4 << 20 }

    func compress(_ bytes: UnsafePointer<UInt8>, _ count: Int, emit: (UnsafePointer<UInt8>, Int) throws -> Void) throws {
        var input = ZstdStreamLibrary.Buffer(bytes: UnsafeMutablePointer(mutating: bytes), size: count)
        while input.position < input.size { _ = try step(&input, 0, emit) }
    }

    func finish(emit: (UnsafePointer<UInt8>, Int) throws -> Void) throws {
        var input = ZstdStreamLibrary.Buffer()
        while try step(&input, 2, emit) > 0 {}
    }

    private func step(
        _ input: inout ZstdStreamLibrary.Buffer, _ action: CInt, _ emit: (UnsafePointer<UInt8>, Int) throws -> Void
    ) throws -> Int {
        var target = ZstdStreamLibrary.Buffer(bytes: output.bytes, size: CompressorOutput.capacity)
        let left = library.encode(context, &target, &input, action)
        try library.check(left)
        if target.position > 0 { try emit(output.bytes, target.position) }
        return left
    }
}

/// Frames of a `.zst` file one behind the other.
final class ZstdDecoder: StreamDecoder {
    private let library: ZstdStreamLibrary
    private let context: ZstdStreamLibrary.Context

    init() throws {
        library = try ZstdStreamLibrary.shared.get()
        guard let context = library.makeDecoder() else {
            throw BlockCodecError.failed(codec: "zstd", reason: "it cannot start")
        }
        self.context = context
    }

    deinit { _ = library.freeDecoder(context) }

    /// Mostly the window of the frame, of 128 MiB at most.
    var byteCount: Int { library.sizeOfDecoder(context) }

    func step(
        _ source: UnsafeMutablePointer<UInt8>, _ count: Int, _ target: UnsafeMutablePointer<UInt8>, _ room: Int
    ) throws -> StreamStep {
        var input = ZstdStreamLibrary.Buffer(bytes: source, size: count)
        var output = ZstdStreamLibrary.Buffer(bytes: target, size: room)
        let left = library.decode(context, &output, &input)
        try library.check(left)
        return StreamStep(taken: input.position, made: output.position, isBetweenMembers: left == 0)
    }
}
