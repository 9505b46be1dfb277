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
    func compare(_ bytes: UnsafePointer<UInt8>, _ columns: [Column], _ left: Int, _ right: Int) -> Int {
        let a = bytes + left &* stride
        let b = bytes + right &* stride
        for segment in segments {
            let order = compareBytes(a + segment.offset, b + segment.offset, segment.length)
            if order != 0 { return Int(order) }
            guard let key = segment.cutKey else { continue }
            let column = columns[key]
            if column.isNull(left) { continue }
            let exact: Int
            if column.type.physical == .string, column.encoding == .flat {
                let values = column.values(as: StringView.self)
                exact = StringView.compare(values[left], values[right])
            } else {
                exact = RowComparator.compare(column, left, column, right)
            }
            if exact != 0 { return normalized.orders[key].ascending ? exact : -exact }
        }
        return 0
    }
}
