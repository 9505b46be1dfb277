import Catalog

/// What stands somewhere in the file system and does not go with what a statement was told to remove.
package enum ProtectedPlace: Hashable {
    case root
    case home(String)
    /// Where another file system, or another folder of this one, is mounted.
    case mountPoint(String)
    case warehouse(String)
    case metastore(String)
    case locks(String)
    /// The folder that files are loaded into.
    case target(String)
    /// Of temporary tables, spilled rows and staged files.
    case scratch(String)
    case database(String)
    /// `db.table`
    case table(String)
    case temporaryTable(String)
    /// `db.table` and the partition's name.
    case partition(table: String, name: String)

    package var description: String {
        switch self {
        case .root: "the root folder"
        case .home(let path): "the home folder \(path)"
        case .mountPoint(let path): "the mount point \(path)"
        case .warehouse(let path): "the warehouse \(path)"
        case .metastore(let path): "the metastore \(path)"
        case .locks(let path): "the locks of the warehouse in \(path)"
        case .scratch(let path): "the scratch folder \(path)"
        case .target(let path): "the folder \(path) that it should go into"
        case .database(let name): "database \(name)"
        case .table(let name): "table \(name)"
        case .temporaryTable(let name): "temporary table \(name)"
        case .partition(let table, let name): "partition \(name) of table \(table)"
        }
    }

    /// Whether nothing inside may be touched from outside either, however it is named.
    var isClosed: Bool {
        switch self {
        case .metastore, .locks, .scratch: true
        default: false
        }
    }
}

/// Whose files a statement was told to remove or replace.
package struct RemovalOwner {
    private var places: Set<ProtectedPlace> = []
    /// `db.table` of tables that are meant with all their partitions.
    private var wholeTables: Set<String> = []
    /// Where files of its own usually stand: what is around that does not matter.
    private(set) var container: Set<ProtectedPlace> = []
    /// Whether it has files in scratch folders.
    private(set) var ownsScratch = false
    /// Whether it may remove partitions, of whatever table, that stand at their usual places in its folder.
    private var ownsUsualPartitions = false
    /// Whether the user named the very path; else it comes from a location in the metastore.
    private(set) var isPathNamed = false

    /// A path that the user named, of no table's.
    package static let namedPath: RemovalOwner = {
        var owner = RemovalOwner()
        owner.isPathNamed = true
        return owner
    }()

    /// A path that `dfs -rm` names: also one of partitions in their tables' folders, as scripts do it before MSCK.
    static let namedRemoval: RemovalOwner = {
        var owner = namedPath
        owner.ownsUsualPartitions = true
        return owner
    }()

    /// What a committed change may remove that is worked through: its tables (`db.table`) were locked since the statement
    /// asked, so that nothing of them can have changed.
    package init(committed tables: [String]) {
        places = Set(tables.map { .table($0) })
        wholeTables = Set(tables)
        isPathNamed = true
        ownsScratch = true
    }

    /// A table with all its partitions.
    init(table: Table) {
        if table.isTemporary {
            places = [.temporaryTable(table.qualifiedName)]
            ownsScratch = true
        } else {
            places = [.table(table.qualifiedName)]
            wholeTables = [table.qualifiedName]
            container = [.database(table.database)]
        }
    }

    /// Some partitions of a table, by name.
    init(partitions names: some Sequence<String>, of table: Table) {
        places = Set(names.map { .partition(table: table.qualifiedName, name: $0) })
        container = [.table(table.qualifiedName)]
    }

    /// What rows go into: the partition with these values, or the table when it is not partitioned.
    init(_ table: Table, partition values: [String]) {
        if table.isPartitioned {
            self.init(
                partitions: [PartitionName.make(columns: table.partitionColumns.map(\.name), values: values)], of: table)
        } else {
            self.init(table: table)
        }
    }

    /// A database with some of its tables.
    init(database: String, tables: [Table]) {
        places = Set(tables.map { .table($0.qualifiedName) })
        places.insert(.database(database))
        wholeTables = Set(tables.map(\.qualifiedName))
        container = [.database(database)]
    }

    private init() {}

    func owns(_ place: ProtectedPlace) -> Bool {
        if places.contains(place) { return true }
        if case .scratch = place { return ownsScratch }
        if case .partition(let table, _) = place { return wholeTables.contains(table) }
        return false
    }

    /// Of those at their usual places, which are in no index.
    func ownsAllPartitions(of table: String) -> Bool { ownsUsualPartitions || wholeTables.contains(table) }
}
