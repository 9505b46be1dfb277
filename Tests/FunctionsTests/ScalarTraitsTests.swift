import Columnar
import Expressions
import Functions
import Testing

/// What functions say of themselves holds for random calls of them.
@Suite struct ScalarTraitsTests {
    private static let functions: [ScalarFunction] = FunctionRegistry.builtIn.names.compactMap { name in
        FunctionRegistry.builtIn.scalar(name).flatMap { $0.name == name ? $0 : nil }
    }

    private static let literals: [BoundExpression] = [
        "3", "-1", "0", "9223372036854775807L", "1.5", "-0.5D", "'a'", "''", "'%b'", "'2020-02-29'", "'2020-02-29 01:02:03'",
        "true", "date '2020-01-31'", "timestamp '1969-12-31 23:59:59.5'", "cast('x' as binary)", "cast(2 as tinyint)", "array(5, 6)", "map('a', 1)",
    ].compactMap { try? FunctionExpression.bind($0) }

    /// What few functions take.
    private static let rareLiterals = literals + ["interval '15' minute"].compactMap { try? FunctionExpression.bind($0) }

    /// Calls of a function on arguments that it takes.
    private func forEachCall(
        of function: ScalarFunction, _ body: (_ arguments: [BoundExpression], _ resolved: ResolvedScalar) -> Void
    ) {
        var state: UInt64 = 11
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var found = 0
        // Some functions take few of the arguments that are drawn: more are drawn until one is met.
        for attempt in 0..<5_000 where attempt < 120 || found == 0 {
            let literals = attempt < 2_000 ? Self.literals : Self.rareLiterals
            let arguments = (0..<random(5)).map { _ in literals[random(literals.count)] }
            guard let resolved = resolve(function, arguments) else { continue }
            found += arguments.isEmpty ? 0 : 1
            body(arguments, resolved)
        }
    }

    private func resolve(_ function: ScalarFunction, _ arguments: [BoundExpression]) -> ResolvedScalar? {
        let constants = arguments.map { try? $0.value(in: FunctionExpression.context).column(type: $0.type, count: 1) }
        let call = FunctionCall(name: function.name, argumentTypes: arguments.map(\.type), constants: constants)
        guard let resolved = try? function.resolve(call), resolved.argumentTypes.count == arguments.count else { return nil }
        return resolved
    }

    private func call(
        _ function: ScalarFunction, _ resolved: ResolvedScalar, _ arguments: [BoundExpression]
    ) throws -> LiteralValue {
        let converted = zip(arguments, resolved.argumentTypes).map { argument, type in
            argument.type == type ? argument : BoundExpression(.cast(argument), type: type)
        }
        return try BoundExpression.call(function, resolved, converted).value(in: FunctionExpression.context)
    }

    private func conversionsWork(_ arguments: [BoundExpression], _ resolved: ResolvedScalar) -> Bool {
        zip(arguments, resolved.argumentTypes).allSatisfy { argument, type in
            argument.type == type
                || (try? BoundExpression(.cast(argument), type: type).value(in: FunctionExpression.context)) != nil
        }
    }

    @Test func whatPassesNullsOnDoes() {
        var calls = 0
        for function in Self.functions where function.traits.nulls == .propagated {
            var found = 0
            forEachCall(of: function) { arguments, _ in
                for place in arguments.indices {
                    var changed = arguments
                    changed[place] = .null(arguments[place].type)
                    guard let resolved = resolve(function, changed),
                        let value = try? call(function, resolved, changed)
                    else { continue }
                    found += 1
                    #expect(value == .null, "\(function.name), argument \(place) of \(arguments.map(\.type))")
                }
            }
            #expect(found > 0, "\(function.name) was never called")
            calls += found
        }
        #expect(calls > 1_000)
    }

    @Test func whatCannotFailDoesNot() {
        for function in Self.functions where !function.traits.canFail {
            forEachCall(of: function) { arguments, resolved in
                // What refuses is the function, not the conversion of an argument.
                guard conversionsWork(arguments, resolved) else { return }
                do {
                    _ = try call(function, resolved, arguments)
                } catch {
                    Issue.record("\(function.name) of \(arguments.map(\.kind)): \(error)")
                }
            }
        }
    }

    @Test func whatIsStableGivesOneValue() {
        for function in Self.functions where function.traits.stability != .volatile {
            forEachCall(of: function) { arguments, resolved in
                guard let first = try? call(function, resolved, arguments) else { return }
                if case .complex = first { return }
                guard let second = try? call(function, resolved, arguments) else { return }
                // NaN differs from itself; its text does not.
                #expect(second == first || "\(second)" == "\(first)", "\(function.name)")
            }
        }
    }
}
