/// Hashes in ascending order. They are spread evenly, so that parting them by their first bits leaves little to be sorted, which
/// several threads do.
enum SortedKeys {
    private static let parts = 1024

    static func of(_ keys: [UInt64], threads: Int) -> [UInt64] {
        // Sorting few takes less than parting them.
        if keys.count < parts * 8 { return keys.sorted() }
        var ends = [Int](repeating: 0, count: parts)
        for key in keys { ends[part(key)] += 1 }
        for part in 1..<parts { ends[part] += ends[part - 1] }
        var starts = [0] + ends.dropLast()
        let ranges = zip(starts, ends).map { $0..<$1 }
        return [UInt64](unsafeUninitializedCapacity: keys.count) { target, used in
            for key in keys {
                target[starts[part(key)]] = key
                starts[part(key)] += 1
            }
            used = keys.count
            guard let first = target.baseAddress else { return }
            let sorted = KeysToSort(first: first)
            RowBlocks(groups: parts).forEach(threads: threads) { part, _ in
                var keys = UnsafeMutableBufferPointer(start: sorted.first + ranges[part].lowerBound, count: ranges[part].count)
                keys.sort()
            }
        }
    }

    @inline(__always)
    private static func part(_ key: UInt64) -> Int { Int(key >> 54) }

    private struct KeysToSort: @unchecked Sendable {
        // Unchecked: each thread sorts parts of its own.
        let first: UnsafeMutablePointer<UInt64>
    }
}
