import Columnar

/// What a SQL type is in Arrow. Types that Arrow has not (intervals as Hive has them, UNIONTYPE) are texts.
indirect enum ArrowType {
    case null
    case boolean
    case integer(bits: Int32)
    case float, double
    case decimal(precision: Int, scale: Int)
    /// The bytes of the value, or its text as Hive prints it.
    case utf8(isFormatted: Bool)
    case binary
    case date
    /// Nanoseconds since 1970.
    case timestamp(zone: String?)
    case list(ArrowType)
    case map(key: ArrowType, value: ArrowType)
    case structure([Field])

    typealias Field = (name: String, type: ArrowType, isNullable: Bool)

    init(_ type: SQLType) {
        switch type {
        case .void: self = .null
        case .boolean: self = .boolean
        case .tinyint: self = .integer(bits: 8)
        case .smallint: self = .integer(bits: 16)
        case .int: self = .integer(bits: 32)
        case .bigint: self = .integer(bits: 64)
        case .float: self = .float
        case .double: self = .double
        case .decimal(let precision, let scale): self = .decimal(precision: precision, scale: scale)
        case .string, .varchar, .char: self = .utf8(isFormatted: false)
        case .binary: self = .binary
        case .date: self = .date
        case .timestamp: self = .timestamp(zone: nil)
        case .timestampLocalTimeZone: self = .timestamp(zone: "UTC")
        case .intervalYearMonth, .intervalDayTime, .union: self = .utf8(isFormatted: true)
        case .array(let element): self = .list(ArrowType(element))
        case .map(let key, let value): self = .map(key: ArrowType(key), value: ArrowType(value))
        case .structure(let fields): self = .structure(fields.map { ($0.name, ArrowType($0.type), true) })
        }
    }

    /// Fields below; keys and entries of maps are never NULL.
    var children: [Field] {
        switch self {
        case .list(let element): [("item", element, true)]
        case .map(let key, let value): [("entries", .structure([("key", key, false), ("value", value, true)]), false)]
        case .structure(let fields): fields
        default: []
        }
    }

    /// Appends the table that describes the type.
    /// - Returns: which of the union `Type` it is, and where it stands.
    func append(to buffer: inout FlatBuffer) -> (UInt8, FlatBuffer.Place) {
        switch self {
        case .null: (1, buffer.table())
        case .integer(let bits): (2, buffer.table([(0, .int(bits)), (1, .bool(true))]))
        case .float: (3, buffer.table([(0, .short(1))]))
        case .double: (3, buffer.table([(0, .short(2))]))
        case .binary: (4, buffer.table())
        case .utf8: (5, buffer.table())
        case .boolean: (6, buffer.table())
        case .decimal(let precision, let scale):
            (7, buffer.table([(0, .int(Int32(precision))), (1, .int(Int32(scale))), (2, .int(128))]))
        case .date: (8, buffer.table([(0, .short(0))]))
        case .timestamp(let zone):
            if let zone {
                Self.timestamp(buffer.string(zone), &buffer)
            } else {
                (10, buffer.table([(0, .short(3))]))
            }
        case .list: (12, buffer.table())
        case .structure: (13, buffer.table())
        case .map: (17, buffer.table([(0, .bool(false))]))
        }
    }

    private static func timestamp(_ zone: FlatBuffer.Place, _ buffer: inout FlatBuffer) -> (UInt8, FlatBuffer.Place) {
        (10, buffer.table([(0, .short(3)), (1, .place(zone))]))
    }
}
