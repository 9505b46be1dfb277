import Columnar

/// What becomes of batches of a file whose rows are read whole: the wanted columns of the rows that a scan's filter selects.
struct BatchFilter {
    /// Ordinals in the file of the columns that are needed, each once.
    let fileColumns: [Int]
    /// By ordinal in the file, what is needed of them.
    let fileFields: [Int: FieldSelection]
    private let columns: FilteredColumns
    private let filterMapping: FileColumnMapping
    private let laterMapping: FileColumnMapping
    private let filterPlaces: [Int]
    private let laterPlaces: [Int]

    /// - Parameter file: the columns of the file.
    init(_ request: ScanRequest, file: [SchemaColumn], matching: ColumnMatching) {
        columns = FilteredColumns(request)
        func mapping(_ columns: [Int]) -> FileColumnMapping {
            FileColumnMapping(columns, of: request, file: file, matching: matching)
        }
        filterMapping = mapping(columns.filterColumns)
        laterMapping = mapping(columns.laterColumns)
        var needed = filterMapping.fileColumns
        for column in laterMapping.fileColumns where !needed.contains(column) { needed.append(column) }
        fileColumns = needed
        fileFields = filterMapping.fieldsByColumn.merging(laterMapping.fieldsByColumn) { $0.union($1) }
        filterPlaces = filterMapping.fileColumns.compactMap { needed.firstIndex(of: $0) }
        laterPlaces = laterMapping.fileColumns.compactMap { needed.firstIndex(of: $0) }
    }

    /// - Parameters:
    ///   - batch: of `fileColumns`.
    ///   - firstRow: number of its first row.
    /// - Returns: nil when no row is selected.
    func apply(_ batch: Batch, firstRow: Int, position: Int) throws -> Batch? {
        let count = batch.capacity
        func mapped(_ mapping: FileColumnMapping, _ places: [Int]) throws -> [Column] {
            try mapping.columns(places.map { batch.columns[$0] }, count: count, firstRow: firstRow)
        }
        let found = try columns.read(
            count: count, filter: { try mapped(filterMapping, filterPlaces).map { $0.decoded(.all(count)) } },
            later: { _ in try mapped(laterMapping, laterPlaces) })
        return found.map {
            Batch(
                columns: $0.columns, capacity: count, rows: $0.rows, sequence: BatchSequence(morsel: 0, position: position))
        }
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
