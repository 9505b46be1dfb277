extension LimitedMemoryBFGS {
    /// A step along `direction` that meets the strong Wolfe conditions (sufficient decrease 10⁻⁴, curvature 0.9), or the
    /// best decreasing one when precision ends the search before; nil when nothing decreases the function.
    func wolfeStep(
        from point: [Double], _ objective: Double, _ direction: [Double], _ descent: Double, _ firstStep: Double,
        _ evaluate: Evaluation
    ) -> Step? {
        struct Trial {
            var length: Double
            var value: Double
            var slope: Double
        }
        var best: Step?
        var latest: Step?
        func take(_ length: Double) -> Trial {
            var gradient = [Double](repeating: 0, count: point.count)
            let next = point.indices.map { point[$0] + length * direction[$0] }
            let value = evaluate(next, &gradient)
            if value.isFinite, value < best?.objective ?? objective {
                best = Step(point: next, gradient: gradient, smooth: value, objective: value)
            }
            latest = Step(point: next, gradient: gradient, smooth: value, objective: value)
            return Trial(length: length, value: value.isFinite ? value : .infinity, slope: dot(gradient, direction))
        }
        let decrease = 1e-4, curvature = 0.9
        func isTooHigh(_ trial: Trial) -> Bool { trial.value > objective + decrease * trial.length * descent }
        func isFlat(_ trial: Trial) -> Bool { abs(trial.slope) <= -curvature * descent }

        var previous = Trial(length: 0, value: objective, slope: descent)
        var low: Trial?
        var high: Trial?
        var length = firstStep
        for attempt in 0..<20 {
            let trial = take(length)
            if isTooHigh(trial) || (attempt > 0 && trial.value >= previous.value) {
                (low, high) = (previous, trial)
                break
            }
            if isFlat(trial) { return latest }
            if trial.slope >= 0 {
                (low, high) = (trial, previous)
                break
            }
            previous = trial
            length *= 2
        }
        guard var low, var high else { return best }
        for _ in 0..<30 {
            let width = high.length - low.length
            guard abs(width) > 1e-16 * max(1, abs(low.length)) else { break }
            var next = minimumOfCubic(low.length, low.value, low.slope, high.length, high.value, high.slope)
            let inner = min(low.length, high.length) + 0.1 * abs(width)
            let outer = max(low.length, high.length) - 0.1 * abs(width)
            if !(next >= inner && next <= outer) { next = low.length + 0.5 * width }
            let trial = take(next)
            if isTooHigh(trial) || trial.value >= low.value {
                high = trial
            } else {
                if isFlat(trial) { return latest }
                if trial.slope * (high.length - low.length) >= 0 { high = low }
                low = trial
            }
        }
        return best
    }

    /// Where the cubic through two values with their slopes is least; NaN when it has no minimum.
    private func minimumOfCubic(
        _ a: Double, _ valueA: Double, _ slopeA: Double, _ b: Double, _ valueB: Double, _ slopeB: Double
    ) -> Double {
        let d1 = slopeA + slopeB - 3 * (valueA - valueB) / (a - b)
        let square = d1 * d1 - slopeA * slopeB
        guard square >= 0 else { return .nan }
        let d2 = (b > a ? 1 : -1) * square.squareRoot()
        return b - (b - a) * (slopeB + d2 - d1) / (slopeB - slopeA + 2 * d2)
    }
}
