import Platform

/// Where the data pages of a column chunk are (PageIndex.md, `OffsetIndex`), checked against the file.
struct ParquetOffsetIndex: Sendable {
    struct Page: Sendable {
        /// Of the page's header.
        var offset = 0
        /// Bytes of header and body.
        var byteCount = 0
        /// The first row, of the row group, that begins in the page.
        var firstRow = 0
    }

    let pages: [Page]
    /// Rows of the row group.
    let rowCount: Int

    /// - Parameter dataEnd: where no page may reach.
    /// - Returns: nil when it contradicts itself or the file.
    init?(_ pages: [Page], rowCount: Int, dataEnd: Int) {
        guard let first = pages.first, first.firstRow == 0 else { return nil }
        var row = 0
        for page in pages {
            guard page.firstRow >= row, page.firstRow <= rowCount, page.offset >= 4, page.byteCount > 0,
                page.offset < dataEnd, page.byteCount <= dataEnd - page.offset
            else { return nil }
            row = page.firstRow
        }
        self.pages = pages
        self.rowCount = rowCount
    }

    /// The rows that begin in a page.
    func rows(of page: Int) -> Range<Int> {
        pages[page].firstRow..<(page + 1 < pages.count ? pages[page + 1].firstRow : rowCount)
    }

    /// The page in which a row begins; the number of pages for a row beyond the last.
    func page(ofRow row: Int) -> Int {
        guard row < rowCount else { return pages.count }
        return max(pages.partitionPoint { $0.firstRow > row } - 1, 0)
    }
}

/// What is known of the values in the data pages of a column chunk (PageIndex.md, `ColumnIndex`), a row a page.
struct ParquetColumnIndex: Sendable {
    /// Whether a page has nothing but NULLs.
    var nullPages: [Bool] = []
    /// Plain bytes of bounds, which may be cut; empty for pages of NULLs.
    var minimums: [[UInt8]] = []
    var maximums: [[UInt8]] = []
    var order = Order.unordered
    /// nil: not said.
    var nullCounts: [Int]?

    /// How the bounds of pages that have some follow each other.
    enum Order: Int {
        case unordered, ascending, descending
    }
}

extension ParquetOffsetIndex {
    static func pages(decoding reader: inout ThriftCompactReader) throws -> [Page] {
        var pages: [Page] = []
        try reader.fields { reader, field, wire in
            guard field == 1 else { return false }
            try reader.elements(wire) { reader, wire in
                var page = Page()
                try reader.structure(wire) { reader, field, wire in
                    switch field {
                    case 1: page.offset = try reader.integer(wire)
                    case 2: page.byteCount = try reader.integer(wire)
                    case 3: page.firstRow = try reader.integer(wire)
                    default: return false
                    }
                    return true
                }
                pages.append(page)
            }
            return true
        }
        return pages
    }

    static func encoded(_ pages: [Page]) -> [UInt8] {
        var writer = ThriftCompactWriter()
        writer.element { writer in
            writer.structures(1, pages) { writer, page in
                writer.i64(1, page.offset)
                writer.i32(2, page.byteCount)
                writer.i64(3, page.firstRow)
            }
        }
        return writer.bytes
    }
}

extension ParquetColumnIndex {
    init(decoding reader: inout ThriftCompactReader) throws {
        try reader.fields { reader, field, wire in
            switch field {
            case 1: try reader.elements(wire) { reader, _ in nullPages.append(try reader.booleanElement()) }
            case 2: try reader.elements(wire) { reader, wire in minimums.append(try reader.binary(wire)) }
            case 3: try reader.elements(wire) { reader, wire in maximums.append(try reader.binary(wire)) }
            case 4: order = Order(rawValue: try reader.integer(wire)) ?? .unordered
            case 5:
                var counts: [Int] = []
                try reader.elements(wire) { reader, wire in counts.append(try reader.integer(wire)) }
                nullCounts = counts
            default: return false
            }
            return true
        }
    }

    func encoded() -> [UInt8] {
        var writer = ThriftCompactWriter()
        writer.element { writer in
            writer.booleans(1, nullPages)
            writer.binaries(2, minimums)
            writer.binaries(3, maximums)
            writer.i32(4, order.rawValue)
            if let nullCounts { writer.longs(5, nullCounts) }
        }
        return writer.bytes
    }
}
