import Columnar

/// PARQUET: a morsel is a row group.
final class ParquetTableFormat: TableFormat {
    private let writeOptions: ParquetWriteOptions
    /// `parquet.column.index.access`
    private let matching: ColumnMatching

    init(_ storage: TableStorage) throws {
        writeOptions = try ParquetWriteOptions(storage)
        matching = storage.option("parquet.column.index.access")?.lowercased() == "true" ? .position : .name
    }

    func splits(of files: [ScanFile], for request: ScanRequest, splitBytes: Int) throws -> FileSplits {
        var result = FileSplits()
        for file in files where file.byteCount > 0 {
            let opened = try ParquetFile(file)
            let kept = try keptRowGroups(of: opened, request)
            var firstRow = 0
            for group in 0..<opened.rowGroupCount {
                result.partCount += 1
                if kept[group] {
                    result.splits.append(
                        ParquetSplit(
                            file: file, opened: opened, rowGroup: group, firstRow: firstRow,
                            byteCount: opened.byteCount(ofRowGroup: group, columns: opened.schema.columns)))
                } else {
                    result.skippedPartCount += 1
                }
                firstRow += opened.rowCount(ofRowGroup: group)
            }
        }
        return result
    }

    let hasSummaries = true
    let keepsTexts = true

    func summary(of file: ScanFile, for request: ScanRequest) throws -> FileSummary? {
        let none = FileSummary(rowCounts: [], columns: request.columns.map { _ in FileSummary.ColumnSummary() })
        guard file.byteCount > 0 else { return none }
        if request.columns.isEmpty { return FileSummary(rowCounts: try ParquetRowCounts.of(file).filter { $0 != 0 }, columns: []) }
        let opened = try ParquetFile(file)
        let groups = (0..<opened.rowGroupCount).filter { opened.rowCount(ofRowGroup: $0) != 0 }
        guard !groups.isEmpty else { return none }
        let columns = try mapping(of: opened, request).summaries(parts: groups.count) {
            opened.exactBounds(ofColumn: $0, in: groups)
        }
        return FileSummary(rowCounts: groups.map { opened.rowCount(ofRowGroup: $0) }, columns: columns)
    }

    /// The row groups that may have a row that the request wants.
    private func keptRowGroups(of file: ParquetFile, _ request: ScanRequest) throws -> [Bool] {
        var kept = (0..<file.rowGroupCount).map { file.rowCount(ofRowGroup: $0) > 0 }
        guard !kept.isEmpty else { return kept }
        for condition in conditions(on: file, request) {
            let statistics = file.statistics(ofLeaf: condition.leaf)
            let bounds = ColumnBounds(
                minimum: statistics.minimum, maximum: statistics.maximum,
                hasNull: statistics.nullCounts.map { $0.map { $0 > 0 } },
                hasValue: zip(statistics.nullCounts, statistics.valueCounts).map { nulls, values in nulls.map { $0 < values } })
            try condition.predicate.exclude(bounds, tableType: condition.tableType, from: &kept)
        }
        return kept
    }

    /// The request's predicates on columns of the file.
    func conditions(on file: ParquetFile, _ request: ScanRequest) -> [ParquetRowPruning.Condition] {
        if request.predicates.isEmpty { return [] }
        let places = matching.places(of: Self.stored(request).map(\.name), among: file.columns.map(\.name))
        return request.predicates.compactMap { predicate in
            guard places.indices.contains(predicate.ordinal), let place = places[predicate.ordinal],
                !file.columns[place].type.isComplex, let leaf = file.schema.columns[place].leafOrdinals.first
            else { return nil }
            return ParquetRowPruning.Condition(
                predicate: predicate, tableType: request.schema[predicate.ordinal].type, leaf: leaf)
        }
    }

    func makeReader(_ request: ScanRequest) throws -> any SplitReader { ParquetSplitReader(request, self) }

    func makeWriter(schema: [SchemaColumn]) throws -> any TableFileWriter {
        BatchTableWriter { [writeOptions] in try ParquetWriter(schema: schema, file: $0, options: writeOptions) }
    }

    /// The columns that are looked for in files: the table's, as many as the partition has.
    private static func stored(_ request: ScanRequest) -> [SchemaColumn] {
        zip(request.storedSchema, request.schema).map { $1 }
    }

    func check(_ schema: [SchemaColumn]) throws {
        for column in schema {
            if let union = column.type.firstUnion {
                throw TableFormatError("java.lang.UnsupportedOperationException: Unknown field type: \(union)", path: "")
            }
        }
    }

    /// How the file's columns become the wanted ones.
    func mapping(of file: ParquetFile, _ request: ScanRequest, columns: [Int]? = nil) -> FileColumnMapping {
        let stored = file.columns
        // Java's writers keep a TIMESTAMP of their zone as INT96 in UTC, as Hive and Spark read it; others, as it is.
        let hasInstants = file.createdBy?.hasPrefix("parquet-mr") == true
        var request = request
        request.storedSchema = Self.stored(request)
        return FileColumnMapping(columns ?? request.columns, of: request, file: stored, matching: matching) { place, type in
            guard hasInstants, file.schema.columns[place].leafOrdinals.contains(where: { file.schema.leaves[$0].physical == .int96 })
            else { return nil }
            return ColumnConversion(stored[place].type, to: type, matching: self.matching, hasInstants: true)
        }
    }
}

private struct ParquetSplit: FileSplit {
    var file: ScanFile
    let opened: ParquetFile
    let rowGroup: Int
    /// Rows of the file before the row group.
    let firstRow: Int
    let byteCount: Int
}

private final class ParquetSplitReader: SplitReader {
    private let request: ScanRequest
    private let format: ParquetTableFormat
    private var options = ParquetReadOptions()
    private(set) var statistics = ScanStatistics()

    init(_ request: ScanRequest, _ format: ParquetTableFormat) {
        self.request = request
        self.format = format
        options.batchCapacity = max(request.batchCapacity, 1)
        options.memory = request.makeMemory?("Parquet pages")
    }

    /// The rows that may meet the predicates; nil: all.
    private func wantedRows(of split: ParquetSplit) throws -> RowRanges? {
        let conditions = format.conditions(on: split.opened, request)
        if conditions.isEmpty { return nil }
        let memory = ParquetMemory(request.makeMemory?("Parquet indexes"), limit: options.memoryLimit)
        return try ParquetRowPruning(split.opened, conditions).rows(ofRowGroup: split.rowGroup, memory: memory)
    }

    func scan(_ split: any FileSplit, isCancelled: () -> Bool, emit: (Batch) throws -> Void) throws {
        guard let split = split as? ParquetSplit else {
            throw TableFormatError("a split of another format than Parquet", path: split.file.path)
        }
        statistics.rowCount += split.opened.rowCount(ofRowGroup: split.rowGroup)
        var options = options
        options.rows = try wantedRows(of: split)
        if let rows = options.rows, rows.isEmpty {
            statistics.skippedPartCount += 1
            return
        }
        let mapping = format.mapping(of: split.opened, request)
        options.fields = mapping.fieldsByColumn
        if let filter = request.filter {
            let own = FileScanFilter(filter, mapping: format.mapping(of: split.opened, request, columns: filter.columns))
            options.fields.merge(zip(own.columns, own.fields)) { $0.union($1) }
            options.filter = own
        }
        let reader = try ParquetRowGroupReader(
            split.opened, rowGroup: split.rowGroup, columns: mapping.fileColumns, options: options)
        defer {
            let pages = reader.pages
            statistics.byteCount += pages.byteCount
            statistics.pageCount += pages.read + pages.skipped
            statistics.skippedPageCount += pages.skipped
        }
        while !isCancelled(), let batch = try reader.next() {
            statistics.selectedRowCount += batch.rowCount
            let firstRow = split.firstRow + reader.batchRow
            try emit(
                Batch(
                    columns: mapping.columns(batch.columns, count: batch.capacity, firstRow: firstRow),
                    capacity: batch.capacity, rows: batch.rows, sequence: batch.sequence))
        }
    }
}

extension SQLType {
    /// The first UNIONTYPE in a type.
    fileprivate var firstUnion: SQLType? {
        if case .union = self { return self }
        for child in childTypes { if let union = child.firstUnion { return union } }
        return nil
    }
}
