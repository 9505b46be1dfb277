/// The files below a folder.
package enum FileTree {
    package struct File: Sendable, Hashable {
        package var path: String
        package var byteCount: Int
    }

    /// Every file whose name and folders' names `isVisible`, in the order of the names, folders among the files.
    ///
    /// Links are followed, as Hadoop's local file system does. A folder that several links lead to is read once, at the
    /// first of them: a loop of links ends, and no row is there twice.
    /// - Throws: `FileError` naming what is at fault: a folder that cannot be read, a link that leads nowhere, something
    ///   that is neither a file nor a folder (a named pipe would keep its reader waiting for ever).
    /// - Parameter visit: called with each folder before what is in it.
    package static func files(
        below folder: String, where isVisible: (String) -> Bool, visiting visit: (String) throws -> Void = { _ in }
    ) throws -> [File] {
        var files: [File] = []
        var seen = Set<FileNode>()
        // What is still to be looked at, the next one last: however deep the folders are, the stack is not.
        var waiting: [(path: String, status: FileStatus)] = []
        func open(_ path: String, _ status: FileStatus) throws {
            guard seen.insert(status.node).inserted else { return }
            try visit(path)
            let entries = try FolderListing.entries(of: path, links: .follow, where: isVisible)
            waiting += entries.reversed().map { (path: FolderListing.path(path, $0.name), status: $0.status) }
        }
        guard let status = try FileStatus.of(folder) else { return [] }
        waiting.append((path: folder, status: status))
        while let (path, status) = waiting.popLast() {
            switch status.kind {
            case .file: files.append(File(path: path, byteCount: status.byteCount))
            case .folder: try open(path, status)
            default: throw FileError("read", path, reason: "it is \(status.kind.name), not a regular file")
            }
        }
        return files
    }
}
