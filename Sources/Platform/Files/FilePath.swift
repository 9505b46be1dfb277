/// Parts of paths, taken from their text.
package enum FilePath {
    /// The folder that a path names something in: `/` for `/x`, `.` for a bare name. A slash at the end counts for nothing.
    package static func folder(of path: String) -> String { parts(of: path).folder }

    /// The folder and the name in it.
    package static func parts(of path: String) -> (folder: String, name: String) {
        let trimmed = path.utf8.count > 1 && path.hasSuffix("/") ? path.dropLast() : path[...]
        guard let slash = trimmed.lastIndex(of: "/") else { return (".", String(trimmed)) }
        let name = String(trimmed[trimmed.index(after: slash)...])
        return (slash == trimmed.startIndex ? "/" : String(trimmed[..<slash]), name)
    }
}
