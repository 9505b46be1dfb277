import Columnar
import FeatureTables

/// Makes of batches of a query's rows the features that a model takes. May be used from several threads.
struct BatchEncoder: Sendable {
    private let encoding: PreparedEncoding
    private let schema: [SchemaColumn]

    /// Rows with features.
    struct Encoded {
        let data: ImportData
        let matrix: FeatureMatrix
        /// Of each row of `matrix` its row of `data`, ascending.
        let dataRows: [Int32]
        /// Of each row of `matrix` its row of the batch, ascending.
        let batchRows: [Int]

        /// A column of the batch, NULL for rows without features.
        /// - Parameters:
        ///   - count: rows of the batch.
        ///   - append: appends what there is to tell of a row of `matrix`.
        func column(_ type: SQLType, count: Int, _ append: (_ row: Int, _ builder: ColumnBuilder) -> Void) -> Column {
            let builder = ColumnBuilder(type, capacity: count)
            var next = 0
            for row in 0..<count {
                if next < batchRows.count, batchRows[next] == row {
                    append(next, builder)
                    next += 1
                } else {
                    builder.appendNull()
                }
            }
            return builder.finish()
        }
    }

    /// - Parameter schema: the names and types of the columns of batches: the model's inputs and, where they are read too, others.
    /// - Throws: `FeatureError` for a type that the model was not trained on.
    init(_ model: TrainedModel, schema: [SchemaColumn]) throws {
        self.schema = try ColumnName.plain(schema)
        encoding = PreparedEncoding(model.encoding)
        _ = try ImportData(schema: self.schema, batches: []).matrix(encoding)
    }

    /// The selected rows but those that the policy `drop-row` leaves out.
    /// - Parameter count: rows of the batch.
    /// - Throws: `FeatureError`.
    func encode(_ columns: [Column], rows: RowSelection, count: Int) throws -> Encoded {
        let data = try ImportData(reading: Batch(columns: columns, capacity: count, rows: rows), schema: schema)
        let (matrix, kept) = try data.matrix(encoding)
        return Encoded(data: data, matrix: matrix, dataRows: kept, batchRows: kept.map { rows[Int($0)] })
    }
}
