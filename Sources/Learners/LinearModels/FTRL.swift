import FeatureTables
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Logistic regression learned a row at a time: follow the regularized leader, proximal (McMahan and others, "Ad Click Prediction: a
/// View from the Trenches", 2013, algorithm 1), with a learning rate of its own for every weight. For more than two classes each
/// against all others.
///
/// A row costs as much as it has elements, and L1 keeps weights of rare features at exactly 0: for many sparse features. Weights are
/// those of the scaled features inside; the model's are on the features' own scale.
public struct FTRL: Learner {
    public static let name = "ftrl"
    public var name: String { Self.name }

    /// α and β of the rates: a weight moves by α / (β + √Σ gradient²) times the gradient.
    public var learningRate = 0.1
    public var beta = 1.0
    /// Penalties on absolute and on half the squared weights, on the scale of the sum of losses over all passes.
    public var l1 = 0.0
    public var l2 = 0.0
    /// nil: as many as make a million steps, at least 2 and at most 100.
    public var passes: Int?
    public var standardizes = true
    public var hasIntercept = true
    /// Whether each pass has an order of its own; else rows come as they are.
    public var shuffles = true
    public var seed = 0

    public init() {}

    /// - Throws: `LearnerError` for an unknown name or a value out of range.
    public init(hyperparameters: [String: String]) throws {
        try self.init(HyperparameterValues(hyperparameters, of: FTRLKind().parameters, learner: Self.name))
    }

    init(_ values: HyperparameterValues) throws {
        learningRate = try values.number("learning-rate")
        beta = try values.number("beta")
        l1 = try values.number("l1")
        l2 = try values.number("l2")
        passes = try values.integerOrAutomatic("passes")
        standardizes = try values.flag("standardize")
        hasIntercept = try values.flag("intercept")
        shuffles = try values.flag("shuffle")
        seed = try values.integer("seed")
    }

    public var hyperparameters: [String: String] {
        ([
            "learning-rate": .number(learningRate), "beta": .number(beta), "l1": .number(l1), "l2": .number(l2),
            "passes": passes.map { .integer($0) } ?? .automatic, "standardize": .flag(standardizes),
            "intercept": .flag(hasIntercept), "shuffle": .flag(shuffles), "seed": .integer(seed),
        ] as [String: HyperparameterValue]).mapValues(\.text)
    }

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        let passes = passes(rowCount: table.rowCount)
        let total = try table.totalWeight()
        var learning = try FTRLLearning(self, like: table, isStream: false, context)
        var loss = 0.0
        var done = 0
        for pass in 0..<passes {
            loss = try learning.learn(table, pass: pass, part: 0, context) / total
            done = pass + 1
            guard try context.advance(TrainingProgress(iteration: done, limit: passes, objective: loss)) else { break }
        }
        return try learning.result(passes: done, of: passes, loss: loss)
    }
}

extension FTRL: StreamedLearner {
    public func passes(rowCount: Int) -> Int { passes ?? max(2, min(100, 1_000_000 / max(rowCount, 1))) }

    public func learning(like sample: FeatureTable, context: TrainingContext) throws -> any StreamedLearning {
        try FTRLLearning(self, like: sample, isStream: true, context)
    }
}

/// A training by tables of one encoding, one after the other.
private struct FTRLLearning: StreamedLearning {
    private let learner: FTRL
    private let scales: ElementScales
    private let deviations: [Double]
    private let featureNames: [String]
    private let classes: [String]
    private var leaders: [FTRLLeader]

    /// - Parameters:
    ///   - table: whose features' means and deviations scale those of all tables.
    ///   - isStream: whether it is but a sample of the rows.
    init(_ learner: FTRL, like table: FeatureTable, isStream: Bool, _ context: TrainingContext) throws {
        classes = try table.classLabels().names
        let total = try table.totalWeight()
        try table.matrix.requireValues(FTRL.name)
        let scaling = Standardization(
            table.matrix, weights: table.weights, totalWeight: total, scales: true, threads: context.threads)
        try scaling.requireFinite(table.featureNames)
        self.learner = learner
        scales = ElementScales(
            table.matrix, scaling, standardizes: learner.standardizes, centres: learner.standardizes && learner.hasIntercept,
            isStream: isStream)
        deviations = scaling.deviations
        featureNames = table.featureNames
        leaders = OneAgainstRest.positives(of: classes.count).map {
            FTRLLeader(width: table.matrix.columnCount, positive: $0, rates: learner)
        }
    }

    mutating func learn(_ table: FeatureTable, pass: Int, part: Int, _ context: TrainingContext) throws -> Double {
        guard case .classes(let codes, classes) = table.label else { throw LearnerError.inconsistentModel }
        try table.matrix.requireValues(FTRL.name)
        let order = learner.shuffles ? order(table.rowCount, pass: pass, part: part) : nil
        let view = ScaledElements(matrix: table.matrix, scales: scales)
        var loss = 0.0
        for place in leaders.indices {
            loss += try leaders[place].learn(view, codes, weights: table.weights, order: order, context)
        }
        return loss
    }

    func result(passes: Int, of all: Int, loss: Double) throws -> TrainingResult {
        let outputs = leaders.map { scales.output($0.weights, intercept: learner.hasIntercept ? $0.intercept : 0) }
        guard loss.isFinite, outputs.allSatisfy(\.isFinite) else { throw LearnerError.notFinite("a weight") }
        let model = LinearModel(
            task: classes.count == 2 ? .binaryClassification : .multiclassClassification, featureNames: featureNames,
            classes: classes, outputs: outputs, deviations: deviations, link: classes.count == 2 ? nil : .oneAgainstRest)
        return TrainingResult(
            model: model,
            fit: FitSummary(
                iterations: passes, objective: loss, converged: passes == all,
                stopReason: passes == all ? "all passes done" : TrainingContext.interruption))
    }

    /// Rows in an order that the seed, the pass and the part of the rows alone decide.
    private func order(_ count: Int, pass: Int, part: Int) -> [Int32] {
        let start = SplitMix.mix(SplitMix.mix(UInt64(bitPattern: Int64(learner.seed))) &+ UInt64(pass) &+ UInt64(part) << 32)
        var rows = (0..<Int32(count)).map { $0 }
        for place in stride(from: count - 1, to: 0, by: -1) {
            rows.swapAt(place, Int(SplitMix.mix(start &+ UInt64(place)) % UInt64(place + 1)))
        }
        return rows
    }
}

/// What elements become inside: `(value − shift) · scale`. A sparse matrix stays sparse: only columns that every row has are shifted,
/// which are known where all rows are.
private struct ElementScales {
    private let shifts: [Double]
    private let scales: [Double]

    init(_ matrix: FeatureMatrix, _ scaling: Standardization, standardizes: Bool, centres: Bool, isStream: Bool) {
        scales = standardizes ? scaling.inverseDeviations : scaling.inverseDeviations.map { _ in 1 }
        switch matrix.storage {
        case .sparse(let rows) where centres && !isStream:
            shifts = SparseCentring(rows, rowCount: matrix.rowCount, means: scaling.means).shifts
        case .dense where centres: shifts = scaling.means
        default: shifts = [Double](repeating: 0, count: matrix.columnCount)
        }
    }

    /// Calls `body` with the elements of a row, as they are inside, that are not 0.
    @inline(__always)
    func forEachElement(_ matrix: FeatureMatrix, _ row: Int, _ body: (_ column: Int, _ value: Double) -> Void) {
        shifts.withUnsafeBufferPointer { shifts in
            scales.withUnsafeBufferPointer { scales in
                @inline(__always)
                func give(_ column: Int, _ own: Double) {
                    let value = (own - shifts[column]) * scales[column]
                    if value != 0 { body(column, value) }
                }
                switch matrix.storage {
                case .dense(let elements):
                    let width = matrix.columnCount
                    for column in 0..<width { give(column, elements[row * width + column]) }
                case .sparse(let rows):
                    for place in rows.range(row) { give(Int(rows.columns[place]), rows.values[place]) }
                }
            }
        }
    }

    /// On the features' own scale.
    func output(_ weights: [Double], intercept: Double) -> LinearModel.Output {
        let own = zip(weights, scales).map { $0 * $1 }
        return LinearModel.Output(intercept: intercept - dot(own, shifts), weights: own)
    }
}

/// Rows whose elements are scaled as they are read.
private struct ScaledElements {
    let matrix: FeatureMatrix
    let scales: ElementScales

    @inline(__always)
    func forEach(_ row: Int, _ body: (_ column: Int, _ value: Double) -> Void) { scales.forEachElement(matrix, row, body) }
}

/// What is known of the weights of one class against the others after some rows.
private struct FTRLLeader {
    private let positive: Int32
    private let rates: FTRL
    /// Of each weight, and behind them of the intercept: the sum that the weight follows from, and the sum of squared gradients.
    private var sums: [Double]
    private var squares: [Double]
    private var width: Int { sums.count - 1 }

    init(width: Int, positive: Int32, rates: FTRL) {
        self.positive = positive
        self.rates = rates
        sums = [Double](repeating: 0, count: width + 1)
        squares = [Double](repeating: 0, count: width + 1)
    }

    var weights: [Double] { (0..<width).map { rates.weight(sums[$0], squares[$0], l1: rates.l1, l2: rates.l2) } }
    var intercept: Double { rates.weight(sums[width], squares[width], l1: 0, l2: 0) }

    private static let rowsBetweenQuestions = 65_536

    /// Learns from all rows once.
    /// - Returns: the sum of the log losses, each before its row was learned from.
    /// - Throws: `LearnerError.cancelled`.
    mutating func learn(
        _ view: ScaledElements, _ codes: [Int32], weights: [Double]?, order: [Int32]?, _ context: TrainingContext
    ) throws -> Double {
        var loss = 0.0
        let count = codes.count
        for start in stride(from: 0, to: count, by: Self.rowsBetweenQuestions) {
            if context.isCancelled?() == true { throw LearnerError.cancelled }
            for place in start..<min(count, start + Self.rowsBetweenQuestions) {
                let row = order.map { Int($0[place]) } ?? place
                loss += learn(view, row, isPositive: codes[row] == positive, weight: weights?[row] ?? 1)
            }
        }
        return loss
    }

    private mutating func learn(_ view: ScaledElements, _ row: Int, isPositive: Bool, weight: Double) -> Double {
        guard weight > 0 else { return 0 }
        let rates = rates, width = width
        return sums.withUnsafeMutableBufferPointer { sums in
            squares.withUnsafeMutableBufferPointer { squares in
                var score = rates.hasIntercept ? rates.weight(sums[width], squares[width], l1: 0, l2: 0) : 0
                view.forEach(row) { column, value in
                    score += value * rates.weight(sums[column], squares[column], l1: rates.l1, l2: rates.l2)
                }
                let power = exp(-abs(score))
                let residual = weight * (logistic(score, power) - (isPositive ? 1 : 0))
                /// - Parameter own: the weight that the score was made with.
                @inline(__always)
                func follow(_ slot: Int, _ gradient: Double, _ own: Double) {
                    let square = squares[slot] + gradient * gradient
                    sums[slot] += gradient - (square.squareRoot() - squares[slot].squareRoot()) / rates.learningRate * own
                    squares[slot] = square
                }
                view.forEach(row) { column, value in
                    follow(column, residual * value, rates.weight(sums[column], squares[column], l1: rates.l1, l2: rates.l2))
                }
                if rates.hasIntercept { follow(width, residual, rates.weight(sums[width], squares[width], l1: 0, l2: 0)) }
                return weight * (log1p(power) + (isPositive ? max(-score, 0) : max(score, 0)))
            }
        }
    }
}

extension FTRL {
    /// The weight that minimizes what the gradients so far say of it.
    @inline(__always)
    fileprivate func weight(_ sum: Double, _ square: Double, l1: Double, l2: Double) -> Double {
        guard abs(sum) > l1 else { return 0 }
        return (sum > 0 ? l1 - sum : -l1 - sum) / ((beta + square.squareRoot()) / learningRate + l2)
    }
}

/// FTRL-proximal by name.
public struct FTRLKind: LearnerKind {
    public init() {}

    public var name: String { FTRL.name }
    public var summary: String { "two or more classes; logistic regression a row at a time, for many sparse features" }
    public var tasks: [LearningTask] { [.binaryClassification, .multiclassClassification] }
    public var takesMissingValues: Bool { false }
    public var tellsContributions: Bool { true }

    public var parameters: [HyperparameterDescription] {
        let usual = FTRL()
        return [
            .init("learning-rate", .number(.above(0)), default: .number(usual.learningRate), "size of a weight's first steps"),
            .init("beta", .number(.atLeast(0)), default: .number(usual.beta), "added to the root of squared gradients that divides it"),
            .init("l1", .number(.atLeast(0)), default: .number(usual.l1), "penalty on the sum of absolute weights"),
            .init("l2", .number(.atLeast(0)), default: .number(usual.l2), "penalty on half the sum of squared weights"),
            .init(
                "passes", .integer(1...10_000), default: .automatic, "passes over the rows",
                automatic: "a million steps in all, at least 2 passes and at most 100"),
            .init("standardize", .flag, default: .flag(usual.standardizes), "scale features to unit deviation inside"),
            .init("intercept", .flag, default: .flag(usual.hasIntercept), "learn a constant term"),
            .init("shuffle", .flag, default: .flag(usual.shuffles), "take the rows in another order in each pass"),
            .init("seed", .integer(0...2_147_483_647), default: .integer(usual.seed), "seed of the orders"),
        ]
    }

    public func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner { try FTRL(values) }

    public func decode(_ saved: SavedModel) throws -> any Model {
        try LinearModel(saved, links: saved.task == .binaryClassification ? [nil] : [.oneAgainstRest])
    }
}
