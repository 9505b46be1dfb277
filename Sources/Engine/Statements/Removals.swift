import Catalog
import Platform

/// What DROP takes away. What the guard protects stays, with a warning: the names go all the same, so that nobody is
/// stuck with a table whose location is somebody else's.
extension StatementRunner {
    func makeRemovalGuard() -> RemovalGuard {
        let locations = self.locations
        return RemovalGuard(metastore: metastore, temporaryTables: Array(catalog.temporaryTables.values)) {
            try locations.path(of: $0)
        }
    }

    /// Plans that what is at `path` goes, or warns that it stays. - Returns: whether it goes.
    @discardableResult
    private func removeOrKeep(_ path: String, _ owner: RemovalOwner, _ change: WriteTransaction) throws -> Bool {
        if let refusal = try change.removals.refusal(removing: path, owner: owner) {
            warnings.append("The files in \(path) stay: \(refusal.description)")
            return false
        }
        change.add(.remove(path), owner: owner)
        return true
    }

    /// A managed table's files go with it, also those of partitions that stand elsewhere.
    /// - Returns: whether the table's folder goes.
    @discardableResult
    func addRemoval(of table: Table, owner: RemovalOwner, to change: WriteTransaction) throws -> Bool {
        guard table.ownsFiles, table.properties["external.table.purge"] != "false" else { return false }
        let folder = try self.folder(table.storage)
        let isRemoved = try removeOrKeep(folder, owner, change)
        guard table.isPartitioned else { return isRemoved }
        for partition in try catalog.partitions(of: table) {
            let isUsual = partition.storage.location == Metastore.folder(table.storage.location, partitionName(partition, of: table))
            let path = try self.folder(partition.storage)
            if isRemoved, try isUsual || change.removals.isInside(path, folder) { continue }
            try removeOrKeep(path, owner, change)
        }
        return isRemoved
    }

    func addRemoval(of partitions: some Collection<Partition>, of table: Table, to change: WriteTransaction) throws {
        guard table.ownsFiles, table.properties["external.table.purge"] != "false" else { return }
        let owner = RemovalOwner(partitions: partitions.map { partitionName($0, of: table) }, of: table)
        for partition in partitions { try removeOrKeep(try folder(partition.storage), owner, change) }
    }

    /// The folder of a dropped database goes when nothing is left in it: what else the user put there stays.
    func addRemoval(ofDatabaseFolder folder: String, owner: RemovalOwner, tables: [String], to change: WriteTransaction) throws {
        guard try FileStatus.of(folder)?.kind == .folder else { return }
        let gone = Set(try tables.compactMap { try FileStatus.of($0, followingLinks: false)?.node })
        let rest = try FolderListing.entries(of: folder, links: .keep, toleratesVanishing: true)
        guard rest.allSatisfy({ gone.contains($0.status.node) }) else { return }
        try removeOrKeep(folder, owner, change)
    }

    /// A temporary table's files.
    func removeFiles(ofTemporary table: Table) throws {
        let path = try folder(table.storage)
        if let refusal = try makeRemovalGuard().remove(path, owner: RemovalOwner(table: table)) {
            warnings.append("The files in \(path) stay: \(refusal.description)")
        }
    }

    // MARK: Locations of partitions

    /// Partitions that have followed the location of their table stay where they are when it gets another one.
    func keepPartitionLocations(of table: Table) throws {
        guard table.isPartitioned, !table.isTemporary else { return }
        try metastore.pinPartitionLocations(of: table)
    }

    /// Partitions with locations of their own in the table's folder move with it.
    /// - Parameter changed: the table under its new name and location, which the metastore has already.
    func movePartitionLocations(of table: Table, to changed: Table) throws {
        guard table.isPartitioned, table.storage.location != changed.storage.location else { return }
        let folder = try self.folder(table.storage) + "/"
        for (name, location) in try metastore.partitionLocations(of: changed) {
            let path = try locations.path(of: location)
            guard path.hasPrefix(folder) else { continue }
            try metastore.setPartitionLocation(
                Metastore.folder(changed.storage.location, String(path.dropFirst(folder.count))), ofPartition: name,
                of: changed)
        }
    }
}
