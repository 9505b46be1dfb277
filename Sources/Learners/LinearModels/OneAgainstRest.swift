/// Several classes by learners that tell two apart: each class against all others.
enum OneAgainstRest {
    /// The positive class of each problem: of two classes the second, of more every one.
    static func positives(of classCount: Int) -> [Int32] { classCount == 2 ? [1] : (0..<Int32(classCount)).map { $0 } }

    /// How all searches together went: steps and objectives added up.
    static func summary(_ outcomes: [SearchOutcome], notes: [String]) -> FitSummary {
        FitSummary(
            iterations: outcomes.reduce(0) { $0 + $1.iterations }, objective: outcomes.reduce(0) { $0 + $1.objective },
            converged: outcomes.allSatisfy(\.converged),
            stopReason: (outcomes.first { !$0.converged } ?? outcomes.last)?.stopReason ?? "", notes: notes)
    }
}
