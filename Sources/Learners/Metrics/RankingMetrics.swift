/// Measures of how well scores put positive rows before negative ones.
public enum RankingMetrics {
    /// The area under the receiver operating characteristic: the chance that a positive row scores higher than a
    /// negative one, ties counting half. Rows count by weight.
    ///
    /// nil when there are no positive or no negative rows.
    /// - Precondition: `isPositive` (and `weights`) have one element a score.
    /// - Complexity: O(n log n).
    public static func areaUnderROC(scores: [Double], isPositive: [Bool], weights: [Double]? = nil) -> Double? {
        RankedScores(scores: scores, isPositive: isPositive).measures(weights).areaUnderROC
    }

    /// The area under the curve of precision over recall as average precision: the sum of precisions at each distinct
    /// score, weighted by the gain in recall. nil when there are no positive rows.
    /// - Precondition: `isPositive` (and `weights`) have one element a score.
    /// - Complexity: O(n log n).
    public static func averagePrecision(scores: [Double], isPositive: [Bool], weights: [Double]? = nil) -> Double? {
        RankedScores(scores: scores, isPositive: isPositive).measures(weights).averagePrecision
    }

    /// The greatest distance between the shares of positive and of negative rows that score at least as high as some
    /// threshold. nil when there are no positive or no negative rows.
    /// - Precondition: `isPositive` (and `weights`) have one element a score.
    /// - Complexity: O(n log n).
    public static func kolmogorovSmirnov(scores: [Double], isPositive: [Bool], weights: [Double]? = nil) -> Double? {
        RankedScores(scores: scores, isPositive: isPositive).measures(weights).kolmogorovSmirnov
    }
}
