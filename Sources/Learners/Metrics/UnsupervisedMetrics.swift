/// How well a model without a label describes rows.
public struct UnsupervisedMetrics: Codable, Sendable, Equatable {
    public struct Measure: Codable, Sendable, Equatable {
        /// As SQL names it: `davies_bouldin_index`.
        public var name: String
        /// nil where the rows do not tell: the index of one cluster.
        public var value: Double?

        public init(name: String, value: Double?) {
            self.name = name
            self.value = value
        }
    }

    public var rows: Int
    public var measures: [Measure]

    /// - Parameter values: one a name; those that are not finite are not known.
    public init(rows: Int, names: [String], values: [Double?]) {
        self.rows = rows
        measures = zip(names, values).map { Measure(name: $0, value: $1.flatMap { $0.isFinite ? $0 : nil }) }
    }

    public func value(_ name: String) -> Double? { measures.first { $0.name == name }?.value }
}
