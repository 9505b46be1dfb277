/// A hyperparameter of a learner: what the command's help, the documentation and the checking of values are made of.
public struct HyperparameterDescription: Sendable, Equatable {
    public var name: String
    public var type: HyperparameterType
    public var defaultValue: HyperparameterValue
    public var explanation: String
    /// What the value `auto` stands for; nil: a value is needed.
    public var automatic: String?

    /// - Precondition: `defaultValue` is of the type, or `.automatic` where `automatic` says what that means.
    public init(
        _ name: String, _ type: HyperparameterType, default defaultValue: HyperparameterValue, _ explanation: String,
        automatic: String? = nil
    ) {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.explanation = explanation
        self.automatic = automatic
    }

    /// What a value may be, in words.
    public var range: String { type.range + (automatic == nil ? "" : ", or auto") }

    /// - Throws: `LearnerError.invalidHyperparameter` for a text that is no value of the type, or out of its range.
    public func value(parsing text: String) throws -> HyperparameterValue {
        if automatic != nil, text.lowercased() == "auto" { return .automatic }
        guard let value = type.value(parsing: text) else {
            throw LearnerError.invalidHyperparameter(name: name, value: text, expected: range)
        }
        return value
    }
}

/// What a hyperparameter may be.
public enum HyperparameterType: Sendable, Equatable {
    case number(NumberRange)
    case integer(ClosedRange<Int>)
    case flag
    case choice([String])

    /// The type's name in the documentation.
    public var name: String {
        switch self {
        case .number: "number"
        case .integer: "whole number"
        case .flag: "flag"
        case .choice: "name"
        }
    }

    var range: String {
        switch self {
        case .number(let range): range.description
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .flag: "true or false"
        case .choice(let names): names.joined(separator: ", ")
        }
    }

    func value(parsing text: String) -> HyperparameterValue? {
        switch self {
        case .number(let range): Double(text).flatMap { range.contains($0) ? .number($0) : nil }
        case .integer(let range): Int(text).flatMap { range.contains($0) ? .integer($0) : nil }
        case .flag:
            switch text.lowercased() {
            case "true", "yes", "1": .flag(true)
            case "false", "no", "0": .flag(false)
            default: nil
            }
        case .choice(let names): names.contains(text.lowercased()) ? .choice(text.lowercased()) : nil
        }
    }
}

/// Finite numbers between two bounds.
public struct NumberRange: Sendable, Equatable, CustomStringConvertible {
    public var lower: Double
    public var includesLower: Bool
    /// Infinite for none; else allowed itself.
    public var upper: Double

    public static func atLeast(_ lower: Double, upTo upper: Double = .infinity) -> NumberRange {
        NumberRange(lower: lower, includesLower: true, upper: upper)
    }

    public static func above(_ lower: Double, upTo upper: Double = .infinity) -> NumberRange {
        NumberRange(lower: lower, includesLower: false, upper: upper)
    }

    public func contains(_ value: Double) -> Bool {
        value.isFinite && value <= upper && (includesLower ? value >= lower : value > lower)
    }

    public var description: String {
        let low = HyperparameterValue.number(lower).text, high = HyperparameterValue.number(upper).text
        switch (includesLower, upper.isFinite) {
        case (true, true): return "a number from \(low) to \(high)"
        case (true, false): return "a number of at least \(low)"
        case (false, true): return "a number above \(low), at most \(high)"
        case (false, false): return "a number above \(low)"
        }
    }
}

/// A value of a hyperparameter.
public enum HyperparameterValue: Sendable, Equatable {
    case number(Double)
    case integer(Int)
    case flag(Bool)
    case choice(String)
    /// The learner chooses by the data.
    case automatic

    /// As it is written on the command line; numbers read back to the same bits.
    public var text: String {
        switch self {
        case .number(let value): value == value.rounded() && abs(value) < 1e6 ? "\(Int(value))" : "\(value)"
        case .integer(let value): "\(value)"
        case .flag(let value): "\(value)"
        case .choice(let name): name
        case .automatic: "auto"
        }
    }
}

/// The values of all hyperparameters of a learner: those that were given, and the defaults of the others.
public struct HyperparameterValues: Sendable, Equatable {
    private let learner: String
    private let values: [String: HyperparameterValue]

    /// - Throws: `LearnerError` for a name that `descriptions` lacks, or a value out of range.
    public init(_ given: [String: String], of descriptions: [HyperparameterDescription], learner: String) throws {
        for name in given.keys.sorted() where !descriptions.contains(where: { $0.name == name }) {
            throw LearnerError.unknownHyperparameter(name, learner: learner, known: descriptions.map(\.name))
        }
        var values: [String: HyperparameterValue] = [:]
        for description in descriptions {
            values[description.name] =
                try given[description.name].map { try description.value(parsing: $0) } ?? description.defaultValue
        }
        self.learner = learner
        self.values = values
    }

    /// Every value as text, by name.
    public var texts: [String: String] { values.mapValues(\.text) }

    private func find<Value>(_ name: String, _ take: (HyperparameterValue) -> Value?) throws -> Value {
        guard let value = values[name].flatMap(take) else {
            throw LearnerError.unknownHyperparameter(name, learner: learner, known: values.keys.sorted())
        }
        return value
    }

    /// - Throws: `LearnerError.unknownHyperparameter` when no number of that name is described.
    public func number(_ name: String) throws -> Double {
        try find(name) { if case .number(let value) = $0 { value } else { nil } }
    }

    /// nil for `auto`.
    public func numberOrAutomatic(_ name: String) throws -> Double? {
        try find(name) { value -> Double?? in
            switch value {
            case .number(let number): number
            case .automatic: .some(nil)
            default: nil
            }
        }
    }

    public func integer(_ name: String) throws -> Int {
        try find(name) { if case .integer(let value) = $0 { value } else { nil } }
    }

    /// nil for `auto`.
    public func integerOrAutomatic(_ name: String) throws -> Int? {
        try find(name) { value -> Int?? in
            switch value {
            case .integer(let number): number
            case .automatic: .some(nil)
            default: nil
            }
        }
    }

    public func flag(_ name: String) throws -> Bool {
        try find(name) { if case .flag(let value) = $0 { value } else { nil } }
    }

    public func choice(_ name: String) throws -> String {
        try find(name) { if case .choice(let value) = $0 { value } else { nil } }
    }
}
