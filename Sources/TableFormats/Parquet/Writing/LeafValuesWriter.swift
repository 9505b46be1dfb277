import Columnar

/// Takes the values of one stored column and gives the bytes of pages.
protocol LeafValuesWriter: AnyObject {
    /// Takes the elements with these indices of a flat column, none of which is NULL.
    func append(_ column: Column, _ elements: UnsafePointer<Int>, count: Int)
    /// Bytes that the page's values take plainly, about.
    var pageBytes: Int { get }
    /// Appends the page's values and begins the next page.
    func endPage(to bytes: inout ByteList) -> ParquetEncoding
    /// The dictionary that pages of the row group refer to, and a new beginning; nil: none does.
    func takeDictionary() -> (bytes: [UInt8], count: Int)?
    /// The bounds of the page's values, long ones cut, and a new beginning.
    func takePageBounds() -> LeafBounds
    /// The bounds of the row group's values, and a new beginning.
    /// - Precondition: those of its last page were taken.
    func takeBounds() -> LeafChunkBounds
    /// Appends the bounds of all values, or NULL, to builders of the column's type.
    func appendBounds(minimum: ColumnBuilder, maximum: ColumnBuilder)
    var byteCount: Int { get }
}

/// The codes of a page.
extension CodeList {
    /// The width of the codes in a byte, then the codes.
    func encode(entries: Int, to bytes: inout ByteList) {
        let width = entries > 1 ? Int.bitWidth - (entries - 1).leadingZeroBitCount : 1
        bytes.append(UInt8(width))
        HybridEncoder.append(elements, count: count, bitWidth: width, to: &bytes)
    }

    /// Bytes that they take at most, about.
    func byteCount(entries: Int) -> Int { count * max(Int.bitWidth - max(entries - 1, 1).leadingZeroBitCount, 1) / 8 }
}
