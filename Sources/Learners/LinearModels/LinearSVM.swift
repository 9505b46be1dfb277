import FeatureTables

/// Linear support vector machine for two classes; for more, each against all others.
///
/// Minimizes the weighted mean of the squared hinge loss `max(0, 1 − y · score)²`, y being 1 or −1, plus
/// `l1 · Σ|β| + l2 / 2 · Σβ²`, where β are the weights of the standardized features; intercepts carry no penalty. Scores are no
/// probabilities: those come from scores of rows that were held out (`PlattScaling`). The model's weights are on the features'
/// own scale.
public struct LinearSVM: Learner {
    public static let name = "linear-svm"
    public var name: String { Self.name }

    /// Iterations are steps of the optimizer; the tolerance is the largest component of the gradient at which it ends.
    public var options = Self.defaults
    /// In how many parts the rows are held out in turn for probabilities.
    public var calibrationFolds = 5

    static let defaults = LinearOptions(l2: nil, maximumIterations: 1000, tolerance: 1e-8)

    public init() {}

    /// - Throws: `LearnerError` for an unknown name or a value out of range.
    public init(hyperparameters: [String: String]) throws {
        try self.init(HyperparameterValues(hyperparameters, of: LinearSVMKind().parameters, learner: Self.name))
    }

    init(_ values: HyperparameterValues) throws {
        options = try LinearOptions(values)
        calibrationFolds = try values.integer("calibration-folds")
    }

    public var hyperparameters: [String: String] {
        options.hyperparameters.merging(["calibration-folds": "\(calibrationFolds)"]) { $1 }
    }

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        let (codes, classes) = try table.classLabels()
        let total = try table.totalWeight()
        try table.matrix.requireValues(name)
        let folds = try HeldOutFolds(calibrationFolds, of: table, codes, classes: classes, key: context.splitKey)
        let positives = OneAgainstRest.positives(of: classes.count)
        var search = Search(learner: self, matrix: table.matrix, codes: codes, context: context)
        search.limit = options.maximumIterations * positives.count * (folds.count + 1)
        let whole = try search.machines(positives, weights: table.weights)
        let reservation = try ImportReservation(
            table.source.memory, for: "the scores of held-out rows", help: ImportMemory.fewerRows,
            bytes: (positives.count + 2) * table.rowCount * MemoryLayout<Double>.stride)
        defer { withExtendedLifetime(reservation) {} }
        var scores = [[Double]](repeating: [Double](repeating: 0, count: table.rowCount), count: positives.count)
        var judged: [Int] = []
        for fold in 0..<folds.count {
            guard let part = folds.part(fold) else { continue }
            let machines = try search.machines(positives, weights: part.weights)
            for (problem, output) in machines.outputs.enumerated() {
                let found = try machines.scores(output, table.matrix, threads: context.threads)
                for row in part.judged { scores[problem][row] = found[row] }
            }
            judged += part.judged
        }
        guard !judged.isEmpty else {
            throw LearnerError.noRows("no fold of the training rows leaves some of every class to learn probabilities from")
        }
        judged.sort()
        let weights = table.weights.map { weights in judged.map { weights[$0] } }
        let calibration = try positives.indices.map { problem in
            try PlattScaling(
                scores: judged.map { scores[problem][$0] }, isPositive: judged.map { codes[$0] == positives[problem] }, weights: weights,
                isCancelled: context.isCancelled)
        }
        let model = LinearModel(
            task: classes.count == 2 ? .binaryClassification : .multiclassClassification, featureNames: table.featureNames,
            classes: classes, outputs: whole.outputs, deviations: whole.scaling.deviations,
            link: classes.count == 2 ? nil : .oneAgainstRest, calibration: calibration)
        guard model.isConsistent else { throw LearnerError.notFinite("a probability's slope") }
        return TrainingResult(
            model: model,
            fit: OneAgainstRest.summary(
                whole.outcomes,
                notes: options.notes(l2: options.l2 ?? 1 / total)
                    + ["probabilities from the scores of \(judged.count) rows held out in \(folds.count) folds"]))
    }

    /// Trains on the same rows under several weights.
    private struct Search {
        let learner: LinearSVM
        let matrix: FeatureMatrix
        let codes: [Int32]
        let context: TrainingContext
        var limit = 0
        private var steps = 0

        init(learner: LinearSVM, matrix: FeatureMatrix, codes: [Int32], context: TrainingContext) {
            self.learner = learner
            self.matrix = matrix
            self.codes = codes
            self.context = context
        }

        struct Machines {
            var outputs: [LinearModel.Output] = []
            var outcomes: [SearchOutcome] = []
            let scaling: Standardization

            func scores(_ output: LinearModel.Output, _ matrix: FeatureMatrix, threads: Int) throws -> [Double] {
                let sum = LinearModel(
                    task: .regression, featureNames: matrix.columnNames, classes: [], outputs: [output],
                    deviations: scaling.deviations)
                guard case .numbers(let scores) = try sum.predict(matrix, threads: threads) else {
                    throw LearnerError.inconsistentModel
                }
                return scores
            }
        }

        /// One a positive class.
        mutating func machines(_ positives: [Int32], weights: [Double]?) throws -> Machines {
            let options = learner.options
            let total = weights?.reduce(0, +) ?? Double(matrix.rowCount)
            var machines = Machines(
                scaling: try matrix.standardization(options, weights: weights, total: total, threads: context.threads))
            for positive in positives {
                let loss = SquaredHingeLoss(codes: codes, positive: positive)
                let objective = ScoreObjective(
                    loss, matrix, weights: weights, totalWeight: total, scaling: machines.scaling, l2: options.l2 ?? 1 / total,
                    hasIntercept: options.hasIntercept, threads: context.threads)
                let (context, before, limit) = (context, steps, limit)
                let found = try objective.minimum(
                    l1: options.l1, curvature: [SquaredHingeLoss.curvature],
                    LimitedMemoryBFGS(maximumIterations: options.maximumIterations, tolerance: options.tolerance),
                    advance: { try context.advance(TrainingProgress(iteration: before + $0, limit: limit, objective: $1)) })
                steps += found.outcome.iterations
                machines.outputs += found.outputs
                machines.outcomes.append(found.outcome)
            }
            return machines
        }
    }
}

private struct SquaredHingeLoss: ScoreLoss {
    /// Where no row is beyond its margin.
    static let curvature = 2.0

    let codes: [Int32]
    let positive: Int32

    var outputCount: Int { 1 }

    @inline(__always)
    func take(_ scores: UnsafeMutablePointer<Double>, row: Int) -> Double {
        let side = codes[row] == positive ? 1.0 : -1.0
        let gap = max(0, 1 - side * scores[0])
        scores[0] = -2 * side * gap
        return gap * gap
    }
}

/// Linear support vector machines by name.
public struct LinearSVMKind: LearnerKind {
    public init() {}

    public var name: String { LinearSVM.name }
    public var summary: String { "two or more classes; squared hinge, L1 and L2 penalties" }
    public var tasks: [LearningTask] { [.binaryClassification, .multiclassClassification] }
    public var takesMissingValues: Bool { false }
    public var tellsContributions: Bool { true }

    public var parameters: [HyperparameterDescription] {
        LinearSVM.defaults.descriptions(
            iterations: "limit of optimizer steps", iterationLimit: 1_000_000,
            tolerance: "largest component of the gradient at which the search ends", automaticL2: LinearOptions.automaticL2)
            + [
                .init(
                    "calibration-folds", .integer(2...20), default: .integer(LinearSVM().calibrationFolds),
                    "parts in which rows are held out in turn for probabilities")
            ]
    }

    public func make(_ values: HyperparameterValues, task: LearningTask?) throws -> any Learner { try LinearSVM(values) }

    public func decode(_ saved: SavedModel) throws -> any Model {
        try LinearModel(saved, links: saved.task == .binaryClassification ? [nil] : [.oneAgainstRest], isCalibrated: true)
    }
}
