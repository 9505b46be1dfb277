/// A hyperparameter as the command's help shows it.
public struct HyperparameterDescription: Codable, Sendable, Equatable {
    public var name: String
    public var defaultValue: String
    public var explanation: String
}

/// Reads hyperparameters given as text and refuses those that the learner does not have.
struct HyperparameterReader {
    private let learner: String
    private let values: [String: String]

    init(_ values: [String: String], learner: String, known: [HyperparameterDescription]) throws {
        let names = known.map(\.name)
        for name in values.keys.sorted() where !names.contains(name) {
            throw LearnerError.unknownHyperparameter(name, learner: learner, known: names)
        }
        self.learner = learner
        self.values = values
    }

    func number(_ name: String, _ value: inout Double, in range: ClosedRange<Double>, _ expected: String) throws {
        guard let text = values[name] else { return }
        guard let parsed = Double(text), range.contains(parsed) else {
            throw LearnerError.invalidHyperparameter(name: name, value: text, expected: expected)
        }
        value = parsed
    }

    func integer(_ name: String, _ value: inout Int, in range: ClosedRange<Int>) throws {
        guard let text = values[name] else { return }
        guard let parsed = Int(text), range.contains(parsed) else {
            let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
            throw LearnerError.invalidHyperparameter(name: name, value: text, expected: expected)
        }
        value = parsed
    }

    func flag(_ name: String, _ value: inout Bool) throws {
        guard let text = values[name] else { return }
        switch text.lowercased() {
        case "true", "yes", "1": value = true
        case "false", "no", "0": value = false
        default: throw LearnerError.invalidHyperparameter(name: name, value: text, expected: "true or false")
        }
    }
}
