import Columnar
import Platform

/// The numbers of a sketch of quantiles in their order, each with how many values there are up to it.
struct SortedView<Value: BinaryFloatingPoint> {
    private let values: [Value]
    private let ranks: [UInt64]
    private let count: UInt64

    /// The numbers of levels, each of which stands for twice as many values as one of the level before. There are some.
    init(levels: [[Value]], count: UInt64) {
        var entries: [(value: Value, weight: UInt64)] = []
        entries.reserveCapacity(levels.reduce(0) { $0 + $1.count })
        for (level, numbers) in levels.enumerated() { for value in numbers { entries.append((value, 1 << UInt64(level))) } }
        entries.sort { $0.value < $1.value }
        var total: UInt64 = 0
        values = entries.map(\.value)
        ranks = entries.map { entry in
            total += entry.weight
            return total
        }
        self.count = count
    }

    /// The share of values up to `value`, itself among them or not.
    func rank(_ value: Value, inclusive: Bool) -> Double {
        let place = values.partitionPoint { inclusive ? value < $0 : !($0 < value) }
        return place == 0 ? 0 : Double(ranks[place - 1]) / Double(count)
    }

    /// The value up to which a share of the values lies.
    func quantile(_ share: Double, inclusive: Bool) -> Value {
        var rank = share * Double(count)
        // Against the errors of products, as Java's library does.
        if count <= 10_000_000 { rank = (rank * 1e7 + 0.5).rounded(.down) / 1e7 }
        let place =
            inclusive
            ? ranks.partitionPoint { Double($0) >= rank.rounded(.up) }
            : ranks.partitionPoint { Double($0) > rank.rounded(.down) }
        return values[min(place, values.count - 1)]
    }

    /// The shares of values up to each of ascending points, and 1.
    func distribution(_ points: [Value], inclusive: Bool) -> [Double] { points.map { rank($0, inclusive: inclusive) } + [1] }

    /// The shares of values between the points.
    func shares(_ points: [Value], inclusive: Bool) -> [Double] {
        let ranks = distribution(points, inclusive: inclusive)
        return ranks.indices.map { $0 == 0 ? ranks[0] : ranks[$0] - ranks[$0 - 1] }
    }
}
