import Catalog
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Why something must not be removed.
package struct RemovalRefusal {
    package enum Relation {
        /// The path is the place itself.
        case same
        /// The place is below the path.
        case around
        /// The path is in the place.
        case inside
    }

    package var path: String
    package var place: ProtectedPlace
    package var relation: Relation

    package var description: String {
        switch relation {
        case .same: "\(path) is the place of \(place.description)"
        case .around: "\(path) holds \(place.description)"
        case .inside: "\(path) is inside \(place.description)"
        }
    }

    /// - Parameter action: `overwrite`, `remove` …
    func error(_ action: String) -> HiveError {
        HiveError.semantic("Cannot \(action) \(path): it \(description.dropFirst(path.count + 1))")
    }
}

/// What every removal and replacement of files passes first: it says no where something is hit that the statement was
/// not told to touch, however the path is spelled and through whatever links it leads.
///
/// Never removed or emptied: `/`, home folders, places where something is mounted, this warehouse and others, its metastore
/// and locks, the folders of other databases, tables and partitions (managed or external), and any folder above one of
/// these. What stands inside another table's folder is that table's, unless its owner has its usual place there or the
/// user named the path. Files are compared by device and inode; a link that is removed is removed as a link, and what it
/// leads to stays.
///
/// Locations are read from the metastore once, with one query, when they are first needed, and looked up in the file
/// system; those of partitions that follow their tables are not, however many there are.
package final class RemovalGuard {
    /// For changes that are worked through without their session: locations that only a session's settings can map to a
    /// folder are not known.
    static func ofWarehouse(_ metastore: Metastore) -> RemovalGuard {
        let locations = StorageLocations(warehouseFolder: metastore.folder) { _ in nil }
        return RemovalGuard(metastore: metastore) { try locations.path(of: $0) }
    }

    private let metastore: Metastore
    private let resolve: (String) throws -> String
    private let temporaryTables: [Table]
    private let trails = PathTrails()
    private lazy var index = Result { try readIndex() }
    private lazy var mountPoints = MountPoints.current()
    private var knownWarehouses: [FileNode: Bool] = [:]

    /// - Parameters:
    ///   - resolve: gives the path of a location in the metastore.
    ///   - temporaryTables: those of the session.
    package init(
        metastore: Metastore, temporaryTables: [Table] = [], resolve: @escaping (String) throws -> String
    ) {
        self.metastore = metastore
        self.resolve = resolve
        self.temporaryTables = temporaryTables
    }

    private struct Index {
        var places: [ProtectedPlace] = []
        /// Positions in `places` of what stands at the node.
        var exact: [FileNode: [Int]] = [:]
        /// Positions of what stands below the folder, or behind the link.
        var below: [FileNode: [Int]] = [:]
        /// Partitioned tables with the number of their partition columns.
        var depths: [String: Int] = [:]

        mutating func add(_ place: ProtectedPlace, _ trail: PathTrail) {
            // What is not there cannot be lost.
            guard trail.exists, let last = trail.steps.last else { return }
            let position = places.count
            places.append(place)
            exact[last.node, default: []].append(position)
            if case .scratch = place { return }
            for step in trail.steps.dropLast() { below[step.node, default: []].append(position) }
            // Without the link its owner would not find it.
            for link in trail.links { below[link.node, default: []].append(position) }
        }
    }

    // MARK: Questions

    /// Why the file, link or folder at `path` must not be removed, with all that is in it; nil: it may.
    /// - Throws: `FileError` when that cannot be found out.
    package func refusal(removing path: String, owner: RemovalOwner) throws -> RemovalRefusal? {
        let trail = try trails.trail(of: path, followingLast: false)
        if let refusal = try refusal(path, trail, owner) { return refusal }
        guard trail.exists, let last = trail.steps.last?.path, mountPoints.contains(last) else { return nil }
        return RemovalRefusal(path: path, place: .mountPoint(last), relation: .same)
    }

    /// Why the files in the folder that `path` is, or leads to, must not be removed.
    package func refusal(emptying path: String, owner: RemovalOwner) throws -> RemovalRefusal? {
        try refusal(path, try trails.trail(of: path, followingLast: true), owner)
    }

    /// Why a file must not be read as rows, nor (when `moves`) taken away to become rows in `folder`.
    func refusal(loading path: String, into folder: String, moves: Bool) throws -> RemovalRefusal? {
        let index = try index.get()
        let trail = try trails.trail(of: path, followingLast: true)
        for step in trail.steps {
            for position in index.exact[step.node] ?? [] where index.places[position].isClosed {
                let isSame = step.node == trail.steps.last?.node
                return RemovalRefusal(path: path, place: index.places[position], relation: isSame ? .same : .inside)
            }
        }
        guard moves else { return nil }
        if try isInside(path, folder, followingFolder: true) {
            return RemovalRefusal(path: path, place: .target(folder), relation: .inside)
        }
        return try refusal(removing: path, owner: .namedPath)
    }

    /// Why an entry of a folder that may be emptied must not go: for what is no folder or link `refusal(emptying:)` of
    /// the folder has said it all.
    func refusal(removingEntry entry: FolderListing.Entry, of folder: String, owner: RemovalOwner) throws
        -> RemovalRefusal?
    {
        switch entry.status.kind {
        case .folder, .link: try refusal(removing: FolderListing.path(folder, entry.name), owner: owner)
        default: nil
        }
    }

    /// Whether a folder stays that a removal has come to which began further up: it is somebody else's by now, or another
    /// warehouse's.
    private func isSpared(_ folder: VisitedFolder, owner: RemovalOwner) -> Bool {
        guard let index = try? index.get(), !folder.contains("metastore.db") else { return true }
        let positions = (index.exact[folder.node] ?? []) + (index.below[folder.node] ?? [])
        return positions.contains { position in
            // What a process that died had staged goes with its table.
            if case .scratch = index.places[position] { return false }
            return !owner.owns(index.places[position])
        }
    }

    /// Removes what is at `path` with all that is in it, unless it must not be.
    /// - Returns: why it stays; nil: it is gone.
    func remove(_ path: String, owner: RemovalOwner) throws -> RemovalRefusal? {
        if let refusal = try refusal(removing: path, owner: owner) { return refusal }
        try FileRemoval.remove(path) { isSpared($0, owner: owner) }
        return nil
    }

    /// Whether `path`, which need not be there, would stand in the folder that `folder` is or leads to.
    func isBelow(_ path: String, _ folder: String) throws -> Bool {
        guard let node = try trails.trail(of: folder, followingLast: true).steps.last?.node else { return false }
        return try trails.trail(of: path, followingLast: false).steps.contains { $0.node == node }
    }

    /// Whether the file, folder or link at `path` stands in `folder`, so that it goes with it.
    func isInside(_ path: String, _ folder: String, followingFolder: Bool = false) throws -> Bool {
        let trail = try trails.trail(of: folder, followingLast: followingFolder)
        guard trail.exists, let node = trail.steps.last?.node else { return false }
        return try trails.trail(of: path, followingLast: false).steps.dropLast().contains { $0.node == node }
    }

    /// Keeps files of the warehouse and of tables from being replaced, or from getting company.
    /// - Parameters:
    ///   - path: of a file that is to be written.
    ///   - folder: the warehouse's.
    /// - Throws: `HiveError` when the file, or what a link in its place leads to, is theirs or would stand among them.
    func checkIsFree(_ path: String, warehouse folder: String, action: String) throws {
        for path in Set([path, LocalFiles.resolved(path)]).sorted() {
            guard try !isInside(path, folder, followingFolder: true) else {
                throw HiveError.semantic("Cannot \(action) \(path): it is inside the warehouse")
            }
            guard let refused = try refusal(emptying: LocalFiles.parent(of: path), owner: .namedPath), refused.relation != .around
            else { continue }
            switch refused.place {
            case .root, .home, .mountPoint: continue
            default: throw refused.error(action)
            }
        }
    }

    private func refusal(_ path: String, _ trail: PathTrail, _ owner: RemovalOwner) throws -> RemovalRefusal? {
        guard trail.exists, let last = trail.steps.last else { return nil }
        if try isOtherWarehouse(last) { return RemovalRefusal(path: path, place: .warehouse(last.path), relation: .same) }
        for step in trail.steps.dropLast() where try isOtherWarehouse(step) {
            return RemovalRefusal(path: path, place: .warehouse(step.path), relation: .inside)
        }
        let index = try index.get()
        func first(_ positions: [Int]?) -> ProtectedPlace? {
            positions?.lazy.map { index.places[$0] }.first { !owner.owns($0) }
        }
        if let place = first(index.exact[last.node]) {
            return RemovalRefusal(path: path, place: place, relation: .same)
        }
        if let place = first(index.below[last.node]) {
            return RemovalRefusal(path: path, place: place, relation: .around)
        }
        if let mounted = mountPoints.first(in: last.path) {
            return RemovalRefusal(path: path, place: .mountPoint(mounted), relation: .around)
        }
        var isOwnGround = false
        for step in trail.steps.dropLast().reversed() {
            for position in index.exact[step.node] ?? [] {
                let place = index.places[position]
                let inside = RemovalRefusal(path: path, place: place, relation: .inside)
                if place.isClosed, !owner.ownsScratch { return inside }
                if owner.container.contains(place) { isOwnGround = true }
                if case .table(let table) = place, let depth = index.depths[table],
                    let refusal = try refusal(path, String(last.path.dropFirst(step.path.count + 1)), of: table, depth, owner)
                {
                    return refusal
                }
                if isOwnGround || owner.isPathNamed || owner.owns(place) { continue }
                switch place {
                case .table, .temporaryTable, .partition: return inside
                default: continue
                }
            }
            if isOwnGround { break }
        }
        return nil
    }

    /// Asks for partitions that stand at their usual places in a table's folder: they are in no index.
    /// - Parameters:
    ///   - relative: the path below the table's folder.
    ///   - depth: how many folders are above a partition's files there.
    private func refusal(
        _ path: String, _ relative: String, of table: String, _ depth: Int, _ owner: RemovalOwner
    ) throws -> RemovalRefusal? {
        guard !owner.ownsAllPartitions(of: table) else { return nil }
        let parts = relative.split(separator: "/")
        let above = parts.prefix(depth).joined(separator: "/")
        func foreign(_ name: String, _ relation: RemovalRefusal.Relation) -> RemovalRefusal? {
            let place = ProtectedPlace.partition(table: table, name: name)
            return owner.owns(place) ? nil : RemovalRefusal(path: path, place: place, relation: relation)
        }
        if parts.count >= depth, owner.owns(.partition(table: table, name: above)) { return nil }
        if parts.count > depth, owner.isPathNamed { return nil }
        for name in try metastore.partitionNames(ofTable: table, at: above) {
            let relation: RemovalRefusal.Relation =
                parts.count > depth ? .inside : parts.count == depth ? .same : .around
            if let refusal = foreign(name, relation) { return refusal }
        }
        return nil
    }

    /// Whether a folder has the metastore of another warehouse. This warehouse may itself be inside of one.
    private func isOtherWarehouse(_ step: PathTrail.Step) throws -> Bool {
        if let known = knownWarehouses[step.node] { return known }
        let isOther = try Self.hasMetastore(step.path) && !isBelow(metastore.folder, step.path)
        knownWarehouses[step.node] = isOther
        return isOther
    }

    /// A copy of a warehouse may lack the folder of locks.
    private static func hasMetastore(_ folder: String) -> Bool {
        let magic = Array("SQLite format 3\0".utf8)
        guard let file = try? RegularFile.open("\(folder)/metastore.db") else { return false }
        defer { close(file) }
        var head = [UInt8](repeating: 0, count: magic.count)
        return read(file, &head, head.count) == head.count && head == magic
    }

    // MARK: Places

    private func readIndex() throws -> Index {
        var index = Index()
        func add(_ place: ProtectedPlace, _ path: String) throws {
            index.add(place, try trails.trail(of: LocalFiles.absolute(path), followingLast: true))
        }
        /// What cannot be looked up is left out: nobody can remove anything there either.
        func addIfFound(_ place: ProtectedPlace, _ location: String) {
            guard let path = try? resolve(location) else { return }
            try? add(place, path)
        }
        let folder = metastore.folder
        try add(.root, "/")
        try add(.warehouse(folder), folder)
        for suffix in ["", "-wal", "-shm", "-journal"] {
            try add(.metastore(metastore.path + suffix), metastore.path + suffix)
        }
        try add(.locks("\(folder)/.locks"), "\(folder)/.locks")
        try add(.scratch("\(folder)/.scratch"), "\(folder)/.scratch")
        for scratch in try metastore.scratchFolders() { try? add(.scratch(scratch.path), scratch.path) }
        for home in Self.homes() { try? add(.home(home), home) }
        for known in try metastore.knownLocations() {
            switch known.owner {
            case .database(let name): addIfFound(.database(name), known.location)
            case .table(let name, let partitionColumns):
                addIfFound(.table(name), known.location)
                if partitionColumns > 0 { index.depths[name] = partitionColumns }
            case .partition(let table, let name): addIfFound(.partition(table: table, name: name), known.location)
            }
        }
        for table in temporaryTables { addIfFound(.temporaryTable(table.qualifiedName), table.storage.location) }
        return index
    }

    /// Home folders of the users of this machine.
    private static func homes() -> Set<String> {
        var homes = Set<String>()
        if let home = environmentVariable("HOME") { homes.insert(home) }
        for user in Set([getuid(), geteuid()]) {
            if let entry = getpwuid(user), let home = entry.pointee.pw_dir { homes.insert(String(cString: home)) }
        }
        if let users = try? RegularFile.contents(of: "/etc/passwd") {
            for line in users.split(separator: UInt8(ascii: "\n")) {
                let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
                if fields.count > 5 { homes.insert(String(decoding: fields[5], as: UTF8.self)) }
            }
        }
        return homes.filter { $0.hasPrefix("/") }
    }
}
