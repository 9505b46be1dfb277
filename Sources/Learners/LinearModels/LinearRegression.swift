import FeatureTables

/// Linear least squares with L1 and L2 penalties.
///
/// Minimizes half the weighted mean squared error plus `l1 · Σ|β| + l2 / 2 · Σβ²`, where β are the weights of the
/// standardized features; the intercept carries no penalty. Without L1 the normal equations are solved by Cholesky
/// factorization, with it by cyclic coordinate descent (Friedman, Hastie and Tibshirani, "Regularization paths for
/// generalized linear models via coordinate descent", 2010). The model's weights are on the features' own scale.
public struct LinearRegression: Learner {
    public static let name = "linear-regression"
    public var name: String { Self.name }

    /// Iterations are passes of coordinate descent over all features; it ends when no standardized weight moves further
    /// than the tolerance's share of the label's deviation.
    public var options = Self.defaults

    static let defaults = LinearOptions(l2: 1e-6, maximumIterations: 10_000, tolerance: 1e-9)

    public init() {}

    static let descriptions = defaults.descriptions(
        iterations: "limit of passes of coordinate descent (L1)",
        tolerance: "weight change that ends coordinate descent (L1)")

    /// - Throws: `LearnerError` for an unknown name or a value out of range.
    public init(hyperparameters: [String: String]) throws {
        let reader = try HyperparameterReader(hyperparameters, learner: Self.name, known: Self.descriptions)
        try options.read(reader, iterationLimit: 10_000_000)
    }

    public var hyperparameters: [String: String] { options.hyperparameters }

    /// Above this many features the matrix of products would take more than 512 MB.
    private static let featureLimit = 8192

    public func train(_ table: FeatureTable, context: TrainingContext) throws -> TrainingResult {
        let labels = try table.numericLabels()
        let total = try table.totalWeight()
        let matrix = table.matrix
        try table.requireValues(of: name)
        guard matrix.columnCount <= Self.featureLimit else {
            throw LearnerError.featureCountMismatch(expected: Self.featureLimit, found: matrix.columnCount)
        }
        var scaling = Standardization(
            matrix, weights: table.weights, totalWeight: total, scales: options.standardizes, threads: context.threads)
        guard scaling.isFinite else { throw LearnerError.notFinite("a feature's mean or deviation") }
        var labelMean = 0.0
        if options.hasIntercept {
            for (row, label) in labels.enumerated() { labelMean += (table.weights?[row] ?? 1) * label / total }
        } else {
            scaling.means = scaling.means.map { _ in 0 }
        }
        let moments = try Moments(
            matrix, labels, labelMean: labelMean, weights: table.weights, total: total, scaling: scaling,
            threads: context.threads)
        var notes: [String] = []
        let solution: [Double]
        var iterations = 1
        var converged = true
        var reason = "normal equations solved"
        if options.l1 > 0 {
            (solution, iterations, converged) = try coordinateDescent(moments, context)
            reason = converged ? "weights settled" : "iteration limit"
        } else {
            let solved = choleskySolution(moments.products, moments.answers, width: matrix.columnCount, ridge: options.l2)
            solution = solved.weights
            let aliased = solved.aliased.filter { scaling.deviations[$0] > 0 }
            if !aliased.isEmpty {
                notes.append(
                    "sums of other features, weight 0: " + aliased.map { table.featureNames[$0] }.joined(separator: ", "))
            }
        }
        let weights = zip(solution, scaling.inverseDeviations).map { $0 * $1 }
        let intercept = options.hasIntercept ? labelMean - dot(weights, scaling.means) : 0
        guard intercept.isFinite, weights.allSatisfy(\.isFinite) else { throw LearnerError.notFinite("a weight") }
        notes += scaling.constantsNote(table.featureNames)
        let model = LinearModel(
            task: .regression, featureNames: table.featureNames, classes: [],
            outputs: [.init(intercept: intercept, weights: weights)], deviations: scaling.deviations)
        let objective = moments.objective(solution, l1: options.l1, l2: options.l2)
        try context.advance(TrainingProgress(iteration: iterations, limit: iterations, objective: objective))
        return TrainingResult(
            model: model,
            fit: FitSummary(
                iterations: iterations, objective: objective, converged: converged, stopReason: reason, notes: notes))
    }

    /// Each pass solves for one weight after the other with the rest held fixed.
    private func coordinateDescent(
        _ moments: Moments, _ context: TrainingContext
    ) throws -> (weights: [Double], passes: Int, converged: Bool) {
        let width = moments.answers.count
        var weights = [Double](repeating: 0, count: width)
        // Answers minus products · weights.
        var residuals = moments.answers
        let smallest = options.tolerance * max(moments.labelSquare.squareRoot(), .leastNormalMagnitude)
        let maximumIterations = max(options.maximumIterations, 1)
        let (l1, l2) = (options.l1, options.l2)
        for pass in 1...maximumIterations {
            var largestMove = 0.0
            for feature in 0..<width {
                let square = moments.products[feature * width + feature]
                guard square > 0 else { continue }
                let pull = residuals[feature] + square * weights[feature]
                let shrunk = pull > l1 ? pull - l1 : (pull < -l1 ? pull + l1 : 0)
                let next = shrunk / (square + l2)
                let move = next - weights[feature]
                guard move != 0 else { continue }
                weights[feature] = next
                let row = feature * width
                for other in 0..<width { residuals[other] -= move * moments.products[row + other] }
                largestMove = max(largestMove, abs(move) * square.squareRoot())
            }
            if largestMove <= smallest { return (weights, pass, true) }
            if pass % 10 == 0 {
                try context.advance(
                    TrainingProgress(
                        iteration: pass, limit: maximumIterations,
                        objective: moments.objective(weights, l1: l1, l2: l2)))
            }
        }
        return (weights, maximumIterations, false)
    }
}

/// Weighted mean products of the standardized features with each other and with the centred label.
private struct Moments {
    /// Symmetric, row-major, width × width.
    var products: [Double]
    var answers: [Double]
    /// The label's mean square around its mean.
    var labelSquare: Double

    init(
        _ matrix: FeatureMatrix, _ labels: [Double], labelMean: Double, weights: [Double]?, total: Double,
        scaling: Standardization, threads: Int
    ) throws {
        let width = matrix.columnCount
        let elements = UnsafePointer(matrix.elements)
        // A block's buffer is width², so few blocks when there are many features; their number depends on the sizes
        // alone.
        let rowCount = matrix.rowCount
        let groups = max(1, min(32, 16_777_216 / max(width * width, 1), (rowCount + 1023) / 1024))
        let groupSize = (rowCount + groups - 1) / max(groups, 1)
        let size = width * width + width + 1
        var all = [Double](repeating: 0, count: groups * size)
        all.withUnsafeMutableBufferPointer { all in
            guard let slots = all.baseAddress else { return }
            RowBlocks(groups: groups).forEach(threads: threads) { group, _ in
                let sums = slots + group * size
                let end = min((group + 1) * groupSize, rowCount)
                withUnsafeTemporaryAllocation(of: Double.self, capacity: max(width, 1)) { buffer in
                    guard let values = buffer.baseAddress else { return }
                    for row in min(group * groupSize, end)..<end {
                        let source = elements + row * width
                        let weight = weights?[row] ?? 1
                        for feature in 0..<width {
                            values[feature] = (source[feature] - scaling.means[feature]) * scaling.inverseDeviations[feature]
                        }
                        let label = labels[row] - labelMean
                        for feature in 0..<width where values[feature] != 0 {
                            let factor = weight * values[feature]
                            let target = sums + feature * width
                            for other in feature..<width { target[other] += factor * values[other] }
                            sums[width * width + feature] += factor * label
                        }
                        sums[size - 1] += weight * label * label
                    }
                }
            }
        }
        var summed = [Double](repeating: 0, count: size)
        for group in 0..<groups {
            for position in 0..<size { summed[position] += all[group * size + position] }
        }
        products = [Double](repeating: 0, count: width * width)
        for row in 0..<width {
            for column in row..<width {
                let value = summed[row * width + column] / total
                products[row * width + column] = value
                products[column * width + row] = value
            }
        }
        answers = (0..<width).map { summed[width * width + $0] / total }
        labelSquare = summed[size - 1] / total
        guard labelSquare.isFinite, products.allSatisfy(\.isFinite) else {
            throw LearnerError.notFinite("the sum of squared labels or features")
        }
    }

    func objective(_ weights: [Double], l1: Double, l2: Double) -> Double {
        let width = weights.count
        var quadratic = 0.0
        for row in 0..<width where weights[row] != 0 {
            for column in 0..<width { quadratic += weights[row] * products[row * width + column] * weights[column] }
        }
        let error = max(0, labelSquare - 2 * dot(weights, answers) + quadratic)
        return 0.5 * error + l1 * weights.reduce(0) { $0 + abs($1) } + 0.5 * l2 * dot(weights, weights)
    }
}

/// Solves `(products + ridge · I) · weights = answers` by Cholesky factorization. A feature whose pivot vanishes is a
/// sum of earlier ones; its weight is 0 and it is listed.
func choleskySolution(
    _ products: [Double], _ answers: [Double], width: Int, ridge: Double
) -> (weights: [Double], aliased: [Int]) {
    var factor = products
    var aliased = [Bool](repeating: false, count: width)
    for column in 0..<width {
        let diagonal = products[column * width + column] + ridge
        var pivot = diagonal
        for k in 0..<column { pivot -= factor[column * width + k] * factor[column * width + k] }
        guard pivot > 1e-11 * diagonal, diagonal > 0 else {
            aliased[column] = true
            for row in column..<width { factor[row * width + column] = 0 }
            continue
        }
        let root = pivot.squareRoot()
        factor[column * width + column] = root
        for row in (column + 1)..<max(width, column + 1) {
            var value = products[row * width + column]
            for k in 0..<column { value -= factor[row * width + k] * factor[column * width + k] }
            factor[row * width + column] = value / root
        }
    }
    var weights = answers
    for row in 0..<width {
        guard !aliased[row] else {
            weights[row] = 0
            continue
        }
        for k in 0..<row { weights[row] -= factor[row * width + k] * weights[k] }
        weights[row] /= factor[row * width + row]
    }
    for row in (0..<width).reversed() {
        guard !aliased[row] else {
            weights[row] = 0
            continue
        }
        for k in (row + 1)..<max(width, row + 1) where !aliased[k] { weights[row] -= factor[k * width + row] * weights[k] }
        weights[row] /= factor[row * width + row]
    }
    return (weights, aliased.indices.filter { aliased[$0] })
}
