import Columnar

extension ParquetLeaf {
    /// Hashes of the plain bytes that a value may have in the column, as bloom filters take them; nil where other bytes may be
    /// the same value, or filters have no such values.
    /// - Parameter value: one row of the column's type, not NULL.
    func hashes(of value: Column) -> [UInt64]? {
        guard value.type == type, !value.isNull(0) else { return nil }
        func integer<T: FixedWidthInteger>(_ number: T?) -> [UInt64]? {
            number.map { [Self.hash($0)] }
        }
        func number<T: ColumnElement>(_: T.Type) -> T { value.values(as: T.self)[0] }
        switch (physical, type) {
        case (.int32, .tinyint): return integer(Int32(number(Int8.self)))
        case (.int32, .smallint): return integer(Int32(number(Int16.self)))
        case (.int32, .int), (.int32, .date): return integer(number(Int32.self))
        case (.int32, .bigint): return integer(UInt32(exactly: number(Int64.self)))
        case (.int32, .decimal): return integer(Int32(exactly: number(Int128.self)))
        case (.int64, .bigint): return integer(number(Int64.self))
        case (.int64, .decimal):
            if case .integer = logical { return integer(UInt64(exactly: number(Int128.self))) }
            return integer(Int64(exactly: number(Int128.self)))
        case (.int64, .timestamp), (.int64, .timestampLocalTimeZone):
            let time = number(Timestamp.self)
            switch logical {
            case .timestamp(_, .millis): return integer(Self.units(time, Milliseconds.self))
            case .timestamp(_, .nanos): return integer(Self.units(time, Nanoseconds.self))
            default: return integer(Self.units(time, Microseconds.self))
            }
        case (.float, .float):
            let real = number(Float.self)
            if real.isNaN { return nil }
            return (real == 0 ? [0, -0.0] : [real]).map { Self.hash($0.bitPattern) }
        case (.double, .double):
            let real = number(Double.self)
            if real.isNaN { return nil }
            return (real == 0 ? [0, -0.0] : [real]).map { Self.hash($0.bitPattern) }
        case (.byteArray, .string), (.byteArray, .binary): return [XXHash64.hash(Array(number(StringView.self).bytes))]
        case (.fixedLengthByteArray, .binary):
            let bytes = Array(number(StringView.self).bytes)
            return bytes.count == typeLength ? [XXHash64.hash(bytes)] : nil
        case (.fixedLengthByteArray, .decimal): return Self.bytes(of: number(Int128.self), width: typeLength).map { [XXHash64.hash($0)] }
        // Numbers in BYTE_ARRAY, the time of INT96 and texts made of bytes have more than one form; filters have no BOOLEAN.
        default: return nil
        }
    }

    private static func hash(_ value: some FixedWidthInteger) -> UInt64 {
        withUnsafeBytes(of: value.littleEndian) { XXHash64.hash(Array($0)) }
    }

    /// Nil for a time that the unit cannot say.
    private static func units<Unit: SecondParts>(_ time: Timestamp, _: Unit.Type) -> Int64? {
        let length = Int32(1_000_000_000 / Unit.perSecond)
        let (whole, isTooLarge) = time.seconds.multipliedReportingOverflow(by: Unit.perSecond)
        let (sum, isTooLate) = whole.addingReportingOverflow(Int64(time.nanoseconds / length))
        return isTooLarge || isTooLate || time.nanoseconds % length != 0 ? nil : sum
    }

    /// The highest byte first; nil when there are too few.
    private static func bytes(of unscaled: Int128, width: Int) -> [UInt8]? {
        guard width > 0 else { return nil }
        var bytes = [UInt8](repeating: unscaled < 0 ? 0xFF : 0, count: width)
        var rest = unscaled
        for index in bytes.indices.reversed() {
            bytes[index] = UInt8(truncatingIfNeeded: rest)
            rest >>= 8
        }
        // What is left may only repeat the sign.
        return rest == (unscaled < 0 ? -1 : 0) && (bytes[0] >= 0x80) == (unscaled < 0) ? bytes : nil
    }
}
