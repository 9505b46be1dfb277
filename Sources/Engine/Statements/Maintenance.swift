import Catalog
import Columnar
import Execution
import HiveSyntax
import Planner
import TableFormats

extension StatementRunner {
    /// `ANALYZE TABLE … COMPUTE STATISTICS`: counts files, bytes and (but for NOSCAN) rows of a table or its partitions.
    func runAnalyze(_ statement: AnalyzeStatement) throws -> StatementResult {
        if statement.columns != nil {
            warnings.append("Column statistics are not kept; row counts and sizes are.")
        }
        return try changing(statement.table, qualified: false) { table in
            guard !table.isView else {
                throw HiveError.semantic("ANALYZE is not supported for views", code: 10091)
            }
            let partitions = try namedPartitions(statement.partition, of: table)
            var measured: [(Partition, WrittenPart)] = []
            for partition in partitions {
                let files = try DataFiles.list(in: try folder(partition.storage)).map {
                    WrittenFile(path: $0.path, name: LocalFiles.lastPart(of: $0.path), byteCount: $0.byteCount)
                }
                let rows = statement.noScan ? 0 : try countRows(of: table, partition)
                measured.append((partition, WrittenPart(values: partition.values, files: files, rowCount: rows)))
            }
            try metastore.write {
                for (partition, part) in measured {
                    if table.isPartitioned {
                        var changed = partition
                        apply(part, to: &changed.properties, counted: !statement.noScan)
                        try metastore.updatePartition(of: table, values: partition.values, to: changed)
                    } else {
                        var changed = table
                        apply(part, to: &changed.properties, counted: !statement.noScan)
                        try update(changed, from: table)
                    }
                }
            }
            return none
        }
    }

    private func apply(_ part: WrittenPart, to properties: inout [String: String], counted: Bool) {
        properties["numFiles"] = "\(part.files.count)"
        properties["totalSize"] = "\(part.byteCount)"
        properties["transient_lastDdlTime"] = "\(currentSeconds())"
        guard counted else { return }
        properties["numRows"] = "\(part.rowCount)"
        properties["rawDataSize"] = "\(max(part.byteCount - part.rowCount, 0))"
        properties["COLUMN_STATS_ACCURATE"] = #"{"BASIC_STATS":"true"}"#
    }

    private func countRows(of table: Table, _ partition: Partition) throws -> Int {
        let counter = RowCounter()
        let scan = LogicalScan(table: table, columns: [], partitions: [partition])
        try makeExecutor().run(.scan(scan), into: counter)
        return counter.rowCount
    }
}

/// Counts the rows of a scan that reads no column.
private final class RowCounter: ResultConsumer {
    private(set) var rowCount = 0

    var order: DeliveryOrder { .sequence }

    func makeWorker() throws -> any ResultWorker { Worker(self) }

    private final class Worker: ResultWorker {
        private let owner: RowCounter

        init(_ owner: RowCounter) { self.owner = owner }

        func consume(_ batch: Batch) throws { owner.rowCount += batch.rowCount }
        func finish() throws {}
    }
}
