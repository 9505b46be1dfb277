import Columnar

/// The exact order of rows by their sort keys: normalized bytes where they suffice, values where bytes were cut.
///
/// Bytes behind a cut key decide only after the key's whole values were compared, so the keys fall into segments that
/// each end with a cut key (or the last one).
final class SortKeyComparison: Sendable {
    private struct Segment {
        let offset: Int
        let length: Int
        /// The key that the bytes cut; nil when they are exact.
        let cutKey: Int?
    }

    let normalized: NormalizedKey
    /// Bytes from one key to the next.
    let stride: Int
    /// Bytes that order rows without a look at values.
    let firstSegmentLength: Int
    private let segments: [Segment]

    init(types: [SQLType], orders: [SortOrder]) {
        normalized = NormalizedKey(types: types, orders: orders)
        stride = max((normalized.width + 7) / 8 * 8, 8)
        var segments: [Segment] = []
        var begin = 0
        var offset = 0
        for (key, type) in types.enumerated() {
            offset += 1 + NormalizedKey.valueWidth(type)
            switch type.physical {
            case .string, .list, .structure, .union:
                segments.append(Segment(offset: begin, length: offset - begin, cutKey: key))
                begin = offset
            default: break
            }
        }
        if offset > begin { segments.append(Segment(offset: begin, length: offset - begin, cutKey: nil)) }
        self.segments = segments
        firstSegmentLength = segments.first?.length ?? 0
    }

    /// Whether the first segment is all there is.
    var isExact: Bool { segments.count <= 1 && segments.first?.cutKey == nil }

    /// Compares row `left` with row `right` of the same keys: `bytes` are the encoded keys, `columns` the values.
    /// Negative, zero or positive.
    @inline(__always)
    func compare(_ bytes: UnsafePointer<UInt8>, _ columns: [Column], _ left: Int, _ right: Int) -> Int {
        compare(bytes + left &* stride, columns, left, bytes + right &* stride, columns, right)
    }

    /// Compares rows that may be of different columns: their encoded keys, and where their values are.
    func compare(
        _ leftKey: UnsafePointer<UInt8>, _ leftColumns: [Column], _ left: Int, _ rightKey: UnsafePointer<UInt8>,
        _ rightColumns: [Column], _ right: Int
    ) -> Int {
        for segment in segments {
            let order = compareBytes(leftKey + segment.offset, rightKey + segment.offset, segment.length)
            if order != 0 { return Int(order) }
            guard let key = segment.cutKey else { continue }
            let a = leftColumns[key]
            let b = rightColumns[key]
            if a.isNull(left) { continue }
            let exact: Int
            if a.type.physical == .string, a.encoding == .flat, b.encoding == .flat {
                exact = StringView.compare(a.values(as: StringView.self)[left], b.values(as: StringView.self)[right])
            } else {
                exact = RowComparator.compare(a, left, b, right)
            }
            if exact != 0 { return normalized.orders[key].ascending ? exact : -exact }
        }
        return 0
    }
}
