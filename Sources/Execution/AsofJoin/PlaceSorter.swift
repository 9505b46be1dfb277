import Columnar

/// Sorts places in a source by their words. Places that tie keep their order.
struct PlaceSorter: @unchecked Sendable {
    // Unchecked: the workers of a sort write ranges that do not meet; all else is only read.
    typealias Entry = RowSorter.Entry

    /// By place.
    let words: UnsafePointer<UInt64>
    /// The order of the values at two places with one word; nil where they are equal.
    let ties: ((Int, Int) -> Int)?
    let query: QueryExecution

    /// What `sort` needs beside the places.
    static let bytesPerPlace = 2 * MemoryLayout<Entry>.stride
    /// Fewer are not worth sharing among workers.
    static let parallelCount = 1 << 16

    /// Sorts places that ascend.
    func sort(_ places: UnsafeMutablePointer<Int32>, count: Int) throws {
        if arrange(places, count) { return }
        let entries = LargeAllocation.elements(Entry.self, count * 2)
        defer { entries.deallocate() }
        for index in 0..<count {
            let place = places[index]
            entries[index] = Entry(word: words[Int(place)], row: place)
        }
        try sort(entries, spare: entries + count, count: count)
        for index in 0..<count { places[index] = entries[index].row }
    }

    /// The same, by all workers: ranges of words are gathered, then each is sorted by one of them.
    func sortInParallel(_ places: UnsafeMutablePointer<Int32>, count: Int) throws {
        if arrange(places, count) { return }
        let splitters = splitters(places, count)
        let buckets = splitters.count + 1
        let chunks = query.workerCount * 4
        let chunkSize = (count + chunks - 1) / chunks
        let entries = try ChargedBuffer<Entry>(count * 2, query, for: "JOIN")
        let bucketOf = try ChargedBuffer<UInt8>(count, query, for: "JOIN")
        let begins = try ChargedBuffer<Int>(chunks * buckets, query, for: "JOIN")
        begins.pointer.initialize(repeating: 0, count: chunks * buckets)
        func range(of chunk: Int) -> Range<Int> { min(chunk * chunkSize, count)..<min((chunk + 1) * chunkSize, count) }
        let shared = SharedPointer(places)
        try query.forEachTask(chunks) { _, chunk in
            let counts = begins.pointer + chunk * buckets
            let places = shared.pointer
            splitters.withUnsafeBufferPointer { splitters in
                for index in range(of: chunk) {
                    let word = words[Int(places[index])]
                    var low = 0
                    var size = splitters.count
                    while size > 0 {
                        let half = size >> 1
                        if splitters[low &+ half] <= word {
                            low = low &+ half &+ 1
                            size = size &- half &- 1
                        } else {
                            size = half
                        }
                    }
                    bucketOf.pointer[index] = UInt8(truncatingIfNeeded: low)
                    counts[low] &+= 1
                }
            }
        }
        var ranges: [Range<Int>] = []
        var next = 0
        for bucket in 0..<buckets {
            let first = next
            for chunk in 0..<chunks {
                let size = begins.pointer[chunk * buckets + bucket]
                begins.pointer[chunk * buckets + bucket] = next
                next += size
            }
            ranges.append(first..<next)
        }
        try query.forEachTask(chunks) { _, chunk in
            let targets = begins.pointer + chunk * buckets
            let places = shared.pointer
            for index in range(of: chunk) {
                let bucket = Int(bucketOf.pointer[index])
                let place = places[index]
                entries.pointer[targets[bucket]] = Entry(word: words[Int(place)], row: place)
                targets[bucket] &+= 1
            }
        }
        let ready = ranges
        try query.forEachTask(buckets) { _, bucket in
            let range = ready[bucket]
            let own = entries.pointer + range.lowerBound
            try sort(own, spare: own + count, count: range.count)
            for index in 0..<range.count { shared.pointer[range.lowerBound + index] = own[index].row }
        }
    }

    /// Words that cut the places into ranges of about one size.
    private func splitters(_ places: UnsafePointer<Int32>, _ count: Int) -> [UInt64] {
        let buckets = min(query.workerCount * 8, 256)
        let step = max(count / (buckets * 32), 1)
        let samples = stride(from: 0, to: count, by: step).map { words[Int(places[$0])] }.sorted()
        return (1..<buckets).map { samples[samples.count * $0 / buckets] }
    }

    /// Events mostly stand in the order of their times, or just the other way round.
    private func arrange(_ places: UnsafeMutablePointer<Int32>, _ count: Int) -> Bool {
        guard count > 1 else { return true }
        var rises = true
        var falls = true
        var last = words[Int(places[0])]
        let isExact = ties == nil
        for index in 1..<count {
            let word = words[Int(places[index])]
            rises = rises && (last < word || (isExact && last == word))
            falls = falls && (last > word || (isExact && last == word))
            if !rises, !falls { return false }
            last = word
        }
        if rises { return true }
        reverse(places, count)
        var begin = 0
        while begin < count {
            var end = begin + 1
            while end < count, words[Int(places[end])] == words[Int(places[begin])] { end &+= 1 }
            if end - begin > 1 { reverse(places + begin, end - begin) }
            begin = end
        }
        return true
    }

    private func reverse(_ places: UnsafeMutablePointer<Int32>, _ count: Int) {
        var buffer = UnsafeMutableBufferPointer(start: places, count: count)
        buffer.reverse()
    }

    private func sort(_ entries: UnsafeMutablePointer<Entry>, spare: UnsafeMutablePointer<Entry>, count: Int) throws {
        guard count >= 512 else {
            var buffer = UnsafeMutableBufferPointer(start: entries, count: count)
            buffer.sort(by: precedes)
            return
        }
        try RowSorter.radixSort(entries, spare, count, query.check)
        guard ties != nil else { return }
        var begin = 0
        while begin < count {
            var end = begin + 1
            let word = entries[begin].word
            while end < count, entries[end].word == word { end &+= 1 }
            if end - begin > 1 {
                try query.check()
                var buffer = UnsafeMutableBufferPointer(start: entries + begin, count: end - begin)
                buffer.sort(by: precedes)
            }
            begin = end
        }
    }

    private func precedes(_ left: Entry, _ right: Entry) -> Bool {
        if left.word != right.word { return left.word < right.word }
        if let ties {
            let order = ties(Int(left.row), Int(right.row))
            if order != 0 { return order < 0 }
        }
        return left.row < right.row
    }
}
