/// Something about a training that a reader of its report should look at before the model is trusted.
public struct ModelWarning: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// The iteration limit ended the search before its tolerance.
        case notConverged = "not-converged"
        /// No row is left to evaluate on, though the rows were split.
        case noEvaluation = "no-evaluation"
        /// A class has so few training rows that nothing can be learned about it.
        case rareClass = "rare-class"
        /// Nearly every row has a value of its own: a name of the row, not something to learn from.
        case identifierLike = "identifier-like"
        /// One value in all training rows.
        case constantFeature = "constant-feature"
        /// Predictions without a mistake: a feature may hold the answer.
        case suspectedLeak = "suspected-leak"
    }

    public var kind: Kind
    /// The feature or column that it is about.
    public var feature: String?
    /// A sentence for people.
    public var text: String

    public init(_ kind: Kind, feature: String? = nil, _ text: String) {
        self.kind = kind
        self.feature = feature
        self.text = text
    }
}
