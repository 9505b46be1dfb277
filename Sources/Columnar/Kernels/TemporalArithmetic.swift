/// Sums and differences of dates, timestamps and intervals.
enum TemporalArithmetic {
    static func resultType(_ operation: ArithmeticOperator, _ left: SQLType, _ right: SQLType) -> SQLType? {
        guard operation == .add || operation == .subtract else { return nil }
        switch (left, right) {
        case (.intervalYearMonth, .intervalYearMonth): return .intervalYearMonth
        case (.intervalDayTime, .intervalDayTime): return .intervalDayTime
        case (.date, .intervalYearMonth): return .date
        case (.date, .intervalDayTime), (.timestamp, .intervalYearMonth), (.timestamp, .intervalDayTime):
            return .timestamp
        case (.timestampLocalTimeZone, .intervalYearMonth), (.timestampLocalTimeZone, .intervalDayTime):
            return .timestampLocalTimeZone
        case (.date, .date), (.date, .timestamp), (.timestamp, .date), (.timestamp, .timestamp):
            return operation == .subtract ? .intervalDayTime : nil
        case (.intervalYearMonth, .date), (.intervalYearMonth, .timestamp), (.intervalDayTime, .date),
            (.intervalDayTime, .timestamp), (.intervalYearMonth, .timestampLocalTimeZone),
            (.intervalDayTime, .timestampLocalTimeZone):
            return operation == .add ? resultType(operation, right, left) : nil
        // A string or NULL beside an interval is taken as a timestamp, beside a date or timestamp as the same.
        case (.void, _) where Arithmetic.isTemporal(right): return resultType(operation, .timestamp, right)
        case (_, .void) where Arithmetic.isTemporal(left): return resultType(operation, left, .timestamp)
        default: return nil
        }
    }

    static func apply(
        _ operation: ArithmeticOperator, _ left: Column, _ right: Column, resultType: SQLType,
        rows: RowSelection, count: Int
    ) throws -> Column {
        guard operation == .add || operation == .subtract else {
            throw Arithmetic.unsupported(operation, left.type, right.type)
        }
        if left.type == .void || right.type == .void { return .nulls(resultType, count: count) }
        if isInterval(left.type), !isInterval(right.type) {
            guard operation == .add else { throw Arithmetic.unsupported(operation, left.type, right.type) }
            return try apply(operation, right, left, resultType: resultType, rows: rows, count: count)
        }
        let isAddition = operation == .add
        switch (left.type, right.type) {
        case (.intervalYearMonth, .intervalYearMonth):
            let frame = BinaryFrame(left, right, rows, count)
            let result = frame.makeResult(.intervalYearMonth)
            mapValidElements(frame, into: result, Int32.self, Int32.self, Int32.self) {
                let (months, overflow) = isAddition ? $0.addingReportingOverflow($1) : $0.subtractingReportingOverflow($1)
                return overflow ? nil : months
            }
            return result
        case (.date, .intervalYearMonth):
            let frame = BinaryFrame(left, right, rows, count)
            let result = frame.makeResult(.date)
            mapValidElements(frame, into: result, Int32.self, Int32.self, Int32.self) { day, months in
                CivilDate.adding(months: isAddition ? Int(months) : -Int(months), toDay: day)
            }
            return result
        case (.timestamp, .intervalYearMonth), (.timestampLocalTimeZone, .intervalYearMonth):
            let frame = BinaryFrame(left, right, rows, count)
            let result = frame.makeResult(left.type)
            mapValidElements(frame, into: result, Timestamp.self, Int32.self, Timestamp.self) { instant, months in
                let (day, second) = CivilDate.split(instant.seconds)
                return CivilDate.adding(months: isAddition ? Int(months) : -Int(months), toDay: day).map {
                    Timestamp(seconds: Int64($0) &* 86_400 &+ Int64(second), nanoseconds: instant.nanoseconds)
                }
            }
            return result
        default:
            let instant: SQLType = left.type == .intervalDayTime ? .intervalDayTime : .timestamp
            let frame = BinaryFrame(
                try asTimestamp(left, rows, count), try asTimestamp(right, rows, count), rows, count)
            let type: SQLType =
                if left.type == .timestampLocalTimeZone, isInterval(right.type) { left.type }
                else if isInterval(right.type) { instant }
                else { .intervalDayTime }
            let result = frame.makeResult(type)
            let isInterval = type == .intervalDayTime
            mapValidElements(frame, into: result, Timestamp.self, Timestamp.self, Timestamp.self) {
                // No interval is as long as the shortest one, which has no opposite.
                if !isAddition, $1.seconds == .min { return nil }
                return sum($0, isAddition ? $1 : negated($1)).flatMap { isInterval || $0.isInRange ? $0 : nil }
            }
            return result
        }
    }

    private static func asTimestamp(_ column: Column, _ rows: RowSelection, _ count: Int) throws -> Column {
        switch column.type {
        case .timestamp, .timestampLocalTimeZone, .intervalDayTime: column
        default: try Cast.apply(column, to: .timestamp, rows: rows, count: count)
        }
    }

    private static func isInterval(_ type: SQLType) -> Bool { type == .intervalYearMonth || type == .intervalDayTime }

    @inline(__always)
    static func negated(_ value: Timestamp) -> Timestamp {
        value.nanoseconds == 0
            ? Timestamp(seconds: 0 &- value.seconds)
            : Timestamp(seconds: -1 &- value.seconds, nanoseconds: 1_000_000_000 &- value.nanoseconds)
    }

    /// nil for more than 64 bits of seconds.
    @inline(__always)
    static func sum(_ left: Timestamp, _ right: Timestamp) -> Timestamp? {
        let nanoseconds = left.nanoseconds &+ right.nanoseconds
        let carry = nanoseconds >= 1_000_000_000
        let (seconds, overflow) = left.seconds.addingReportingOverflow(right.seconds)
        guard !overflow, !carry || seconds < .max else { return nil }
        return Timestamp(
            seconds: seconds &+ (carry ? 1 : 0), nanoseconds: carry ? nanoseconds &- 1_000_000_000 : nanoseconds)
    }
}
