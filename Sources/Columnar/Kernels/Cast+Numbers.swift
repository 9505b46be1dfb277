extension Cast {
    @inline(__always)
    private static func integer<T: FixedWidthInteger>(_ value: Double, _: T.Type) -> T {
        T.bitWidth == 64 ? T(truncatingIfNeeded: Int64(saturating: value)) : T(truncatingIfNeeded: Int32(saturating: value))
    }

    static func toInteger<T: FixedWidthInteger & ColumnElement>(
        _ frame: UnaryFrame, _ type: SQLType, _: T.Type
    ) throws -> Column {
        let result = frame.makeResult(type)
        switch frame.operand.type {
        case .boolean: mapElements(frame, into: result, UInt8.self, T.self) { T(truncatingIfNeeded: $0) }
        case .tinyint: mapElements(frame, into: result, Int8.self, T.self) { T(truncatingIfNeeded: $0) }
        case .smallint: mapElements(frame, into: result, Int16.self, T.self) { T(truncatingIfNeeded: $0) }
        case .int: mapElements(frame, into: result, Int32.self, T.self) { T(truncatingIfNeeded: $0) }
        case .bigint: mapElements(frame, into: result, Int64.self, T.self) { T(truncatingIfNeeded: $0) }
        case .float: mapElements(frame, into: result, Float.self, T.self) { integer(Double($0), T.self) }
        case .double: mapElements(frame, into: result, Double.self, T.self) { integer($0, T.self) }
        case .decimal(_, let scale):
            let divisor = Decimals.powerOfTen(scale)
            mapValidElements(frame, into: result, Int128.self, T.self) { T(exactly: $0 / divisor) }
        case .string, .varchar, .char:
            mapValidElements(frame, into: result, StringView.self, T.self) {
                TextParsing.integer(T.self, $0.pointer, Int($0.length))
            }
        case .timestamp, .timestampLocalTimeZone:
            mapElements(frame, into: result, Timestamp.self, T.self) { T(truncatingIfNeeded: $0.seconds) }
        case .date: return .nulls(type, count: frame.count)
        default: throw impossible(frame.operand.type, type)
        }
        return result
    }

    static func toBoolean(_ frame: UnaryFrame) throws -> Column {
        let result = frame.makeResult(.boolean)
        switch frame.operand.type {
        case .tinyint: mapElements(frame, into: result, Int8.self, UInt8.self) { $0 != 0 ? 1 : 0 }
        case .smallint: mapElements(frame, into: result, Int16.self, UInt8.self) { $0 != 0 ? 1 : 0 }
        case .int: mapElements(frame, into: result, Int32.self, UInt8.self) { $0 != 0 ? 1 : 0 }
        case .bigint: mapElements(frame, into: result, Int64.self, UInt8.self) { $0 != 0 ? 1 : 0 }
        case .float: mapElements(frame, into: result, Float.self, UInt8.self) { $0 != 0 ? 1 : 0 }
        case .double: mapElements(frame, into: result, Double.self, UInt8.self) { $0 != 0 ? 1 : 0 }
        case .decimal: mapElements(frame, into: result, Int128.self, UInt8.self) { $0 != 0 ? 1 : 0 }
        // Any text but the empty one is true, 'false' too.
        case .string, .varchar, .char:
            mapElements(frame, into: result, StringView.self, UInt8.self) { $0.length != 0 ? 1 : 0 }
        case .timestamp, .timestampLocalTimeZone:
            mapElements(frame, into: result, Timestamp.self, UInt8.self) {
                $0.seconds != 0 || $0.nanoseconds != 0 ? 1 : 0
            }
        case .date: return .nulls(.boolean, count: frame.count)
        default: throw impossible(frame.operand.type, .boolean)
        }
        return result
    }

    static func toDouble(_ frame: UnaryFrame) throws -> Column {
        let result = frame.makeResult(.double)
        switch frame.operand.type {
        case .boolean: mapElements(frame, into: result, UInt8.self, Double.self) { Double($0) }
        case .tinyint: mapElements(frame, into: result, Int8.self, Double.self) { Double($0) }
        case .smallint: mapElements(frame, into: result, Int16.self, Double.self) { Double($0) }
        case .int: mapElements(frame, into: result, Int32.self, Double.self) { Double($0) }
        case .bigint: mapElements(frame, into: result, Int64.self, Double.self) { Double($0) }
        case .float: mapElements(frame, into: result, Float.self, Double.self) { Double($0) }
        case .decimal(_, let scale):
            mapValidElements(frame, into: result, Int128.self, Double.self) { Decimals.double($0, scale: scale) }
        case .string, .varchar, .char:
            mapValidElements(frame, into: result, StringView.self, Double.self) {
                TextParsing.double($0.pointer, Int($0.length))
            }
        case .timestamp, .timestampLocalTimeZone:
            mapElements(frame, into: result, Timestamp.self, Double.self) { seconds($0) }
        case .date: return .nulls(.double, count: frame.count)
        default: throw impossible(frame.operand.type, .double)
        }
        return result
    }

    static func toFloat(_ frame: UnaryFrame) throws -> Column {
        let result = frame.makeResult(.float)
        switch frame.operand.type {
        case .boolean: mapElements(frame, into: result, UInt8.self, Float.self) { Float($0) }
        case .tinyint: mapElements(frame, into: result, Int8.self, Float.self) { Float($0) }
        case .smallint: mapElements(frame, into: result, Int16.self, Float.self) { Float($0) }
        case .int: mapElements(frame, into: result, Int32.self, Float.self) { Float($0) }
        case .bigint: mapElements(frame, into: result, Int64.self, Float.self) { Float($0) }
        case .double: mapElements(frame, into: result, Double.self, Float.self) { Float($0) }
        case .decimal(_, let scale):
            mapValidElements(frame, into: result, Int128.self, Float.self) { Float(Decimals.double($0, scale: scale)) }
        case .string, .varchar, .char:
            mapValidElements(frame, into: result, StringView.self, Float.self) {
                TextParsing.float($0.pointer, Int($0.length))
            }
        case .timestamp, .timestampLocalTimeZone:
            mapElements(frame, into: result, Timestamp.self, Float.self) { Float(seconds($0)) }
        case .date: return .nulls(.float, count: frame.count)
        default: throw impossible(frame.operand.type, .float)
        }
        return result
    }

    @inline(__always)
    static func seconds(_ timestamp: Timestamp) -> Double {
        Double(timestamp.seconds) + Double(timestamp.nanoseconds) / 1_000_000_000
    }

    static func toDecimal(_ frame: UnaryFrame, _ type: SQLType, _ precision: Int, _ scale: Int) throws -> Column {
        let result = frame.makeResult(type)
        switch frame.operand.type {
        case .boolean: decimals(frame, result, UInt8.self, precision, scale)
        case .tinyint: decimals(frame, result, Int8.self, precision, scale)
        case .smallint: decimals(frame, result, Int16.self, precision, scale)
        case .int: decimals(frame, result, Int32.self, precision, scale)
        case .bigint: decimals(frame, result, Int64.self, precision, scale)
        case .float:
            mapValidElements(frame, into: result, Float.self, Int128.self) {
                guard $0.isFinite, $0 != 0 else { return $0 == 0 ? 0 : nil }
                let (digits, exponent) = ShortestDigits.of($0.magnitude)
                return decimal(digits, exponent, $0 < 0, precision, scale)
            }
        case .double:
            mapValidElements(frame, into: result, Double.self, Int128.self) { decimal($0, precision: precision, scale: scale) }
        case .timestamp, .timestampLocalTimeZone:
            // By way of a double, as Hive does it.
            mapValidElements(frame, into: result, Timestamp.self, Int128.self) {
                decimal(seconds($0), precision: precision, scale: scale)
            }
        case .decimal(let fromPrecision, let fromScale):
            if scale >= fromScale, precision - scale >= fromPrecision - fromScale {
                let factor = Decimals.powerOfTen(scale - fromScale)
                mapElements(frame, into: result, Int128.self, Int128.self) { $0 &* factor }
            } else {
                mapValidElements(frame, into: result, Int128.self, Int128.self) {
                    Decimals.rescale($0, from: fromScale, to: scale, precision: precision)
                }
            }
        case .string, .varchar, .char:
            mapValidElements(frame, into: result, StringView.self, Int128.self) {
                let (bytes, length) = TextParsing.trimmed($0.pointer, Int($0.length))
                return TextParsing.decimal(bytes, length, precision: precision, scale: scale)
            }
        default: throw impossible(frame.operand.type, type)
        }
        return result
    }

    private static func decimals<T: FixedWidthInteger & ColumnElement>(
        _ frame: UnaryFrame, _ result: Column, _: T.Type, _ precision: Int, _ scale: Int
    ) {
        let factor = Decimals.powerOfTen(scale)
        let largest = T.bitWidth == 64 ? 19 : T.bitWidth == 32 ? 10 : T.bitWidth == 16 ? 5 : 3
        if precision - scale >= largest {
            mapElements(frame, into: result, T.self, Int128.self) { Int128($0) &* factor }
        } else {
            mapValidElements(frame, into: result, T.self, Int128.self) {
                Decimals.rescale(Int128($0), from: 0, to: scale, precision: precision)
            }
        }
    }

    /// A double's shortest digits as a DECIMAL's unscaled value, rounded half up; nil when it does not fit.
    @inline(__always)
    package static func decimal(_ value: Double, precision: Int, scale: Int) -> Int128? {
        guard value.isFinite else { return nil }
        if value == 0 { return 0 }
        if let (whole, decimals) = NumberFormatter.fewDecimals(value.magnitude) {
            return Decimals.rescale(
                value < 0 ? 0 &- Int128(whole) : Int128(whole), from: decimals, to: scale, precision: precision)
        }
        let (digits, exponent) = ShortestDigits.of(value.magnitude)
        return decimal(digits, exponent, value < 0, precision, scale)
    }

    private static func decimal(
        _ digits: UInt64, _ exponent: Int, _ negative: Bool, _ precision: Int, _ scale: Int
    ) -> Int128? {
        Decimals.make(
            digits: UInt128(digits), exponent: exponent - NumberFormatter.digitCount(digits), negative: negative,
            precision: precision, scale: scale)
    }
}
