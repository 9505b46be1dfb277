import Columnar

extension ColumnBounds {
    /// What an ORC file says of some parts; nil: nothing.
    init(_ statistics: [ORCColumnStatistics?], rowCounts: [Int], type: SQLType) {
        let minimum = ColumnBuilder(type, capacity: statistics.count)
        let maximum = ColumnBuilder(type, capacity: statistics.count)
        for part in statistics {
            Self.append(part?.minimum, type, to: minimum)
            Self.append(part?.maximum, type, to: maximum)
        }
        self.init(
            minimum: minimum.finish(), maximum: maximum.finish(),
            hasNull: zip(statistics, rowCounts).map { part, rows in part?.valueCount.map { $0 < rows } ?? part?.hasNull },
            hasValue: statistics.map { $0?.valueCount.map { $0 > 0 } })
    }

    private static func append(_ bound: ORCColumnStatistics.Bound?, _ type: SQLType, to builder: ColumnBuilder) {
        switch (bound, type.physical) {
        case (.integer(let value), .int8): put(Int8(exactly: value), builder)
        case (.integer(let value), .int16): put(Int16(exactly: value), builder)
        case (.integer(let value), .int32): put(Int32(exactly: value), builder)
        case (.integer(let value), .int64): builder.append(value)
        // A zero may stand for both.
        case (.double(let value), .float): builder.append(Float(value))
        case (.double(let value), .double): builder.append(value)
        case (.bytes(let bytes), .string): bytes.withUnsafeBufferPointer { builder.append(bytes: $0) }
        case (.decimal(let value), .int128): builder.append(value)
        case (.day(let value), .int32): builder.append(value)
        case (.timestamp(let value), .timestamp): builder.append(value)
        default: builder.appendNull()
        }
    }

    private static func put<T: ColumnElement>(_ value: T?, _ builder: ColumnBuilder) {
        if let value { builder.append(value) } else { builder.appendNull() }
    }
}

extension ColumnPredicate {
    /// The values of which a row has to have one, as an ORC file has them; nil when others may do too.
    func requiredBounds(stored: SQLType, tableType: SQLType) throws -> [ORCColumnStatistics.Bound]? {
        guard let constants = try requiredValues(stored: stored, tableType: tableType) else { return nil }
        let values = constants.compactMap { ORCColumnStatistics.Bound($0) }
        return values.count == constants.count ? values : nil
    }
}

extension ORCColumnStatistics.Bound {
    /// The value of a constant; nil for one of a type that has no bounds.
    fileprivate init?(_ constant: Column) {
        switch constant.type {
        case .tinyint: self = .integer(Int64(constant.values(as: Int8.self)[0]))
        case .smallint: self = .integer(Int64(constant.values(as: Int16.self)[0]))
        case .int: self = .integer(Int64(constant.values(as: Int32.self)[0]))
        case .bigint: self = .integer(constant.values(as: Int64.self)[0])
        case .float: self = .double(Double(constant.values(as: Float.self)[0]))
        case .double: self = .double(constant.values(as: Double.self)[0])
        case .string, .varchar: self = .bytes(Array(constant.values(as: StringView.self)[0].bytes))
        case .decimal: self = .decimal(constant.values(as: Int128.self)[0])
        case .date: self = .day(constant.values(as: Int32.self)[0])
        case .timestamp: self = .timestamp(constant.values(as: Timestamp.self)[0])
        default: return nil
        }
    }
}
