import Columnar

/// What one worker counts of a column of numbers, dates, times or booleans.
final class WordCounter {
    let form: WordForm
    private(set) var nulls = 0
    private(set) var nans = 0
    private(set) var positiveInfinities = 0
    private(set) var negativeInfinities = 0
    private(set) var zeros = 0
    private(set) var negatives = 0
    private(set) var fingerprint: UInt64 = 0
    let counts = ValueCounts()
    /// nil while every value is counted for itself.
    private(set) var many: ManyValues<UInt64>?
    /// The values of the rows of each class of the label.
    private(set) var classes: [ValueCounts] = []

    /// Ranges of the values of a class: associations need fewer.
    private static let classRanges = 1_024

    /// Words that wait to be counted. The counts of all columns together do not fit into the nearer caches; those of one do,
    /// while many of its words are counted one after the other.
    private let waiting: UnsafeMutablePointer<UInt64>
    private var waitingCount = 0
    private static let mostWaiting = 16_384

    init(_ form: WordForm) {
        self.form = form
        waiting = .allocate(capacity: Self.mostWaiting)
    }

    deinit { waiting.deallocate() }

    var byteCount: Int {
        counts.byteCount + Self.mostWaiting * 8 + (many?.byteCount ?? 0) + classes.reduce(0) { $0 + $1.byteCount }
    }

    /// Counts a batch's column, which `rows` has just read.
    func add(_ rows: BatchRows, _ label: LabelReader?) {
        nans += rows.nans
        positiveInfinities += rows.positiveInfinities
        negativeInfinities += rows.negativeInfinities
        let count = rows.count
        nulls += rows.rowCount - count - rows.nans - rows.positiveInfinities - rows.negativeInfinities
        guard count > 0 else { return }
        fingerprint &+= rows.fingerprint(rows.words)
        if form.isNumeric {
            let numbers = rows.numbers
            var zeros = 0, negatives = 0
            for index in 0..<count {
                zeros &+= numbers[index] == 0 ? 1 : 0
                negatives &+= numbers[index] < 0 ? 1 : 0
            }
            self.zeros += zeros
            self.negatives += negatives
        }
        if waitingCount + count > Self.mostWaiting { flush() }
        if count > Self.mostWaiting {
            self.count(rows.words, count)
        } else {
            (waiting + waitingCount).update(from: rows.words, count: count)
            waitingCount += count
        }
        guard let label, !label.hasTooManyClasses else { return }
        while classes.count < label.names.count { classes.append(ValueCounts(limit: Self.classRanges)) }
        label.groupWords(rows) { code, words, count in
            classes[code].add(words, count)
            classes[code].fit()
        }
    }

    /// Counts what waits. To be called before anything is asked.
    func flush() {
        count(waiting, waitingCount)
        waitingCount = 0
    }

    private static let chunk = 1_024

    private func count(_ words: UnsafePointer<UInt64>, _ count: Int) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.chunk) { buffer in
            guard let hashes = buffer.baseAddress else { return }
            var start = 0
            while start < count {
                let part = words + start, length = min(Self.chunk, count - start)
                counts.add(part, length)
                if let many {
                    for index in 0..<length { hashes[index] = Hashing.mix(part[index]) }
                    many.add(hashes, length) { part[$0] }
                } else if counts.isOverLimit {
                    many = Self.many(counts)
                }
                counts.fit()
                start += length
            }
        }
    }

    private static func many(_ counts: ValueCounts) -> ManyValues<UInt64> {
        let many = ManyValues<UInt64>()
        counts.forEachValue { word, count in many.add(Hashing.mix(word), count: count) { word } }
        return many
    }

    /// Adds what another worker counted.
    /// - Parameter mapping: the number that each of its classes has here; nil when there are too many.
    func merge(_ other: WordCounter, _ mapping: [Int]?) {
        flush()
        other.flush()
        nulls += other.nulls
        nans += other.nans
        positiveInfinities += other.positiveInfinities
        negativeInfinities += other.negativeInfinities
        zeros += other.zeros
        negatives += other.negatives
        fingerprint &+= other.fingerprint
        switch (many, other.many) {
        case (let ours?, let theirs?): ours.merge(theirs)
        case (let ours?, nil): ours.merge(Self.many(other.counts))
        case (nil, let theirs?):
            let made = Self.many(counts)
            made.merge(theirs)
            many = made
        case (nil, nil): break
        }
        if many == nil {
            counts.gather(other.counts)
            if counts.isOverLimit { many = Self.many(counts) }
            counts.fit()
        } else {
            counts.merge(other.counts)
        }
        guard let mapping else { return classes = [] }
        for (code, theirs) in zip(mapping, other.classes) {
            while classes.count <= code { classes.append(ValueCounts(limit: Self.classRanges)) }
            classes[code].merge(theirs)
        }
    }
}
