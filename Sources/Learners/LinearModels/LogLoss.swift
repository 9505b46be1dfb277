#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The negative logarithm of the probability that scores give a row's class.
struct LogLoss: ScoreLoss {
    let codes: [Int32]
    /// 1 for two classes, whose score is the second one's log-odds, else one a class.
    let outputCount: Int

    @inline(__always)
    func take(_ scores: UnsafeMutablePointer<Double>, row: Int) -> Double {
        let loss = probabilities(scores, row: row)
        for output in 0..<outputCount { scores[output] -= truth(output, row: row) }
        return loss
    }

    /// The loss of a row; each of its scores gives way to a probability: of two classes the second one's.
    @inline(__always)
    func probabilities(_ scores: UnsafeMutablePointer<Double>, row: Int) -> Double {
        guard outputCount == 1 else {
            let own = scores[Int(codes[row])]
            return softmaxInPlace(scores, outputCount) - own
        }
        let score = scores[0], power = exp(-abs(score))
        scores[0] = logistic(score, power)
        return log1p(power) + (codes[row] == 1 ? max(-score, 0) : max(score, 0))
    }

    /// What an output's probability should be.
    @inline(__always)
    func truth(_ output: Int, row: Int) -> Double {
        Int(codes[row]) == (outputCount == 1 ? 1 : output) ? 1 : 0
    }
}

extension ScoreObjective<LogLoss> {
    /// The classes' probabilities where all features' weights are zero: their shares, or equal without an intercept.
    private var shares: [Double] {
        let count = max(loss.outputCount, 2)
        let equal = [Double](repeating: 1 / Double(count), count: count)
        guard hasIntercept else { return equal }
        var shares = [Double](repeating: 0, count: count)
        for (row, code) in loss.codes.enumerated() { shares[Int(code)] += weights?[row] ?? 1 }
        return shares.allSatisfy { $0 > 0 } ? shares.map { $0 / totalWeight } : equal
    }

    /// No weights, and intercepts that give the classes' shares.
    func startingPoint() -> [Double] {
        var point = [Double](repeating: 0, count: size)
        let shares = shares
        if loss.outputCount == 1 {
            point[stride - 1] = log(shares[1] / shares[0])
        } else if hasIntercept {
            for output in 0..<loss.outputCount { point[output * stride + stride - 1] = log(shares[output]) }
        }
        return point
    }

    /// The second derivatives of the loss by the scores at the starting point, where all rows have the same probabilities π:
    /// `diag π − π πᵀ`, or of two classes π₀π₁.
    func startingCurvature() -> [Double] {
        let shares = shares, count = loss.outputCount
        guard count > 1 else { return [shares[0] * shares[1]] }
        return (0..<count).flatMap { i in (0..<count).map { j in (i == j ? shares[i] : 0) - shares[i] * shares[j] } }
    }
}
