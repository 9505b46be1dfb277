import Columnar
import Platform

/// What a number's rank becomes.
private enum RankDistribution: String, CaseIterable {
    /// The share of numbers below it.
    case uniform
    /// The number that has that share of the standard normal distribution below it.
    case normal
}

/// Where a number stands among those that were learned from, as scikit-learn's QuantileTransformer tells it.
private struct RankTransform: NumberTransform {
    /// Numbers at equal distances of rank, ascending. Empty where there was nothing to learn from.
    let quantiles: [Double]
    let distribution: RankDistribution

    static let unknown = RankTransform(quantiles: [], distribution: .uniform)

    /// scikit-learn's: the least and the greatest number of the normal distribution, which are infinitely far, come this far.
    private static let farthest = 5.199337582605575

    func callAsFunction(_ value: Double) -> Double? {
        guard !quantiles.isEmpty else { return nil }
        let share = share(value)
        guard distribution == .normal, !share.isNaN else { return share }
        return min(max(NormalDistribution.quantile(share), -Self.farthest), Self.farthest)
    }

    /// Of numbers that several quantiles are equal to, the middle one's share.
    private func share(_ value: Double) -> Double {
        guard !value.isNaN else { return value }
        let last = quantiles.count - 1
        if value <= quantiles[0] { return 0 }
        if value >= quantiles[last] { return 1 }
        let notBelow = quantiles.partitionPoint { $0 >= value }, above = quantiles.partitionPoint { $0 > value }
        let place: Double
        if notBelow < above {
            place = Double(notBelow + above - 1) / 2
        } else {
            // In halves, so that numbers far apart have a distance.
            let lower = quantiles[above - 1] / 2, upper = quantiles[above] / 2
            place = Double(above - 1) + min(max((value / 2 - lower) / (upper - lower), 0), 1)
        }
        return place / Double(last)
    }

    func write(to writer: inout FittedStateWriter) {
        writer.write(UInt8(RankDistribution.allCases.firstIndex(of: distribution) ?? 0))
        writer.write(UInt32(quantiles.count))
        for quantile in quantiles { writer.write(quantile) }
    }
}

extension RankTransform {
    init(_ reader: inout FittedStateReader) throws {
        let distributions = RankDistribution.allCases, distribution = Int(try reader.number(UInt8.self))
        guard distributions.indices.contains(distribution) else { throw reader.damage }
        self.distribution = distributions[distribution]
        var quantiles: [Double] = []
        for _ in 0..<(try reader.entryCount(ofAtLeast: 8)) {
            let quantile = try reader.finite()
            guard quantiles.last.map({ $0 <= quantile }) ?? true else { throw reader.damage }
            quantiles.append(quantile)
        }
        self.quantiles = quantiles
    }
}

/// A state holds all of them, and every row is searched for among them.
private let mostQuantiles: Int64 = 10_000

let quantileTransformerFunction = FittedFunction.ofNumber(
    RankTransform.self, "ml.quantile_transformer",
    FunctionDocumentation(
        "_FUNC_(x[, n_quantiles[, output_distribution]]) OVER () - Returns where x stands among all values",
        extended: "output_distribution is 'uniform' (a share from 0 to 1, unless given) or 'normal' (the number with that share of the standard\n"
            + "normal distribution below it). Shares are told by n_quantiles (1000 unless given, at most 10000) quantiles and the lines\n"
            + "between them.\nExample:\n  > SELECT fare, _FUNC_(fare, 100, 'normal') OVER () FROM trips;"),
    arguments: 1...3
) { call, state in
    let count = try call.constantInteger(1, "n_quantiles", in: 2...mostQuantiles, fallback: 1000)
    let distribution = try call.constantWord(2, "output_distribution", RankDistribution.self)
    return { _ in
        QuantileFitter { sketch in
            let quantiles = sketch.spaced(count)
            return state(quantiles.isEmpty ? nil : RankTransform(quantiles: quantiles, distribution: distribution))
        }
    }
}
