import Columnar
import Platform

extension ImportData {
    /// Fits an encoding on all rows and applies it to them.
    /// - Throws: as `fitEncoding` and `featureTable(encoding:)` do.
    public func featureTable(roles: ColumnRoles, options: ImportOptions = ImportOptions()) throws -> FeatureTable {
        try trainingTable(try fitEncoding(roles: roles, options: options))
    }

    /// The table to train on: the rows that an encoding was fitted on (nil: all), which get the numbers that were learned from
    /// the label of the rows of other folds only. Where nothing was learned from it, this is `featureTable(encoding:rows:)`.
    /// - Throws: as that does.
    public func trainingTable(_ fitted: FittedEncoding, rows: [Int32]? = nil) throws -> FeatureTable {
        try trainingTable(fitted, rows: rows, canWait: false)
    }

    /// - Parameter canWait: whether rows need not be written before somebody reads them (`FeatureMatrix.isWritten`).
    package func trainingTable(_ fitted: FittedEncoding, rows: [Int32]?, canWait: Bool) throws -> FeatureTable {
        try featureTable(
            encoding: fitted.encoding, rows: rows, needsLabel: true, leftOut: fitted.leftOut, outOfFold: fitted.outOfFold,
            canWait: canWait)
    }

    /// Encodes `rows` (nil: all) with an encoding fitted before, on this table or another.
    ///
    /// Rows without label or weight are dropped and counted when `needsLabel`; otherwise, as for scoring, only the
    /// policy `drop-row` drops rows, and neither labels nor weights are read.
    /// - Throws: `FeatureError` for absent columns, changed types, unseen levels under the policy `error`, no rows left.
    /// - Complexity: O(rows × features).
    public func featureTable(
        encoding: FeatureEncoding, rows: [Int32]? = nil, needsLabel: Bool = true,
        leftOut: [ImportSummary.ColumnSummary] = []
    ) throws -> FeatureTable {
        try featureTable(
            encoding: encoding, rows: rows, needsLabel: needsLabel, leftOut: leftOut, outOfFold: [:], canWait: false)
    }

    /// - Parameter canWait: as of `trainingTable`.
    package func featureTable(
        encoding: FeatureEncoding, rows: [Int32], needsLabel: Bool, canWait: Bool
    ) throws -> FeatureTable {
        try featureTable(
            encoding: encoding, rows: rows, needsLabel: needsLabel, leftOut: [], outOfFold: [:], canWait: canWait)
    }

    private func featureTable(
        encoding: FeatureEncoding, rows: [Int32]?, needsLabel: Bool, leftOut: [ImportSummary.ColumnSummary],
        outOfFold: [Int: LevelNumbers], canWait: Bool
    ) throws -> FeatureTable {
        var summary = ImportSummary()
        summary.columns = leftOut
        var kept = rows ?? (0..<Int32(rowCount)).map { $0 }
        summary.rowsRead = kept.count
        let readers = try encoding.columns.enumerated().map { try ColumnReader($1, self, outOfFold: outOfFold[$0]) }
        var labelValues: LabelValues?
        if let label = encoding.label, needsLabel {
            let values = try LabelValues(label, self)
            let before = kept.count
            kept.removeAll { values.isMissing(Int($0)) }
            summary.rowsWithoutLabel = before - kept.count
            labelValues = values
        }
        var weightValues: [Double]?
        if let weight = encoding.weight, needsLabel {
            let before = kept.count
            weightValues = try weights(try columnIndex(weight), keeping: &kept)
            summary.rowsWithoutWeight = before - kept.count
        }
        // Missing values are counted over the rows that the policy is asked about, dropped ones included.
        var counted = readers.map { ImportSummary.ColumnSummary(name: $0.encoding.name, policy: $0.encoding.policyInEffect) }
        for (position, reader) in readers.enumerated() {
            counted[position].missing = reader.missingCount(kept, threads: threads)
        }
        summary.rowsWithMissingValues = dropIncomplete(&kept, readers)
        if kept.isEmpty, needsLabel { throw FeatureError.noRows(emptyReason(summary)) }
        let (matrix, found) = try write(kept, readers, encoding, encoding.featureNames, canWait: canWait)
        for (position, levels) in found.enumerated() {
            counted[position].unseen = levels.rows
            if levels.rareRows > 0 {
                counted[position].rare = levels.rareRows
                if readers[position].rareMayBeUnseen { counted[position].rareMayBeUnseen = true }
            }
        }
        summary.columns += counted.filter { $0.missing > 0 || $0.unseen > 0 || $0.rare != nil }
        summary.rowsKept = kept.count
        return FeatureTable(
            encoding: encoding, matrix: matrix, label: labelValues?.selecting(kept),
            weights: weightValues.map { values in kept.map { values[Int($0)] } }, sourceRows: kept, source: self,
            summary: summary)
    }

    /// The features of all rows but those that the policy `drop-row` leaves out, and which rows these are. For predictions, which
    /// come in many small tables: nothing is counted.
    /// - Throws: `FeatureError` for absent columns, changed types, unseen levels under the policy `error`.
    package func matrix(_ prepared: PreparedEncoding) throws -> (matrix: FeatureMatrix, rows: [Int32]) {
        let encoding = prepared.encoding
        let readers = try encoding.columns.enumerated().map { try ColumnReader($1, self, known: prepared.knownLevels[$0]) }
        var kept = (0..<Int32(rowCount)).map { $0 }
        dropIncomplete(&kept, readers)
        return (try write(kept, readers, encoding, prepared.featureNames).matrix, kept)
    }

    /// Removes the rows that the policy `drop-row` leaves out. Returns how many.
    @discardableResult
    private func dropIncomplete(_ kept: inout [Int32], _ readers: [ColumnReader]) -> Int {
        let dropping = readers.filter { $0.encoding.missing == .dropRow }
        if dropping.isEmpty { return 0 }
        let before = kept.count
        kept.removeAll { row in dropping.contains { $0.isMissing(Int(row)) } }
        return before - kept.count
    }

    /// - Throws: `FeatureError.outOfMemory`; `.unseenLevel` under the policy `error`.
    private func write(
        _ rows: [Int32], _ readers: [ColumnReader], _ encoding: FeatureEncoding, _ featureNames: [String], canWait: Bool = false
    ) throws -> (matrix: FeatureMatrix, found: [LevelCounts]) {
        let writing = MatrixWriting(encoding, featureNames: featureNames, readers: readers, rows: rows, threads: threads)
        let (matrix, found) =
            canWait && writing.canWait
            ? (try writing.unwrittenMatrix(memory: memory), writing.levelCounts()) : try writing.matrix(memory: memory)
        guard encoding.unseenLevels == .error else { return (matrix, found) }
        for (reader, levels) in zip(readers, found) where levels.rows > 0 {
            throw FeatureError.unseenLevel(
                column: reader.encoding.name, level: reader.levelName(levels.first), rows: levels.rows)
        }
        return (matrix, found)
    }

    /// The weights of all rows.
    /// - Parameter kept: loses the rows that have none.
    /// - Throws: `FeatureError.invalidWeight` for a negative one among `kept`.
    func weights(_ position: Int, keeping kept: inout [Int32]) throws -> [Double] {
        let values = try numbers(position)
        kept.removeAll { values[Int($0)].isNaN }
        for row in kept where values[Int(row)] < 0 {
            throw FeatureError.invalidWeight(column: schema[position].name, value: "\(values[Int(row)])")
        }
        return values
    }

    private func emptyReason(_ summary: ImportSummary) -> String {
        if summary.rowsRead == 0 { return "the query gives no rows" }
        return "no rows are left of \(summary.rowsRead): "
            + "\(summary.rowsWithoutLabel) without a label, \(summary.rowsWithoutWeight) without a weight, "
            + "\(summary.rowsWithMissingValues) with missing values"
    }
}

/// The label of every row of a table, as its encoding reads it.
struct LabelValues {
    private enum Values {
        case codes([Int32], names: [String])
        case numbers([Double])
    }
    private let values: Values

    init(_ label: LabelEncoding, _ data: ImportData) throws {
        let position = try data.columnIndex(label.name)
        switch label.kind {
        case .number: values = .numbers(try data.numbers(position))
        case .classes(let names):
            let distinct = try data.distinct(position)
            let known = LevelName.numbers(names)
            let mapping = try distinct.firstRows.map { row -> Int32 in
                let level = data.levelName(position, row: row)
                guard let code = known[Array(level.utf8)] else { throw FeatureError.unseenLabel(column: label.name, level: level) }
                return code
            }
            values = .codes(distinct.codes.map { $0 < 0 ? -1 : mapping[Int($0)] }, names: names)
        }
    }

    var answers: LevelSums.Answers {
        switch values {
        case .codes(let codes, let names): .classes(codes, count: names.count)
        case .numbers(let numbers): .numbers(numbers)
        }
    }

    func isMissing(_ row: Int) -> Bool {
        switch values {
        case .codes(let codes, _): codes[row] < 0
        case .numbers(let numbers): numbers[row].isNaN
        }
    }

    func selecting(_ rows: [Int32]) -> FeatureLabel {
        switch values {
        case .codes(let codes, let names): .classes(codes: rows.map { codes[Int($0)] }, names: names)
        case .numbers(let numbers): .numbers(rows.map { numbers[Int($0)] })
        }
    }
}
