/// The values of a stream that are at least a thousandth of it, and about how often they occur.
///
/// Occurrences are counted in a count-min sketch (Cormode and Muthukrishnan, "An improved data stream summary", 2005): the
/// least of a hash's counters is never too low and, since other values share them, too high by some 1/10,000 of the stream.
/// A value becomes a candidate when its count so far is a thousandth of what came so far; so each that is one of the whole
/// is a candidate of some worker, in whatever order the values came.
package final class FrequentValues<Value> {
    /// A value is frequent with one occurrence in so many.
    static var rarest: Int { 1_000 }
    private static var widthBits: UInt64 { 13 }
    private static var width: Int { 1 << 13 }
    private static var depth: Int { 4 }
    private static var mostCandidates: Int { 4_096 }

    private let counters: UnsafeMutablePointer<UInt32>
    /// Occurrences so far.
    private(set) var total = 0
    private var candidates: [UInt64: Value] = [:]
    /// Hashes that are known to be candidates, at the place of their lowest bits.
    private let known: UnsafeMutablePointer<UInt64>
    private static var knownCount: Int { 256 }

    package init() {
        counters = .allocate(capacity: Self.width * Self.depth)
        counters.initialize(repeating: 0, count: Self.width * Self.depth)
        known = .allocate(capacity: Self.knownCount)
        known.initialize(repeating: 0, count: Self.knownCount)
    }

    deinit {
        counters.deallocate()
        known.deallocate()
    }

    var byteCount: Int { Self.width * Self.depth * 4 + Self.knownCount * 8 + candidates.count * 128 }

    /// Counts an occurrence of each of some values.
    /// - Parameter value: asked for one by its number when it may be frequent.
    @inline(__always)
    package func add(_ hashes: UnsafePointer<UInt64>, _ n: Int, _ value: (Int) -> Value) {
        let counters = counters, known = known
        var seen = total
        for index in 0..<n {
            let hash = hashes[index]
            seen &+= 1
            let estimate = Self.increment(counters, hash, by: 1)
            if estimate &* Self.rarest >= seen, known[Int(truncatingIfNeeded: hash) & 255] != hash {
                total = seen
                propose(hash, value(index))
            }
        }
        total = seen
    }

    /// Counts `count` occurrences.
    func add(_ hash: UInt64, count: Int, _ value: () -> Value) {
        total += count
        if Self.increment(counters, hash, by: count) * Self.rarest >= total { propose(hash, value()) }
    }

    @inline(__always)
    private static func increment(_ counters: UnsafeMutablePointer<UInt32>, _ hash: UInt64, by count: Int) -> Int {
        let mask = width &- 1
        let more = UInt32(clamping: count)
        var least = UInt32.max
        var bits = hash
        for row in 0..<depth {
            let counter = counters + (row &* width &+ Int(truncatingIfNeeded: bits) & mask)
            let (sum, overflow) = counter.pointee.addingReportingOverflow(more)
            let counted = overflow ? .max : sum
            counter.pointee = counted
            least = min(least, counted)
            bits &>>= widthBits
        }
        return Int(least)
    }

    private func estimate(_ hash: UInt64) -> Int {
        var least = UInt32.max
        var bits = hash
        for row in 0..<Self.depth {
            least = min(least, counters[row * Self.width + Int(truncatingIfNeeded: bits) & (Self.width - 1)])
            bits >>= Self.widthBits
        }
        return Int(least)
    }

    @inline(never)
    private func propose(_ hash: UInt64, _ value: Value) {
        if candidates[hash] == nil { candidates[hash] = value }
        known[Int(truncatingIfNeeded: hash) & (Self.knownCount - 1)] = hash
        guard candidates.count > Self.mostCandidates else { return }
        candidates = candidates.filter { estimate($0.key) * Self.rarest >= total }
        known.update(repeating: 0, count: Self.knownCount)
    }

    /// Adds what another worker counted.
    package func merge(_ other: FrequentValues) {
        for index in 0..<Self.width * Self.depth {
            let (sum, overflow) = counters[index].addingReportingOverflow(other.counters[index])
            counters[index] = overflow ? .max : sum
        }
        total += other.total
        candidates.merge(other.candidates) { first, _ in first }
    }

    /// The frequent values with their hashes and counts, in no order.
    package var frequent: [(hash: UInt64, value: Value, count: Int)] {
        candidates.compactMap { hash, value in
            let count = estimate(hash)
            return count * Self.rarest >= total ? (hash, value, count) : nil
        }
    }

    /// About how often a value occurs, by its hash.
    func count(of hash: UInt64) -> Int { estimate(hash) }
}
