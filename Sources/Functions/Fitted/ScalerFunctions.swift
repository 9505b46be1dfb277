import Columnar

/// What a scaler has learned: `(x - center) / spread`, in halves, so that numbers far apart have a distance.
struct Scaling: NumberTransform {
    var center = 0.0
    /// Greater than 0: numbers that do not differ are not stretched.
    var halfSpread = 0.5
    /// Whether results stay between 0 and 1.
    var isClamped = false
    /// False when there was nothing to learn from: then nothing can be said of a number.
    var isKnown = true

    static let unknown = Scaling(isKnown: false)

    @inline(__always)
    func callAsFunction(_ value: Double) -> Double? {
        guard isKnown else { return nil }
        let scaled = (value / 2 - center / 2) / halfSpread
        guard isClamped else { return scaled }
        return scaled < 0 ? 0 : scaled > 1 ? 1 : scaled
    }

    func write(to writer: inout FittedStateWriter) {
        writer.write(center)
        writer.write(halfSpread)
        writer.write(isClamped)
        writer.write(isKnown)
    }
}

extension Scaling {
    init(_ reader: inout FittedStateReader) throws {
        center = try reader.finite()
        halfSpread = try reader.finite()
        isClamped = try reader.flag()
        isKnown = try reader.flag()
        guard halfSpread > 0 else { throw reader.damage }
    }

    /// By what distances from `center` are divided when this is half of what they spread over.
    static func around(_ center: Double, halfSpread: Double, isClamped: Bool = false) -> Scaling {
        let usable = halfSpread > 0 ? min(halfSpread, .greatestFiniteMagnitude) : 0.5
        return Scaling(center: center, halfSpread: usable, isClamped: isClamped)
    }
}

private let standardScaler = FittedFunction.ofNumber(
    Scaling.self, "ml.standard_scaler",
    FunctionDocumentation(
        "_FUNC_(x) OVER () - Scales x to a mean of 0 and a standard deviation of 1",
        extended: "The deviation is that of a sample (n - 1). NULL stays NULL; NULL, NaN and infinities take no part.\n"
            + "Example:\n  > SELECT fare, _FUNC_(fare) OVER () FROM trips;")
) { _, state in
    { _ in
        MomentsFitter { moments in state(moments.mean.map { .around($0, halfSpread: moments.deviation / 2) }) }
    }
}

private let minMaxScaler = FittedFunction.ofNumber(
    Scaling.self, "ml.min_max_scaler",
    FunctionDocumentation(
        "_FUNC_(x) OVER () - Scales x so that its least value is 0 and its greatest is 1",
        extended: "Values beyond those that were learned from are 0 and 1.\nExample:\n  > SELECT fare, _FUNC_(fare) OVER () FROM trips;")
) { _, state in
    { _ in
        ExtremesFitter { extremes in
            guard !extremes.isEmpty else { return state(nil) }
            return state(.around(extremes.least, halfSpread: extremes.greatest / 2 - extremes.least / 2, isClamped: true))
        }
    }
}

private let maxAbsScaler = FittedFunction.ofNumber(
    Scaling.self, "ml.max_abs_scaler",
    FunctionDocumentation(
        "_FUNC_(x) OVER () - Divides x by its greatest absolute value",
        extended: "Zero stays zero.\nExample:\n  > SELECT fare, _FUNC_(fare) OVER () FROM trips;")
) { _, state in
    { _ in
        ExtremesFitter { extremes in
            guard !extremes.isEmpty else { return state(nil) }
            return state(.around(0, halfSpread: max(abs(extremes.least), abs(extremes.greatest)) / 2))
        }
    }
}

private let robustScaler = FittedFunction.ofNumber(
    Scaling.self, "ml.robust_scaler",
    FunctionDocumentation(
        "_FUNC_(x[, quantile_range[, with_median[, with_quantile_range]]]) OVER () - Scales x by its median and the distance of two quantiles",
        extended: "quantile_range is an array of two percentages, array(25, 75) unless given. Quantiles are values that are there.\n"
            + "Example:\n  > SELECT fare, _FUNC_(fare) OVER () FROM trips;"),
    arguments: 1...4
) { call, state in
    var range: [Int64] = [25, 75]
    if call.count > 1 {
        guard let given = call.constantIntegers(1), given.count == 2, given[0] > 0, given[0] < given[1], given[1] < 100 else {
            throw FunctionError(
                .argumentType(1), "\(call.name) takes as quantile_range a constant array of two integers that ascend between 0 and 100")
        }
        range = given
    }
    let isCentered = try call.constantBoolean(2, "with_median", fallback: true)
    let isScaled = try call.constantBoolean(3, "with_quantile_range", fallback: true)
    return { [range] _ in
        QuantileFitter { sketch in
            guard let median = sketch.median else { return state(nil) }
            let bounds = sketch.quantiles(range, of: 100)
            return state(.around(isCentered ? median : 0, halfSpread: isScaled ? bounds[1] / 2 - bounds[0] / 2 : 0.5))
        }
    }
}

let scalerFunctions: [FittedFunction] = [standardScaler, minMaxScaler, maxAbsScaler, robustScaler]
