extension RandomAccessCollection where Index == Int {
    /// The first place whose element satisfies a condition, as do all behind it.
    /// - Complexity: O(log n).
    @inline(__always)
    func partitioningIndex(_ condition: (Element) -> Bool) -> Int {
        var low = startIndex, high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
