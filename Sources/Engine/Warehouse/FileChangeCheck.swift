import Catalog

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Looks, before the point of no return, whether the file steps of a change can be done: what is moved is there, and
/// the folders may be written. What passes can still fail (no space, a fault of the device); what does not is refused
/// while nothing has changed.
struct FileChangeCheck {
    /// Folders that may be written.
    private var writable = Set<String>()

    /// - Throws: `FileError` of the first step that cannot be done.
    mutating func check(_ steps: [FileChange.Step]) throws {
        for step in steps {
            switch step.action {
            case .makeFolder(let path): if !LocalFiles.isFolder(path) { try checkPlace(path) }
            case .move(let source, let target):
                guard let here = try FileIdentity.at(source) else { throw FileError("find", source, code: ENOENT) }
                if let identity = step.identity, !here.isSameFile(as: identity) {
                    throw HiveError(
                        message: "FAILED: Execution Error: \(source) was replaced by another file while the statement ran",
                        code: 2)
                }
                try checkRemoval(source, here)
                try checkPlace(LocalFiles.parent(of: target))
            case .remove(let path):
                guard let here = try FileIdentity.at(path) else { continue }
                try checkRemoval(path, here)
            }
        }
    }

    /// Whether a folder is there, or can be made, and takes files.
    private mutating func checkPlace(_ folder: String) throws {
        let nearest = LocalFiles.nearestFolder(folder)
        guard LocalFiles.isFolder(nearest) else { throw FileError("make the folder", folder, code: ENOTDIR) }
        try checkWritable(nearest)
    }

    private mutating func checkRemoval(_ path: String, _ here: FileIdentity) throws {
        let folder = LocalFiles.parent(of: path)
        try checkWritable(folder)
        // Where a file system is mounted its contents could go, but not the folder.
        if here.kind == .folder, let above = LocalFiles.status(folder), here.device != UInt64(truncatingIfNeeded: above.st_dev) {
            throw FileError("move or remove the mount point", path, code: EBUSY)
        }
        // What a folder holds is removed from it first, and a folder that moves gets another `..`.
        if here.kind == .folder { try checkWritable(path) }
        guard geteuid() != 0, let above = LocalFiles.status(folder), above.st_mode & S_ISVTX != 0,
            above.st_uid != geteuid()
        else { return }
        // In folders such as /tmp only a file's owner may rename or remove it.
        var status = stat()
        if lstat(path, &status) == 0, status.st_uid != geteuid() { throw FileError("remove", path, code: EPERM) }
    }

    private mutating func checkWritable(_ folder: String) throws {
        guard !writable.contains(folder) else { return }
        guard access(folder, W_OK | X_OK) == 0 else { throw FileError("write into", folder) }
        writable.insert(folder)
    }
}
