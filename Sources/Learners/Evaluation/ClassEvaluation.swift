/// One class against the rest, in pictures; every row counts the same.
public struct ClassEvaluation: Sendable, Equatable {
    public var name: String
    public var areaUnderROC: Double?
    public var averagePrecision: Double?
    public var kolmogorovSmirnov: Double?
    public var curve: ThresholdCurve
    public var reliability: Reliability
    /// Rows of the class, and of all others, by probability: twenty bars of one width from 0 to 1.
    public var scores: [Int]
    public var otherScores: [Int]
    /// Of the positive one of two classes.
    public var choices: [ThresholdChoice]

    public static let scoreBars = 20

    init(_ rows: ClassifiedRows, _ position: Int, costs: MistakeCosts?) {
        let (scores, isPositive) = rows.scores(of: position)
        let ranked = RankedScores(scores: scores, isPositive: isPositive)
        let measures = ranked.measures()
        name = rows.names[position]
        areaUnderROC = measures.areaUnderROC
        averagePrecision = measures.averagePrecision
        kolmogorovSmirnov = measures.kolmogorovSmirnov
        curve = ThresholdCurve(ranked)
        reliability = rows.reliability(of: position, nil)
        var bars = [[Int]](repeating: [Int](repeating: 0, count: Self.scoreBars), count: 2)
        for (score, isPositive) in zip(scores, isPositive) {
            bars[isPositive ? 0 : 1][Reliability.bin(of: score, among: Self.scoreBars)] += 1
        }
        self.scores = bars[0]
        otherScores = bars[1]
        choices = rows.names.count == 2 ? ThresholdChoice.choices(ranked, costs: costs) : []
    }
}
