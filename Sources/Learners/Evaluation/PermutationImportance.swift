import FeatureTables
import Platform

/// How much worse a model's predictions get when the values of a column are dealt out to the rows anew: what the model gets from the
/// column on these rows, in whatever way it uses it.
public struct PermutationImportance: Sendable, Equatable {
    public struct Column: Sendable, Equatable {
        public var name: String
        /// By how much the measure gets worse, on average over the deals; negative where it gets better.
        public var loss: Double
        /// Of the deals.
        public var deviation: Double
    }

    /// With its value on the rows as they are.
    public var measure: Measure
    /// The most important first.
    public var columns: [Column]
    /// How often each column was dealt out.
    public static let deals = 5

    /// - Parameters:
    ///   - whole: the measures of the rows as they are.
    ///   - data: rows that went through the model's TRANSFORM; every row counts the same.
    /// - Returns: nil where no measure can be told.
    /// - Throws: `LearnerError`, `FeatureError`; `.cancelled`.
    init?(
        of model: TrainedModel, _ whole: EvaluationMetrics, on data: ImportData, seed: UInt64, _ isCancelled: (@Sendable () -> Bool)?
    ) throws {
        func metrics(_ data: ImportData) throws -> EvaluationMetrics? {
            if isCancelled?() == true { throw LearnerError.cancelled }
            return try model.judge(data).judgement.quality?.unweighted
        }
        let known = whole.measures.filter { $0.value != nil }
        guard let measure = whole.decisiveNames.lazy.compactMap({ name in known.first { $0.name == name } }).first,
            let value = measure.value
        else { return nil }
        self.measure = measure
        var columns: [Column] = []
        for (place, column) in model.encoding.columns.enumerated() {
            let position = try data.columnIndex(column.name)
            let stream = SplitMix.mix(SplitMix.mix(seed ^ 0x6465_616C) &+ UInt64(place))
            let losses = try (0..<Self.deals).compactMap { deal -> Double? in
                let order = Self.order(data.rowCount, stream: SplitMix.mix(stream &+ UInt64(deal)))
                let dealt = try data.replacing(position, with: data.columns[position].pickingRows(order))
                let found = try metrics(dealt)?.measures.first { $0.name == measure.name }?.value
                return found.map { measure.isBetterHigher ? value - $0 : $0 - value }
            }
            guard !losses.isEmpty else { continue }
            let moments = SampleMoments(losses)
            columns.append(Column(name: column.name, loss: moments.mean, deviation: moments.deviation))
        }
        self.columns = columns.enumerated().sorted { ($1.element.loss, $0.offset) < ($0.element.loss, $1.offset) }.map(\.element)
    }

    /// Rows in an order that is drawn (Fisher and Yates).
    private static func order(_ count: Int, stream: UInt64) -> [Int32] {
        var order = (0..<Int32(count)).map { $0 }
        for place in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(place, SplitMix.below(place + 1, stream &+ UInt64(place)))
        }
        return order
    }
}
