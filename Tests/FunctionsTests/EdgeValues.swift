import Columnar

/// A small seeded generator (SplitMix64), so that a failing run can be repeated from its seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[Int.random(in: 0..<elements.count, using: &self)] }
}

/// Values at the ends of their types, and texts that are no UTF-8, as columns of any type.
enum EdgeValues {
    static let texts: [[UInt8]] =
        [
            "", "a", " ", "abc", "aXbXc", "é", "日本語", "😀", "0", "-1", "1e309", "NaN", "-Infinity", "9223372036854775808",
            "99999999999999999999999999999999999999", "2024-02-29", "2024-02-29 23:59:59.999999999", "0000-00-00", "-290308-12-21",
            "9999-12-31 24:00:00", "12:30", "yyyy-MM-dd HH:mm:ss", "EEEE", "%d %s %5.2f", "%", "%1$s%9$s", "(", "[a", "(a*)*b", "\\", "$1",
            ".*", "UTF-8", "UTC", "America/New_York", "GMT+25:00", "{\"a\":[1,{\"b\":null}]}", "$.a[*].b", "[", "http://u:p@h:1/p?q=1#f",
            "SHA-512", "day", "MONTH", "Q", "a,b,c", ",", ":", "\0", "\n", "true", "1 day", "#,##0.00", "##.#E0",
        ].map { Array($0.utf8) } + [
            [0x80], [0x80, 0x80], [0xE2, 0x82], [0x61, 0xC3], [0xFF, 0xFE], [0xF0, 0x9F, 0x98], [0xED, 0xA0, 0x80], [0xC0, 0xAF],
            [0x80, 0x80, 0x61], [0xC3, 0x28], [0xF4, 0x90, 0x80, 0x80], Array(repeating: 0x80, count: 40),
            Array(repeating: 0x61, count: 300),
        ]

    private static let whole: [Int64] = [
        0, 1, -1, 2, -2, 3, 7, 10, 31, 32, 63, 64, 65, 100, 127, 128, -128, 255, 32767, -32768, 65536, 2_147_483_647, -2_147_483_648,
        2_147_483_648, 4_294_967_295, 9_999_999_999_999, .max, .min, .max - 1, .min + 1, 86_400, 1_600_000_000,
    ]

    private static let real: [Double] = [
        0, -0.0, 1, -1, 0.5, -2.5, .leastNonzeroMagnitude, 1e-10, 1e15, 1e16, 1e18, 1e19, -1e19, 9.223372036854775807e18, 1e38, 1e100, 1e308, -1e308,
        .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity, -.infinity, .nan, 100, 2_147_483_648,
    ]

    /// Appends one value, now and then NULL.
    static func append(_ type: SQLType, to builder: ColumnBuilder, _ random: inout SeededRandom, depth: Int = 0) {
        if type == .void || random.chance(12) { return builder.appendNull() }
        switch type {
        case .array:
            let length = random.pick([0, 1, 2, 5])
            for _ in 0..<length { append(builder.children[0].type, to: builder.children[0], &random, depth: depth + 1) }
            builder.append(listOf: length)
        case .map:
            let length = random.pick([0, 1, 3])
            for _ in 0..<length {
                for child in builder.children { append(child.type, to: child, &random, depth: depth + 1) }
            }
            builder.append(listOf: length)
        case .structure:
            for child in builder.children { append(child.type, to: child, &random, depth: depth + 1) }
            builder.appendStructure()
        case .union(let members):
            for child in builder.children { append(child.type, to: child, &random, depth: depth + 1) }
            builder.appendStructure(tag: UInt8(Int.random(in: 0..<members.count, using: &random)))
        case .decimal(let precision, _):
            let limit = (0..<precision).reduce(Int128(1)) { power, _ in power * 10 } - 1
            builder.append(random.pick([0, 1, -1, 5, 15, 25, limit, -limit, limit / 2].map { min(max($0, -limit), limit) }))
        default: appendPlain(type.physical, to: builder, &random)
        }
    }

    private static func appendPlain(_ physical: PhysicalType, to builder: ColumnBuilder, _ random: inout SeededRandom) {
        switch physical {
        case .boolean: builder.append(UInt8(random.chance(50) ? 1 : 0))
        case .int8: builder.append(Int8(truncatingIfNeeded: random.pick(whole)))
        case .int16: builder.append(Int16(truncatingIfNeeded: random.pick(whole)))
        case .int32: builder.append(Int32(clamping: random.pick(whole)))
        case .int64: builder.append(random.pick(whole))
        case .float: builder.append(Float(random.pick(real)))
        case .double: builder.append(random.pick(real))
        case .int128: builder.append(Int128(random.pick(whole)))
        case .string: random.pick(texts).withUnsafeBufferPointer { builder.append(bytes: $0) }
        case .timestamp:
            let seconds = random.pick([0, 1, -1, 1_600_000_000, 253_402_300_799, -62_135_596_800, 9_999_999_999_999, -9_999_999_999_999])
            builder.append(Timestamp(seconds: Int64(seconds), nanoseconds: random.pick([0, 1, 999_999_999])))
        default: builder.appendNull()
        }
    }

    static func column(_ type: SQLType, count: Int, _ random: inout SeededRandom) -> Column {
        let builder = ColumnBuilder(type)
        for _ in 0..<count { append(type, to: builder, &random) }
        return builder.finish()
    }

    /// A constant of one value.
    static func constant(_ type: SQLType, count: Int, _ random: inout SeededRandom) -> Column {
        let flat = column(type, count: 1, &random)
        if flat.isNull(0) { return .nulls(type, count: count) }
        let constant = Column(constant: type, count: 1, children: flat.children, heap: flat.heap)
        constant.rawValues.copyMemory(from: flat.rawValues, byteCount: type.physical.stride)
        return constant.withCount(count)
    }

    static func type(_ random: inout SeededRandom) -> SQLType {
        let plain: [SQLType] = [
            .string, .string, .string, .int, .int, .bigint, .double, .double, .float, .tinyint, .smallint, .boolean, .date, .timestamp,
            .decimal(precision: 38, scale: 10), .decimal(precision: 5, scale: 2), .binary, .varchar(length: 3), .char(length: 4),
            .intervalDayTime, .intervalYearMonth, .void,
        ]
        let nested: [SQLType] = [
            .array(.int), .array(.string), .array(.double), .map(key: .string, value: .int), .map(key: .int, value: .string),
            .structure([StructField(name: "a", type: .int), StructField(name: "b", type: .string)]), .array(.array(.string)),
        ]
        return random.chance(85) ? random.pick(plain) : random.pick(nested)
    }
}

extension Column {
    /// The string of a row of a flat or constant column; nil for NULL.
    func text(_ row: Int) -> String? {
        isNull(row) ? nil : values(as: StringView.self)[isConstant ? 0 : row].string
    }
}
