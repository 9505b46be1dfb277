import Columnar

/// Makes the writers of a schema, numbered in pre-order.
struct ORCColumnWriterFactory {
    let compressor: ORCCompressor?
    let dictionaryThreshold: Double
    let bloomFilters: ORCBloomFilterOptions
    let rowIndexStride: Int
    let path: String
    private var next = 0
    /// Whether the column that is made is to have bloom filters.
    private var hasFilters = false

    init(
        compressor: ORCCompressor?, dictionaryThreshold: Double, bloomFilters: ORCBloomFilterOptions, rowIndexStride: Int,
        path: String
    ) {
        self.compressor = compressor
        self.dictionaryThreshold = dictionaryThreshold
        self.bloomFilters = bloomFilters
        self.rowIndexStride = rowIndexStride
        self.path = path
    }

    mutating func rowWriter(_ type: SQLType) throws -> ORCStructureWriter {
        let id = takeNumber()
        guard case .structure(let columns) = type else { preconditionFailure("rows are structures") }
        var children: [ORCColumnWriter] = []
        for column in columns {
            hasFilters = bloomFilters.columns.contains(column.name.lowercased())
            children.append(try writer(column.type))
        }
        return ORCStructureWriter(id: id, type: type, compressor: compressor, children: children)
    }

    private mutating func takeNumber() -> Int {
        defer { next += 1 }
        return next
    }

    private mutating func children(of type: SQLType) throws -> [ORCColumnWriter] {
        var result: [ORCColumnWriter] = []
        for child in type.childTypes { result.append(try writer(child)) }
        return result
    }

    private mutating func writer(_ type: SQLType) throws -> ORCColumnWriter {
        let made = try plainWriter(type)
        if hasFilters {
            made.bloomFilter = ORCBloomFilterBuilder(type, rows: rowIndexStride, falsePositives: bloomFilters.falsePositives)
        }
        return made
    }

    private mutating func plainWriter(_ type: SQLType) throws -> ORCColumnWriter {
        let id = takeNumber()
        switch type {
        case .boolean: return ORCBooleanWriter(id: id, type: type, compressor: compressor)
        case .tinyint: return ORCByteWriter(id: id, type: type, compressor: compressor)
        case .smallint, .int, .bigint, .date: return ORCIntegerWriter(id: id, type: type, compressor: compressor)
        case .float, .double: return ORCFloatingPointWriter(id: id, type: type, compressor: compressor)
        case .decimal: return ORCDecimalWriter(id: id, type: type, compressor: compressor)
        case .timestamp, .timestampLocalTimeZone: return ORCTimestampWriter(id: id, type: type, compressor: compressor)
        case .string, .varchar, .char, .binary:
            return ORCStringWriter(id: id, type: type, compressor: compressor, dictionaryThreshold: dictionaryThreshold)
        case .array, .map:
            return ORCListWriter(id: id, type: type, compressor: compressor, children: try children(of: type))
        case .structure:
            return ORCStructureWriter(id: id, type: type, compressor: compressor, children: try children(of: type))
        case .union: return ORCUnionWriter(id: id, type: type, compressor: compressor, children: try children(of: type))
        case .void, .intervalYearMonth, .intervalDayTime:
            throw TableFormatError("ORC files have no columns of type \(type)", path: path)
        }
    }
}

/// A type as footers list it.
enum ORCTypeEncoding {
    static func encode(_ writer: ORCColumnWriter, to message: inout ProtobufWriter) {
        message.count(1, kind(writer.type).rawValue)
        message.packed(2, writer.children.map { UInt64($0.id) })
        switch writer.type {
        case .structure(let fields): for field in fields { message.string(3, field.name) }
        case .varchar(let length), .char(let length): message.count(4, length)
        case .decimal(let precision, let scale):
            message.count(5, precision)
            message.count(6, scale)
        default: break
        }
    }

    private static func kind(_ type: SQLType) -> ORCType.Kind {
        switch type {
        case .boolean, .void: .boolean
        case .tinyint: .byte
        case .smallint: .short
        case .int, .intervalYearMonth: .int
        case .bigint, .intervalDayTime: .long
        case .float: .float
        case .double: .double
        case .string: .string
        case .binary: .binary
        case .timestamp: .timestamp
        case .timestampLocalTimeZone: .timestampInstant
        case .array: .list
        case .map: .map
        case .structure: .structure
        case .union: .union
        case .decimal: .decimal
        case .date: .date
        case .varchar: .varchar
        case .char: .char
        }
    }
}

extension ORCColumnWriter {
    /// This writer and all below it, by their numbers.
    var preOrder: [ORCColumnWriter] { [self] + children.flatMap(\.preOrder) }
}
