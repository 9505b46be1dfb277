/// Decompresses a file's bytes as they come. One file's own.
protocol StreamDecoder: AnyObject {
    /// Memory that it holds since the file asked for it.
    var byteCount: Int { get }

    /// Takes bytes from the beginning of `source` and fills `target`, as far as either goes.
    /// - Throws: `BlockCodecError` for data that are damaged.
    func step(
        _ source: UnsafeMutablePointer<UInt8>, _ count: Int, _ target: UnsafeMutablePointer<UInt8>, _ room: Int
    ) throws -> StreamStep
}

struct StreamStep {
    var taken: Int
    var made: Int
    /// One member (frame, stream) has ended and no other one has begun.
    var isBetweenMembers: Bool
}

/// The decompressed bytes of a file of members one behind the other, from one of them on.
final class StreamSource: ByteSource {
    private let file: FileReader
    private let decoder: any StreamDecoder
    private let memory: ScanMemoryUse
    /// What the decoder was known to hold.
    private var heldBytes = 0
    private let input: UnsafeMutablePointer<UInt8>
    private static let inputCapacity = 256 << 10
    /// Offset in the file of the next byte to read.
    private var offset: Int
    /// What lies in `input` and was not taken yet.
    private var first = 0
    private var count = 0
    private var isBetweenMembers = true
    private var isFinished = false
    private var madeBytes = 0
    /// The member that begins here or behind is the next split's.
    private let end: Int
    private(set) var lineLimit: Int?

    /// - Parameters:
    ///   - start: where a member begins.
    ///   - end: lines that begin in members behind this offset are not wanted.
    init(_ file: FileReader, from start: Int = 0, to end: Int = .max, decoder: any StreamDecoder, memory: ScanMemoryUse) {
        self.file = file
        self.decoder = decoder
        self.memory = memory
        self.end = end
        offset = start
        input = .allocate(capacity: Self.inputCapacity)
    }

    deinit {
        input.deallocate()
        memory.shrink(by: heldBytes)
    }

    func read(into target: UnsafeMutablePointer<UInt8>, count wanted: Int) throws -> Int {
        let wanted = min(wanted, 1 << 30)
        var done = 0
        while done < wanted, !isFinished {
            if isBetweenMembers, lineLimit == nil, offset - count >= end {
                // The line that begins here is still wanted: the next split leaves its first one out.
                lineLimit = madeBytes + 1
                if done > 0 { return done }
            }
            if count == 0 {
                count = try file.read(into: input, count: Self.inputCapacity, at: offset)
                first = 0
                offset += count
                if count == 0 {
                    guard isBetweenMembers else {
                        throw TableFormatError("compressed data ends too early", path: file.path, offset: offset)
                    }
                    isFinished = true
                    break
                }
            }
            let step: StreamStep
            do { step = try decoder.step(input + first, count, target + done, wanted - done) } catch let error as BlockCodecError {
                throw TableFormatError(error.description, path: file.path, offset: offset - count)
            }
            if decoder.byteCount > heldBytes {
                let more = decoder.byteCount - heldBytes
                try memory.grow(by: more, for: "decompression", path: file.path, offset: offset - count)
                heldBytes += more
            }
            first += step.taken
            count -= step.taken
            done += step.made
            madeBytes += step.made
            isBetweenMembers = step.isBetweenMembers
            if step.taken == 0, step.made == 0, !step.isBetweenMembers, count > 0 {
                throw TableFormatError("compressed data does not go on", path: file.path, offset: offset - count)
            }
        }
        return done
    }
}
