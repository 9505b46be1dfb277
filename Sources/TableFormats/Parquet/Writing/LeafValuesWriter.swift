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

/// Entries of a dictionary by their hash: open addressing over their codes.
struct CodeTable {
    private var codes: UnsafeMutablePointer<Int32>
    private var mask: Int
    private(set) var count = 0

    init() {
        mask = 255
        codes = .allocate(capacity: 256)
        codes.initialize(repeating: -1, count: 256)
    }

    func deallocate() { codes.deallocate() }

    var byteCount: Int { (mask + 1) * 4 }

    mutating func removeAll() {
        count = 0
        codes.update(repeating: -1, count: mask + 1)
    }

    /// The code of the entry that `isEqual` knows by its code, or the next one, which is then taken, and true.
    @inline(__always)
    mutating func code(_ hash: UInt64, _ isEqual: (Int) -> Bool) -> (code: Int, isNew: Bool) {
        var slot = Int(truncatingIfNeeded: hash &>> 20) & mask
        while true {
            let code = Int(codes[slot])
            if code < 0 {
                codes[slot] = Int32(truncatingIfNeeded: count)
                count &+= 1
                return (count &- 1, true)
            }
            if isEqual(code) { return (code, false) }
            slot = (slot &+ 1) & mask
        }
    }

    /// To be called after a new entry: keeps half of the slots free.
    @inline(__always)
    mutating func makeRoom(_ hash: (Int) -> UInt64) { if count &* 2 > mask { grow(hash) } }

    private mutating func grow(_ hash: (Int) -> UInt64) {
        codes.deallocate()
        mask = mask * 2 + 1
        codes = .allocate(capacity: mask + 1)
        codes.initialize(repeating: -1, count: mask + 1)
        for code in 0..<count {
            var slot = Int(truncatingIfNeeded: hash(code) &>> 20) & mask
            while codes[slot] >= 0 { slot = (slot &+ 1) & mask }
            codes[slot] = Int32(truncatingIfNeeded: code)
        }
    }
}

/// The codes of a page.
struct PageCodes {
    private(set) var elements: UnsafeMutablePointer<UInt32>
    private(set) var count = 0
    private var capacity = 4096

    init() { elements = .allocate(capacity: 4096) }

    func deallocate() { elements.deallocate() }

    mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(count + more, capacity * 2)
        let grown = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
        grown.update(from: elements, count: count)
        elements.deallocate()
        elements = grown
    }

    @inline(__always)
    mutating func append(_ code: Int) {
        elements[count] = UInt32(truncatingIfNeeded: code)
        count &+= 1
    }

    mutating func removeAll() { count = 0 }

    /// The width of the codes in a byte, then the codes.
    func encode(entries: Int, to bytes: inout ByteList) {
        let width = entries > 1 ? Int.bitWidth - (entries - 1).leadingZeroBitCount : 1
        bytes.append(UInt8(width))
        HybridEncoder.append(elements, count: count, bitWidth: width, to: &bytes)
    }

    /// Bytes that they take at most, about.
    func byteCount(entries: Int) -> Int { count * max(Int.bitWidth - max(entries - 1, 1).leadingZeroBitCount, 1) / 8 }
}
