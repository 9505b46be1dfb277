import Columnar
import Platform
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The log-normal distribution of the positive numbers of a column, and what share of it lies below a number.
private struct LogNormalShare: NumberTransform {
    /// Of the logarithms.
    var mean = 0.0
    /// Of the logarithms; 0 where they do not differ.
    var deviation = 0.0
    /// False when there were no positive numbers.
    var isKnown = true

    static let unknown = LogNormalShare(isKnown: false)

    func callAsFunction(_ value: Double) -> Double? {
        guard isKnown else { return nil }
        guard value > 0 else { return value.isNaN ? value : 0 }
        let distance = log(value) - mean
        return NormalDistribution.cumulative(distance == 0 ? 0 : distance / deviation)
    }

    func write(to writer: inout FittedStateWriter) {
        writer.write(mean)
        writer.write(deviation)
        writer.write(isKnown)
    }
}

extension LogNormalShare {
    init(_ reader: inout FittedStateReader) throws {
        mean = try reader.finite()
        deviation = try reader.finite()
        isKnown = try reader.flag()
        guard deviation >= 0 else { throw reader.damage }
    }
}

/// Count, mean and spread of the logarithms of positive numbers.
private struct LogarithmMoments: NumberSummary {
    private(set) var moments = Moments()

    init() {}

    var heapBytes: Int { moments.heapBytes }

    mutating func add(_ value: Double) {
        if value > 0 { moments.add(log(value)) }
    }

    mutating func merge(_ other: LogarithmMoments) { moments.merge(other.moments) }
    func write(to writer: inout FittedStateWriter) { moments.write(to: &writer) }
    init(_ reader: inout FittedStateReader) throws { moments = try Moments(&reader) }
}

private final class LogarithmMomentsFitter: NumberFitter {
    let summaries = SummaryStorage<LogarithmMoments>()
    let makeState: @Sendable (LogarithmMoments) -> [UInt8]
    init(_ makeState: @escaping @Sendable (LogarithmMoments) -> [UInt8]) { self.makeState = makeState }
}

let logNormalScalerFunction = FittedFunction.ofNumber(
    LogNormalShare.self, "ml.log_normal_scaler",
    FunctionDocumentation(
        "_FUNC_(x) OVER () - Returns the share of the log-normal distribution of x that lies below x",
        extended: "The distribution is that of the positive values: mean and deviation (by n) of their logarithms. What is not positive is 0.\n"
            + "Example:\n  > SELECT fare, _FUNC_(fare) OVER () FROM trips;")
) { _, state in
    { _ in
        LogarithmMomentsFitter { logarithms in
            let moments = logarithms.moments
            return state(moments.mean.map { LogNormalShare(mean: $0, deviation: moments.wholeDeviation) })
        }
    }
}
