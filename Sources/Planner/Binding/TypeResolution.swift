import Columnar
import HiveSyntax

extension SQLType {
    /// The type that a type name means.
    /// - Throws: `PlanError` for lengths, precisions and scales that Hive refuses.
    package init(_ name: TypeName) throws {
        switch name.kind {
        case .primitive(let primitive):
            switch primitive {
            case .boolean: self = .boolean
            case .tinyint: self = .tinyint
            case .smallint: self = .smallint
            case .int: self = .int
            case .bigint: self = .bigint
            case .float: self = .float
            case .double: self = .double
            case .string: self = .string
            case .binary: self = .binary
            case .date: self = .date
            case .timestamp: self = .timestamp
            case .timestampLocalTimeZone: self = .timestampLocalTimeZone
            case .intervalYearMonth: self = .intervalYearMonth
            case .intervalDayTime: self = .intervalDayTime
            case .void: self = .void
            case .datetime:
                throw PlanError("DATETIME type isn't supported yet. Please use DATE or TIMESTAMP instead", code: 10099)
            case .variant: throw PlanError.unsupported("The type VARIANT", at: name.range)
            }
        case .decimal(let precision, let scale):
            let digits = precision ?? 10
            let fraction = scale ?? 0
            guard (1...38).contains(digits) else {
                throw PlanError(
                    "Decimal precision out of allowed range [1,38]", at: name.range)
            }
            guard (0...38).contains(fraction) else {
                throw PlanError("Decimal scale out of allowed range [0,38]", at: name.range)
            }
            guard fraction <= digits else {
                throw PlanError("Decimal scale must be less than or equal to precision", at: name.range)
            }
            self = .decimal(precision: digits, scale: fraction)
        case .varchar(let length):
            guard (1...65535).contains(length) else {
                throw PlanError("Varchar length \(length) out of allowed range [1, 65535]", at: name.range)
            }
            self = .varchar(length: length)
        case .char(let length):
            guard (1...255).contains(length) else {
                throw PlanError("Char length \(length) out of allowed range [1, 255]", at: name.range)
            }
            self = .char(length: length)
        case .array(let element): self = .array(try SQLType(element))
        case .map(let key, let value):
            let keyType = try SQLType(key)
            guard keyType.isPrimitive else {
                throw PlanError("MAP keys must be of a primitive type, but \(keyType) is found", at: key.range)
            }
            self = .map(key: keyType, value: try SQLType(value))
        case .structure(let fields):
            self = .structure(try fields.map { StructField(name: $0.name.name, type: try SQLType($0.type)) })
        case .union(let members): self = .union(try members.map { try SQLType($0) })
        }
    }
}
