import Columnar

extension ParquetLeaf {
    /// What reads the column's values.
    /// - Parameter keepsDictionary: whether columns of strings may be dictionaries.
    func makeValues(keepsDictionary: Bool, memory: ParquetMemory) -> any LeafValues {
        func fixed(_ conversion: some FixedConversion) -> any LeafValues { FixedValues(self, conversion, memory: memory) }
        switch (physical, type) {
        case (.byteArray, .decimal):
            return ConvertedStringValues<Int128>(self, memory: memory) { views, count, target, _ in
                for index in 0..<count {
                    target[index] = BigEndianDecimal.value(UnsafeRawPointer(views[index].pointer), count: views[index].count)
                }
                return BigEndianDecimal.holds(target, count)
            }
        case (.fixedLengthByteArray, .string):
            return ConvertedStringValues<StringView>(self, memory: memory) { views, count, target, heap in
                for index in 0..<count { target[index] = Self.uuidText(views[index], heap) }
                return true
            }
        case (.byteArray, .void), (.fixedLengthByteArray, .void):
            return ConvertedStringValues<UInt8>(self, memory: memory) { _, count, target, _ in
                target.update(repeating: 0, count: count)
                return true
            }
        case (_, .void): return fixed(NoValue(width: physical.width))
        case (.boolean, _): return fixed(SameBits<UInt8>())
        case (.int32, .tinyint): return fixed(IntegerBits<Int32, Int8>())
        case (.int32, .smallint): return fixed(IntegerBits<Int32, Int16>())
        case (.int32, .bigint): return fixed(IntegerBits<UInt32, Int64>())
        case (.int32, .decimal): return fixed(IntegerBits<Int32, Int128>())
        case (.int32, _): return fixed(SameBits<Int32>())
        case (.int64, .decimal):
            if case .integer = logical { return fixed(IntegerBits<UInt64, Int128>()) }
            return fixed(IntegerBits<Int64, Int128>())
        case (.int64, .timestamp), (.int64, .timestampLocalTimeZone):
            switch logical {
            case .timestamp(_, .millis): return fixed(EpochTimestamp<Milliseconds>())
            case .timestamp(_, .nanos): return fixed(EpochTimestamp<Nanoseconds>())
            default: return fixed(EpochTimestamp<Microseconds>())
            }
        case (.int64, _): return fixed(SameBits<Int64>())
        case (.int96, _): return fixed(JulianTimestamp())
        case (.float, _): return fixed(SameBits<Float>())
        case (.double, _): return fixed(SameBits<Double>())
        case (.fixedLengthByteArray, .decimal): return fixed(BigEndianDecimal(width: typeLength))
        case (.fixedLengthByteArray, .float): return fixed(HalfFloat())
        case (.fixedLengthByteArray, _), (.byteArray, _):
            return StringValues(self, keepsDictionary: keepsDictionary, memory: memory)
        }
    }

    /// The bytes of a UUID as 32 digits in five groups.
    private static func uuidText(_ bytes: StringView, _ heap: StringHeap) -> StringView {
        guard bytes.count == 16 else { return StringView() }
        let place = heap.allocate(36)
        var at = 0
        for index in 0..<16 {
            if index == 4 || index == 6 || index == 8 || index == 10 {
                place[at] = UInt8(ascii: "-")
                at += 1
            }
            for digit in [bytes.pointer[index] >> 4, bytes.pointer[index] & 15] {
                place[at] = digit < 10 ? 48 + digit : 87 + digit
                at += 1
            }
        }
        return StringView(place, length: 36)
    }
}

extension ParquetPhysicalType {
    /// Bytes of a plain value; 0 where it is not the same for all columns.
    var width: Int {
        switch self {
        case .boolean: 1
        case .int32, .float: 4
        case .int64, .double: 8
        case .int96: 12
        case .byteArray, .fixedLengthByteArray: 0
        }
    }
}
