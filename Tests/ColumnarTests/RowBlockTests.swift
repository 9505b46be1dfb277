import Columnar
import Testing

/// Rows as bytes and back.
@Suite struct RowBlockTests {
    private static let types: [SQLType] = [
        .void, .boolean, .tinyint, .smallint, .int, .bigint, .float, .double, .decimal(precision: 10, scale: 2),
        .decimal(precision: 38, scale: 3), .string, .varchar(length: 9), .char(length: 3), .binary, .date, .timestamp,
        .timestampLocalTimeZone, .intervalYearMonth, .intervalDayTime, .array(.int), .array(.string),
        .map(key: .string, value: .decimal(precision: 38, scale: 0)),
        .structure([StructField(name: "a", type: .string), StructField(name: "b", type: .timestamp)]),
        .union([.int, .string, .array(.boolean)]),
        .array(.structure([StructField(name: "x", type: .map(key: .int, value: .array(.string))), StructField(name: "y", type: .union([.double, .void]))])),
    ]

    // MARK: Random columns

    private static func append(
        to builder: ColumnBuilder, nulls: Bool, _ random: inout SeededGenerator
    ) {
        if nulls && Int.random(in: 0..<5, using: &random) == 0 || builder.type == .void { return builder.appendNull() }
        func bits() -> UInt64 { random.next() >> UInt64.random(in: 0..<64, using: &random) }
        switch builder.type.physical {
        case .boolean: builder.append(UInt8(bits() & 1))
        case .int8: builder.append(Int8(truncatingIfNeeded: bits()))
        case .int16: builder.append(Int16(truncatingIfNeeded: bits()))
        case .int32: builder.append(Int32(truncatingIfNeeded: bits()))
        case .int64: builder.append(Int64(truncatingIfNeeded: bits()))
        case .float: builder.append(Float(bitPattern: UInt32(truncatingIfNeeded: bits())))
        case .double: builder.append(Double(bitPattern: bits()))
        case .int128: builder.append(Int128(truncatingIfNeeded: bits()) << (Bool.random(using: &random) ? 50 : 0))
        case .timestamp:
            builder.append(
                Timestamp(seconds: Int64(truncatingIfNeeded: bits()), nanoseconds: Int32(bits() % 1_000_000_000)))
        case .string:
            // Now and then longer than a byte, and than two bytes, can count.
            let isLong = Int.random(in: 0..<40, using: &random) == 0
            let length = isLong ? (Bool.random(using: &random) ? 300 : 70_000) : Int(bits() % 20)
            let text = (0..<length).map { _ in UInt8(truncatingIfNeeded: bits()) }
            text.withUnsafeBufferPointer { builder.append(bytes: $0) }
        case .list:
            let length = Int.random(in: 0..<4, using: &random)
            for _ in 0..<length { for child in builder.children { append(to: child, nulls: nulls, &random) } }
            builder.append(listOf: length)
        case .structure:
            for child in builder.children { append(to: child, nulls: nulls, &random) }
            builder.appendStructure()
        case .union:
            for child in builder.children { append(to: child, nulls: nulls, &random) }
            builder.appendStructure(tag: UInt8.random(in: 0..<UInt8(builder.children.count), using: &random))
        }
    }

    private static func randomColumn(_ type: SQLType, rows: Int, _ random: inout SeededGenerator) -> Column {
        let builder = ColumnBuilder(type)
        let nulls = Bool.random(using: &random)
        for _ in 0..<rows { append(to: builder, nulls: nulls, &random) }
        let flat = builder.finish()
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where rows > 0:
            let constant = flat.constantRow(Int.random(in: 0..<rows, using: &random), count: rows)
            // Its bytes are the flat column's, which goes.
            if constant.heap == nil { constant.heap = flat.heap }
            return constant
        case 1 where rows > 0:
            let indices = (0..<rows).map { _ in Int32.random(in: 0..<Int32(rows), using: &random) }
            return Column.dictionary(flat, indices: indices, count: rows)
        default: return flat
        }
    }

    /// Some rows in any order, some of them twice; or all.
    private static func rows(of count: Int, _ random: inout SeededGenerator) -> RowSelection {
        guard count > 0, Int.random(in: 0..<3, using: &random) > 0 else { return .all(count) }
        return selection((0..<Int.random(in: 0...count * 2, using: &random)).map { _ in Int.random(in: 0..<count, using: &random) })
    }

    private static func bytes(_ column: Column, _ row: Int) -> [UInt8] {
        let buffer = ByteBuffer()
        ElementCoding.encode(column, row, to: buffer)
        return Array(buffer.bytes)
    }

    private static func block(_ columns: [Column], _ rows: RowSelection) -> [UInt8] {
        let buffer = ByteBuffer()
        RowBlock.append(columns, rows: rows, to: buffer)
        return Array(buffer.bytes)
    }

    private static func decode(_ bytes: [UInt8], _ types: [SQLType]) throws -> (columns: [Column], rowCount: Int) {
        let owner = BlockOwner(bytes)
        return try RowBlock.columns(of: types, from: UnsafeRawBufferPointer(owner.bytes), keeping: owner)
    }

    @Test(arguments: 0..<60) func everyTypeComesBack(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let count = [0, 1, 7, 64, 65, 300][seed % 6]
        let columns = Self.types.map { Self.randomColumn($0, rows: count, &random) }
        let rows = Self.rows(of: count, &random)
        let bytes = Self.block(columns, rows)
        let (decoded, rowCount) = try Self.decode(bytes, Self.types)
        #expect(rowCount == rows.count)
        #expect(decoded.map(\.type) == Self.types)
        for (column, original) in zip(decoded, columns) {
            #expect(column.count == rows.count && column.encoding != .dictionary)
            for row in 0..<rows.count where Self.bytes(column, row) != Self.bytes(original, rows[row]) {
                Issue.record("seed \(seed), \(column.type), row \(row)")
                break
            }
        }
        // What was read is written as it was.
        #expect(Self.block(decoded, .all(rowCount)) == bytes, "seed \(seed)")
    }

    @Test func blocksAreCompact() throws {
        let numbers = column(.smallint, (0..<1000).map { Int16($0) })
        #expect(Self.block([numbers], .all(1000)).count == 4 + 1 + 2000)
        let decimals = column(.decimal(precision: 38, scale: 2), (0..<1000).map { Int128($0) })
        #expect(Self.block([decimals], .all(1000)).count == 4 + 1 + 8000)
        let texts = stringColumn((0..<1000).map { $0 % 2 == 0 ? "ab" : nil })
        #expect(Self.block([texts], .all(1000)).count == 4 + 1 + 125 + 1000 + 1000)
        let constant = Column.constant(string: Array(String(repeating: "x", count: 300).utf8), count: 1_000_000)
        #expect(Self.block([constant], .all(1_000_000)).count == 4 + 1 + 2 + 300)
        #expect(Self.block([Column.nulls(.array(.string), count: 50)], .all(50)).count < 20)
    }

    /// Fields that a query does not read are one NULL, for any number of rows and elements.
    @Test func fieldsThatWereNotReadStayNothing() throws {
        let type = SQLType.array(.structure([StructField(name: "a", type: .int), StructField(name: "b", type: .string)]))
        let item = ColumnBuilder(.int)
        for value in 0..<10 { item.append(Int32(value)) }
        let fields = Column(flat: type.childTypes[0], count: 10, children: [item.finish(), .nulls(.string, count: 10)])
        let lists = Column(flat: type, count: 2, children: [fields])
        lists.values(as: ListEntry.self)[0] = ListEntry(offset: 6, length: 4)
        lists.values(as: ListEntry.self)[1] = ListEntry(offset: 0, length: 3)
        let (decoded, _) = try Self.decode(Self.block([lists], selection([1, 0, 1])), [type])
        #expect(texts(decoded[0]) == [1, 0, 1].map { texts(lists)[$0] })
        #expect(decoded[0].children[0].children[1].isConstant)
        // Of lists alone only the lengths.
        let unread = Column(flat: .array(.int), count: 2, children: [.nulls(.int, count: 1)])
        unread.values(as: ListEntry.self)[0] = ListEntry(offset: 0, length: 1 << 40)
        unread.values(as: ListEntry.self)[1] = ListEntry(offset: 5, length: 3)
        let (lengths, _) = try Self.decode(Self.block([unread], .all(2)), [.array(.int)])
        #expect(lengths[0].values(as: ListEntry.self)[0].length == 1 << 40 && lengths[0].values(as: ListEntry.self)[1].length == 3)
    }

    /// What stands in the elements of NULLs is not looked at.
    @Test func elementsOfNullsMayBeAnything() throws {
        let strings = Column(flat: .string, count: 2)
        strings.values(as: StringView.self)[0] = StringView(UnsafePointer(bitPattern: 8)!, length: 0)
        withUnsafeMutableBytes(of: &strings.values(as: StringView.self)[0]) { $0.copyBytes(from: [255, 255, 255, 127]) }
        strings.values(as: StringView.self)[1] = StringView()
        strings.setNull(0)
        let structures = Column(flat: .structure([StructField(name: "a", type: .string)]), count: 2, children: [strings.replacingValidity(nil)])
        structures.setNull(0)
        let lists = Column(flat: .array(.string), count: 2, children: [.empty(.string)])
        lists.values(as: ListEntry.self)[0] = ListEntry(offset: -7, length: 1 << 50)
        lists.values(as: ListEntry.self)[1] = ListEntry(offset: 0, length: 0)
        lists.setNull(0)
        let columns = [strings, structures, lists]
        let (decoded, _) = try Self.decode(Self.block(columns, .all(2)), columns.map(\.type))
        for column in decoded { #expect(column.isNull(0) && !column.isNull(1)) }
    }

    @Test(arguments: 0..<40) func damagedBytesAreAnError(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) + 1000)
        let columns = Self.types.map { Self.randomColumn($0, rows: 40, &random) }
        let whole = Self.block(columns, .all(40))
        var refused = 0
        for trial in 0..<200 {
            var bytes = whole
            switch trial % 4 {
            case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: Int.random(in: 0...bytes.count, using: &random))
            case 2: bytes.remove(at: Int.random(in: 0..<bytes.count, using: &random))
            default:
                for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
            }
            do {
                let (decoded, count) = try Self.decode(bytes, Self.types)
                var budget = 100_000
                for column in decoded { for row in 0..<min(count, 1000) { Self.visit(column, row, &budget) } }
            } catch is RowBlockError { refused += 1 }
        }
        #expect(refused > 100, "seed \(seed)")
    }

    /// Looks at all that a value points at.
    private static func visit(_ column: Column, _ row: Int, _ budget: inout Int) {
        budget -= 1
        guard budget > 0, !column.isNull(row) else { return }
        let element = column.element(of: row)
        switch column.type.physical {
        case .string: #expect(column.values(as: StringView.self)[element].bytes.allSatisfy { $0 <= 255 })
        case .boolean: #expect(column.values(as: UInt8.self)[element] <= 1)
        case .timestamp: #expect(0..<1_000_000_000 ~= column.values(as: Timestamp.self)[element].nanoseconds)
        case .list:
            let entry = column.values(as: ListEntry.self)[element]
            for item in 0..<entry.length where budget > 0 { for child in column.children { visit(child, entry.offset + item, &budget) } }
        case .structure: for child in column.children { visit(child, element, &budget) }
        case .union: visit(column.children[Int(column.values(as: UInt8.self)[element])], element, &budget)
        default: break
        }
    }

    /// Rows of several columns, one after the other.
    @Test(arguments: 0..<20) func interleavedRowsAreThoseOfTheSources(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed) + 5000)
        for type in Self.types {
            let sources = (0..<3).map { _ -> Column in
                let made = Self.randomColumn(type, rows: 50, &random)
                return made.encoding == .dictionary ? made.decoded(.all(50)) : made
            }
            let places = (0..<80).map { _ in
                RowSource(column: Int32.random(in: 0..<3, using: &random), row: Int32.random(in: 0..<50, using: &random))
            }
            let result = Column.interleaved(sources, places, count: 80)
            for (row, place) in places.enumerated() {
                let wanted = Self.bytes(sources[Int(place.column)], Int(place.row))
                if Self.bytes(result, row) != wanted { Issue.record("seed \(seed), \(type), row \(row)") }
            }
        }
    }
}

/// The bytes of a block.
private final class BlockOwner {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ source: [UInt8]) {
        bytes = .allocate(byteCount: source.count, alignment: 16)
        bytes.copyBytes(from: source)
    }

    deinit { bytes.deallocate() }
}
