import Columnar

/// A CPC sketch of Apache DataSketches (compressed probabilistic counting): a matrix of bits with `2^lgK` rows and 64 columns. A value sets
/// one bit: the row is a part of its hash, the column the number of zeros that another part begins with.
///
/// What a sketch holds depends on the values alone. It is always one as a union makes it: its estimate is that of the number of bits.
struct CPCSketch: Sendable {
    static let sizes = 4...26
    static let usualSize = 11

    private(set) var lgK: Int
    let mark: UInt16
    /// While few bits are set: each as its row behind which its column has six bits, and one, as 0 is none.
    private var bits = CouponSet()
    /// A word a row; empty while few bits are set.
    private(set) var rows: [UInt64] = []
    private(set) var count = 0

    /// - Parameter mark: of the seed of the hashes.
    init(lgK: Int, mark: UInt16) {
        self.lgK = lgK
        self.mark = mark
    }

    /// All bits of a matrix that has more than few.
    init(lgK: Int, mark: UInt16, rows: [UInt64]) {
        self.init(lgK: lgK, mark: mark)
        self.rows = rows
        count = rows.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// Where a value's bit is.
    @inline(__always)
    static func place(_ hash: SketchHash) -> (row: UInt32, column: UInt32) {
        (UInt32(truncatingIfNeeded: hash.low), UInt32(min(hash.high.leadingZeroBitCount, 63)))
    }

    @inline(__always)
    mutating func insert(row: UInt32, column: UInt32) {
        let mask = UInt32(truncatingIfNeeded: 1 << lgK - 1)
        if rows.isEmpty {
            var place = (row & mask) << 6 | column
            // The published tables have no room for all bits of a word.
            if place == .max { place ^= 1 << 6 }
            bits.insert(place + 1)
            count = bits.count
            if count * 32 >= 3 << lgK { expand() }
        } else {
            set(Int(row & mask), 1 << UInt64(column))
        }
    }

    @inline(__always)
    private mutating func set(_ row: Int, _ columns: UInt64) {
        let new = columns & ~rows[row]
        if new != 0 {
            rows[row] |= new
            count += new.nonzeroBitCount
        }
    }

    private func forEachBit(_ body: (_ row: UInt32, _ column: UInt32) -> Void) {
        bits.forEach { body(($0 - 1) >> 6, ($0 - 1) & 63) }
    }

    /// The matrix in the place of single bits.
    private mutating func expand() {
        rows = [UInt64](repeating: 0, count: 1 << lgK)
        count = 0
        let known = bits
        bits = CouponSet()
        known.forEach { set(Int(($0 - 1) >> 6), 1 << UInt64(($0 - 1) & 63)) }
    }

    /// Fewer rows: each takes the bits of those that fall together.
    private mutating func fold(to smaller: Int) {
        guard smaller < lgK else { return }
        let before = self
        self = CPCSketch(lgK: smaller, mark: mark)
        if before.rows.isEmpty {
            before.forEachBit { insert(row: $0, column: $1) }
        } else {
            rows = [UInt64](repeating: 0, count: 1 << smaller)
            for (row, columns) in before.rows.enumerated() { set(row & (rows.count - 1), columns) }
        }
    }

    /// All bits, by rows and columns, as the published tables have them.
    var places: [UInt32] {
        guard !rows.isEmpty else { return bits.sorted.map { $0 - 1 } }
        var places: [UInt32] = []
        places.reserveCapacity(count)
        for (row, columns) in rows.enumerated() { Self.append(columns, of: row, to: &places) }
        return places
    }

    static func append(_ columns: UInt64, of row: Int, to places: inout [UInt32]) {
        var columns = columns
        while columns != 0 {
            places.append(UInt32(row) << 6 | UInt32(columns.trailingZeroBitCount))
            columns &= columns - 1
        }
    }
}

extension CPCSketch: SketchState {
    var byteCount: Int { bits.byteCount + rows.capacity * 8 }

    /// The union of both. It has as many rows as the one that has fewer.
    mutating func merge(_ other: CPCSketch) {
        guard other.count > 0 else { return }
        fold(to: other.lgK)
        guard !other.rows.isEmpty else { return other.forEachBit { insert(row: $0, column: $1) } }
        if rows.isEmpty { expand() }
        for (row, columns) in other.rows.enumerated() { set(row & (rows.count - 1), columns) }
    }

    func sketch() -> [UInt8] { serialized() }
    func saved() -> [UInt8] { serialized() }
    mutating func restore(_ saved: StringView) throws { self = try CPCImage(saved, mark: mark).sketch() }
}
