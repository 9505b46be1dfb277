#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Which file, folder or link something is, whatever path leads to it: the numbers of its device and of its inode.
package struct FileNode: Sendable, Hashable {
    package var device: UInt64
    package var inode: UInt64

    package init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }
}

/// What the system says of a file, folder or link.
package struct FileStatus: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case file, folder, link, pipe, socket, device
    }

    package var kind: Kind
    package var node: FileNode
    package var byteCount: Int
    /// Milliseconds since 1970.
    package var modified: Int
    /// Milliseconds since 1970.
    package var accessed: Int

    /// What `path` leads to, or (not following links) the link that stands there; nil when there is nothing.
    /// - Throws: `FileError` when that cannot be found out: a folder that may not be looked into is not an empty one, nor
    ///   is a link that leads nowhere, as one to a file system that is not mounted does.
    package static func of(_ path: String, followingLinks: Bool = true) throws -> FileStatus? {
        var status = stat()
        guard (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else {
            if errno == ENOENT || errno == ENOTDIR {
                if followingLinks, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
                    throw FileError("follow the link", path, code: ENOENT)
                }
                return nil
            }
            throw FileError("look at", path)
        }
        return FileStatus(status)
    }

    package init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            case S_IFIFO: .pipe
            case S_IFSOCK: .socket
            default: .device
            }
        node = FileNode(device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(status.st_ino))
        byteCount = Int(status.st_size)
        #if canImport(Darwin)
        modified = Self.milliseconds(status.st_mtimespec)
        accessed = Self.milliseconds(status.st_atimespec)
        #else
        modified = Self.milliseconds(status.st_mtim)
        accessed = Self.milliseconds(status.st_atim)
        #endif
    }

    private static func milliseconds(_ time: timespec) -> Int { Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000 }
}

extension FileStatus.Kind {
    /// `a named pipe`, as errors say it.
    package var name: String {
        switch self {
        case .file: "a file"
        case .folder: "a folder"
        case .link: "a symbolic link"
        case .pipe: "a named pipe"
        case .socket: "a socket"
        case .device: "a device"
        }
    }
}
