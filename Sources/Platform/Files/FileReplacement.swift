#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes files so that their old or their new contents are there whole, whatever happens meanwhile.
package enum FileReplacement {
    /// Writes beside `path`, syncs, and puts the new file in the old one's place. A link at `path` stays, what it leads to
    /// is replaced; the file keeps its permissions.
    /// - Throws: `FileError`; also when something other than a regular file stands there (a device, a folder).
    package static func write(_ bytes: [UInt8], to path: String) throws {
        let place = try target(of: path)
        let permissions = try permissions(at: place)
        let temporary = "\(folder(of: place))/.\(name(of: place)).\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions ?? 0o666)
        guard descriptor >= 0 else { throw FileError("write", path) }
        do {
            defer { close(descriptor) }
            try write(bytes, descriptor, path)
            if let permissions, fchmod(descriptor, permissions) != 0 { throw FileError("write", path) }
            guard fsync(descriptor) == 0 else { throw FileError("write", path) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, place) == 0 else {
            let code = errno
            unlink(temporary)
            throw FileError("write", path, code: code)
        }
        syncFolder(folder(of: place))
    }

    /// Whether `write` may be expected to succeed, before the work that makes the bytes.
    /// - Throws: `FileError` as `write` would.
    package static func check(_ path: String) throws {
        let place = try target(of: path)
        _ = try permissions(at: place)
        guard access(folder(of: place), W_OK | X_OK) == 0 else { throw FileError("write", path) }
    }

    /// Where links lead.
    private static func target(of path: String) throws -> String {
        guard try FileStatus.of(path, followingLinks: false)?.kind == .link else { return path }
        guard let resolved = realpath(path, nil) else { throw FileError("write", path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Of the file that is there; nil when there is none.
    private static func permissions(at path: String) throws -> mode_t? {
        guard let status = try FileStatus.of(path) else { return nil }
        guard status.kind == .file else {
            throw FileError("write", path, reason: "it is \(status.kind.name), not a regular file")
        }
        var raw = stat()
        guard stat(path, &raw) == 0 else { throw FileError("write", path) }
        return raw.st_mode & 0o7777
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func name(of path: String) -> Substring {
        path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    }

    private static func write(_ bytes: [UInt8], _ descriptor: CInt, _ path: String) throws {
        try bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                #if canImport(Glibc)
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                #else
                let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
                #endif
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw FileError("write", path) }
                written += count
            }
        }
    }

    /// So that the new name is there after a loss of power. File systems that cannot sync folders are trusted.
    private static func syncFolder(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
