import FeatureTables

/// The second derivatives of a logistic objective beside its value and gradient, in one pass over the rows of a dense matrix.
///
/// A row takes (outputs² · features²) / 4 multiplications, so that this is for objectives of few weights.
struct LogisticCurvature {
    private let objective: ScoreObjective<LogLoss>
    private let elements: UnsafePointer<Double>
    /// Features, and the intercept behind them, whose value is 1.
    private let width: Int
    private let outputCount: Int

    /// More weights are left to methods that know no second derivatives: with these a pass over the rows costs some eight times
    /// what one for the gradient alone does.
    private static let mostWeights = 64

    /// nil for a sparse matrix, and for many weights.
    init?(_ objective: ScoreObjective<LogLoss>) {
        guard let elements = objective.matrix.dense, objective.size <= Self.mostWeights else { return nil }
        self.objective = objective
        self.elements = UnsafePointer(elements)
        width = objective.stride
        outputCount = objective.loss.outputCount
    }

    private var size: Int { outputCount * width }
    private var outputPairs: Int { outputCount * (outputCount + 1) / 2 }
    private var featurePairs: Int { width * (width + 1) / 2 }

    /// The objective's value at `point`.
    /// - Parameters:
    ///   - gradient: takes the first derivatives.
    ///   - hessian: takes the second ones, row-major and symmetric.
    func evaluate(_ point: [Double], gradient: inout [Double], hessian: inout [Double]) -> Double {
        let scales = objective.scaling.inverseDeviations + [1]
        let scaled = point.enumerated().map { $1 * scales[$0 % width] }
        // Gradient, loss, second derivatives of each pair of outputs and, in it, pair of features.
        let sums = RowBlocks(rowCount: objective.matrix.rowCount).sums(
            width: size + 1 + outputPairs * featurePairs, threads: objective.threads
        ) { rows, sums in
            scaled.withUnsafeBufferPointer { point in
                guard let point = point.baseAddress else { return }
                RowGroup.with(width: width, outputCount: outputCount) { group in
                    var start = rows.lowerBound
                    while start < rows.upperBound {
                        let end = min(start + RowGroup.rowCount, rows.upperBound)
                        add(start..<end, point, group, sums)
                        start = end
                    }
                }
            }
        }
        let total = objective.totalWeight, isFree = { [objective] (feature: Int) in feature < width - 1 || objective.hasIntercept }
        var value = sums[size] / total
        for place in 0..<size {
            let feature = place % width
            let penalty = feature < width - 1 ? objective.l2 : 0
            value += 0.5 * penalty * point[place] * point[place]
            gradient[place] = isFree(feature) ? sums[place] * scales[feature] / total + penalty * point[place] : 0
        }
        var next = size + 1
        for one in 0..<outputCount {
            for other in one..<outputCount {
                for row in 0..<width {
                    for column in row..<width {
                        let isPenalized = one == other && row == column && row < width - 1
                        let second = isFree(row) && isFree(column)
                            ? sums[next] * scales[row] * scales[column] / total + (isPenalized ? objective.l2 : 0) : 0
                        for (a, b) in [(one * width + row, other * width + column), (one * width + column, other * width + row)] {
                            hessian[a * size + b] = second
                            hessian[b * size + a] = second
                        }
                        next += 1
                    }
                }
            }
        }
        return value
    }

    /// Adds what `rows`, at most those of a group, say.
    private func add(
        _ rows: Range<Int>, _ point: UnsafePointer<Double>, _ group: RowGroup, _ sums: UnsafeMutablePointer<Double>
    ) {
        group.read(rows, elements, means: objective.scaling.means)
        for output in 0..<outputCount { group.score(output, point + output * width) }
        sums[size] += addLosses(rows, group)
        for output in 0..<outputCount {
            for feature in 0..<width {
                sums[output * width + feature] += RowGroup.dot(group.residuals(output), group.feature(feature))
            }
        }
        var next = sums + size + 1
        for one in 0..<outputCount {
            for other in one..<outputCount {
                group.curve(one, other)
                for row in 0..<width {
                    group.multiplyCurve(row)
                    for column in row..<width {
                        next.pointee += RowGroup.dot(group.product, group.feature(column))
                        next += 1
                    }
                }
            }
        }
    }

    /// The sum of the losses; scores become probabilities, and residuals.
    private func addLosses(_ rows: Range<Int>, _ group: RowGroup) -> Double {
        let loss = objective.loss, weights = objective.weights
        var sum = 0.0
        withUnsafeTemporaryAllocation(of: Double.self, capacity: outputCount) { room in
            guard let own = room.baseAddress else { return }
            for (place, row) in rows.enumerated() {
                let weight = weights?[row] ?? 1
                // A row that does not count may have any loss, even none.
                guard weight > 0 else {
                    group.clear(place..<place + 1, outputCount)
                    continue
                }
                for output in 0..<outputCount { own[output] = group.scores(output).numbers[place] }
                sum += weight * loss.probabilities(own, row: row)
                for output in 0..<outputCount {
                    group.scores(output).numbers[place] = own[output]
                    group.residuals(output).numbers[place] = weight * (own[output] - loss.truth(output, row: row))
                }
                group.weights.numbers[place] = weight
            }
        }
        group.clear(rows.count..<RowGroup.rowCount, outputCount)
        return sum
    }
}

/// Rows column by column, in vectors, with what is computed of each.
private struct RowGroup {
    static let rowCount = 256
    private typealias Vector = SIMD4<Double>
    private static let vectorCount = rowCount / Vector.scalarCount

    /// One number a row.
    struct Numbers {
        fileprivate let vectors: UnsafeMutablePointer<SIMD4<Double>>

        var numbers: UnsafeMutablePointer<Double> {
            UnsafeMutableRawPointer(vectors).assumingMemoryBound(to: Double.self)
        }
    }

    private let first: UnsafeMutablePointer<Vector>
    private let width: Int
    private let outputCount: Int

    static func with(width: Int, outputCount: Int, _ body: (RowGroup) -> Void) {
        let columns = width + 2 * outputCount + 3
        withUnsafeTemporaryAllocation(of: Vector.self, capacity: columns * vectorCount) { room in
            room.initialize(repeating: .zero)
            guard let first = room.baseAddress else { return }
            body(RowGroup(first: first, width: width, outputCount: outputCount))
        }
    }

    private func column(_ place: Int) -> Numbers { Numbers(vectors: first + place * Self.vectorCount) }

    func feature(_ place: Int) -> Numbers { column(place) }
    func scores(_ output: Int) -> Numbers { column(width + output) }
    func residuals(_ output: Int) -> Numbers { column(width + outputCount + output) }
    var weights: Numbers { column(width + 2 * outputCount) }
    /// The second derivative of the loss by the scores of two outputs.
    private var curvature: Numbers { column(width + 2 * outputCount + 1) }
    var product: Numbers { column(width + 2 * outputCount + 2) }

    /// Features less their means, and 1 behind them.
    func read(_ rows: Range<Int>, _ elements: UnsafePointer<Double>, means: [Double]) {
        let count = width - 1
        for place in 0..<count {
            let target = feature(place).numbers, mean = means[place]
            var source = elements + rows.lowerBound * count + place
            for row in 0..<rows.count {
                target[row] = source.pointee - mean
                source += count
            }
            for row in rows.count..<Self.rowCount { target[row] = 0 }
        }
        let ones = feature(count).vectors
        for place in 0..<Self.vectorCount { ones[place] = Vector(repeating: 1) }
    }

    func score(_ output: Int, _ weights: UnsafePointer<Double>) {
        let target = scores(output).vectors
        for place in 0..<Self.vectorCount { target[place] = Vector(repeating: weights[width - 1]) }
        for feature in 0..<(width - 1) {
            let weight = Vector(repeating: weights[feature]), values = self.feature(feature).vectors
            for place in 0..<Self.vectorCount { target[place] += weight * values[place] }
        }
    }

    /// Lets rows count nothing.
    func clear(_ places: Range<Int>, _ outputCount: Int) {
        for place in places {
            weights.numbers[place] = 0
            for output in 0..<outputCount {
                scores(output).numbers[place] = 0
                residuals(output).numbers[place] = 0
            }
        }
    }

    /// Of two classes the score is the second one's: p · (1 − p) as well.
    func curve(_ one: Int, _ other: Int) {
        let first = scores(one).vectors, second = scores(other).vectors, weights = weights.vectors, target = curvature.vectors
        let same = Vector(repeating: one == other ? 1 : 0)
        for place in 0..<Self.vectorCount { target[place] = weights[place] * first[place] * (same - second[place]) }
    }

    func multiplyCurve(_ feature: Int) {
        let values = self.feature(feature).vectors, curvature = curvature.vectors, target = product.vectors
        for place in 0..<Self.vectorCount { target[place] = curvature[place] * values[place] }
    }

    @inline(__always)
    static func dot(_ left: Numbers, _ right: Numbers) -> Double {
        let left = left.vectors, right = right.vectors
        var even = Vector.zero, odd = Vector.zero
        for place in Swift.stride(from: 0, to: vectorCount, by: 2) {
            even += left[place] * right[place]
            odd += left[place + 1] * right[place + 1]
        }
        return (even + odd).sum()
    }
}
