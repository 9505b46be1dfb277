/// What the streams of a stripe are, and how its columns are encoded.
struct ORCStripeFooter {
    enum StreamKind: Int {
        case present, data, length, dictionaryData, dictionaryCount, secondary, rowIndex, bloomFilter, bloomFilterUTF8

        /// Whether values are in it, not what is said of them.
        var isData: Bool {
            switch self {
            case .rowIndex, .bloomFilter, .bloomFilterUTF8: false
            default: true
            }
        }
    }

    struct Stream {
        var kind: StreamKind
        /// Where it lies in the file.
        var offset: Int
        var length: Int
    }

    struct Encoding {
        enum Kind: Int { case direct, dictionary, directV2, dictionaryV2 }

        var kind = Kind.direct
        var dictionarySize = 0

        var usesRunLengthV2: Bool { kind == .directV2 || kind == .dictionaryV2 }
        var isDictionary: Bool { kind == .dictionary || kind == .dictionaryV2 }
    }

    /// By column number.
    private(set) var streams: [[Stream]]
    private(set) var encodings: [Encoding] = []
    /// Empty: not said.
    private(set) var writerTimeZone = ""

    init(_ bytes: UnsafeRawBufferPointer, stripe: ORCStripe, columnCount: Int, part: ORCPart) throws {
        streams = Array(repeating: [], count: columnCount)
        var reader = ProtobufReader(bytes, part: part)
        var offset = stripe.offset
        let end = stripe.offset + stripe.indexLength + stripe.dataLength
        while let field = try reader.next() {
            switch field.number {
            case 1:
                let (kind, column, length) = try Self.stream(reader.message(field))
                guard length <= end - offset else { throw part.damaged("streams are longer than the stripe") }
                if let kind = StreamKind(rawValue: kind) {
                    guard column < columnCount else { throw part.damaged("a stream of column \(column), which is not there") }
                    streams[column].append(Stream(kind: kind, offset: offset, length: length))
                } else if kind == 9 || kind == 10 {
                    throw part.damaged("encrypted streams cannot be read")
                }
                offset += length
            case 2: encodings.append(try Self.encoding(reader.message(field), part))
            case 3: writerTimeZone = try reader.string(field)
            case 4: throw part.damaged("encrypted columns cannot be read")
            default: try reader.skip(field)
            }
        }
        while encodings.count < columnCount { encodings.append(Encoding()) }
    }

    private static func stream(_ message: ProtobufReader) throws -> (kind: Int, column: Int, length: Int) {
        var reader = message
        var result = (kind: 0, column: 0, length: 0)
        while let field = try reader.next() {
            switch field.number {
            case 1: result.kind = try reader.count(field)
            case 2: result.column = try reader.count(field)
            case 3: result.length = try reader.count(field)
            default: try reader.skip(field)
            }
        }
        return result
    }

    private static func encoding(_ message: ProtobufReader, _ part: ORCPart) throws -> Encoding {
        var reader = message
        var result = Encoding()
        while let field = try reader.next() {
            switch field.number {
            case 1:
                let number = try reader.count(field)
                guard let kind = Encoding.Kind(rawValue: number) else { throw part.damaged("encoding \(number) is not known") }
                result.kind = kind
            case 2: result.dictionarySize = try reader.count(field)
            default: try reader.skip(field)
            }
        }
        return result
    }

    func stream(_ kind: StreamKind, ofColumn column: Int) -> Stream? { streams[column].first { $0.kind == kind } }
}
