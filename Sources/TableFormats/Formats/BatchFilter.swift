import Columnar

/// What becomes of batches of a file whose rows are read whole: the wanted columns of the rows that a scan's filter selects.
struct BatchFilter {
    /// Ordinals in the file of the columns that are needed, each once.
    let fileColumns: [Int]
    private let mapping: FileColumnMapping
    private let places: [Int]
    private let filter: (any ScanFilter)?
    private let filterMapping: FileColumnMapping
    private let filterPlaces: [Int]

    /// - Parameter file: the columns of the file.
    init(_ request: ScanRequest, file: [SchemaColumn], matching: ColumnMatching) {
        mapping = FileColumnMapping(request.columns, of: request, file: file, matching: matching)
        filter = request.filter
        filterMapping = FileColumnMapping(request.filter?.columns ?? [], of: request, file: file, matching: matching)
        var columns = mapping.fileColumns
        for column in filterMapping.fileColumns where !columns.contains(column) { columns.append(column) }
        fileColumns = columns
        places = Array(mapping.fileColumns.indices)
        filterPlaces = filterMapping.fileColumns.compactMap { columns.firstIndex(of: $0) }
    }

    /// - Parameters:
    ///   - batch: of `fileColumns`.
    ///   - firstRow: number of its first row.
    /// - Returns: nil when no row is selected.
    func apply(_ batch: Batch, firstRow: Int, position: Int) throws -> Batch? {
        let count = batch.capacity
        var rows = batch.rows
        if let filter {
            let columns = try filterMapping.columns(filterPlaces.map { batch.columns[$0] }, count: count, firstRow: firstRow)
            rows = try filter.select(columns.map { $0.decoded(.all(count)) }, count: count)
            if rows.isEmpty { return nil }
        }
        let columns = try mapping.columns(places.map { batch.columns[$0] }, count: count, firstRow: firstRow)
        return Batch(columns: columns, capacity: count, rows: rows, sequence: BatchSequence(morsel: 0, position: position))
    }
}

/// A morsel of a file that can be cut anywhere: what begins in a range of bytes.
struct ByteRangeSplit<Opened: Sendable>: FileSplit {
    var file: ScanFile
    let opened: Opened
    let range: Range<Int>

    var byteCount: Int { range.count }

    /// A file as morsels of about `splitBytes`.
    static func splits(of file: ScanFile, opened: Opened, splitBytes: Int) -> [Self] {
        let step = max(splitBytes, 1)
        var splits: [Self] = []
        var start = 0
        while start < file.byteCount {
            // A short rest joins the split before it.
            let end = file.byteCount - start <= step + step / 4 ? file.byteCount : start + step
            splits.append(Self(file: file, opened: opened, range: start..<end))
            start = end
        }
        return splits
    }
}
