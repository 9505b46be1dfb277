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

    // MARK: DFS

    /// `DFS -ls /path` and the few like it that scripts use to look at, make and clear folders.
    func runFileSystemCommand(_ text: String) throws -> StatementResult {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" }).map(String.init)
        guard let command = words.first else { throw HiveError(message: "Command dfs needs a command such as -ls", code: 1) }
        let flags = words.dropFirst().filter { $0.hasPrefix("-") }
        let paths = try words.dropFirst().filter { !$0.hasPrefix("-") }.map {
            try locations.path(of: locations.stored(Self.unquoted($0)))
        }
        var lines: [String] = []
        switch command {
        case "-ls", "-lsr":
            for path in paths { try list(path, recursive: command == "-lsr" || flags.contains("-R"), into: &lines) }
        case "-cat", "-text":
            for pattern in paths {
                let files = try LocalFiles.matching(pattern)
                guard !files.isEmpty else {
                    throw HiveError(message: "cat: `\(pattern)': No such file or directory", code: 1)
                }
                for path in files {
                    guard !LocalFiles.isFolder(path) else {
                        throw HiveError(message: "cat: `\(path)': Is a directory", code: 1)
                    }
                    var pieces = try RegularFile.contents(of: path).split(separator: 10, omittingEmptySubsequences: false)
                    if pieces.last?.isEmpty == true { pieces.removeLast() }
                    lines += pieces.map { String(decoding: $0, as: UTF8.self) }
                }
            }
        case "-mkdir": for path in paths { try LocalFiles.makeFolders(path) }
        case "-rm", "-rmr":
            for path in paths {
                guard path != "/", path != warehouse.folder, !warehouse.folder.hasPrefix(path + "/") else {
                    throw HiveError(message: "dfs -rm: the folder \(path) holds the warehouse", code: 1)
                }
                guard LocalFiles.exists(path) || flags.contains("-f") else {
                    throw HiveError(message: "rm: `\(path)': No such file or directory", code: 1)
                }
                guard !LocalFiles.isFolder(path) || command == "-rmr" || flags.contains(where: { $0.lowercased().contains("r") }) else {
                    throw HiveError(message: "rm: `\(path)': Is a directory", code: 1)
                }
                try LocalFiles.remove(path)
                lines.append("Deleted \(path)")
            }
        case "-put", "-copyFromLocal", "-cp", "-get", "-copyToLocal":
            guard paths.count == 2 else { throw HiveError(message: "dfs \(command) takes a source and a target", code: 1) }
            let target = LocalFiles.isFolder(paths[1]) ? "\(paths[1])/\(LocalFiles.lastPart(of: paths[0]))" : paths[1]
            try LocalFiles.copyTree(paths[0], to: target)
        default: throw HiveError.unsupported("dfs \(command)")
        }
        return StatementResult(output: .rows(QueryResult(lines: lines)), isTimed: false)
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, let first = text.first, first == "'" || first == "\"", text.last == first else { return text }
        return String(text.dropFirst().dropLast())
    }

    private func list(_ path: String, recursive: Bool, into lines: inout [String]) throws {
        guard LocalFiles.exists(path) else {
            throw HiveError(message: "ls: `\(path)': No such file or directory", code: 1)
        }
        guard LocalFiles.isFolder(path) else {
            lines.append(Self.listing(path, byteCount: LocalFiles.status(path).map { Int($0.st_size) } ?? 0, isFolder: false))
            return
        }
        let entries = try LocalFiles.entries(of: path)
        if !recursive, !entries.isEmpty { lines.append("Found \(entries.count) items") }
        for entry in entries {
            let full = path == "/" ? "/\(entry.name)" : "\(path)/\(entry.name)"
            lines.append(Self.listing(full, byteCount: entry.isFolder ? 0 : entry.byteCount, isFolder: entry.isFolder))
            if recursive, entry.isFolder { try list(full, recursive: true, into: &lines) }
        }
    }

    private static func listing(_ path: String, byteCount: Int, isFolder: Bool) -> String {
        let size = "\(byteCount)"
        let padding = String(repeating: " ", count: max(11 - size.count, 1))
        return "\(isFolder ? "drwxr-xr-x   -" : "-rw-r--r--   1")\(padding)\(size) \(path)"
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
