/// How one sort key orders rows.
package struct SortOrder: Hashable, Sendable {
    package var ascending: Bool
    package var nullsFirst: Bool

    /// Hive's defaults: NULLs first when ascending, last when descending.
    package init(ascending: Bool = true, nullsFirst: Bool? = nil) {
        self.ascending = ascending
        self.nullsFirst = nullsFirst ?? ascending
    }
}

/// Compares rows of columns of any type, value by value. Exact but slow: for ties of normalized keys, nested values and
/// small inputs.
package struct RowComparator: Sendable {
    package let orders: [SortOrder]

    package init(_ orders: [SortOrder]) { self.orders = orders }

    /// Negative when row `leftRow` of `left` sorts before row `rightRow` of `right`. One column a sort key.
    package func compare(_ left: [Column], _ leftRow: Int, _ right: [Column], _ rightRow: Int) -> Int {
        for (key, order) in orders.enumerated() where key < left.count && key < right.count {
            let leftIsNull = left[key].isNull(leftRow)
            let rightIsNull = right[key].isNull(rightRow)
            if leftIsNull || rightIsNull {
                if leftIsNull && rightIsNull { continue }
                return leftIsNull == order.nullsFirst ? -1 : 1
            }
            let result = RowComparator.compare(left[key], leftRow, right[key], rightRow)
            if result != 0 { return order.ascending ? result : -result }
        }
        return 0
    }

    /// The order of two values that are not NULL: negative, zero or positive. Nested NULLs come first (or
    /// last) and equal each other. Types must have the same layout; decimals may differ in scale. Maps compare by their entries in order of
    /// keys.
    package static func compare(
        _ left: Column, _ leftRow: Int, _ right: Column, _ rightRow: Int, nestedNullsLast: Bool = false
    ) -> Int {
        let a = left.encoding == .dictionary ? left.base ?? left : left
        let b = right.encoding == .dictionary ? right.base ?? right : right
        return compareElements(a, left.element(of: leftRow), b, right.element(of: rightRow), nestedNullsLast)
    }

    private static func compareElements(
        _ left: Column, _ l: Int, _ right: Column, _ r: Int, _ nullsLast: Bool
    ) -> Int {
        switch left.type.physical {
        case .boolean: order(left, l, right, r, UInt8.self)
        case .int8: order(left, l, right, r, Int8.self)
        case .int16: order(left, l, right, r, Int16.self)
        case .int32: order(left, l, right, r, Int32.self)
        case .int64: order(left, l, right, r, Int64.self)
        case .float: order(left, l, right, r, Float.self)
        case .double: order(left, l, right, r, Double.self)
        case .timestamp: order(left, l, right, r, Timestamp.self)
        case .string: StringView.compare(left.values(as: StringView.self)[l], right.values(as: StringView.self)[r])
        case .int128:
            if case .decimal(_, let leftScale) = left.type, case .decimal(_, let rightScale) = right.type {
                Decimals.compare(
                    left.values(as: Int128.self)[l], scale: leftScale, right.values(as: Int128.self)[r], scale: rightScale)
            } else {
                order(left, l, right, r, Int128.self)
            }
        case .list: compareLists(left, l, right, r, nullsLast)
        case .structure:
            compareFields(left, l, right, r, nullsLast)
        case .union:
            left.values(as: UInt8.self)[l] != right.values(as: UInt8.self)[r]
                ? Int(left.values(as: UInt8.self)[l]) - Int(right.values(as: UInt8.self)[r])
                : compareMember(left, l, right, r, Int(left.values(as: UInt8.self)[l]), nullsLast)
        }
    }

    @inline(__always)
    private static func order<T: OrderedElement>(_ left: Column, _ l: Int, _ right: Column, _ r: Int, _: T.Type) -> Int {
        let a = left.values(as: T.self)[l]
        let b = right.values(as: T.self)[r]
        return T.isLess(a, b) ? -1 : T.isEqual(a, b) ? 0 : 1
    }

    private static func compareMaybeNull(
        _ left: Column, _ l: Int, _ right: Column, _ r: Int, _ nullsLast: Bool
    ) -> Int {
        let leftIsNull = left.isNull(l)
        let rightIsNull = right.isNull(r)
        if leftIsNull || rightIsNull { return leftIsNull == rightIsNull ? 0 : leftIsNull == nullsLast ? 1 : -1 }
        return compare(left, l, right, r, nestedNullsLast: nullsLast)
    }

    private static func compareFields(
        _ left: Column, _ l: Int, _ right: Column, _ r: Int, _ nullsLast: Bool
    ) -> Int {
        for (a, b) in zip(left.children, right.children) {
            let result = compareMaybeNull(a, l, b, r, nullsLast)
            if result != 0 { return result }
        }
        return left.children.count - right.children.count
    }

    private static func compareMember(
        _ left: Column, _ l: Int, _ right: Column, _ r: Int, _ tag: Int, _ nullsLast: Bool
    ) -> Int {
        guard tag < left.children.count, tag < right.children.count else { return 0 }
        return compareMaybeNull(left.children[tag], l, right.children[tag], r, nullsLast)
    }

    private static func compareLists(
        _ left: Column, _ l: Int, _ right: Column, _ r: Int, _ nullsLast: Bool
    ) -> Int {
        let a = left.values(as: ListEntry.self)[l]
        let b = right.values(as: ListEntry.self)[r]
        var leftItems = Array(Int(a.offset)..<Int(a.offset) + Int(a.length))
        var rightItems = Array(Int(b.offset)..<Int(b.offset) + Int(b.length))
        if case .map = left.type, let leftKeys = left.children.first, let rightKeys = right.children.first {
            leftItems.sort { compareMaybeNull(leftKeys, $0, leftKeys, $1, nullsLast) < 0 }
            rightItems.sort { compareMaybeNull(rightKeys, $0, rightKeys, $1, nullsLast) < 0 }
        }
        for (x, y) in zip(leftItems, rightItems) {
            for (leftChild, rightChild) in zip(left.children, right.children) {
                let result = compareMaybeNull(leftChild, x, rightChild, y, nullsLast)
                if result != 0 { return result }
            }
        }
        return leftItems.count - rightItems.count
    }
}
