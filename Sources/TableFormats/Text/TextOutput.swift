/// Where lines are written: an output file, or an encoder and a compressor in front of it. One worker's own.
final class TextOutput {
    private let file: OutputFile
    private let stages: TextStages?
    private static let stagedCapacity = 64 << 10
    private var buffer: UnsafeMutablePointer<UInt8>?
    private var used = 0

    /// - Parameter stages: nil: the file holds the lines as they are.
    init(_ file: OutputFile, stages: TextStages? = nil) {
        self.file = file
        self.stages = stages
    }

    deinit { buffer?.deallocate() }

    var path: String { file.path }

    /// What waits in memory beside the file's own buffer.
    var bufferedBytes: Int { stages.map { $0.byteCount + (buffer == nil ? 0 : Self.stagedCapacity) } ?? 0 }

    /// Room for `count` more bytes, to be followed by `advance`; nil for more than a buffer takes.
    @inline(__always)
    func room(_ count: Int) throws -> UnsafeMutablePointer<UInt8>? {
        if stages == nil { return try file.room(count) }
        return try stagedRoom(count)
    }

    @inline(__always)
    func advance(_ count: Int) {
        if stages == nil { file.advance(count) } else { used += count }
    }

    func append(_ bytes: UnsafePointer<UInt8>, _ count: Int) throws {
        guard let stages else { return try file.append(bytes, count) }
        if let place = try stagedRoom(count) {
            place.update(from: bytes, count: count)
            used += count
        } else {
            try stages.write(bytes, count, to: file)
        }
    }

    private func stagedRoom(_ count: Int) throws -> UnsafeMutablePointer<UInt8>? {
        if buffer == nil { buffer = .allocate(capacity: Self.stagedCapacity) }
        if count > Self.stagedCapacity - used { try drain() }
        return count <= Self.stagedCapacity - used ? buffer.map { $0 + used } : nil
    }

    private func drain() throws {
        guard let stages, let buffer, used > 0 else { return }
        let count = used
        used = 0
        try stages.write(buffer, count, to: file)
    }

    /// Writes what waits in memory, as far as a compressor lets go of it.
    func flush() throws { try drain() }

    /// Writes what is left and closes the file.
    func close() throws -> WrittenTableFile {
        try drain()
        try stages?.finish(to: file)
        try file.close()
        return WrittenTableFile(byteCount: file.byteCount)
    }
}

/// What the bytes of lines go through on their way to a file.
final class TextStages {
    private let encoder: TextEncoder?
    private let compressor: (any ByteCompressor)?

    init(encoder: TextEncoder?, compressor: (any ByteCompressor)?) {
        self.encoder = encoder
        self.compressor = compressor
    }

    /// Memory that they hold, about.
    var byteCount: Int { (compressor?.byteCount ?? 0) + (encoder?.byteCount ?? 0) }

    fileprivate func write(_ bytes: UnsafePointer<UInt8>, _ count: Int, to file: OutputFile) throws {
        guard let encoder else { return try compress(bytes, count, to: file) }
        try encoder.encode(bytes, count, path: file.path) { try compress($0, $1, to: file) }
    }

    private func compress(_ bytes: UnsafePointer<UInt8>, _ count: Int, to file: OutputFile) throws {
        guard let compressor else { return try file.append(bytes, count) }
        do {
            try compressor.compress(bytes, count) { try file.append($0, $1) }
        } catch let error as BlockCodecError {
            throw TableFormatError(error.description, path: file.path, offset: file.byteCount)
        }
    }

    fileprivate func finish(to file: OutputFile) throws {
        try encoder?.finish(path: file.path) { try compress($0, $1, to: file) }
        do {
            try compressor?.finish { try file.append($0, $1) }
        } catch let error as BlockCodecError {
            throw TableFormatError(error.description, path: file.path, offset: file.byteCount)
        }
    }
}
