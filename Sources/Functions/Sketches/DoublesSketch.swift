import Columnar

/// The classic sketch of quantiles of Apache DataSketches, of DOUBLE: a buffer of up to 2k values, and levels of k numbers, each of which
/// stands for twice as many values as one of the level below. A full buffer is sorted, and every second number goes up; so do two levels
/// that meet (Agarwal and others, "Mergeable Summaries", 2012).
///
/// Whether the odd ones or the even ones go is drawn from how many values there were and from the level, so equal values in equal order
/// make equal sketches.
struct DoublesSketch: Sendable {
    /// Powers of two.
    static let sizes = 2...32768
    static let usualSize = 128

    private(set) var k: Int
    private(set) var count: UInt64 = 0
    private(set) var buffer: [Double] = []
    /// Ascending; empty, or of k numbers. A number of the first one stands for two values.
    private(set) var levels: [[Double]] = []
    var least = Double.nan
    var greatest = Double.nan

    init(k: Int) { self.k = k }

    /// What was read.
    init(k: Int, count: UInt64, buffer: [Double], levels: [[Double]], least: Double, greatest: Double) {
        self.k = k
        self.count = count
        self.buffer = buffer
        self.levels = levels
        self.least = least
        self.greatest = greatest
    }

    var isEmpty: Bool { count == 0 }
    var retainedCount: Int { buffer.count + levels.reduce(0) { $0 + $1.count } }

    mutating func append(_ value: Double) {
        count += 1
        buffer.append(value)
        guard buffer.count == 2 * k else { return }
        buffer.sort()
        let halved = everySecond(buffer, 0)
        buffer.removeAll(keepingCapacity: true)
        carry(halved, to: 0)
    }

    private func everySecond(_ numbers: [Double], _ level: Int) -> [Double] {
        let first = Int(SketchHash(word: count &* 64 &+ UInt64(level), seed: SketchHash.usualSeed).low & 1)
        return stride(from: first, to: numbers.count, by: 2).map { numbers[$0] }
    }

    /// Adds k ascending numbers to a level, which goes up with them when it has some.
    private mutating func carry(_ numbers: [Double], to level: Int) {
        var numbers = numbers, level = level
        while true {
            while levels.count <= level { levels.append([]) }
            guard !levels[level].isEmpty else {
                levels[level] = numbers
                return
            }
            let both = (levels[level] + numbers).sorted()
            levels[level] = []
            level += 1
            numbers = everySecond(both, level)
        }
    }

    /// Takes in what `other` has seen. Of two that have let values go the smaller k holds.
    /// - Throws: `FunctionError` for more values than a number of 60 bits counts.
    mutating func merge(_ other: DoublesSketch) throws {
        guard !other.isEmpty else { return }
        guard count < 1 << 59, other.count < 1 << 59 else {
            throw FunctionError(.argument, "A sketch of quantiles would have seen more values than it can count")
        }
        if other.levels.isEmpty {
            for value in other.buffer { insert(value) }
        } else if levels.isEmpty {
            var result = other
            if k < other.k {
                result = DoublesSketch(k: k)
                result.take(other)
            }
            for value in buffer { result.insert(value) }
            self = result
        } else if k > other.k {
            var result = other
            result.take(self)
            self = result
        } else {
            take(other)
        }
    }

    /// Takes in a sketch with the same or a greater k.
    private mutating func take(_ other: DoublesSketch) {
        extend(other.least, other.greatest)
        let total = count + other.count
        for value in other.buffer { append(value) }
        let step = other.k / k
        for (level, numbers) in other.levels.enumerated() where !numbers.isEmpty {
            let first = step == 1 ? 0 : Int(SketchHash(word: total &* 64 &+ UInt64(level), seed: SketchHash.usualSeed).low % UInt64(step))
            carry(stride(from: first, to: numbers.count, by: step).map { numbers[$0] }, to: level + step.trailingZeroBitCount)
        }
        count = total
    }
}

extension DoublesSketch: RankSketch {
    var byteCount: Int { (buffer.capacity + levels.count * (k + 4)) * 8 }

    func sketch() -> [UInt8] { serialized(isOrdered: true) }
    func saved() -> [UInt8] { serialized(isOrdered: false) }
    mutating func restore(_ saved: StringView) throws { self = try DoublesSketch(saved) }
}
