/// bzip2 by libbz2.
struct BZip2Library: BlockCoder {
    /// `bz_stream`: Swift lays these fields out as C does.
    struct Stream {
        var nextIn: UnsafeMutablePointer<UInt8>?
        var availableIn: CUnsignedInt = 0
        var totalInLow: CUnsignedInt = 0
        var totalInHigh: CUnsignedInt = 0
        var nextOut: UnsafeMutablePointer<UInt8>?
        var availableOut: CUnsignedInt = 0
        var totalOutLow: CUnsignedInt = 0
        var totalOutHigh: CUnsignedInt = 0
        var state: OpaquePointer?
        var allocate: OpaquePointer?
        var free: OpaquePointer?
        var opaque: OpaquePointer?
    }

    typealias StreamFunction = @convention(c) (UnsafeMutableRawPointer?) -> CInt

    let start: @convention(c) (UnsafeMutableRawPointer?, CInt, CInt) -> CInt
    let step: StreamFunction
    let end: StreamFunction
    let startCompressing: @convention(c) (UnsafeMutableRawPointer?, CInt, CInt, CInt) -> CInt
    let stepCompressing: @convention(c) (UnsafeMutableRawPointer?, CInt) -> CInt
    let endCompressing: StreamFunction
    private let encode:
        @convention(c) (
            UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<CUnsignedInt>?, UnsafeMutablePointer<UInt8>?, CUnsignedInt,
            CInt, CInt, CInt
        ) -> CInt

    static let shared = Result { try BZip2Library() }

    private init() throws {
        let library = try CompressionLibrary(
            codec: "bzip2", name: "libbz2.so.1.0", debian: "libbz2-1.0", brew: ("bzip2", "libbz2.dylib"))
        start = try library.find("BZ2_bzDecompressInit")
        step = try library.find("BZ2_bzDecompress")
        end = try library.find("BZ2_bzDecompressEnd")
        startCompressing = try library.find("BZ2_bzCompressInit")
        stepCompressing = try library.find("BZ2_bzCompress")
        endCompressing = try library.find("BZ2_bzCompressEnd")
        encode = try library.find("BZ2_bzBuffToBuffCompress")
    }

    func decompress(_ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) -> BlockOutcome {
        // The library keeps the address of the stream.
        let stream = UnsafeMutablePointer<Stream>.allocate(capacity: 1)
        defer { stream.deallocate() }
        stream.initialize(to: Stream())
        stream.pointee.nextIn = UnsafeMutablePointer(mutating: source.address)
        stream.pointee.availableIn = CUnsignedInt(source.count)
        stream.pointee.nextOut = target.address
        stream.pointee.availableOut = CUnsignedInt(target.count)
        repeat {
            guard start(stream, 0, 0) == 0 else { return .corrupt("bzip2 cannot start") }
            let outcome = finish(stream)
            _ = end(stream)
            if let outcome { return outcome }
        } while stream.pointee.availableIn > 0
        return .done(target.count - Int(stream.pointee.availableOut))
    }

    /// Runs one stream to its end; nil when it came there.
    private func finish(_ stream: UnsafeMutablePointer<Stream>) -> BlockOutcome? {
        while true {
            let (input, output) = (stream.pointee.availableIn, stream.pointee.availableOut)
            switch step(stream) {
            case 4: return nil
            case 0:
                if stream.pointee.availableIn != input || stream.pointee.availableOut != output { continue }
                return output == 0 ? .targetTooSmall : .corrupt("it ends too early")
            case let status: return .corrupt("it is damaged (bzip2 status \(status))")
            }
        }
    }

    func compressedBound(_ count: Int) -> Int { count + count / 100 + 600 }

    func compress(
        _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>, level: Int?
    ) -> Int? {
        var count = CUnsignedInt(target.count)
        let status = encode(
            target.address, &count, UnsafeMutablePointer(mutating: source.address), CUnsignedInt(source.count),
            CInt(min(max(level ?? 9, 1), 9)), 0, 0)
        return status == 0 ? Int(count) : nil
    }
}
