import FeatureTables
import Learners
import Testing

/// Expected weights: scikit-learn 1.9.1 on the same rows, standardized by StandardScaler (population deviation), with
/// penalties converted to its conventions, tolerance 1e-12 and weights scaled back.
@Suite struct LinearLearnerTests {
    private func logistic(_ l1: Double, _ l2: Double) -> LogisticRegression {
        var learner = LogisticRegression()
        learner.options.l1 = l1
        learner.options.l2 = l2
        learner.options.tolerance = 1e-10
        return learner
    }

    private func linear(_ l1: Double, _ l2: Double) -> LinearRegression {
        var learner = LinearRegression()
        learner.options.l1 = l1
        learner.options.l2 = l2
        return learner
    }

    private func outputs(_ learner: any Learner, _ table: FeatureTable, threads: Int = 1) throws -> [LinearModel.Output] {
        let result = try learner.train(table, context: TrainingContext(threads: threads))
        #expect(result.fit.converged)
        guard let model = result.model as? LinearModel else { throw LearnerError.noWeight }
        return model.outputs
    }

    @Test(arguments: [
        (0.0, 0.01, false, [0.3897079242434622, 0.016300455163918745, 140.7507814068344, 0.5961783684330071], -2.9235998481442955),
        (0.05, 0, false, [0.2894547433314932, 0.00706162223601403, 44.73072624735662, 0.2606434956398644], -2.0444674498202615),
        (0.02, 0.03, false, [0.29953119836308106, 0.010749128845208365, 85.76484777423617, 0.38709021232511526], -2.232685504191875),
        (0, 0.01, true, [0.3765739201399754, 0.014005131329693455, 157.58768003291075, 0.46139013365651826], -2.74439303841938),
    ])
    func binaryLogisticWeights(_ l1: Double, _ l2: Double, _ weighted: Bool, _ weights: [Double], _ intercept: Double) throws {
        let found = try outputs(logistic(l1, l2), try ReferenceData.table(label: "y", weighted: weighted))
        #expect(found.count == 1)
        #expect(agree(found[0].weights, weights, 1e-6), "\(found[0].weights)")
        #expect(agree([found[0].intercept], [intercept], 1e-6))
    }

    @Test func multinomialWeights() throws {
        let table = try ReferenceData.table(label: "z")
        let found = try outputs(logistic(0, 0.01), table)
        let weights = [
            [-0.25216273300031394, -0.023073615633521567, -85.06315602782398, -0.5978073714361481],
            [-0.03692194576541427, 0.00015545157852329643, 31.753511149015512, -0.13223310273462763],
            [0.28908467876572824, 0.022918164054998254, 53.30964487880864, 0.7300404741707763],
        ]
        let intercepts = [1.6923804930291129, 0.5528321221004668, -2.2452126151295797]
        for output in 0..<3 { #expect(agree(found[output].weights, weights[output], 1e-5), "\(found[output].weights)") }
        #expect(agree(found.map(\.intercept), intercepts, 1e-5))
        let sparse = try outputs(logistic(0.02, 0), table)
        #expect(sparse[1].weights == [0, 0, 0, 0])
        #expect(sparse[2].weights[2] == 0)
        #expect(agree(sparse[0].weights, [-0.16575801930392828, -0.018419712077240854, -77.8885891126151, -0.3078712216879699], 1e-5))
        #expect(agree(sparse[2].weights, [0.2893675967638772, 0.018975659909038017, 0, 0.7337967993069697], 1e-5))
    }

    @Test(arguments: [
        (0.0, 0.1, false, [0.7368622642473498, 0.05623889225684551, 277.11294556003264, 1.4903308904401378], 1.8647186854675057),
        (0.3, 0, false, [0.7168880547501437, 0.051686920610292536, 202.74946127919412, 1.285103622679384], 2.1714004791057357),
        (0.2, 0.1, false, [0.6824037697928267, 0.050380906613501926, 219.12718795806137, 1.2800944138448245], 2.34549777464614),
        (0, 0.1, true, [0.735657824896742, 0.05598450363180992, 275.8122563393701, 1.4862805654777875], 1.8628807937143828),
    ])
    func linearWeights(_ l1: Double, _ l2: Double, _ weighted: Bool, _ weights: [Double], _ intercept: Double) throws {
        let found = try outputs(linear(l1, l2), try ReferenceData.table(label: "r", weighted: weighted))
        #expect(agree(found[0].weights, weights, 1e-8), "\(found[0].weights)")
        #expect(agree([found[0].intercept], [intercept], 1e-8))
    }

    /// The optimality conditions of the objective itself, found by another method than the learner's: coordinate descent
    /// and quasi-Newton must agree where both apply.
    @Test func orthantWiseSearchSolvesTheLasso() throws {
        // A logistic problem with weights so small that the loss is nearly quadratic is not needed: the penalty must
        // bring exact zeros, and a heavier one more of them.
        let table = try ReferenceData.table(label: "y")
        var zeros: [Int] = []
        for l1 in [0.001, 0.05, 0.08, 0.5] {
            zeros.append(try outputs(logistic(l1, 0), table)[0].weights.filter { $0 == 0 }.count)
        }
        #expect(zeros == zeros.sorted() && zeros.first == 0 && zeros.last == 4, "\(zeros)")
    }

    @Test func weightOfTwoIsARowTwice() throws {
        let data = try ReferenceData.data()
        let roles = ColumnRoles(label: "y", features: ["a", "b", "c", "d"], weight: "w")
        let encoding = try data.fitEncoding(roles: roles).encoding
        let weighted = try data.featureTable(encoding: encoding)
        var plainEncoding = encoding
        plainEncoding.weight = nil
        let repeated = (0..<Int32(ReferenceData.rowCount)).flatMap {
            Array(repeating: $0, count: Int(ReferenceData.weights[Int($0)]))
        }
        let plain = try data.featureTable(encoding: plainEncoding, rows: repeated)
        let left = try outputs(logistic(0.01, 0.01), weighted), right = try outputs(logistic(0.01, 0.01), plain)
        #expect(agree(left[0].weights, right[0].weights, 1e-7))
    }

    @Test func threadsDoNotChangeASingleBit() throws {
        let count = 5000
        let rows = (0..<count).map { row in (0..<6).map { uniform(row * 6 + $0) - 0.5 } }
        let names = (0..<6).map { "f\($0)" }
        let codes = rows.map { Int32($0[0] + $0[1] * 2 + $0[2] > 0 ? 1 : 0) }
        let table = try syntheticTable(rows, names, .classes(codes: codes, names: ["n", "y"]))
        let one = try outputs(logistic(0.001, 0.01), table, threads: 1)
        for threads in [2, 3, 7] { #expect(try outputs(logistic(0.001, 0.01), table, threads: threads) == one) }
        let numbers = try syntheticTable(rows, names, .numbers(rows.map { $0[0] * 3 - $0[3] }))
        let line = try outputs(linear(0, 0.01), numbers, threads: 1)
        #expect(try outputs(linear(0, 0.01), numbers, threads: 2) == line)
    }

    /// Of all weights that fit the shortest, as scikit-learn's LinearRegression (here (2, -1, 0) minus its part along (1, 1, -1)).
    @Test func collinearFeaturesShareWeightsAndConstantsHaveNone() throws {
        let rows = (0..<50).map { row -> [Double] in
            let x = uniform(row), y = uniform(1000 + row)
            return [x, y, x + y, 5]
        }
        let table = try syntheticTable(rows, ["x", "y", "sum", "five"], .numbers(rows.map { 1 + 2 * $0[0] - $0[1] }))
        let result = try linear(0, 0).train(table, context: TrainingContext())
        guard let model = result.model as? LinearModel else { throw LearnerError.noWeight }
        #expect(agree(model.outputs[0].weights, [5.0 / 3, -4.0 / 3, 1.0 / 3, 0], 1e-9))
        #expect(abs(model.outputs[0].intercept - 1) < 1e-9)
        #expect(result.fit.notes == ["sums of other features, with which they share weights: sum"])
    }

    /// All levels of a column beside a constant term, and a feature in other units: what one gets does not depend on their order.
    @Test func fewerRowsThanFeaturesHaveTheShortestWeights() throws {
        let rows = (0..<4).map { row in (0..<6).map { uniform(row * 6 + $0) * ($0 == 5 ? 1000 : 1) } }
        let labels = (0..<4).map { uniform(500 + $0) }
        func weights(_ order: [Int]) throws -> [Double] {
            let table = try syntheticTable(rows.map { row in order.map { row[$0] } }, order.map { "f\($0)" }, .numbers(labels))
            let found = try outputs(linear(0, 0), table)[0].weights
            return (0..<6).map { feature in found[order.firstIndex(of: feature) ?? 0] }
        }
        let first = try weights([0, 1, 2, 3, 4, 5]), second = try weights([5, 3, 4, 0, 2, 1])
        #expect(agree(first, second, 1e-7))
        let means = (0..<6).map { column in rows.reduce(0) { $0 + $1[column] } / 4 }
        let centred = rows.map { row in zip(row, means).map { $0 - $1 } }
        let fitted = centred.map { row in zip(row, first).reduce(0) { $0 + $1.0 * $1.1 } }
        let labelMean = labels.reduce(0, +) / 4
        #expect(agree(fitted, labels.map { $0 - labelMean }, 1e-9))
    }

    @Test func hugeOffsetsCostNoPrecision() throws {
        // Seconds since 1970 as a feature: deviations of hours on an offset of 10⁹.
        let rows = (0..<200).map { [1.36e9 + uniform($0) * 86_400] }
        let labels = rows.map { ($0[0] - 1.36e9) / 3600 }
        let table = try syntheticTable(rows, ["at"], .numbers(labels))
        let found = try outputs(linear(0, 0), table)
        #expect(agree(found[0].weights, [1.0 / 3600], 1e-9))
    }

    @Test func separableClassesEndAtTheLimitWithFiniteWeights() throws {
        let rows = (0..<40).map { [Double($0)] }
        let codes = (0..<40).map { Int32($0 < 20 ? 0 : 1) }
        var learner = logistic(0, 0)
        learner.options.maximumIterations = 50
        let result = try learner.train(
            try syntheticTable(rows, ["x"], .classes(codes: codes, names: ["a", "b"])), context: TrainingContext())
        guard let model = result.model as? LinearModel else { throw LearnerError.noWeight }
        #expect(model.outputs[0].weights.allSatisfy { $0.isFinite && $0 > 0 })
    }

    @Test func labelsThatCannotBeLearnedAreNamed() throws {
        let rows = [[1.0], [2]]
        func train(_ learner: any Learner, _ label: FeatureLabel, _ rows: [[Double]]) -> LearnerError? {
            learnerError {
                _ = try learner.train(try syntheticTable(rows, ["x"], label), context: TrainingContext())
            }
        }
        #expect(train(logistic(0, 1), .classes(codes: [0, 0], names: ["a"]), rows) == .singleClass(label: "y", name: "a"))
        #expect(train(logistic(0, 1), .classes(codes: [0, 0], names: ["a", "b"]), rows) == .emptyClass(label: "y", name: "b"))
        #expect(train(linear(0, 1), .classes(codes: [0, 1], names: ["a", "b"]), rows) == .labelIsNotNumeric("y"))
        #expect(train(linear(0, 1), .numbers([1, 2]), [[.nan], [1]]) == .missingValues(features: ["x"], learner: "linear-regression"))
        guard case .noRows = train(linear(0, 1), .numbers([]), []) else {
            Issue.record("a table without rows was learned from")
            return
        }
    }

    @Test(arguments: [
        LogisticRegression() as any Learner, LinearSVM(), FTRL(), NaiveBayes(), DecisionTree(), RandomForest(), BoostedTrees(),
    ]) func classesWithoutWeightAreNamed(_ learner: any Learner) throws {
        let rows = (0..<6).map { [Double($0)] }
        func error(_ weights: [Double]) -> LearnerError? {
            learnerError {
                let label = FeatureLabel.classes(codes: [0, 1, 2, 0, 1, 2], names: ["a", "b", "c"])
                _ = try learner.train(try syntheticTable(rows, ["x"], label, weights: weights), context: TrainingContext())
            }
        }
        #expect(error([1, 2, 0, 1, 2, 0]) == .weightlessClass(label: "y", name: "c"))
        #expect(error([1, 2, 1e-3, 1, 2, 0]) != .weightlessClass(label: "y", name: "c"))
        #expect(error([0, 0, 0, 0, 0, 0]) == .noWeight)
        #expect(error([1e308, 1e308, 1e308, 1e308, 1, 1])?.description
            == "the sum of the weights is not finite: rescale or clip the weights")
    }

    /// Rare classes and nearly collinear features on scales apart: what made the search take hundreds of steps.
    @Test func correlatedFeaturesAndRareClassesTakeFewSteps() throws {
        let count = 6000
        let rows = (0..<count).map { row -> [Double] in
            let base = uniform(20 * row) * 6 - 3
            return [
                base, base + (uniform(20 * row + 1) - 0.5) * 0.05, exponential(uniform(20 * row + 2) * 4),
                uniform(20 * row + 3) < 0.02 ? 1 : 0, uniform(20 * row + 4) * 6 - 3, uniform(20 * row + 5) * 6 - 3,
            ]
        }
        let codes = rows.enumerated().map { row, x -> Int32 in
            let scores = [
                0.0, x[0] - 1, 0.8 * x[4] - 3 + x[3], -0.5 * x[1] + x[5] - 4, 0.1 * x[2] - 6 + 0.7 * x[5],
            ].enumerated().map { $1 - logarithm(-logarithm(max(uniform(500_000 + row * 5 + $0), 1e-12))) }
            return Int32(scores.indices.max { scores[$0] < scores[$1] } ?? 0)
        }
        let table = try syntheticTable(
            rows, (0..<6).map { "f\($0)" }, .classes(codes: codes, names: ["a", "b", "c", "d", "e"]))
        let result = try LogisticRegression().train(table, context: TrainingContext())
        #expect(result.fit.converged && result.fit.iterations <= 60, "\(result.fit.iterations)")
        // Tighter still, the weights of the standardized features stay where they are.
        var tight = LogisticRegression()
        tight.options.tolerance = 1e-12
        tight.options.maximumIterations = 5000
        guard let model = result.model as? LinearModel,
            let exact = try tight.train(table, context: TrainingContext()).model as? LinearModel
        else { throw LearnerError.noWeight }
        func standardized(_ model: LinearModel) -> [Double] {
            model.outputs.flatMap { zip($0.weights, model.deviations).map { $0 * $1 } + [$0.intercept] }
        }
        let largest = standardized(exact).reduce(0) { max($0, abs($1)) }
        let worst = zip(standardized(model), standardized(exact)).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(worst < 1e-5 * largest, "\(worst) of \(largest)")
    }

    /// With the penalty that scikit-learn has by default: C = 1 is 1 / n on the scale of the mean loss.
    @Test func automaticPenaltyIsOneOverTheSumOfWeights() throws {
        for weighted in [false, true] {
            let table = try ReferenceData.table(label: "y", weighted: weighted)
            let total = try table.totalWeight()
            var learner = LogisticRegression()
            learner.options.tolerance = 1e-10
            let automatic = try outputs(learner, table), stated = try outputs(logistic(0, 1 / total), table)
            #expect(agree(automatic[0].weights, stated[0].weights, 1e-7))
        }
    }

    @Test func hyperparametersAreChecked() {
        #expect(learnerError { _ = try LearnerCatalog.learner(named: "logistic-regression", hyperparameters: ["l3": "1"]) }
            == .unknownHyperparameter("l3", learner: "logistic-regression",
                known: ["l1", "l2", "max-iterations", "tolerance", "standardize", "intercept", "multi-class"]))
        #expect(learnerError { _ = try LearnerCatalog.learner(named: "logistic-regression", hyperparameters: ["l2": "-1"]) }
            == .invalidHyperparameter(name: "l2", value: "-1", expected: "a number of at least 0, or auto"))
        #expect(learnerError { _ = try LearnerCatalog.learner(named: "perceptron") } != nil)
        for kind in LearnerCatalog.kinds {
            let values = Dictionary(uniqueKeysWithValues: kind.parameters.map { ($0.name, $0.defaultValue.text) })
            #expect(learnerError { _ = try LearnerCatalog.learner(named: kind.name, hyperparameters: values) } == nil)
        }
    }

    @Test func describedDefaultsAreTheDefaults() throws {
        for kind in LearnerCatalog.kinds {
            let described = Dictionary(uniqueKeysWithValues: kind.parameters.map { ($0.name, $0.defaultValue.text) })
            #expect(try kind.learner().hyperparameters == described)
        }
        #expect(LogisticRegression().hyperparameters["l2"] == "auto" && BoostedTrees().hyperparameters["depth"] == "6")
    }

    @Test func cancellationEndsTheTraining() throws {
        let table = try ReferenceData.table(label: "y")
        let context = TrainingContext(isCancelled: { true })
        #expect(learnerError { _ = try logistic(0, 0.01).train(table, context: context) } == .cancelled)
    }
}

/// A table from rows of features, without a query behind it.
func syntheticTable(
    _ rows: [[Double]], _ names: [String], _ label: FeatureLabel, weights: [Double]? = nil
) throws -> FeatureTable {
    try FeatureTable(
        matrix: try FeatureMatrix(rows: rows, columnNames: names), label: label, labelName: "y", weights: weights)
}
