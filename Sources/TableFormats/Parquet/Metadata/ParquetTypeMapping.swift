import Columnar

/// Which HiveQL type a stored column has.
enum ParquetTypeMapping {
    /// The logical type, or the one that the older converted type stands for.
    static func logical(of element: ParquetSchemaElement) -> ParquetLogicalType? {
        if let logical = element.logical, logical != .other { return logical }
        return switch element.converted {
        case .utf8: .string
        case .enumeration: .enumeration
        case .decimal: .decimal(precision: element.precision, scale: element.scale)
        case .date: .date
        case .timeMillis, .timeMicros: .time
        case .timestampMillis: .timestamp(isAdjustedToUTC: true, unit: .millis)
        case .timestampMicros: .timestamp(isAdjustedToUTC: true, unit: .micros)
        case .uint8: .integer(bitWidth: 8, isSigned: false)
        case .uint16: .integer(bitWidth: 16, isSigned: false)
        case .uint32: .integer(bitWidth: 32, isSigned: false)
        case .uint64: .integer(bitWidth: 64, isSigned: false)
        case .int8: .integer(bitWidth: 8, isSigned: true)
        case .int16: .integer(bitWidth: 16, isSigned: true)
        case .int32: .integer(bitWidth: 32, isSigned: true)
        case .int64: .integer(bitWidth: 64, isSigned: true)
        case .json: .json
        case .bson: .bson
        case .map, .mapKeyValue, .list, .interval, nil: element.logical
        }
    }

    /// Unsigned integers become the next wider signed type. Times of day and what has no counterpart are read as they
    /// are stored. An annotation that does not fit its physical type, or a DECIMAL beyond 38 digits, is as if absent.
    static func type(_ physical: ParquetPhysicalType, _ logical: ParquetLogicalType?, length: Int) -> SQLType {
        if logical == .unknown { return .void }
        if case .decimal(let precision, let scale) = logical, (1...38).contains(precision), (0...precision).contains(scale) {
            switch physical {
            case .int32, .int64, .byteArray: return .decimal(precision: precision, scale: scale)
            case .fixedLengthByteArray where length > 0: return .decimal(precision: precision, scale: scale)
            default: break
            }
        }
        switch physical {
        case .boolean: return .boolean
        case .int32:
            switch logical {
            case .date: return .date
            case .integer(8, true): return .tinyint
            case .integer(8, false), .integer(16, true): return .smallint
            case .integer(32, false): return .bigint
            default: return .int
            }
        case .int64:
            switch logical {
            case .integer(64, false): return .decimal(precision: 20, scale: 0)
            case .timestamp(let isAdjusted, _): return isAdjusted ? .timestampLocalTimeZone : .timestamp
            default: return .bigint
            }
        case .int96: return .timestamp
        case .float: return .float
        case .double: return .double
        case .byteArray:
            switch logical {
            case .string, .enumeration, .json: return .string
            default: return .binary
            }
        case .fixedLengthByteArray:
            if logical == .float16, length == 2 { return .float }
            if logical == .uuid, length == 16 { return .string }
            return .binary
        }
    }
}
