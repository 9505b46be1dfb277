import Columnar
import Functions

/// Finds the wanted members of all lines of a batch in one pass, then makes columns of them, of the usual kinds of values in
/// loops of one type.
final class JSONDeserializer: LineDeserializer {
    private let serde: JSONSerDe
    private let schema: [SchemaColumn]
    /// By ordinal; what is not here is needed whole.
    private let selections: [Int: FieldSelection]
    private let nodes: [JSONNode]
    /// Which columns the keys of lines stand for.
    private let members: JSONMembers
    private let reader: JSONValueReader
    /// By ordinal: where values lie; text without its quotes.
    private var fields: [FieldSpans] = []
    /// By place among the wanted columns and row: the kind of value.
    private var kinds: UnsafeMutablePointer<UInt8>
    private var kindCapacity = 1
    private let format: TextFormat
    /// Lines that `ignore.malformed.json` made NULL.
    private var ignored: [Int] = []

    init(_ serde: JSONSerDe, schema: [SchemaColumn], fields selections: [Int: FieldSelection]) {
        self.serde = serde
        self.schema = schema
        self.selections = selections
        nodes = schema.map { JSONNode($0.type, serde) }
        members = JSONMembers(schema.map(\.name), accepted: nodes.map(\.accepted))
        reader = JSONValueReader(serde)
        format = TextFormat()
        kinds = .allocate(capacity: 1)
    }

    deinit { kinds.deallocate() }

    var structure: LineStructure { .none }

    func columns(_ ordinals: [Int], of batch: LineBatch, rows: RowSelection) throws -> [Column] {
        while fields.count < ordinals.count { fields.append(FieldSpans()) }
        for spans in fields.prefix(ordinals.count) { spans.reserve(batch.count) }
        if batch.count * ordinals.count > kindCapacity {
            kinds.deallocate()
            kindCapacity = batch.count * ordinals.count
            kinds = .allocate(capacity: kindCapacity)
        }
        ignored.removeAll(keepingCapacity: true)
        var seen = [UInt8](repeating: 0, count: ordinals.count)
        try locate(ordinals, batch, rows, &seen)
        let columns = try ordinals.enumerated().map { place, ordinal in
            try column(place, ordinal, JSONKinds(rawValue: seen[place]), batch, rows)
        }
        guard !ignored.isEmpty else { return columns }
        return columns.map { column in
            let bits = column.makeValidity()
            for row in ignored { bits.words[row >> 6] &= ~(1 << UInt64(row & 63)) }
            return column
        }
    }

    // MARK: Lines

    private func locate(_ ordinals: [Int], _ batch: LineBatch, _ rows: RowSelection, _ seen: inout [UInt8]) throws {
        let count = batch.count
        let starts = fields.prefix(ordinals.count).map(\.starts)
        let lengths = fields.prefix(ordinals.count).map(\.lengths)
        var places = [Int](repeating: -1, count: schema.count)
        for (place, ordinal) in ordinals.enumerated() {
            places[ordinal] = place
            rows.forEach { lengths[place][$0] = -1 }
        }
        let kinds = kinds
        let text = batch.text
        var failure: (any Error)?
        starts.withUnsafeBufferPointer { starts in
            lengths.withUnsafeBufferPointer { lengths in
                seen.withUnsafeMutableBufferPointer { seen in
                    places.withUnsafeBufferPointer { places in
                        rows.forEach { row in
                            guard failure == nil else { return }
                            let line = batch.line(row)
                            let start = Int(batch.lines.lineStarts[row])
                            let outcome = walk(text, start, start + line.count, places) { place, value, length, kind in
                                starts[place][row] = UInt32(truncatingIfNeeded: value)
                                lengths[place][row] = Int32(truncatingIfNeeded: length)
                                kinds[place &* count &+ row] = kind
                                if length >= 0 { seen[place] |= kind }
                            }
                            guard let outcome else { return }
                            guard serde.ignoresMalformed else {
                                failure = refused(outcome, batch, row)
                                return
                            }
                            for place in lengths.indices { lengths[place][row] = -1 }
                            ignored.append(row)
                        }
                    }
                }
            }
        }
        if let failure { throw failure }
    }

    private func refused(_ reason: String, _ batch: LineBatch, _ row: Int) -> TableFormatError {
        TableFormatError("the line is refused by the JSON SerDe: \(reason)", path: batch.path, offset: batch.offset(of: row))
    }

    /// Emits the wanted members of a line; what is wrong with it, or nil.
    /// - Parameter places: by ordinal the place among the wanted columns, negative for the others.
    @inline(__always)
    private func walk(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ places: UnsafeBufferPointer<Int>,
        _ emit: (Int, Int, Int, UInt8) -> Void
    ) -> String? {
        var at = JSONText.skipSpace(text, start, end)
        guard at < end else {
            return start == end && serde.nullsEmptyLines ? nil : "there is no object"
        }
        guard text[at] == UInt8(ascii: "{") else {
            // Hive's own class takes null for a row.
            if !serde.isStrict, JSONText.valueEnd(text, at, end) == at + 4, text[at] == UInt8(ascii: "n") { return nil }
            return "it does not begin with an object"
        }
        at = JSONText.skipSpace(text, at &+ 1, end)
        if at < end, text[at] == UInt8(ascii: "}") { return nil }
        var number = 0
        while true {
            let key = JSONText.keyEnd(text, at, end)
            guard key.value >= 0, key.value < end else { return "a member is expected at byte \(at - start)" }
            let ordinal = members.field(
                UnsafeBufferPointer(start: text + at + 1, count: key.quote &- at &- 1), number, isEscaped: key.isEscaped)
            let place = ordinal >= 0 ? places[ordinal] : -1
            if ordinal < 0, !serde.ignoresExtraFields {
                let name = String(decoding: UnsafeBufferPointer(start: text + at + 1, count: key.quote - at - 1), as: UTF8.self)
                return "Field found in JSON does not match table definition: \(name)"
            }
            let first = text[key.value]
            var stop: Int
            if first == UInt8(ascii: "\"") {
                let string = JSONText.stringEnd(text, key.value &+ 1, end)
                guard string.quote >= 0 else { return "a text at byte \(key.value - start) does not end" }
                stop = string.quote &+ 1
                if place >= 0 {
                    let kind: JSONKinds = string.isEscaped ? .escapedText : .text
                    emit(place, key.value &+ 1, string.quote &- key.value &- 1, kind.rawValue)
                }
            } else if first &- 0x30 < 10 || first == UInt8(ascii: "-") {
                let value = JSONText.numberEnd(text, key.value, end)
                guard value.end >= 0 else { return "a number at byte \(key.value - start) is none" }
                stop = value.end
                if place >= 0 {
                    let kind: JSONKinds = value.isWhole ? .whole : .fraction
                    emit(place, key.value, stop &- key.value, kind.rawValue)
                }
            } else {
                stop = JSONText.valueEnd(text, key.value, end)
                guard stop >= 0 else { return "a value at byte \(key.value - start) is none" }
                if place >= 0 {
                    switch first {
                    case UInt8(ascii: "n"): emit(place, key.value, -1, JSONKinds.null.rawValue)
                    case UInt8(ascii: "t"), UInt8(ascii: "f"):
                        emit(place, key.value, stop &- key.value, JSONKinds.boolean.rawValue)
                    default: emit(place, key.value, stop &- key.value, JSONKinds.nested.rawValue)
                    }
                }
            }
            at = JSONText.skipSpace(text, stop, end)
            guard at < end else { return "the object does not end" }
            if text[at] == UInt8(ascii: "}") { return nil }
            guard text[at] == UInt8(ascii: ",") else { return "a comma is expected at byte \(at - start)" }
            at = JSONText.skipSpace(text, at &+ 1, end)
            number &+= 1
        }
    }

    // MARK: Columns

    private func column(
        _ place: Int, _ ordinal: Int, _ seen: JSONKinds, _ batch: LineBatch, _ rows: RowSelection
    ) throws -> Column {
        let type = schema[ordinal].type
        let spans = fields[place]
        func parsed() -> Column {
            FieldParser(
                format: format, text: batch.text, starts: spans.starts, lengths: spans.lengths, rows: rows, count: batch.count,
                mayBeEscaped: false
            ).column(of: type)
        }
        let numbers: JSONKinds = [.whole, .fraction]
        switch type {
        case .string where seen.isSubset(of: [.text, .escapedText]):
            let column = parsed()
            if seen.contains(.escapedText) { decodeEscapes(column, place, rows) }
            return column
        case .varchar, .char:
            if seen.isSubset(of: .text) { return parsed() }
        case .double, .float:
            if seen.isSubset(of: numbers) { return parsed() }
        case .boolean:
            if seen.isSubset(of: .boolean) { return parsed() }
        case .decimal:
            if seen.isSubset(of: [.whole, .fraction, .text]) { return parsed() }
        case .tinyint, .smallint, .int, .bigint:
            if seen.isSubset(of: .whole) {
                let column = parsed()
                if hasAllValues(column, spans, rows) { return column }
            }
        case .date, .timestamp:
            if seen.isSubset(of: .text), type == .date || serde.timestamps.isEmpty {
                let column = parsed()
                if hasAllValues(column, spans, rows) { return column }
            }
        default: break
        }
        return try general(place, ordinal, batch, rows)
    }

    /// Whether no value that is there became NULL.
    private func hasAllValues(_ column: Column, _ spans: FieldSpans, _ rows: RowSelection) -> Bool {
        guard let words = column.validity?.words else { return true }
        let lengths = spans.lengths
        var missing = 0
        rows.forEach { row in
            missing &+= lengths[row] >= 0 && words[row >> 6] & (1 << UInt64(row & 63)) == 0 ? 1 : 0
        }
        return missing == 0
    }

    private func decodeEscapes(_ column: Column, _ place: Int, _ rows: RowSelection) {
        let values = column.values(as: StringView.self)
        let lengths = fields[place].lengths
        let kinds = kinds + place * column.count
        let heap = StringHeap()
        let scratch = ByteBuffer()
        let escaped = JSONKinds.escapedText.rawValue
        rows.forEach { row in
            guard lengths[row] >= 0, kinds[row] == escaped else { return }
            scratch.removeAll()
            JSONString.appendDecoded(values[row], to: scratch)
            values[row] = heap.copy(scratch.bytes)
        }
        column.heap = heap
    }

    /// Any type and kind of value, value by value.
    private func general(_ place: Int, _ ordinal: Int, _ batch: LineBatch, _ rows: RowSelection) throws -> Column {
        let node = nodes[ordinal]
        let builder = ColumnBuilder(node.type, capacity: batch.count, fields: selections[ordinal] ?? .whole)
        let spans = fields[place]
        let kinds = kinds + place * batch.count
        var failure: (any Error)?
        rows.forEach { row in
            guard failure == nil else { return }
            while builder.count < row { builder.appendNull() }
            let length = Int(spans.lengths[row])
            guard length >= 0 else { return builder.appendNull() }
            let start = Int(spans.starts[row])
            do throws(JSONRefusal) {
                let span = JSONSpan(start: start, end: start + length, kind: JSONKinds(rawValue: kinds[row]))
                try reader.append(batch.text, span, node, to: builder)
            } catch {
                if serde.ignoresMalformed {
                    ignored.append(row)
                    if builder.count == row { builder.appendNull() }
                } else {
                    failure = refused(error.reason, batch, row)
                }
            }
        }
        if let failure { throw failure }
        while builder.count < batch.count { builder.appendNull() }
        return builder.finish()
    }
}
