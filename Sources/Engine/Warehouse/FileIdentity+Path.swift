import Catalog

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension FileIdentity {
    /// What has the path now; a link is not followed. nil when there is nothing.
    /// - Throws: `FileError` when that cannot be found out: a folder that may not be looked into is not an empty one.
    static func at(_ path: String) throws -> FileIdentity? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileError("look at", path)
        }
        let kind: Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        #if canImport(Darwin)
        let modified = status.st_mtimespec
        let born: Int64? = nanoseconds(status.st_birthtimespec)
        #else
        let modified = status.st_mtim
        let born = birth(of: path)
        #endif
        return FileIdentity(
            kind: kind, device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(status.st_ino),
            byteCount: Int64(status.st_size), modified: nanoseconds(modified), born: born)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    #if canImport(Glibc)
    private typealias ExtendedStatus = @convention(c) (Int32, UnsafePointer<CChar>, Int32, UInt32, UnsafeMutableRawPointer)
        -> Int32

    /// Linux's `statx`, which its C library shows only to programs that ask for GNU extensions.
    private static let extendedStatus: ExtendedStatus? = dlsym(nil, "statx").map {
        unsafeBitCast($0, to: ExtendedStatus.self)
    }

    /// The places of `struct statx` that are read: the mask of what is known, and seconds and nanoseconds of the birth.
    private static let birthMask: UInt32 = 0x800
    private static let maskOffset = 0
    private static let birthOffset = 80

    private static func birth(of path: String) -> Int64? {
        guard let extendedStatus else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { buffer in
            guard let base = buffer.baseAddress, extendedStatus(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, birthMask, base) == 0,
                base.load(fromByteOffset: maskOffset, as: UInt32.self) & birthMask != 0
            else { return nil }
            let seconds = base.load(fromByteOffset: birthOffset, as: Int64.self)
            let fraction = base.load(fromByteOffset: birthOffset + 8, as: UInt32.self)
            return seconds &* 1_000_000_000 &+ Int64(fraction)
        }
    }
    #endif
}
