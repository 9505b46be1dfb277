import Columnar
import FeatureTables

/// Explains a model's predictions of a table's rows.
public struct ExplanationRequest: Sendable {
    public var model: TrainedModel
    /// Columns of the table to carry over, besides the model's identifiers.
    public var carried: [String]

    public init(model: TrainedModel, carried: [String] = []) {
        self.model = model
        self.carried = carried
    }

    /// One explanation a row, in the order of the rows.
    ///
    /// Columns: the identifiers and carried columns; `prediction` and, for classes, its `probability`;
    /// `baseline_prediction_value`, what each column adds to it (`attribution_<column>`), and `prediction_value`, which is the sum:
    /// the number that is predicted (where its logarithm is learned, this), of two classes the predicted one's log-odds, of more
    /// its score. A row that the policy `drop-row` leaves out has NULLs.
    /// - Parameter transformed: the same rows, each at its place, as the model's TRANSFORM makes them; nil: the model has none.
    /// - Throws: `FeatureError`; `LearnerError.noContributions` for a model whose predictions are no such sums, `.cancelled`.
    public func run(
        on data: ImportData, transformed: ImportData? = nil, threads: Int = 1, isCancelled: (@Sendable () -> Bool)? = nil
    ) throws -> ExplanationOutcome {
        let rows = try model.rows(of: data, transformed)
        let names = model.encoding.columns.map { "attribution_\($0.name)" }
        let isClass = model.encoding.label?.classes != nil
        let told = ["prediction"] + (isClass ? ["probability"] : []) + ["baseline_prediction_value"] + names + ["prediction_value"]
        let positions = try model.carriedPositions(carried, in: data, beside: told)
        let table = try rows.featureTable(encoding: model.encoding, needsLabel: false)
        // What is told of each row, and the columns that are made of it.
        let reservation = try ImportReservation(
            data.memory, for: "the explanations", help: ImportMemory.fewerRows, bytes: data.rowCount * (names.count + 3) * 16)
        defer { withExtendedLifetime(reservation) {} }
        var classes: [Int32] = [], predicted: [Double] = []
        var values = names.map { _ in [Double]() }
        var baselines: [Double] = [], sums: [Double] = []
        try ColumnAttributions.forEachBlock(of: table, model, threads: max(1, threads), isCancelled: isCancelled) { block, rows in
            classes += block.predictedClasses ?? []
            for row in rows {
                let parts = block.parts(row: row)
                for (place, value) in parts.columns.enumerated() { values[place].append(value) }
                baselines.append(parts.baseline)
                sums.append(parts.columns.reduce(parts.baseline, +))
                predicted.append(block.prediction(row: row))
            }
        }
        let places = PlacedRows(table, of: data)
        var columns = isClass ? [places.classes(classes, model.encoding.label?.classes ?? [], model.classType)] : []
        columns += ([predicted, baselines] + values + [sums]).map { told in places.numbers { told[$0] } }
        let schema = zip(told, columns).map { SchemaColumn(name: $0, type: $1.type) }
        return ExplanationOutcome(
            schema: positions.map { data.schema[$0] } + schema, columns: positions.map { data.columns[$0] } + columns,
            rowCount: data.rowCount, summary: table.summary)
    }

    /// What each column adds on average to the predictions of all rows that get one.
    /// - Parameter transformed: as in `run`.
    /// - Throws: as `run`; `FeatureError.noRows`; `LearnerError.cancelled`.
    public func averages(
        on data: ImportData, transformed: ImportData? = nil, threads: Int = 1, isCancelled: (@Sendable () -> Bool)? = nil
    ) throws -> GlobalExplanation {
        guard data.rowCount > 0 else { throw FeatureError.noRows("the query gives no rows") }
        let table = try model.rows(of: data, transformed).featureTable(encoding: model.encoding, needsLabel: false)
        return try GlobalExplanation(of: model, on: table, threads: max(1, threads), isCancelled: isCancelled)
    }
}

/// Explanations as columns.
public struct ExplanationOutcome: Sendable {
    public var schema: [SchemaColumn]
    /// One flat column a column of `schema`, each of `rowCount` rows.
    public var columns: [Column]
    public var rowCount: Int
    /// All rows as one batch.
    public var batch: Batch { Batch(columns: columns, capacity: rowCount) }
    /// What importing the rows did.
    public var summary: ImportSummary
}
