/// A HiveQL data type, as `DESCRIBE` prints it and as columns carry it.
public indirect enum SQLType: Hashable, Sendable {
    /// The type of a bare `NULL`.
    case void
    case boolean
    case tinyint
    case smallint
    case int
    case bigint
    case float
    case double
    /// `precision` is 1…38, `scale` is 0…precision.
    case decimal(precision: Int, scale: Int)
    case string
    /// `length` counts characters (code points), 1…65535.
    case varchar(length: Int)
    /// Compares and prints without its padding; `length` is 1…255.
    case char(length: Int)
    case binary
    case date
    /// Nanoseconds, no zone.
    case timestamp
    /// An instant; printed in the session's zone.
    case timestampLocalTimeZone
    case intervalYearMonth
    case intervalDayTime
    case array(SQLType)
    case map(key: SQLType, value: SQLType)
    case structure([StructField])
    case union([SQLType])
}

/// One field of a `STRUCT`; Hive keeps field names in lower case.
public struct StructField: Hashable, Sendable {
    public var name: String
    public var type: SQLType

    public init(name: String, type: SQLType) {
        self.name = name
        self.type = type
    }
}

/// A named, typed column of a schema.
public struct SchemaColumn: Hashable, Sendable {
    public var name: String
    public var type: SQLType
    public var comment: String?

    public init(name: String, type: SQLType, comment: String? = nil) {
        self.name = name
        self.type = type
        self.comment = comment
    }
}

extension SQLType: CustomStringConvertible {
    /// Hive's spelling: `decimal(10,2)`, `array<int>`, `struct<a:int,b:string>`.
    public var description: String {
        switch self {
        case .void: "void"
        case .boolean: "boolean"
        case .tinyint: "tinyint"
        case .smallint: "smallint"
        case .int: "int"
        case .bigint: "bigint"
        case .float: "float"
        case .double: "double"
        case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
        case .string: "string"
        case .varchar(let length): "varchar(\(length))"
        case .char(let length): "char(\(length))"
        case .binary: "binary"
        case .date: "date"
        case .timestamp: "timestamp"
        case .timestampLocalTimeZone: "timestamp with local time zone"
        case .intervalYearMonth: "interval_year_month"
        case .intervalDayTime: "interval_day_time"
        case .array(let element): "array<\(element)>"
        case .map(let key, let value): "map<\(key),\(value)>"
        case .structure(let fields):
            "struct<\(fields.map { "\($0.name):\($0.type)" }.joined(separator: ","))>"
        case .union(let members): "uniontype<\(members.map(\.description).joined(separator: ","))>"
        }
    }
}

extension SQLType {
    /// What the raw storage of a column of this type holds, one case an element layout.
    @inlinable public var physical: PhysicalType {
        switch self {
        case .void, .boolean: .boolean
        case .tinyint: .int8
        case .smallint: .int16
        case .int, .date, .intervalYearMonth: .int32
        case .bigint: .int64
        case .float: .float
        case .double: .double
        case .decimal: .int128
        case .string, .varchar, .char, .binary: .string
        case .timestamp, .timestampLocalTimeZone, .intervalDayTime: .timestamp
        case .array, .map: .list
        case .structure: .structure
        case .union: .union
        }
    }

    @inlinable public var isIntegral: Bool {
        switch self {
        case .tinyint, .smallint, .int, .bigint: true
        default: false
        }
    }

    /// Integers, floating point and DECIMAL.
    @inlinable public var isNumeric: Bool {
        switch self {
        case .tinyint, .smallint, .int, .bigint, .float, .double, .decimal: true
        default: false
        }
    }

    /// STRING, VARCHAR and CHAR.
    @inlinable public var isCharacter: Bool {
        switch self {
        case .string, .varchar, .char: true
        default: false
        }
    }

    @inlinable public var isComplex: Bool {
        switch self {
        case .array, .map, .structure, .union: true
        default: false
        }
    }

    @inlinable public var isPrimitive: Bool { !isComplex }

    /// Columns nested directly in a column of this type: element; key and value; fields; members.
    public var childTypes: [SQLType] {
        switch self {
        case .array(let element): [element]
        case .map(let key, let value): [key, value]
        case .structure(let fields): fields.map(\.type)
        case .union(let members): members
        default: []
        }
    }
}

/// The element layouts that kernels are written for; each `SQLType` maps to one.
@frozen public enum PhysicalType: UInt8, Sendable {
    /// `UInt8`, 0 or 1.
    case boolean
    case int8
    case int16
    case int32
    case int64
    case float
    case double
    /// The unscaled value of a DECIMAL.
    case int128
    /// `StringView`.
    case string
    /// `Timestamp`: seconds and nanoseconds.
    case timestamp
    /// `ListEntry`: where the row's elements lie in the child columns (ARRAY: one child; MAP: keys, values).
    case list
    /// No storage of its own: the fields are child columns of the same length.
    case structure
    /// `UInt8` tag a row; every member is a child column of the same length.
    case union

    /// Bytes an element takes in the column's own buffer.
    @inlinable public var stride: Int {
        switch self {
        case .boolean, .int8, .union: 1
        case .int16: 2
        case .int32, .float: 4
        case .int64, .double: 8
        case .int128, .string, .timestamp, .list: 16
        case .structure: 0
        }
    }
}
