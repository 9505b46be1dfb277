import Columnar

/// Sorts row numbers by encoded keys. Stable.
struct RowSorter {
    let comparison: SortKeyComparison
    let bytes: UnsafePointer<UInt8>
    /// The keys' values, for those that bytes cut.
    let columns: [Column]
    /// Throws when the statement is to end.
    var check: () throws -> Void = {}

    /// What `sort` needs beside the rows' numbers.
    static let bytesPerRow = 2 * MemoryLayout<Entry>.stride

    private static let rowsWithoutCheck = 1 << 16

    /// A row with eight bytes of its key, which decide most comparisons.
    struct Entry {
        var word: UInt64
        var row: Int32
    }

    /// Sorts `rows`, which are ascending in the order that ties keep.
    func sort(_ rows: UnsafeMutablePointer<Int32>, count: Int) throws {
        guard count > 1 else { return }
        if count <= 16 {
            insertionSort(rows, count)
            return
        }
        try check()
        try withUnsafeTemporaryAllocation(of: Entry.self, capacity: count) { buffer in
            guard let entries = buffer.baseAddress else { return }
            let start = commonPrefix(rows, count)
            fill(entries, rows, count, from: start)
            let decides = comparison.isExact && start + 8 >= comparison.firstSegmentLength
            if count < 512 {
                try sortEntries(entries, count, wordDecides: decides)
            } else {
                try withUnsafeTemporaryAllocation(of: Entry.self, capacity: count) { scratch in
                    guard let spare = scratch.baseAddress else { return }
                    try Self.radixSort(entries, spare, count, check)
                }
                if !decides { try sortTies(entries, count) }
            }
            for index in 0..<count { rows[index] = entries[index].row }
        }
    }

    private func insertionSort(_ rows: UnsafeMutablePointer<Int32>, _ count: Int) {
        for index in 1..<count {
            let row = rows[index]
            var place = index
            while place > 0, comparison.compare(bytes, columns, Int(rows[place - 1]), Int(row)) > 0 {
                rows[place] = rows[place - 1]
                place -= 1
            }
            rows[place] = row
        }
    }

    /// How many leading bytes of the first segment all keys share.
    private func commonPrefix(_ rows: UnsafePointer<Int32>, _ count: Int) -> Int {
        let stride = comparison.stride
        var shared = comparison.firstSegmentLength
        let first = bytes + Int(rows[0]) &* stride
        var index = 1
        while index < count, shared > 0 {
            let key = bytes + Int(rows[index]) &* stride
            var equal = 0
            while equal < shared, first[equal] == key[equal] { equal &+= 1 }
            shared = equal
            index &+= 1
        }
        return shared
    }

    private func fill(_ entries: UnsafeMutablePointer<Entry>, _ rows: UnsafePointer<Int32>, _ count: Int, from start: Int) {
        let stride = comparison.stride
        let used = min(comparison.firstSegmentLength - start, 8)
        if used <= 0 {
            for index in 0..<count { entries[index] = Entry(word: 0, row: rows[index]) }
        } else if start + 8 <= stride {
            let mask: UInt64 = used == 8 ? ~0 : ~(~0 >> UInt64(used * 8))
            for index in 0..<count {
                let place = UnsafeRawPointer(bytes + Int(rows[index]) &* stride + start)
                entries[index] = Entry(
                    word: UInt64(bigEndian: place.loadUnaligned(as: UInt64.self)) & mask, row: rows[index])
            }
        } else {
            for index in 0..<count {
                let place = bytes + Int(rows[index]) &* stride + start
                var word: UInt64 = 0
                for byte in 0..<used { word |= UInt64(place[byte]) << UInt64(56 - byte * 8) }
                entries[index] = Entry(word: word, row: rows[index])
            }
        }
    }

    private func sortEntries(_ entries: UnsafeMutablePointer<Entry>, _ count: Int, wordDecides: Bool) throws {
        let check = check
        var compared = 0
        let comparison = comparison
        let bytes = bytes
        let columns = columns
        var buffer = UnsafeMutableBufferPointer(start: entries, count: count)
        // Rows that tie stay in ascending order, as they came.
        try buffer.sort { left, right in
            compared &+= 1
            if compared & (Self.rowsWithoutCheck - 1) == 0 { try check() }
            if left.word != right.word { return left.word < right.word }
            if !wordDecides {
                let order = comparison.compare(bytes, columns, Int(left.row), Int(right.row))
                if order != 0 { return order < 0 }
            }
            return left.row < right.row
        }
    }

    /// Runs of equal words are sorted by whole keys.
    private func sortTies(_ entries: UnsafeMutablePointer<Entry>, _ count: Int) throws {
        var begin = 0
        while begin < count {
            var end = begin + 1
            let word = entries[begin].word
            while end < count, entries[end].word == word { end &+= 1 }
            if end - begin > 1 { try sortEntries(entries + begin, end - begin, wordDecides: false) }
            begin = end
        }
    }

    /// Sorts by the words alone, stable: least significant byte first; bytes that all words share are skipped.
    static func radixSort(
        _ entries: UnsafeMutablePointer<Entry>, _ spare: UnsafeMutablePointer<Entry>, _ count: Int,
        _ check: () throws -> Void
    ) throws {
        try withUnsafeTemporaryAllocation(of: Int.self, capacity: 8 * 256) { buffer in
            guard let counts = buffer.baseAddress else { return }
            counts.initialize(repeating: 0, count: 8 * 256)
            for index in 0..<count {
                let word = entries[index].word
                for byte in 0..<8 {
                    counts[byte &* 256 &+ Int(truncatingIfNeeded: word >> UInt64(truncatingIfNeeded: byte &* 8)) & 255] &+= 1
                }
            }
            var source = entries
            var target = spare
            for byte in 0..<8 {
                let shift = UInt64(truncatingIfNeeded: byte * 8)
                let places = counts + byte * 256
                if places[Int(truncatingIfNeeded: source[0].word >> shift) & 255] == count { continue }
                try check()
                var sum = 0
                for value in 0..<256 {
                    let size = places[value]
                    places[value] = sum
                    sum &+= size
                }
                for index in 0..<count {
                    let entry = source[index]
                    let value = Int(truncatingIfNeeded: entry.word >> shift) & 255
                    target[places[value]] = entry
                    places[value] &+= 1
                }
                swap(&source, &target)
            }
            if source != entries { entries.update(from: source, count: count) }
        }
    }
}
