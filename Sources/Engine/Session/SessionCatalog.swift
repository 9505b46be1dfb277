import Catalog
import Execution
import Planner
import Platform
import TableFormats

/// What a session sees: the warehouse's metastore and its own temporary tables before it.
final class SessionCatalog: MetadataProvider, Sendable {
    let warehouse: Warehouse
    private let resolve: @Sendable (String) throws -> String
    private let state = Guarded(State())

    private struct State {
        var currentDatabase = "default"
        /// By `db.table`.
        var temporaryTables: [String: Table] = [:]
        var replacedFiles: Set<FileNode> = []
    }

    init(warehouse: Warehouse, resolve: @escaping @Sendable (String) throws -> String) {
        self.warehouse = warehouse
        self.resolve = resolve
    }

    var currentDatabase: String {
        get { state.withLock { $0.currentDatabase } }
        set { state.withLock { $0.currentDatabase = newValue } }
    }

    /// Files that must not be read as tables, since what is read will take their place.
    var replacedFiles: Set<FileNode> {
        get { state.withLock { $0.replacedFiles } }
        set { state.withLock { $0.replacedFiles = newValue } }
    }

    /// By `db.table`.
    var temporaryTables: [String: Table] { state.withLock { $0.temporaryTables } }

    private var metastore: Metastore { warehouse.metastore }

    func databaseExists(_ name: String) throws -> Bool { try metastore.databaseRecord(name) != nil }

    func databaseNames() throws -> [String] { try metastore.databaseNames() }

    func table(database: String, name: String) throws -> Table? {
        if let temporary = temporaryTables["\(database).\(name)"] { return temporary }
        guard let found = try metastore.table(database: database, name: name), !found.isModel else { return nil }
        return found
    }

    /// What stands for a model; nil when there is none.
    func model(database: String, name: String) throws -> Table? {
        guard let found = try metastore.table(database: database, name: name), found.isModel else { return nil }
        return found
    }

    /// Sorted.
    func modelNames(database: String) throws -> [String] { try metastore.modelNames(database: database) }

    func tableNames(database: String) throws -> [String] {
        let temporary = temporaryTables.values.filter { $0.database == database }.map(\.name)
        return Set(try metastore.tableNames(database: database)).subtracting(try metastore.modelNames(database: database))
            .union(temporary).sorted()
    }

    // MARK: Names by how they begin

    func databaseNames(beginningWith prefix: String, limit: Int) throws -> [String] {
        try metastore.databaseNames(beginningWith: prefix, limit: limit)
    }

    /// Tables, views and models, sorted by name.
    func tables(database: String, beginningWith prefix: String, limit: Int) throws -> [(name: String, kind: Table.Kind)] {
        let temporary = temporaryTables.values.filter { $0.database == database && $0.name.hasPrefix(prefix) }
        let hidden = Set(temporary.map(\.name))
        let kept = try metastore.tables(database: database, beginningWith: prefix, limit: limit).filter { !hidden.contains($0.name) }
        return (kept + temporary.map { ($0.name, $0.kind) }).sorted { $0.name < $1.name }
    }

    /// Of a table that is not temporary, which has none.
    func partitionNames(of table: Table, beginningWith prefix: String, limit: Int) throws -> [String] {
        table.isTemporary ? [] : try metastore.partitionNames(of: table, beginningWith: prefix, limit: limit)
    }

    func partitions(of table: Table) throws -> [Partition] {
        if table.isTemporary { return [Partition(values: [], storage: table.storage)] }
        return try metastore.partitions(of: table)
    }

    func files(format: String, path: String) throws -> (table: Table, partitions: [Partition])? {
        guard let kind = FileKind(rawValue: format) else { return nil }
        let files = try DescribedFiles(kind, path, resolve: resolve)
        try checkAreNotReplaced(files.partitions.map(\.storage.location))
        // A view goes on meaning the same files.
        let name = StorageLocations.scheme(of: path) == nil ? LocalFiles.absolute(path) : path
        return (files.table(named: name), files.partitions)
    }

    private func checkAreNotReplaced(_ paths: [String]) throws {
        let replaced = replacedFiles
        guard !replaced.isEmpty else { return }
        for path in paths {
            guard let status = try FileStatus.of(path), replaced.contains(status.node) else { continue }
            throw PlanError("Cannot replace the file \(path): the query reads it")
        }
    }

    func byteCount(of table: Table, partitions: [Partition]) -> Int? {
        var total = 0
        for partition in partitions {
            let known = table.isPartitioned ? partition.properties : table.properties
            // Other programs may add files to an external table, so that only a managed one's statistics are trusted.
            if table.kind == .managed, let size = known["totalSize"].flatMap({ Int($0) }) {
                total += size
                continue
            }
            guard let folder = try? resolve(partition.storage.location),
                let files = try? DataFiles.list(in: folder)
            else { return nil }
            total += files.reduce(0) { $0 + $1.byteCount }
        }
        return total
    }

    func hasFileSummaries(_ table: Table, partitions: [Partition]) -> Bool {
        var known: Set<StorageDescriptor> = []
        return partitions.contains { partition in
            var storage = partition.storage
            storage.location = ""
            guard known.insert(storage).inserted else { return false }
            let stored = TableStorage(storage, of: table, partition: partition.properties, settings: [:])
            return (try? stored.tableFormat(of: table))?.hasSummaries ?? false
        }
    }

    // MARK: Temporary tables

    func setTemporary(_ table: Table) { state.withLock { $0.temporaryTables[table.qualifiedName] = table } }
    func removeTemporary(_ name: String) { state.withLock { $0.temporaryTables[name] = nil } }
}
