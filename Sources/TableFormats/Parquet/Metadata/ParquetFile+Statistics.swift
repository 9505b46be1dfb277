import Columnar

/// What the footer says of a stored column, a row for each row group.
package struct ParquetColumnStatistics {
    /// Bounds of the values that are not NULL, of the column's type; NULL where the footer has none that can be trusted.
    package let minimum: Column
    package let maximum: Column
    /// Whether the bounds are values of the column, and not just bounds: those of floating-point columns leave out NaN,
    /// those of strings may be cut.
    package let areExact: [Bool]
    package let nullCounts: [Int?]
    /// Values and NULLs.
    package let valueCounts: [Int]
}

extension ParquetFile {
    /// - Parameter leaf: ordinal in `schema.leaves`; of a column that is no structure, array or map its only one.
    package func statistics(ofLeaf leaf: Int) -> ParquetColumnStatistics {
        let column = schema.leaves[leaf]
        let minimum = ColumnBuilder(column.type, capacity: rowGroupCount)
        let maximum = ColumnBuilder(column.type, capacity: rowGroupCount)
        var areExact: [Bool] = []
        var nullCounts: [Int?] = []
        var valueCounts: [Int] = []
        let isOrdered = metadata.typeDefinedOrders.indices.contains(leaf) && metadata.typeDefinedOrders[leaf]
        for group in metadata.rowGroups {
            let chunk = group.columns[leaf]
            let statistics = chunk.statistics
            let (low, high) = statistics.map { column.bounds($0, isOrdered: isOrdered) } ?? (nil, nil)
            let isRead = column.append(low, to: minimum, isUpper: false)
            let isBounded = column.append(high, to: maximum, isUpper: true)
            areExact.append(isRead && isBounded && column.hasExactBounds(statistics))
            nullCounts.append(statistics?.nullCount.flatMap { 0...max(chunk.valueCount, 0) ~= $0 ? $0 : nil })
            valueCounts.append(chunk.valueCount)
        }
        return ParquetColumnStatistics(
            minimum: minimum.finish(), maximum: maximum.finish(), areExact: areExact, nullCounts: nullCounts,
            valueCounts: valueCounts)
    }
}

extension ParquetFile {
    /// What the footer says of a column in some row groups; nil: nothing.
    func exactBounds(ofColumn column: Int, in groups: [Int]) -> ExactBounds? {
        guard case .leaf(let leaf) = schema.columns[column].kind else { return nil }
        let known = statistics(ofLeaf: leaf)
        let isRequired = schema.leaves[leaf].maximumDefinition == 0
        let chosen = groups.map { Int32(truncatingIfNeeded: $0) }
        let counts = groups.map { group -> Int? in
            // Values and NULLs of a column that is no list are the rows.
            guard known.valueCounts[group] == rowCount(ofRowGroup: group) else { return nil }
            return isRequired ? known.valueCounts[group] : known.nullCounts[group].map { known.valueCounts[group] - $0 }
        }
        return ExactBounds(
            bounds: ColumnBounds(
                minimum: known.minimum.pickingRows(chosen), maximum: known.maximum.pickingRows(chosen),
                hasNull: groups.map { _ in nil }, hasValue: groups.map { _ in nil }),
            areExact: groups.map { known.areExact[$0] && known.valueCounts[$0] == rowCount(ofRowGroup: $0) },
            valueCounts: counts)
    }
}

extension ParquetLeaf {
    /// The bytes of the bounds, if their order is the type's. The older fields were ordered as signed values: they are of
    /// use for numbers whose plain bytes are just that.
    func bounds(_ statistics: ParquetStatistics, isOrdered: Bool) -> ([UInt8]?, [UInt8]?) {
        let isSignedNumber: Bool
        switch (physical, type) {
        case (.int96, _), (_, .void): return (nil, nil)
        case (.int32, .bigint), (.int64, .decimal(20, 0)): isSignedNumber = false
        case (.int32, .smallint), (.int32, .int):
            if case .integer(_, false) = logical { isSignedNumber = false } else { isSignedNumber = true }
        case (.int32, _), (.int64, _), (.float, _), (.double, _), (.boolean, _): isSignedNumber = true
        case (.byteArray, _), (.fixedLengthByteArray, _): isSignedNumber = false
        }
        if isOrdered || isSignedNumber, statistics.minimum != nil || statistics.maximum != nil {
            return (statistics.minimum, statistics.maximum)
        }
        return isSignedNumber ? (statistics.oldMinimum, statistics.oldMaximum) : (nil, nil)
    }

    fileprivate func hasExactBounds(_ statistics: ParquetStatistics?) -> Bool {
        switch type {
        case .float, .double: false
        case .string, .varchar, .char, .binary: statistics?.isMinimumExact == true && statistics?.isMaximumExact == true
        default: statistics?.isMinimumExact != false && statistics?.isMaximumExact != false
        }
    }

    /// Appends a bound, or NULL when there is none. Returns whether there is.
    func append(_ bytes: [UInt8]?, to builder: ColumnBuilder, isUpper: Bool) -> Bool {
        guard let bytes, append(bytes, to: builder, isUpper: isUpper) else {
            builder.appendNull()
            return false
        }
        return true
    }

    private func append(_ bytes: [UInt8], to builder: ColumnBuilder, isUpper: Bool) -> Bool {
        func number<Conversion: FixedConversion>(_ conversion: Conversion) -> Conversion.Target? {
            guard bytes.count == conversion.width else { return nil }
            let value = bytes.withUnsafeBytes { $0.baseAddress.map(conversion.convert) }
            return value.flatMap { value in withUnsafePointer(to: value) { conversion.holds($0, 1) } ? value : nil }
        }
        func put<T: ColumnElement>(_ value: T?) -> Bool {
            guard let value else { return false }
            builder.append(value)
            return true
        }
        /// NaN bounds nothing; a zero may stand for both.
        func real<T: ColumnElement & BinaryFloatingPoint>(_ value: T?) -> Bool {
            guard let value, !value.isNaN else { return false }
            return put(value == 0 ? (isUpper ? 0 : -0.0) : value)
        }
        switch (physical, type) {
        case (.boolean, _): return bytes.count == 1 && bytes[0] <= 1 && put(bytes[0])
        case (.int32, .tinyint): return put(number(IntegerBits<Int32, Int8>()))
        case (.int32, .smallint): return put(number(IntegerBits<Int32, Int16>()))
        case (.int32, .bigint): return put(number(IntegerBits<UInt32, Int64>()))
        case (.int32, .decimal): return put(number(IntegerBits<Int32, Int128>()))
        case (.int32, .int), (.int32, .date): return put(number(SameBits<Int32>()))
        case (.int64, .decimal):
            if case .integer = logical { return put(number(IntegerBits<UInt64, Int128>())) }
            return put(number(IntegerBits<Int64, Int128>()))
        case (.int64, .bigint): return put(number(SameBits<Int64>()))
        case (.int64, .timestamp), (.int64, .timestampLocalTimeZone):
            switch logical {
            case .timestamp(_, .millis): return put(number(EpochTimestamp<Milliseconds>()))
            case .timestamp(_, .nanos): return put(number(EpochTimestamp<Nanoseconds>()))
            default: return put(number(EpochTimestamp<Microseconds>()))
            }
        case (.float, .float): return real(number(SameBits<Float>()))
        case (.double, .double): return real(number(SameBits<Double>()))
        case (.fixedLengthByteArray, .float): return real(number(HalfFloat()))
        case (.fixedLengthByteArray, .decimal), (.byteArray, .decimal):
            guard !bytes.isEmpty else { return false }
            return put(number(BigEndianDecimal(width: bytes.count)))
        case (.byteArray, .string), (.byteArray, .binary), (.fixedLengthByteArray, .binary):
            bytes.withUnsafeBufferPointer { builder.append(bytes: $0) }
            return true
        default: return false
        }
    }
}
