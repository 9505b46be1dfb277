extension RandomAccessCollection where Index == Int {
    /// The first place whose element satisfies a condition, which all behind it satisfy too; `endIndex` where none does.
    /// - Complexity: O(log count).
    @inlinable @inline(__always)
    package func partitionPoint(where condition: (Element) throws -> Bool) rethrows -> Int {
        var low = startIndex, high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if try condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension RandomAccessCollection where Index == Int, Element: Comparable {
    /// Where an element stands among ascending ones, the first of its equals; nil where it is none of them.
    @inlinable @inline(__always)
    package func sortedPlace(of element: Element) -> Int? {
        let place = partitionPoint { $0 >= element }
        return place < endIndex && self[place] == element ? place : nil
    }
}
