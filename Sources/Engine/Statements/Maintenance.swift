import Catalog
import Columnar
import Execution
import HiveSyntax
import Planner
import Platform
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
            let spec = try partitionSpec(statement.partition, of: table)
            let partitions = try catalog.partitions(of: table).filter { partition in
                spec.allSatisfy { index, value in value == nil || partition.values[index] == value }
            }
            if !spec.isEmpty, partitions.isEmpty, spec.values.allSatisfy({ $0 != nil }) {
                throw HiveError.semantic(
                    "Partition not found \(Self.describe(statement.partition, source))", code: 10006)
            }
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

    // MARK: MSCK

    func runMsck(_ statement: MsckStatement) throws -> StatementResult {
        try changing(statement.table, qualified: false) { table in
            let mode = statement.mode ?? .add
            return try repair(
                table, adds: statement.isRepair && mode != .drop, drops: statement.isRepair && mode != .add,
                reports: true, showsAdditions: mode != .drop, showsRemovals: true)
        }
    }

    /// Compares the partitions that the metastore has with the folders that are there.
    func repair(
        _ table: Table, adds: Bool, drops: Bool, reports: Bool, showsAdditions: Bool = true, showsRemovals: Bool = true
    ) throws -> StatementResult {
        guard table.isPartitioned else { return reports ? try rows([""], []) : none }
        let keys = table.partitionColumns.map(\.name)
        let root = try folder(table.storage)
        let known = try catalog.partitions(of: table)
        let knownNames = Set(known.map { partitionName($0, of: table) })
        var found: [[String]] = []
        try collectPartitionFolders(root, keys: keys[...], values: [], into: &found)
        let fresh = found.filter { !knownNames.contains(PartitionName.make(columns: keys, values: $0)) }
        let missing = try known.filter { !LocalFiles.isFolder(try folder($0.storage)) }
        let added = fresh.map { partition(values: $0, of: table) }
        try metastore.write {
            if adds { try metastore.addPartitions(added, to: table) }
            if drops { try metastore.dropPartitions(missing.map(\.values), of: table) }
        }
        guard reports else { return none }
        var lines: [[String]] = []
        func label(_ partition: Partition) -> String { "\(table.name):\(partitionName(partition, of: table))" }
        if !added.isEmpty, showsAdditions {
            lines.append(["Partitions not in metastore:\t" + added.map(label).joined(separator: "\t")])
        }
        if !missing.isEmpty, showsRemovals {
            lines.append(["Partitions missing from filesystem:\t" + missing.map(label).joined(separator: "\t")])
        }
        if adds { lines += added.map { ["Repair: Added partition to metastore \(label($0))"] } }
        if drops { lines += missing.map { ["Repair: Dropped partition from metastore \(label($0))"] } }
        return StatementResult(output: .rows(QueryResult(header: [""], rows: lines, hasHeader: false)))
    }

    private func collectPartitionFolders(
        _ folder: String, keys: ArraySlice<String>, values: [String], into found: inout [[String]]
    ) throws {
        guard let key = keys.first else {
            found.append(values)
            return
        }
        for entry in try LocalFiles.entries(of: folder) where entry.isFolder && !DataFiles.isHidden(entry.name) {
            guard let value = PartitionName.values(of: entry.name, columns: [key])?.first else {
                if settings[Settings.pathValidation] == .throw {
                    throw HiveError.task("The folder \(folder)/\(entry.name) is no partition of the table: expected \(key)=value")
                }
                continue
            }
            try collectPartitionFolders("\(folder)/\(entry.name)", keys: keys.dropFirst(), values: values + [value], into: &found)
        }
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
