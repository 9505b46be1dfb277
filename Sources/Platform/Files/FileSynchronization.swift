#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Makes what was written survive a loss of power.
///
/// A file's bytes and its name are two things: the name (made, given, taken away) is sure when its folder was
/// synchronized.
package enum FileSynchronization {
    /// Makes a file's bytes, or a folder's list of names, durable; what is not there needs nothing.
    package static func synchronize(_ path: String) throws {
        let handle = open(path, O_RDONLY | O_CLOEXEC)
        guard handle >= 0 else {
            if errno == ENOENT { return }
            throw FileError("open", path)
        }
        defer { close(handle) }
        // Some file systems cannot synchronize folders and say so with EINVAL.
        if fsync(handle) != 0, errno != EINVAL { throw FileError("synchronize", path) }
    }

    /// Makes many files and folders durable, on whatever file systems they are: one by one, or each file system with one
    /// call when they are many on it, since a file system waits for the device with each one.
    /// - Parameter wholly: whether everything on these file systems has to be durable.
    package static func synchronize(all paths: some Sequence<String>, wholly: Bool = false) throws {
        for (device, paths) in Dictionary(grouping: paths, by: device(of:)) where device != nil {
            if wholly || paths.count > mostSynchronizedAlone, try synchronizeFileSystem(of: paths[0]) { continue }
            for path in paths.sorted() { try synchronize(path) }
        }
    }

    /// Makes a folder durable, its name and all that is in it, as `synchronize(all:)` does. Returns how many calls that
    /// took.
    package static func synchronizeTree(_ folder: String) throws -> Int {
        let above = FilePath.folder(of: folder)
        var paths = [above, folder]
        if try !collect(below: folder, into: &paths, most: mostSynchronizedAlone) {
            if try synchronizeFileSystem(of: folder) { return 1 }
            paths = [above, folder]
            _ = try collect(below: folder, into: &paths, most: .max)
        }
        for path in paths { try synchronize(path) }
        return paths.count
    }

    /// Beyond so many files and folders the whole file system is synchronized, with what others wrote to it.
    private static let mostSynchronizedAlone = 4

    /// Collects the paths below a folder; false when they are too many, and some are left out.
    private static func collect(below folder: String, into paths: inout [String], most: Int) throws -> Bool {
        for name in try FolderListing.names(in: folder) {
            guard paths.count <= most else { return false }
            let path = FolderListing.path(folder, name)
            // A link's text is with its name.
            guard let status = try FileStatus.of(path, followingLinks: false), status.kind != .link else { continue }
            paths.append(path)
            if status.kind == .folder, try !collect(below: path, into: &paths, most: most) { return false }
        }
        return paths.count <= most
    }

    private static func device(of path: String) -> UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(truncatingIfNeeded: status.st_dev) : nil
    }

    /// Makes everything on the path's file system durable; false where the system has no call for that.
    private static func synchronizeFileSystem(of path: String) throws -> Bool {
        guard let synchronizeFileSystem else { return false }
        let handle = open(path, O_RDONLY | O_CLOEXEC)
        guard handle >= 0 else { throw FileError("open", path) }
        defer { close(handle) }
        if synchronizeFileSystem(handle) != 0 { throw FileError("synchronize", path) }
        return true
    }

    /// Linux's `syncfs`, which its C library shows only to programs that ask for GNU extensions.
    private static let synchronizeFileSystem: (@convention(c) (Int32) -> Int32)? = {
        guard let address = dlsym(nil, "syncfs") else { return nil }
        return unsafeBitCast(address, to: (@convention(c) (Int32) -> Int32).self)
    }()
}
