#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Makes numbers of a level's sums: what stands for a level of a categorical column.
package struct LevelFormula: Sendable {
    package enum Form: Sendable {
        case target, weightOfEvidence, counts, frequency

        /// Levels of fewer rows share what all of them say together, where nobody says how many.
        package var usualLeastRows: Double { self == .counts ? 10 : 1 }
    }

    package let form: Form
    /// 0 for answers that are numbers, or that nobody asks for.
    package let classCount: Int
    /// The mean of numeric answers.
    package let answerMean: Double
    /// So many rows with the answers' overall mean are added to those of each level; nil: as many as the spread of the answers
    /// in the level and in all rows suggest.
    package let smoothing: Double?
    package let leastRows: Double

    /// Rows are cut into so many folds where nobody says it, and into no more than so many.
    package static let usualFolds = 5, mostFolds = 100

    package init(form: Form, classCount: Int, answerMean: Double = 0, smoothing: Double? = nil, leastRows: Double? = nil) {
        self.form = form
        self.classCount = classCount
        self.answerMean = answerMean
        self.smoothing = smoothing
        self.leastRows = leastRows ?? form.usualLeastRows
    }

    /// Rows of the overall shares that are added before log-odds are taken.
    private static let prior = 1.0
    /// Added to the rows of each class before evidence is weighed.
    private static let evidencePrior = 1.0

    /// The classes that features are about: the positive one of two, else all.
    package var classesTold: Range<Int> { classCount == 2 ? 1..<2 : 0..<classCount }

    /// Numbers of a level.
    package var width: Int {
        switch form {
        case .target: max(classesTold.count, 1)
        case .weightOfEvidence: classesTold.count
        case .counts: classCount + classesTold.count + 1
        case .frequency: 1
        }
    }

    /// The numbers of each level, of a missing value, and of a level that does not occur.
    /// - Parameters:
    ///   - sums: as `LevelSums.totals` has them; the last level is that of missing values.
    ///   - rowCount: the weight of all training rows, of which these may be a part: counts are given as if they were all.
    package func numbers(_ sums: [Double], width stride: Int, rowCount: Double) -> [Double] {
        let levelCount = sums.count / stride
        var all = [Double](repeating: 0, count: stride)
        for level in 0..<levelCount { for place in 0..<stride { all[place] += sums[level * stride + place] } }
        let total = all.withUnsafeBufferPointer { weight($0) }
        let scale = total > 0 ? rowCount / total : 1
        // What levels say together that are too rare to speak for themselves.
        var rare = [Double](repeating: 0, count: stride)
        var isRare = [Bool](repeating: false, count: levelCount)
        var result: [Double] = []
        result.reserveCapacity((levelCount + 1) * width)
        sums.withUnsafeBufferPointer { sums in
            func own(_ level: Int) -> UnsafeBufferPointer<Double> {
                UnsafeBufferPointer(rebasing: sums[level * stride..<(level + 1) * stride])
            }
            for level in 0..<levelCount - 1 where weight(own(level)) * scale < leastRows {
                isRare[level] = true
                for place in 0..<stride { rare[place] += own(level)[place] }
            }
            rare.withUnsafeBufferPointer { rare in
                for level in 0..<levelCount {
                    append(isRare[level] ? rare : own(level), all, scale, isRare[level], to: &result)
                }
                append(rare, all, scale, true, to: &result)
            }
        }
        return result
    }

    private func weight(_ sums: UnsafeBufferPointer<Double>) -> Double { classCount > 0 ? sums.reduce(0, +) : sums[0] }

    private func append(
        _ sums: UnsafeBufferPointer<Double>, _ all: [Double], _ scale: Double, _ isBackOff: Bool, to result: inout [Double]
    ) {
        let count = weight(sums), total = all.withUnsafeBufferPointer { weight($0) }
        switch form {
        case .frequency: result.append(total > 0 ? count / total : 0)
        case .target where classCount == 0:
            let mean = total > 0 ? all[1] / total : 0
            result.append(answerMean + shrunk(count, sums[1], squares: sums[2], mean, squares: all[2], total))
        case .target:
            for name in classesTold {
                let mean = total > 0 ? all[name] / total : 0
                result.append(shrunk(count, sums[name], squares: sums[name], mean, squares: all[name], total))
            }
        case .weightOfEvidence:
            for name in classesTold {
                let prior = Self.evidencePrior
                let positive = (sums[name] + prior) / (all[name] + 2 * prior)
                let negative = (count - sums[name] + prior) / (total - all[name] + 2 * prior)
                result.append(count > 0 ? log(positive / negative) : 0)
            }
        case .counts:
            for name in 0..<classCount { result.append(sums[name] * scale) }
            for name in classesTold {
                let share = total > 0 ? all[name] / total : 0.5
                let odds = (sums[name] * scale + Self.prior * share) / ((count - sums[name]) * scale + Self.prior * (1 - share))
                result.append(odds > 0 && odds.isFinite ? log(odds) : 0)
            }
            result.append(isBackOff ? 1 : 0)
        }
    }

    /// The mean of a level's answers, drawn towards the mean of all.
    private func shrunk(
        _ count: Double, _ sum: Double, squares: Double, _ mean: Double, squares allSquares: Double, _ total: Double
    ) -> Double {
        guard count > 0, total > 0 else { return mean }
        if let smoothing { return (sum + smoothing * mean) / (count + smoothing) }
        // Empirical Bayes (Micci-Barreca, 2001): variances of the level's answers and of all.
        let variance = max(0, allSquares / total - mean * mean)
        let own = max(0, squares / count - (sum / count) * (sum / count))
        guard variance > 0 else { return mean }
        let trust = variance * count / (variance * count + own)
        return trust * sum / count + (1 - trust) * mean
    }
}
