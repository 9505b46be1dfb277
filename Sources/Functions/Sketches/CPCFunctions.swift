import Columnar

// Hive 4's functions over CPC sketches.

private let options =
    "lgK, a constant from 4 to 26 (11 unless given), is the logarithm of the sketch's size; seed, a constant, is that of the hashes (9001\n"
    + "unless given)."
private let seedOption = "seed, a constant, is that of the hashes (9001 unless given)."

private func size(_ call: FunctionCall, _ index: Int) throws -> Int {
    try call.sketchOption(index, "a logarithm of a size", in: CPCSketch.sizes, usual: CPCSketch.usualSize)
}

private func mark(_ call: FunctionCall, _ index: Int) throws -> UInt16 { SketchHash.mark(ofSeed: try call.sketchSeed(index)) }

private let cpcSketch = AggregateFunction(
    "ds_cpc_sketch",
    documentation: FunctionDocumentation(
        "_FUNC_(expr[, lgK[, seed]]) - Returns a CPC sketch of the different values of expr",
        extended: options + "\nExample:\n  > SELECT ds_cpc_estimate(_FUNC_(cab)) FROM trips;"),
    traits: AggregateTraits(isDistinctSensitive: false)
) { call in
    try call.expect(1...3)
    let seed = try call.sketchSeed(2)
    let values = try SketchedValues(call, texts: .utf16, seed: seed)
    let empty = CPCSketch(lgK: try size(call, 1), mark: SketchHash.mark(ofSeed: seed))
    return ResolvedAggregate(argumentTypes: [values.type] + call.argumentTypes.dropFirst(), resultType: .binary) { _ in
        SketchAccumulator(empty: empty) { sketch, arguments, row in
            guard let hash = values.hash(arguments[0], row) else { return }
            let place = CPCSketch.place(hash)
            sketch.insert(row: place.row, column: place.column)
        }
    }
}

private let cpcUnion = AggregateFunction(
    "ds_cpc_union",
    documentation: FunctionDocumentation(
        "_FUNC_(sketch[, lgK[, seed]]) - Returns the union of CPC sketches",
        extended: options
            + "\nExample:\n  > SELECT ds_cpc_estimate(_FUNC_(s)) FROM (SELECT ds_cpc_sketch(cab) AS s FROM trips GROUP BY city) t;"),
    traits: AggregateTraits(isDistinctSensitive: false)
) { call in
    try call.expect(1...3)
    try call.expectSketch(0)
    let mark = try mark(call, 2), empty = CPCSketch(lgK: try size(call, 1), mark: mark)
    return ResolvedAggregate.ofSketches(call, empty: empty) { $0.merge(try CPCImage($1, mark: mark).sketch()) }
}

private let cpcUnionOfTwo = ScalarFunction(
    "ds_cpc_union_f",
    documentation: FunctionDocumentation(
        "_FUNC_(first, second[, lgK[, seed]]) - Returns the union of two CPC sketches; one that is NULL adds nothing",
        extended: options + "\nExample:\n  > SELECT ds_cpc_estimate(_FUNC_(ds_cpc_sketch(cab), ds_cpc_sketch(city))) FROM trips;"),
    traits: ScalarTraits(cost: .dear, canFail: true)
) { call in
    try call.expect(2...4)
    for index in 0...1 { try call.expectSketch(index) }
    let mark = try mark(call, 3), empty = CPCSketch(lgK: try size(call, 2), mark: mark)
    return ResolvedScalar.ofTwoSketches(call, empty: empty) { $0.merge(try CPCImage($1, mark: mark).sketch()) }
}

private let cpcEstimate = ScalarFunction(
    "ds_cpc_estimate",
    documentation: FunctionDocumentation(
        "_FUNC_(sketch[, seed]) - Returns how many different values a CPC sketch has seen, about",
        extended: seedOption + "\nExample:\n  > SELECT _FUNC_(ds_cpc_sketch(cab)) FROM trips;"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
) { call in
    try call.expect(1...2)
    try call.expectSketch(0)
    let mark = try mark(call, 1)
    return ResolvedScalar.ofSketch(call, .double) { $1.append(try CPCImage($0, mark: mark).estimate) }
}

private let cpcBounds = ScalarFunction(
    "ds_cpc_estimate_bounds",
    documentation: FunctionDocumentation(
        "_FUNC_(sketch[, kappa[, seed]]) - Returns a CPC sketch's estimate, and what lies kappa standard deviations below and above it",
        extended: "kappa is 1, 2 (unless given) or 3. " + seedOption + "\nExample:\n  > SELECT _FUNC_(ds_cpc_sketch(cab)) FROM trips;"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
) { call in
    try call.expect(1...3)
    try call.expectSketch(0)
    if call.count > 1 { try call.expectIntegral(1) }
    let mark = try mark(call, 2)
    let types = [.binary] + (call.count > 1 ? [.int] : []) + call.argumentTypes.dropFirst(2)
    return ResolvedScalar(argumentTypes: types, resultType: .array(.double)) { input in
        try input.bounds(kappa: call.count > 1 ? 1 : nil, of: call.name) { bytes, deviations, _ in
            let image = try CPCImage(bytes, mark: mark), bounds = image.bounds(deviations)
            return [image.estimate, bounds.lower, bounds.upper]
        }
    }
}

private let cpcStringify = ScalarFunction(
    "ds_cpc_stringify",
    documentation: FunctionDocumentation(
        "_FUNC_(sketch[, seed]) - Returns what a CPC sketch is, as a text of some lines",
        extended: seedOption + "\nExample:\n  > SELECT _FUNC_(ds_cpc_sketch(cab)) FROM trips;"),
    traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)
) { call in
    try call.expect(1...2)
    try call.expectSketch(0)
    let mark = try mark(call, 1)
    return ResolvedScalar.ofSketch(call, .string) { $1.append(textOf: try CPCImage($0, mark: mark).summary) }
}

extension CPCImage {
    fileprivate var summary: ByteBuffer {
        let summary = SketchSummary("CPC SKETCH - PREAMBLE:", width: 15), shape = CPCShape(lgK: lgK, count: count)
        let constant = historicEstimate == nil ? 0.693147180559945286 : 0.588705011257737332
        summary.add("Flavor", shape.flavor.rawValue)
        summary.add("LgK", lgK)
        summary.add("Merge Flag", historicEstimate == nil)
        summary.add("Error Const", constant)
        summary.add("RSE", constant / Double(1 << lgK).squareRoot())
        summary.add("Seed Hash", String(mark, radix: 16) + " | \(mark)")
        summary.add("Num Coupons", count)
        summary.add("Num Pairs (SV)", singleCount)
        summary.add("First Inter Col", firstColumn)
        summary.add("Valid Window", shape.hasWindow)
        summary.add("Window Offset", shape.offset)
        summary.add("HIP Accum", historicEstimate ?? 0)
        summary.text.append("### END CPC SKETCH")
        return summary.text
    }
}

let cpcScalarFunctions: [ScalarFunction] = [cpcUnionOfTwo, cpcEstimate, cpcBounds, cpcStringify]
let cpcAggregateFunctions: [AggregateFunction] = [cpcSketch, cpcUnion]
