/// How often which number came, from which quantiles are read. It is exact as long as no more than `capacity` different
/// numbers came; then numbers count as one that agree in all but their last bits, as many bits as it takes.
///
/// How many that are depends on the numbers alone: leaving out a bit more never separates numbers, so the fewest bits for
/// all numbers are never fewer than those for a part of them, and every order of adding and merging ends with the same.
struct QuantileSketch: NumberSummary {
    /// A quantile of numbers without repetitions is off by some hundred-thousandths of its value, more only where they
    /// spread over dozens of powers of two.
    static let capacity = 1 << 16

    /// Numbers with one `key`: their order as whole numbers, without the bits that are left out.
    private struct Bucket {
        var key: Int64
        var count: Int64
    }

    private var buckets: [Bucket] = []
    /// Keys that wait to be sorted in.
    private var pending: [Int64] = []
    /// How many bits are left out.
    private var level = 0
    /// The keys of finite numbers of this level are few enough.
    private static let highestLevel = 48

    init() {}

    var heapBytes: Int {
        buckets.capacity * MemoryLayout<Bucket>.stride + pending.capacity * MemoryLayout<Int64>.stride
    }

    /// A number's bits so that they are ordered as the numbers are; 0.0 and -0.0 are one.
    private static func order(_ value: Double) -> Int64 {
        let bits = Int64(bitPattern: (value + 0).bitPattern)
        return bits >= 0 ? bits : bits ^ .max
    }

    /// The number in the middle of those with a key.
    private func value(_ key: Int64) -> Double {
        let order = key << Int64(level) | (level > 0 ? 1 << Int64(level - 1) : 0)
        let value = Double(bitPattern: UInt64(bitPattern: order >= 0 ? order : order ^ .max))
        return value.isFinite ? value : (order >= 0 ? .greatestFiniteMagnitude : -.greatestFiniteMagnitude)
    }

    mutating func add(_ value: Double) {
        pending.append(Self.order(value) >> Int64(level))
        if pending.count >= max(1024, buckets.count) { settle() }
    }

    mutating func merge(_ other: QuantileSketch) {
        var other = other
        other.settle()
        settle()
        let common = max(level, other.level)
        raise(to: common)
        other.raise(to: common)
        unite(other.buckets)
    }

    private mutating func settle() {
        guard !pending.isEmpty else { return }
        pending.sort()
        var sorted: [Bucket] = []
        for key in pending { Self.append(Bucket(key: key, count: 1), to: &sorted) }
        pending.removeAll(keepingCapacity: true)
        unite(sorted)
    }

    private static func append(_ bucket: Bucket, to list: inout [Bucket]) {
        if let last = list.last, last.key == bucket.key {
            list[list.count - 1].count &+= bucket.count
        } else {
            list.append(bucket)
        }
    }

    /// Adds sorted buckets of the same level, and leaves out as many bits as their number asks for.
    private mutating func unite(_ others: [Bucket]) {
        var united: [Bucket] = []
        united.reserveCapacity(buckets.count + others.count)
        var next = 0
        for other in others {
            while next < buckets.count, buckets[next].key <= other.key {
                Self.append(buckets[next], to: &united)
                next += 1
            }
            Self.append(other, to: &united)
        }
        for bucket in buckets[next...] { Self.append(bucket, to: &united) }
        buckets = united
        while buckets.count > Self.capacity, level < Self.highestLevel { raise(to: level + 1) }
    }

    private mutating func raise(to level: Int) {
        guard level > self.level else { return }
        let bits = Int64(level - self.level)
        self.level = level
        var raised: [Bucket] = []
        for bucket in buckets { Self.append(Bucket(key: bucket.key >> bits, count: bucket.count), to: &raised) }
        buckets = raised
    }

    /// The smallest numbers that at least `part` of `whole` of all numbers do not exceed, for each of `parts`, which ascend
    /// from 1 on. Empty of no numbers.
    func quantiles(_ parts: [Int64], of whole: Int64) -> [Double] {
        var ranks = Ranks(self)
        guard ranks.total > 0 else { return [] }
        return parts.map { ranks.number((Int128($0) * ranks.total + Int128(whole) - 1) / Int128(whole)) }
    }

    /// The least number, the greatest, and those between them at `count` ranks of equal distances, or at all ranks where there
    /// are fewer; between two numbers where a rank is. Ascending; empty of no numbers.
    func spaced(_ count: Int64) -> [Double] {
        var ranks = Ranks(self)
        guard ranks.total > 0 else { return [] }
        let steps = min(Int128(count), ranks.total) - 1
        guard steps > 0 else { return [ranks.number(1)] }
        var results: [Double] = []
        results.reserveCapacity(Int(steps) + 1)
        for step in 0...steps {
            let (below, rest) = (step * (ranks.total - 1)).quotientAndRemainder(dividingBy: steps)
            let lower = ranks.number(below + 1)
            guard rest > 0 else {
                results.append(lower)
                continue
            }
            let upper = ranks.number(below + 2), share = Double(rest) / Double(steps)
            let between = upper - lower < .infinity ? lower + (upper - lower) * share : lower * (1 - share) + upper * share
            results.append(min(max(between, results.last ?? lower), upper))
        }
        return results
    }

    /// The different numbers that are told apart in all of some sketches, ascending, and how often each came in each:
    /// `counts[number * sketches.count + sketch]`.
    static func counted(_ sketches: [QuantileSketch]) -> (values: [Double], counts: [Int64]) {
        // Each has as many as it may; together they have no more.
        var all = QuantileSketch()
        for sketch in sketches { all.merge(sketch) }
        var counts = [Int64](repeating: 0, count: all.buckets.count * sketches.count)
        for (place, sketch) in sketches.enumerated() {
            var sketch = sketch
            sketch.settle()
            sketch.raise(to: all.level)
            var number = 0
            for bucket in sketch.buckets {
                while all.buckets[number].key < bucket.key { number += 1 }
                counts[number * sketches.count + place] = bucket.count
            }
        }
        return (all.buckets.map { all.value($0.key) }, counts)
    }

    /// Numbers by their ranks, from 1 on, which are asked for in ascending order.
    private struct Ranks {
        private let sketch: QuantileSketch
        let total: Int128
        private var place = 0
        private var below: Int128 = 0

        init(_ sketch: QuantileSketch) {
            var sketch = sketch
            sketch.settle()
            self.sketch = sketch
            total = sketch.buckets.reduce(Int128(0)) { $0 + Int128($1.count) }
        }

        mutating func number(_ rank: Int128) -> Double {
            let buckets = sketch.buckets
            while place < buckets.count - 1, below + Int128(buckets[place].count) < rank {
                below += Int128(buckets[place].count)
                place += 1
            }
            return sketch.value(buckets[place].key)
        }
    }

    var median: Double? { quantiles([1], of: 2).first }

    // MARK: bytes

    func write(to writer: inout FittedStateWriter) {
        var sketch = self
        sketch.settle()
        writer.write(UInt8(sketch.level))
        writer.write(UInt32(sketch.buckets.count))
        for bucket in sketch.buckets {
            writer.write(bucket.key)
            writer.write(bucket.count)
        }
    }

    init(_ reader: inout FittedStateReader) throws {
        level = Int(try reader.number(UInt8.self))
        guard level <= Self.highestLevel else { throw reader.damage }
        for _ in 0..<(try reader.entryCount(ofAtLeast: 16)) {
            let bucket = Bucket(key: try reader.number(Int64.self), count: try reader.number(Int64.self))
            guard bucket.count > 0, buckets.last.map({ $0.key < bucket.key }) ?? true else { throw reader.damage }
            buckets.append(bucket)
        }
    }
}
