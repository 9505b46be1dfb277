import Catalog

/// Whether the warehouse stands where it stood when something was written down in its metastore, and what that means for
/// the files that were meant: one that was copied, or restored from a copy, has other files of the same names.
struct WarehouseHome {
    private let metastore: Metastore
    /// False for a warehouse that is a copy of the one in which it was written down, or was moved to another file system.
    let isSame: Bool

    /// - Parameter recorded: the warehouse's folder then; nil: an older program did not say.
    init(_ metastore: Metastore, recorded: FileIdentity?) {
        self.metastore = metastore
        isSame = recorded.map { Self.current(metastore)?.isSameFile(as: $0) ?? false } ?? true
    }

    static func current(_ metastore: Metastore) -> FileIdentity? { try? FileIdentity.at(metastore.folder) }

    /// Whether what has the path now is the file that was meant, or its copy in a warehouse that was copied as a whole.
    /// Files outside stay where they are when a warehouse is copied.
    func isMeant(_ here: FileIdentity, _ meant: FileIdentity, at path: String) -> Bool {
        if here.isSameFile(as: meant) { return true }
        guard metastore.isInWarehouse(path), here.kind == meant.kind else { return false }
        // Copies that keep the times are known by them; of others no more is known than what they hold.
        if here.hasSameContents(as: meant) { return true }
        return !isSame && (here.kind == .folder || here.byteCount == meant.byteCount)
    }
}
