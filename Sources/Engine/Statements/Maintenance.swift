import Catalog
import Columnar
import Execution
import HiveSyntax
import Planner
import TableFormats

extension StatementRunner {
    /// `ANALYZE TABLE … COMPUTE STATISTICS [FOR COLUMNS …]`: counts files, bytes and (but for NOSCAN) rows of a table or its
    /// partitions, and looks at columns.
    func runAnalyze(_ statement: AnalyzeStatement) throws -> StatementResult {
        try changing(statement.table, qualified: false) { table in
            guard !table.isView else {
                throw HiveError.semantic("ANALYZE is not supported for views", code: 10091)
            }
            var columns: [SchemaColumn]?
            if let wanted = statement.columns {
                let known = try analyzedColumns(wanted, of: table)
                if table.isTemporary {
                    warnings.append("Column statistics of a temporary table are not kept.")
                } else {
                    columns = known
                }
            }
            let partitions = try namedPartitions(statement.partition, of: table)
            let measured = try partitions.map { partition in
                let files = try DataFiles.list(in: try folder(partition.storage)).map {
                    WrittenFile(path: $0.path, name: LocalFiles.lastPart(of: $0.path), byteCount: $0.byteCount)
                }
                var found = MeasuredPartition(partition: partition, part: WrittenPart(values: partition.values, files: files))
                if let columns {
                    (found.part.rowCount, found.columns) = try measure(columns, of: table, partition)
                } else if !statement.noScan {
                    found.part.rowCount = try countRows(of: table, partition)
                }
                return found
            }
            let isCounted = columns != nil || !statement.noScan
            try metastore.write {
                for found in measured {
                    if table.isPartitioned {
                        var changed = found.partition
                        apply(found, to: &changed.properties, isCounted: isCounted)
                        try metastore.updatePartition(of: table, values: changed.values, to: changed)
                    } else {
                        var changed = table
                        apply(found, to: &changed.properties, isCounted: isCounted)
                        try update(changed, from: table)
                    }
                    guard !table.isTemporary else { continue }
                    try metastore.setColumnStatistics(
                        found.columns, of: table,
                        partition: table.isPartitioned ? partitionName(found.partition, of: table) : "")
                }
            }
            return none
        }
    }

    /// What ANALYZE found in a partition, or in a table without any.
    private struct MeasuredPartition {
        var partition: Partition
        var part: WrittenPart
        var columns: [String: ColumnStatistics] = [:]
    }

    private func apply(_ found: MeasuredPartition, to properties: inout [String: String], isCounted: Bool) {
        let part = found.part
        let known = StatisticsAccuracy.read(properties[StatisticsAccuracy.property])
        // Counts of rows that were no longer right say that somebody wrote: what was known of columns is not right either.
        let areColumnsKnown = known.isBasic && properties["numRows"] == "\(part.rowCount)"
        properties["numFiles"] = "\(part.files.count)"
        properties["totalSize"] = "\(part.byteCount)"
        properties["transient_lastDdlTime"] = "\(currentSeconds())"
        guard isCounted else { return }
        properties["numRows"] = "\(part.rowCount)"
        properties["rawDataSize"] = "\(max(part.byteCount - part.rowCount, 0))"
        properties[StatisticsAccuracy.property] = StatisticsAccuracy.text(
            isBasic: true, columns: (areColumnsKnown ? known.columns : []).union(found.columns.keys))
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
