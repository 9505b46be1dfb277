#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What went wrong with a file or folder.
struct FileError: Error, CustomStringConvertible {
    let path: String
    let operation: String
    let code: Int32

    init(_ operation: String, _ path: String, code: Int32 = errno) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    var description: String { "cannot \(operation) \(path): \(String(cString: strerror(code)))" }
}

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

    /// Everything in a folder but `.` and `..`, sorted by name. A folder that does not exist is empty.
    static func entries(of folder: String) throws -> [Entry] {
        guard let handle = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw FileError("list", folder)
        }
        defer { closedir(handle) }
        var entries: [Entry] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            guard let status = status("\(folder)/\(name)") else { continue }
            entries.append(
                Entry(
                    name: name, isFolder: status.st_mode & S_IFMT == S_IFDIR, byteCount: Int(status.st_size),
                    modified: milliseconds(status.st_mtim), accessed: milliseconds(status.st_atim)))
        }
        return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    static func milliseconds(_ time: timespec) -> Int { Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000 }

    /// Removes a file, or a folder with all that is in it; nothing happens when it is not there.
    static func remove(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return }
            throw FileError("remove", path)
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            try FolderRemoval.remove(path)
        } else if unlink(path) != 0, errno != ENOENT {
            throw FileError("remove", path)
        }
    }

    private static func names(in folder: String) throws -> [String] {
        guard let handle = opendir(folder) else { throw FileError("list", folder) }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Renames within a file system; a target that is a file is replaced.
    static func move(_ source: String, to target: String) throws {
        if rename(source, target) != 0 { throw FileError("move \(source) to", target) }
    }

    /// A file's bytes.
    static func contents(of path: String) throws -> [UInt8] {
        let input = open(path, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw FileError("read", path) }
        defer { close(input) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(input, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count > 0 {
                bytes += buffer[..<count]
            } else if errno != EINTR {
                throw FileError("read", path)
            }
        }
    }

    /// Copies a file's bytes, durably.
    static func copy(_ source: String, to target: String) throws {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw FileError("read", source) }
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
        if fsync(output) != 0 { throw FileError("write", target) }
    }

    /// Copies a file or a folder with all that is in it.
    static func copyTree(_ source: String, to target: String) throws {
        guard isFolder(source) else { return try copy(source, to: target) }
        try makeFolders(target)
        for name in try names(in: source) { try copyTree("\(source)/\(name)", to: "\(target)/\(name)") }
        try synchronize(target)
    }

    /// Makes a file's bytes, or a folder's list of names, durable.
    static func synchronize(_ path: String) throws {
        let handle = open(path, O_RDONLY | O_CLOEXEC)
        guard handle >= 0 else {
            if errno == ENOENT { return }
            throw FileError("open", path)
        }
        defer { close(handle) }
        // Some file systems cannot synchronize folders and say so with EINVAL.
        if fsync(handle) != 0, errno != EINVAL { throw FileError("synchronize", path) }
    }

    /// Makes many files and folders of one file system durable: one by one, or with one call when they are many, since
    /// a file system waits for the device with each one.
    static func synchronize(all paths: [String]) throws {
        guard paths.count > mostSynchronizedAlone, let first = paths.first(where: { exists($0) }),
            try synchronizeFileSystem(of: first)
        else { return try paths.forEach { try synchronize($0) } }
    }

    /// Makes a folder durable with all that is in it, as `synchronize(all:)` does.
    static func synchronizeTree(_ folder: String) throws {
        var paths = [folder]
        if try !collect(below: folder, into: &paths), try synchronizeFileSystem(of: folder) { return }
        if paths.count > mostSynchronizedAlone { paths = try tree(folder) }
        for path in paths { try synchronize(path) }
    }

    /// Beyond so many files and folders the whole file system is synchronized, with what others wrote to it.
    private static let mostSynchronizedAlone = 4

    /// Collects the paths below a folder; false when they are many, and some are left out.
    private static func collect(below folder: String, into paths: inout [String]) throws -> Bool {
        for name in try names(in: folder) {
            guard paths.count <= mostSynchronizedAlone else { return false }
            let path = "\(folder)/\(name)"
            paths.append(path)
            if isFolder(path), try !collect(below: path, into: &paths) { return false }
        }
        return paths.count <= mostSynchronizedAlone
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

    /// Every file and folder below `folder`, and itself.
    static func tree(_ folder: String) throws -> [String] {
        var paths = [folder]
        for name in try names(in: folder) {
            let path = "\(folder)/\(name)"
            if isFolder(path) { paths += try tree(path) } else { paths.append(path) }
        }
        return paths
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
        return "/" + parts.joined(separator: "/")
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
    static func matching(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0, let paths = found.gl_pathv else {
            return exists(pattern) ? [pattern] : []
        }
        return (0..<Int(found.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }
    }
}
