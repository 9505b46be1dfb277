import Columnar
import Platform

/// The levels of one group with what their rows answered, each fold on its own.
struct AnsweredLevels {
    /// In the order of their bytes. Rows without a level are one behind them.
    let levels: [StringView]
    /// The classes of the answers, in their order; none for numbers.
    let classes: [StringView]
    let sums: LevelSums
    let rowCount: Double
    /// Of answers that are numbers.
    let answerMean: Double
}

/// Learns how often each level of a group comes, and what its rows answer: a class, a number, or nothing that is asked for. Rows without an
/// answer take no part.
///
/// What is kept is exact, a count a level, fold and class, or the moments of the numbers of a level and fold: so the order of rows
/// changes nothing.
final class AnsweredLevelFitter: Accumulator {
    enum Answers: Sendable {
        case none, numbers
        /// Texts that are ordered by their bytes, or numbers by their size.
        case texts, numericClasses

        /// What the label is converted to.
        var type: SQLType? {
            switch self {
            case .none: nil
            case .numbers, .numericClasses: .double
            case .texts: .string
            }
        }
    }

    private let function: String
    private let answers: Answers
    /// 0: nothing is asked of other folds.
    private let foldCount: Int
    private let context: EvaluationContext
    private let makeState: (AnsweredLevels) throws -> [UInt8]
    /// Texts that say the fold, the class and the level.
    private var table: GroupedElements
    private var counts: [Int64] = []
    /// In the place of `counts`, where the answers are numbers.
    private var moments: [Moments] = []
    private var momentBytes = 0
    private var knownClasses = FewTexts()
    /// Classes so far, of all groups.
    private var classes = FewTexts()
    private var key: [UInt8] = []

    /// - Parameters:
    ///   - function: which errors name.
    ///   - knownClasses: of numeric classes those that there are whatever the rows say.
    ///   - makeState: The bytes of the state that a group's levels become.
    init(
        _ function: String, _ answers: Answers, knownClasses: [Double] = [], foldCount: Int, _ context: EvaluationContext,
        makeState: @escaping (AnsweredLevels) throws -> [UInt8]
    ) {
        self.function = function
        table = GroupedElements(.set, of: function)
        self.answers = answers
        self.foldCount = foldCount
        self.context = context
        self.makeState = makeState
        for known in knownClasses { withUnsafeBytes(of: LevelNumber.ordered(known)) { self.knownClasses.insert($0.bindMemory(to: UInt8.self)) } }
        classes = self.knownClasses
    }

    package var byteCount: Int {
        table.byteCount + counts.capacity * MemoryLayout<Int64>.stride + moments.capacity * MemoryLayout<Moments>.stride + momentBytes
    }

    package func resize(groupCount: Int) { table.resize(groupCount: groupCount) }

    package func reset(_ range: Range<Int>) {
        guard table.reset(range) else { return }
        counts.removeAll(keepingCapacity: true)
        moments.removeAll(keepingCapacity: true)
        momentBytes = 0
    }

    // MARK: rows

    /// Where a level of a fold and class is kept, by the bytes that say it.
    private func place(_ text: StringView, _ group: Int32) throws -> Int {
        let place = try table.add(text, to: Int(group))
        guard place == max(counts.count, moments.count) else { return place }
        if answers == .numbers { moments.append(Moments()) } else { counts.append(0) }
        var parts = LevelKey(text)
        guard let label = parts.takeClass(), classes.insert(label.bytes) else { return place }
        guard classes.count <= ClassedNumberFitter.mostClasses else {
            throw FunctionError(
                .argument, "\(function) takes a label of at most \(ClassedNumberFitter.mostClasses) classes, and was given more")
        }
        return place
    }

    private func add(_ arguments: [Column], _ rows: RowSelection, groupOf: (Int) -> Int32) throws {
        let levels = arguments[0], labels = answers == .none ? nil : arguments[1]
        let keys = foldCount > 0 ? arguments.last : nil
        for ordinal in 0..<rows.count {
            let row = rows[ordinal]
            var number = 0.0
            if let labels {
                guard !labels.isNull(row) else { continue }
                if answers != .texts {
                    number = labels.values(as: Double.self)[labels.element(of: row)]
                    guard number.isFinite else { continue }
                }
            }
            var fold = 0
            if let keys {
                guard !keys.isNull(row) else { continue }
                fold = SplitMix.fold(of: UInt64(bitPattern: keys.values(as: Int64.self)[keys.element(of: row)]), foldCount)
            }
            key.removeAll(keepingCapacity: true)
            key.append(UInt8(truncatingIfNeeded: fold))
            switch answers {
            case .none, .numbers: LevelKey.append(class: nil, to: &key)
            case .texts: LevelKey.append(class: labels?.stringAnyEncoding(row).bytes, to: &key)
            case .numericClasses: withUnsafeBytes(of: LevelNumber.ordered(number)) { LevelKey.append(class: $0.bindMemory(to: UInt8.self), to: &key) }
            }
            LevelKey.append(level: levels.isNull(row) ? nil : levels.stringAnyEncoding(row).bytes, to: &key)
            let place = try key.withUnsafeBufferPointer { bytes in
                try bytes.baseAddress.map { try self.place(StringView($0, length: bytes.count), groupOf(ordinal)) }
            }
            guard let place else { continue }
            if answers == .numbers { change(place) { $0.add(number) } } else { counts[place] &+= 1 }
        }
    }

    private func change(_ place: Int, _ body: (inout Moments) -> Void) {
        let before = moments[place].heapBytes
        body(&moments[place])
        momentBytes += moments[place].heapBytes - before
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) throws {
        try add(arguments, rows) { groups[$0] }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) throws {
        let group = Int32(truncatingIfNeeded: group)
        try add(arguments, rows) { _ in group }
    }

    package func merge(
        _ other: any Accumulator, sources: UnsafePointer<Int32>, targets: UnsafePointer<Int32>, count: Int
    ) throws {
        guard let other = other as? AnsweredLevelFitter, other.answers == answers else { throw AccumulatorMismatch.error }
        for pair in 0..<count {
            for source in other.table.places(of: Int(sources[pair])) {
                let place = try place(other.table.element(source), targets[pair])
                if answers == .numbers { change(place) { $0.merge(other.moments[source]) } } else { counts[place] &+= other.counts[source] }
            }
        }
    }

    // MARK: results

    /// What is known of a group. The folds of no rows are there too.
    private func answered(_ group: Int) throws -> AnsweredLevels {
        let places = table.places(of: group)
        var levels: [StringView] = [], classes = knownClasses.texts
        for place in places {
            var parts = LevelKey(table.element(place))
            if let label = parts.takeClass() { classes.append(label) }
            if let level = parts.level { levels.append(level) }
        }
        levels = Self.distinct(levels)
        classes = Self.distinct(classes)
        try context.checkCancellation()
        let width = answers == .numbers ? 3 : max(classes.count, 1), folds = max(foldCount, 1)
        let bytes = folds * (levels.count + 1) * width * MemoryLayout<Double>.stride
        let available = context.availableBytes()
        guard bytes <= available else {
            throw FunctionError(
                .argument,
                "\(function) keeps \(bytes) bytes of \(levels.count) levels, more than the \(available) that the memory limit leaves "
                    + "(hiveql.memory.limit); fewer folds take less")
        }
        let all = answers == .numbers
            ? places.reduce(into: Moments()) { $0.merge(moments[$1]) } : Moments()
        let mean = all.mean ?? 0
        var parts = [Double](repeating: 0, count: folds * (levels.count + 1) * width)
        var rowCount = 0.0
        for place in places {
            let text = table.element(place)
            var key = LevelKey(text)
            let label = key.takeClass().flatMap { classes.sortedPlace(of: $0) } ?? 0
            let level = key.level.flatMap { levels.sortedPlace(of: $0) } ?? levels.count
            let first = (key.fold * (levels.count + 1) + level) * width
            guard parts.indices.contains(first + width - 1) else { throw AccumulatorMismatch.error }
            if answers == .numbers {
                let count = Double(moments[place].rowCount), distance = (moments[place].mean ?? mean) - mean
                let deviation = moments[place].wholeDeviation
                parts[first] = count
                parts[first + 1] = count * distance
                parts[first + 2] = count * (deviation * deviation + distance * distance)
                rowCount += count
            } else {
                parts[first + label] = Double(counts[place])
                rowCount += Double(counts[place])
            }
        }
        return AnsweredLevels(
            levels: levels, classes: classes,
            sums: LevelSums(parts: parts, width: width, levelCount: levels.count + 1, foldCount: folds), rowCount: rowCount,
            answerMean: mean)
    }

    private static func distinct(_ texts: [StringView]) -> [StringView] {
        var kept: [StringView] = []
        for text in texts.sorted() where kept.last != text { kept.append(text) }
        return kept
    }

    package func finish(_ range: Range<Int>) throws -> Column {
        try Column.binaries(range.count) { row in try makeState(try answered(range.lowerBound + row)) }
    }

    package func save(_ range: Range<Int>) -> Column {
        Column.binaries(range.count) { row in
            let places = table.places(of: range.lowerBound + row)
            var writer = FittedStateWriter()
            writer.write(UInt32(truncatingIfNeeded: places.count))
            for place in places {
                writer.write(table.element(place))
                if answers == .numbers { moments[place].write(to: &writer) } else { writer.write(counts[place]) }
            }
            return writer.bytes
        }
    }

    package func restore(_ saved: Column, targets: UnsafePointer<Int32>) throws {
        guard saved.type == .binary else { throw AccumulatorMismatch.error }
        for row in 0..<saved.count {
            var reader = FittedStateReader(saved.stringAnyEncoding(row), function: "an aggregate")
            for _ in 0..<(try reader.entryCount(ofAtLeast: 12)) {
                let place = try place(try reader.text(), targets[row])
                if answers == .numbers {
                    let summary = try Moments(&reader)
                    change(place) { $0.merge(summary) }
                } else {
                    counts[place] &+= try reader.number(Int64.self)
                }
            }
        }
    }
}

/// The bytes that say a fold, a class and a level: the fold; the length of the class, of one more than it, 0 for none, in four bytes, and
/// the class; 1 and the level, or 0 for none.
private struct LevelKey {
    let fold: Int
    private var rest: StringView

    init(_ text: StringView) {
        fold = text.count > 0 ? Int(text.pointer[0]) : 0
        rest = Self.dropping(1, text)
    }

    private static func dropping(_ count: Int, _ text: StringView) -> StringView {
        text.count >= count ? StringView(text.pointer + count, length: text.count - count) : StringView()
    }

    /// The class; the level is behind it.
    mutating func takeClass() -> StringView? {
        guard rest.count >= 4 else { return nil }
        let length = Int(UInt32(littleEndian: UnsafeRawPointer(rest.pointer).loadUnaligned(as: UInt32.self))) - 1
        rest = Self.dropping(4, rest)
        guard length >= 0, length <= rest.count else { return nil }
        defer { rest = Self.dropping(length, rest) }
        return StringView(rest.pointer, length: length)
    }

    /// - Precondition: the class has been taken.
    var level: StringView? {
        guard rest.count > 0, rest.pointer[0] == 1 else { return nil }
        return Self.dropping(1, rest)
    }

    static func append(class label: UnsafeBufferPointer<UInt8>?, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: label.map { $0.count + 1 } ?? 0).littleEndian) { bytes += $0 }
        if let label { bytes += label }
    }

    static func append(level: UnsafeBufferPointer<UInt8>?, to bytes: inout [UInt8]) {
        bytes.append(level == nil ? 0 : 1)
        if let level { bytes += level }
    }
}

/// A few texts, which it owns.
private struct FewTexts {
    private(set) var texts: [StringView] = []
    private let heap = StringHeap()

    var count: Int { texts.count }

    /// Returns whether the text is new.
    @discardableResult
    mutating func insert(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let text = heap.copy(bytes)
        if texts.contains(text) {
            heap.giveBack(bytes.count)
            return false
        }
        texts.append(text)
        return true
    }
}
