/// `.bz2`
final class BZip2Compressor: ByteCompressor {
    private let library: BZip2Library
    private let stream: UnsafeMutablePointer<BZip2Library.Stream>
    private let output = CompressorOutput()

    init() throws {
        library = try BZip2Library.shared.get()
        stream = .allocate(capacity: 1)
        stream.initialize(to: BZip2Library.Stream())
        guard library.startCompressing(stream, 9, 0, 0) == 0 else {
            stream.deallocate()
            throw BlockCodecError.failed(codec: "bzip2", reason: "it cannot start")
        }
    }

    deinit {
        _ = library.endCompressing(stream)
        stream.deallocate()
    }

    /// What the library takes for blocks of 900,000 bytes.
    var byteCount: Int { 8 << 20 }

    func compress(_ bytes: UnsafePointer<UInt8>, _ count: Int, emit: (UnsafePointer<UInt8>, Int) throws -> Void) throws {
        var done = 0
        while done < count {
            let piece = min(count - done, 1 << 30)
            stream.pointee.nextIn = UnsafeMutablePointer(mutating: bytes + done)
            stream.pointee.availableIn = CUnsignedInt(piece)
            while stream.pointee.availableIn > 0 { _ = try step(0, emit) }
            done += piece
        }
    }

    func finish(emit: (UnsafePointer<UInt8>, Int) throws -> Void) throws {
        stream.pointee.availableIn = 0
        // 4: the end of the stream.
        while try step(2, emit) != 4 {}
    }

    /// - Parameter action: 0: run, 2: finish.
    private func step(_ action: CInt, _ emit: (UnsafePointer<UInt8>, Int) throws -> Void) throws -> CInt {
        stream.pointee.nextOut = output.bytes
        stream.pointee.availableOut = CUnsignedInt(CompressorOutput.capacity)
        let status = library.stepCompressing(stream, action)
        guard status >= 0 else {
            throw BlockCodecError.failed(codec: "bzip2", reason: "it cannot compress (status \(status))")
        }
        let made = CompressorOutput.capacity - Int(stream.pointee.availableOut)
        if made > 0 { try emit(output.bytes, made) }
        return status
    }
}

/// Decompresses one block of a `.bz2` file, which is handed to the library as a stream of its own.
final class BZip2BlockDecoder {
    private let library: BZip2Library
    private let stream: UnsafeMutablePointer<BZip2Library.Stream>
    private var isOpen = false

    /// What the library takes for blocks of 900,000 bytes.
    static let byteCount = 4 << 20

    init() throws {
        library = try BZip2Library.shared.get()
        stream = .allocate(capacity: 1)
    }

    deinit {
        if isOpen { _ = library.end(stream) }
        stream.deallocate()
    }

    /// Begins the stream source[..<count], which stays where it is until it is decompressed.
    func begin(_ source: UnsafeMutablePointer<UInt8>, _ count: Int) throws {
        if isOpen { _ = library.end(stream) }
        stream.initialize(to: BZip2Library.Stream())
        isOpen = false
        guard library.start(stream, 0, 0) == 0 else {
            throw BlockCodecError.failed(codec: "bzip2", reason: "it cannot start")
        }
        isOpen = true
        stream.pointee.nextIn = source
        stream.pointee.availableIn = CUnsignedInt(count)
    }

    /// The next bytes; 0 at the end of the block.
    func read(into target: UnsafeMutablePointer<UInt8>, count: Int) throws -> Int {
        guard isOpen, count > 0 else { return 0 }
        let room = min(count, 1 << 30)
        stream.pointee.nextOut = target
        stream.pointee.availableOut = CUnsignedInt(room)
        while stream.pointee.availableOut > 0 {
            let (input, output) = (stream.pointee.availableIn, stream.pointee.availableOut)
            let status = library.step(stream)
            if status == 4 {
                _ = library.end(stream)
                isOpen = false
                return room - Int(stream.pointee.availableOut)
            }
            guard status == 0, stream.pointee.availableIn != input || stream.pointee.availableOut != output else {
                throw BlockCodecError.failed(codec: "bzip2", reason: "a block is damaged (status \(status))")
            }
        }
        return room
    }
}
