import Columnar

/// What one worker counts of a column of texts.
final class TextCounter {
    private(set) var nulls = 0
    private(set) var fingerprint: UInt64 = 0
    private(set) var counts = TextCounts()
    /// nil while every text is counted for itself. Texts are cut to what may be shown.
    private(set) var many: ManyValues<[UInt8]>?
    private(set) var lengths = TextLengths()
    private(set) var shape = TextShape()
    /// The least and the greatest text, once not all of them are kept.
    private(set) var least: [UInt8]?
    private(set) var greatest: [UInt8]?
    /// The texts of the rows of each class of the label.
    private(set) var classes: [TextCounts] = []
    /// The label's numbers by text.
    private(set) var sums: LevelSumsByText?
    /// Whether there are too many texts to be told apart by the label.
    private(set) var hasTooManyLevels = false

    /// Texts that an association with a label tells apart.
    static let levelLimit = 1_024
    /// Bytes of a frequent text that are kept.
    private static let keptBytes = 1_000

    init(labelIsNumber: Bool) { sums = labelIsNumber ? LevelSumsByText() : nil }

    var byteCount: Int {
        counts.byteCount + (many?.byteCount ?? 0) + classes.reduce(0) { $0 + $1.byteCount } + (sums?.byteCount ?? 0)
    }

    /// Counts a batch's column, which `rows` has just read.
    func add(_ rows: BatchRows, _ label: LabelReader?) {
        let count = rows.count
        nulls += rows.rowCount - count
        guard count > 0 else { return }
        fingerprint &+= rows.fingerprint(rows.hashes)
        if many == nil {
            let counted = counts.add(rows.views, rows.hashes, count)
            if counts.isOverLimit {
                giveUpCounting()
                addMany(rows, from: counted)
            }
        } else {
            addMany(rows, from: 0)
        }
        if let label { add(rows, by: label) }
    }

    private func addMany(_ rows: BatchRows, from start: Int) {
        guard let many else { return }
        let views = rows.views
        many.add(rows.hashes + start, rows.count - start) { Self.kept(views[start + $0]) }
        var lengths = lengths, shape = shape
        for index in start..<rows.count {
            lengths.add(views[index], 1)
            shape.narrow(views[index])
        }
        self.lengths = lengths
        self.shape = shape
        var low = views[start < rows.count ? start : 0], high = low
        for index in start..<rows.count {
            if views[index] < low { low = views[index] }
            if high < views[index] { high = views[index] }
        }
        widen(low, high)
    }

    private func widen(_ low: StringView, _ high: StringView) {
        if least.map({ Self.compare(low, $0) < 0 }) ?? true { least = Array(low.bytes) }
        if greatest.map({ Self.compare(high, $0) > 0 }) ?? true { greatest = Array(high.bytes) }
    }

    private static func compare(_ text: StringView, _ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBufferPointer { other in
            other.baseAddress.map { StringView.compare(text, StringView($0, length: other.count)) } ?? text.count
        }
    }

    @inline(__always)
    private func note(_ text: StringView, _ count: Int) {
        lengths.add(text, count)
        shape.narrow(text)
    }

    private static func kept(_ text: StringView) -> [UInt8] { Array(text.bytes.prefix(keptBytes)) }

    /// From now on texts are not kept.
    private func giveUpCounting() {
        let many = ManyValues<[UInt8]>()
        self.many = many
        counts.forEachText { text, hash, count in
            many.add(hash, count: count) { Self.kept(text) }
            note(text, count)
            widen(text, text)
        }
        counts = TextCounts()
    }

    private func add(_ rows: BatchRows, by label: LabelReader) {
        guard !hasTooManyLevels else { return }
        if let sums {
            sums.add(rows, label)
            if sums.isOverLimit { giveUpLevels() }
        }
        guard !label.hasTooManyClasses, !hasTooManyLevels else { return }
        while classes.count < label.names.count { classes.append(TextCounts(limit: Self.levelLimit)) }
        label.groupTexts(rows) { code, texts, hashes, count in
            _ = classes[code].add(texts, hashes, count)
            if classes[code].isOverLimit { hasTooManyLevels = true }
        }
        if hasTooManyLevels { giveUpLevels() }
    }

    private func giveUpLevels() {
        hasTooManyLevels = true
        classes = []
        sums = nil
    }

    /// All texts are in `counts`, or none: brings what is known of them into one form.
    func conclude() {
        if many == nil {
            counts.forEachText { text, _, count in
                note(text, count)
                widen(text, text)
            }
        }
    }

    /// Adds what another worker counted.
    /// - Parameter mapping: the number that each of its classes has here; nil when there are too many.
    func merge(_ other: TextCounter, _ mapping: [Int]?) {
        nulls += other.nulls
        fingerprint &+= other.fingerprint
        if many == nil, other.many == nil {
            counts.merge(other.counts)
            if counts.isOverLimit { giveUpCounting() }
        } else {
            if many == nil { giveUpCounting() }
            if other.many == nil { other.giveUpCounting() }
            if let many, let theirs = other.many { many.merge(theirs) }
            lengths.merge(other.lengths)
            shape.narrow(other.shape)
            for bound in [other.least, other.greatest] {
                bound?.withUnsafeBufferPointer { bytes in
                    let view = bytes.baseAddress.map { StringView($0, length: bytes.count) } ?? StringView()
                    widen(view, view)
                }
            }
        }
        if other.hasTooManyLevels { giveUpLevels() }
        guard !hasTooManyLevels else { return }
        if let sums, let theirs = other.sums {
            sums.merge(theirs)
            if sums.isOverLimit { return giveUpLevels() }
        }
        guard let mapping else { return classes = [] }
        for (code, theirs) in zip(mapping, other.classes) {
            while classes.count <= code { classes.append(TextCounts(limit: Self.levelLimit)) }
            classes[code].merge(theirs)
            if classes[code].isOverLimit { return giveUpLevels() }
        }
    }
}

/// How long texts are, in characters.
struct TextLengths: Sendable {
    private(set) var least = Int.max
    private(set) var most = 0
    private(set) var sum = 0
    private(set) var empty = 0

    @inline(__always)
    mutating func add(_ text: StringView, _ count: Int) {
        let length = CharacterText.length(text)
        least = min(least, length)
        most = max(most, length)
        sum &+= length &* count
        empty &+= length == 0 ? count : 0
    }

    mutating func merge(_ other: TextLengths) {
        least = min(least, other.least)
        most = max(most, other.most)
        sum &+= other.sum
        empty &+= other.empty
    }
}

/// What texts might be instead.
struct TextShape: Sendable {
    private static let integer: UInt8 = 1, number: UInt8 = 2, date: UInt8 = 4, timestamp: UInt8 = 8
    private var possible: UInt8 = 15
    /// Empty texts say nothing.
    private var hasTexts = false

    @inline(__always)
    mutating func narrow(_ text: StringView) {
        guard possible != 0, text.count > 0 else { return }
        look(text)
    }

    @inline(never)
    private mutating func look(_ text: StringView) {
        hasTexts = true
        let bytes = text.pointer, count = text.count
        var found: UInt8 = 0
        if possible & Self.integer != 0, !text.bytes.contains(UInt8(ascii: ".")), TextParsing.int64(bytes, count) != nil {
            found |= Self.integer
        }
        if possible & Self.number != 0, let number = TextParsing.double(bytes, count), number.isFinite { found |= Self.number }
        if possible & Self.date != 0, TextParsing.date(bytes, count) != nil { found |= Self.date }
        if possible & Self.timestamp != 0, TextParsing.timestamp(bytes, count) != nil { found |= Self.timestamp }
        possible &= found
    }

    mutating func narrow(_ other: TextShape) {
        possible &= other.possible
        hasTexts = hasTexts || other.hasTexts
    }

    /// The type that all texts could be cast to; nil for none, or where there are none.
    var type: SQLType? {
        guard hasTexts else { return nil }
        if possible & Self.integer != 0 { return .bigint }
        if possible & Self.number != 0 { return .double }
        if possible & Self.date != 0 { return .date }
        return possible & Self.timestamp != 0 ? .timestamp : nil
    }
}

/// Sums of a label's numbers over the rows of each text.
final class LevelSumsByText {
    private let texts = TextCounts(limit: TextCounter.levelLimit)
    private var sums: [ExactSum] = []
    private var positions: [Int32] = []
    private var kept: [StringView] = []
    private var keptHashes: [UInt64] = []
    private var numbers: [Double] = []

    var isOverLimit: Bool { texts.isOverLimit }
    var byteCount: Int { texts.byteCount + sums.count * 1_100 }

    /// Adds the rows that have both.
    func add(_ rows: BatchRows, _ label: LabelReader) {
        kept.removeAll(keepingCapacity: true)
        keptHashes.removeAll(keepingCapacity: true)
        numbers.removeAll(keepingCapacity: true)
        for index in 0..<rows.count {
            let number = label.numbers[rows.isComplete ? index : Int(rows.places[index])]
            guard number.isFinite else { continue }
            kept.append(rows.views[index])
            keptHashes.append(rows.hashes[index])
            numbers.append(number)
        }
        if positions.count < kept.count { positions = [Int32](repeating: 0, count: kept.count) }
        var counted = 0
        kept.withUnsafeBufferPointer { views in
            keptHashes.withUnsafeBufferPointer { hashes in
                positions.withUnsafeMutableBufferPointer { positions in
                    guard let views = views.baseAddress, let hashes = hashes.baseAddress else { return }
                    counted = texts.add(views, hashes, kept.count, positions: positions.baseAddress)
                }
            }
        }
        grow()
        for index in 0..<counted { sums[Int(positions[index])].add(numbers[index]) }
    }

    private func grow() {
        while sums.count < texts.count { sums.append(ExactSum()) }
    }

    func merge(_ other: LevelSumsByText) {
        var mapping: [(Int, Int)] = []
        texts.merge(other.texts) { mapping.append(($0, $1)) }
        grow()
        for (theirs, ours) in mapping { sums[ours].merge(other.sums[theirs]) }
    }

    /// The rows of each text and the sum of their numbers, by text.
    var levels: [(count: Int, sum: Double)] {
        var levels: [(text: [UInt8], count: Int, sum: Double)] = []
        texts.forEachText { text, _, count in levels.append((Array(text.bytes), count, sums[levels.count].value)) }
        return levels.sorted { $0.text.lexicographicallyPrecedes($1.text) }.map { ($0.count, $0.sum) }
    }
}
