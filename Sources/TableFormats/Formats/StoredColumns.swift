import Columnar

/// Makes batches of rows whose files know no schema: the wanted columns of the rows that a scan's filter selects, read as the
/// types that the metastore has of them. One worker's own.
final class StoredColumns {
    private let request: ScanRequest
    private let columns: FilteredColumns
    /// By ordinal; nil where the files' column is the table's.
    private let conversions: [ColumnConversion?]

    init(_ request: ScanRequest) {
        precondition(
            request.columns.allSatisfy { request.schema.indices.contains($0) || $0 == ScanRequest.lineOffsetColumn },
            "a wanted column is not in the schema")
        self.request = request
        columns = FilteredColumns(request)
        conversions = request.schema.indices.map { ordinal in
            let conversion = request.storedConversion(ordinal)
            return conversion.isNone ? nil : conversion
        }
    }

    /// - Parameters:
    ///   - offset: of a row in the file.
    ///   - read: the columns with some ordinals in the stored schema, flat or constant, for the selected rows at least.
    /// - Returns: nil when no row is selected.
    func batch(
        count: Int, position: Int, offset: (Int) -> Int, read: ([Int], RowSelection) throws -> [Column]
    ) throws -> Batch? {
        func converted(_ ordinals: [Int], _ rows: RowSelection) throws -> [Column] {
            try self.converted(ordinals, count: count, offset: offset) { try read($0, rows) }
        }
        let found = try columns.read(
            count: count, filter: { try converted(columns.filterColumns, .all(count)) },
            later: { try converted(columns.laterColumns, $0) })
        guard let found else { return nil }
        return Batch(
            columns: found.columns, capacity: count, rows: found.rows,
            sequence: BatchSequence(morsel: 0, position: position))
    }

    /// The columns with these ordinals, of the table's types.
    private func converted(
        _ ordinals: [Int], count: Int, offset: (Int) -> Int, read: ([Int]) throws -> [Column]
    ) throws -> [Column] {
        if ordinals.isEmpty { return [] }
        let stored = ordinals.filter { request.storedSchema.indices.contains($0) }
        let found = try read(stored)
        var next = 0
        return try ordinals.map { ordinal in
            if ordinal == ScanRequest.lineOffsetColumn { return Self.offsets(count, offset) }
            guard request.storedSchema.indices.contains(ordinal) else {
                return Column.nulls(request.schema[ordinal].type, count: count).flattened(.all(count))
            }
            next += 1
            guard let conversion = conversions[ordinal] else { return found[next - 1] }
            return try conversion.apply(found[next - 1], context: CastContext(zone: request.zone))
        }
    }

    private static func offsets(_ count: Int, _ offset: (Int) -> Int) -> Column {
        let result = Column(flat: .bigint, count: count)
        let target = result.values(as: Int64.self)
        for row in 0..<count { target[row] = Int64(offset(row)) }
        return result
    }
}

extension ScanRequest {
    /// How a column of files that know no schema becomes the table's.
    fileprivate func storedConversion(_ ordinal: Int) -> ColumnConversion {
        guard storedSchema.indices.contains(ordinal) else { return .nulls(schema[ordinal].type) }
        return ColumnConversion(
            storedSchema[ordinal].type, to: schema[ordinal].type, matching: .position, keepsOverflow: true)
    }

    /// `fields` of the stored columns.
    var storedFields: [Int: FieldSelection] {
        var stored: [Int: FieldSelection] = [:]
        for (ordinal, selection) in fields where storedSchema.indices.contains(ordinal) {
            let type = storedSchema[ordinal].type
            stored[ordinal] = storedConversion(ordinal).storedFields(selection).simplified(for: type)
        }
        return stored
    }
}
