import Columnar

// Hive 4's functions over theta sketches.

private let sizeOption =
    "size, a constant, is how many hashes a sketch keeps, a power of two from 16 to 67108864 (4096 unless given); seed, a constant, is\n"
    + "that of the hashes (9001 unless given)."
private let seedOption = "seed, a constant, is that of the hashes (9001 unless given)."

private func size(_ call: FunctionCall, _ index: Int) throws -> Int {
    try call.sketchOption(index, "a size", in: ThetaUnion.sizes, usual: ThetaUnion.usualSize)
}

private func mark(_ call: FunctionCall, _ index: Int) throws -> UInt16 { SketchHash.mark(ofSeed: try call.sketchSeed(index)) }

/// The share of hashes that a sketch looks at.
private func sampling(_ call: FunctionCall, _ index: Int) throws -> Float {
    guard index < call.count else { return 1 }
    guard let share = call.constantDouble(index), share > 0, share <= 1 else {
        throw FunctionError(
            .argumentType(index), "\(call.name) needs a constant above 0 up to 1 as \(FunctionCall.ordinal(index)) argument")
    }
    return Float(share)
}

private let thetaSketch = AggregateFunction(
    "ds_theta_sketch",
    documentation: FunctionDocumentation(
        "_FUNC_(expr[, size[, probability[, seed]]]) - Returns a theta sketch of the different values of expr",
        extended: sizeOption + " Of the hashes a share of probability is looked at (1 unless given).\n"
            + "Example:\n  > SELECT ds_theta_estimate(_FUNC_(cab)) FROM trips;"),
    traits: AggregateTraits(isDistinctSensitive: false)
) { call in
    try call.expect(1...4)
    let seed = try call.sketchSeed(3)
    let values = try SketchedValues(call, texts: .utf8, seed: seed)
    let empty = ThetaUnion(size: try size(call, 1), sampling: try sampling(call, 2), mark: SketchHash.mark(ofSeed: seed))
    return ResolvedAggregate(argumentTypes: [values.type] + call.argumentTypes.dropFirst(), resultType: .binary) { _ in
        SketchAccumulator(empty: empty) { sketch, arguments, row in
            if let hash = values.hash(arguments[0], row).flatMap(ThetaSketch.hash) { sketch.insert(hash) }
        }
    }
}

private let thetaUnion = AggregateFunction(
    "ds_theta_union",
    documentation: FunctionDocumentation(
        "_FUNC_(sketch[, size[, seed]]) - Returns the union of theta sketches",
        extended: sizeOption
            + "\nExample:\n  > SELECT ds_theta_estimate(_FUNC_(s)) FROM (SELECT ds_theta_sketch(cab) AS s FROM trips GROUP BY city) t;"),
    traits: AggregateTraits(isDistinctSensitive: false)
) { call in
    try call.expect(1...3)
    try call.expectSketch(0)
    let mark = try mark(call, 2), empty = ThetaUnion(size: try size(call, 1), mark: mark)
    return ResolvedAggregate.ofSketches(call, empty: empty) { $0.merge(try ThetaSketch($1, mark: mark)) }
}

private let thetaIntersection = AggregateFunction(
    "ds_theta_intersect",
    documentation: FunctionDocumentation(
        "_FUNC_(sketch[, seed]) - Returns the intersection of theta sketches",
        extended: seedOption
            + "\nExample:\n  > SELECT ds_theta_estimate(_FUNC_(s)) FROM (SELECT ds_theta_sketch(cab) AS s FROM trips GROUP BY city) t;"),
    traits: AggregateTraits(isDistinctSensitive: false)
) { call in
    try call.expect(1...2)
    try call.expectSketch(0)
    let mark = try mark(call, 1)
    return ResolvedAggregate.ofSketches(call, empty: ThetaIntersection(mark: mark)) { $0.merge(try ThetaSketch($1, mark: mark)) }
}

private let thetaUnionOfTwo = ScalarFunction(
    "ds_theta_union_f",
    documentation: FunctionDocumentation(
        "_FUNC_(first, second[, size[, seed]]) - Returns the union of two theta sketches; one that is NULL adds nothing",
        extended: sizeOption + "\nExample:\n  > SELECT ds_theta_estimate(_FUNC_(ds_theta_sketch(cab), ds_theta_sketch(city))) FROM trips;"),
    traits: ScalarTraits(cost: .dear, canFail: true)
) { call in
    try call.expect(2...4)
    for index in 0...1 { try call.expectSketch(index) }
    let mark = try mark(call, 3), empty = ThetaUnion(size: try size(call, 2), mark: mark)
    return ResolvedScalar.ofTwoSketches(call, empty: empty) { union, bytes in
        if bytes.count >= 8 { union.merge(try ThetaSketch(bytes, mark: mark)) }
    }
}

/// A sketch made of two, NULL when one is NULL.
private func pairFunction(
    _ name: String, _ documentation: FunctionDocumentation, _ combine: @escaping @Sendable (ThetaSketch, ThetaSketch) -> ThetaSketch
) -> ScalarFunction {
    ScalarFunction(name, documentation: documentation, traits: ScalarTraits(nulls: .propagated, cost: .dear, canFail: true)) { call in
        try call.expect(2...3)
        for index in 0...1 { try call.expectSketch(index) }
        let mark = try mark(call, 2)
        return ResolvedScalar(argumentTypes: [.binary, .binary] + call.argumentTypes.dropFirst(2), resultType: .binary) { input in
            try input.sketches { row in
                guard let first = input.bytes(0, row), let second = input.bytes(1, row) else { return nil }
                return combine(try ThetaSketch(first, mark: mark), try ThetaSketch(second, mark: mark)).serialized(mark: mark)
            }
        }
    }
}

private let thetaEstimate = ScalarFunction(
    "ds_theta_estimate",
    documentation: FunctionDocumentation(
        "_FUNC_(sketch[, seed]) - Returns how many different values a theta sketch has seen, about; 0 for NULL",
        extended: seedOption + "\nExample:\n  > SELECT _FUNC_(ds_theta_sketch(cab)) FROM trips;"),
    traits: ScalarTraits(cost: .dear, canFail: true)
) { call in
    try call.expect(1...2)
    try call.expectSketch(0)
    let mark = try mark(call, 1)
    return ResolvedScalar(argumentTypes: [.binary] + call.argumentTypes.dropFirst(), resultType: .double) { input in
        try input.build(.double) { row, builder in
            guard let bytes = input.bytes(0, row), bytes.count > 8 else { return builder.append(0.0) }
            builder.append(try ThetaSketch(bytes, mark: mark).estimate)
        }
    }
}

let thetaScalarFunctions: [ScalarFunction] = [
    thetaUnionOfTwo, thetaEstimate,
    pairFunction(
        "ds_theta_intersect_f",
        FunctionDocumentation(
            "_FUNC_(first, second[, seed]) - Returns the intersection of two theta sketches",
            extended: seedOption
                + "\nExample:\n  > SELECT ds_theta_estimate(_FUNC_(ds_theta_sketch(cab), ds_theta_sketch(city))) FROM trips;")
    ) { $0.intersection($1) },
    pairFunction(
        "ds_theta_exclude",
        FunctionDocumentation(
            "_FUNC_(first, second[, seed]) - Returns a theta sketch of the values that the first sketch has seen and the second has not",
            extended: seedOption
                + "\nExample:\n  > SELECT ds_theta_estimate(_FUNC_(ds_theta_sketch(cab), ds_theta_sketch(city))) FROM trips;")
    ) { $0.exclusion($1) },
]
let thetaAggregateFunctions: [AggregateFunction] = [thetaSketch, thetaUnion, thetaIntersection]
