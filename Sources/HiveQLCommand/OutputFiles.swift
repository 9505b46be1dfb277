import Platform

/// Files that a subcommand replaces.
enum OutputFiles {
    /// Where a file is, or will be.
    private struct Place: Hashable {
        /// The file, or the folder that it will be in.
        let node: FileNode
        /// nil for a file that is there.
        let name: String?
    }

    /// - Parameter inputs: files that are read.
    /// - Throws: `UsageError` when an output is another output, or an input, however their paths are spelled.
    static func check(_ outputs: [String], apartFrom inputs: [String] = []) throws {
        var known: [Place: String] = [:]
        for path in inputs { if let place = place(of: path) { known[place] = path } }
        for path in outputs {
            guard let place = place(of: path) else { continue }
            if let other = known.updateValue(path, forKey: place) {
                throw UsageError("'\(other)' and '\(path)' would go to one file, or are one")
            }
        }
    }

    /// nil for devices and pipes, which take what comes, and for what cannot be found out: writing it will tell.
    private static func place(of path: String) -> Place? {
        if let status = try? FileStatus.of(path) { return status.kind == .file ? Place(node: status.node, name: nil) : nil }
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        guard let name = parts.last else { return nil }
        let folder = (path.hasPrefix("/") ? "/" : "./") + parts.dropLast().joined(separator: "/")
        guard let status = try? FileStatus.of(folder) else { return nil }
        return Place(node: status.node, name: String(name))
    }
}
