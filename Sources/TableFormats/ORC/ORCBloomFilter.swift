import Columnar

/// Says of a value that it does not occur in a row group, or that it may. The functions are Hive's.
package struct ORCBloomFilter: Sendable {
    private let hashCount: Int
    private let bits: [UInt64]
    private let type: SQLType
    /// Older filters hashed strings in the writer's character set and timestamps in its zone.
    private let isUTF8: Bool
    private let usesProlepticCalendar: Bool

    /// - Returns: one filter a row group; those without bits say of all values that they may occur.
    static func read(
        _ bytes: [UInt8], part: ORCPart, type: SQLType, isUTF8: Bool, usesProlepticCalendar: Bool
    ) throws -> [ORCBloomFilter] {
        try bytes.withUnsafeBytes { bytes in
            var reader = ProtobufReader(bytes, part: part)
            var filters: [ORCBloomFilter] = []
            while let field = try reader.next() {
                if field.number == 1 {
                    filters.append(
                        try ORCBloomFilter(
                            reader.message(field), type: type, isUTF8: isUTF8, usesProlepticCalendar: usesProlepticCalendar))
                } else {
                    try reader.skip(field)
                }
            }
            return filters
        }
    }

    private init(_ message: ProtobufReader, type: SQLType, isUTF8: Bool, usesProlepticCalendar: Bool) throws {
        var reader = message
        var hashCount = 0
        var bits: [UInt64] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: hashCount = try reader.count(field)
            case 2: try reader.appendFixed(field, to: &bits)
            case 3:
                let bytes = try reader.bytes(field)
                for word in 0..<bytes.count / 8 {
                    bits.append(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)))
                }
            default: try reader.skip(field)
            }
        }
        self.hashCount = min(hashCount, 1000)
        self.bits = bits
        self.type = type
        self.isUTF8 = isUTF8
        self.usesProlepticCalendar = usesProlepticCalendar
    }

    /// Whether a value may occur. `value` is as columns of the type hold it; other forms may always occur.
    package func mayContain(_ value: ORCColumnStatistics.Bound) -> Bool {
        guard hashCount > 0, !bits.isEmpty else { return true }
        switch value {
        case .integer(let number): return type.isIntegral ? test(Self.hash(number)) : true
        case .day(let day): return test(Self.hash(Int64(usesProlepticCalendar ? day : ORCCalendar.hybrid(day))))
        case .double(let number):
            // Hive's filters tell 0.0 and -0.0 apart, comparisons do not.
            return number == 0 || number.isNaN ? true : test(Self.hash(Int64(bitPattern: number.bitPattern)))
        case .bytes(let bytes):
            let isASCII = isUTF8 || bytes.allSatisfy { $0 < 0x80 }
            // Of CHAR some writers hash the padding, and some do not.
            return isASCII && !ORCStrings.isPadded(type) ? test(bytes.withUnsafeBytes(Self.hash)) : true
        case .decimal(let unscaled):
            guard case .decimal(_, let scale) = type else { return true }
            return test(Self.hash(unscaled, scale: scale))
        case .timestamp(let time):
            // Java's old days are not worth finding out.
            guard isUTF8, usesProlepticCalendar || time.seconds >= Int64(ORCCalendar.gregorianStart) * 86_400 else {
                return true
            }
            if test(Self.hash(time)) { return true }
            // Writers in C++ round parts of a millisecond towards 1970.
            return time.seconds < 0 && time.nanoseconds % 1_000_000 != 0 && test(Self.hash(Self.milliseconds(time) &+ 1))
        }
    }

    private func test(_ hash: UInt64) -> Bool {
        for number in 1...hashCount {
            let position = Self.position(of: hash, number, among: bits.count * 64)
            if bits[position >> 6] >> UInt64(position & 63) & 1 == 0 { return false }
        }
        return true
    }

    /// The bit among `count` that a filter's hash function with this number, from 1 on, names.
    @inline(__always)
    static func position(of hash: UInt64, _ number: Int, among count: Int) -> Int {
        let first = Int32(truncatingIfNeeded: hash)
        let second = Int32(truncatingIfNeeded: hash >> 32)
        let combined = first &+ Int32(truncatingIfNeeded: number) &* second
        return Int(combined < 0 ? ~combined : combined) % count
    }

    /// As Hive's HiveDecimal prints it, without zeros at the end.
    static func hash(_ unscaled: Int128, scale: Int) -> UInt64 {
        let buffer = ByteBuffer(capacity: 64)
        NumberFormatter.append(unscaled, scale: scale, trimming: true, to: buffer)
        return hash(UnsafeRawBufferPointer(buffer.bytes))
    }

    static func hash(_ time: Timestamp) -> UInt64 { hash(milliseconds(time)) }

    /// Whole milliseconds since 1970 in UTC, rounded down.
    private static func milliseconds(_ time: Timestamp) -> Int64 {
        time.seconds &* 1000 &+ Int64(time.nanoseconds / 1_000_000)
    }

    /// Thomas Wang's hash of 64 bits.
    static func hash(_ value: Int64) -> UInt64 {
        var key = ~value &+ (value << 21)
        key ^= key >> 24
        key = key &+ (key << 3) &+ (key << 8)
        key ^= key >> 14
        key = key &+ (key << 2) &+ (key << 4)
        key ^= key >> 28
        key = key &+ (key << 31)
        return UInt64(bitPattern: key)
    }

    /// Murmur3 with 64 bits, as Hive has it.
    static func hash(_ raw: UnsafeRawBufferPointer) -> UInt64 {
        let (first, second): (UInt64, UInt64) = (0x87c3_7b91_1142_53d5, 0x4cf5_ad43_2745_937f)
        func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 { value << count | value >> (64 - count) }
        var hash: UInt64 = 104_729
        for block in 0..<raw.count / 8 {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: block * 8, as: UInt64.self))
            hash ^= rotate(word &* first, 31) &* second
            hash = rotate(hash, 27) &* 5 &+ 1_390_208_809
        }
        let tail = raw.count & 7
        if tail > 0 {
            var word: UInt64 = 0
            for index in 0..<tail { word |= UInt64(raw[raw.count - tail + index]) << UInt64(8 * index) }
            hash ^= rotate(word &* first, 31) &* second
        }
        hash ^= UInt64(raw.count)
        hash ^= hash >> 33
        hash = hash &* 0xff51_afd7_ed55_8ccd
        hash ^= hash >> 33
        hash = hash &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ hash >> 33
    }
}
