import Columnar
import Functions

/// `OpenCSVSerde`: values between separators, which may stand between quotes. All columns are text.
struct OpenCSVSerDe: TextSerDe {
    /// UTF-8 of one character each.
    let separator: [UInt8]
    let quote: [UInt8]
    /// What takes away the meaning of a quote and of itself between quotes, when lines are read and when they are written.
    let readEscape: [UInt8]
    let writtenEscape: [UInt8]

    /// - Throws: `TableFormatError` when two of the characters are the same.
    init(_ storage: TableStorage) throws {
        separator = Self.character(storage.property("separatorChar"), default: ",")
        quote = Self.character(storage.property("quoteChar"), default: "\"")
        writtenEscape = Self.character(storage.property("escapeChar"), default: "\"")
        // A quote as escape stands for none: quotes are doubled, and the parser keeps its usual one.
        readEscape = writtenEscape == [UInt8(ascii: "\"")] ? [UInt8(ascii: "\\")] : writtenEscape
        let none: [UInt8] = [0]
        let isSame = [(separator, quote), (separator, readEscape), (quote, readEscape)].contains { $0 == $1 && $0 != none }
        guard !isSame else {
            throw TableFormatError("The separator, quote, and escape characters must be different!", path: "")
        }
        guard separator != none else { throw TableFormatError("The separator character must be defined!", path: "") }
    }

    private static func character(_ text: String?, default missing: Unicode.Scalar) -> [UInt8] {
        Array(String(text?.unicodeScalars.first ?? missing).utf8)
    }

    func makeDeserializer(schema: [SchemaColumn], fields: [Int: FieldSelection]) -> any LineDeserializer {
        OpenCSVDeserializer(self, schema: schema)
    }

    func makeSerializer(schema: [SchemaColumn]) -> any LineSerializer { OpenCSVSerializer(self, schema: schema) }
}

/// A missing field is NULL, further fields are ignored; quotes that are open at the end of a line take its last field away.
final class OpenCSVDeserializer: LineDeserializer {
    private let serde: OpenCSVSerDe
    private let schema: [SchemaColumn]
    private let fields = FieldSpans()
    let structure: LineStructure

    init(_ serde: OpenCSVSerDe, schema: [SchemaColumn]) {
        self.serde = serde
        self.schema = schema
        let areBytes = [serde.separator, serde.quote, serde.readEscape].allSatisfy { $0.count == 1 && $0 != [0] }
        structure =
            areBytes
            ? LineStructure(delimiter: serde.separator[0], escape: serde.readEscape[0], quote: serde.quote[0]) : .none
    }

    func columns(_ ordinals: [Int], of batch: LineBatch, rows: RowSelection) throws -> [Column] {
        let columns =
            structure.quote != nil && batch.lines.areFieldsListed
            ? ordinals.map { regular($0, batch, rows) } : irregular(ordinals, batch, rows)
        if !batch.isASCII { for column in columns { Self.repair(column, rows) } }
        return try zip(ordinals, columns).map { ordinal, column in
            let type = schema[ordinal].type
            return type == .string ? column : try Cast.apply(column, to: type, rows: rows, count: batch.count)
        }
    }

    /// Bytes that are no UTF-8 become replacement characters, as in Java's strings.
    private static func repair(_ column: Column, _ rows: RowSelection) {
        let heap = column.heap ?? StringHeap()
        let values = column.values(as: StringView.self)
        rows.forEach { row in values[row] = UTF8Text.repaired(values[row], heap) }
        column.heap = heap
    }

    /// A column of lines whose fields are listed: views into the lines but for doubled quotes.
    private func regular(_ ordinal: Int, _ batch: LineBatch, _ rows: RowSelection) -> Column {
        fields.reserve(batch.count)
        fields.locate(ordinal, in: batch.lines, rows: rows, takesRest: false)
        let starts = UnsafePointer(fields.starts)
        let lengths = UnsafePointer(fields.lengths)
        let lineStarts = UnsafePointer(batch.lines.lineStarts)
        let counts = UnsafePointer(batch.lines.fieldCounts)
        let text = batch.text
        let quote = serde.quote[0]
        let mayBeDoubled = batch.lines.mayHaveDoubledQuotes
        let column = Column(flat: .string, count: batch.count)
        let target = column.values(as: StringView.self)
        if !rows.isAll { target.initialize(repeating: StringView(), count: batch.count) }
        var validity: UnsafeMutablePointer<UInt64>?
        var heap: StringHeap?
        rows.forEach { row in
            let length = Int(lengths[row])
            let start = Int(starts[row])
            // An empty line has no fields.
            if length < 0 || (length == 0 && counts[row] == 1 && start == Int(lineStarts[row])) {
                target[row] = StringView()
                if validity == nil { validity = column.makeValidity().words }
                validity.unsafelyUnwrapped[row >> 6] &= ~(1 << UInt64(row & 63))
            } else if length >= 2, text[start] == quote {
                let inner = text + start + 1
                if mayBeDoubled, let doubled = Self.firstQuote(inner, length &- 2, quote) {
                    if heap == nil { heap = StringHeap() }
                    target[row] = Self.halved(inner, length &- 2, doubled, quote, heap.unsafelyUnwrapped)
                } else {
                    target[row] = StringView(inner, length: length &- 2)
                }
            } else {
                target[row] = StringView(text + start, length: length)
            }
        }
        column.heap = heap
        return column
    }

    @inline(__always)
    private static func firstQuote(_ text: UnsafePointer<UInt8>, _ count: Int, _ quote: UInt8) -> Int? {
        let pattern = UInt64(quote) &* 0x0101_0101_0101_0101
        var at = 0
        while at &+ 8 <= count {
            let word = UnsafeRawPointer(text + at).loadUnaligned(as: UInt64.self).littleEndian ^ pattern
            let hits = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if hits != 0 { return at &+ hits.trailingZeroBitCount &>> 3 }
            at &+= 8
        }
        guard at < count else { return nil }
        // Behind a field 16 bytes are readable; those that are not its own do not count.
        let word = UnsafeRawPointer(text + at).loadUnaligned(as: UInt64.self).littleEndian ^ pattern
        let hits = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
        let place = at &+ hits.trailingZeroBitCount &>> 3
        return place < count ? place : nil
    }

    /// The text with one quote for two.
    private static func halved(
        _ text: UnsafePointer<UInt8>, _ count: Int, _ first: Int, _ quote: UInt8, _ heap: StringHeap
    ) -> StringView {
        let copy = heap.allocate(count)
        copy.update(from: text, count: first)
        var used = first
        var at = first
        while at < count {
            let byte = text[at]
            copy[used] = byte
            used &+= 1
            at &+= byte == quote ? 2 : 1
        }
        heap.giveBack(count - used)
        return StringView(copy, length: used)
    }

    /// Columns of lines that are read character by character.
    private func irregular(_ ordinals: [Int], _ batch: LineBatch, _ rows: RowSelection) -> [Column] {
        let heap = StringHeap()
        let columns = ordinals.map { _ in
            let column = Column(flat: .string, count: batch.count, heap: heap)
            column.values(as: StringView.self).initialize(repeating: StringView(), count: batch.count)
            return column
        }
        let validity = columns.map { $0.makeValidity().words }
        let values = columns.map { $0.values(as: StringView.self) }
        var places = [Int](repeating: -1, count: (ordinals.max() ?? 0) + 1)
        for (place, ordinal) in ordinals.enumerated() { places[ordinal] = place }
        for words in validity { words.update(repeating: 0, count: (batch.count + 63) / 64) }
        let parser = OpenCSVLineParser(serde)
        rows.forEach { row in
            parser.parse(batch.line(row), heap, wanted: places.count) { field, value in
                let place = places[field]
                guard place >= 0 else { return }
                values[place][row] = value
                validity[place][row >> 6] |= 1 << UInt64(row & 63)
            }
        }
        return columns
    }
}
