import Columnar

/// What is done with one value of the writer's schema: it goes into a column, or is passed over.
final class AvroNode {
    enum Step: UInt8 {
        // Into the builder.
        case null, boolean, int32, int64, floatFromInteger, float, doubleFromInteger, doubleFromFloat, double
        case bytes, characters, fixed, fixedCharacters, decimal, fixedDecimal, date, hybridDate, timestamp, symbol
        case record, array, map, union, member
        /// No value at all: what the reader's schema says where the writer's has nothing.
        case fallback
        /// A value that the reader's schema has no place for.
        case mismatch
        /// Values that are passed over.
        case skip
    }

    let step: Step
    /// None for what is passed over, and for the rows themselves.
    let builder: ColumnBuilder?
    /// Fields in the writer's order; items; keys and values; branches of the writer's union; the member. None of a list whose
    /// items are passed over.
    var children: [AvroNode] = []
    /// Bytes of a fixed type; least bytes of an item; number of a member.
    var size = 0
    var isPadded = false
    var decimal = Decimal(fileScale: 0, scale: 0, precision: 38)
    /// Parts of a second that a timestamp counts.
    var units: Int64 = 1
    var usesHybridCalendar = false
    /// Of an item or entry, in columns.
    var bytesEach = 0
    /// Of an enum, in the writer's order; no view: the reader's schema has no such symbol.
    var symbols: [StringView?] = []
    var fallback: Column?
    /// Of what is passed over: values, or each item of a list.
    let skip: AvroSkip?
    /// Why there is a mismatch.
    var reason = ""
    /// Keeps the symbols.
    var heap: StringHeap?

    struct Decimal {
        var fileScale: Int
        var scale: Int
        var precision: Int
    }

    init(_ step: Step, _ builder: ColumnBuilder? = nil, children: [AvroNode] = [], size: Int = 0, skip: AvroSkip? = nil) {
        self.step = step
        self.builder = builder
        self.children = children
        self.size = size
        self.skip = skip
    }
}

/// Reads values as nodes say. One worker's own.
final class AvroDecoder {
    private let memory: RowFileMemory
    /// In the file: where memory is asked for.
    var offset = 0

    init(_ memory: RowFileMemory) { self.memory = memory }

    func read(_ node: AvroNode, _ cursor: inout AvroCursor) throws {
        guard let builder = node.builder else { return try pass(node, &cursor) }
        switch node.step {
        case .null: builder.appendNull()
        case .boolean: builder.append(try cursor.boolean())
        case .int32, .date: builder.append(try cursor.int())
        case .hybridDate: builder.append(ORCCalendar.proleptic(try cursor.int()))
        case .int64: builder.append(try cursor.long())
        case .floatFromInteger: builder.append(Float(try cursor.long()))
        case .float: builder.append(try cursor.float())
        case .doubleFromInteger: builder.append(Double(try cursor.long()))
        case .doubleFromFloat: builder.append(Double(try cursor.float()))
        case .double: builder.append(try cursor.double())
        case .bytes: builder.append(bytes: try cursor.bytes())
        case .characters: append(try cursor.bytes(), node, builder)
        case .fixed: builder.append(bytes: UnsafeBufferPointer(start: try cursor.take(node.size), count: node.size))
        case .fixedCharacters:
            append(UnsafeBufferPointer(start: try cursor.take(node.size), count: node.size), node, builder)
        case .decimal: append(decimal: try cursor.bytes(), node, builder)
        case .fixedDecimal:
            append(decimal: UnsafeBufferPointer(start: try cursor.take(node.size), count: node.size), node, builder)
        case .timestamp:
            if let time = timestamp(try cursor.long(), node) { builder.append(time) } else { builder.appendNull() }
        case .symbol:
            let index = try cursor.long()
            guard index >= 0, index < node.symbols.count else {
                throw AvroDamage(reason: "the symbol \(index) of an enum that has \(node.symbols.count)")
            }
            guard let symbol = node.symbols[Int(index)] else {
                throw AvroDamage(reason: "a symbol that the reader's schema has not")
            }
            builder.append(symbol)
        case .record:
            for child in node.children { try read(child, &cursor) }
            builder.appendStructure()
        case .array: builder.append(listOf: try items(node, &cursor))
        case .map: builder.append(listOf: try items(node, &cursor))
        case .union: try read(node.children[cursor.branch(of: node.children.count)], &cursor)
        case .member:
            for (index, member) in builder.children.enumerated() where index != node.size { member.appendNull() }
            try read(node.children[0], &cursor)
            builder.appendStructure(tag: UInt8(truncatingIfNeeded: node.size))
        case .fallback:
            if let value = node.fallback { builder.append(value, row: 0) }
        case .mismatch, .skip: try pass(node, &cursor)
        }
    }

    /// What has no builder.
    private func pass(_ node: AvroNode, _ cursor: inout AvroCursor) throws {
        switch node.step {
        case .record: for child in node.children { try read(child, &cursor) }
        case .skip: try node.skip?.pass(&cursor)
        case .mismatch: throw AvroDamage(reason: node.reason)
        default: break
        }
    }

    /// Reads the items of an array or the entries of a map, or passes over them, and returns how many they are.
    private func items(_ node: AvroNode, _ cursor: inout AvroCursor) throws -> Int {
        var total = 0
        while true {
            let block = try cursor.listBlock()
            if block.count == 0 { return total }
            try cursor.check(block.count, leastBytes: node.size, in: cursor.remaining)
            try memory.growBatch(block.count, bytesEach: node.bytesEach, offset: offset)
            if let skip = node.skip {
                try skip.pass(block, leastBytes: node.size, &cursor)
            } else {
                for _ in 0..<block.count {
                    for child in node.children { try read(child, &cursor) }
                }
            }
            total += block.count
        }
    }

    // MARK: Conversions

    private func append(_ bytes: UnsafeBufferPointer<UInt8>, _ node: AvroNode, _ builder: ColumnBuilder) {
        builder.append(FieldParser.cut(StringView(bytes.address, length: bytes.count), length: node.size, isPadded: node.isPadded))
    }

    /// A number in two's complement, the highest byte first. NULL when it does not fit the column's type, as in Hive.
    private func append(decimal bytes: UnsafeBufferPointer<UInt8>, _ node: AvroNode, _ builder: ColumnBuilder) {
        let decimal = node.decimal
        guard let unscaled = Int128(bigEndianBytes: bytes),
            let value = Decimals.rescale(unscaled, from: decimal.fileScale, to: decimal.scale, precision: decimal.precision)
        else { return builder.appendNull() }
        builder.append(value)
    }

    /// nil for what no TIMESTAMP reaches.
    @inline(__always)
    private func timestamp(_ value: Int64, _ node: AvroNode) -> Timestamp? {
        var (seconds, rest) = value.quotientAndRemainder(dividingBy: node.units)
        if rest < 0 {
            seconds -= 1
            rest += node.units
        }
        if node.usesHybridCalendar { seconds = ORCCalendar.prolepticSeconds(seconds) }
        return Timestamp(inRange: seconds, nanoseconds: Int32(truncatingIfNeeded: rest &* (1_000_000_000 / node.units)))
    }
}

extension Int128 {
    /// Of two's complement with the highest byte first; no bytes are 0, more than fit are nil.
    init?(bigEndianBytes bytes: UnsafeBufferPointer<UInt8>) {
        guard let first = bytes.first else {
            self = 0
            return
        }
        let fill: UInt8 = first & 0x80 != 0 ? 0xFF : 0
        var value: Int128 = fill == 0 ? 0 : -1
        var at = 0
        while bytes.count - at > 16 {
            guard bytes[at] == fill else { return nil }
            at += 1
        }
        if at > 0, bytes[at] & 0x80 != fill & 0x80 { return nil }
        while at < bytes.count {
            value = value << 8 | Int128(bytes[at])
            at += 1
        }
        self = value
    }
}
