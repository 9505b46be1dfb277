import Columnar
import Functions
import Testing

/// Every scalar and table function with values at the ends of their types: an answer or an error, never a trap or a loop
/// without end. A failing run prints the function and the seed.
@Suite struct FunctionFuzzTests {
    private static let registry = FunctionRegistry.builtIn

    /// The fuzzer calls what a call resolves to; errors are answers too.
    private static func attempt(_ name: String, seed: UInt64) throws -> Bool {
        var random = SeededRandom(seed: seed)
        let types = (0..<Int.random(in: 0...5, using: &random)).map { _ in EdgeValues.type(&random) }
        let rowCount = random.pick([1, 3, 64, 70])
        var constants: [Column?] = types.map { type in
            random.chance(40) ? EdgeValues.constant(type, count: 1, &random) : nil
        }
        let call = FunctionCall(name: name, argumentTypes: types, constants: constants)
        let wanted: [SQLType]
        var kernel: (KernelInput) throws -> Void
        if let function = registry.scalar(name) {
            let resolved = try function.resolve(call)
            wanted = resolved.argumentTypes
            kernel = { input in
                let column = try FunctionExpression.value(of: function, resolved, input)
                guard column.count == input.count, column.type == resolved.resultType else {
                    Issue.record("\(name) gave \(column.type) of \(column.count) rows, seed \(seed)")
                    return
                }
                let buffer = ByteBuffer()
                let readable = column.flattened(input.rows)
                input.rows.forEach { if !readable.isNull($0) { TextFormatter(.output).append(readable, row: $0, to: buffer) } }
            }
        } else if let function = registry.table(name) {
            let resolved = try function.resolve(call)
            wanted = resolved.argumentTypes
            kernel = { _ = try resolved.generate($0) }
        } else {
            return false
        }
        let rows =
            random.chance(70)
            ? RowSelection.all(rowCount) : RowSelection.all(rowCount).filtered(capacity: rowCount) { $0 % 2 == 0 }
        var arguments: [Column] = []
        for (index, type) in types.enumerated() {
            // The kernel sees the constants that the call was resolved with.
            let column = constants[index].take().map { $0.withCount(rowCount) } ?? EdgeValues.column(type, count: rowCount, &random)
            // As the binder does: what has no conversion is refused.
            guard Cast.isAllowed(column.type, wanted[index]) else { return false }
            arguments.append(try Cast.apply(column, to: wanted[index], rows: rows, count: rowCount))
        }
        try kernel(KernelInput(arguments: arguments, rows: rows, count: rowCount, context: FunctionExpression.context))
        return true
    }

    @Test(arguments: 0..<8)
    func edgeValues(block: Int) {
        var answered = Set<String>()
        let names = Self.registry.names.filter { Self.registry.scalar($0) != nil || Self.registry.table($0) != nil }
        for (number, name) in names.enumerated() where number % 8 == block {
            for round in 0..<400 {
                do {
                    if try Self.attempt(name, seed: UInt64(number * 1000 + round)) { answered.insert(name) }
                } catch is FunctionError {
                } catch is KernelError {
                } catch { Issue.record("\(name), seed \(number * 1000 + round): \(error)") }
            }
        }
        // What never gets arguments it takes is not tried at all.
        #expect(answered.count * 10 >= names.count / 8 * 8, "\(answered.count) of \(names.count / 8)")
    }
}

@Suite struct EdgeAnswerTests {
    @Test(arguments: FunctionExpression.Shape.allCases)
    func bucketsOfExtremes(shape: FunctionExpression.Shape) throws {
        let answers = [
            ("width_bucket(1e308, -1e308, 1e308, 10)", "11"), ("width_bucket(0.0, -1e308, 1e308, 10)", "6"),
            ("width_bucket(-1e308, -1e308, 1e308, 10)", "1"), ("width_bucket(cast('NaN' as double), 0, 10, 5)", "0"),
            ("width_bucket(5, cast('NaN' as double), 10, 5)", "0"), ("width_bucket(cast('Infinity' as double), 0, 10, 5)", "6"),
            ("width_bucket(cast('-Infinity' as double), 0, 10, 5)", "0"), ("width_bucket(3, 0, 10, 5)", "2"),
            ("width_bucket(3, 10, 0, 5)", "4"), ("width_bucket(11, 10, 0, 5)", "0"), ("width_bucket(0, 10, 0, 5)", "6"),
            ("width_bucket(1, 0, cast('Infinity' as double), 5)", "1"),
        ]
        for (expression, answer) in answers {
            #expect(try FunctionExpression.evaluate(expression, shape: shape) == answer, "\(expression)")
        }
    }

    /// Answers of Hive, whose strings turn what is no UTF-8 into U+FFFD.
    @Test(arguments: FunctionExpression.Shape.allCases)
    func paddingWithIllFormedText(shape: FunctionExpression.Shape) throws {
        let answers = [
            ("hex(rpad('a', 3, unhex('80')))", "61EFBFBDEFBFBD"), ("hex(lpad('a', 3, unhex('80')))", "EFBFBDEFBFBD61"),
            ("hex(rpad(unhex('80'), 3, 'x'))", "EFBFBD7878"), ("hex(lpad(unhex('80'), 3, 'x'))", "7878EFBFBD"),
            ("hex(rpad('a', 5, unhex('E282')))", "61EFBFBDEFBFBDEFBFBDEFBFBD"), ("hex(rpad('a', 4, unhex('61C3')))", "6161EFBFBD61"),
            ("hex(rpad('a', 3, unhex('FF')))", "61EFBFBDEFBFBD"), ("hex(rpad('a', 4, unhex('808061')))", "61EFBFBDEFBFBD61"),
            ("hex(rpad(unhex('E282'), 1, 'x'))", "EFBFBD"),
        ]
        for (expression, answer) in answers {
            #expect(try FunctionExpression.evaluate(expression, shape: shape) == answer, "\(expression)")
        }
    }
}
