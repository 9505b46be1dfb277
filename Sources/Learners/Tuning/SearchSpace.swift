import FeatureTables
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What a search tries of one hyperparameter.
public struct SearchDimension: Sendable, Equatable {
    public enum Values: Sendable, Equatable {
        case candidates([String])
        /// Both ends are tried. `isLogarithmic`: equal ratios are equally likely.
        case range(Double, Double, isLogarithmic: Bool)
    }

    public var name: String
    public var values: Values

    /// Points of a grid in a range of numbers.
    private static let gridPoints = 5
    private static let mostIntegers = 1_000

    public init(_ name: String, _ values: Values) {
        self.name = name
        self.values = values
    }

    /// `l2=0.01,0.1,1`, `depth=3..8` or `learning-rate=0.001..0.3:log`; nil for anything else.
    public init?(parsing text: String) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
        name = String(text[..<equals])
        var rest = String(text[text.index(after: equals)...])
        guard rest.contains("..") else {
            let candidates = rest.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard candidates.allSatisfy({ !$0.isEmpty }) else { return nil }
            values = .candidates(candidates)
            return
        }
        let isLogarithmic = rest.hasSuffix(":log")
        if isLogarithmic { rest = String(rest.dropLast(4)) }
        guard let dots = rest.firstRange(of: ".."), let low = Double(rest[..<dots.lowerBound]), let high = Double(rest[dots.upperBound...])
        else { return nil }
        values = .range(low, high, isLogarithmic: isLogarithmic)
    }

    /// The values for a learner's hyperparameter, checked.
    /// - Throws: `LearnerError` for an unknown hyperparameter, or values that it cannot have.
    func checked(by descriptions: [HyperparameterDescription], learner: String) throws -> CheckedDimension {
        guard let description = descriptions.first(where: { $0.name == name }) else {
            throw LearnerError.unknownHyperparameter(name, learner: learner, known: descriptions.map(\.name))
        }
        switch values {
        case .candidates(let texts):
            return CheckedDimension(name: name, values: .candidates(try texts.map { try description.value(parsing: $0).text }))
        case .range(let low, let high, let isLogarithmic):
            guard low.isFinite, high.isFinite, low <= high, !isLogarithmic || low > 0 else {
                throw LearnerError.invalidHyperparameter(
                    name: name, value: "\(low)..\(high)",
                    expected: isLogarithmic ? "a range of numbers above 0" : "a range from the least to the greatest number")
            }
            switch description.type {
            case .integer:
                guard low == low.rounded(), high == high.rounded() else {
                    throw LearnerError.invalidHyperparameter(name: name, value: "\(low)..\(high)", expected: description.range)
                }
                _ = try [low, high].map { try description.value(parsing: CheckedDimension.text($0, isInteger: true)) }
                return CheckedDimension(name: name, values: .range(low, high, isLogarithmic: isLogarithmic), isInteger: true)
            case .number:
                _ = try [low, high].map { try description.value(parsing: CheckedDimension.text($0, isInteger: false)) }
                return CheckedDimension(name: name, values: .range(low, high, isLogarithmic: isLogarithmic))
            case .flag, .choice:
                throw LearnerError.invalidHyperparameter(name: name, value: "\(low)..\(high)", expected: description.range)
            }
        }
    }

    /// A dimension whose values the learner takes.
    struct CheckedDimension {
        var name: String
        var values: Values
        var isInteger = false

        /// Numbers to six digits, so that they can be written down.
        static func text(_ value: Double, isInteger: Bool) -> String {
            // What is beyond all integers is no value of a hyperparameter, which finds that out by itself.
            if isInteger { return Int(exactly: value).map { "\($0)" } ?? "\(value)" }
            guard value != 0 else { return "0" }
            let scale = pow(10, 5 - log10(abs(value)).rounded(.down))
            let short = (value * scale).rounded() / scale
            return HyperparameterValue.number(short.isFinite ? short : value).text
        }

        /// Whether all values can be listed one by one.
        var isDiscrete: Bool {
            guard case .range(let low, let high, _) = values else { return true }
            return isInteger && high - low < Double(SearchDimension.mostIntegers)
        }

        /// What a grid tries.
        var points: [String] {
            switch values {
            case .candidates(let texts): return texts
            case .range(let low, let high, _):
                if isDiscrete { return (0...Int(high - low)).map { Self.text(low + Double($0), isInteger: true) } }
                let last = low < high ? SearchDimension.gridPoints - 1 : 0
                var found: [String] = []
                for point in 0...last {
                    let text = value(at: last > 0 ? Double(point) / Double(last) : 0)
                    if found.last != text { found.append(text) }
                }
                return found
            }
        }

        /// The value at a share of the way, from 0 to 1.
        func value(at share: Double) -> String {
            switch values {
            case .candidates(let texts): return texts[min(Int(share * Double(texts.count)), texts.count - 1)]
            case .range(let low, let high, let isLogarithmic):
                if isInteger, !isLogarithmic {
                    return Self.text(min(low + (share * (high - low + 1)).rounded(.down), high), isInteger: true)
                }
                let value = isLogarithmic ? exp(log(low) + share * (log(high) - log(low))) : low + share * (high - low)
                return Self.text(min(max(isInteger ? value.rounded() : value, low), high), isInteger: isInteger)
            }
        }
    }
}

/// How hyperparameters are looked for.
public struct SearchOptions: Sendable, Equatable {
    public enum Method: String, Sendable, CaseIterable, Codable {
        /// All combinations; of ranges of numbers five points each.
        case grid
        /// Combinations drawn at random.
        case random
        /// Combinations drawn at random are tried on few rows, and the better third on three times as many, until all are used.
        case halving
    }

    public var method: Method = .grid
    public var dimensions: [SearchDimension] = []
    /// Of `random` and `halving`.
    public var trials: Int?
    /// The name of a measure; nil: AUC for two classes, log loss for more, RMSE for numbers.
    public var objective: String?
    /// Of the draws.
    public var seed: UInt64 = 0

    public static let mostTrials = 10_000
    static let usualTrials = 20

    public init() {}

    /// The combinations to try, in order.
    /// - Throws: `LearnerError`.
    func combinations(for kind: any LearnerKind) throws -> [[String: String]] {
        guard !dimensions.isEmpty else { throw LearnerError.cannotSearch("there is nothing to try: name hyperparameters and values") }
        for (place, dimension) in dimensions.enumerated() where dimensions[..<place].contains(where: { $0.name == dimension.name }) {
            throw LearnerError.cannotSearch("\(dimension.name) is to be tried twice")
        }
        if let trials, !(1...Self.mostTrials ~= trials) {
            throw LearnerError.cannotSearch("the number of trials is from 1 to \(Self.mostTrials), not \(trials)")
        }
        let checked = try dimensions.map { try $0.checked(by: kind.parameters, learner: kind.name) }
        return method == .grid ? try grid(checked) : drawn(checked)
    }

    private func grid(_ dimensions: [SearchDimension.CheckedDimension]) throws -> [[String: String]] {
        guard trials == nil else { throw LearnerError.cannotSearch("a grid tries all combinations: a number of trials is for random and halving") }
        var found: [[String: String]] = [[:]]
        for dimension in dimensions {
            let points = dimension.points
            guard found.count * points.count <= Self.mostTrials else {
                throw LearnerError.cannotSearch("the grid has more than \(Self.mostTrials) combinations: try fewer values, or search at random")
            }
            found = found.flatMap { known in points.map { known.merging([dimension.name: $0]) { $1 } } }
        }
        return found
    }

    /// Different combinations, as many as are wanted or as there are.
    private func drawn(_ dimensions: [SearchDimension.CheckedDimension]) -> [[String: String]] {
        let wanted = trials ?? Self.usualTrials
        var found: [[String: String]] = []
        var known: Set<[String: String]> = []
        let stream = SplitMix.mix(seed ^ 0x7365_6172_6368)
        // Small spaces give what they gave before again and again.
        for draw in 0..<(wanted * 20) where found.count < wanted {
            var combination: [String: String] = [:]
            for (place, dimension) in dimensions.enumerated() {
                let word = SplitMix.mix(SplitMix.mix(stream &+ UInt64(draw)) &+ UInt64(place))
                combination[dimension.name] = dimension.value(at: Double(word >> 11) * 0x1p-53)
            }
            if known.insert(combination).inserted { found.append(combination) }
        }
        return found
    }
}
