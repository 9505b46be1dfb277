import Columnar

/// Reads the filter's columns of a stripe first, and of the others only the row groups in which a row is selected.
final class ORCSplitReader: SplitReader {
    private let request: ScanRequest
    private let format: ORCTableFormat
    private let batchCapacity: Int
    private(set) var statistics = ScanStatistics()

    init(_ request: ScanRequest, _ format: ORCTableFormat) {
        self.request = request
        self.format = format
        batchCapacity = max(request.batchCapacity, 1)
    }

    func scan(_ split: any FileSplit, isCancelled: () -> Bool, emit: (Batch) throws -> Void) throws {
        guard let split = split as? ORCSplit else {
            throw TableFormatError("a split of another format than ORC", path: split.file.path)
        }
        let rowCount = split.opened.stripes[split.stripe].rowCount
        statistics.rowCount += rowCount
        let stripe = try OpenStripe(split, request, format)
        statistics.byteCount += stripe.byteCount
        statistics.pageCount += stripe.wantedGroups.count
        statistics.skippedPageCount += stripe.wantedGroups.count { !$0 }
        var row = 0
        var position = 0
        while row < rowCount, !isCancelled() {
            if let next = stripe.nextWantedRow(from: row), next > row {
                row = next
                continue
            }
            let count = min(batchCapacity, stripe.groupEnd(of: row) - row)
            if let (columns, rows) = try stripe.read(row, count) {
                statistics.selectedRowCount += rows.count
                try emit(
                    Batch(
                        columns: columns, capacity: count, rows: rows, sequence: BatchSequence(morsel: 0, position: position)))
            }
            position += 1
            row += count
        }
    }
}

/// A stripe whose rows are read in order, some of them left out.
private final class OpenStripe {
    private let firstRow: Int
    private let rowCount: Int
    private let groupSize: Int
    /// For each row group whether it may have a wanted row; empty: all may.
    private(set) var wantedGroups: [Bool] = []
    private let columns: FilteredColumns
    /// The filter's columns and the others, read on their own; nil without a filter.
    private let filterColumns: (reader: ORCStripeReader, mapping: FileColumnMapping)?
    private let reader: ORCStripeReader
    private let mapping: FileColumnMapping

    init(_ split: ORCSplit, _ request: ScanRequest, _ format: ORCTableFormat) throws {
        let file = split.opened
        firstRow = split.firstRow
        rowCount = file.stripes[split.stripe].rowCount
        func open(_ columns: [Int]) throws -> (reader: ORCStripeReader, mapping: FileColumnMapping) {
            let mapping = format.mapping(of: file, request, columns: columns)
            let reader = try ORCStripeReader(
                file, stripe: split.stripe, columns: mapping.fileColumns, fields: mapping.fileFields, defaultZone: request.zone,
                memory: request.makeMemory?("a stripe of an ORC file"))
            return (reader, mapping)
        }
        columns = FilteredColumns(request)
        filterColumns = request.filter == nil ? nil : try open(columns.filterColumns)
        (reader, mapping) = try open(columns.laterColumns)
        groupSize = reader.rowGroupSize
        guard groupSize > 0, !request.predicates.isEmpty else { return }
        var wanted = [Bool](repeating: true, count: reader.rowGroupCount)
        for (predicate, column) in format.predicateColumns(of: file, request) {
            let groups = try reader.rowGroupStatistics(ofColumn: column)
            guard groups.count == wanted.count else { continue }
            let bounds = ColumnBounds(
                groups, rowCounts: wanted.indices.map { min(groupSize, rowCount - $0 * groupSize) },
                type: file.columns[column].type)
            let type = request.schema[predicate.ordinal].type
            try predicate.exclude(bounds, tableType: type, from: &wanted)
            guard let values = try predicate.requiredBounds(stored: file.columns[column].type, tableType: type) else { continue }
            let filters = try reader.bloomFilters(ofColumn: column)
            guard filters.count == wanted.count else { continue }
            for (group, filter) in filters.enumerated() where wanted[group] {
                wanted[group] = values.contains { filter.mayContain($0) }
            }
        }
        wantedGroups = wanted
    }

    /// Bytes of the columns that are read.
    var byteCount: Int { reader.byteCount + (filterColumns?.reader.byteCount ?? 0) }

    /// The first row from `row` on that may be wanted; nil when that is `row` itself.
    func nextWantedRow(from row: Int) -> Int? {
        guard !wantedGroups.isEmpty else { return nil }
        let group = row / groupSize
        if wantedGroups[group] { return nil }
        let next = wantedGroups[group...].firstIndex(of: true) ?? wantedGroups.count
        return min(next * groupSize, rowCount)
    }

    /// Where the row group of a row ends. Batches end there, so that the next one can begin anywhere.
    func groupEnd(of row: Int) -> Int { groupSize > 0 ? min((row / groupSize + 1) * groupSize, rowCount) : rowCount }

    /// The wanted columns of some rows and which of them are selected; nil when none is.
    func read(_ row: Int, _ count: Int) throws -> (columns: [Column], rows: RowSelection)? {
        func read(_ reader: ORCStripeReader, _ mapping: FileColumnMapping) throws -> [Column] {
            try advance(reader, to: row)
            let columns = try reader.next(count)?.columns ?? []
            return try mapping.columns(columns, count: count, firstRow: firstRow + row)
        }
        return try columns.read(
            count: count,
            filter: {
                guard let filterColumns else { return [] }
                return try read(filterColumns.reader, filterColumns.mapping).map { $0.decoded(.all(count)) }
            }, later: { _ in try read(reader, mapping) })
    }

    /// Puts a reader at a row: at the beginning of its group by the index, from there by reading.
    private func advance(_ reader: ORCStripeReader, to row: Int) throws {
        guard reader.row < row else { return }
        if reader.canSeek, row / groupSize > reader.row / groupSize { try reader.seek(toRowGroup: row / groupSize) }
        while reader.row < row { _ = try reader.next(row - reader.row) }
    }
}
