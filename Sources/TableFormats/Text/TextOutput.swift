/// Where lines are written: an output file, an encoder and a compressor in front of it, or whoever takes their bytes. One
/// worker's own.
final class TextOutput {
    private enum Target {
        case file(OutputFile)
        case staged(TextStages, OutputFile)
        case taker((UnsafePointer<UInt8>, Int) throws -> Void)
    }

    private let target: Target
    /// The file whose own buffer takes the lines.
    private let file: OutputFile?
    private static let ownCapacity = 64 << 10
    private var buffer: UnsafeMutablePointer<UInt8>?
    private var used = 0

    /// - Parameter stages: nil: the file holds the lines as they are.
    init(_ file: OutputFile, stages: TextStages? = nil) {
        target = stages.map { .staged($0, file) } ?? .file(file)
        self.file = stages == nil ? file : nil
    }

    /// - Parameter take: is given the bytes of the lines in pieces, in order.
    init(to take: @escaping (UnsafePointer<UInt8>, Int) throws -> Void) {
        target = .taker(take)
        file = nil
    }

    deinit { buffer?.deallocate() }

    /// Of the file; empty where there is none.
    var path: String {
        switch target {
        case .file(let file), .staged(_, let file): file.path
        case .taker: ""
        }
    }

    /// What waits in memory beside the file's own buffer.
    var bufferedBytes: Int {
        let own = buffer == nil ? 0 : Self.ownCapacity
        guard case .staged(let stages, _) = target else { return own }
        return stages.byteCount + own
    }

    /// Room for `count` more bytes, to be followed by `advance`; nil for more than a buffer takes.
    @inline(__always)
    func room(_ count: Int) throws -> UnsafeMutablePointer<UInt8>? {
        if let file { return try file.room(count) }
        return try ownRoom(count)
    }

    @inline(__always)
    func advance(_ count: Int) {
        if let file { file.advance(count) } else { used += count }
    }

    func append(_ bytes: UnsafePointer<UInt8>, _ count: Int) throws {
        if let file { return try file.append(bytes, count) }
        if let place = try ownRoom(count) {
            place.update(from: bytes, count: count)
            used += count
        } else {
            try pass(bytes, count)
        }
    }

    private func ownRoom(_ count: Int) throws -> UnsafeMutablePointer<UInt8>? {
        if buffer == nil { buffer = .allocate(capacity: Self.ownCapacity) }
        if count > Self.ownCapacity - used { try drain() }
        return count <= Self.ownCapacity - used ? buffer.map { $0 + used } : nil
    }

    private func pass(_ bytes: UnsafePointer<UInt8>, _ count: Int) throws {
        switch target {
        case .file(let file): try file.append(bytes, count)
        case .staged(let stages, let file): try stages.write(bytes, count, to: file)
        case .taker(let take): try take(bytes, count)
        }
    }

    private func drain() throws {
        guard let buffer, used > 0 else { return }
        let count = used
        used = 0
        try pass(buffer, count)
    }

    /// Hands on what waits in memory, as far as a compressor lets go of it.
    func flush() throws { try drain() }

    /// Writes what is left and closes the file.
    func close() throws -> WrittenTableFile {
        try drain()
        switch target {
        case .taker: return WrittenTableFile(byteCount: 0)
        case .file(let file):
            try file.close()
            return WrittenTableFile(byteCount: file.byteCount)
        case .staged(let stages, let file):
            try stages.finish(to: file)
            try file.close()
            return WrittenTableFile(byteCount: file.byteCount)
        }
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
