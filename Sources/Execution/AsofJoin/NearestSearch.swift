import Columnar

/// Places in an `AsofIndex` that left values are searched in: for the `n`-th of them from `begins[n]` up to `ends[n]`.
struct NearestSearch {
    let begins: UnsafeMutablePointer<Int32>
    let ends: UnsafeMutablePointer<Int32>
    /// Room for as many.
    let sizes: UnsafeMutablePointer<Int32>
    let count: Int

    /// Moves each begin to the nearest right value that matches, to the end where there is none.
    func run(_ index: AsofIndex, _ column: Column, _ rows: RowSelection, words: UnsafePointer<UInt64>) {
        guard let values = index.values else {
            let own = UnsafePointer(index.words.pointer)
            if index.order.isExclusive {
                descend { own[$0] <= words[$1] }
            } else {
                descend { own[$0] < words[$1] }
            }
            return
        }
        switch values.type.physical {
        case .string: search(StringView.self, values, column, rows, index.order)
        case .timestamp: search(Timestamp.self, values, column, rows, index.order)
        case .int128:
            if values.type == column.type { search(Int128.self, values, column, rows, index.order) } else {
                searchDecimals(values, column, rows, index.order)
            }
        // All values of other types are words.
        case .boolean, .int8, .int16, .int32, .int64, .float, .double, .list, .structure, .union: break
        }
    }

    private func search<T: ColumnElement & Comparable>(
        _: T.Type, _ values: Column, _ column: Column, _ rows: RowSelection, _ order: NearestOrder
    ) {
        let own = UnsafePointer(values.values(as: T.self))
        let other = UnsafePointer(column.values(as: T.self))
        let scale = column.isConstant ? 0 : 1
        switch (order.isDescending, order.isExclusive) {
        case (false, false): descend { own[$0] < other[rows[$1] &* scale] }
        case (false, true): descend { !(other[rows[$1] &* scale] < own[$0]) }
        case (true, false): descend { other[rows[$1] &* scale] < own[$0] }
        case (true, true): descend { !(own[$0] < other[rows[$1] &* scale]) }
        }
        withExtendedLifetime((values, column)) {}
    }

    /// Decimals whose scales no type holds together.
    private func searchDecimals(_ values: Column, _ column: Column, _ rows: RowSelection, _ order: NearestOrder) {
        guard case .decimal(_, let ownScale) = values.type, case .decimal(_, let otherScale) = column.type else { return }
        let own = UnsafePointer(values.values(as: Int128.self))
        let other = UnsafePointer(column.values(as: Int128.self))
        let step = column.isConstant ? 0 : 1
        descend { place, ordinal in
            let result = Decimals.compare(
                own[place], scale: ownScale, other[rows[ordinal] &* step], scale: otherScale)
            let nearer = order.isDescending ? -result : result
            return order.isExclusive ? nearer <= 0 : nearer < 0
        }
        withExtendedLifetime((values, column)) {}
    }

    /// Halves what is left of all searches at once: their reads of memory do not wait for each other.
    /// - Parameter isBefore: whether the value at a place comes before those that match search `ordinal`.
    @inline(__always)
    private func descend(_ isBefore: (_ place: Int, _ ordinal: Int) -> Bool) {
        let begins = begins
        let ends = ends
        let sizes = sizes
        var longest: Int32 = 0
        for ordinal in 0..<count {
            let size = ends[ordinal] &- begins[ordinal]
            sizes[ordinal] = size
            longest = max(longest, size)
        }
        while longest > 1 {
            for ordinal in 0..<count {
                let size = sizes[ordinal]
                let half = size >> 1
                let begin = begins[ordinal]
                let place = Int(begin &+ half) &- (half > 0 ? 1 : 0)
                begins[ordinal] = begin &+ (isBefore(place, ordinal) ? half : 0)
                sizes[ordinal] = size &- half
            }
            longest = longest &- longest >> 1
        }
        for ordinal in 0..<count {
            let begin = begins[ordinal]
            begins[ordinal] = begin &+ (isBefore(Int(begin), ordinal) ? 1 : 0)
        }
    }
}
