/// Goes through the pages of one stored column: finds the dictionary, begins page after page with its levels and values.
final class LeafPages {
    private let leaf: ParquetLeaf
    private let values: any LeafValues
    private let chunk: ParquetColumnChunk
    private let chunkPages: ChunkPages
    private var page: PageBuffer?
    /// Where the page begins that is read, for errors.
    private(set) var pageOffset: Int
    var definitions = LevelDecoder()
    var repetitions = LevelDecoder()
    /// Entries (values and NULLs) of the page that are left: whoever takes them counts them down.
    var entriesLeft = 0
    /// Entries of the chunk in the pages that are not begun yet.
    private var chunkLeft: Int
    private var hasStarted = false
    private var hasDictionary = false

    init(
        _ file: ParquetFile, _ chunk: ParquetColumnChunk, _ leaf: ParquetLeaf, _ values: any LeafValues, memory: ParquetMemory
    ) throws {
        self.leaf = leaf
        self.values = values
        self.chunk = chunk
        chunkLeft = chunk.valueCount
        pageOffset = chunk.dataPageOffset
        chunkPages = try ChunkPages(file, chunk, memory: memory)
    }

    /// Whether no page follows this one.
    var isAtLast: Bool { chunkLeft == 0 }

    /// Goes to the next page with values. Pages of `skipping` rows at most are passed over; returns how many rows were.
    @discardableResult
    func next(skipping: Int = 0) throws -> Int {
        if !hasStarted {
            hasStarted = true
            try readDictionaryElsewhere()
            chunkPages.seek(chunk.dataPageOffset)
        }
        var skipped = 0
        while true {
            guard chunkLeft > 0 else { throw CorruptParquet("there are fewer values than the row group has rows") }
            pageOffset = chunkPages.offset
            let header = try chunkPages.readHeader()
            switch header.kind {
            case .dictionary: try readDictionary(header)
            case .data, .dataV2:
                guard header.valueCount <= chunkLeft else {
                    throw CorruptParquet("a page of \(header.valueCount) values, where \(chunkLeft) are left")
                }
                chunkLeft -= header.valueCount
                if header.valueCount <= skipping - skipped {
                    skipped += header.valueCount
                    chunkPages.skipBody(header)
                    if skipped == skipping { return skipped }
                    continue
                }
                try beginPage(header)
                return skipped
            case .index, nil: chunkPages.skipBody(header)
            }
        }
    }

    /// The dictionary stands before the data pages, unless the footer says another place.
    private func readDictionaryElsewhere() throws {
        guard let offset = chunk.dictionaryPageOffset, offset >= 4, offset != chunk.dataPageOffset else { return }
        chunkPages.seek(offset)
        // Some writers name a place where there is none.
        guard let header = try? chunkPages.readHeader(), header.kind == .dictionary else { return }
        pageOffset = offset
        try readDictionary(header)
    }

    private func readDictionary(_ header: ParquetPageHeader) throws {
        guard !hasDictionary else { return chunkPages.skipBody(header) }
        hasDictionary = true
        guard let encoding = header.encoding, encoding == .plain || encoding == .plainDictionary else {
            throw CorruptParquet("a dictionary in an unknown encoding")
        }
        var dictionary: PageBuffer?
        try chunkPages.readBody(header, into: &dictionary)
        guard let dictionary else { return }
        let bytes = UnsafeBufferPointer(start: UnsafePointer(dictionary.bytes), count: header.byteCount)
        try values.setDictionary(dictionary, bytes, count: header.valueCount, encoding: encoding)
    }

    private func beginPage(_ header: ParquetPageHeader) throws {
        guard let encoding = header.encoding else { throw CorruptParquet("values in an unknown encoding") }
        values.endPage()
        try chunkPages.readBody(header, into: &page)
        guard let page else { return }
        let size = header.kind == .dataV2 && !header.isCompressed ? header.compressedByteCount : header.byteCount
        var rest = UnsafeBufferPointer(start: UnsafePointer(page.bytes), count: size)
        func cut(_ count: Int) throws -> UnsafeBufferPointer<UInt8> {
            guard count <= rest.count, let start = rest.baseAddress else { throw CorruptParquet("levels longer than their page") }
            rest = UnsafeBufferPointer(start: start + count, count: rest.count - count)
            return UnsafeBufferPointer(start: start, count: count)
        }
        func levels(_ maximum: Int, _ encoding: ParquetEncoding?, bytesOfVersion2 count: Int) throws -> LevelDecoder {
            if header.kind == .dataV2 {
                let bytes = try cut(count)
                return maximum == 0 ? LevelDecoder() : try LevelDecoder(bytes, maximum: maximum)
            }
            if maximum == 0 { return LevelDecoder() }
            if encoding == .bitPacked {
                let bits = header.valueCount.multipliedReportingOverflow(by: LevelDecoder.bitWidth(maximum))
                guard !bits.overflow else { throw CorruptParquet("levels longer than their page") }
                return try LevelDecoder(bitPacked: cut((bits.partialValue + 7) / 8), maximum: maximum)
            }
            let length = try cut(4)
            let count = UnsafeRawPointer(length.baseAddress.unsafelyUnwrapped).loadUnaligned(as: UInt32.self)
            return try LevelDecoder(cut(Int(UInt32(littleEndian: count))), maximum: maximum)
        }
        repetitions = try levels(
            leaf.maximumRepetition, header.repetitionEncoding, bytesOfVersion2: header.repetitionByteCount)
        definitions = try levels(
            leaf.maximumDefinition, header.definitionEncoding, bytesOfVersion2: header.definitionByteCount)
        try values.beginPage(page, rest, count: header.valueCount, encoding: encoding)
        entriesLeft = header.valueCount
    }
}
