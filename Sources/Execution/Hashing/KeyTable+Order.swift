import Columnar

extension KeyTable {
    /// The keys' numbers in ascending order of the keys, NULLs first.
    func sortedNumbers() throws -> [Int32] {
        var numbers = (0..<count).map { Int32(truncatingIfNeeded: $0) }
        let columns = columns(0..<count)
        let comparison = SortKeyComparison(
            types: columns.map(\.type), orders: columns.map { _ in SortOrder(ascending: true, nullsFirst: true) })
        let stride = comparison.stride
        let bytes = LargeAllocation.elements(UInt8.self, count * stride)
        defer { bytes.deallocate() }
        comparison.normalized.encode(columns, rows: .all(count), into: bytes, stride: stride)
        let sorter = RowSorter(comparison: comparison, bytes: bytes, columns: columns)
        let total = count
        try numbers.withUnsafeMutableBufferPointer { buffer in
            if let first = buffer.baseAddress { try sorter.sort(first, count: total) }
        }
        return numbers
    }
}
