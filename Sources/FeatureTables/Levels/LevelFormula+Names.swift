import Platform

extension CategoricalForm {
    /// How a level's numbers are made of its sums; nil where levels become no numbers.
    var formula: LevelFormula.Form? {
        switch self {
        case .target: .target
        case .weightOfEvidence: .weightOfEvidence
        case .counts: .counts
        case .frequency: .frequency
        case .oneHot, .index: nil
        }
    }
}

extension LevelFormula {
    /// - Parameter classes: their names; empty for numeric answers.
    func featureNames(_ classes: [String]) -> [String] {
        let told = classesTold.map { classes[$0] }
        switch form {
        case .target: return classCount == 0 ? ["target"] : told.map { "target=\($0)" }
        case .weightOfEvidence: return told.map { "weight-of-evidence=\($0)" }
        case .counts: return classes.map { "count=\($0)" } + told.map { "log-odds=\($0)" } + ["back-off"]
        case .frequency: return ["frequency"]
        }
    }
}
