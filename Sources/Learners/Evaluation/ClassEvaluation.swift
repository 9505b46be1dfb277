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
        let ranked = rows.ranking(of: position)
        let measures = ranked.measures()
        name = rows.names[position]
        areaUnderROC = measures.areaUnderROC
        averagePrecision = measures.averagePrecision
        kolmogorovSmirnov = measures.kolmogorovSmirnov
        curve = ThresholdCurve(ranked)
        reliability = rows.reliability(of: position, nil)
        var bars = [Int](repeating: 0, count: Self.scoreBars), otherBars = bars
        ranked.forEachTie(nil) { tie in
            let bar = Reliability.bin(of: tie.score, among: Self.scoreBars)
            bars[bar] += Int(tie.positive)
            otherBars[bar] += Int(tie.negative)
        }
        scores = bars
        otherScores = otherBars
        choices = rows.names.count == 2 ? ThresholdChoice.choices(ranked, costs: costs) : []
    }
}
