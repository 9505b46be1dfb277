import Columnar

/// How a row group is read.
package struct ParquetReadOptions {
    package var batchCapacity = Batch.defaultCapacity
    /// Rows it does not select are left out of batches; columns that it does not look at are then not read for batches
    /// of which no row is selected.
    package var filter: (any ScanFilter)?
    /// By ordinal in the file's schema, which parts of a column are needed; others are needed whole.
    package var fields: [Int: FieldSelection] = [:]
    /// What is asked before buffers grow with the file's pages.
    package var memory: (any ScanMemory)?
    /// Bytes that the buffers of one reader hold at most.
    package var memoryLimit = 4 << 30
    /// The rows that are read; nil: all. Pages without any are not read where the file has an index of them.
    package var rows: RowRanges?
    /// Whether columns of strings may be dictionaries where the file has them so.
    package var keepsDictionaries = true

    package init() {}
}

/// Reads the rows of one row group as batches of the wanted columns. One worker's own.
package final class ParquetRowGroupReader {
    private let columns: [ColumnReader]
    /// Columns of the filter, in its order, then those that are only wanted; positions in `columns`.
    private let filterPositions: [Int]
    private let wantedPositions: [Int]
    private let laterPositions: [Int]
    private let options: ParquetReadOptions
    private let memory: ParquetMemory
    /// What is still to be read, the first range first.
    private var ranges: ArraySlice<Range<Int>>
    private var row = 0
    private var position = 0
    /// The row of the row group with which the last batch begins.
    package private(set) var batchRow = 0

    /// - Parameter columns: ordinals in the file's schema of the columns that batches have, in this order.
    /// - Throws: `TableFormatError` when a column cannot be read (encrypted, in another file, an unknown codec).
    package init(
        _ file: ParquetFile, rowGroup: Int, columns wanted: [Int], options: ParquetReadOptions = ParquetReadOptions()
    ) throws {
        precondition(file.metadata.rowGroups.indices.contains(rowGroup), "there is no such row group")
        precondition(wanted.allSatisfy(file.schema.columns.indices.contains), "a wanted column is not in the schema")
        let memory = ParquetMemory(options.memory, limit: options.memoryLimit)
        self.memory = memory
        self.options = options
        let all = RowRanges(all: file.metadata.rowGroups[rowGroup].rowCount)
        ranges = (options.rows?.intersection(all) ?? all).ranges[...]
        var ordinals: [Int] = []
        func position(of ordinal: Int) -> Int {
            if let found = ordinals.firstIndex(of: ordinal) { return found }
            ordinals.append(ordinal)
            return ordinals.count - 1
        }
        filterPositions = (options.filter?.columns ?? []).map(position)
        let filterCount = ordinals.count
        wantedPositions = wanted.map(position)
        laterPositions = Array(filterCount..<ordinals.count)
        let nodes = ordinals.map { ordinal in
            let node = file.schema.columns[ordinal]
            return options.fields[ordinal].map { node.reading($0, of: file.schema) } ?? node
        }
        columns = try nodes.map { node in
            try ColumnReader(
                file, rowGroup: rowGroup, node: node, keepsDictionary: options.keepsDictionaries,
                usesOffsetIndex: options.rows != nil, memory: memory)
        }
    }

    /// What was read so far. The pages that rows are left out of are among those that are known.
    package var pages: PageCounts { columns.reduce(into: PageCounts()) { $0.add($1.pages) } }

    /// The next batch with rows; nil at the end. Its columns own their bytes.
    /// - Throws: `TableFormatError`, or what the filter throws.
    package func next() throws -> Batch? {
        while let range = ranges.first {
            if row < range.lowerBound {
                for column in columns { column.skip(range.lowerBound - row) }
                row = range.lowerBound
            }
            let count = min(range.upperBound - row, max(options.batchCapacity, 1))
            batchRow = row
            row += count
            if row == range.upperBound { ranges.removeFirst() }
            defer { position += 1 }
            var read = [Column?](repeating: nil, count: columns.count)
            var rows = RowSelection.all(count)
            if let filter = options.filter {
                for position in filterPositions where read[position] == nil {
                    read[position] = try columns[position].read(count).decoded(.all(count))
                }
                rows = try filter.select(filterPositions.compactMap { read[$0] }, count: count)
                if rows.isEmpty {
                    for position in laterPositions { columns[position].skip(count) }
                    continue
                }
            }
            for position in wantedPositions where read[position] == nil { read[position] = try columns[position].read(count) }
            return Batch(
                columns: wantedPositions.compactMap { read[$0] }, capacity: count, rows: rows,
                sequence: BatchSequence(morsel: 0, position: position))
        }
        return nil
    }
}
