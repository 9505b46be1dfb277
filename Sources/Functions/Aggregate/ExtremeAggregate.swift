import Columnar

/// The order of floating point that Java's `compare` gives: -0.0 before 0.0, NaN after all else.
enum FloatingOrder {
    @inline(__always)
    static func precedes(_ left: Double, _ right: Double) -> Bool {
        if left < right { return true }
        if left > right { return false }
        if left == right { return left.sign == .minus && right.sign == .plus && left == 0 }
        return !left.isNaN && right.isNaN
    }
}

/// MIN or MAX of fixed-size values. Narrow types are widened in the state: integers to 64 bits, FLOAT to DOUBLE.
final class IntegerExtremeAccumulator: FixedStateAccumulator {
    struct State: BitwiseCopyable {
        var value: Int64 = 0
        var isPresent = false
    }

    let storage = StateStorage(empty: State())
    private let type: SQLType
    private let isMaximum: Bool

    init(_ type: SQLType, isMaximum: Bool) {
        self.type = type
        self.isMaximum = isMaximum
    }

    @inline(__always)
    private static func fold(_ state: inout State, _ value: Int64, isMaximum: Bool) {
        if !state.isPresent || (isMaximum ? value > state.value : value < state.value) {
            state = State(value: value, isPresent: true)
        }
    }

    func combine(_ state: inout State, _ addition: State) {
        if addition.isPresent { Self.fold(&state, addition.value, isMaximum: isMaximum) }
    }

    @inline(__always)
    private func fold<T: FixedWidthInteger & ColumnElement>(
        _: T.Type, _ column: Column, _ rows: RowSelection, _ groups: UnsafePointer<Int32>
    ) {
        if isMaximum {
            foldGroups(T.self, column, rows, groups, states) {
                Self.fold(&$0, Int64(truncatingIfNeeded: $1), isMaximum: true)
            }
        } else {
            foldGroups(T.self, column, rows, groups, states) {
                Self.fold(&$0, Int64(truncatingIfNeeded: $1), isMaximum: false)
            }
        }
    }

    @inline(__always)
    private func fold<T: FixedWidthInteger & ColumnElement>(
        _: T.Type, _ column: Column, _ rows: RowSelection, _ group: Int
    ) {
        guard validCount(column, rows) > 0 else { return }
        if isMaximum {
            var best = T.min
            foldOne(T.self, column, rows, &best) { $0 = max($0, $1) }
            Self.fold(&states[group], Int64(truncatingIfNeeded: best), isMaximum: true)
        } else {
            var best = T.max
            foldOne(T.self, column, rows, &best) { $0 = min($0, $1) }
            Self.fold(&states[group], Int64(truncatingIfNeeded: best), isMaximum: false)
        }
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        let column = arguments[0]
        switch column.type.physical {
        case .boolean: fold(UInt8.self, column, rows, groups)
        case .int8: fold(Int8.self, column, rows, groups)
        case .int16: fold(Int16.self, column, rows, groups)
        case .int32: fold(Int32.self, column, rows, groups)
        default: fold(Int64.self, column, rows, groups)
        }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        let column = arguments[0]
        switch column.type.physical {
        case .boolean: fold(UInt8.self, column, rows, group)
        case .int8: fold(Int8.self, column, rows, group)
        case .int16: fold(Int16.self, column, rows, group)
        case .int32: fold(Int32.self, column, rows, group)
        default: fold(Int64.self, column, rows, group)
        }
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let states = states
        @inline(__always) func results<T: FixedWidthInteger & ColumnElement>(_: T.Type) -> Column {
            .results(type, groups) { states[$0].isPresent ? T(truncatingIfNeeded: states[$0].value) : nil }
        }
        return switch type.physical {
        case .boolean: results(UInt8.self)
        case .int8: results(Int8.self)
        case .int16: results(Int16.self)
        case .int32: results(Int32.self)
        default: results(Int64.self)
        }
    }
}

final class DoubleExtremeAccumulator: FixedStateAccumulator {
    struct State: BitwiseCopyable {
        var value = 0.0
        var isPresent = false
    }

    let storage = StateStorage(empty: State())
    private let type: SQLType
    private let isMaximum: Bool

    init(_ type: SQLType, isMaximum: Bool) {
        self.type = type
        self.isMaximum = isMaximum
    }

    @inline(__always)
    private static func fold(_ state: inout State, _ value: Double, isMaximum: Bool) {
        // Most values lose against what is there.
        if state.isPresent, isMaximum ? value < state.value : value > state.value { return }
        let isBetter =
            isMaximum ? FloatingOrder.precedes(state.value, value) : FloatingOrder.precedes(value, state.value)
        if isBetter || !state.isPresent { state = State(value: value, isPresent: true) }
    }

    func combine(_ state: inout State, _ addition: State) {
        if addition.isPresent { Self.fold(&state, addition.value, isMaximum: isMaximum) }
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        let column = arguments[0]
        switch (column.type.physical, isMaximum) {
        case (.float, true):
            foldGroups(Float.self, column, rows, groups, states) { Self.fold(&$0, Double($1), isMaximum: true) }
        case (.float, false):
            foldGroups(Float.self, column, rows, groups, states) { Self.fold(&$0, Double($1), isMaximum: false) }
        case (_, true):
            foldGroups(Double.self, column, rows, groups, states) { Self.fold(&$0, $1, isMaximum: true) }
        case (_, false):
            foldGroups(Double.self, column, rows, groups, states) { Self.fold(&$0, $1, isMaximum: false) }
        }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        let column = arguments[0]
        switch (column.type.physical, isMaximum) {
        case (.float, true):
            foldOne(Float.self, column, rows, &states[group]) { Self.fold(&$0, Double($1), isMaximum: true) }
        case (.float, false):
            foldOne(Float.self, column, rows, &states[group]) { Self.fold(&$0, Double($1), isMaximum: false) }
        case (_, true): foldOne(Double.self, column, rows, &states[group]) { Self.fold(&$0, $1, isMaximum: true) }
        case (_, false): foldOne(Double.self, column, rows, &states[group]) { Self.fold(&$0, $1, isMaximum: false) }
        }
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let states = states
        if type.physical == .float {
            return .results(type, groups) { states[$0].isPresent ? Float(states[$0].value) : nil }
        }
        return .results(type, groups) { states[$0].isPresent ? states[$0].value : nil }
    }
}

/// MIN or MAX of values that compare as they are stored: DECIMAL of one scale, TIMESTAMP.
final class OrderedExtremeAccumulator<Element: ColumnElement & Comparable & BitwiseCopyable>: FixedStateAccumulator {
    struct State: BitwiseCopyable {
        var value: Element
        var isPresent = false
    }

    let storage = StateStorage(empty: State(value: .placeholder))
    private let type: SQLType
    private let isMaximum: Bool

    init(_ type: SQLType, isMaximum: Bool) {
        self.type = type
        self.isMaximum = isMaximum
    }

    @inline(__always)
    private static func fold(_ state: inout State, _ value: Element, isMaximum: Bool) {
        if !state.isPresent || (isMaximum ? state.value < value : value < state.value) {
            state = State(value: value, isPresent: true)
        }
    }

    func combine(_ state: inout State, _ addition: State) {
        if addition.isPresent { Self.fold(&state, addition.value, isMaximum: isMaximum) }
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        let isMaximum = isMaximum
        foldGroups(Element.self, arguments[0], rows, groups, states) { Self.fold(&$0, $1, isMaximum: isMaximum) }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        let isMaximum = isMaximum
        foldOne(Element.self, arguments[0], rows, &states[group]) { Self.fold(&$0, $1, isMaximum: isMaximum) }
    }

    package func finish(_ groups: Range<Int>) -> Column {
        let states = states
        return .results(type, groups) { states[$0].isPresent ? states[$0].value : nil }
    }
}

private func resolveExtreme(_ call: FunctionCall, isMaximum: Bool) throws -> ResolvedAggregate {
    guard call.count == 1 else { throw FunctionError(.argumentCount, "Exactly one argument is expected.") }
    let type = call.argumentTypes[0] == .void ? SQLType.string : call.argumentTypes[0]
    let make: @Sendable (EvaluationContext) -> any Accumulator
    switch type.physical {
    case .boolean, .int8, .int16, .int32, .int64: make = { _ in IntegerExtremeAccumulator(type, isMaximum: isMaximum) }
    case .float, .double: make = { _ in DoubleExtremeAccumulator(type, isMaximum: isMaximum) }
    case .int128: make = { _ in OrderedExtremeAccumulator<Int128>(type, isMaximum: isMaximum) }
    case .timestamp: make = { _ in OrderedExtremeAccumulator<Timestamp>(type, isMaximum: isMaximum) }
    case .string: make = { _ in StringExtremeAccumulator(type, isMaximum: isMaximum) }
    case .list, .structure, .union:
        guard type.isOrdered else {
            throw FunctionError(
                .argumentType(0), "Cannot support comparison of map<> type or complex type containing map<>.")
        }
        make = { _ in NestedExtremeAccumulator(type, isMaximum: isMaximum) }
    }
    return ResolvedAggregate(argumentTypes: [type], resultType: type, makeAccumulator: make)
}

let minimumFunction = AggregateFunction(
    "min",
    documentation: FunctionDocumentation(
        "_FUNC_(expr) - Returns the smallest value of expr", extended: "Example:\n  > SELECT _FUNC_(fare) FROM trips;"),
    isDistinctSensitive: false, resolve: { try resolveExtreme($0, isMaximum: false) })

let maximumFunction = AggregateFunction(
    "max",
    documentation: FunctionDocumentation(
        "_FUNC_(expr) - Returns the greatest value of expr", extended: "Example:\n  > SELECT _FUNC_(fare) FROM trips;"),
    isDistinctSensitive: false, resolve: { try resolveExtreme($0, isMaximum: true) })
