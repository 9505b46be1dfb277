#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Gathers the hashes of a column chunk's values in a split-block filter (BloomFilter.md), which becomes as small as the wanted
/// share of false answers allows.
final class BloomFilterBuilder {
    private let falsePositives: Double
    /// Whether the number of different values was told: the filter then has its size from the beginning.
    private let hasFixedSize: Bool
    private let words: UnsafeMutablePointer<UInt32>
    /// A power of two.
    private let blockCount: Int

    /// - Parameters:
    ///   - distinctCount: of the values of a chunk; nil: not known.
    ///   - falsePositives: share of values that are not there and are not noticed to be missing.
    init(distinctCount: Int?, falsePositives: Double, largest: Int) {
        self.falsePositives = falsePositives
        hasFixedSize = distinctCount != nil
        let most = max(min(largest, SplitBlockFilter.largest) / SplitBlockFilter.blockBytes, 1)
        var wanted = most
        if let distinctCount {
            let bits = -8 * Double(max(distinctCount, 1)) / log1p(-pow(falsePositives, 1.0 / 8))
            wanted = min(max(Int(min(bits / Double(8 * SplitBlockFilter.blockBytes), Double(most)).rounded(.up)), 1), most)
        }
        var count = 1
        while count < wanted, count * 2 <= most { count *= 2 }
        blockCount = count
        words = .allocate(capacity: count * 8)
        words.initialize(repeating: 0, count: count * 8)
    }

    deinit { words.deallocate() }

    var byteCount: Int { blockCount * SplitBlockFilter.blockBytes }

    @inline(__always)
    func insert(_ hash: UInt64) {
        let block = words + SplitBlockFilter.block(of: hash, count: blockCount) &* 8
        for word in 0..<8 { block[word] |= SplitBlockFilter.bit(of: hash, word: word) }
    }

    /// Takes plain values of one width that stand one behind the other.
    func insert(_ values: UnsafeRawPointer, count: Int, width: Int) {
        for index in 0..<count { insert(XXHash64.hash(values + index &* width, count: width)) }
    }

    /// Header and blocks of the chunk, and a new beginning.
    func take() -> [UInt8] {
        var count = blockCount
        // Neighbours become one block: a value's block in half as many is half of its number.
        while !hasFixedSize, count > 1, share(folded: count) <= falsePositives {
            count /= 2
            for block in 0..<count {
                for word in 0..<8 { words[block * 8 + word] = words[block * 16 + word] | words[block * 16 + 8 + word] }
            }
        }
        var bytes = BloomFilterHeader(byteCount: count * SplitBlockFilter.blockBytes).encoded()
        for word in 0..<count * 8 { withUnsafeBytes(of: words[word].littleEndian) { bytes.append(contentsOf: $0) } }
        words.update(repeating: 0, count: blockCount * 8)
        return bytes
    }

    /// The share of false answers if `count` blocks became half as many.
    private func share(folded count: Int) -> Double {
        var sum = 0.0
        for block in 0..<count / 2 {
            var share = 1.0
            for word in 0..<8 {
                share *= Double((words[block * 16 + word] | words[block * 16 + 8 + word]).nonzeroBitCount) / 32
            }
            sum += share
        }
        return sum / Double(count / 2)
    }
}

/// Which columns get bloom filters, by the properties that parquet-mr has for that.
package struct ParquetBloomFilterOptions: Sendable {
    /// For columns of which nothing else is said.
    package var isEnabled = false
    package var falsePositives = 0.01
    /// Bytes of a filter.
    package var largest = 1 << 20
    /// By the names of columns, those of nested ones with dots, in lower case.
    package var isEnabledByColumn: [String: Bool] = [:]
    package var distinctCountByColumn: [String: Int] = [:]
    package var falsePositivesByColumn: [String: Double] = [:]

    package init() {}

    /// - Parameter path: of a stored column.
    /// - Returns: nil for one that has no filter.
    func builder(_ path: [String]) -> BloomFilterBuilder? {
        let name = path.joined(separator: ".").lowercased()
        guard isEnabledByColumn[name] ?? isEnabled else { return nil }
        return BloomFilterBuilder(
            distinctCount: distinctCountByColumn[name], falsePositives: falsePositivesByColumn[name] ?? falsePositives,
            largest: largest)
    }
}
