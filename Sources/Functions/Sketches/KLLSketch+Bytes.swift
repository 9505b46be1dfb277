import Columnar
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

// The published format of KLL sketches of FLOAT: a head of two words for no value and for one, of five for more, where the levels begin,
// the least and the greatest value, and the levels' numbers.

private enum KLLFormat {
    static let family: UInt8 = 15
    static let shortWords = 2, fullWords = 5
    static let version: UInt8 = 1, singleVersion: UInt8 = 2
    static let emptyFlag: UInt8 = 1
    static let sortedFlag: UInt8 = 2
    static let singleFlag: UInt8 = 4
    static let growingFlag: UInt8 = 16
    /// So many levels hold more values than can be counted.
    static let mostLevels = 61
}

extension KLLSketch {
    func serialized() -> [UInt8] {
        let isSingle = count == 1
        var writer = SketchWriter(capacity: 28 + levels.count * 4 + retainedCount * 4)
        let flags = isEmpty ? KLLFormat.emptyFlag : isSingle ? KLLFormat.singleFlag : 0
        writer.write([
            UInt8(isEmpty || isSingle ? KLLFormat.shortWords : KLLFormat.fullWords),
            isSingle ? KLLFormat.singleVersion : KLLFormat.version, KLLFormat.family, flags,
        ])
        writer.write(UInt16(k))
        writer.write([UInt8(Self.leastCapacity), 0])
        guard !isEmpty else { return writer.bytes }
        if !isSingle {
            writer.write(count)
            writer.write(UInt16(leastK))
            writer.write([UInt8(levels.count), 0])
            // Sketches of others may hold more than they should.
            var start = max(0, totalCapacity - retainedCount)
            for level in levels {
                writer.write(UInt32(start))
                start += level.count
            }
            writer.write(least)
            writer.write(greatest)
        }
        // The lowest level grows from its end to its beginning.
        for value in levels[0].reversed() { writer.write(value) }
        for level in levels.dropFirst() { for value in level { writer.write(value) } }
        return writer.bytes
    }

    /// - Throws: `FunctionError` for bytes that are no sketch.
    init(_ bytes: StringView) throws {
        var reader = SketchReader(bytes, kind: "KLL")
        let head = try reader.head(family: KLLFormat.family...KLLFormat.family, versions: KLLFormat.version...KLLFormat.singleVersion)
        let flags = try reader.number(UInt8.self), k = Int(try reader.number(UInt16.self)), capacity = try reader.number(UInt8.self)
        _ = try reader.number(UInt8.self)
        guard Self.sizes.contains(k), Int(capacity) == Self.leastCapacity else { throw reader.damage("their k is \(k)") }
        guard flags & KLLFormat.growingFlag == 0 else { throw reader.damage("they are of a sketch that grows on") }
        let isShort = flags & (KLLFormat.emptyFlag | KLLFormat.singleFlag) != 0
        guard head.words == (isShort ? KLLFormat.shortWords : KLLFormat.fullWords) else {
            throw reader.damage("their head has \(head.words) words")
        }
        self.init(k: k)
        if flags & KLLFormat.emptyFlag != 0 { return }
        if flags & KLLFormat.singleFlag != 0 {
            let value = try reader.float()
            guard !value.isNaN, reader.remaining == 0 else { throw reader.damage("they end too late") }
            insert(value)
            return
        }
        let count = try reader.number(UInt64.self), leastK = Int(try reader.number(UInt16.self))
        let levelCount = Int(try reader.number(UInt8.self))
        _ = try reader.number(UInt8.self)
        guard count > 0, count < 1 << 60, (1...KLLFormat.mostLevels).contains(levelCount), Self.sizes.contains(leastK) else {
            throw reader.damage("a number of their head is out of range")
        }
        let starts = try reader.numbers(UInt32.self, levelCount).map(Int.init)
        let least = try reader.float(), greatest = try reader.float()
        let numbers = try reader.numbers(UInt32.self, reader.remaining / 4).map { Float(bitPattern: $0) }
        let ends = starts.dropFirst() + [starts[0] + numbers.count]
        var levels: [[Float]] = []
        var weight: UInt64 = 0
        for (level, (start, end)) in zip(starts, ends).enumerated() {
            guard start >= starts[0], end >= start, end - starts[0] <= numbers.count else { throw reader.damage("a level is out of place") }
            let part = numbers[(start - starts[0])..<(end - starts[0])]
            guard part.allSatisfy({ !$0.isNaN }) else { throw reader.damage("a number is NaN") }
            guard UInt64(part.count) <= count >> UInt64(level), weight <= count else { throw reader.damage("their numbers do not add up") }
            weight += UInt64(part.count) << UInt64(level)
            levels.append(level == 0 ? part.reversed() : Array(part))
            guard level == 0 || zip(part, part.dropFirst()).allSatisfy({ $0 <= $1 }) else { throw reader.damage("a level is not sorted") }
        }
        guard weight == count, reader.remaining == 0, least <= greatest else { throw reader.damage("their numbers do not add up") }
        self.init(k: k, leastK: leastK, count: count, levels: levels, least: least, greatest: greatest)
    }

    /// The error of ranks that is not passed in 99 of 100 sketches, as DataSketches measured it; of shares between two ranks it is larger.
    func rankError(ofShares: Bool) -> Double {
        ofShares ? 2.446 / pow(Double(leastK), 0.9433) : 2.296 / pow(Double(leastK), 0.9723)
    }
}
