import Columnar

/// How an ASOF join looks through the right values that a left value may be given: the nearest come first.
struct NearestOrder: Sendable {
    /// `>=` and `>`: the greatest is the nearest.
    let isDescending: Bool
    /// `>` and `<`: an equal value does not match.
    let isExclusive: Bool

    init(_ operation: ComparisonOperator) {
        isDescending = operation == .greaterOrEqual || operation == .greater
        isExclusive = operation == .greater || operation == .less
    }
}

/// Values as words whose unsigned order is a `NearestOrder`. Values beyond what words hold get the words at the ends, so
/// that the order of words never contradicts the order of values.
enum NearestWords {
    /// Writes the word of the `n`-th selected row, which is not NULL, to `target[n]`. `column` is flat or constant.
    /// - Returns: whether each word stands for one value, so that words may be compared in place of values, on the other
    ///   side also with the words at the ends.
    static func encode(
        _ column: Column, _ order: NearestOrder, rows: RowSelection, into target: UnsafeMutablePointer<UInt64>
    ) -> Bool {
        let flip: UInt64 = order.isDescending ? ~0 : 0
        switch column.type.physical {
        case .float:
            words(column, rows, target, Float.self) { UInt64(NormalizedKey.sortable($0 == 0 ? 0 : $0)) ^ flip }
        case .double: words(column, rows, target, Double.self) { NormalizedKey.sortable($0 == 0 ? 0 : $0) ^ flip }
        case .timestamp:
            var isExact = true
            words(column, rows, target, Timestamp.self) { value in
                let isNear = value.seconds.magnitude <= farthestSecond
                isExact = isExact && isNear
                return (isNear
                    ? sortable(value.seconds &* 1_000_000_000 &+ Int64(value.nanoseconds)) : value.seconds < 0 ? 0 : ~0)
                    ^ flip
            }
            return isExact
        case .int128:
            var isExact = true
            words(column, rows, target, Int128.self) { value in
                let isNear = value > Int128(Int64.min) && value < Int128(Int64.max)
                isExact = isExact && isNear
                return (isNear ? sortable(Int64(truncatingIfNeeded: value)) : value < 0 ? 0 : ~0) ^ flip
            }
            return isExact
        case .string:
            words(column, rows, target, StringView.self) { prefix($0) ^ flip }
            return false
        case .boolean, .int8, .int16, .int32, .int64, .list, .structure, .union:
            NormalizedKey.encodeWords(column, SortOrder(ascending: !order.isDescending), rows: rows, into: target)
        }
        return true
    }

    /// Seconds that 64 bits hold in nanoseconds, with room for the words at the ends.
    private static let farthestSecond: UInt64 = 9_223_372_035

    @inline(__always)
    private static func sortable(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) ^ 1 << 63 }

    /// The first eight bytes.
    @inline(__always)
    private static func prefix(_ text: StringView) -> UInt64 {
        var word: UInt64 = 0
        let bytes = text.pointer
        for index in 0..<min(Int(text.length), 8) { word |= UInt64(bytes[index]) << UInt64(56 - index * 8) }
        return word
    }

    @inline(__always)
    private static func words<T: ColumnElement>(
        _ column: Column, _ rows: RowSelection, _ target: UnsafeMutablePointer<UInt64>, _: T.Type,
        _ encode: (T) -> UInt64
    ) {
        let source = UnsafePointer(column.values(as: T.self))
        let scale = column.isConstant ? 0 : 1
        if let selection = rows.selection {
            let indices = UnsafePointer(selection.indices)
            for ordinal in 0..<rows.count { target[ordinal] = encode(source[Int(indices[ordinal]) &* scale]) }
            withExtendedLifetime(selection) {}
        } else {
            for row in 0..<rows.count { target[row] = encode(source[row &* scale]) }
        }
        withExtendedLifetime(column) {}
    }

    /// The value of an integer type that a word stands for.
    static func integer(_ word: UInt64, _ order: NearestOrder) -> Int64 {
        Int64(bitPattern: (order.isDescending ? ~word : word) ^ 1 << 63)
    }

    /// The word of a value of a floating type.
    static func word(of value: Double, type: SQLType, _ order: NearestOrder) -> UInt64 {
        let word = type.physical == .float ? UInt64(NormalizedKey.sortable(Float(value))) : NormalizedKey.sortable(value)
        return order.isDescending ? ~word : word
    }
}
