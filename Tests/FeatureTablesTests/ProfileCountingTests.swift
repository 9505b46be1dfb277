import Columnar
import FeatureTables
import Testing

/// Numbers that look random and are the same each time.
struct TestNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    /// 0..<1
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// About normal: the sum of twelve fractions.
    mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + fraction() } }

    mutating func shuffle<Element>(_ elements: inout [Element]) {
        for place in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(place, Int(next() % UInt64(place + 1)))
        }
    }
}

/// What a profile counts with: how far estimates are off, and that neither the order of values nor how they are dealt out
/// to workers matters.
@Suite struct ProfileCountingTests {
    /// Counts words dealt out to workers in turns of `batch`.
    private func counts(_ words: [UInt64], workers: Int, batch: Int = 1_000) -> ValueCounts {
        let parts = (0..<workers).map { _ in ValueCounts() }
        var start = 0, turn = 0
        while start < words.count {
            let end = min(start + batch, words.count)
            words[start..<end].withUnsafeBufferPointer { part in
                if let first = part.baseAddress { parts[turn % workers].add(first, part.count) }
            }
            parts[turn % workers].fit()
            start = end
            turn += 1
        }
        for part in parts.dropFirst() { parts[0].merge(part) }
        return parts[0]
    }

    private func describe(_ ranges: ValueRanges) -> [[UInt64]] {
        ranges.ranges.map { [$0.low, $0.high, UInt64($0.count)] } + [[UInt64(ranges.shift)]]
    }

    @Test func fewValuesAreCountedExactly() {
        var numbers = TestNumbers(seed: 1)
        var words: [UInt64] = []
        var expected: [UInt64: Int] = [:]
        for _ in 0..<50_000 {
            let word = WordForm.word(Int64(numbers.next() % 5_000) - 2_500)
            words.append(word)
            expected[word, default: 0] += 1
        }
        for workers in [1, 3] {
            let found = counts(words, workers: workers)
            #expect(found.isExact && found.count == expected.count)
            for range in found.ranges.ranges { #expect(range.low == range.high && expected[range.low] == range.count) }
        }
    }

    @Test func manyValuesAreCountedInTheSameRangesHoweverTheyCome() {
        var numbers = TestNumbers(seed: 2)
        var words = (0..<120_000).map { _ in WordForm.word(40.75 + numbers.normal() * 0.03) }
        // A value that is far from the others, and one that is frequent.
        words += [WordForm.word(-1e9)] + [UInt64](repeating: WordForm.word(0.0), count: 3_000)
        let whole = counts(words, workers: 1)
        let expected = describe(whole.ranges)
        #expect(!whole.isExact && whole.count <= ValueCounts.limit && whole.count > ValueCounts.limit / 4)
        #expect(whole.ranges.total == words.count)
        for (workers, batch) in [(1, 77), (2, 1_000), (5, 313)] {
            numbers.shuffle(&words)
            #expect(describe(counts(words, workers: workers, batch: batch).ranges) == expected, "\(workers) workers")
        }
    }

    @Test func quantilesAreOffByLittle() throws {
        for seed in UInt64(3)...6 {
            var numbers = TestNumbers(seed: seed)
            let values = (0..<200_000).map { _ in seed % 2 == 0 ? numbers.normal() * 1e6 + 1e9 : 1 / (numbers.fraction() + 1e-4) }
            let sorted = values.sorted()
            let ranges = counts(values.map { WordForm.word($0) }, workers: 2).ranges
            for fraction in [0.01, 0.25, 0.5, 0.75, 0.99] {
                let place = Int(fraction * Double(values.count - 1))
                let word = try #require(ranges.word(at: place))
                let found = WordForm.double(word)
                let below = sorted.count { $0 < found }, upTo = sorted.count { $0 <= found }
                let error = Double(max(below - place, place - upTo, 0)) / Double(values.count)
                #expect(error < 0.001, "seed \(seed), \(fraction): \(error)")
            }
        }
    }

    @Test func wordsKeepTheOrderOfValues() {
        let values = [-Double.greatestFiniteMagnitude, -1e10, -1, -Double.leastNonzeroMagnitude, 0, 1e-300, 1, 2.5, 1e300]
        let words = values.map { WordForm.word($0) }
        #expect(words == words.sorted() && words.map { WordForm.double($0) } == values)
        #expect(WordForm.word(-0.0) == WordForm.word(0.0))
        let integers: [Int64] = [.min, -5, 0, 7, .max]
        #expect(integers.map { WordForm.word($0) } == integers.map { WordForm.word($0) }.sorted())
        #expect(integers.map { WordForm.integer(WordForm.word($0)) } == integers)
        let before = Timestamp(seconds: -1, nanoseconds: 250_000_000)
        #expect(WordForm.timestamp(microseconds: WordForm.microseconds(before)) == before)
        #expect(WordForm.microseconds(Timestamp(seconds: .max)) == .max && WordForm.microseconds(Timestamp(seconds: .min)) == .min)
    }

    @Test func distinctValuesAreEstimatedWithinTwoPerCent() {
        for (count, seed) in [(20_000, UInt64(11)), (100_000, 12), (1_000_000, 13)] {
            let sketch = DistinctSketch(), other = DistinctSketch()
            for number in 0..<count {
                let hash = Hashing.mix(UInt64(number) &* 7_919 &+ seed << 40)
                if number % 3 == 0 { sketch.add(hash) } else { other.add(hash) }
                // Seen before, by the other one.
                if number % 5 == 0 { other.add(hash) }
            }
            sketch.merge(other)
            #expect(abs(Double(sketch.estimate) / Double(count) - 1) < 0.02, "\(count): \(sketch.estimate)")
        }
        #expect(DistinctSketch().estimate == 0)
    }

    @Test func frequentValuesAreFound() {
        var numbers = TestNumbers(seed: 21)
        // One in 2^k has the value k, the rest any of a million.
        var values = (0..<300_000).map { _ -> UInt64 in
            let rank = numbers.next().trailingZeroBitCount
            return rank >= 1 && rank < 12 ? UInt64(rank) : 1_000 + numbers.next() % 1_000_000
        }
        var truth: [UInt64: Int] = [:]
        for value in values { truth[value, default: 0] += 1 }
        let frequent = truth.filter { $0.value * 1_000 >= values.count }
        var first: [UInt64: Int]?
        for workers in [1, 2, 4] {
            let parts = (0..<workers).map { _ in FrequentValues<UInt64>() }
            for (place, value) in values.enumerated() {
                var hash = Hashing.mix(value)
                parts[place / 500 % workers].add(&hash, 1) { _ in value }
            }
            for part in parts.dropFirst() { parts[0].merge(part) }
            let found = Dictionary(uniqueKeysWithValues: parts[0].frequent.map { ($0.value, $0.count) })
            for (value, count) in frequent {
                let estimate = found[value] ?? 0
                #expect(estimate >= count && estimate <= count + values.count / 5_000, "\(value): \(estimate) for \(count)")
            }
            #expect(found == first ?? found)
            first = found
            numbers.shuffle(&values)
        }
    }

    @Test func sumsAreExact() {
        var sum = ExactSum()
        for value in [1e16, 1, -1e16, 1e-300, -0.0, .leastNonzeroMagnitude] { sum.add(value) }
        #expect(sum.value == 1)
        var numbers = TestNumbers(seed: 31)
        var values = (0..<10_000).map { _ in numbers.normal() * (numbers.fraction() < 0.1 ? 1e12 : 1e-3) }
        func total(_ values: [Double], parts: Int) -> Double {
            var sums = [ExactSum](repeating: ExactSum(), count: parts)
            for (place, value) in values.enumerated() { sums[place % parts].add(value) }
            for part in 1..<max(parts, 1) { sums[0].merge(sums[part]) }
            return sums[0].value
        }
        let whole = total(values, parts: 1)
        numbers.shuffle(&values)
        #expect(total(values, parts: 7) == whole)
        var small = ExactSum()
        small.add(3 * .leastNonzeroMagnitude)
        #expect(small.value == 3 * .leastNonzeroMagnitude)
        var large = ExactSum()
        large.add(-Double.greatestFiniteMagnitude)
        #expect(large.value == -Double.greatestFiniteMagnitude)
    }

    /// Against the two-pass formulas, with an offset that costs single sums all their digits.
    @Test func momentsArePutTogether() throws {
        var numbers = TestNumbers(seed: 41)
        let x = (0..<3_000).map { _ in 1e9 + numbers.normal() }
        let y = x.map { ($0 - 1e9) * 0.5 + numbers.normal() }
        func parts(_ size: Int) -> PairMoments {
            var whole = PairMoments()
            for start in stride(from: 0, to: x.count, by: size) {
                for row in start..<min(start + size, x.count) {
                    whole.merge(PairMoments(count: 1, leftMean: x[row], rightMean: y[row]))
                }
            }
            return whole
        }
        let left = x.reduce(0) { $0 + ($1 - 1e9) } / 3_000, right = y.reduce(0, +) / 3_000
        let products = zip(x, y).reduce(0) { $0 + ($1.0 - 1e9 - left) * ($1.1 - right) }
        let leftSquares = x.reduce(0) { $0 + ($1 - 1e9 - left) * ($1 - 1e9 - left) }
        let rightSquares = y.reduce(0) { $0 + ($1 - right) * ($1 - right) }
        let expected = products / (leftSquares * rightSquares).squareRoot()
        let found = try #require(parts(100).correlation)
        #expect(abs(found - expected) < 1e-6)
        #expect(PairMoments().correlation == nil)
    }

    @Test func textsAreCountedUpToALimit() {
        let heap = ["a", "", "ü", "a", "longer than sixteen bytes", "a"].map { Array($0.utf8) }
        func add(_ counts: TextCounts, _ texts: [[UInt8]]) -> Int {
            var counted = 0
            for text in texts {
                text.withUnsafeBufferPointer { bytes in
                    var view = bytes.baseAddress.map { StringView($0, length: bytes.count) } ?? StringView()
                    var hash = Hashing.hash(view)
                    counted += counts.add(&view, &hash, 1)
                }
            }
            return counted
        }
        let counts = TextCounts(limit: 4)
        #expect(add(counts, heap) == 6 && !counts.isOverLimit && counts.count == 4)
        var found: [String: Int] = [:]
        counts.forEachText { text, _, count in found[text.string] = count }
        #expect(found == ["a": 3, "": 1, "ü": 1, "longer than sixteen bytes": 1])
        _ = add(counts, [Array("more".utf8)])
        #expect(counts.isOverLimit)
    }
}
