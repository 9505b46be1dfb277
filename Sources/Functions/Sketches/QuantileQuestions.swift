import Columnar

// Functions that both kinds of sketches of quantiles have, and whose answers are read off a `SortedView`.

/// A kind of sketches of quantiles, as its functions need it.
struct QuantileKind<Value: ColumnElement & BinaryFloatingPoint>: Sendable {
    /// What names begin with: `ds_kll_`.
    let prefix: String
    /// What help calls a sketch of the kind: `a KLL sketch`.
    let article: String
    /// The type of the values.
    let type: SQLType
    /// A sketch of `fare`, for examples.
    let example: String
    /// nil for a sketch that has seen nothing.
    let view: @Sendable (StringView) throws -> SortedView<Value>?

    var functions: [ScalarFunction] { [rank, quantile, quantiles, distribution, shares] }
}

private let inclusiveOption = "inclusive (TRUE unless given) says whether values that are equal count as being below."

extension QuantileKind {
    /// A function of a sketch, then TRUE or FALSE if the call likes, then numbers; NULL for a sketch that has seen nothing.
    private func question<Element: ColumnElement>(
        _ name: String, _ usage: String, _ help: String, _ result: SQLType, of elements: SQLType, _: Element.Type, isList: Bool,
        _ answer: @escaping @Sendable (SortedView<Value>, [Element], Bool, ColumnBuilder) throws -> Void
    ) -> ScalarFunction {
        let name = prefix + name
        let documentation = FunctionDocumentation(usage, extended: inclusiveOption + help)
        let traits = ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
        return ScalarFunction(name, documentation: documentation, traits: traits) { call in
            try call.expect(atLeast: 2)
            try call.expectSketch(0)
            let hasChoice = call.argumentTypes[1] == .boolean
            let first = hasChoice ? 2 : 1
            guard isList ? call.count > first : call.count == first + 1 else {
                throw FunctionError(
                    .argumentCount, "\(name) takes a sketch, TRUE or FALSE if need be, and \(isList ? "numbers" : "a number")")
            }
            for index in first..<call.count { try call.expectNumericOrString(index) }
            let types = [.binary] + (hasChoice ? [.boolean] : []) + Array(repeating: elements, count: call.count - first)
            return ResolvedScalar(argumentTypes: types, resultType: result) { input in
                try input.build(result) { row, builder in
                    let numbers = (first..<types.count).compactMap { input.value(Element.self, $0, row) }
                    guard let bytes = input.bytes(0, row), numbers.count == types.count - first,
                        let isInclusive = hasChoice ? input.value(UInt8.self, 1, row).map({ $0 != 0 }) : true,
                        let view = try self.view(bytes)
                    else { return builder.appendNull() }
                    try answer(view, numbers, isInclusive, builder)
                }
            }
        }
    }

    private func example(_ arguments: String) -> String { "\nExample:\n  > SELECT _FUNC_(\(example), \(arguments)) FROM trips;" }

    private static func checkShares(_ shares: [Double]) throws {
        guard shares.allSatisfy({ (0...1).contains($0) }) else {
            throw FunctionError(.argument, "A fraction of a sketch's values has to be between 0 and 1")
        }
    }

    private static func checkPoints(_ points: [Value]) throws {
        guard points.allSatisfy(\.isFinite), zip(points, points.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw FunctionError(.argument, "Points that split a sketch's values have to ascend")
        }
    }

    private var rank: ScalarFunction {
        question(
            "rank", "_FUNC_(sketch, [inclusive, ]value) - Returns the share of \(article)'s values up to a value, about", example("12"),
            .double, of: type, Value.self, isList: false
        ) { view, values, isInclusive, builder in
            guard !values[0].isNaN else { return builder.appendNull() }
            builder.append(view.rank(values[0], inclusive: isInclusive))
        }
    }

    private var quantile: ScalarFunction {
        question(
            "quantile",
            "_FUNC_(sketch, [inclusive, ]fraction) - Returns the value up to which a fraction of \(article)'s values lies, about",
            " fraction is from 0 to 1." + example("0.5"), type, of: .double, Double.self, isList: false
        ) { view, shares, isInclusive, builder in
            try Self.checkShares(shares)
            builder.append(view.quantile(shares[0], inclusive: isInclusive))
        }
    }

    private var quantiles: ScalarFunction {
        question(
            "quantiles",
            "_FUNC_(sketch, [inclusive, ]fraction, ...) - Returns the values up to which fractions of \(article)'s values lie, about",
            " Fractions are from 0 to 1." + example("0.25, 0.5, 0.75"), .array(type), of: .double, Double.self, isList: true
        ) { view, shares, isInclusive, builder in
            try Self.checkShares(shares)
            builder.append(list: shares.map { view.quantile($0, inclusive: isInclusive) })
        }
    }

    private var distribution: ScalarFunction {
        question(
            "cdf", "_FUNC_(sketch, [inclusive, ]point, ...) - Returns the shares of \(article)'s values up to each point, about, and 1",
            " Points ascend." + example("10, 20"), .array(.double), of: type, Value.self, isList: true
        ) { view, points, isInclusive, builder in
            try Self.checkPoints(points)
            builder.append(list: view.distribution(points, inclusive: isInclusive))
        }
    }

    private var shares: ScalarFunction {
        question(
            "pmf",
            "_FUNC_(sketch, [inclusive, ]point, ...) - Returns the shares of \(article)'s values below, between and above points, about",
            " Points ascend." + example("10, 20"), .array(.double), of: type, Value.self, isList: true
        ) { view, points, isInclusive, builder in
            try Self.checkPoints(points)
            builder.append(list: view.shares(points, inclusive: isInclusive))
        }
    }

    /// A function that looks at a sketch alone.
    func property(
        _ name: String, _ usage: String, _ result: SQLType, _ append: @escaping @Sendable (StringView, ColumnBuilder) throws -> Void
    ) -> ScalarFunction {
        ScalarFunction(
            prefix + name,
            documentation: FunctionDocumentation(usage, extended: "Example:\n  > SELECT _FUNC_(\(example)) FROM trips;"),
            traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
        ) { call in
            try call.expect(1)
            try call.expectSketch(0)
            return ResolvedScalar.ofSketch(call, result, append)
        }
    }
}

/// An error of ranks in percent, with three digits behind the point.
func rankErrorText(_ share: Double) -> String {
    let thousandths = Int((share * 100_000).rounded())
    let digits = "\(thousandths % 1000)"
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.utf8.count) + digits + "%"
}
