import Columnar
import Expressions
import Functions

/// What one call of a vectorized function sees.
public struct FunctionArguments: Sendable {
    /// Flat or constant columns of `count` rows, of the types that the function was registered with.
    public let columns: [Column]
    /// The rows whose results are wanted.
    public let rows: RowSelection
    /// Rows that each column, and so the result, holds.
    public let count: Int
}

extension Session {
    /// Makes a scalar function known to this session's statements.
    ///
    /// The kernel is called once a batch, from several threads at a time, and returns a flat or constant column of
    /// `count` rows; it decides itself what NULL arguments give.
    ///
    /// - Parameters:
    ///   - name: as statements call it; hides a built-in function of the same name.
    ///   - argumentTypes: arguments of other types are converted as CAST does.
    ///   - isDeterministic: false when two calls with the same arguments may differ.
    public func register(
        scalarFunction name: String, argumentTypes: [SQLType], resultType: SQLType, documentation: String = "",
        isDeterministic: Bool = true, kernel: @escaping @Sendable (FunctionArguments) throws -> Column
    ) {
        let lowercase = name.lowercased()
        let function = ScalarFunction(
            lowercase,
            documentation: FunctionDocumentation(documentation.isEmpty ? "_FUNC_ - a function of the session" : documentation),
            traits: ScalarTraits(stability: isDeterministic ? .immutable : .volatile, canFail: true)
        ) { call in
            guard call.argumentTypes.count == argumentTypes.count else {
                throw FunctionError(
                    .argumentCount,
                    "\(lowercase) takes \(argumentTypes.count) arguments, got \(call.argumentTypes.count)")
            }
            return ResolvedScalar(argumentTypes: argumentTypes, resultType: resultType) { input in
                try kernel(FunctionArguments(columns: input.arguments, rows: input.rows, count: input.count))
            }
        }
        functions.update { $0.register(function) }
    }

    /// Registers a function of one value; NULL gives NULL without a call.
    ///
    ///     session.register(scalarFunction: "miles") { (kilometres: Double) in kilometres / 1.609344 }
    public func register<First: SQLValue, Result: SQLValue>(
        scalarFunction name: String, _ body: @escaping @Sendable (First) -> Result?
    ) {
        register(scalarFunction: name, argumentTypes: [First.sqlType], resultType: Result.sqlType) { input in
            let first = ArgumentReader<First>(input.columns[0])
            return evaluate(input, Result.self) { row in first[row].flatMap(body) }
        }
    }

    /// Registers a function of two values; a NULL among them gives NULL without a call.
    public func register<First: SQLValue, Second: SQLValue, Result: SQLValue>(
        scalarFunction name: String, _ body: @escaping @Sendable (First, Second) -> Result?
    ) {
        register(
            scalarFunction: name, argumentTypes: [First.sqlType, Second.sqlType], resultType: Result.sqlType
        ) { input in
            let first = ArgumentReader<First>(input.columns[0])
            let second = ArgumentReader<Second>(input.columns[1])
            return evaluate(input, Result.self) { row in
                guard let a = first[row], let b = second[row] else { return nil }
                return body(a, b)
            }
        }
    }

    /// Registers a function of three values; a NULL among them gives NULL without a call.
    public func register<First: SQLValue, Second: SQLValue, Third: SQLValue, Result: SQLValue>(
        scalarFunction name: String, _ body: @escaping @Sendable (First, Second, Third) -> Result?
    ) {
        register(
            scalarFunction: name, argumentTypes: [First.sqlType, Second.sqlType, Third.sqlType],
            resultType: Result.sqlType
        ) { input in
            let first = ArgumentReader<First>(input.columns[0])
            let second = ArgumentReader<Second>(input.columns[1])
            let third = ArgumentReader<Third>(input.columns[2])
            return evaluate(input, Result.self) { row in
                guard let a = first[row], let b = second[row], let c = third[row] else { return nil }
                return body(a, b, c)
            }
        }
    }
}

/// Reads one argument's values.
private struct ArgumentReader<Value: SQLValue> {
    private let column: Column
    private let elements: UnsafeMutablePointer<Value.Stored>
    private let scale: Int

    init(_ column: Column) {
        self.column = column
        elements = column.values(as: Value.Stored.self)
        scale = column.isConstant ? 0 : 1
    }

    /// nil for NULL.
    @inline(__always)
    subscript(row: Int) -> Value? {
        if let bits = column.validity, !bits[row * scale] { return nil }
        return Value(stored: elements[row * scale])
    }
}

/// A flat column of what `body` gives for the wanted rows, NULL for the others.
private func evaluate<Result: SQLValue>(
    _ input: FunctionArguments, _: Result.Type, _ body: (Int) -> Result?
) -> Column {
    let builder = ColumnBuilder(Result.sqlType, capacity: input.count)
    input.rows.forEach { row in
        while builder.count < row { builder.appendNull() }
        if let value = body(row) { value.append(to: builder) } else { builder.appendNull() }
    }
    while builder.count < input.count { builder.appendNull() }
    return builder.finish()
}
