import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What went wrong with a file or folder.
typealias FileError = Platform.FileError

/// Files and folders of this machine.
enum LocalFiles {
    struct Entry {
        var name: String
        var isFolder: Bool
        var byteCount: Int
        /// Milliseconds since 1970.
        var modified: Int
        var accessed: Int
    }

    static func status(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    static func exists(_ path: String) -> Bool { status(path) != nil }

    static func isFolder(_ path: String) -> Bool { status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }

    /// Makes the folder and those above it that are missing.
    static func makeFolders(_ path: String) throws {
        if isFolder(path) { return }
        let parent = self.parent(of: path)
        if parent != path, !parent.isEmpty { try makeFolders(parent) }
        if mkdir(path, 0o777) != 0, errno != EEXIST || !isFolder(path) { throw FileError("make the folder", path) }
    }

    /// Makes the folder and those above it that are missing, durably: with their names in the folders above.
    static func makeDurableFolders(_ path: String) throws {
        // Somebody who was killed since may have made it, so that even one that is there may not be durable.
        var above = [parent(of: path)]
        while let last = above.last, !exists(last), last != "/", !last.isEmpty { above.append(parent(of: last)) }
        try makeFolders(path)
        // What may not be read cannot be opened, and so not synchronized.
        try FileSynchronization.synchronize(all: above.filter { access($0, R_OK) == 0 })
    }

    /// Everything in a folder, sorted by name; links are followed, and one that leads nowhere is an error. A folder that
    /// does not exist is empty.
    static func entries(of folder: String) throws -> [Entry] {
        guard try FileStatus.of(folder) != nil else { return [] }
        return try FolderListing.entries(of: folder, links: .follow).map { entry in
            Entry(
                name: entry.name, isFolder: entry.status.kind == .folder, byteCount: entry.status.byteCount,
                modified: entry.status.modified, accessed: entry.status.accessed)
        }
    }

    /// Removes a file, or a folder with all that is in it; nothing happens when it is not there. Links are not followed.
    static func remove(_ path: String) throws { try FileRemoval.remove(path) }

    static func names(in folder: String) throws -> [String] { try FolderListing.names(in: folder) }

    /// Renames within a file system; a target that is a file is replaced.
    static func move(_ source: String, to target: String) throws {
        if rename(source, target) != 0 { throw FileError("move \(source) to", target) }
    }

    /// Copies a file's bytes, durably unless the caller sees to that.
    static func copy(_ source: String, to target: String, isDurable: Bool = true) throws {
        let input = try RegularFile.open(source)
        defer { close(input) }
        let output = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard output >= 0 else { throw FileError("write", target) }
        defer { close(output) }
        let size = 1 << 20
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(input, buffer, size)
            if count == 0 { break }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw FileError("read", source)
            }
            var written = 0
            while written < count {
                let part = write(output, buffer + written, count - written)
                guard part >= 0 else {
                    if errno == EINTR { continue }
                    throw FileError("write", target)
                }
                written += part
            }
        }
        if isDurable, fsync(output) != 0 { throw FileError("write", target) }
    }

    /// The folder, or when it is not there the nearest one above it that is.
    static func nearestFolder(_ path: String) -> String {
        var nearest = path
        while !exists(nearest), nearest != "/", !nearest.isEmpty { nearest = parent(of: nearest) }
        return nearest
    }

    /// The path without its last part; `/` for `/x`, empty for a bare name.
    static func parent(of path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "" }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    static func lastPart(of path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        return trimmed.lastIndex(of: "/").map { String(trimmed[trimmed.index(after: $0)...]) } ?? trimmed
    }

    /// An absolute path; a relative one is taken from the current folder. `.` and empty parts go away.
    static func absolute(_ path: String) -> String {
        var text = path
        if !text.hasPrefix("/") {
            guard let folder = getcwd(nil, 0) else { return path }
            text = String(cString: folder) + "/" + text
            free(folder)
        }
        var parts: [Substring] = []
        for part in text.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        // Strings: the standard library has no specialized code for joining parts of them, which takes 0.1 ms at first.
        return "/" + parts.map(String.init).joined(separator: "/")
    }

    /// The path without links, dots and empty parts; what of it is not there stays as it is written.
    static func resolved(_ path: String) -> String {
        let path = absolute(path)
        if let found = realpath(path, nil) {
            defer { free(found) }
            return String(cString: found)
        }
        let parent = self.parent(of: path)
        guard parent != path, !parent.isEmpty else { return path }
        let above = resolved(parent)
        return "\(above == "/" ? "" : above)/\(lastPart(of: path))"
    }

    /// Paths that match a pattern with `*`, `?` and `[…]`, sorted; a plain path that exists matches itself.
    /// - Throws: `FileError` for a folder that cannot be read.
    static func matching(_ pattern: String) throws -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        errno = 0
        let outcome = glob(pattern, GLOB_ERR, nil, &found)
        if outcome != 0, outcome != GLOB_NOMATCH { throw FileError("look for", pattern) }
        guard outcome == 0, let paths = found.gl_pathv else {
            return try FileStatus.of(pattern, followingLinks: false) != nil ? [pattern] : []
        }
        return (0..<Int(found.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }
    }
}
