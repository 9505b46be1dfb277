import FeatureTables

/// What a model predicts on average if a column has one value in all rows: how predictions depend on the column by itself.
public struct PartialDependence: Sendable, Equatable {
    public struct Point: Sendable, Equatable {
        /// A value that occurs, as text.
        public var value: String
        /// The value as a number; nil of columns that are no quantity.
        public var number: Double?
        /// The mean probability of each class, or the mean number.
        public var means: [Double]
    }

    public var column: String
    /// Of quantities in ascending order, of others the most frequent first.
    public var points: [Point]

    /// Columns that are looked at, and values of each.
    static let mostColumns = 6
    private static let mostPoints = 12
    /// Rows that the means are of.
    private static let mostRows = 1_000

    /// Rows for the means to be of, drawn, in ascending order.
    static func sample(of data: ImportData, seed: UInt64) throws -> [Int32] {
        let all = (0..<Int32(data.rowCount)).map { $0 }
        return Array(try data.drawnOrder(SplitOptions(seed: seed, key: .position), rows: all).prefix(mostRows)).sorted()
    }

    /// - Parameters:
    ///   - data: rows that went through the model's TRANSFORM.
    ///   - sample: those of them that the means are of.
    /// - Returns: nil where there is nothing to predict.
    init?(_ name: String, of model: TrainedModel, on data: ImportData, sample: [Int32]) throws {
        let position = try data.columnIndex(name)
        guard let distinct = try? data.distinct(position), distinct.count > 0 else { return nil }
        column = name
        points = try Self.rows(position, data, distinct.codes, distinct.firstRows).compactMap { row, number in
            let constant = data.columns[position].pickingRows([Int32](repeating: row, count: data.rowCount))
            let rows = try data.replacing(position, with: constant)
            let table: FeatureTable
            do { table = try rows.featureTable(encoding: model.encoding, rows: sample, needsLabel: false) } catch FeatureError.noRows { return nil }
            let means = Self.means(try model.model.predict(table.matrix, threads: data.threads))
            return Point(value: data.levelName(position, row: row), number: number, means: means)
        }
        guard !points.isEmpty else { return nil }
    }

    /// Rows that have the values to look at.
    private static func rows(
        _ position: Int, _ data: ImportData, _ codes: [Int32], _ firstRows: [Int32]
    ) throws -> [(row: Int32, number: Double?)] {
        var counts = [Int](repeating: 0, count: firstRows.count)
        for code in codes where code >= 0 { counts[Int(code)] += 1 }
        guard ImportData.isQuantity(data.schema[position].type) else {
            let order = counts.indices.sorted { (-counts[$0], $0) < (-counts[$1], $1) }
            return order.prefix(mostPoints).map { (firstRows[$0], nil) }
        }
        let numbers = try data.numbers(position)
        let known = codes.indices.filter { codes[$0] >= 0 && numbers[$0].isFinite }.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
        guard !known.isEmpty else { return [] }
        var found: [(row: Int32, number: Double?)] = []
        for point in 0..<mostPoints {
            let row = known[(known.count - 1) * point / (mostPoints - 1)]
            if found.last?.number != numbers[row] { found.append((Int32(row), numbers[row])) }
        }
        return found
    }

    private static func means(_ predictions: Predictions) -> [Double] {
        switch predictions {
        case .findings: return []
        case .numbers(let values): return [SampleMoments(values).mean]
        case .classes(let probabilities, let names):
            let count = Double(max(probabilities.count / max(names.count, 1), 1))
            return names.indices.map { position in
                stride(from: position, to: probabilities.count, by: names.count).reduce(0) { $0 + probabilities[$1] } / count
            }
        }
    }
}
