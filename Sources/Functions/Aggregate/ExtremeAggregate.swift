import Columnar

/// A value of which MIN and MAX choose one.
protocol ExtremeValue: BitwiseCopyable, ColumnElement {
    static func precedes(_ left: Self, _ right: Self) -> Bool
}

extension ExtremeValue where Self: Comparable {
    @inline(__always)
    static func precedes(_ left: Self, _ right: Self) -> Bool { left < right }
}

extension Int64: ExtremeValue {}
extension Int128: ExtremeValue {}
extension Timestamp: ExtremeValue {}

extension Double: ExtremeValue {
    /// The order that Java's `compare` gives: -0.0 before 0.0, NaN after all else.
    @inline(__always)
    static func precedes(_ left: Double, _ right: Double) -> Bool {
        if left < right { return true }
        if left > right { return false }
        if left == right { return left.sign == .minus && right.sign == .plus && left == 0 }
        return !left.isNaN && right.isNaN
    }
}

/// The best value of a group so far.
struct ExtremeState<Value: ExtremeValue>: BitwiseCopyable {
    private(set) var value = Value.placeholder
    private(set) var isPresent = false

    @inline(__always)
    mutating func fold(_ candidate: Value, isMaximum: Bool) {
        if !isPresent || (isMaximum ? Value.precedes(value, candidate) : Value.precedes(candidate, value)) {
            value = candidate
            isPresent = true
        }
    }
}

/// MIN or MAX of values of fixed size; narrow ones are widened in the state. A conforming class names its column types,
/// so that the loops here are specialized for each.
protocol ExtremeAccumulator: FixedStateAccumulator where State == ExtremeState<Value> {
    associatedtype Value: ExtremeValue
    var type: SQLType { get }
    var isMaximum: Bool { get }
}

extension ExtremeAccumulator {
    func combine(_ state: inout State, _ addition: State) {
        if addition.isPresent { state.fold(addition.value, isMaximum: isMaximum) }
    }

    @inline(__always)
    fileprivate func fold<T: ColumnElement>(
        _ column: Column, _ rows: RowSelection, _ groups: UnsafePointer<Int32>, widening widen: (T) -> Value
    ) {
        if isMaximum {
            foldGroups(T.self, column, rows, groups, states) { $0.fold(widen($1), isMaximum: true) }
        } else {
            foldGroups(T.self, column, rows, groups, states) { $0.fold(widen($1), isMaximum: false) }
        }
    }

    @inline(__always)
    fileprivate func fold<T: ColumnElement>(
        _ column: Column, _ rows: RowSelection, _ group: Int, widening widen: (T) -> Value
    ) {
        if isMaximum {
            foldOne(T.self, column, rows, &states[group]) { $0.fold(widen($1), isMaximum: true) }
        } else {
            foldOne(T.self, column, rows, &states[group]) { $0.fold(widen($1), isMaximum: false) }
        }
    }

    @inline(__always)
    fileprivate func results<T: ColumnElement>(_ groups: Range<Int>, narrowing narrow: (Value) -> T) -> Column {
        let states = states
        return .results(type, groups) { states[$0].isPresent ? narrow(states[$0].value) : nil }
    }
}

/// MIN or MAX of integers, BOOLEAN and DATE.
final class IntegerExtremeAccumulator: ExtremeAccumulator {
    typealias Value = Int64
    let storage = StateStorage(empty: ExtremeState<Int64>())
    let type: SQLType
    let isMaximum: Bool

    init(_ type: SQLType, isMaximum: Bool) {
        self.type = type
        self.isMaximum = isMaximum
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        let column = arguments[0]
        switch column.type.physical {
        case .boolean: fold(column, rows, groups) { (value: UInt8) in Int64(value) }
        case .int8: fold(column, rows, groups) { (value: Int8) in Int64(value) }
        case .int16: fold(column, rows, groups) { (value: Int16) in Int64(value) }
        case .int32: fold(column, rows, groups) { (value: Int32) in Int64(value) }
        default: fold(column, rows, groups) { (value: Int64) in value }
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

    /// Without a test of what is there already, so that the loop is one of vector instructions.
    @inline(__always)
    private func fold<T: FixedWidthInteger & ColumnElement>(
        _: T.Type, _ column: Column, _ rows: RowSelection, _ group: Int
    ) {
        guard validCount(column, rows) > 0 else { return }
        var best = isMaximum ? T.min : T.max
        if isMaximum {
            foldOne(T.self, column, rows, &best) { $0 = max($0, $1) }
        } else {
            foldOne(T.self, column, rows, &best) { $0 = min($0, $1) }
        }
        states[group].fold(Int64(truncatingIfNeeded: best), isMaximum: isMaximum)
    }

    package func finish(_ groups: Range<Int>) -> Column {
        switch type.physical {
        case .boolean: results(groups) { UInt8(truncatingIfNeeded: $0) }
        case .int8: results(groups) { Int8(truncatingIfNeeded: $0) }
        case .int16: results(groups) { Int16(truncatingIfNeeded: $0) }
        case .int32: results(groups) { Int32(truncatingIfNeeded: $0) }
        default: results(groups) { $0 }
        }
    }
}

/// MIN or MAX of FLOAT and DOUBLE.
final class DoubleExtremeAccumulator: ExtremeAccumulator {
    typealias Value = Double
    let storage = StateStorage(empty: ExtremeState<Double>())
    let type: SQLType
    let isMaximum: Bool

    init(_ type: SQLType, isMaximum: Bool) {
        self.type = type
        self.isMaximum = isMaximum
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        if arguments[0].type.physical == .float {
            fold(arguments[0], rows, groups) { (value: Float) in Double(value) }
        } else {
            fold(arguments[0], rows, groups) { (value: Double) in value }
        }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        if arguments[0].type.physical == .float {
            fold(arguments[0], rows, group) { (value: Float) in Double(value) }
        } else {
            fold(arguments[0], rows, group) { (value: Double) in value }
        }
    }

    package func finish(_ groups: Range<Int>) -> Column {
        type.physical == .float ? results(groups) { Float($0) } : results(groups) { $0 }
    }
}

/// MIN or MAX of values that compare as they are stored: DECIMAL of one scale, TIMESTAMP.
final class OrderedExtremeAccumulator<Value: ExtremeValue>: ExtremeAccumulator {
    let storage = StateStorage(empty: ExtremeState<Value>())
    let type: SQLType
    let isMaximum: Bool

    init(_ type: SQLType, isMaximum: Bool) {
        self.type = type
        self.isMaximum = isMaximum
    }

    package func update(_ arguments: [Column], rows: RowSelection, groups: UnsafePointer<Int32>) {
        fold(arguments[0], rows, groups) { (value: Value) in value }
    }

    package func update(_ arguments: [Column], rows: RowSelection, group: Int) {
        fold(arguments[0], rows, group) { (value: Value) in value }
    }

    package func finish(_ groups: Range<Int>) -> Column { results(groups) { $0 } }
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
        make = { _ in RowChoiceAccumulator([type], isMaximum: isMaximum) }
    }
    return ResolvedAggregate(argumentTypes: [type], resultType: type, makeAccumulator: make)
}

let minimumFunction = AggregateFunction(
    "min",
    documentation: FunctionDocumentation(
        "_FUNC_(expr) - Returns the smallest value of expr", extended: "Example:\n  > SELECT _FUNC_(fare) FROM trips;"),
    traits: AggregateTraits(isDistinctSensitive: false, slidingForm: .least),
    resolve: { try resolveExtreme($0, isMaximum: false) })

let maximumFunction = AggregateFunction(
    "max",
    documentation: FunctionDocumentation(
        "_FUNC_(expr) - Returns the greatest value of expr", extended: "Example:\n  > SELECT _FUNC_(fare) FROM trips;"),
    traits: AggregateTraits(isDistinctSensitive: false, slidingForm: .greatest),
    resolve: { try resolveExtreme($0, isMaximum: true) })
