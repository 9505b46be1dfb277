import Columnar

extension ImportData {
    /// Fits an encoding on all rows and applies it to them.
    /// - Throws: as `fitEncoding` and `featureTable(encoding:)` do.
    public func featureTable(roles: ColumnRoles, options: ImportOptions = ImportOptions()) throws -> FeatureTable {
        let fitted = try fitEncoding(roles: roles, options: options)
        return try featureTable(encoding: fitted.encoding, leftOut: fitted.leftOut)
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
        var summary = ImportSummary()
        summary.columns = leftOut
        var kept = rows ?? (0..<Int32(rowCount)).map { $0 }
        summary.rowsRead = kept.count
        let readers = try encoding.columns.map { try ColumnReader($0, self) }
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
            let values = try numbers(try columnIndex(weight))
            let before = kept.count
            kept.removeAll { values[Int($0)].isNaN }
            summary.rowsWithoutWeight = before - kept.count
            for row in kept where values[Int(row)] < 0 {
                throw FeatureError.invalidWeight(column: weight, value: "\(values[Int(row)])")
            }
            weightValues = values
        }
        // Missing values are counted over the rows that the policy is asked about, dropped ones included.
        var counted = readers.map { ImportSummary.ColumnSummary(name: $0.encoding.name, policy: $0.encoding.missing.name) }
        for (position, reader) in readers.enumerated() {
            counted[position].missing = reader.missingCount(kept)
        }
        let dropping = readers.filter { $0.encoding.missing == .dropRow }
        if !dropping.isEmpty {
            let before = kept.count
            kept.removeAll { row in dropping.contains { $0.isMissing(Int(row)) } }
            summary.rowsWithMissingValues = before - kept.count
        }
        if kept.isEmpty, needsLabel { throw FeatureError.noRows(emptyReason(summary)) }
        let matrix = try FeatureMatrix(rowCount: kept.count, columnNames: encoding.featureNames)
        let unseen = write(readers, kept, into: matrix, policy: encoding.unseenLevels)
        for (position, found) in unseen.enumerated() {
            counted[position].unseen = found.rows
            if found.rows > 0, encoding.unseenLevels == .error {
                throw FeatureError.unseenLevel(
                    column: readers[position].encoding.name, level: found.first, rows: found.rows)
            }
        }
        summary.columns += counted.filter { $0.missing > 0 || $0.unseen > 0 }
        summary.rowsKept = kept.count
        return FeatureTable(
            encoding: encoding, matrix: matrix, label: labelValues?.selecting(kept),
            weights: weightValues.map { values in kept.map { values[Int($0)] } }, sourceRows: kept, source: self,
            summary: summary)
    }

    /// Fills the matrix block by block of rows, so that a block stays in the cache while all columns write to it.
    private func write(
        _ readers: [ColumnReader], _ rows: [Int32], into matrix: FeatureMatrix, policy: UnseenLevelPolicy
    ) -> [UnseenLevels] {
        var unseen = readers.map { _ in UnseenLevels() }
        let blockSize = max(16, 131_072 / max(matrix.columnCount * 8, 1))
        var start = 0
        while start < rows.count {
            let block = start..<min(start + blockSize, rows.count)
            var offset = 0
            for (position, reader) in readers.enumerated() {
                reader.write(rows, block, into: matrix, at: offset, unseen: policy, &unseen[position])
                offset += reader.encoding.width
            }
            start = block.upperBound
        }
        return unseen
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
            let coded = try data.levels(position)
            var known: [String: Int32] = [:]
            for (code, name) in names.enumerated() { known[name] = Int32(code) }
            let mapping = try coded.levels.map { level -> Int32 in
                guard let code = known[level] else { throw FeatureError.unseenLabel(column: label.name, level: level) }
                return code
            }
            values = .codes(coded.codes.map { $0 < 0 ? -1 : mapping[Int($0)] }, names: names)
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

/// One column's values under its encoding: numbers, or slots of levels.
private struct ColumnReader {
    let encoding: ColumnEncoding
    private let values: Values

    private enum Values {
        case numbers([Double])
        /// Slot of each code; −1 for a level that the encoding does not have.
        case levels(LevelCodes, slots: [Int32])
        case vectors(VectorValues)
    }

    init(_ encoding: ColumnEncoding, _ data: ImportData) throws {
        self.encoding = encoding
        let position = try data.columnIndex(encoding.name)
        switch encoding.form {
        case .number:
            let found = data.schema[position].type
            let wasText = encoding.type == "string" || encoding.type.hasPrefix("varchar") || encoding.type.hasPrefix("char")
            if found.isCharacter, !wasText {
                throw FeatureError.typeChanged(column: encoding.name, expected: encoding.type, found: "\(found)")
            }
            values = .numbers(try data.numbers(position))
        case .vector(let fills): values = .vectors(try data.vectors(position, length: fills.count))
        case .levels(let levels):
            if let fill = levels.fill, !levels.levels.indices.contains(fill) {
                throw FeatureError.invalidOption("the encoding of column '\(encoding.name)' names a level it does not have")
            }
            let coded = try data.levels(position)
            var known: [String: Int32] = [:]
            for (slot, name) in levels.levels.enumerated() { known[name] = Int32(slot) }
            values = .levels(coded, slots: coded.levels.map { known[$0] ?? -1 })
        }
    }

    func isMissing(_ row: Int) -> Bool {
        switch values {
        case .numbers(let numbers): numbers[row].isNaN
        case .levels(let coded, _): coded.codes[row] < 0
        case .vectors(let vectors): vectors.isMissing(row)
        }
    }

    func missingCount(_ rows: [Int32]) -> Int {
        var count = 0
        switch values {
        case .numbers(let numbers): for row in rows where numbers[Int(row)].isNaN { count += 1 }
        case .levels(let coded, _): for row in rows where coded.codes[Int(row)] < 0 { count += 1 }
        case .vectors(let vectors): for row in rows where vectors.isMissing(Int(row)) { count += 1 }
        }
        return count
    }

    /// Fills the column's features, from matrix column `offset`, of a block of the kept rows.
    func write(
        _ rows: [Int32], _ block: Range<Int>, into matrix: FeatureMatrix, at offset: Int,
        unseen policy: UnseenLevelPolicy, _ unseen: inout UnseenLevels
    ) {
        switch (values, encoding.form) {
        case (.numbers(let numbers), .number(let fill, let indicator)):
            let fill = encoding.missing == .keep ? .nan : fill
            writeNumbers(numbers, rows, block, matrix, offset, fill, indicator)
        case (.levels(let coded, let slots), .levels(let levels)):
            writeLevels(coded, slots, levels, rows, block, matrix, offset, policy, &unseen)
        case (.vectors(let vectors), .vector(let fills)):
            writeVectors(vectors, fills, rows, block, matrix, offset)
        default: break
        }
    }

    private func writeVectors(
        _ vectors: VectorValues, _ fills: [Double], _ rows: [Int32], _ block: Range<Int>, _ matrix: FeatureMatrix,
        _ offset: Int
    ) {
        let keepsMissing = encoding.missing == .keep
        for position in block {
            let target = matrix.elements + (position * matrix.columnCount + offset)
            let start = vectors.starts[Int(rows[position])]
            for place in fills.indices {
                let value = start < 0 ? .nan : vectors.elements[start + place]
                target[place] = value.isNaN && !keepsMissing ? fills[place] : value
            }
        }
    }

    private func writeNumbers(
        _ numbers: [Double], _ rows: [Int32], _ block: Range<Int>, _ matrix: FeatureMatrix, _ offset: Int,
        _ fill: Double, _ indicator: Bool
    ) {
        let width = matrix.columnCount
        var target = matrix.elements + (block.lowerBound * width + offset)
        for position in block {
            let value = numbers[Int(rows[position])]
            if value.isNaN {
                target.pointee = fill
                if indicator { target[1] = 1 }
            } else {
                target.pointee = value
            }
            target += width
        }
    }

    private func writeLevels(
        _ coded: LevelCodes, _ slots: [Int32], _ levels: LevelEncoding, _ rows: [Int32], _ block: Range<Int>,
        _ matrix: FeatureMatrix, _ offset: Int, _ policy: UnseenLevelPolicy, _ unseen: inout UnseenLevels
    ) {
        let keepsMissing = encoding.missing == .keep
        // What a missing value is: its slot, the level that stands for it, or nothing.
        let missingSlot = levels.missingSlot ?? levels.fill
        let unseenSlot = levels.groupsRareLevels || policy == .ownSlot ? levels.otherSlot : nil
        let oneHot = levels.form == .oneHot
        let slotCount = levels.slotCount
        let none = keepsMissing ? Double.nan : -1
        let width = matrix.columnCount
        var target = matrix.elements + (block.lowerBound * width + offset)
        for position in block {
            let code = Int(coded.codes[Int(rows[position])])
            var slot: Int?
            if code < 0 {
                slot = missingSlot
            } else if slots[code] >= 0 {
                slot = Int(slots[code])
            } else {
                if !levels.groupsRareLevels {
                    if unseen.rows == 0 { unseen.first = coded.levels[code] }
                    unseen.rows += 1
                }
                slot = unseenSlot
            }
            if let slot {
                if oneHot { target[slot] = 1 } else { target.pointee = Double(slot) }
            } else if !oneHot {
                target.pointee = none
            } else if code < 0 && keepsMissing {
                for slot in 0..<slotCount { target[slot] = .nan }
            }
            target += width
        }
    }
}

/// Rows with a level that the encoding does not have, and the first such level.
private struct UnseenLevels {
    var rows = 0
    var first = ""
}
