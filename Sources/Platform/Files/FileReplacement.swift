#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes a file whole or not at all: the bytes go into a hidden file beside it, which then takes its name. At any
/// moment, also when the machine loses power, the old contents or the new are there.
///
/// Only a regular file is replaced: what stands at the path may be one, nothing, or a link to either (the link stays and
/// the file behind it is replaced); a device, a named pipe or a folder is an error.
package final class FileReplacement {
    /// The file that is written, behind all links.
    private let target: String
    /// Where the new bytes stand until `commit`.
    package let temporaryPath: String
    private var descriptor: Int32
    /// The permissions of a replaced file that its owner may not write to.
    private var permissions: mode_t?
    private var isFinished = false

    /// - Throws: `FileError` naming the path when it cannot be replaced; nothing has changed then.
    package init(of path: String) throws {
        let replaced: FileStatus?
        (target, replaced) = try Self.target(of: path)
        let (folder, name) = FilePath.parts(of: target)
        temporaryPath = FolderListing.path(folder, ".\(name.prefix(200)).\(getpid())-\(UInt32.random(in: 0 ... .max))")
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError("write", path) }
        var status = stat()
        // As an overwritten file it keeps its permissions and, where that is allowed, its owner.
        if replaced != nil, stat(target, &status) == 0 {
            let mode = status.st_mode & 0o7777
            // Until `commit` writers may open it by its temporary name.
            if mode & 0o200 == 0 { permissions = mode }
            fchmod(descriptor, mode | 0o200)
            _ = fchown(descriptor, status.st_uid, status.st_gid)
        }
    }

    deinit { if !isFinished { discard() } }

    /// Whether `path` could be replaced, before the work that makes the new contents.
    /// - Throws: `FileError` as `init` does.
    package static func check(_ path: String) throws {
        let (target, _) = try target(of: path)
        let folder = FilePath.folder(of: target)
        guard access(folder, W_OK | X_OK) == 0 else { throw FileError("write", path) }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try write(bytes) { start, count, _ in write(start, count) }
    }

    package func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    /// Writes over what stands at `offset`, which was written before.
    package func overwrite(_ bytes: [UInt8], at offset: Int) throws {
        try bytes.withUnsafeBytes { bytes in
            try write(bytes) { start, count, done in pwrite(descriptor, start, count, off_t(offset + done)) }
        }
    }

    /// - Parameter some: writes as much as the system takes at once of what is left after `done` bytes.
    private func write(
        _ bytes: UnsafeRawBufferPointer, _ some: (_ start: UnsafeRawPointer, _ count: Int, _ done: Int) -> Int
    ) throws {
        var done = 0
        while done < bytes.count {
            let count = some(bytes.baseAddress! + done, bytes.count - done, done)
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw FileError("write", target)
            }
        }
    }

    /// Makes the bytes durable and gives them the name.
    package func commit() throws {
        isFinished = true
        do {
            if let permissions { fchmod(descriptor, permissions) }
            guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError("write", target) }
            let closed = close(descriptor)
            descriptor = -1
            guard closed == 0 else { throw FileError("write", target) }
            guard rename(temporaryPath, target) == 0 else { throw FileError("write", target) }
            let folder = FilePath.folder(of: target)
            let handle = open(folder, O_RDONLY | O_CLOEXEC)
            guard handle >= 0 else { return }
            defer { close(handle) }
            // Some file systems cannot synchronize folders and say so with EINVAL.
            if fsync(handle) != 0, errno != EINVAL { throw FileError("synchronize", folder) }
        } catch {
            discard()
            throw error
        }
    }

    private func discard() {
        isFinished = true
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        unlink(temporaryPath)
    }

    /// Puts a file with these bytes at `path`.
    package static func write(_ bytes: [UInt8], to path: String) throws {
        let replacement = try FileReplacement(of: path)
        try replacement.write(bytes)
        try replacement.commit()
    }

    /// Puts a copy of a regular file at `path`.
    package static func copy(_ source: String, to path: String) throws {
        let input = try RegularFile.open(source)
        defer { close(input) }
        let replacement = try FileReplacement(of: path)
        let size = 1 << 20
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(input, buffer.baseAddress, size)
            if count == 0 { break }
            if count > 0 {
                try replacement.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } else if errno != EINTR {
                throw FileError("read", source)
            }
        }
        try replacement.commit()
    }

    // MARK: What is replaced

    /// The file behind the links, and what it is; nil: nothing yet.
    private static func target(of path: String) throws -> (String, FileStatus?) {
        guard let status = try FileStatus.of(path, followingLinks: false) else { return (path, nil) }
        var target = path
        var found: FileStatus? = status
        if status.kind == .link {
            let trail = try PathTrails().trail(of: FilePath.absolute(path), followingLast: true)
            guard let last = trail.steps.last, trail.missing.count <= 1 else {
                throw FileError("follow the link", path, code: ENOENT)
            }
            target = trail.missing.first.map { FolderListing.path(last.path, $0) } ?? last.path
            found = try FileStatus.of(target, followingLinks: false)
        }
        guard let found else { return (target, nil) }
        guard found.kind == .file else {
            throw FileError("write", path, reason: "it is \(found.kind.name), not a regular file")
        }
        return (target, found)
    }

    private func write(_ bytes: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes, count)
        #else
        Darwin.write(descriptor, bytes, count)
        #endif
    }
}
