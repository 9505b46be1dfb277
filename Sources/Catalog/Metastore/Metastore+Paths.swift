import Platform

extension Metastore {
    /// The warehouse's folder.
    package var folder: String { FilePath.folder(of: path) }

    /// Whether a path is below the warehouse's folder, as it is spelled.
    package func isInWarehouse(_ path: String) -> Bool { FilePath.part(of: path, below: folder) != nil }

    /// What is in the warehouse is written down from its folder on, so that a warehouse can be moved, copied or restored
    /// with what is still to do in it.
    func storedPath(_ path: String) -> String { FilePath.part(of: path, below: folder) ?? path }

    func absolutePath(_ stored: String) -> String {
        stored.hasPrefix("/") ? stored : FolderListing.path(folder, stored)
    }
}
