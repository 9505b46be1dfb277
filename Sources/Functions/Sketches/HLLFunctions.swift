import Columnar

// Hive 4's functions over HyperLogLog sketches.

private let options =
    "lgK, a constant from 4 to 21 (12 unless given), is the logarithm of the sketch's size; type, HLL_4 (unless given), HLL_6 or HLL_8,\n"
    + "how it is written."

/// The sketch that a call's options ask for.
private func emptySketch(_ call: FunctionCall, _ index: Int) throws -> HLLSketch {
    let lgK = try call.sketchOption(
        index, "a logarithm of a size", in: HLLSketch.sizes, usual: HLLSketch.usualSize)
    guard index + 1 < call.count else { return HLLSketch(lgK: lgK, width: .four) }
    guard let width = call.constantString(index + 1).flatMap({ HLLSketch.Width(name: $0) }) else {
        throw FunctionError(
            .argumentType(index + 1), "\(call.name) needs 'HLL_4', 'HLL_6' or 'HLL_8' as \(FunctionCall.ordinal(index + 1)) argument")
    }
    return HLLSketch(lgK: lgK, width: width)
}

private let hllSketch = AggregateFunction(
    "ds_hll_sketch",
    documentation: FunctionDocumentation(
        "_FUNC_(expr[, lgK[, type]]) - Returns a HyperLogLog sketch of the different values of expr",
        extended: options + "\nExample:\n  > SELECT ds_hll_estimate(_FUNC_(cab)) FROM trips;"),
    traits: AggregateTraits(isDistinctSensitive: false)
) { call in
    try call.expect(1...3)
    let values = try SketchedValues(call, texts: .utf16, seed: SketchHash.usualSeed)
    let empty = try emptySketch(call, 1)
    return ResolvedAggregate(argumentTypes: [values.type] + call.argumentTypes.dropFirst(), resultType: .binary) { _ in
        SketchAccumulator(empty: empty) { sketch, arguments, row in
            if let hash = values.hash(arguments[0], row) { sketch.insert(HLLSketch.coupon(hash)) }
        }
    }
}

private let hllUnion = AggregateFunction(
    "ds_hll_union",
    documentation: FunctionDocumentation(
        "_FUNC_(sketch[, lgK[, type]]) - Returns the union of HyperLogLog sketches",
        extended: options
            + "\nExample:\n  > SELECT ds_hll_estimate(_FUNC_(s)) FROM (SELECT ds_hll_sketch(cab) AS s FROM trips GROUP BY city) t;"),
    traits: AggregateTraits(isDistinctSensitive: false)
) { call in
    try call.expect(1...3)
    try call.expectSketch(0)
    return ResolvedAggregate.ofSketches(call, empty: try emptySketch(call, 1)) { $0.merge(try HLLSketch($1)) }
}

private let hllUnionOfTwo = ScalarFunction(
    "ds_hll_union_f",
    documentation: FunctionDocumentation(
        "_FUNC_(first, second[, lgK[, type]]) - Returns the union of two HyperLogLog sketches; one that is NULL adds nothing",
        extended: options + "\nExample:\n  > SELECT ds_hll_estimate(_FUNC_(ds_hll_sketch(cab), ds_hll_sketch(city))) FROM trips;"),
    traits: ScalarTraits(cost: .dear, canFail: true)
) { call in
    try call.expect(2...4)
    for index in 0...1 { try call.expectSketch(index) }
    return ResolvedScalar.ofTwoSketches(call, empty: try emptySketch(call, 2)) { $0.merge(try HLLSketch($1)) }
}

private let hllEstimate = ScalarFunction(
    "ds_hll_estimate",
    documentation: FunctionDocumentation(
        "_FUNC_(sketch) - Returns how many different values a HyperLogLog sketch has seen, about",
        extended: "Example:\n  > SELECT _FUNC_(ds_hll_sketch(cab)) FROM trips;"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
) { call in
    try call.expect(1)
    try call.expectSketch(0)
    return ResolvedScalar.ofSketch(call, .double) { $1.append(try HLLSketch($0).estimate) }
}

private let hllBounds = ScalarFunction(
    "ds_hll_estimate_bounds",
    documentation: FunctionDocumentation(
        "_FUNC_(sketch[, kappa]) - Returns a HyperLogLog sketch's estimate, and what is kappa standard deviations below and above it",
        extended: "kappa is 1, 2 (unless given) or 3.\nExample:\n  > SELECT _FUNC_(ds_hll_sketch(cab)) FROM trips;"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
) { call in
    try call.expect(1...2)
    try call.expectSketch(0)
    if call.count > 1 { try call.expectIntegral(1) }
    return ResolvedScalar(argumentTypes: [.binary] + (call.count > 1 ? [.int] : []), resultType: .array(.double)) { input in
        try input.bounds(kappa: call.count > 1 ? 1 : nil, of: call.name) { bytes, deviations, _ in
            let sketch = try HLLSketch(bytes), bounds = sketch.bounds(deviations)
            return [sketch.estimate, bounds.lower, bounds.upper]
        }
    }
}

extension KernelInput {
    /// An estimate and its bounds a row. The number of standard deviations is an argument, or 2.
    func bounds(
        kappa index: Int?, of function: String, _ body: (_ sketch: StringView, _ deviations: Int, _ row: Int) throws -> [Double]?
    ) throws -> Column {
        try build(.array(.double)) { row, builder in
            let deviations = index.map { value(Int32.self, $0, row) } ?? 2
            guard let bytes = bytes(0, row), let deviations else { return builder.appendNull() }
            guard (1...3).contains(deviations) else {
                throw FunctionError(.argument, "\(function) knows 1, 2 and 3 standard deviations, not \(deviations)")
            }
            guard let values = try body(bytes, Int(deviations), row) else { return builder.appendNull() }
            builder.append(list: values)
        }
    }
}

private let hllStringify = ScalarFunction(
    "ds_hll_stringify",
    documentation: FunctionDocumentation(
        "_FUNC_(sketch) - Returns what a HyperLogLog sketch is, as a text of some lines",
        extended: "Example:\n  > SELECT _FUNC_(ds_hll_sketch(cab)) FROM trips;"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
) { call in
    try call.expect(1)
    try call.expectSketch(0)
    return ResolvedScalar.ofSketch(call, .string) { $1.append(textOf: try HLLSketch($0).summary) }
}

extension HLLSketch {
    fileprivate var summary: ByteBuffer {
        let summary = SketchSummary("HLL SKETCH SUMMARY: ", width: 15)
        let bounds = bounds(1)
        summary.add("Log Config K", lgK)
        summary.add("Hll Target", width.name)
        summary.add("Current Mode", hasRegisters ? "HLL" : coupons.count < Self.listLimit ? "LIST" : "SET")
        summary.add("LB", bounds.lower)
        summary.add("Estimate", estimate)
        summary.add("UB", bounds.upper)
        summary.add("OutOfOrder Flag", hasRegisters && historicEstimate == nil)
        guard hasRegisters else {
            summary.add("Coupon Count", coupons.count)
            return summary.text
        }
        let least = width == .four ? registers.min() ?? 0 : 0, sums = inversePowers
        summary.add("CurMin", Int(least))
        summary.add("NumAtCurMin", registers.count { $0 == least })
        summary.add("HipAccum", historicEstimate ?? 0)
        summary.add("KxQ0", sums.coarse)
        summary.add("KxQ1", sums.fine)
        return summary.text
    }
}

let hllScalarFunctions: [ScalarFunction] = [hllUnionOfTwo, hllEstimate, hllBounds, hllStringify]
let hllAggregateFunctions: [AggregateFunction] = [hllSketch, hllUnion]
