import Columnar

// Hive 4's functions over the classic sketches of quantiles, of DOUBLE.

private let kOption =
    "k, a constant power of two from 2 to 32768 (128 unless given), controls size and accuracy: the error of ranks is about 1.41 %\n"
    + "with 128."

private func emptySketch(_ call: FunctionCall) throws -> DoublesSketch {
    let k = try call.sketchOption(1, "a k", in: DoublesSketch.sizes, usual: DoublesSketch.usualSize)
    guard k.nonzeroBitCount == 1 else { throw FunctionError(.argumentType(1), "\(call.name) needs a power of two as 2nd argument") }
    return DoublesSketch(k: k)
}

private let doublesSketch = AggregateFunction(
    "ds_quantile_doubles_sketch",
    documentation: FunctionDocumentation(
        "_FUNC_(value[, k]) - Returns a sketch of the quantiles of value, which is a DOUBLE",
        extended: kOption + "\nExample:\n  > SELECT ds_quantile_doubles_quantile(_FUNC_(fare), 0.5) FROM trips;"),
    // What goes up a level depends on the order of the rows.
    traits: AggregateTraits(isOrderSensitive: true)
) { call in
    try ResolvedAggregate.ofQuantiles(call, of: .double, empty: emptySketch)
}

private let doublesUnion = AggregateFunction(
    "ds_quantile_doubles_union",
    documentation: FunctionDocumentation(
        "_FUNC_(sketch[, k]) - Returns the union of sketches of quantiles",
        extended: kOption
            + "\nExample:\n  > SELECT ds_quantile_doubles_n(_FUNC_(s)) FROM ("
            + "SELECT ds_quantile_doubles_sketch(fare) AS s FROM trips GROUP BY city) t;"),
    traits: AggregateTraits(isOrderSensitive: true)
) { call in
    try call.expect(1...2)
    try call.expectSketch(0)
    return ResolvedAggregate.ofSketches(call, empty: try emptySketch(call)) { try $0.merge(try DoublesSketch($1)) }
}

private let kind = QuantileKind<Double>(
    prefix: "ds_quantile_doubles_", article: "a sketch of quantiles", type: .double, example: "ds_quantile_doubles_sketch(fare)"
) { bytes in
    let sketch = try DoublesSketch(bytes)
    return sketch.isEmpty ? nil : SortedView(levels: [sketch.buffer] + sketch.levels, count: sketch.count)
}

extension DoublesSketch {
    fileprivate func summary(byteCount: Int) -> ByteBuffer {
        let summary = SketchSummary("Quantiles DoublesSketch SUMMARY:", width: 29)
        summary.add("K", k)
        summary.add("N", Int(count))
        summary.add("Levels", levels.count)
        summary.add("BaseBufferCount", buffer.count)
        summary.add("RetainedItems", retainedCount)
        summary.add("Compact Storage Bytes", byteCount)
        summary.add("Normalized Rank Error", rankErrorText(rankError(ofShares: false)))
        summary.add("Normalized Rank Error (PMF)", rankErrorText(rankError(ofShares: true)))
        summary.add("Min Item", least)
        summary.add("Max Item", greatest)
        summary.text.append("### END SKETCH SUMMARY\n")
        return summary.text
    }
}

let doublesScalarFunctions: [ScalarFunction] =
    kind.functions + [
        kind.property("n", "_FUNC_(sketch) - Returns how many values a sketch of quantiles has seen", .bigint) { bytes, builder in
            builder.append(Int64(try DoublesSketch(bytes).count))
        },
        kind.property("k", "_FUNC_(sketch) - Returns the k of a sketch of quantiles", .int) { bytes, builder in
            builder.append(Int32(try DoublesSketch(bytes).k))
        },
        kind.property("stringify", "_FUNC_(sketch) - Returns what a sketch of quantiles is, as a text", .string) { bytes, builder in
            builder.append(textOf: try DoublesSketch(bytes).summary(byteCount: bytes.count))
        },
    ]
let doublesAggregateFunctions: [AggregateFunction] = [doublesSketch, doublesUnion]
