import CZlib
import Columnar

/// Writes one stored column of a row group: gathers levels and values, and makes pages of them.
final class LeafWriter {
    let path: [String]
    let physical: ParquetPhysicalType
    private let values: any LeafValuesWriter
    private let maximumDefinition: Int
    private let maximumRepetition: Int
    private let codec: BlockCodec
    private let options: ParquetWriteOptions
    private let pageRowLimit: Int

    // The page.
    private var definitions = ByteList()
    private var repetitions = ByteList()
    private var pageRows = 0
    private var pageNulls = 0
    // The chunk.
    private let bloomFilter: BloomFilterBuilder?
    private var pages: [[UInt8]] = []
    private var pageIndex = WrittenPageIndex()
    private var encodings: Set<Int> = [ParquetEncoding.rle.rawValue]
    private var valueCount = 0
    private var nullCount = 0
    private var pageBytes = 0
    private var plainBytes = 0
    /// Of the whole file.
    private(set) var totalNulls = 0
    private var scratch = ByteList()

    init(
        path: [String], physical: ParquetPhysicalType, values: any LeafValuesWriter, maximumDefinition: Int,
        maximumRepetition: Int, codec: BlockCodec, options: ParquetWriteOptions, bloomFilter: BloomFilterBuilder?
    ) {
        self.bloomFilter = bloomFilter
        self.path = path
        self.physical = physical
        self.values = values
        self.maximumDefinition = maximumDefinition
        self.maximumRepetition = maximumRepetition
        self.codec = codec
        pageRowLimit = options.pageRows ?? options.compression.usualPageRows
        self.options = options
    }

    deinit {
        definitions.deallocate()
        repetitions.deallocate()
        scratch.deallocate()
    }

    /// Bytes of the row group so far, as they will be in the file; those of the page that is not complete are a guess.
    var fileBytes: Int { pageBytes + values.pageBytes / 2 }

    /// Bytes that are held.
    var byteCount: Int {
        pageBytes + values.byteCount + definitions.capacity + repetitions.capacity + scratch.capacity
            + (bloomFilter?.byteCount ?? 0)
    }

    /// Takes `rows` rows of a column that is in no other: a level each, and the elements that are values.
    func append(
        rows: Int, _ column: Column, _ elements: UnsafePointer<Int>, present: Int,
        levels: (UnsafeMutablePointer<UInt8>) -> Void
    ) throws {
        levels(definitions.room(rows))
        definitions.advance(rows)
        try append(column, elements, present: present, entries: rows, rows: rows)
    }

    /// Takes entries with their levels; as many elements as entries have the highest definition level.
    func append(
        _ column: Column, _ elements: UnsafePointer<Int>, present: Int, definitions levels: UnsafeBufferPointer<UInt8>,
        repetitions: UnsafeBufferPointer<UInt8>, rows: Int
    ) throws {
        if let start = levels.baseAddress { definitions.append(start, levels.count) }
        if maximumRepetition > 0, let start = repetitions.baseAddress { self.repetitions.append(start, repetitions.count) }
        try append(column, elements, present: present, entries: levels.count, rows: rows)
    }

    private func append(
        _ column: Column, _ elements: UnsafePointer<Int>, present: Int, entries: Int, rows: Int
    ) throws {
        values.append(column, elements, count: present)
        pageNulls += entries - present
        pageRows += rows
        if pageRows >= pageRowLimit || values.pageBytes >= options.pageBytes { try endPage() }
    }

    private func endPage() throws {
        let entries = definitions.count
        guard entries > 0 else { return }
        scratch.removeAll()
        if maximumRepetition > 0 { appendLevels(repetitions, maximumRepetition) }
        if maximumDefinition > 0 {
            if pageNulls == 0 {
                // All levels are the highest.
                scratch.append(length: 0)
                let start = scratch.count
                let width = LevelDecoder.bitWidth(maximumDefinition)
                HybridEncoder.appendRun(UInt32(maximumDefinition), count: entries, bitWidth: width, to: &scratch)
                setLength(before: start)
            } else {
                appendLevels(definitions, maximumDefinition)
            }
        }
        let encoding = values.endPage(to: &scratch)
        encodings.insert(encoding.rawValue)
        let bytesBefore = pageBytes
        try addPage(.data, scratch.buffer, count: entries, encoding: encoding)
        pageIndex.add(
            byteCount: pageBytes - bytesBefore, rows: pageRows, nulls: pageNulls, isNull: pageNulls == entries,
            values.takePageBounds())
        valueCount += entries
        nullCount += pageNulls
        definitions.removeAll()
        repetitions.removeAll()
        pageRows = 0
        pageNulls = 0
    }

    private func appendLevels(_ levels: ByteList, _ maximum: Int) {
        scratch.append(length: 0)
        let start = scratch.count
        HybridEncoder.append(
            UnsafePointer(levels.bytes), count: levels.count, bitWidth: LevelDecoder.bitWidth(maximum), to: &scratch)
        setLength(before: start)
    }

    /// Writes how many bytes follow `start`, into the four bytes before it.
    private func setLength(before start: Int) {
        let length = UInt32(truncatingIfNeeded: scratch.count - start).littleEndian
        UnsafeMutableRawPointer(scratch.bytes + start - 4).storeBytes(of: length, as: UInt32.self)
    }

    private func addPage(
        _ kind: ParquetPageHeader.Kind, _ bytes: UnsafeRawBufferPointer, count: Int, encoding: ParquetEncoding
    ) throws {
        let body = try codec.compress(bytes, level: options.compressionLevel)
        var header = ParquetPageHeader()
        header.kind = kind
        header.byteCount = bytes.count
        header.compressedByteCount = body.count
        header.valueCount = count
        header.encoding = encoding
        if options.writesChecksums {
            header.checksum = body.withUnsafeBufferPointer {
                UInt32(truncatingIfNeeded: crc32(0, $0.baseAddress, uInt($0.count)))
            }
        }
        let head = header.encoded()
        pages.append(head)
        pages.append(body)
        pageBytes += head.count + body.count
        plainBytes += head.count + bytes.count
    }

    /// Writes the chunk, and begins the next row group's.
    /// - Returns: the chunk, and the indexes of its pages, which are written behind all row groups.
    func endChunk(to file: OutputFile) throws -> (chunk: ParquetColumnChunk, index: WrittenPageIndex) {
        try endPage()
        var chunk = ParquetColumnChunk()
        let start = file.byteCount
        let dataPages = pages
        pages = []
        let dictionary = values.takeDictionary()
        if let dictionary {
            try dictionary.bytes.withUnsafeBytes {
                try addPage(.dictionary, $0, count: dictionary.count, encoding: .plainDictionary)
            }
            chunk.dictionaryPageOffset = start
            for part in pages { try Self.write(part, to: file) }
        }
        chunk.dataPageOffset = file.byteCount
        for part in dataPages { try Self.write(part, to: file) }
        chunk.physical = physical
        chunk.compression = options.compression.code.rawValue
        chunk.encodings = encodings.sorted()
        chunk.path = path
        chunk.valueCount = valueCount
        chunk.byteCount = plainBytes
        chunk.compressedByteCount = pageBytes
        let bounds = values.takeBounds()
        chunk.statistics = statistics(bounds.bounds)
        var index = pageIndex
        index.finish(firstPage: chunk.dataPageOffset, bounds)
        totalNulls += nullCount
        pages = []
        pageIndex = WrittenPageIndex()
        encodings = [ParquetEncoding.rle.rawValue]
        (valueCount, nullCount, pageBytes, plainBytes) = (0, 0, 0, 0)
        return (chunk, index)
    }

    /// Writes the bloom filter of the chunk that was written last, if there is to be one.
    func writeBloomFilter(of chunk: inout ParquetColumnChunk, to file: OutputFile) throws {
        guard let bytes = bloomFilter?.take() else { return }
        chunk.bloomFilterOffset = file.byteCount
        chunk.bloomFilterByteCount = bytes.count
        try Self.write(bytes, to: file)
    }

    private func statistics(_ bounds: LeafBounds) -> ParquetStatistics {
        var statistics = ParquetStatistics()
        statistics.nullCount = nullCount
        statistics.minimum = bounds.minimum
        statistics.maximum = bounds.maximum
        switch physical {
        case .byteArray, .fixedLengthByteArray, .int96:
            if bounds.minimum != nil { statistics.isMinimumExact = true }
            if bounds.maximum != nil { statistics.isMaximumExact = true }
        default:
            // What reads only the older fields takes these for ordered as signed values, which they are.
            statistics.oldMinimum = bounds.minimum
            statistics.oldMaximum = bounds.maximum
        }
        return statistics
    }

    func appendBounds(minimum: ColumnBuilder, maximum: ColumnBuilder) {
        values.appendBounds(minimum: minimum, maximum: maximum)
    }

    private static func write(_ bytes: [UInt8], to file: OutputFile) throws {
        try bytes.withUnsafeBufferPointer { bytes in
            if let start = bytes.baseAddress { try file.append(start, bytes.count) }
        }
    }
}
