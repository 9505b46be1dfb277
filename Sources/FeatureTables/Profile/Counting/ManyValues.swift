import Columnar

/// What is known of a column's values when there are too many different ones to count each: about how many, and which are
/// frequent.
final class ManyValues<Value> {
    private let distinct = DistinctSketch()
    private let frequent = FrequentValues<Value>()

    var byteCount: Int { distinct.byteCount + frequent.byteCount }

    /// Counts an occurrence of each of some values.
    @inline(__always)
    func add(_ hashes: UnsafePointer<UInt64>, _ n: Int, _ value: (Int) -> Value) {
        for index in 0..<n { distinct.add(hashes[index]) }
        frequent.add(hashes, n, value)
    }

    func add(_ hash: UInt64, count: Int, _ value: () -> Value) {
        distinct.add(hash)
        frequent.add(hash, count: count, value)
    }

    func merge(_ other: ManyValues) {
        distinct.merge(other.distinct)
        frequent.merge(other.frequent)
    }

    /// Within 1 % or so.
    var distinctCount: Int { distinct.estimate }

    /// Values of at least a thousandth of all, in no order.
    var frequentValues: [(hash: UInt64, value: Value, count: Int)] { frequent.frequent }

    func count(of hash: UInt64) -> Int { frequent.count(of: hash) }
}
