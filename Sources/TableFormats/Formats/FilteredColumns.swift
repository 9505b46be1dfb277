import Columnar

/// The wanted columns of a scan, each read once: those of the filter first, the others for the rows that it selects.
struct FilteredColumns {
    /// Ordinals in the request's schema that the filter looks at, and those of the wanted columns that it does not.
    let filterColumns: [Int]
    let laterColumns: [Int]
    private let filter: (any ScanFilter)?
    /// For each wanted column where it stands among the filter's, or behind them among the others.
    private let places: [Int]

    init(_ request: ScanRequest) {
        filter = request.filter
        let filterColumns = request.filter?.columns ?? []
        let laterColumns = request.columns.filter { !filterColumns.contains($0) }
        let all = filterColumns + laterColumns
        places = request.columns.map { all.firstIndex(of: $0) ?? 0 }
        self.filterColumns = filterColumns
        self.laterColumns = laterColumns
    }

    /// - Parameters:
    ///   - readFilter: `filterColumns` of all rows, of the table's types, flat or constant.
    ///   - readLater: `laterColumns`, for the selected rows at least.
    /// - Returns: the wanted columns and the selected rows; nil when no row is selected.
    func read(
        count: Int, filter readFilter: () throws -> [Column], later readLater: (RowSelection) throws -> [Column]
    ) throws -> (columns: [Column], rows: RowSelection)? {
        var rows = RowSelection.all(count)
        var columns: [Column] = []
        if let filter {
            columns = try readFilter()
            rows = try filter.select(columns, count: count)
            if rows.isEmpty { return nil }
        }
        columns += try readLater(rows)
        return (places.map { columns[$0] }, rows)
    }
}
