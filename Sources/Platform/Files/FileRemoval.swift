#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A folder that a removal has come to, before anything in it goes.
package struct VisitedFolder {
    package let node: FileNode
    let names: [[CChar]]

    package func contains(_ name: String) -> Bool {
        let wanted = Array(name.utf8CString)
        return names.contains(wanted)
    }
}

/// Removes files and folders with all that is in them.
package enum FileRemoval {
    /// Removes a file, a link (what it leads to stays), or a folder with all that is in it. Nothing happens when there is
    /// nothing; somebody else may remove the same at the same time.
    /// - Parameter isSpared: asked for each folder before anything in it is removed, also below `path`, where another
    ///   file system may be mounted over it. Called by several threads, one at a time.
    /// - Throws: `FileError` naming what cannot be removed; what was met before is gone.
    package static func remove(_ path: String, isSpared: (VisitedFolder) -> Bool = { _ in false }) throws {
        let bytes = Array(path.utf8CString)
        var status = stat()
        guard lstat(bytes, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return }
            throw FileError("remove", path)
        }
        guard FileStatus(status).kind == .folder else { return try TreeRemoval.removeFile(bytes) }
        try withoutActuallyEscaping(isSpared) { try TreeRemoval(isSpared: $0).remove(bytes) }
    }
}
