import Columnar

/// Sum of integers, which wraps at 64 bits as Java's long does.
final class IntegerSumAccumulator: FixedStateAccumulator {
    struct State: BitwiseCopyable {
        var sum: Int64 = 0
        var isPresent = false
    }

    let storage = StateStorage(empty: State())

    func combine(_ state: inout State, _ addition: State) {
        state.sum &+= addition.sum
        state.isPresent = state.isPresent || addition.isPresent
    }

    @inline(__always)
    private func add<T: FixedWidthInteger & ColumnElement>(
        _: T.Type, _ column: Column, _ rows: RowSelection, _ groups: UnsafePointer<Int32>
    ) {
        foldGroups(T.self, column, rows, groups, states) { state, value in
            state.sum &+= Int64(truncatingIfNeeded: value)
            state.isPresent = true
        }
    }

    @inline(__always)
    private func add<T: FixedWidthInteger & ColumnElement>(
        _: T.Type, _ column: Column, _ rows: RowSelection, _ group: Int
    ) {
        guard validCount(column, rows) > 0 else { return }
        var sum: Int64 = 0
        foldOne(T.self, column, rows, &sum) { $0 &+= Int64(truncatingIfNeeded: $1) }
        states[group].sum &+= sum
        states[group].isPresent = true
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        let column = arguments[0]
        switch column.type.physical {
        case .int8: add(Int8.self, column, rows, groups)
        case .int16: add(Int16.self, column, rows, groups)
        case .int32: add(Int32.self, column, rows, groups)
        default: add(Int64.self, column, rows, groups)
        }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        let column = arguments[0]
        switch column.type.physical {
        case .int8: add(Int8.self, column, rows, group)
        case .int16: add(Int16.self, column, rows, group)
        case .int32: add(Int32.self, column, rows, group)
        default: add(Int64.self, column, rows, group)
        }
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let states = states
        return .results(.bigint, groups) { states[$0].isPresent ? states[$0].sum : nil }
    }
}

/// Sum or average of doubles, by plain addition in row order as Hive has it. Text that is no number counts as zero.
final class DoubleSumAccumulator: FixedStateAccumulator {
    struct State: BitwiseCopyable {
        var sum = 0.0
        var count: Int64 = 0
    }

    let storage = StateStorage(empty: State())
    private let isAverage: Bool

    init(isAverage: Bool) { self.isAverage = isAverage }

    func combine(_ state: inout State, _ addition: State) {
        state.sum += addition.sum
        state.count &+= addition.count
    }

    @inline(__always)
    private func add<T: ColumnElement>(
        _: T.Type, _ column: Column, _ rows: RowSelection, _ groups: UnsafePointer<Int32>, _ widen: (T) -> Double
    ) {
        foldGroups(T.self, column, rows, groups, states) { state, value in
            state.sum += widen(value)
            state.count &+= 1
        }
    }

    @inline(__always)
    private func add<T: ColumnElement>(
        _: T.Type, _ column: Column, _ rows: RowSelection, _ group: Int, _ widen: (T) -> Double
    ) {
        var sum = states[group].sum
        foldOne(T.self, column, rows, &sum) { $0 += widen($1) }
        states[group].sum = sum
        states[group].count &+= Int64(validCount(column, rows))
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) throws {
        let column = arguments[0]
        switch column.type.physical {
        case .double: add(Double.self, column, rows, groups) { $0 }
        case .float: add(Float.self, column, rows, groups) { Double($0) }
        case .int8: add(Int8.self, column, rows, groups) { Double($0) }
        case .int16: add(Int16.self, column, rows, groups) { Double($0) }
        case .int32: add(Int32.self, column, rows, groups) { Double($0) }
        case .int64: add(Int64.self, column, rows, groups) { Double($0) }
        case .string: add(StringView.self, column, rows, groups) { TextParsing.double($0.pointer, $0.count) ?? 0 }
        default: throw AccumulatorMismatch.error
        }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) throws {
        let column = arguments[0]
        switch column.type.physical {
        case .double: add(Double.self, column, rows, group) { $0 }
        case .float: add(Float.self, column, rows, group) { Double($0) }
        case .int8: add(Int8.self, column, rows, group) { Double($0) }
        case .int16: add(Int16.self, column, rows, group) { Double($0) }
        case .int32: add(Int32.self, column, rows, group) { Double($0) }
        case .int64: add(Int64.self, column, rows, group) { Double($0) }
        case .string: add(StringView.self, column, rows, group) { TextParsing.double($0.pointer, $0.count) ?? 0 }
        default: throw AccumulatorMismatch.error
        }
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let states = states
        let isAverage = isAverage
        return .results(.double, groups) { group -> Double? in
            guard states[group].count > 0 else { return nil }
            return isAverage ? states[group].sum / Double(states[group].count) : states[group].sum
        }
    }
}

/// Sum or average of decimals of one scale. A sum that no DECIMAL(38) holds makes the result NULL.
final class DecimalSumAccumulator: FixedStateAccumulator {
    struct State: BitwiseCopyable {
        var sum: Int128 = 0
        var count: Int64 = 0
        var isOverflow = false
    }

    let storage = StateStorage(empty: State())
    private let resultType: SQLType
    private let isAverage: Bool
    private let scale: Int

    /// `scale` is the arguments' scale.
    init(resultType: SQLType, scale: Int, isAverage: Bool) {
        self.resultType = resultType
        self.scale = scale
        self.isAverage = isAverage
    }

    @inline(__always)
    private static func add(_ state: inout State, _ value: Int128) {
        let (sum, overflow) = state.sum.addingReportingOverflow(value)
        state.sum = sum
        state.isOverflow = state.isOverflow || overflow
        state.count &+= 1
    }

    func combine(_ state: inout State, _ addition: State) {
        let count = state.count &+ addition.count
        Self.add(&state, addition.sum)
        state.count = count
        state.isOverflow = state.isOverflow || addition.isOverflow
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        foldGroups(Int128.self, arguments[0], rows, groups, states) { Self.add(&$0, $1) }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        foldOne(Int128.self, arguments[0], rows, &states[group]) { Self.add(&$0, $1) }
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let states = states
        guard case .decimal(let precision, let resultScale) = resultType else {
            return .nulls(resultType, count: groups.count)
        }
        let limit = DecimalPowers.tenTo(precision)
        let isAverage = isAverage
        let up = DecimalPowers.tenTo(max(resultScale - scale, 0))
        let down = DecimalPowers.tenTo(max(scale - resultScale, 0))
        return .results(resultType, groups) { group -> Int128? in
            let state = states[group]
            guard state.count > 0, !state.isOverflow else { return nil }
            var value = state.sum
            if isAverage {
                let (scaled, overflow) = value.multipliedReportingOverflow(by: up)
                if overflow {
                    // The digits that do not fit are cut, as a 38-digit quotient would.
                    value = DecimalPowers.dividedHalfUp(value, by: Int128(state.count))
                    let (again, stillOverflow) = value.multipliedReportingOverflow(by: up)
                    guard !stillOverflow else { return nil }
                    value = again
                } else {
                    value = DecimalPowers.dividedHalfUp(scaled, by: Int128(state.count) * down)
                }
            }
            return value.magnitude < limit.magnitude ? value : nil
        }
    }
}

/// Powers of ten and rounding of unscaled decimals.
enum DecimalPowers {
    private static let table: [Int128] = (0...38).map { exponent in
        (0..<exponent).reduce(Int128(1)) { power, _ in power * 10 }
    }

    /// 10^exponent for 0…38; the nearest end outside.
    static func tenTo(_ exponent: Int) -> Int128 { table[min(max(exponent, 0), 38)] }

    /// The quotient rounded to the nearest integer, halves away from zero. `divisor` is positive.
    static func dividedHalfUp(_ value: Int128, by divisor: Int128) -> Int128 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        guard remainder.magnitude >= divisor.magnitude - remainder.magnitude else { return quotient }
        return value < 0 ? quotient - 1 : quotient + 1
    }
}

extension FunctionCall {
    /// The type in which `sum`, `avg`, `variance` … add an argument; throws for what is no number.
    func numericAggregateType() throws -> SQLType {
        guard count == 1 else {
            throw FunctionError(.argumentCount, "Exactly one argument is expected.")
        }
        switch argumentTypes[0] {
        case .tinyint, .smallint, .int, .bigint, .decimal, .double, .float: return argumentTypes[0]
        case .string, .varchar, .char, .timestamp, .timestampLocalTimeZone, .void: return .double
        case let type:
            throw FunctionError(
                .argumentType(0),
                type.isPrimitive
                    ? "Only numeric or string type arguments are accepted but \(type) is passed."
                    : "Only primitive type arguments are accepted but \(type) is passed.")
        }
    }
}

let sumFunction = AggregateFunction(
    "sum",
    documentation: FunctionDocumentation(
        "_FUNC_(x) - Returns the sum of a set of numbers",
        extended: "Integers give BIGINT, DECIMAL(p,s) gives DECIMAL(p+10,s), all else DOUBLE.\n"
            + "Example:\n  > SELECT _FUNC_(fare) FROM trips;"),
    traits: AggregateTraits(slidingForm: .sum),
    resolve: { call in
        let type = try call.numericAggregateType()
        switch type {
        case .tinyint, .smallint, .int, .bigint:
            return ResolvedAggregate(argumentTypes: [type], resultType: .bigint) { _ in IntegerSumAccumulator() }
        case .decimal(let precision, let scale):
            let result = SQLType.decimal(precision: min(38, precision + 10), scale: scale)
            return ResolvedAggregate(argumentTypes: [type], resultType: result) { _ in
                DecimalSumAccumulator(resultType: result, scale: scale, isAverage: false)
            }
        case .double where call.argumentTypes[0].isCharacter:
            return ResolvedAggregate(argumentTypes: [.string], resultType: .double) { _ in
                DoubleSumAccumulator(isAverage: false)
            }
        default:
            return ResolvedAggregate(argumentTypes: [type], resultType: .double) { _ in
                DoubleSumAccumulator(isAverage: false)
            }
        }
    })

let averageFunction = AggregateFunction(
    "avg", "mean",
    documentation: FunctionDocumentation(
        "_FUNC_(x) - Returns the mean of a set of numbers",
        extended: "DECIMAL(p,s) gives DECIMAL(p+4,s+4), all else DOUBLE.\n"
            + "Example:\n  > SELECT _FUNC_(fare) FROM trips;"),
    traits: AggregateTraits(slidingForm: .average),
    resolve: { call in
        let type = try call.numericAggregateType()
        guard case .decimal(let precision, let scale) = type else {
            return ResolvedAggregate(argumentTypes: [type], resultType: .double) { _ in
                DoubleSumAccumulator(isAverage: true)
            }
        }
        // Whole digits are kept, and four more of the fraction as far as 38 digits go.
        let whole = precision - scale
        let places = min(scale + 4, 38 - whole)
        let result = SQLType.decimal(precision: whole + places, scale: places)
        return ResolvedAggregate(argumentTypes: [type], resultType: result) { _ in
            DecimalSumAccumulator(resultType: result, scale: scale, isAverage: true)
        }
    })
