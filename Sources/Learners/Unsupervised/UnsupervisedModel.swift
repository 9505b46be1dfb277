import FeatureTables

/// A model of rows that have no label: of which cluster each is, what its principal components are, how unusual it is.
public protocol UnsupervisedModel: Model {
    /// The measures of `measures(of:weights:)`, in their order, as SQL names them.
    var measureNames: [String] { get }
    /// How unusual the training rows were.
    var thresholds: AnomalyThresholds { get }
    /// What the measures are made of.
    /// - Throws: as `predict` does.
    func fits(_ matrix: FeatureMatrix, threads: Int) throws -> RowFits
    /// How well the model describes rows; each counts by its weight, or all the same.
    func measures(of fits: RowFits, weights: [Double]?) -> UnsupervisedMetrics
    /// How unusual each row is: the greater the more.
    func anomalies(of findings: Findings) -> [Double]
}

/// What a model without a label tells of rows.
public enum Findings: Sendable {
    /// Row-major: the distance of each row from each of `count` centroids, in the space that the clusters were found in.
    case clusters(distances: [Double], count: Int)
    /// Row-major: `count` components a row; `fits` has the squared length that they leave over, and the row's own.
    case components(values: [Double], count: Int, fits: RowFits)
    /// From 0 to 1; unusual rows have great ones. `limit` is the one above which a row is taken for an anomaly.
    case scores([Double], limit: Double)
}

/// Two numbers a row, of which a model's measures are made.
///
/// Clusters: the position of the nearest centroid, and the distance from it. Principal components: the squared length that
/// the components leave over, and the row's own. Anomaly scores: the score, and 0.
public struct RowFits: Sendable, Equatable {
    public var first: [Double]
    public var second: [Double]

    public init(first: [Double], second: [Double]) {
        self.first = first
        self.second = second
    }

    public var count: Int { first.count }

    init(rowCount: Int) {
        first = [Double](repeating: 0, count: rowCount)
        second = first
    }

    /// Lets several threads write, each its own rows.
    mutating func write(_ body: (_ first: SharedNumbers, _ second: SharedNumbers) -> Void) {
        first.withUnsafeMutableBufferPointer { first in
            second.withUnsafeMutableBufferPointer { second in
                guard let one = first.baseAddress, let other = second.baseAddress else { return }
                body(SharedNumbers(one), SharedNumbers(other))
            }
        }
    }
}

/// Numbers that several threads write, each its own.
struct SharedNumbers: @unchecked Sendable {
    // Unchecked: each block writes its own rows.
    let first: UnsafeMutablePointer<Double>
    init(_ first: UnsafeMutablePointer<Double>) { self.first = first }
}

extension UnsupervisedModel {
    /// What the training rows tell, measured on at most `AnomalyThresholds.mostRows` of them.
    func thresholds(of matrix: FeatureMatrix, memory: ImportMemory, context: TrainingContext) throws -> AnomalyThresholds {
        let rows = AnomalyThresholds.sample(of: matrix.rowCount)
        var values: [Double] = []
        values.reserveCapacity(rows.count)
        for start in stride(from: 0, to: rows.count, by: Self.rowsTogether) {
            if context.isCancelled?() == true { throw LearnerError.cancelled }
            let part = Array(rows[start..<min(start + Self.rowsTogether, rows.count)])
            guard case .findings(let findings) = try predict(
                try matrix.selecting(part, memory: memory), threads: context.threads)
            else { throw LearnerError.inconsistentModel }
            values += anomalies(of: findings)
        }
        return AnomalyThresholds(values)
    }

    /// Rows whose predictions are in memory together.
    private static var rowsTogether: Int { 16_384 }
}

extension ModelQuality {
    /// How well a model without a label describes rows.
    init(_ model: any UnsupervisedModel, _ fits: RowFits, weights: [Double]?) {
        self.init(unweighted: .unsupervised(model.measures(of: fits, weights: nil)))
        if let weights, weights.contains(where: { $0 > 0 }) {
            weighted = .unsupervised(model.measures(of: fits, weights: weights))
        }
    }
}
