import Catalog
import Platform

/// Whether the warehouse is the one in which something was written down, and what that means for the files that were
/// meant: one that was copied, or restored from a copy, has other files of the same names.
struct WarehouseHome {
    enum Place {
        case same
        /// The folder is the same, the metastore is not: what was kept of a warehouse was brought back.
        case restored
        /// A copy, or moved to another file system.
        case elsewhere
    }

    private let metastore: Metastore
    let place: Place
    /// The warehouse's folder without links.
    private let folder: String

    /// - Parameter recorded: the warehouse as it was then; nil: an older program did not say.
    init(_ metastore: Metastore, recorded: WarehouseIdentity?) {
        self.metastore = metastore
        folder = LocalFiles.resolved(metastore.folder)
        guard let recorded else {
            place = .same
            return
        }
        let now = Self.current(metastore)
        place =
            now?.folder.isSameFile(as: recorded.folder) != true
            ? .elsewhere : now?.metastore.isSameFile(as: recorded.metastore) == true ? .same : .restored
    }

    static func current(_ metastore: Metastore) -> WarehouseIdentity? {
        guard let folder = try? FileIdentity.at(metastore.folder), let file = try? FileIdentity.at(metastore.path) else { return nil }
        return WarehouseIdentity(folder: folder, metastore: file)
    }

    /// Whether the path is in the warehouse's folder, and not behind a link that leads out of it.
    func holds(_ path: String) -> Bool {
        guard metastore.isInWarehouse(path) else { return false }
        let place = LocalFiles.resolved(LocalFiles.parent(of: path))
        return place == folder || FilePath.part(of: place, below: folder) != nil
    }

    /// Whether what has the path now is the file that was meant, or its copy in a warehouse that was copied, or restored, as
    /// a whole. Files outside stay where they are then.
    func isMeant(_ here: FileIdentity, _ meant: FileIdentity, at path: String) -> Bool {
        if here.isSameFile(as: meant) { return true }
        guard place != .same, here.kind == meant.kind, holds(path) else { return false }
        // Copies that keep the times are known by them; of others no more is known than what they hold.
        if here.hasSameContents(as: meant) { return true }
        return place == .elsewhere && (here.kind == .folder || here.byteCount == meant.byteCount)
    }
}
