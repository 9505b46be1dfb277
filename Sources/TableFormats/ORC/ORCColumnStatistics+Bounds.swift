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
