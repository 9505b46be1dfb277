#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Predicted probabilities beside the true classes. All that does not depend on weights can be kept: measures under many weights, as
/// resampling takes them, then cost a walk along the rows each.
struct ClassifiedRows: Sendable {
    let names: [String]
    /// Row-major, one a row and class.
    let probabilities: [Double]
    let actual: [Int32]
    let predicted: [Int32]
    /// What is measured of each row; empty unless it is kept.
    private var keptMeasures: [RowMeasures] = []
    /// Orders by the probabilities of classes, by class; empty unless they are kept.
    private var keptRankings: [Int: RankedScores] = [:]

    private struct RowMeasures {
        /// −log(probability of the true class).
        var loss: Double
        /// The squared distance of the probabilities from certainty of the true class; of two classes the positive one's.
        var square: Double
        /// How many classes come before the true one.
        var place: Int32
    }

    /// Accuracies among the 2, 3, … most probable classes are told up to this number.
    static let mostTop = 5
    /// With more classes their orders would take too much memory.
    private static let mostKept = 50

    /// - Parameters:
    ///   - probabilities: row-major, one a row and class.
    ///   - actual: the true class of each row.
    /// - Precondition: the sizes agree, every class is a position in `names`, and there are at least two names.
    init(probabilities: [Double], actual: [Int32], names: [String]) {
        precondition(probabilities.count == actual.count * names.count && names.count > 1)
        self.names = names
        self.probabilities = probabilities
        self.actual = actual
        predicted = Predictions.classes(probabilities: probabilities, names: names).predictedClasses ?? []
    }

    private func measures(of row: Int) -> RowMeasures {
        let count = names.count, truth = Int(actual[row])
        let probability = probabilities[row * count + truth]
        var square = 0.0
        var place: Int32 = 0
        for candidate in 0..<count {
            let other = probabilities[row * count + candidate]
            let distance = candidate == truth ? 1 - other : other
            square += distance * distance
            if candidate != truth, other > probability || other == probability && candidate < truth { place += 1 }
        }
        return RowMeasures(
            loss: -log(min(max(probability, Double.ulpOfOne), 1 - Double.ulpOfOne)), square: count == 2 ? square / 2 : square,
            place: place)
    }

    /// The classes that are measured one against the rest: of two the positive one.
    var measuredClasses: [Int] { names.count == 2 ? [1] : Array(names.indices) }

    /// The probabilities of a class, with the rows whose truth it is.
    func scores(of position: Int) -> (scores: [Double], isPositive: [Bool]) {
        (actual.indices.map { probabilities[$0 * names.count + position] }, actual.map { Int($0) == position })
    }

    func ranking(of position: Int) -> RankedScores {
        if let known = keptRankings[position] { return known }
        let (scores, isPositive) = scores(of: position)
        return RankedScores(scores: scores, isPositive: isPositive)
    }

    /// As they are, with what does not depend on weights kept as far as memory allows: measures take a walk each from then on.
    func keepingMeasures() -> ClassifiedRows {
        var rows = self
        rows.keptMeasures = actual.indices.map { measures(of: $0) }
        guard names.count <= Self.mostKept else { return rows }
        rows.keptRankings = Dictionary(uniqueKeysWithValues: measuredClasses.map { ($0, ranking(of: $0)) })
        return rows
    }

    /// How far the probabilities of a class can be taken for shares.
    func reliability(of position: Int, _ weights: [Double]?) -> Reliability {
        var result = Reliability()
        for row in actual.indices {
            result.add(
                probabilities[row * names.count + position], happened: Int(actual[row]) == position, weight: weights?[row] ?? 1)
        }
        return result
    }

    /// Of two classes the positive one's, of more that of the most probable class.
    private func reliability(_ weights: [Double]?) -> Reliability {
        if names.count == 2 { return reliability(of: 1, weights) }
        var result = Reliability()
        for row in actual.indices {
            result.add(
                probabilities[row * names.count + Int(predicted[row])], happened: actual[row] == predicted[row],
                weight: weights?[row] ?? 1)
        }
        return result
    }

    /// - Precondition: `weights` has one element a row.
    /// - Complexity: O(rows × classes), and sorting the rows once a class where the orders are not kept.
    func metrics(_ weights: [Double]?) -> ClassificationMetrics {
        let count = names.count
        var confusion = [Double](repeating: 0, count: count * count)
        let tops = count > 2 ? min(count - 1, Self.mostTop) : 1
        var found = [Double](repeating: 0, count: tops + 1)
        var total = 0.0, loss = 0.0, square = 0.0
        for row in actual.indices {
            let weight = weights?[row] ?? 1
            confusion[Int(actual[row]) * count + Int(predicted[row])] += weight
            let own = keptMeasures.isEmpty ? measures(of: row) : keptMeasures[row]
            loss += weight * own.loss
            square += weight * own.square
            found[min(Int(own.place), tops)] += weight
            total += weight
        }
        var areas: [Double] = [], precisions: [Double] = [], distances: [Double] = []
        let measured = measuredClasses
        for position in measured {
            let found = ranking(of: position).measures(weights)
            if let area = found.areaUnderROC { areas.append(area) }
            if let area = found.averagePrecision { precisions.append(area) }
            if let distance = found.kolmogorovSmirnov { distances.append(distance) }
        }
        /// nil where one is not known.
        func mean(_ values: [Double]) -> Double? {
            values.count == measured.count ? values.reduce(0, +) / Double(values.count) : nil
        }
        var metrics = ClassificationMetrics(
            rows: actual.count, names: names,
            confusion: names.indices.map { Array(confusion[($0 * count)..<(($0 + 1) * count)]) },
            logLoss: total > 0 ? loss / total : 0)
        metrics.areaUnderROC = mean(areas)
        metrics.areaUnderPR = mean(precisions)
        metrics.kolmogorovSmirnov = mean(distances)
        metrics.brierScore = total > 0 ? square / total : nil
        metrics.expectedCalibrationError = reliability(weights).expectedCalibrationError
        if tops > 1, total > 0 {
            var sum = found[0]
            metrics.topAccuracies = (1..<tops).map { place in
                sum += found[place]
                return sum / total
            }
        }
        return metrics
    }
}
