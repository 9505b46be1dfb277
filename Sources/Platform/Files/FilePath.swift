#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Parts of paths, taken from their text.
package enum FilePath {
    /// The folder that a path names something in: `/` for `/x`, `.` for a bare name. A slash at the end counts for nothing.
    package static func folder(of path: String) -> String { parts(of: path).folder }

    /// The part of a path behind `folder`, as both are spelled; nil when it is not below it.
    package static func part(of path: String, below folder: String) -> String? {
        let prefix = FolderListing.path(folder, "")
        guard path.utf8.count > prefix.utf8.count, path.utf8.starts(with: prefix.utf8) else { return nil }
        return String(path.utf8.dropFirst(prefix.utf8.count))
    }

    /// The folder and the name in it.
    package static func parts(of path: String) -> (folder: String, name: String) {
        let trimmed = path.utf8.count > 1 && path.hasSuffix("/") ? path.dropLast() : path[...]
        guard let slash = trimmed.lastIndex(of: "/") else { return (".", String(trimmed)) }
        let name = String(trimmed[trimmed.index(after: slash)...])
        return (slash == trimmed.startIndex ? "/" : String(trimmed[..<slash]), name)
    }

    /// A relative path as one from the root, by the folder that the process is in.
    package static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return FolderListing.path(String(cString: folder), path)
    }
}
