import FeatureTables

/// What each column of the query adds to a model's predictions on average: the mean magnitude of its attributions to rows, each of
/// which counts the same.
public struct GlobalExplanation: Codable, Sendable, Equatable {
    /// A column of the query with the mean magnitude of what it adds.
    public struct Column: Codable, Sendable, Equatable {
        public var name: String
        public var attribution: Double
    }

    /// The greatest first, equal ones in the order in which the model takes them.
    public var columns: [Column]
    /// How many rows it is the mean of.
    public var rows: Int
    /// The same of the rows that each class is predicted of, in the order of the classes; nil where numbers are predicted, and in
    /// models saved by versions that did not tell it.
    public var classes: [PredictedClass]?

    public struct PredictedClass: Codable, Sendable, Equatable {
        public var name: String
        public var columns: [Column]
        public var rows: Int
    }

    /// Sums of magnitudes over rows.
    struct Sums {
        /// Of all rows or, where classes are predicted, of those of each.
        private(set) var parts: [(columns: [Double], rows: Int)]

        init(of model: TrainedModel) {
            let zeros = [Double](repeating: 0, count: model.encoding.columns.count)
            parts = [(columns: [Double], rows: Int)](repeating: (zeros, 0), count: model.encoding.label?.classes?.count ?? 1)
        }

        /// - Parameter predicted: the class; 0 where numbers are predicted.
        /// - Precondition: one magnitude a column.
        mutating func add(_ magnitudes: some Sequence<Double>, of predicted: Int) {
            for (place, magnitude) in magnitudes.enumerated() { parts[predicted].columns[place] += magnitude }
            parts[predicted].rows += 1
        }
    }

    /// Of no rows all attributions are 0.
    init(_ sums: Sums, of model: TrainedModel) {
        func means(_ sums: [Double], _ rows: Int) -> [Column] {
            zip(model.encoding.columns, sums).map { Column(name: $0.name, attribution: $1 / Double(max(rows, 1))) }
                .enumerated().sorted { ($1.element.attribution, $0.offset) < ($0.element.attribution, $1.offset) }.map(\.element)
        }
        rows = sums.parts.reduce(0) { $0 + $1.rows }
        let all = model.encoding.columns.indices.map { column in sums.parts.reduce(0) { $0 + $1.columns[column] } }
        columns = means(all, rows)
        classes = model.encoding.label?.classes.map { names in
            zip(names, sums.parts).map { PredictedClass(name: $0, columns: means($1.columns, $1.rows), rows: $1.rows) }
        }
    }

    /// - Throws: as `ColumnAttributions`; `LearnerError.cancelled`.
    init(of model: TrainedModel, on table: FeatureTable, threads: Int, isCancelled: (@Sendable () -> Bool)? = nil) throws {
        var sums = Sums(of: model)
        try ColumnAttributions.forEachBlock(of: table, model, threads: threads, isCancelled: isCancelled) { block, rows in
            for row in rows {
                sums.add(block.parts(row: row).columns.lazy.map(\.magnitude), of: Int(block.predictedClasses?[row] ?? 0))
            }
        }
        self.init(sums, of: model)
    }

    /// For a terminal, one string a line, at most `limit` columns.
    public func lines(limit: Int = .max) -> [String] {
        let shown = columns.prefix(limit)
        let largest = shown.first?.attribution ?? 0
        let rows = shown.map {
            [$0.name, ReportNumber.short($0.attribution), EvaluationWords.bar(largest > 0 ? $0.attribution / largest : 0)]
        }
        var lines = aligned([["column", "mean |attribution|", ""]] + rows, leftColumns: [0, 2])
        if columns.count > shown.count { lines.append("… and \(columns.count - shown.count) more") }
        return lines.map { ShownText.line($0) }
    }

    /// As a JSON object.
    public func json() throws -> String { try tree.written(isIndented: true) + "\n" }
}
