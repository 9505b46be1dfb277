import FeatureTables

/// The rows of a training, and what makes some of them ready for a learner.
package struct FoldRows {
    /// Known by what divides them, in all columns.
    let data: ImportData
    /// All the rows, with what was learned of those that are named and of no others.
    let prepared: ([Int32]) throws -> ImportData

    /// - Parameter prepared: nil: the rows are ready as they are.
    package init(_ data: ImportData, prepared: (([Int32]) throws -> ImportData)? = nil) {
        self.data = data
        self.prepared = prepared ?? { _ in data }
    }
}

/// Trains on folds of a training's rows: everything that is learned, encodings among it, is learned anew for each fold.
struct FoldedTraining {
    let request: TrainingRequest
    let rows: FoldRows
    let folds: [RowSplit]
    let context: TrainingContext
    /// Ends a search with the best combination so far; a fold is trained to its end.
    private let isInterrupted: (@Sendable () -> Bool)?
    /// The rows in an order of which a beginning is a sample.
    private let order: [Int32]

    /// Folds of which the number is not given.
    static let usualFolds = 5

    /// - Parameter training: the rows to learn from.
    init(_ request: TrainingRequest, _ rows: FoldRows, training: [Int32], context: TrainingContext) throws {
        var plain = request
        plain.folds = nil
        plain.search = nil
        // Rows are divided already.
        plain.split = request.split ?? SplitOptions()
        self.request = plain
        self.rows = rows
        var inside = context
        inside.isInterrupted = nil
        self.context = inside
        isInterrupted = context.isInterrupted
        var options = request.split ?? SplitOptions()
        options.stratifiedBy = nil
        folds = try rows.data.crossValidation(
            request.folds ?? Self.usualFolds, options, rows: training, stratifiedBy: Self.stratum(request, rows.data))
        order = request.search?.method == .halving ? try rows.data.drawnOrder(options, rows: training) : training
    }

    /// The label, where it is a column of the rows with classes to keep apart.
    private static func stratum(_ request: TrainingRequest, _ data: ImportData) -> String? {
        guard let label = request.roles.label, (try? data.columnIndex(label)) != nil else { return nil }
        var roles = ColumnRoles(label: label)
        roles.labelKind = (try? LearnerCatalog.kind(named: request.learner))?.labelKind(request.task) ?? request.roles.labelKind
        guard let encoding = try? data.labelEncoding(roles: roles), encoding.classes != nil else { return nil }
        return label
    }

    /// - Parameter share: of the rows to train on, the same for each fold.
    /// - Throws: `FeatureError`, `LearnerError`.
    func run(_ hyperparameters: [String: String] = [:], share: Double = 1) throws -> CrossValidation {
        var judged: [CrossValidation.Fold] = []
        try forEachFold(hyperparameters, share: share) { fitted, table, predictions in
            judged.append(
                CrossValidation.Fold(
                    trainingRows: fitted.prepared.training.summary.rowsKept,
                    metrics: try EvaluationMetrics(predictions, table.label, weights: nil)))
        }
        return CrossValidation(folds: judged)
    }

    /// - Parameter body: takes what was made of the other folds, the rows of the fold, and their predictions.
    /// - Throws: `FeatureError`, `LearnerError`; what `body` throws.
    func forEachFold(
        _ hyperparameters: [String: String] = [:], share: Double = 1,
        _ body: (TrainingRequest.Fitted, FeatureTable, Predictions) throws -> Void
    ) throws {
        var request = request
        request.hyperparameters.merge(hyperparameters) { $1 }
        let sample = share < 1 ? Set(order.prefix(Int((Double(order.count) * share).rounded(.up)))) : []
        for var fold in folds {
            if context.isCancelled?() == true { throw LearnerError.cancelled }
            if share < 1 { fold.first.removeAll { !sample.contains($0) } }
            let fitted = try request.fit(on: try rows.prepared(fold.first), divided: fold, context: context)
            guard let table = try fitted.prepared.evaluation() else { throw LearnerError.noRows("a fold has no row to judge by") }
            try body(fitted, table, try fitted.result.model.predict(table.matrix, threads: context.threads))
        }
    }
}

extension FoldedTraining {
    /// What is left at each step of halving.
    private static let kept = 3
    /// The fewest rows to try on.
    private static let leastRows = 100.0

    /// Tries the combinations of a search.
    /// - Returns: the search, and what the best is worth.
    /// - Throws: `LearnerError.cannotSearch` when all fail.
    func search(_ options: SearchOptions) throws -> (search: HyperparameterSearch, best: CrossValidation) {
        let kind = try LearnerCatalog.kind(named: request.learner)
        var candidates = try options.combinations(for: kind)
        var search: HyperparameterSearch?
        var best: CrossValidation?
        var failures: [String] = []
        var trials: [HyperparameterSearch.Trial] = []
        for share in shares(options.method, count: candidates.count) {
            var values: [(place: Int, mean: Double)] = []
            for combination in candidates {
                var trial = HyperparameterSearch.Trial(hyperparameters: combination, rowShare: share, values: [])
                do {
                    let found = try run(combination, share: share)
                    let measure = try Self.objective(options.objective, found)
                    (trial.values, trial.mean, trial.deviation) = (measure.values, measure.mean, measure.deviation)
                    if search == nil {
                        search = HyperparameterSearch(
                            method: options.method, objective: measure.measure.name, title: measure.measure.title,
                            isBetterHigher: measure.measure.isBetterHigher, folds: folds.count, trials: [], best: 0)
                    }
                    // On all rows the first of equals is the best.
                    if share == 1, values.allSatisfy({ measure.measure.isBetter(measure.mean, than: $0.mean) }) { best = found }
                    values.append((trials.count, measure.mean))
                } catch let error as LearnerError where error.isOfTrial {
                    trial.error = "\(error)"
                    failures.append("\(error)")
                }
                trials.append(trial)
                if isInterrupted?() == true, !values.isEmpty { break }
            }
            let isHigher = search?.isBetterHigher ?? true
            values.sort { $0.mean != $1.mean ? ($0.mean > $1.mean) == isHigher : $0.place < $1.place }
            candidates = values.prefix(max(values.count / Self.kept, 1)).map { trials[$0.place].hyperparameters }
        }
        guard var search, let best else {
            throw LearnerError.cannotSearch("no trial succeeded: \(failures.first ?? "there was none")")
        }
        search.trials = trials
        search.best = search.ranking.first ?? 0
        return (search, best)
    }

    /// The shares of the rows to try on, the last of them 1.
    private func shares(_ method: SearchOptions.Method, count: Int) -> [Double] {
        guard method == .halving else { return [1] }
        let rows = Double(folds.map(\.first.count).min() ?? 0)
        var shares = [1.0]
        var left = count
        while left >= Self.kept, let share = shares.first, rows * share / Double(Self.kept) >= Self.leastRows {
            shares.insert(share / Double(Self.kept), at: 0)
            left /= Self.kept
        }
        return shares
    }

    /// BigQuery ML's names of measures, here by their own.
    private static let otherNames = [
        "roc_auc": "areaUnderROC", "auc": "areaUnderROC", "f1_score": "f1", "r2_score": "rSquared", "rmse": "rootMeanSquaredError",
        "mae": "meanAbsoluteError", "mape": "meanAbsolutePercentageError", "poisson_d2_score": "poissonDSquared",
    ]

    private static func objective(_ name: String?, _ found: CrossValidation) throws -> CrossValidation.Summary {
        let known = found.summaries
        let usual = found.folds.first?.metrics.decisiveNames ?? []
        func plain(_ name: String) -> String { name.lowercased().filter { $0 != "_" && $0 != "-" } }
        let wanted = name.map { [otherNames[$0.lowercased()] ?? $0] } ?? usual
        for one in wanted {
            if let summary = known.first(where: { plain($0.measure.name) == plain(one) }) { return summary }
        }
        throw LearnerError.cannotSearch(
            "there is no measure '\(wanted.first ?? "")' of all folds: use one of \(known.map(\.measure.name).joined(separator: ", "))")
    }
}

extension LearnerError {
    /// Whether another combination of hyperparameters may do better.
    fileprivate var isOfTrial: Bool {
        switch self {
        case .cancelled, .cannotSearch, .unknownHyperparameter, .unknownLearner, .wrongTask, .missingLabel, .libraryMissing: false
        default: true
        }
    }
}
