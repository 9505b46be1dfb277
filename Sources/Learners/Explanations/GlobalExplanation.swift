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

    /// Sums of magnitudes over rows.
    struct Sums {
        private(set) var columns: [Double]
        private(set) var rows = 0

        init(columnCount: Int) { columns = [Double](repeating: 0, count: columnCount) }

        /// - Precondition: one magnitude a column.
        mutating func add(_ magnitudes: some Sequence<Double>) {
            for (place, magnitude) in magnitudes.enumerated() { columns[place] += magnitude }
            rows += 1
        }
    }

    /// Of no rows all attributions are 0.
    init(_ sums: Sums, of model: TrainedModel) {
        rows = sums.rows
        let count = Double(max(sums.rows, 1))
        columns = zip(model.encoding.columns, sums.columns).map { Column(name: $0.name, attribution: $1 / count) }
            .enumerated().sorted { ($1.element.attribution, $0.offset) < ($0.element.attribution, $1.offset) }.map(\.element)
    }

    /// - Throws: as `ColumnAttributions`; `LearnerError.cancelled`.
    init(of model: TrainedModel, on table: FeatureTable, threads: Int, isCancelled: (@Sendable () -> Bool)? = nil) throws {
        var sums = Sums(columnCount: model.encoding.columns.count)
        try ColumnAttributions.forEachBlock(of: table, model, threads: threads, isCancelled: isCancelled) { block, rows in
            for row in rows { sums.add(block.parts(row: row).columns.lazy.map(\.magnitude)) }
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
