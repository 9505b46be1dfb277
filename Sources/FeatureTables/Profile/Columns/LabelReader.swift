import Columnar

/// The label of a worker's rows: as one of a few classes, as a number, or both until it shows that there are too many
/// classes.
final class LabelReader {
    /// What a class is called: a word, or a text.
    enum ClassName: Hashable {
        case word(UInt64)
        case text([UInt8])
    }

    private let form: WordForm?
    private let classLimit: Int
    private(set) var names: [ClassName] = []
    /// Rows of each class.
    private(set) var rowCounts: [Int] = []
    private(set) var hasTooManyClasses: Bool
    /// Rows without a label.
    private(set) var missing = 0

    /// For each row of the batch its class, −1 where it has none.
    private(set) var codes: UnsafeMutablePointer<Int32> = .allocate(capacity: 1)
    /// For each row of the batch its label as a number, NaN where it has none.
    private(set) var numbers: UnsafeMutablePointer<Double> = .allocate(capacity: 1)
    private var capacity = 0
    /// Values of a column put together by class.
    private var groupedWords: UnsafeMutablePointer<UInt64> = .allocate(capacity: 1)
    private var groupedViews: UnsafeMutablePointer<StringView> = .allocate(capacity: 1)
    private var groupedHashes: UnsafeMutablePointer<UInt64> = .allocate(capacity: 1)
    private var ends: [Int] = []

    /// - Parameters:
    ///   - form: nil for a label of text.
    ///   - classLimit: 0 for one that is always a number.
    init(_ form: WordForm?, classLimit: Int) {
        self.form = form
        self.classLimit = classLimit
        hasTooManyClasses = classLimit == 0
    }

    deinit { deallocate() }

    private func deallocate() {
        codes.deallocate()
        numbers.deallocate()
        groupedWords.deallocate()
        groupedViews.deallocate()
        groupedHashes.deallocate()
    }

    var byteCount: Int { capacity * 44 }

    /// Reads the labels of a batch.
    func read(_ column: Column, _ rows: BatchRows) {
        if rows.rowCount > capacity {
            deallocate()
            capacity = rows.rowCount
            codes = .allocate(capacity: capacity)
            numbers = .allocate(capacity: capacity)
            groupedWords = .allocate(capacity: capacity)
            groupedViews = .allocate(capacity: capacity)
            groupedHashes = .allocate(capacity: capacity)
        }
        codes.update(repeating: -1, count: rows.rowCount)
        if let form { rows.read(column, as: form) } else { rows.readTexts(column) }
        missing += rows.rowCount - rows.count
        if form != nil {
            numbers.update(repeating: .nan, count: rows.rowCount)
            for index in 0..<rows.count { numbers[rows.isComplete ? index : Int(rows.places[index])] = rows.numbers[index] }
        }
        var index = 0
        while index < rows.count, !hasTooManyClasses {
            let code = form == nil ? self.code(of: rows.views[index]) : self.code(of: rows.words[index])
            if code >= 0 {
                rowCounts[code] += 1
                codes[rows.isComplete ? index : Int(rows.places[index])] = Int32(truncatingIfNeeded: code)
            }
            index += 1
        }
        if hasTooManyClasses { forgetClasses() }
    }

    func forgetClasses() {
        hasTooManyClasses = true
        names = []
        rowCounts = []
    }

    private func code(of word: UInt64) -> Int {
        for code in names.indices {
            if case .word(let known) = names[code], known == word { return code }
        }
        return add(.word(word))
    }

    private func code(of text: StringView) -> Int {
        for code in names.indices {
            if case .text(let known) = names[code], known.count == text.count,
                known.withUnsafeBufferPointer({ $0.baseAddress.map { equalBytes($0, text.pointer, text.count) } ?? true })
            {
                return code
            }
        }
        return add(.text(Array(text.bytes)))
    }

    private func add(_ name: ClassName) -> Int {
        guard names.count < classLimit else {
            hasTooManyClasses = true
            return -1
        }
        names.append(name)
        rowCounts.append(0)
        return names.count - 1
    }

    /// Adds what another worker found.
    /// - Returns: the number that each of its classes has here; nil when there are too many together.
    func merge(_ other: LabelReader) -> [Int]? {
        missing += other.missing
        if other.hasTooManyClasses { forgetClasses() }
        guard !hasTooManyClasses else { return nil }
        var mapping: [Int] = []
        for (name, count) in zip(other.names, other.rowCounts) {
            let code = names.firstIndex(of: name) ?? add(name)
            guard code >= 0 else {
                forgetClasses()
                return nil
            }
            rowCounts[code] += count
            mapping.append(code)
        }
        return mapping
    }

    // MARK: A column's values by class

    /// Calls `body` with the words of each class that occurs.
    func groupWords(_ rows: BatchRows, _ body: (_ code: Int, _ words: UnsafePointer<UInt64>, _ count: Int) -> Void) {
        let words = rows.words, target = groupedWords
        group(rows) { from, to in target[to] = words[from] }
        forEachGroup { body($0, UnsafePointer(target + $1), $2) }
    }

    func groupTexts(
        _ rows: BatchRows,
        _ body: (_ code: Int, _ texts: UnsafePointer<StringView>, _ hashes: UnsafePointer<UInt64>, _ count: Int) -> Void
    ) {
        let views = rows.views, hashes = rows.hashes, targetViews = groupedViews, targetHashes = groupedHashes
        group(rows) { from, to in
            targetViews[to] = views[from]
            targetHashes[to] = hashes[from]
        }
        forEachGroup { body($0, UnsafePointer(targetViews + $1), UnsafePointer(targetHashes + $1), $2) }
    }

    @inline(__always)
    private func group(_ rows: BatchRows, _ move: (_ from: Int, _ to: Int) -> Void) {
        let codes = codes, places = rows.places, isComplete = rows.isComplete
        ends = [Int](repeating: 0, count: names.count)
        ends.withUnsafeMutableBufferPointer { ends in
            guard let ends = ends.baseAddress else { return }
            for index in 0..<rows.count {
                let code = Int(codes[isComplete ? index : Int(places[index])])
                if code >= 0 { ends[code] &+= 1 }
            }
            var start = 0
            for code in 0..<names.count {
                let count = ends[code]
                ends[code] = start
                start += count
            }
            for index in 0..<rows.count {
                let code = Int(codes[isComplete ? index : Int(places[index])])
                guard code >= 0 else { continue }
                move(index, ends[code])
                ends[code] &+= 1
            }
        }
    }

    private func forEachGroup(_ body: (_ code: Int, _ start: Int, _ count: Int) -> Void) {
        var start = 0
        for code in ends.indices {
            if ends[code] > start { body(code, start, ends[code] - start) }
            start = ends[code]
        }
    }
}
