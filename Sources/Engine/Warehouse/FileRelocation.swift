import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Moves onto another file system: a copy beside the target under a hidden name, made durable, is renamed into its
/// place; then the source goes. After a crash at any point it can be done again.
enum FileRelocation {
    /// - Parameters:
    ///   - keepsSource: the copy is all.
    ///   - synchronizeTarget: makes the folders durable that the target stands in.
    /// - Throws: `FileError`. Until the copy has its name, durably, the source is as it was.
    static func move(
        _ source: String, to target: String, keepsSource: Bool = false, fault: FaultPoint?,
        synchronizeTarget: () throws -> Void = {}
    ) throws {
        let folder = LocalFiles.parent(of: target)
        let copy = coming(target)
        try removeUnfinishedCopy(at: target)
        do {
            try self.copy(source, to: copy)
        } catch {
            // No space: what was copied is of no use.
            try? LocalFiles.remove(copy)
            throw error
        }
        try fault?.pass(.copied, target)
        try LocalFiles.move(copy, to: target)
        try FileSynchronization.synchronize(folder)
        try synchronizeTarget()
        try fault?.pass(.copyInPlace, target)
        if !keepsSource { try removeSource(source) }
    }

    /// Removes what a crash left of a copy that has not got its name yet.
    static func removeUnfinishedCopy(at target: String) throws { try LocalFiles.remove(coming(target)) }

    private static func coming(_ target: String) -> String {
        "\(LocalFiles.parent(of: target))/.hive-staging_moving_\(LocalFiles.lastPart(of: target))"
    }

    /// Takes away what was copied. It loses its name first, durably, so that a half removed folder is never copied again.
    static func removeSource(_ source: String) throws {
        try LocalFiles.move(source, to: leaving(source))
        try FileSynchronization.synchronize(LocalFiles.parent(of: source))
        try removeRest(of: source)
    }

    /// Removes what is left of a source that has lost its name already.
    static func removeRest(of source: String) throws { try LocalFiles.remove(leaving(source)) }

    private static func leaving(_ source: String) -> String {
        "\(LocalFiles.parent(of: source))/.hive-staging_moved_\(LocalFiles.lastPart(of: source))"
    }

    /// Copies a file, a link as a link, or a folder with all that is in it, with permissions and times, durably.
    /// - Parameter check: called before each file; what it throws ends the copy.
    /// - Throws: `FileError`, also for what is neither file, link nor folder.
    static func copy(_ source: String, to target: String, check: () throws -> Void = {}) throws {
        var made: [String] = []
        try copy(source, to: target, made: &made, check: check)
        try FileSynchronization.synchronize(all: made)
    }

    private static func copy(
        _ source: String, to target: String, made: inout [String], check: () throws -> Void
    ) throws {
        try check()
        var status = stat()
        guard lstat(source, &status) == 0 else { throw FileError("read", source) }
        switch status.st_mode & S_IFMT {
        case S_IFLNK:
            try copyLink(source, to: target)
            return
        case S_IFDIR:
            if mkdir(target, 0o700) != 0 { throw FileError("make the folder", target) }
            for name in try LocalFiles.names(in: source) {
                try copy("\(source)/\(name)", to: "\(target)/\(name)", made: &made, check: check)
            }
        case S_IFREG: try LocalFiles.copy(source, to: target, isDurable: false)
        default: throw FileError("copy the special file", source, code: EINVAL)
        }
        // An owner other than this user can only be given by root.
        if geteuid() == 0 { _ = chown(target, status.st_uid, status.st_gid) }
        if chmod(target, status.st_mode & 0o7777) != 0 { throw FileError("set the permissions of", target) }
        #if canImport(Darwin)
        let times = [status.st_atimespec, status.st_mtimespec]
        #else
        let times = [status.st_atim, status.st_mtim]
        #endif
        if utimensat(AT_FDCWD, target, times, 0) != 0 { throw FileError("set the times of", target) }
        made.append(target)
    }

    /// Whether what has the one path holds what the other holds: byte by byte, a folder with all that is in it.
    static func isCopy(_ path: String, of original: String) throws -> Bool {
        guard let one = try FileStatus.of(path, followingLinks: false),
            let other = try FileStatus.of(original, followingLinks: false), one.kind == other.kind
        else { return false }
        switch one.kind {
        case .file: return try one.byteCount == other.byteCount && RegularFile.haveSameBytes(path, original)
        case .folder:
            let names = try LocalFiles.names(in: path)
            guard try names == LocalFiles.names(in: original) else { return false }
            return try names.allSatisfy { try isCopy("\(path)/\($0)", of: "\(original)/\($0)") }
        case .link: return try linkText(path) == linkText(original)
        default: return false
        }
    }

    private static func copyLink(_ source: String, to target: String) throws {
        if symlink(try linkText(source), target) != 0 { throw FileError("make the link", target) }
    }

    /// Where a link leads, as a C string.
    private static func linkText(_ link: String) throws -> [CChar] {
        var text = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink(link, &text, text.count - 1)
        guard count >= 0 else { throw FileError("read the link", link) }
        return Array(text[..<count]) + [0]
    }
}
