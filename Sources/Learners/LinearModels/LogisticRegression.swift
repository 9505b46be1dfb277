import FeatureTables

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Logistic regression for two classes, and its multinomial form (softmax) for more.
///
/// Minimizes the weighted mean of the log loss plus `l1 · Σ|β| + l2 / 2 · Σβ²`, where β are the weights of the
/// standardized features; intercepts carry no penalty. The model's weights are on the features' own scale.
public struct LogisticRegression: Learner {
    public static let name = "logistic-regression"
    public var name: String { Self.name }

    /// Iterations are steps of the optimizer; the tolerance is the largest component of the gradient at which it ends.
    public var options = Self.defaults

    static let defaults = LinearOptions(l2: 1e-4, maximumIterations: 300, tolerance: 1e-6)

    public init() {}

    static let descriptions = defaults.descriptions(
        iterations: "limit of optimizer steps", tolerance: "gradient size that ends the search")

    /// - Throws: `LearnerError` for an unknown name or a value out of range.
    public init(hyperparameters: [String: String]) throws {
        let reader = try HyperparameterReader(hyperparameters, learner: Self.name, known: Self.descriptions)
        try options.read(reader, iterationLimit: 1_000_000)
    }

    public var hyperparameters: [String: String] { options.hyperparameters }

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        let (codes, classes) = try table.classLabels()
        let total = try table.totalWeight()
        try table.requireValues(of: name)
        var scaling = Standardization(
            table.matrix, weights: table.weights, totalWeight: total, scales: options.standardizes, threads: context.threads)
        guard scaling.isFinite else { throw LearnerError.notFinite("a feature's mean or deviation") }
        // Without an intercept, centring would bring one in through the back door.
        if !options.hasIntercept { scaling.means = scaling.means.map { _ in 0 } }
        let objective = LogisticObjective(
            matrix: table.matrix, codes: codes, weights: table.weights, totalWeight: total,
            outputCount: classes.count == 2 ? 1 : classes.count, scaling: scaling, l2: options.l2,
            hasIntercept: options.hasIntercept, threads: context.threads)
        let width = table.matrix.columnCount
        let stride = objective.stride
        var penalties: [Double] = []
        if options.l1 > 0 {
            penalties = (0..<objective.outputCount).flatMap { _ in [Double](repeating: options.l1, count: width) + [0] }
        }
        let search = LimitedMemoryBFGS(maximumIterations: options.maximumIterations, tolerance: options.tolerance)
        let limit = options.maximumIterations
        let outcome = try search.minimize(
            from: objective.startingPoint(), penalties: penalties,
            evaluate: { objective.evaluate($0, gradient: &$1) },
            advance: { try context.advance(TrainingProgress(iteration: $0, limit: limit, objective: $1)) })
        var outputs = (0..<objective.outputCount).map { output in
            let standardized = outcome.point[(output * stride)..<(output * stride + width)]
            let weights = zip(standardized, scaling.inverseDeviations).map { $0 * $1 }
            let intercept = outcome.point[output * stride + width] - dot(weights, scaling.means)
            return LinearModel.Output(intercept: options.hasIntercept ? intercept : 0, weights: weights)
        }
        if outputs.count > 1 { outputs = centred(outputs) }
        guard outputs.allSatisfy({ $0.intercept.isFinite && $0.weights.allSatisfy(\.isFinite) }) else {
            throw LearnerError.notFinite("a weight")
        }
        let model = LinearModel(
            task: classes.count == 2 ? .binaryClassification : .multiclassClassification,
            featureNames: table.featureNames, classes: classes, outputs: outputs, deviations: scaling.deviations)
        return TrainingResult(
            model: model,
            fit: FitSummary(
                iterations: outcome.iterations, objective: outcome.objective, converged: outcome.converged,
                stopReason: outcome.stopReason, notes: scaling.constantsNote(table.featureNames)))
    }

    /// Softmax ignores a shift common to all classes; the intercepts (and, without penalties, the weights) are reported
    /// with mean zero.
    private func centred(_ outputs: [LinearModel.Output]) -> [LinearModel.Output] {
        var outputs = outputs
        let count = Double(outputs.count)
        let shift = outputs.reduce(0) { $0 + $1.intercept } / count
        for output in outputs.indices { outputs[output].intercept -= shift }
        guard options.l1 == 0, options.l2 == 0, let width = outputs.first?.weights.count else { return outputs }
        for feature in 0..<width {
            let shift = outputs.reduce(0) { $0 + $1.weights[feature] } / count
            for output in outputs.indices { outputs[output].weights[feature] -= shift }
        }
        return outputs
    }
}

/// Mean log loss with its gradient, over the standardized features. A point holds, for each output, the features'
/// weights and then the intercept.
struct LogisticObjective {
    let matrix: FeatureMatrix
    let codes: [Int32]
    let weights: [Double]?
    let totalWeight: Double
    /// 1 for two classes, else one a class.
    let outputCount: Int
    let scaling: Standardization
    let l2: Double
    let hasIntercept: Bool
    let threads: Int

    var stride: Int { matrix.columnCount + 1 }

    /// No weights, and intercepts that give the classes' shares.
    func startingPoint() -> [Double] {
        var point = [Double](repeating: 0, count: outputCount * stride)
        guard hasIntercept else { return point }
        var shares = [Double](repeating: 0, count: max(outputCount, 2))
        for (row, code) in codes.enumerated() { shares[Int(code)] += weights?[row] ?? 1 }
        guard shares.allSatisfy({ $0 > 0 }) else { return point }
        if outputCount == 1 {
            point[stride - 1] = log(shares[1] / shares[0])
        } else {
            for output in 0..<outputCount { point[output * stride + stride - 1] = log(shares[output] / totalWeight) }
        }
        return point
    }

    func evaluate(_ point: [Double], gradient: inout [Double]) -> Double {
        let width = matrix.columnCount
        let stride = stride
        let size = outputCount * stride
        var scaled = point
        for output in 0..<outputCount {
            for feature in 0..<width { scaled[output * stride + feature] *= scaling.inverseDeviations[feature] }
        }
        // The last slot sums the loss.
        let sums = scaled.withUnsafeBufferPointer { scaled in
            scaling.means.withUnsafeBufferPointer { means in
                codes.withUnsafeBufferPointer { codes in
                    blockSums(size, scaled, means, codes)
                }
            }
        }
        var value = sums[size] / totalWeight
        for output in 0..<outputCount {
            let start = output * stride
            for feature in 0..<width {
                let weight = point[start + feature]
                value += 0.5 * l2 * weight * weight
                gradient[start + feature] =
                    sums[start + feature] * scaling.inverseDeviations[feature] / totalWeight + l2 * weight
            }
            gradient[start + width] = hasIntercept ? sums[start + width] / totalWeight : 0
        }
        return value
    }

    private func blockSums(
        _ size: Int, _ point: UnsafeBufferPointer<Double>, _ means: UnsafeBufferPointer<Double>,
        _ codes: UnsafeBufferPointer<Int32>
    ) -> [Double] {
        let width = matrix.columnCount
        let stride = stride
        let outputCount = outputCount
        let elements = UnsafePointer(matrix.elements)
        guard let point = point.baseAddress, let codes = codes.baseAddress else {
            return [Double](repeating: 0, count: size + 1)
        }
        // Without features there are no means to point at, and none are read.
        let means = means.baseAddress ?? elements
        let weights = weights
        return RowBlocks(rowCount: matrix.rowCount).sums(width: size + 1, threads: threads) { rows, sums in
            if outputCount == 1 {
                for row in rows {
                    let values = elements + row * width
                    let score = centredDot(point, values, means, width) + point[width]
                    let weight = weights?[row] ?? 1
                    let isPositive = codes[row] == 1
                    sums[size] += weight * (log1p(exp(-abs(score))) + (isPositive ? max(-score, 0) : max(score, 0)))
                    let residual = weight * (logistic(score) - (isPositive ? 1 : 0))
                    addCentred(sums, residual, values, means, width)
                    sums[width] += residual
                }
            } else {
                withUnsafeTemporaryAllocation(of: Double.self, capacity: outputCount) { scores in
                    guard let scores = scores.baseAddress else { return }
                    for row in rows {
                        let values = elements + row * width
                        for output in 0..<outputCount {
                            let start = point + output * stride
                            scores[output] = centredDot(start, values, means, width) + start[width]
                        }
                        let weight = weights?[row] ?? 1
                        let answer = Int(codes[row])
                        let own = scores[answer]
                        sums[size] += weight * (softmaxInPlace(scores, outputCount) - own)
                        for output in 0..<outputCount {
                            let residual = weight * (scores[output] - (output == answer ? 1 : 0))
                            addCentred(sums + output * stride, residual, values, means, width)
                            sums[output * stride + width] += residual
                        }
                    }
                }
            }
        }
    }
}
