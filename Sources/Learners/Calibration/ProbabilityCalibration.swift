#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How probabilities of two classes are set right.
public enum CalibrationMethod: String, Codable, Sendable, CaseIterable {
    /// A logistic curve over the model's score (Platt, "Probabilistic outputs for support vector machines", 1999).
    case sigmoid
    /// A curve that only rises (Zadrozny and Elkan, "Transforming classifier scores into accurate multiclass probability estimates",
    /// 2002); for some thousand rows and more.
    case isotonic
}

/// What makes the probability of the positive class of a model's score, learned from rows that the model did not learn from.
public struct ProbabilityCalibration: Codable, Sendable, Equatable {
    /// What of the model is looked at.
    public enum Score: String, Codable, Sendable {
        /// Of the positive class, where that is what the model computes.
        case logOdds = "log-odds"
        case probability

        /// - Parameters:
        ///   - first: the probability of the other class.
        ///   - second: that of the positive one.
        func value(_ first: Double, _ second: Double) -> Double {
            switch self {
            case .probability: second
            case .logOdds: min(max(log(second) - log(first), -Self.greatest), Self.greatest)
            }
        }

        /// No double is as near to 0, nor to 1.
        private static let greatest = 1000.0
    }

    /// The probability of the positive class by the score.
    public enum Curve: Codable, Sendable, Equatable {
        /// 1 / (1 + exp(−(slope · score + intercept))).
        case sigmoid(slope: Double, intercept: Double)
        /// Straight between points and level beyond them; scores ascend, probabilities do not descend.
        case isotonic(scores: [Double], probabilities: [Double])
    }

    public var score: Score
    public var curve: Curve

    public init(score: Score, curve: Curve) {
        self.score = score
        self.curve = curve
    }

    /// Whether it gives a probability for every score; one that was read from a file may not.
    var isConsistent: Bool {
        switch curve {
        case .sigmoid(let slope, let intercept): return slope.isFinite && intercept.isFinite
        case .isotonic(let scores, let probabilities):
            return !scores.isEmpty && scores.count == probabilities.count && scores.allSatisfy(\.isFinite)
                && zip(scores, scores.dropFirst()).allSatisfy(<) && probabilities.allSatisfy { 0...1 ~= $0 }
                && zip(probabilities, probabilities.dropFirst()).allSatisfy(<=)
        }
    }

    /// The probability of the positive class.
    package func probability(_ score: Double) -> Double {
        switch curve {
        case .sigmoid(let slope, let intercept):
            let sum = slope * score + intercept
            return logistic(sum, exp(-abs(sum)))
        case .isotonic(let scores, let probabilities):
            let next = scores.partitioningIndex { !($0 < score) }
            guard next < scores.count else { return probabilities.last ?? 0 }
            guard next > 0, scores[next] > score else { return probabilities[next] }
            let share = (score - scores[next - 1]) / (scores[next] - scores[next - 1])
            return probabilities[next - 1] + share * (probabilities[next] - probabilities[next - 1])
        }
    }
}
