import Columnar

/// A constant.
package enum LiteralValue: Hashable, Sendable {
    case null
    /// BOOLEAN (0, 1), integers, DATE (days), INTERVAL YEAR TO MONTH (months).
    case integer(Int64)
    /// FLOAT and DOUBLE.
    case floating(Double)
    /// The unscaled value; the expression's type has the scale.
    case decimal(Int128)
    /// STRING, VARCHAR, CHAR, BINARY.
    case bytes([UInt8])
    /// TIMESTAMP and INTERVAL DAY TO SECOND.
    case timestamp(Timestamp)
    /// ARRAY, MAP, STRUCT: a constant column of one row.
    case complex(ComplexLiteral)
}

extension LiteralValue {
    /// Whether both are the same constant: `0.0` and `-0.0`, which compare equal in a query, are two, and NaN is itself.
    package static func == (left: LiteralValue, right: LiteralValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.integer(let a), .integer(let b)): a == b
        case (.floating(let a), .floating(let b)): a.bitPattern == b.bitPattern
        case (.decimal(let a), .decimal(let b)): a == b
        case (.bytes(let a), .bytes(let b)): a == b
        case (.timestamp(let a), .timestamp(let b)): a == b
        case (.complex(let a), .complex(let b)): a == b
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .integer(let value): hasher.combine(value)
        case .floating(let value): hasher.combine(value.bitPattern)
        case .decimal(let value): hasher.combine(value)
        case .bytes(let bytes): hasher.combine(bytes)
        case .timestamp(let value): hasher.combine(value)
        case .complex(let value): hasher.combine(value)
        }
    }
}

/// A constant of a complex type; equal only to itself.
package final class ComplexLiteral: Hashable, Sendable {
    package let column: Column

    package init(_ column: Column) { self.column = column }

    package static func == (left: ComplexLiteral, right: ComplexLiteral) -> Bool { left === right }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension LiteralValue {
    /// The constant as a constant column of `count` rows.
    package func column(type: SQLType, count: Int) -> Column {
        switch self {
        case .null: return .nulls(type, count: count)
        case .complex(let literal): return literal.column.withCount(count)
        case .bytes(let bytes): return .constant(string: bytes, type: type, count: count)
        case .decimal(let unscaled): return .constant(unscaled, type: type, count: count)
        case .timestamp(let value): return .constant(value, type: type, count: count)
        case .floating(let value):
            return type == .float
                ? .constant(Float(value), type: type, count: count) : .constant(value, type: type, count: count)
        case .integer(let value):
            switch type.physical {
            case .boolean: return .constant(UInt8(value == 0 ? 0 : 1), type: type, count: count)
            case .int8: return .constant(Int8(truncatingIfNeeded: value), type: type, count: count)
            case .int16: return .constant(Int16(truncatingIfNeeded: value), type: type, count: count)
            case .int32: return .constant(Int32(truncatingIfNeeded: value), type: type, count: count)
            default: return .constant(value, type: type, count: count)
            }
        }
    }

    /// Row `row` of a column as a constant.
    package init(_ column: Column, row: Int) {
        guard !column.isNull(row) else {
            self = .null
            return
        }
        let plain = column.decoded(.all(column.count))
        let element = plain.element(of: row)
        switch plain.type.physical {
        case .boolean: self = .integer(Int64(plain.values(as: UInt8.self)[element]))
        case .int8: self = .integer(Int64(plain.values(as: Int8.self)[element]))
        case .int16: self = .integer(Int64(plain.values(as: Int16.self)[element]))
        case .int32: self = .integer(Int64(plain.values(as: Int32.self)[element]))
        case .int64: self = .integer(plain.values(as: Int64.self)[element])
        case .float: self = .floating(Double(plain.values(as: Float.self)[element]))
        case .double: self = .floating(plain.values(as: Double.self)[element])
        case .int128: self = .decimal(plain.values(as: Int128.self)[element])
        case .string: self = .bytes(Array(plain.values(as: StringView.self)[element].bytes))
        case .timestamp: self = .timestamp(plain.values(as: Timestamp.self)[element])
        case .list, .structure, .union:
            self = .complex(ComplexLiteral(plain.constantRow(row, count: 1)))
        }
    }
}
