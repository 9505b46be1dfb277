/// The decompressed bytes of the blocks of a `.bz2` file that begin in a range of it, and of those behind it.
///
/// Blocks begin anywhere between bits, with a magic number of 48 bits. Each is decompressed as a stream of its own.
/// Format: the sources of bzip2, `decompress.c` (there is no specification).
final class BZip2BlockSource: ByteSource {
    private let file: FileReader
    private let decoder: BZip2BlockDecoder
    private let memory: ScanMemoryUse
    private let fileSize: Int
    /// Blocks that begin here or behind are the next split's.
    private let end: Int
    /// A part of the file.
    private var window: UnsafeMutablePointer<UInt8>
    private var windowStart = 0
    private var windowCount = 0
    private var windowCapacity: Int
    /// The block at hand as a stream.
    private let block: UnsafeMutablePointer<UInt8>
    /// Bit of the file at which the next block or the end of a stream is.
    private var position: Int
    private var isInBlock = false
    private var isFinished = false
    private var madeBytes = 0
    private(set) var lineLimit: Int?

    private static let blockMagic: UInt64 = 0x3141_5926_5359
    private static let endMagic: UInt64 = 0x1772_4538_5090
    private static let magicMask: UInt64 = (1 << 48) - 1
    /// No block of 900,000 bytes is longer than this when it is compressed.
    private static let largestBlock = 2 << 20
    private static let usualWindow = 512 << 10
    private static let heldBytes = BZip2BlockDecoder.byteCount + largestBlock + usualWindow

    /// - Parameters:
    ///   - start: 0, or where to look for the first block.
    ///   - end: lines that begin in blocks behind this offset are not wanted.
    init(_ file: FileReader, from start: Int, to end: Int, memory: ScanMemoryUse) throws {
        self.file = file
        // Counted in bits further down.
        self.end = min(end, 1 << 58)
        self.memory = memory
        fileSize = try file.size()
        do { decoder = try BZip2BlockDecoder() } catch let error as BlockCodecError {
            throw TableFormatError(error.description, path: file.path)
        }
        try memory.grow(by: Self.heldBytes, for: "bzip2", path: file.path, offset: start)
        windowCapacity = Self.usualWindow
        window = .allocate(capacity: windowCapacity)
        block = .allocate(capacity: Self.largestBlock + 64)
        position = start * 8
        if start == 0 {
            try readHeader()
        } else if let found = try find(from: position, limit: min(end, fileSize) * 8) {
            position = found.bit
            // Between streams no block begins here.
            if found.isEnd { try skipEnds() }
        } else {
            isFinished = true
        }
    }

    deinit {
        window.deallocate()
        block.deallocate()
        memory.shrink(by: Self.heldBytes + windowCapacity - Self.usualWindow)
    }

    private func corrupt(_ reason: String) -> TableFormatError {
        TableFormatError("corrupt bzip2 data: \(reason)", path: file.path, offset: position / 8)
    }

    func read(into target: UnsafeMutablePointer<UInt8>, count wanted: Int) throws -> Int {
        while true {
            if isInBlock {
                let made: Int
                do { made = try decoder.read(into: target, count: wanted) } catch let error as BlockCodecError {
                    throw TableFormatError(error.description, path: file.path, offset: position / 8)
                }
                if made > 0 {
                    madeBytes += made
                    return made
                }
                isInBlock = false
            }
            if isFinished || wanted == 0 { return 0 }
            try skipEnds()
            if isFinished { return 0 }
            // The line that begins here is still wanted: the next split leaves its first one out.
            if lineLimit == nil, position >= end * 8 { lineLimit = madeBytes + 1 }
            try beginBlock()
        }
    }

    // MARK: Structure

    /// Takes the header of a stream at a byte's beginning; at the end of the file there is none.
    private func readHeader() throws {
        let at = position / 8
        guard try load(at, 4) else { throw corrupt("it ends too early") }
        let bytes = window + (at - windowStart)
        guard bytes[0] == 0x42, bytes[1] == 0x5A, bytes[2] == 0x68, (0x31...0x39).contains(bytes[3]) else {
            throw corrupt("a stream does not begin with BZh")
        }
        position += 32
    }

    /// Goes behind the ends of streams, to the next block or the end of the file.
    private func skipEnds() throws {
        while true {
            let magic = try bits(position, 48)
            if magic == Self.blockMagic { return }
            guard magic == Self.endMagic else { throw corrupt("there is no block") }
            // A checksum of 32 bits, then zeros to the next byte.
            position = (position + 48 + 32 + 7) / 8 * 8
            guard position <= fileSize * 8 else { throw corrupt("it ends too early") }
            if position == fileSize * 8 {
                isFinished = true
                return
            }
            try readHeader()
        }
    }

    private func beginBlock() throws {
        let start = position
        guard let next = try find(from: start + 80, limit: (start / 8 + Self.largestBlock) * 8) else {
            throw corrupt("a block does not end")
        }
        let checksum = try bits(start + 48, 32)
        let count = next.bit - start
        for (index, byte) in "BZh9".utf8.enumerated() { block[index] = byte }
        let shift = start & 7
        let bytes = (count + 7) / 8
        let source = window + (start / 8 - windowStart)
        for index in 0..<bytes {
            block[4 + index] = shift == 0 ? source[index] : source[index] << UInt8(shift) | source[index + 1] >> UInt8(8 - shift)
        }
        var bit = 32 + count
        func append(_ value: UInt64, _ width: Int) {
            for index in 0..<width {
                let isSet = value >> UInt64(width - 1 - index) & 1 != 0
                let mask = UInt8(0x80) >> UInt8(bit & 7)
                if isSet { block[bit >> 3] |= mask } else { block[bit >> 3] &= ~mask }
                bit += 1
            }
        }
        append(Self.endMagic, 48)
        append(checksum, 32)
        while bit & 7 != 0 { append(0, 1) }
        do { try decoder.begin(block, bit / 8) } catch let error as BlockCodecError { throw corrupt(error.description) }
        isInBlock = true
        position = next.bit
    }

    /// The next magic number that begins at or behind `from` and before `limit`.
    private func find(from: Int, limit: Int) throws -> (bit: Int, isEnd: Bool)? {
        var at = from / 8
        var word: UInt64 = 0
        while at < fileSize {
            guard try load(at, 1) else { return nil }
            let bytes = window
            let origin = windowStart
            let stop = windowStart + windowCount
            while at < stop {
                word = word << 8 | UInt64(bytes[at - origin])
                at += 1
                for shift in 0..<8 {
                    let candidate = word >> UInt64(shift) & Self.magicMask
                    guard candidate == Self.blockMagic || candidate == Self.endMagic else { continue }
                    let bit = at * 8 - shift - 48
                    guard bit >= from else { continue }
                    return bit < limit ? (bit, candidate == Self.endMagic) : nil
                }
                if at * 8 - 56 >= limit { return nil }
            }
        }
        return nil
    }

    private func bits(_ bit: Int, _ width: Int) throws -> UInt64 {
        let first = bit / 8
        let last = (bit + width + 7) / 8
        guard try load(first, last - first) else { throw corrupt("it ends too early") }
        var value: UInt64 = 0
        for index in 0..<width {
            let at = bit + index
            value = value << 1 | UInt64(window[at / 8 - windowStart] >> UInt8(7 - at & 7) & 1)
        }
        return value
    }

    /// Makes the bytes from `offset` on part of the window, with all behind `position` that is in it; false when the file has
    /// not as many.
    private func load(_ offset: Int, _ count: Int) throws -> Bool {
        guard offset + count <= fileSize else { return false }
        if offset >= windowStart, offset + count <= windowStart + windowCount { return true }
        let keep = min(position / 8, offset)
        if keep >= windowStart, keep < windowStart + windowCount {
            let kept = windowStart + windowCount - keep
            window.update(from: window + (keep - windowStart), count: kept)
            windowCount = kept
        } else {
            windowCount = 0
        }
        windowStart = keep
        let needed = offset + count - windowStart
        if needed > windowCapacity || windowCount > windowCapacity / 2 {
            let larger = max(windowCapacity * 2, needed + Self.usualWindow)
            try memory.grow(by: larger - windowCapacity, for: "a block of bzip2", path: file.path, offset: offset)
            let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
            grown.update(from: window, count: windowCount)
            window.deallocate()
            window = grown
            windowCapacity = larger
        }
        let wanted = min(windowCapacity - windowCount, fileSize - windowStart - windowCount)
        let got = try file.read(into: window + windowCount, count: wanted, at: windowStart + windowCount)
        windowCount += got
        guard offset + count <= windowStart + windowCount else {
            throw TableFormatError("the file became shorter while it was read", path: file.path, offset: windowStart + windowCount)
        }
        return true
    }
}
