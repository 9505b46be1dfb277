import Columnar

/// Encoded rows: a matrix of features with labels, weights and the rows they came from.
public struct FeatureTable: Sendable {
    public let encoding: FeatureEncoding
    /// One row a kept row, one column a feature; laid out as the encoding says.
    public let matrix: FeatureMatrix
    /// nil when the source has no label column.
    public let label: FeatureLabel?
    /// One a row; nil when all rows count the same.
    public let weights: [Double]?
    /// For each row of the matrix, the row of `source` it came from; ascending unless the caller asked otherwise.
    public let sourceRows: [Int32]
    /// The typed columns the table was made of.
    public let source: ImportData
    public let summary: ImportSummary

    public var rowCount: Int { matrix.rowCount }
    public var featureNames: [String] { matrix.columnNames }
}

/// The answers of a table's rows.
public enum FeatureLabel: Sendable {
    /// `codes` are positions in `names`.
    case classes(codes: [Int32], names: [String])
    case numbers([Double])

    public var count: Int {
        switch self {
        case .classes(let codes, _): codes.count
        case .numbers(let values): values.count
        }
    }
}

extension FeatureTable {
    /// Rows of the table as a table of its own.
    /// - Precondition: every element of `rows` is a row of the table.
    public func selecting(_ rows: [Int32]) throws -> FeatureTable {
        let label: FeatureLabel? =
            switch label {
            case .classes(let codes, let names): .classes(codes: rows.map { codes[Int($0)] }, names: names)
            case .numbers(let values): .numbers(rows.map { values[Int($0)] })
            case nil: nil
            }
        return FeatureTable(
            encoding: encoding, matrix: try matrix.selecting(rows, memory: source.memory), label: label,
            weights: weights.map { weights in rows.map { weights[Int($0)] } },
            sourceRows: rows.map { sourceRows[Int($0)] }, source: source, summary: summary)
    }
}

extension FeatureTable {
    /// The same table, whose summary also counts rows without a label that were taken out before encoding, and says more.
    package func countingUnlabelled(_ rows: Int, notes: [String] = []) -> FeatureTable {
        var summary = summary
        summary.rowsRead += rows
        summary.rowsWithoutLabel += rows
        if !notes.isEmpty { summary.notes = notes + (summary.notes ?? []) }
        return FeatureTable(
            encoding: encoding, matrix: matrix, label: label, weights: weights, sourceRows: sourceRows, source: source,
            summary: summary)
    }
}

extension FeatureTable {
    /// A table from numbers that no query gave: every feature a number, no missing values filled.
    /// - Throws: `FeatureError.invalidOption` when the label or weights have another length than the matrix.
    public init(matrix: FeatureMatrix, label: FeatureLabel?, labelName: String = "label", weights: [Double]? = nil) throws {
        guard label?.count ?? matrix.rowCount == matrix.rowCount, weights?.count ?? matrix.rowCount == matrix.rowCount else {
            throw FeatureError.invalidOption("labels and weights must have one element a row of the matrix")
        }
        if case .classes(let codes, let names) = label, codes.contains(where: { !names.indices.contains(Int($0)) }) {
            throw FeatureError.invalidOption("a label's code names no class")
        }
        let source = try ImportData(
            schema: matrix.columnNames.map { SchemaColumn(name: $0, type: .double) },
            batches: [
                Batch(
                    columns: (0..<matrix.columnCount).map { position in
                        let builder = ColumnBuilder(.double, capacity: matrix.rowCount)
                        for value in matrix.column(position) { builder.append(value) }
                        return builder.finish()
                    }, capacity: matrix.rowCount)
            ])
        let labelEncoding: LabelEncoding? =
            switch label {
            case .classes(_, let names): LabelEncoding(name: labelName, type: "string", kind: .classes(names))
            case .numbers: LabelEncoding(name: labelName, type: "double", kind: .number)
            case nil: nil
            }
        let columns = matrix.columnNames.map {
            ColumnEncoding(name: $0, type: "double", missing: .keep, form: .number(fill: 0, indicator: false))
        }
        var summary = ImportSummary()
        summary.rowsRead = matrix.rowCount
        summary.rowsKept = matrix.rowCount
        self.init(
            encoding: FeatureEncoding(
                columns: columns, label: labelEncoding, weight: nil, identifiers: [], unseenLevels: .ignore),
            matrix: matrix, label: label, weights: weights, sourceRows: (0..<Int32(matrix.rowCount)).map { $0 },
            source: source, summary: summary)
    }
}
