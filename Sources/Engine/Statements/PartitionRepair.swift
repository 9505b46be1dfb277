import Catalog
import HiveSyntax
import Platform
import TableFormats

/// A folder that is a partition's by its name.
private struct PartitionFolder {
    var values: [String]
    /// Below the table's folder, as it is spelled there: `Day=1`, `t=10:30`, `p=%41`.
    var path: String
    var node: FileNode
    /// Whether a link leads there.
    var isLinked: Bool
}

extension StatementRunner {
    func runMsck(_ statement: MsckStatement) throws -> StatementResult {
        try changing(statement.table, qualified: false) { table in
            let mode = statement.mode ?? .add
            return try repair(
                table, adds: statement.isRepair && mode != .drop, drops: statement.isRepair && mode != .add,
                reports: true, showsAdditions: mode != .drop)
        }
    }

    /// Compares the partitions that the metastore has with the folders that are there. A partition that is added has the
    /// folder that was found as its location, however its name is spelled.
    func repair(_ table: Table, adds: Bool, drops: Bool, reports: Bool, showsAdditions: Bool = true) throws
        -> StatementResult
    {
        guard table.isPartitioned else { return reports ? try rows([""], []) : none }
        guard !table.isView else { throw HiveError.task("\(table.qualifiedName) is a view, whose partitions have no folders") }
        let keys = table.partitionColumns.map(\.name)
        var search = PartitionSearch(
            root: try folder(table.storage), keys: keys, refusesFiles: settings[Settings.pathValidation] == .throw,
            followsLinks: settings[Settings.followsLinksInRepair])
        try search.run()

        var taken: [String: (path: String, node: FileNode?)] = [:]
        var missing: [Partition] = []
        for partition in try catalog.partitions(of: table) {
            let path = try folder(partition.storage)
            let status = try FileStatus.of(path)
            if status?.kind != .folder {
                missing.append(partition)
                // Its name is free again when it is dropped.
                if drops { continue }
            }
            taken[partitionName(partition, of: table)] = (path, status?.node)
        }
        var added: [(partition: Partition, path: String)] = []
        for found in search.folders {
            let name = PartitionName.make(columns: keys, values: found.values)
            if let other = taken[name] {
                guard other.node != found.node else { continue }
                search.refused.append((found.path, "the folder of partition \(name) is file:\(other.path)"))
                continue
            }
            let location = Metastore.folder(table.storage.location, found.path)
            taken[name] = (FolderListing.path(search.root, found.path), found.node)
            added.append((partition(values: found.values, of: table, location: location), found.path))
        }
        added.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        try metastore.write {
            if drops { try metastore.dropPartitions(missing.map(\.values), of: table) }
            if adds { try metastore.addPartitions(added.map(\.partition), to: table) }
        }
        let refused = search.refused.map { "Repair: Cannot add partition \(table.name):\($0.path): \($0.reason)" }
        guard reports else {
            warnings += refused
            return none
        }
        var lines: [String] = []
        let gone = missing.map { "\(table.name):\(partitionName($0, of: table))" }
        if !added.isEmpty, showsAdditions {
            lines.append("Partitions not in metastore:\t" + added.map { "\(table.name):\($0.path)" }.joined(separator: "\t"))
        }
        if !gone.isEmpty { lines.append("Partitions missing from filesystem:\t" + gone.joined(separator: "\t")) }
        lines += refused
        if adds { lines += added.map { "Repair: Added partition to metastore \(table.name):\($0.path)" } }
        if drops { lines += gone.map { "Repair: Dropped partition from metastore \($0)" } }
        return StatementResult(output: .rows(QueryResult(header: [""], rows: lines.map { [$0] }, hasHeader: false)))
    }
}

/// Looks for the folders of partitions below a table's folder.
private struct PartitionSearch {
    let root: String
    let keys: [String]
    /// Whether a file where only folders should be is an error.
    let refusesFiles: Bool
    /// Whether links may lead out of the table's folder.
    let followsLinks: Bool
    /// Of several that mean one partition the one comes first whose name is spelled as this program spells it; behind
    /// links last.
    private(set) var folders: [PartitionFolder] = []
    /// Folders that are no partitions though they are named so, and why.
    var refused: [(path: String, reason: String)] = []
    private let trails = PathTrails()

    init(root: String, keys: [String], refusesFiles: Bool, followsLinks: Bool) {
        self.root = root
        self.keys = keys
        self.refusesFiles = refusesFiles
        self.followsLinks = followsLinks
    }

    mutating func run() throws {
        guard try FileStatus.of(root) != nil else { return }
        try search("", keys[...], values: [], isLinked: false)
        func rank(_ folder: PartitionFolder) -> Int {
            (folder.isLinked ? 2 : 0) + (folder.path == PartitionName.make(columns: keys, values: folder.values) ? 0 : 1)
        }
        var first: [FileNode: String] = [:]
        var kept: [PartitionFolder] = []
        for (_, folder) in folders.enumerated().sorted(by: { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }) {
            if let other = first[folder.node] {
                refused.append((folder.path, "it is the folder of \(other) too"))
                continue
            }
            first[folder.node] = folder.path
            kept.append(folder)
        }
        folders = kept
    }

    private mutating func search(_ folder: String, _ rest: ArraySlice<String>, values: [String], isLinked: Bool) throws {
        let full = folder.isEmpty ? root : FolderListing.path(root, folder)
        guard let key = rest.first else {
            if let status = try FileStatus.of(full) {
                folders.append(PartitionFolder(values: values, path: folder, node: status.node, isLinked: isLinked))
            }
            return
        }
        for entry in try FolderListing.entries(of: full, links: .keep, where: { !DataFiles.isHidden($0) }) {
            let path = folder.isEmpty ? entry.name : FolderListing.path(folder, entry.name)
            var status = entry.status
            if status.kind == .link {
                let link = FolderListing.path(full, entry.name)
                guard let target = try FileStatus.of(link) else { throw FileError("follow the link", link, reason: "it leads nowhere") }
                status = target
            }
            guard status.kind == .folder else {
                guard refusesFiles else { continue }
                throw HiveError.task(
                    "MSCK finds a file rather than a directory when it searches for file:\(FolderListing.path(root, path))")
            }
            // Other folders are no partitions.
            guard let value = PartitionName.values(of: entry.name, columns: [key])?.first else { continue }
            if entry.status.kind == .link, let reason = try refusal(ofLink: path) {
                refused.append((path, reason))
                continue
            }
            try search(
                path, rest.dropFirst(), values: values + [value], isLinked: isLinked || entry.status.kind == .link)
        }
    }

    /// Why a link is not followed.
    private func refusal(ofLink path: String) throws -> String? {
        let trail = try trails.trail(of: FolderListing.path(root, path), followingLast: true)
        guard let target = trail.steps.last, let own = try trails.trail(of: root, followingLast: true).steps.last else { return nil }
        if trail.steps.dropLast().contains(where: { $0.node == own.node }) { return nil }
        let rootTrail = try trails.trail(of: root, followingLast: true)
        if rootTrail.steps.contains(where: { $0.node == target.node }) { return "it is a link to \(target.path), which holds the table" }
        return followsLinks ? nil : "it is a link that leads out of the table's folder, to \(target.path)"
    }
}
