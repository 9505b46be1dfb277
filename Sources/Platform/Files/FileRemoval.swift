#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Removes files and folders with all that is in them.
package enum FileRemoval {
    /// Removes a file, a link (what it leads to stays), or a folder with all that is in it. Nothing happens when there is
    /// nothing; somebody else may remove the same at the same time.
    /// - Parameter isSpared: asked for each folder before it is opened, also below `path`, where another file system may
    ///   be mounted over it.
    /// - Throws: `FileError` naming what cannot be removed; what was met before is gone.
    package static func remove(_ path: String, isSpared: (FileNode) -> Bool = { _ in false }) throws {
        try remove(Array(path.utf8CString), isSpared)
    }

    /// Names are bytes here: one that is not UTF-8 can be removed too.
    private static func remove(_ path: [CChar], _ isSpared: (FileNode) -> Bool) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return }
            throw FileError("remove", text(path))
        }
        let found = FileStatus(status)
        guard found.kind == .folder else {
            if unlink(path) != 0, errno != ENOENT { throw FileError("remove", text(path)) }
            return
        }
        guard !isSpared(found.node) else {
            throw FileError("remove", text(path), reason: "it holds what does not belong to it")
        }
        // Others may put files into the folder until it is gone; not for ever.
        for _ in 0..<100 {
            guard let names = try names(in: path, found.node) else { return }
            for name in names { try remove(path.dropLast() + [CChar(bitPattern: UInt8(ascii: "/"))] + name, isSpared) }
            if rmdir(path) == 0 || errno == ENOENT { return }
            guard errno == ENOTEMPTY || errno == EEXIST else { break }
        }
        throw FileError("remove", text(path))
    }

    /// nil when the folder is gone.
    private static func names(in folder: [CChar], _ node: FileNode) throws -> [[CChar]]? {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0, let stream = fdopendir(descriptor) else {
            let code = errno
            if descriptor >= 0 { close(descriptor) }
            if code == ENOENT { return nil }
            throw FileError("list", text(folder), code: code)
        }
        defer { closedir(stream) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, FileStatus(status).node == node else {
            throw FileError("remove", text(folder), reason: "another folder took its place")
        }
        var names: [[CChar]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                let code = errno
                if code != 0, code != ENOENT { throw FileError("list", text(folder), code: code) }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)) }
            }
            let dot = CChar(bitPattern: UInt8(ascii: "."))
            if name != [dot, 0], name != [dot, dot, 0] { names.append(name) }
        }
    }

    private static func text(_ path: [CChar]) -> String {
        String(decoding: path.dropLast().lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
