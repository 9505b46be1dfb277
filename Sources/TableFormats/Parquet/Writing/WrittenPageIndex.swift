/// The indexes of a column chunk's pages while they are gathered (PageIndex.md).
struct WrittenPageIndex {
    private(set) var pages: [ParquetOffsetIndex.Page] = []
    /// nil: bounds do not tell what is in the pages.
    private(set) var columnIndex: ParquetColumnIndex? = ParquetColumnIndex(nullCounts: [])
    private var rowCount = 0

    /// - Parameter isNull: whether the page has nothing but NULLs.
    mutating func add(byteCount: Int, rows: Int, nulls: Int, isNull: Bool, _ bounds: LeafBounds) {
        pages.append(ParquetOffsetIndex.Page(offset: 0, byteCount: byteCount, firstRow: rowCount))
        rowCount += rows
        guard isNull || bounds.minimum != nil && bounds.maximum != nil else {
            columnIndex = nil
            return
        }
        columnIndex?.nullPages.append(isNull)
        columnIndex?.minimums.append(bounds.minimum ?? [])
        columnIndex?.maximums.append(bounds.maximum ?? [])
        columnIndex?.nullCounts?.append(nulls)
    }

    /// - Parameter firstPage: where the first page of data stands in the file; the others follow it.
    mutating func finish(firstPage: Int, _ bounds: LeafChunkBounds) {
        var offset = firstPage
        for page in pages.indices {
            pages[page].offset = offset
            offset += pages[page].byteCount
        }
        columnIndex?.order = bounds.order
        // Whoever looks for NaN would pass over it.
        if !bounds.coverAll { columnIndex = nil }
    }
}
