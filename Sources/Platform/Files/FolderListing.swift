#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What is in a folder. An error of the system while it is read is an error here, never the end of the folder.
package enum FolderListing {
    package struct Entry: Sendable, Hashable {
        package var name: String
        package var status: FileStatus
    }

    package enum Links: Sendable {
        /// An entry is what its link leads to. A link that leads nowhere is an error that names it.
        case follow
        /// A link is an entry of its own.
        case keep
        /// As `follow`; a link that leads nowhere is an entry of its own.
        case followOrKeep
    }

    #if canImport(Darwin)
    package typealias Stream = UnsafeMutablePointer<DIR>
    #else
    package typealias Stream = OpaquePointer
    #endif
    /// `readdir`, or what stands for it in tests: nil with `errno` 0 is the end.
    package typealias Reader = (Stream) -> UnsafeMutablePointer<dirent>?

    /// All names but `.` and `..`, sorted by their bytes, as the names of Hive's bucket files order them.
    /// - Throws: `FileError` naming the folder; also for a name that is not UTF-8, which no path here can lead to.
    package static func names(in folder: String, reader: Reader = { readdir($0) }) throws -> [String] {
        try withNames(in: folder, reader: reader, where: { _ in true }) { names, _ in names }
    }

    /// The entries whose names `isWanted`, sorted by name; the others are not looked at.
    ///
    /// A file that vanishes between the reading of its name and the look at it is left out when `toleratesVanishing`:
    /// right for who cleans up beside others, wrong under a table's lock, where it is an error.
    package static func entries(
        of folder: String, links: Links, toleratesVanishing: Bool = false, reader: Reader = { readdir($0) },
        where isWanted: (String) -> Bool = { _ in true }
    ) throws -> [Entry] {
        try withNames(in: folder, reader: reader, where: isWanted) { names, handle in
            try names.compactMap { name in
                var status = stat()
                if fstatat(handle, name, &status, links == .keep ? AT_SYMLINK_NOFOLLOW : 0) == 0 {
                    return Entry(name: name, status: FileStatus(status))
                }
                let code = errno
                let path = path(folder, name)
                guard code == ENOENT else { throw FileError("look at", path, code: code) }
                guard links != .keep, fstatat(handle, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                    if toleratesVanishing { return nil }
                    throw FileError("look at", path, reason: "it vanished while its folder was read")
                }
                // It is there: a link that leads nowhere.
                guard links == .followOrKeep else { throw FileError("follow the link", path, code: code) }
                return Entry(name: name, status: FileStatus(status))
            }
        }
    }

    package static func path(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// Runs `body` with the sorted names and the open folder.
    private static func withNames<Result>(
        in folder: String, reader: Reader, where isWanted: (String) -> Bool,
        _ body: ([String], Int32) throws -> Result
    ) throws -> Result {
        guard let stream = opendir(folder) else { throw FileError("list", folder) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = reader(stream) else {
                let code = errno
                if code != 0 { throw FileError("list", folder, code: code) }
                break
            }
            let (name, isWhole) = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { text in
                    String(validatingCString: text).map { ($0, true) } ?? (String(cString: text), false)
                }
            }
            if name == "." || name == ".." || !isWanted(name) { continue }
            guard isWhole else {
                throw FileError("read the name of", path(folder, name), reason: "it is not in UTF-8")
            }
            names.append(name)
        }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return try body(names, dirfd(stream))
    }
}
