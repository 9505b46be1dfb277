/// How many data pages were read and how many were passed over, and the bytes of those that were read and of dictionaries.
package struct PageCounts: Sendable {
    package fileprivate(set) var read = 0
    package fileprivate(set) var skipped = 0
    package fileprivate(set) var byteCount = 0

    mutating func add(_ other: PageCounts) {
        read += other.read
        skipped += other.skipped
        byteCount += other.byteCount
    }
}

/// Goes through the pages of one stored column: finds the dictionary, begins page after page with its levels and values.
final class LeafPages {
    private let leaf: ParquetLeaf
    private let values: any LeafValues
    private let chunk: ParquetColumnChunk
    private let chunkPages: ChunkPages
    private let memory: ParquetMemory
    private let indexBytes: Int
    private var page: PageBuffer?
    /// Where the page begins that is read, for errors.
    private(set) var pageOffset: Int
    var definitions = LevelDecoder()
    var repetitions = LevelDecoder()
    /// Entries (values and NULLs) of the page that are left: whoever takes them counts them down.
    var entriesLeft = 0
    /// Entries of the chunk in the pages that are not begun yet.
    private var chunkLeft: Int
    /// Where the pages are and which rows begin in them; nil: they are found one by one.
    private let index: ParquetOffsetIndex?
    /// By its number in the index, the page that is begun next.
    private var nextPage = 0
    private var found = PageCounts()
    private var hasStarted = false
    private var hasDictionary = false

    init(
        _ file: ParquetFile, _ chunk: ParquetColumnChunk, _ leaf: ParquetLeaf, _ values: any LeafValues,
        index: ParquetOffsetIndex?, memory: ParquetMemory
    ) throws {
        self.index = index
        self.leaf = leaf
        self.values = values
        self.chunk = chunk
        chunkLeft = chunk.valueCount
        pageOffset = chunk.dataPageOffset
        self.memory = memory
        indexBytes = (index?.pages.count ?? 0) * MemoryLayout<ParquetOffsetIndex.Page>.stride
        try memory.grow(by: indexBytes)
        chunkPages = try ChunkPages(file, chunk, memory: memory)
    }

    deinit { memory.shrink(by: indexBytes) }

    /// Whether no page follows this one.
    var isAtLast: Bool { index.map { nextPage == $0.pages.count } ?? (chunkLeft == 0) }

    /// Whether no row goes on in the next page: those of an index begin with one each (PageIndex.md).
    var beginWithRows: Bool { index != nil }

    /// Data pages read and passed over; with an index, those too that were not come to.
    var counts: PageCounts {
        var counts = found
        if let index { counts.skipped = index.pages.count - found.read }
        return counts
    }

    /// Begins the page in which a row begins, if that comes after the one that is begun and the file has an index of pages.
    /// - Returns: the first row of the page; nil when the pages before it have to be gone through.
    func jump(toRow row: Int) throws -> Int? {
        guard let index else { return nil }
        let page = index.page(ofRow: row)
        guard page >= nextPage, page < index.pages.count else { return nil }
        nextPage = page
        try next()
        return index.pages[page].firstRow
    }

    /// Goes to the next page with values. Pages of `skipping` rows at most are passed over; returns how many rows were.
    @discardableResult
    func next(skipping: Int = 0) throws -> Int {
        if !hasStarted {
            hasStarted = true
            try readDictionaryElsewhere()
            chunkPages.seek(chunk.dataPageOffset)
            // Where the footer names no place for it, the dictionary stands before the first page.
            if let index, !hasDictionary, chunk.dataPageOffset < index.pages[0].offset {
                let header = try chunkPages.readHeader()
                if header.kind == .dictionary { try readDictionary(header) }
            }
        }
        if let index {
            try beginPage(of: index)
            return 0
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
                    found.skipped += 1
                    if skipped == skipping { return skipped }
                    continue
                }
                try beginPage(header)
                return skipped
            case .index, nil: chunkPages.skipBody(header)
            }
        }
    }

    /// Begins the next page of the index.
    private func beginPage(of index: ParquetOffsetIndex) throws {
        guard nextPage < index.pages.count else { throw CorruptParquet("there are fewer values than the row group has rows") }
        let page = index.pages[nextPage]
        pageOffset = page.offset
        chunkPages.seek(page.offset)
        let header = try chunkPages.readHeader()
        let rows = index.rows(of: nextPage).count
        guard header.kind == .data || header.kind == .dataV2 else { throw CorruptParquet("the index of pages leads to no page") }
        guard header.valueCount <= chunk.valueCount, header.rowCount ?? rows == rows,
            leaf.maximumRepetition > 0 || header.valueCount == rows
        else { throw CorruptParquet("a page has other rows than the index of pages says") }
        try beginPage(header)
        if leaf.maximumRepetition > 0 { try checkRows(rows) }
        nextPage += 1
    }

    /// Makes sure that so many rows begin in the page, the first one with it: by them alone the parts of a column stay together.
    private func checkRows(_ rows: Int) throws {
        var decoder = repetitions
        var left = entriesLeft
        var found = 0
        try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1024) { levels in
            guard let start = levels.baseAddress else { return }
            var isFirst = true
            while left > 0 {
                let count = min(left, 1024)
                try decoder.decode(into: start, count: count)
                if isFirst, start[0] != 0 { throw CorruptParquet("a page of the index begins inside a row") }
                isFirst = false
                for index in 0..<count where start[index] == 0 { found += 1 }
                left -= count
            }
        }
        guard found == rows else { throw CorruptParquet("a page has other rows than the index of pages says") }
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
        found.byteCount += header.headerByteCount + header.compressedByteCount
        var dictionary: PageBuffer?
        try chunkPages.readBody(header, into: &dictionary)
        guard let dictionary else { return }
        let bytes = UnsafeBufferPointer(start: UnsafePointer(dictionary.bytes), count: header.byteCount)
        try values.setDictionary(dictionary, bytes, count: header.valueCount, encoding: encoding)
    }

    private func beginPage(_ header: ParquetPageHeader) throws {
        guard let encoding = header.encoding else { throw CorruptParquet("values in an unknown encoding") }
        values.endPage()
        found.read += 1
        found.byteCount += header.headerByteCount + header.compressedByteCount
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
