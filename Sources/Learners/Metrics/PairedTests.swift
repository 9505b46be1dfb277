import Platform
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// DeLong's test: whether two scores of the same rows differ in their areas under the ROC curve by more than chance (DeLong,
/// DeLong and Clarke-Pearson 1988; ranks after Sun and Xu 2014).
public struct DeLongTest: Sendable, Equatable {
    public var firstArea: Double
    public var secondArea: Double
    /// Of the difference.
    public var standardError: Double
    /// The chance of a difference at least as large where there is none.
    public var pValue: Double

    /// nil when there are fewer than two positive or negative rows.
    /// - Precondition: one element a row each.
    /// - Complexity: O(n log n).
    public init?(_ first: [Double], _ second: [Double], isPositive: [Bool]) {
        precondition(first.count == isPositive.count && second.count == isPositive.count)
        let positives = isPositive.indices.filter { isPositive[$0] }, negatives = isPositive.indices.filter { !isPositive[$0] }
        guard positives.count > 1, negatives.count > 1 else { return nil }
        /// For each row the share of the rows of the other class that it is in the right order with.
        func shares(_ scores: [Double]) -> (positive: [Double], negative: [Double]) {
            let all = SortedNumbers.midranks(scores)
            let own = SortedNumbers.midranks(positives.map { scores[$0] })
            let others = SortedNumbers.midranks(negatives.map { scores[$0] })
            return (
                zip(positives, own).map { (all[$0] - $1) / Double(negatives.count) },
                zip(negatives, others).map { 1 - (all[$0] - $1) / Double(positives.count) }
            )
        }
        let a = shares(first), b = shares(second)
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        func meanVariance(_ left: [Double], _ right: [Double]) -> Double {
            let differences = zip(left, right).map { $0 - $1 }
            let mean = mean(differences)
            let count = Double(differences.count)
            return differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1) / count
        }
        firstArea = mean(a.positive)
        secondArea = mean(b.positive)
        standardError = (meanVariance(a.positive, b.positive) + meanVariance(a.negative, b.negative)).squareRoot()
        let difference = firstArea - secondArea
        pValue = standardError > 0 ? NormalDistribution.twoSided(difference / standardError) : difference == 0 ? 1 : 0
    }
}

/// McNemar's test: whether two predictions of the same rows differ in how many are right by more than chance.
public struct McNemarTest: Sendable, Equatable {
    /// Rows that only the first is right about.
    public var onlyFirst: Int
    public var onlySecond: Int
    /// The chance of a difference at least as large where there is none: exact, or for more than a thousand such rows by the χ²
    /// distribution with correction for continuity.
    public var pValue: Double
    private static let mostExact = 1_000

    public init(onlyFirst: Int, onlySecond: Int) {
        self.onlyFirst = onlyFirst
        self.onlySecond = onlySecond
        let count = onlyFirst + onlySecond
        if count > Self.mostExact {
            let distance = max(Double(abs(onlyFirst - onlySecond)) - 1, 0)
            pValue = NormalDistribution.twoSided((distance * distance / Double(count)).squareRoot())
        } else {
            // Twice the tail of the binomial distribution with a chance of one half.
            var logarithm = Double(count) * log(0.5)
            var tail = 0.0
            for hits in 0...min(onlyFirst, onlySecond) {
                tail += exp(logarithm)
                logarithm += log(Double(count - hits)) - log(Double(hits + 1))
            }
            pValue = min(2 * tail, 1)
        }
    }
}
