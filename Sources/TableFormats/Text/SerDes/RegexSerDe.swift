import Columnar
import Functions

/// `RegexSerDe`: the groups of a regular expression that takes the whole line.
struct RegexSerDe: TextSerDe {
    private let expression: RegularExpression
    /// The class of Hive's contributions: all columns are text, any number of groups will do, and lines are written by a
    /// format of Java's.
    private let isContributed: Bool
    private let outputFormat: String?
    private let className: String

    /// - Throws: `TableFormatError` without an expression, or for one that is none.
    init(_ storage: TableStorage) throws {
        className = storage.serde
        isContributed = className.contains(".contrib.")
        guard let pattern = storage.property("input.regex") else {
            throw TableFormatError("This table does not have serde property \"input.regex\"!", path: "")
        }
        let ignoresCase = storage.property("input.regex.case.insensitive")?.lowercased() == "true"
        do {
            expression = try RegularExpression(pattern, isCaseless: ignoresCase, isDotAll: true, isWhole: true)
        } catch let error as FunctionError { throw TableFormatError(error.message, path: "") }
        outputFormat = storage.property("output.format.string")
    }

    func check(_ schema: [SchemaColumn]) throws {
        for (ordinal, column) in schema.enumerated() {
            if isContributed ? column.type != .string : column.type.isComplex || column.type == .binary {
                throw TableFormatError(
                    "\(className) doesn't allow column [\(ordinal)] named \(column.name) with type \(column.type)", path: "")
            }
        }
    }

    func makeDeserializer(schema: [SchemaColumn], fields: [Int: FieldSelection]) throws -> any LineDeserializer {
        try check(schema)
        guard isContributed || expression.groupCount == schema.count else {
            throw TableFormatError("Number of matching groups doesn't match the number of columns", path: "")
        }
        return RegexDeserializer(expression, schema: schema)
    }

    func makeSerializer(schema: [SchemaColumn]) throws -> any LineSerializer {
        guard isContributed else {
            throw TableFormatError("Regex SerDe doesn't support the serialize() method", path: "")
        }
        guard let outputFormat else {
            throw TableFormatError(
                "Cannot write data into table because \"output.format.string\" is not specified in serde properties of the "
                    + "table.", path: "")
        }
        return RegexSerializer(try RegexOutputFormat(outputFormat, columnCount: schema.count), schema: schema)
    }
}

/// Lines that do not match are NULL in all columns.
private final class RegexDeserializer: LineDeserializer {
    private let expression: RegularExpression
    private let matcher: RegularExpressionMatcher
    private let schema: [SchemaColumn]
    private var fields: [FieldSpans] = []

    init(_ expression: RegularExpression, schema: [SchemaColumn]) {
        self.expression = expression
        matcher = RegularExpressionMatcher(expression)
        self.schema = schema
    }

    var structure: LineStructure { .none }

    func columns(_ ordinals: [Int], of batch: LineBatch, rows: RowSelection) throws -> [Column] {
        while fields.count < ordinals.count { fields.append(FieldSpans()) }
        for spans in fields.prefix(ordinals.count) { spans.reserve(batch.count) }
        // Text that is no UTF-8 is matched as Java's strings have it.
        let heap: StringHeap? = batch.isASCII ? nil : StringHeap()
        var repaired: [Int: StringView] = [:]
        var failure: (any Error)?
        rows.forEach { row in
            guard failure == nil else { return }
            do {
                let line = batch.line(row)
                var text = StringView(line.baseAddress ?? batch.text, length: line.count)
                if let heap {
                    let better = UTF8Text.repaired(text, heap)
                    if better.pointer != text.pointer {
                        text = better
                        repaired[row] = better
                    }
                }
                let isMatch = try matcher.matchesWhole(text)
                for (place, ordinal) in ordinals.enumerated() {
                    let spans = fields[place]
                    if isMatch, let group = matcher.group(ordinal + 1) {
                        spans.starts[row] = UInt32(truncatingIfNeeded: group.pointer - text.pointer)
                        spans.lengths[row] = Int32(truncatingIfNeeded: group.count)
                    } else {
                        spans.starts[row] = 0
                        // A group that took no part is the boolean FALSE.
                        spans.lengths[row] = isMatch ? Self.noGroup : Self.noMatch
                    }
                    // Places in the batch's text, but for lines that were repaired.
                    if spans.lengths[row] >= 0, heap == nil || repaired[row] == nil {
                        spans.starts[row] += UInt32(truncatingIfNeeded: text.pointer - batch.text)
                    }
                }
            } catch let error as FunctionError {
                failure = TableFormatError(error.message, path: batch.path, offset: batch.offset(of: row))
            } catch { failure = error }
        }
        if let failure { throw failure }
        return ordinals.enumerated().map { place, ordinal in
            column(schema[ordinal].type, fields[place], batch, rows, repaired, heap)
        }
    }

    private static let noMatch: Int32 = -1
    private static let noGroup: Int32 = -2

    private func column(
        _ type: SQLType, _ spans: FieldSpans, _ batch: LineBatch, _ rows: RowSelection, _ repaired: [Int: StringView],
        _ heap: StringHeap?
    ) -> Column {
        let starts = spans.starts
        let lengths = spans.lengths
        func view(_ row: Int) -> StringView? {
            guard lengths[row] >= 0 else { return nil }
            let text = repaired.isEmpty ? batch.text : repaired[row]?.pointer ?? batch.text
            return StringView(text + Int(starts[row]), length: Int(lengths[row]))
        }
        switch type {
        case .tinyint: return values(type, Int8.self, batch, rows) { view($0).flatMap { JavaNumber.integer($0) } }
        case .smallint: return values(type, Int16.self, batch, rows) { view($0).flatMap { JavaNumber.integer($0) } }
        case .int: return values(type, Int32.self, batch, rows) { view($0).flatMap { JavaNumber.integer($0) } }
        case .bigint: return values(type, Int64.self, batch, rows) { view($0).flatMap { JavaNumber.integer($0) } }
        case .float:
            return values(type, Float.self, batch, rows) { view($0).flatMap { TextParsing.float($0.pointer, $0.count) } }
        case .double:
            return values(type, Double.self, batch, rows) { view($0).flatMap { TextParsing.double($0.pointer, $0.count) } }
        case .boolean:
            return values(type, UInt8.self, batch, rows) { row in
                if lengths[row] == Self.noMatch { return nil }
                return view(row).map { JavaNumber.boolean($0) } ?? 0
            }
        case .date:
            return values(type, Int32.self, batch, rows) { view($0).flatMap { TextParsing.date($0.pointer, $0.count) } }
        case .timestamp, .timestampLocalTimeZone:
            return values(type, Timestamp.self, batch, rows) {
                view($0).flatMap { TextParsing.timestamp($0.pointer, $0.count) }
            }
        case .decimal(let precision, let scale):
            return values(type, Int128.self, batch, rows) {
                view($0).flatMap { TextParsing.decimal($0.pointer, $0.count, precision: precision, scale: scale) }
            }
        default:
            let column = values(type, StringView.self, batch, rows) { row -> StringView? in
                guard let text = view(row) else { return nil }
                switch type {
                case .varchar(let length): return FieldParser.cut(text, length: length, isPadded: false)
                case .char(let length): return FieldParser.cut(text, length: length, isPadded: true)
                default: return text
                }
            }
            column.heap = heap
            return column
        }
    }

    private func values<T: ColumnElement>(
        _ type: SQLType, _: T.Type, _ batch: LineBatch, _ rows: RowSelection, _ body: (Int) -> T?
    ) -> Column {
        let column = Column(flat: type, count: batch.count)
        let target = column.values(as: T.self)
        target.initialize(repeating: T.placeholder, count: batch.count)
        var validity: UnsafeMutablePointer<UInt64>?
        rows.forEach { row in
            if let value = body(row) {
                target[row] = value
            } else {
                if validity == nil { validity = column.makeValidity().words }
                validity.unsafelyUnwrapped[row >> 6] &= ~(1 << UInt64(row & 63))
            }
        }
        return column
    }
}

/// Texts as the methods `valueOf` of Java's classes read them.
enum JavaNumber {
    /// Digits with a sign before them, nothing else.
    static func integer<T: FixedWidthInteger & SignedInteger>(_ text: StringView) -> T? {
        let bytes = text.bytes
        guard let first = bytes.first else { return nil }
        let isNegative = first == UInt8(ascii: "-")
        let digits = isNegative || first == UInt8(ascii: "+") ? bytes.dropFirst() : bytes[...]
        guard !digits.isEmpty else { return nil }
        var value: T = 0
        for byte in digits {
            let digit = byte &- 0x30
            guard digit < 10 else { return nil }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, another) =
                isNegative
                ? shifted.subtractingReportingOverflow(T(digit)) : shifted.addingReportingOverflow(T(digit))
            guard !overflow, !another else { return nil }
            value = next
        }
        return value
    }

    /// TRUE for `true` in any case.
    static func boolean(_ text: StringView) -> UInt8 {
        text.count == 4 && zip(text.bytes, "true".utf8).allSatisfy { $0 | 0x20 == $1 } ? 1 : 0
    }
}
