import Columnar

/// How a key of `WITHIN GROUP` orders, as the constant behind it says. It is an argument, so that calls are equal only where
/// they order alike.
package struct SortOrderArgument: Sendable, Hashable {
    package let isDescending: Bool
    package let nullsFirst: Bool

    package init(isDescending: Bool, nullsFirst: Bool) {
        self.isDescending = isDescending
        self.nullsFirst = nullsFirst
    }

    package init(code: Int64) {
        isDescending = code & 1 != 0
        nullsFirst = code & 2 != 0
    }

    package var code: Int64 { (isDescending ? 1 : 0) | (nullsFirst ? 2 : 0) }

    /// Negative where row `left` of a key comes before row `right`.
    func compare(_ key: Column, _ left: Int, _ right: Int) -> Int {
        switch (key.isNull(left), key.isNull(right)) {
        case (true, true): 0
        case (true, false): nullsFirst ? -1 : 1
        case (false, true): nullsFirst ? 1 : -1
        case (false, false): RowComparator.compare(key, left, key, right) * (isDescending ? -1 : 1)
        }
    }
}
