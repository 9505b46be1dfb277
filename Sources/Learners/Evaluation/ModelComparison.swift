import FeatureTables

/// Two models on the same rows, and whether one is better by more than chance; every row counts the same.
public struct ModelComparison: Sendable, Equatable {
    /// Rows that both could be judged by.
    public var rows: Int
    public var level: Double
    public var differences: [Difference]
    /// Of two classes.
    public var deLong: DeLongTest?
    /// Of classes.
    public var mcNemar: McNemarTest?
    /// What to make of it, as a sentence.
    public var verdict: String

    public struct Difference: Sendable, Equatable {
        public var measure: Measure
        /// Of the first model.
        public var value: Double
        public var otherValue: Double
        /// Between which the first's less the other's is, at the level; nil where it cannot be told.
        public var lower: Double?
        public var upper: Double?

        public var difference: Double { value - otherValue }
    }

    /// Those that reports show.
    package var shownDifferences: [Difference] { differences.filter { !$0.measure.isRepetition } }

    /// - Throws: `LearnerError.notComparable`, `.cancelled`.
    init(
        _ first: NamedModel, _ second: NamedModel, _ resampling: Resampling, threads: Int, _ isCancelled: (@Sendable () -> Bool)?
    ) throws {
        guard let all = first.judged, let others = second.judged else {
            throw LearnerError.notComparable("there are no rows that both can be judged by")
        }
        guard Self.agree(all, others, first, second) else {
            throw LearnerError.notComparable("they do not learn the same label with the same classes")
        }
        let (one, other) = all.paired(with: others)
        guard one.rowCount > 0 else { throw LearnerError.notComparable("there are no rows that both can be judged by") }
        rows = one.rowCount
        level = resampling.level
        let a = try one.arranged().keepingMeasures(), b = try other.arranged().keepingMeasures()
        let metrics = a.metrics(nil)
        let measures = metrics.measures, otherMeasures = b.metrics(nil).measures
        let intervals = try resampling.intervals(rows: rows, threads: threads, isCancelled) { weights in
            zip(a.metrics(weights).measures, b.metrics(weights).measures).map { mine, other in
                mine.value.flatMap { value in other.value.map { value - $0 } }
            }
        }
        differences = measures.indices.compactMap { place in
            guard let value = measures[place].value, let otherValue = otherMeasures[place].value else { return nil }
            return Difference(
                measure: measures[place], value: value, otherValue: otherValue, lower: intervals[place]?.lower,
                upper: intervals[place]?.upper)
        }
        if case .classes(let mine) = a, case .classes(let theirs) = b {
            var onlyMine = 0, onlyTheirs = 0
            for row in mine.actual.indices {
                let isRight = mine.predicted[row] == mine.actual[row], isOtherRight = theirs.predicted[row] == mine.actual[row]
                if isRight, !isOtherRight { onlyMine += 1 } else if !isRight, isOtherRight { onlyTheirs += 1 }
            }
            mcNemar = McNemarTest(onlyFirst: onlyMine, onlySecond: onlyTheirs)
            if mine.names.count == 2 {
                let (scores, isPositive) = mine.scores(of: 1)
                deLong = DeLongTest(scores, theirs.scores(of: 1).scores, isPositive: isPositive)
            }
        }
        verdict = ""
        let decisive = metrics.decisiveNames.lazy.compactMap { [differences] name in differences.first { $0.measure.name == name } }.first
        verdict = Self.verdict(self, decisive, first.name, second.name)
    }

    private static func agree(_ one: JudgedRows, _ other: JudgedRows, _ first: NamedModel, _ second: NamedModel) -> Bool {
        guard first.model.encoding.label?.name.lowercased() == second.model.encoding.label?.name.lowercased() else { return false }
        return switch (one.label, other.label) {
        case (.classes(_, let names), .classes(_, let otherNames)): names == otherNames
        case (.numbers, .numbers): true
        default: false
        }
    }

    private static func verdict(
        _ comparison: ModelComparison, _ decisive: Difference?, _ name: String, _ otherName: String
    ) -> String {
        guard let decisive else { return "There is no measure that both have." }
        func show(_ value: Double) -> String { EvaluationWords.value(value) }
        let measured = "\(decisive.measure.title) \(show(decisive.value)) against \(show(decisive.otherValue)) on the same "
            + "\(ReportNumber.count(Double(comparison.rows))) row(s)"
        guard decisive.difference != 0 else { return "\(name) and \(otherName) are as good as each other: \(measured)." }
        guard let lower = decisive.lower, let upper = decisive.upper else {
            return "There are too few rows to tell \(name) and \(otherName) apart: \(measured)."
        }
        var reasons = "with \(EvaluationWords.percent(comparison.level)) confidence the difference is between \(show(lower)) and \(show(upper))"
        var isTold = lower > 0 || upper < 0
        if let test = comparison.deLong, decisive.measure.name == "areaUnderROC" {
            reasons += "; DeLong's test: \(EvaluationWords.chance(test.pValue))"
            isTold = isTold && test.pValue < 1 - comparison.level
        }
        guard isTold else { return "The rows do not tell which of \(name) and \(otherName) is better: \(measured); \(reasons)." }
        let isFirstBetter = decisive.measure.isBetter(decisive.value, than: decisive.otherValue)
        let (better, worse) = isFirstBetter ? (name, otherName) : (otherName, name)
        return "\(better) is better than \(worse): \(measured); \(reasons)."
    }
}
