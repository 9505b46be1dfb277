import Columnar

/// A KLL sketch of Apache DataSketches: levels of numbers, each of which stands for twice as many values as one of the level below. When
/// there are too many numbers, every second one of a sorted level goes up and the others go (Karnin, Lang and Liberty, "Optimal Quantile
/// Approximation in Streams", 2016).
///
/// Whether the odd ones or the even ones go is drawn from how many values there were and from the level, so equal values in equal order
/// make equal sketches.
struct KLLSketch: Sendable {
    static let sizes = 8...65535
    static let usualSize = 200
    /// The least capacity of a level.
    static let leastCapacity = 8

    let k: Int
    /// The least k of the sketches that are in this one.
    var leastK: Int
    private(set) var count: UInt64 = 0
    /// The first level in the order in which numbers came, the others ascending.
    private(set) var levels: [[Float]] = [[]]
    var least: Float = .nan
    var greatest: Float = .nan
    private var retained = 0
    private var capacity: Int

    init(k: Int) {
        self.k = k
        leastK = k
        capacity = Self.capacity(k, levels: 1)
    }

    /// Levels that were read.
    init(k: Int, leastK: Int, count: UInt64, levels: [[Float]], least: Float, greatest: Float) {
        self.init(k: k)
        self.leastK = leastK
        self.count = count
        self.levels = levels
        self.least = least
        self.greatest = greatest
        retained = levels.reduce(0) { $0 + $1.count }
        capacity = Self.capacity(k, levels: levels.count)
    }

    var isEmpty: Bool { count == 0 }
    var retainedCount: Int { retained }
    var totalCapacity: Int { capacity }

    /// How many numbers a level may hold: k at the top, two thirds of that above in each one below.
    static func capacity(_ k: Int, levels: Int, level: Int) -> Int {
        var depth = levels - level - 1, size = UInt64(k)
        // In two steps, as two to the power of more than 30 would not leave room for k.
        for steps in depth > 30 ? [depth / 2, depth - depth / 2] : [depth] {
            var power: UInt64 = 1
            for _ in 0..<steps { power *= 3 }
            size = ((size << UInt64(steps + 1)) / power + 1) >> 1
            depth -= steps
        }
        return max(leastCapacity, Int(size))
    }

    private static func capacity(_ k: Int, levels: Int) -> Int {
        (0..<levels).reduce(0) { $0 + capacity(k, levels: levels, level: $1) }
    }

    mutating func append(_ value: Float) {
        if retained >= capacity { compactLowestFull() }
        count += 1
        levels[0].append(value)
        retained += 1
    }

    /// Makes room in a sketch that is full.
    private mutating func compactLowestFull() {
        let level = levels.indices.first { levels[$0].count >= Self.capacity(k, levels: levels.count, level: $0) } ?? levels.count - 1
        if level == levels.count - 1 { addLevel() }
        compact(level)
    }

    private mutating func addLevel() {
        levels.append([])
        capacity = Self.capacity(k, levels: levels.count)
    }

    /// Half of a level goes up; of an odd number the last one of the lowest level stays, of a sorted one the least.
    private mutating func compact(_ level: Int) {
        var moving = levels[level]
        var staying: [Float] = []
        if moving.count & 1 == 1 { staying.append(level == 0 ? moving.removeLast() : moving.removeFirst()) }
        if level == 0 { moving.sort() }
        levels[level] = staying
        let first = coin(level) ? 1 : 0
        let kept = stride(from: first, to: moving.count, by: 2).map { moving[$0] }
        retained -= moving.count - kept.count
        levels[level + 1] = Self.merged(kept, levels[level + 1])
    }

    /// Half of all numbers of values and levels say true.
    private func coin(_ level: Int) -> Bool {
        SketchHash(word: count &* 64 &+ UInt64(level), seed: SketchHash.usualSeed).low & 1 == 1
    }

    private static func merged(_ left: [Float], _ right: [Float]) -> [Float] {
        guard !right.isEmpty else { return left }
        var result: [Float] = []
        result.reserveCapacity(left.count + right.count)
        var place = 0
        for value in left {
            while place < right.count, right[place] < value {
                result.append(right[place])
                place += 1
            }
            result.append(value)
        }
        return result + right[place...]
    }

    /// Takes in what `other` has seen.
    /// - Throws: `FunctionError` for more values than a number of 63 bits counts.
    mutating func merge(_ other: KLLSketch) throws {
        guard !other.isEmpty else { return }
        let (total, overflow) = count.addingReportingOverflow(other.count)
        guard !overflow, total < 1 << 60 else {
            throw FunctionError(.argument, "A KLL sketch would have seen more values than it can count")
        }
        extend(other.least, other.greatest)
        for value in other.levels[0] { append(value) }
        if other.levels.count > 1 {
            while levels.count < other.levels.count { addLevel() }
            for level in other.levels.indices.dropFirst() { levels[level] = Self.merged(levels[level], other.levels[level]) }
            retained = levels.reduce(0) { $0 + $1.count }
            count = total
            compactAll()
            leastK = min(leastK, other.leastK)
        }
        count = total
    }

    /// After a merge any level may hold more than it may.
    private mutating func compactAll() {
        var level = 0
        while level < levels.count {
            if retained >= capacity, levels[level].count >= Self.capacity(k, levels: levels.count, level: level) {
                if level == levels.count - 1 { addLevel() }
                compact(level)
            }
            level += 1
        }
    }
}

extension KLLSketch: RankSketch {
    var byteCount: Int { retained * 4 + levels.count * 64 }

    func sketch() -> [UInt8] { serialized() }
    func saved() -> [UInt8] { serialized() }
    mutating func restore(_ saved: StringView) throws { self = try KLLSketch(saved) }
}
