/// Minimizes a smooth convex function of few variables by Newton's method (Nocedal and Wright, "Numerical Optimization", 2nd
/// edition, section 3.3), with steps that are halved until the function decreases by a part of what its slope promises.
struct NewtonSearch {
    var maximumIterations = 200
    /// Ends when no component of the gradient exceeds this, relative to the objective where that is above 1.
    var tolerance = 1e-6

    /// The function's value at `point`; writes its gradient and, row-major, its second derivatives.
    typealias Evaluation = (_ point: [Double], _ gradient: inout [Double], _ hessian: inout [Double]) -> Double

    /// - Returns: the point where the search ended. It has not converged where the iterations were used up, and where no step
    ///   leads down: what is almost flat there is for another method.
    /// - Throws: what `advance` throws; `LearnerError.notFinite` when the function is not finite at `start`.
    func minimize(
        from start: [Double], evaluate: Evaluation, advance: (_ iteration: Int, _ objective: Double) throws -> Bool
    ) throws -> SearchOutcome {
        var point = start
        var gradient = [Double](repeating: 0, count: start.count)
        var hessian = [Double](repeating: 0, count: start.count * start.count)
        var objective = evaluate(point, &gradient, &hessian)
        guard objective.isFinite, gradient.allSatisfy(\.isFinite) else {
            throw LearnerError.notFinite("the training objective")
        }
        func outcome(_ iterations: Int, _ converged: Bool, _ reason: String) -> SearchOutcome {
            SearchOutcome(point: point, objective: objective, iterations: iterations, converged: converged, stopReason: reason)
        }
        var stalled = 0
        for iteration in 0...max(maximumIterations, 0) {
            let isFlat = gradient.allSatisfy { abs($0) <= tolerance * max(1, abs(objective)) }
            if !isFlat, iteration == max(maximumIterations, 0) { break }
            let step = CholeskyFactor(hessian, ridge: [Double](repeating: 0, count: point.count)).solve(gradient)
            let slope = -dot(step, gradient)
            let leadsDown = slope < 0 && step.allSatisfy(\.isFinite)
            if isFlat {
                // Where the function hardly bends a small gradient is still far from the least point. What is known here is enough
                // for one more step, which squares that distance.
                if leadsDown, -slope <= tolerance * max(1, abs(objective)) {
                    for place in point.indices { point[place] -= step[place] }
                }
                return outcome(iteration, true, "gradient below tolerance")
            }
            guard leadsDown else { return outcome(iteration, false, "no step leads down") }
            let before = objective
            var length = 1.0
            var next = point
            var isLower = false
            while !isLower, length > 1e-6 {
                for place in point.indices { next[place] = point[place] - length * step[place] }
                let value = evaluate(next, &gradient, &hessian)
                // Near the end a decrease is below what the objective's sum is exact to.
                if value.isFinite, value <= objective + 1e-4 * length * slope + 1e-14 * abs(objective) {
                    isLower = true
                    objective = value
                }
                length /= 2
            }
            guard isLower else { return outcome(iteration, false, "no step leads down") }
            point = next
            guard try advance(iteration + 1, objective) else { return outcome(iteration + 1, false, TrainingContext.interruption) }
            stalled = before - objective <= 1e-14 * max(1, abs(objective)) ? stalled + 1 : 0
            if stalled >= 3 { return outcome(iteration + 1, true, "no further decrease within floating-point precision") }
        }
        return outcome(max(maximumIterations, 0), false, "iteration limit")
    }
}
