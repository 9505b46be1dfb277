import Columnar

// What functions of sketches give, whatever the kind of sketch.

extension ResolvedAggregate {
    /// An aggregate of sketches: `fold` takes one in.
    static func ofSketches<State: SketchState & Sendable>(
        _ call: FunctionCall, empty: State, fold: @escaping @Sendable (inout State, StringView) throws -> Void
    ) -> ResolvedAggregate {
        ResolvedAggregate(argumentTypes: [.binary] + call.argumentTypes.dropFirst(), resultType: .binary) { _ in
            SketchAccumulator(empty: empty) { state, arguments, row in
                try fold(&state, arguments[0].values(as: StringView.self)[arguments[0].element(of: row)])
            }
        }
    }
}

extension ResolvedAggregate {
    /// A sketch of the quantiles of values, which are converted to `type`.
    static func ofQuantiles<State: RankSketch>(
        _ call: FunctionCall, of type: SQLType, empty: (FunctionCall) throws -> State
    ) throws -> ResolvedAggregate {
        try call.expect(1...2)
        let given = call.argumentTypes[0]
        guard given.isNumeric || given == .void else { throw call.mismatch(0, "\(type)") }
        let empty = try empty(call)
        return ResolvedAggregate(argumentTypes: [type] + call.argumentTypes.dropFirst(), resultType: .binary) { _ in
            SketchAccumulator(empty: empty) { sketch, arguments, row in
                sketch.insert(arguments[0].values(as: State.Value.self)[arguments[0].element(of: row)])
            }
        }
    }
}

extension ResolvedScalar {
    /// The union of the sketches of the first two arguments, of which one that is NULL adds nothing.
    static func ofTwoSketches<State: SketchState & Sendable>(
        _ call: FunctionCall, empty: State, fold: @escaping @Sendable (inout State, StringView) throws -> Void
    ) -> ResolvedScalar {
        ResolvedScalar(argumentTypes: [.binary, .binary] + call.argumentTypes.dropFirst(2), resultType: .binary) { input in
            try input.sketches { row in
                var union = empty
                for index in 0...1 { if let bytes = input.bytes(index, row) { try fold(&union, bytes) } }
                return try union.sketch()
            }
        }
    }

    /// What is known of the sketch of the first argument; NULL for NULL.
    static func ofSketch(
        _ call: FunctionCall, _ type: SQLType, _ answer: @escaping @Sendable (StringView, ColumnBuilder) throws -> Void
    ) -> ResolvedScalar {
        ResolvedScalar(argumentTypes: [.binary] + call.argumentTypes.dropFirst(), resultType: type) { input in
            try input.build(type) { row, builder in
                guard let bytes = input.bytes(0, row) else { return builder.appendNull() }
                try answer(bytes, builder)
            }
        }
    }
}

extension ColumnBuilder {
    /// The bytes of a buffer, which lives as long as they are read.
    func append(textOf buffer: ByteBuffer) {
        withExtendedLifetime(buffer) { append(buffer.view()) }
    }
}

/// A sketch that keeps the least and the greatest value beside those that it samples.
protocol RankSketch: SketchState, Sendable {
    associatedtype Value: ColumnElement & BinaryFloatingPoint
    var isEmpty: Bool { get }
    var least: Value { get set }
    var greatest: Value { get set }
    /// Takes a number in that is among the extremes already.
    mutating func append(_ value: Value)
}

extension RankSketch {
    /// NaN is no value.
    mutating func insert(_ value: Value) {
        guard !value.isNaN else { return }
        extend(value, value)
        append(value)
    }

    /// Before the values between `low` and `high` are taken in.
    mutating func extend(_ low: Value, _ high: Value) {
        if isEmpty {
            least = low
            greatest = high
        } else {
            if low < least { least = low }
            if greatest < high { greatest = high }
        }
    }
}
