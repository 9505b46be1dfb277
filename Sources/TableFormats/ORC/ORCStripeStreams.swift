import Columnar

/// The streams of one stripe, and the readers of its columns.
final class ORCStripeStreams {
    let footer: ORCStripeFooter
    let memory: ORCMemory
    let usesProlepticCalendar: Bool
    let stripe: ORCStripe
    private let source: ORCBlockSource
    private let hasShortDecimals: Bool
    private let isWrittenByJava: Bool
    private let defaultZone: ZoneRules

    init(_ file: ORCFile, stripe: ORCStripe, memory: ORCMemory, defaultZone: ZoneRules) throws {
        self.stripe = stripe
        self.memory = memory
        self.defaultZone = defaultZone
        source = file.source
        usesProlepticCalendar = file.usesProlepticCalendar
        hasShortDecimals = file.hasShortDecimals
        isWrittenByJava = file.isWrittenByJava
        let part = ORCPart(
            name: "footer of a stripe", path: file.path, offset: stripe.offset + stripe.indexLength + stripe.dataLength)
        let bytes = try source.bytes(from: part.offset, count: stripe.footerLength, part: part, memory: memory)
        footer = try bytes.withUnsafeBytes {
            try ORCStripeFooter($0, stripe: stripe, columnCount: file.columnCount, part: part)
        }
    }

    func part(ofColumn column: Int) -> ORCPart {
        ORCPart(name: "column \(column)", path: source.file.path, offset: stripe.offset)
    }

    func find(_ kind: ORCStripeFooter.StreamKind, _ column: Int) throws -> ORCStream? {
        guard let stream = footer.stream(kind, ofColumn: column) else { return nil }
        let part = ORCPart(name: "\(kind) stream of column \(column)", path: source.file.path, offset: stream.offset)
        return try ORCStream(source, offset: stream.offset, length: stream.length, part: part, memory: memory)
    }

    /// A stream that is left out where it would be empty.
    func open(_ kind: ORCStripeFooter.StreamKind, _ column: Int) throws -> ORCStream {
        if let stream = try find(kind, column) { return stream }
        let part = ORCPart(name: "\(kind) stream of column \(column)", path: source.file.path, offset: stripe.offset)
        return try ORCStream(source, offset: stripe.offset, length: 0, part: part, memory: memory)
    }

    func integers(_ kind: ORCStripeFooter.StreamKind, _ column: Int, signed: Bool) throws -> ORCIntegerDecoder {
        ORCIntegerDecoder(
            try open(kind, column), signed: signed, version2: footer.encodings[column].usesRunLengthV2)
    }

    /// All bytes of a stream; nil when there is none.
    func bytes(_ kind: ORCStripeFooter.StreamKind, _ column: Int) throws -> (bytes: [UInt8], part: ORCPart)? {
        guard let stream = footer.stream(kind, ofColumn: column) else { return nil }
        let part = ORCPart(name: "\(kind) of column \(column)", path: source.file.path, offset: stream.offset)
        return (try source.bytes(from: stream.offset, count: stream.length, part: part, memory: memory), part)
    }

    /// Where the stripe was written.
    func writerZone() throws -> ORCWriterZone {
        let name = footer.writerTimeZone
        if name.isEmpty { return ORCWriterZone(defaultZone, isJava: isWrittenByJava) }
        do {
            if let zone = try ZoneRules.named(name) { return ORCWriterZone(zone, isJava: isWrittenByJava) }
        } catch {
            throw TableFormatError("the time zone \(name) of the ORC file cannot be read: \(error)", path: source.file.path)
        }
        throw TableFormatError("the time zone \(name) of the ORC file is not known", path: source.file.path)
    }

    // MARK: Readers

    /// - Parameter fields: which parts of it are needed.
    func reader(of node: ORCSchemaNode, fields: FieldSelection = .whole) throws -> ORCColumnReader {
        func children() throws -> [ORCColumnReader] {
            try node.children.enumerated().map { place, child in
                try fields[place].map { try reader(of: child, fields: $0) } ?? ORCUnreadColumn(unread: child, self)
            }
        }
        let encoding = footer.encodings[node.id]
        switch node.type {
        case .boolean: return try ORCBooleanReader(node, self)
        case .tinyint: return try ORCByteReader(node, self)
        case .smallint, .int, .bigint, .date: return try ORCIntegerReader(node, self)
        case .float, .double: return try ORCFloatingPointReader(node, self)
        case .decimal(let precision, let scale):
            if hasShortDecimals, precision <= 18 { return try ORCShortDecimalReader(node, self) }
            return try ORCDecimalReader(node, self, precision: precision, scale: scale)
        case .string, .varchar, .char:
            return encoding.isDictionary
                ? try ORCDictionaryStringReader(node, self) : try ORCDirectStringReader(node, self)
        case .binary: return try ORCDirectStringReader(node, self)
        case .timestamp, .timestampLocalTimeZone: return try ORCTimestampReader(node, self)
        case .array, .map: return try ORCListReader(node, self, children: children())
        case .structure: return try ORCStructureReader(node, self, children: children())
        case .union: return try ORCUnionReader(node, self, children: node.children.map { try reader(of: $0) })
        case .void, .intervalYearMonth, .intervalDayTime:
            throw part(ofColumn: node.id).damaged("\(node.type) is no type of ORC")
        }
    }

    /// The rows with only some of their columns, and of these some parts.
    func rowReader(of root: ORCSchemaNode, columns: [Int], fields: [FieldSelection]) throws -> ORCStructureReader {
        try ORCStructureReader(
            root, self, children: zip(columns, fields).map { try reader(of: root.children[$0], fields: $1) })
    }

    /// Bytes in the file of what a column and the parts of it that are read are made of.
    func byteCount(of column: ORCColumnReader) -> Int {
        guard column.isRead else { return 0 }
        let own = footer.streams[column.node.id].reduce(0) { $0 + ($1.kind.isData ? $1.length : 0) }
        return column.children.reduce(own) { $0 + byteCount(of: $1) }
    }
}
