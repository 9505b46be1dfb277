/// Where a search for a function's minimum ended.
struct SearchOutcome {
    var point: [Double]
    var objective: Double
    var iterations: Int
    var converged: Bool
    var stopReason: String

    var isInterrupted: Bool { stopReason == TrainingContext.interruption }
}

/// Minimizes a smooth convex function plus an optional L1 penalty.
///
/// Without a penalty: limited-memory BFGS (Nocedal and Wright, "Numerical Optimization", 2nd edition, algorithms 7.4 and
/// 7.5) with a line search for the strong Wolfe conditions (algorithms 3.5 and 3.6). With one: orthant-wise
/// limited-memory quasi-Newton (Andrew and Gao, "Scalable training of L1-regularized log-linear models", 2007).
struct LimitedMemoryBFGS {
    /// Pairs of steps and gradient changes that are kept.
    var memory = 20
    var maximumIterations = 200
    /// Ends when no component of the (pseudo-)gradient exceeds this, relative to the objective where that is above 1.
    var tolerance = 1e-6

    /// The function's value at `point`; writes its gradient.
    typealias Evaluation = (_ point: [Double], _ gradient: inout [Double]) -> Double

    /// - Parameters:
    ///   - penalties: the L1 penalty of each component; empty for none.
    ///   - inverseHessian: the product of a vector with what stands for the inverse of the second derivatives before
    ///     steps have told about them (symmetric, positive semidefinite); nil: a multiple of the identity.
    /// - Throws: what `advance` throws; `LearnerError.notFinite` when the function is not finite at `start`.
    func minimize(
        from start: [Double], penalties: [Double] = [], inverseHessian: (([Double]) -> [Double])? = nil,
        evaluate: Evaluation,
        advance: (_ iteration: Int, _ objective: Double) throws -> Bool
    ) throws -> SearchOutcome {
        let hasPenalty = penalties.contains { $0 > 0 }
        let count = start.count
        var point = start
        var gradient = [Double](repeating: 0, count: count)
        var smooth = evaluate(point, &gradient)
        func penalty(_ point: [Double]) -> Double {
            hasPenalty ? zip(point, penalties).reduce(0) { $0 + abs($1.0) * $1.1 } : 0
        }
        var objective = smooth + penalty(point)
        guard objective.isFinite, gradient.allSatisfy(\.isFinite) else {
            throw LearnerError.notFinite("the training objective")
        }
        var history = CorrectionHistory(memory: memory)
        var stalled = 0
        for iteration in 0..<max(maximumIterations, 0) {
            let slope = hasPenalty ? pseudoGradient(point, gradient, penalties) : gradient
            if largest(slope) <= tolerance * max(1, abs(objective)) {
                return SearchOutcome(
                    point: point, objective: objective, iterations: iteration, converged: true,
                    stopReason: "gradient below tolerance")
            }
            var direction = history.direction(slope, inverseHessian)
            if hasPenalty {
                for i in 0..<count where direction[i] * slope[i] >= 0 { direction[i] = 0 }
            }
            var descent = dot(direction, slope)
            var isNewton = inverseHessian != nil
            if !(descent < 0) {
                isNewton = false
                history.removeAll()
                direction = slope.map { -$0 }
                descent = -dot(slope, slope)
            }
            let firstStep = history.isEmpty && !isNewton ? 1 / max(1, dot(slope, slope).squareRoot()) : 1
            let found: Step?
            if hasPenalty {
                found = projectedStep(
                    from: point, objective, slope, direction, firstStep, penalties, evaluate, penalty)
            } else {
                found = wolfeStep(from: point, smooth, direction, descent, firstStep, evaluate)
            }
            guard let found else {
                if !history.isEmpty {
                    history.removeAll()
                    continue
                }
                return SearchOutcome(
                    point: point, objective: objective, iterations: iteration, converged: true,
                    stopReason: "no further decrease within floating-point precision")
            }
            let step = zip(found.point, point).map { $0 - $1 }
            let change = zip(found.gradient, gradient).map { $0 - $1 }
            history.append(step: step, change: change)
            let decrease = objective - found.objective
            point = found.point
            gradient = found.gradient
            smooth = found.smooth
            objective = found.objective
            guard try advance(iteration + 1, objective) else {
                return SearchOutcome(
                    point: point, objective: objective, iterations: iteration + 1, converged: false,
                    stopReason: TrainingContext.interruption)
            }
            stalled = decrease <= 1e-14 * max(1, abs(objective)) ? stalled + 1 : 0
            if stalled >= 3 {
                return SearchOutcome(
                    point: point, objective: objective, iterations: iteration + 1, converged: true,
                    stopReason: "no further decrease within floating-point precision")
            }
        }
        let slope = hasPenalty ? pseudoGradient(point, gradient, penalties) : gradient
        let converged = largest(slope) <= tolerance * max(1, abs(objective))
        return SearchOutcome(
            point: point, objective: objective, iterations: max(maximumIterations, 0), converged: converged,
            stopReason: converged ? "gradient below tolerance" : "iteration limit")
    }

    struct Step {
        var point: [Double]
        var gradient: [Double]
        /// Without and with the penalty.
        var smooth: Double
        var objective: Double
    }

    /// The subgradient of least norm.
    private func pseudoGradient(_ point: [Double], _ gradient: [Double], _ penalties: [Double]) -> [Double] {
        point.indices.map { i in
            let slope = gradient[i], penalty = penalties[i]
            if point[i] > 0 { return slope + penalty }
            if point[i] < 0 { return slope - penalty }
            if slope + penalty < 0 { return slope + penalty }
            if slope - penalty > 0 { return slope - penalty }
            return 0
        }
    }

    /// Backtracks along `direction`, staying in the orthant that the search starts into.
    private func projectedStep(
        from point: [Double], _ objective: Double, _ slope: [Double], _ direction: [Double], _ firstStep: Double,
        _ penalties: [Double], _ evaluate: Evaluation, _ penalty: ([Double]) -> Double
    ) -> Step? {
        var length = firstStep
        var gradient = [Double](repeating: 0, count: point.count)
        for _ in 0..<50 {
            var next = point
            for i in next.indices {
                next[i] = point[i] + length * direction[i]
                if penalties[i] > 0 {
                    let side = point[i] != 0 ? point[i] : -slope[i]
                    if next[i] * side <= 0 { next[i] = 0 }
                }
            }
            let smooth = evaluate(next, &gradient)
            let value = smooth + penalty(next)
            var expected = 0.0
            for i in next.indices { expected += slope[i] * (next[i] - point[i]) }
            if value.isFinite, value <= objective + 1e-4 * expected, expected < 0 {
                return Step(point: next, gradient: gradient, smooth: smooth, objective: value)
            }
            length *= 0.5
        }
        return nil
    }

    private func largest(_ values: [Double]) -> Double { values.reduce(0) { max($0, abs($1)) } }
}

/// The latest steps with the changes of the gradient, which stand for the inverse Hessian.
private struct CorrectionHistory {
    private let memory: Int
    private var pairs: [(step: [Double], change: [Double], product: Double)] = []

    init(memory: Int) { self.memory = max(memory, 1) }

    var isEmpty: Bool { pairs.isEmpty }

    mutating func removeAll() { pairs.removeAll() }

    /// Keeps a pair unless its curvature is too small to be trusted.
    mutating func append(step: [Double], change: [Double]) {
        let product = dot(step, change)
        guard product > 1e-12 * dot(change, change), product > 0 else { return }
        if pairs.count == memory { pairs.removeFirst() }
        pairs.append((step, change, product))
    }

    /// −H · slope by the two-loop recursion, which begins with a multiple of `inverseHessian` or of the identity.
    func direction(_ slope: [Double], _ inverseHessian: (([Double]) -> [Double])?) -> [Double] {
        var result = slope.map { -$0 }
        guard let newest = pairs.last else { return inverseHessian?(result) ?? result }
        var factors = [Double](repeating: 0, count: pairs.count)
        for position in pairs.indices.reversed() {
            let pair = pairs[position]
            factors[position] = dot(pair.step, result) / pair.product
            add(-factors[position], pair.change, to: &result)
        }
        var scale = newest.product / dot(newest.change, newest.change)
        if let inverseHessian {
            let curvature = dot(newest.change, inverseHessian(newest.change))
            scale = curvature > 0 ? newest.product / curvature : 1
            result = inverseHessian(result)
        }
        for i in result.indices { result[i] *= scale }
        for position in pairs.indices {
            let pair = pairs[position]
            add(factors[position] - dot(pair.change, result) / pair.product, pair.step, to: &result)
        }
        return result
    }

    private func add(_ factor: Double, _ values: [Double], to result: inout [Double]) {
        for i in result.indices { result[i] += factor * values[i] }
    }
}
