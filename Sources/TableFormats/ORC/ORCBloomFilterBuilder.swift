import Columnar

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Which columns of a file get bloom filters.
package struct ORCBloomFilterOptions: Sendable {
    /// `orc.bloom.filter.columns`: names of the table's columns, in lower case; what is nested in them gets filters too.
    package var columns: Set<String> = []
    /// `orc.bloom.filter.fpp`: the share of values that are not there and are not noticed to be missing.
    package var falsePositives = 0.05

    package init() {}
}

/// Gathers the values of a row group in a bloom filter (ORCv1, "Bloom Filter Index"), in the form that is called UTF8.
final class ORCBloomFilterBuilder {
    private let type: SQLType
    private let hashCount: Int
    private var bits: [UInt64]
    /// Comparisons do not tell 0.0 and -0.0 apart, filters do: they get both.
    private var hasZero = false

    /// - Parameter rows: of a row group.
    /// - Returns: nil for a type whose values are in no filter: of CHAR readers differ in what they look for.
    init?(_ type: SQLType, rows: Int, falsePositives: Double) {
        switch type {
        case .tinyint, .smallint, .int, .bigint, .float, .double, .decimal, .string, .varchar, .binary, .date, .timestamp: break
        default: return nil
        }
        self.type = type
        let wanted = -Double(rows) * log(falsePositives) / (M_LN2 * M_LN2)
        let bitCount = Int(min(wanted, Double(1 << 30))) / 64 * 64 + 64
        hashCount = max(1, Int((Double(bitCount) / Double(max(rows, 1)) * M_LN2).rounded()))
        bits = Array(repeating: 0, count: bitCount / 64)
    }

    var byteCount: Int { bits.count * 8 }

    /// Takes the elements with these indices of a flat column, none of which is NULL.
    func insert(_ source: Column, _ elements: UnsafeBufferPointer<Int>) {
        switch type {
        case .tinyint: insert(source.values(as: Int8.self), elements) { ORCBloomFilter.hash(Int64($0)) }
        case .smallint: insert(source.values(as: Int16.self), elements) { ORCBloomFilter.hash(Int64($0)) }
        case .int, .date: insert(source.values(as: Int32.self), elements) { ORCBloomFilter.hash(Int64($0)) }
        case .bigint: insert(source.values(as: Int64.self), elements) { ORCBloomFilter.hash($0) }
        case .float: insert(source.values(as: Float.self), elements) { hash(Double($0)) }
        case .double: insert(source.values(as: Double.self), elements) { hash($0) }
        case .decimal(_, let scale):
            insert(source.values(as: Int128.self), elements) { ORCBloomFilter.hash($0, scale: scale) }
        case .timestamp: insert(source.values(as: Timestamp.self), elements) { ORCBloomFilter.hash(ORCTimestampWriter.readBack($0)) }
        default:
            insert(source.values(as: StringView.self), elements) { ORCBloomFilter.hash(UnsafeRawBufferPointer($0.bytes)) }
        }
    }

    @inline(__always)
    private func insert<T>(_ values: UnsafeMutablePointer<T>, _ elements: UnsafeBufferPointer<Int>, hash: (T) -> UInt64) {
        for element in elements { insert(hash(values[element])) }
    }

    @inline(__always)
    private func insert(_ hash: UInt64) {
        for number in 1...hashCount {
            let position = ORCBloomFilter.position(of: hash, number, among: bits.count * 64)
            bits[position >> 6] |= 1 &<< UInt64(truncatingIfNeeded: position & 63)
        }
    }

    private func hash(_ value: Double) -> UInt64 {
        if value == 0 { hasZero = true }
        return ORCBloomFilter.hash(Int64(bitPattern: value.isNaN ? 0x7FF8_0000_0000_0000 : value.bitPattern))
    }

    /// The message of the row group, and a new beginning.
    func take() -> [UInt8] {
        if hasZero { for zero in [0, -0.0] { insert(ORCBloomFilter.hash(Int64(bitPattern: zero.bitPattern))) } }
        hasZero = false
        var message = ProtobufWriter()
        message.count(1, hashCount)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(bits.count * 8)
        for word in bits { withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) } }
        message.bytes(3, bytes)
        for index in bits.indices { bits[index] = 0 }
        return message.bytes
    }
}
