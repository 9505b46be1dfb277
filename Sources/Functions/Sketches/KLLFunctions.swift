import Columnar

// Hive 4's functions over KLL sketches of FLOAT.

private let kOption =
    "k, a constant from 8 to 65535 (200 unless given), controls size and accuracy: the error of ranks is about 1.33 % with 200."

private func emptySketch(_ call: FunctionCall) throws -> KLLSketch {
    KLLSketch(k: try call.sketchOption(1, "a k", in: KLLSketch.sizes, usual: KLLSketch.usualSize))
}

private let kllSketch = AggregateFunction(
    "ds_kll_sketch",
    documentation: FunctionDocumentation(
        "_FUNC_(value[, k]) - Returns a KLL sketch of the distribution of value, which is a FLOAT",
        extended: kOption + "\nExample:\n  > SELECT ds_kll_quantile(_FUNC_(cast(fare AS float)), 0.5) FROM trips;"),
    // What goes up a level depends on the order of the rows.
    traits: AggregateTraits(isOrderSensitive: true)
) { call in
    try ResolvedAggregate.ofQuantiles(call, of: .float, empty: emptySketch)
}

private let kllUnion = AggregateFunction(
    "ds_kll_union",
    documentation: FunctionDocumentation(
        "_FUNC_(sketch[, k]) - Returns the union of KLL sketches",
        extended: kOption
            + "\nExample:\n  > SELECT ds_kll_n(_FUNC_(s)) FROM ("
            + "SELECT ds_kll_sketch(cast(fare AS float)) AS s FROM trips GROUP BY city) t;"),
    traits: AggregateTraits(isOrderSensitive: true)
) { call in
    try call.expect(1...2)
    try call.expectSketch(0)
    return ResolvedAggregate.ofSketches(call, empty: try emptySketch(call)) { try $0.merge(try KLLSketch($1)) }
}

extension KLLSketch {
    fileprivate func summary(byteCount: Int) -> ByteBuffer {
        let summary = SketchSummary("KllFloatsSketch Summary:", width: 23)
        summary.add("K", k)
        summary.add("Dynamic min K", leastK)
        summary.add("M", Self.leastCapacity)
        summary.add("N", Int(count))
        summary.add("Epsilon", rankErrorText(rankError(ofShares: false)))
        summary.add("Epsilon PMF", rankErrorText(rankError(ofShares: true)))
        summary.add("Empty", isEmpty)
        summary.add("Estimation Mode", levels.count > 1)
        summary.add("Levels", levels.count)
        summary.add("Capacity Items", totalCapacity)
        summary.add("Retained Items", retainedCount)
        summary.add("Compact Storage Bytes", byteCount)
        summary.add("Min Item", least)
        summary.add("Max Item", greatest)
        summary.text.append("### End sketch summary\n")
        return summary.text
    }
}

private let kind = QuantileKind<Float>(
    prefix: "ds_kll_", article: "a KLL sketch", type: .float, example: "ds_kll_sketch(cast(fare AS float))"
) { bytes in
    let sketch = try KLLSketch(bytes)
    return sketch.isEmpty ? nil : SortedView(levels: sketch.levels, count: sketch.count)
}

let kllScalarFunctions: [ScalarFunction] =
    kind.functions + [
        kind.property("n", "_FUNC_(sketch) - Returns how many values a KLL sketch has seen", .bigint) { bytes, builder in
            builder.append(Int64(try KLLSketch(bytes).count))
        },
        kind.property("stringify", "_FUNC_(sketch) - Returns what a KLL sketch is, as a text of some lines", .string) { bytes, builder in
            builder.append(textOf: try KLLSketch(bytes).summary(byteCount: bytes.count))
        },
    ]
let kllAggregateFunctions: [AggregateFunction] = [kllSketch, kllUnion]
