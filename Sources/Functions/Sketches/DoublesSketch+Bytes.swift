import Columnar
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

// The published format: a head of one word of 8 bytes for no value, of two with the number of values for others, the least and the
// greatest value, the buffer, and the levels that have numbers, the lowest first. It is written compact; the form that leaves room for the
// others is read as well.

private enum DoublesFormat {
    static let version: UInt8 = 3
    static let family: UInt8 = 8
    static let bigEndianFlag: UInt8 = 1
    static let emptyFlag: UInt8 = 4
    static let compactFlag: UInt8 = 8
    static let orderedFlag: UInt8 = 16
}

extension DoublesSketch {
    /// - Parameter isOrdered: whether the buffer is sorted; otherwise it stays as it grew.
    func serialized(isOrdered: Bool) -> [UInt8] {
        var writer = SketchWriter(capacity: 32 + retainedCount * 8)
        var flags = DoublesFormat.compactFlag
        if isOrdered { flags |= DoublesFormat.orderedFlag }
        if isEmpty { flags |= DoublesFormat.emptyFlag }
        writer.write([isEmpty ? 1 : 2, DoublesFormat.version, DoublesFormat.family, flags])
        writer.write(UInt16(k))
        writer.write(UInt16(0))
        guard !isEmpty else { return writer.bytes }
        writer.write(count)
        writer.write(least)
        writer.write(greatest)
        for value in isOrdered ? buffer.sorted() : buffer { writer.write(value) }
        for level in levels { for value in level { writer.write(value) } }
        return writer.bytes
    }

    /// - Throws: `FunctionError` for bytes that are no sketch.
    init(_ bytes: StringView) throws {
        var reader = SketchReader(bytes, kind: "quantiles")
        let head = try reader.head(
            family: DoublesFormat.family...DoublesFormat.family, versions: DoublesFormat.version...DoublesFormat.version)
        let flags = try reader.number(UInt8.self), k = Int(try reader.number(UInt16.self))
        _ = try reader.number(UInt16.self)
        guard Self.sizes.contains(k), k.nonzeroBitCount == 1, flags & DoublesFormat.bigEndianFlag == 0 else {
            throw reader.damage("their k is \(k)")
        }
        let isEmpty = flags & DoublesFormat.emptyFlag != 0
        guard head.words == (isEmpty ? 1 : 2) else { throw reader.damage("their head has \(head.words) words") }
        self.init(k: k)
        guard !isEmpty else { return }
        let count = try reader.number(UInt64.self)
        guard count > 0, count < 1 << 59 else { throw reader.damage("a number of their head is out of range") }
        let least = try reader.double(), greatest = try reader.double()
        let isCompact = flags & DoublesFormat.compactFlag != 0
        let pattern = count / UInt64(2 * k), buffered = Int(count % UInt64(2 * k))
        func numbers(_ wanted: Int) throws -> [Double] {
            let numbers = try reader.numbers(UInt64.self, wanted).map { Double(bitPattern: $0) }
            guard numbers.allSatisfy({ !$0.isNaN }) else { throw reader.damage("a number is NaN") }
            return numbers
        }
        let buffer = try numbers(buffered)
        if !isCompact, pattern > 0 { _ = try reader.bytes((2 * k - buffered) * 8) }
        var levels: [[Double]] = []
        for level in 0..<(UInt64.bitWidth - pattern.leadingZeroBitCount) {
            if pattern >> UInt64(level) & 1 == 1 {
                levels.append(try numbers(k))
            } else {
                if !isCompact { _ = try reader.bytes(k * 8) }
                levels.append([])
            }
        }
        guard levels.allSatisfy({ level in zip(level, level.dropFirst()).allSatisfy { $0 <= $1 } }), least <= greatest,
            !isCompact || reader.remaining == 0
        else { throw reader.damage("their numbers are not in order") }
        self.init(k: k, count: count, buffer: buffer, levels: levels, least: least, greatest: greatest)
    }

    /// The error of ranks that is not passed in 99 of 100 sketches, as DataSketches measured it; of shares between two ranks it is larger.
    func rankError(ofShares: Bool) -> Double {
        ofShares ? 1.854 / pow(Double(k), 0.9657) : 1.576 / pow(Double(k), 0.9726)
    }
}
