#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What a path leads through in the file system, links followed.
package struct PathTrail: Sendable {
    package struct Step: Sendable, Hashable {
        package var node: FileNode
        package var path: String
    }

    /// The folders from `/` on without any link between them, and what the path leads to, last.
    package var steps: [Step]
    /// The links that were followed, and the link that the path ends with when that one is not.
    package var links: [Step]
    /// Names at the end of the path for which there is nothing.
    package var missing: [String]

    package var exists: Bool { missing.isEmpty }
}

/// Finds the trails of many paths; what they share is looked at once.
package final class PathTrails {
    private var known: [String: PathTrail] = [:]
    private static let linkLimit = 40

    package init() {}

    /// - Parameters:
    ///   - path: absolute, without `.` and `..`.
    ///   - followingLast: whether a link at the end is followed.
    /// - Throws: `FileError`: a folder that may not be looked into, links that lead in a circle.
    package func trail(of path: String, followingLast: Bool) throws -> PathTrail {
        guard let slash = path.lastIndex(of: "/"), path != "/" else { return try root() }
        let parent = slash == path.startIndex ? "/" : String(path[..<slash])
        let name = String(path[path.index(after: slash)...])
        guard !name.isEmpty else { return try trail(of: parent, followingLast: followingLast) }
        var trail = try folder(parent)
        try walk([name], &trail, followingLast: followingLast)
        return trail
    }

    private func folder(_ path: String) throws -> PathTrail {
        if let trail = known[path] { return trail }
        let trail = try self.trail(of: path, followingLast: true)
        known[path] = trail
        return trail
    }

    private func root() throws -> PathTrail {
        if let trail = known["/"] { return trail }
        guard let status = try FileStatus.of("/") else { throw FileError("look at", "/", code: ENOENT) }
        let trail = PathTrail(steps: [.init(node: status.node, path: "/")], links: [], missing: [])
        known["/"] = trail
        return trail
    }

    private func walk(_ names: [String], _ trail: inout PathTrail, followingLast: Bool) throws {
        var waiting = Array(names.reversed())
        while let name = waiting.popLast() {
            if name.isEmpty || name == "." { continue }
            guard trail.exists, let place = trail.steps.last else {
                trail.missing.append(name)
                continue
            }
            if name == ".." {
                if trail.steps.count > 1 { trail.steps.removeLast() }
                continue
            }
            let path = FolderListing.path(place.path, name)
            guard let status = try FileStatus.of(path, followingLinks: false) else {
                trail.missing.append(name)
                continue
            }
            let step = PathTrail.Step(node: status.node, path: path)
            guard status.kind == .link else {
                trail.steps.append(step)
                continue
            }
            trail.links.append(step)
            // A link at the end that is kept is where the trail ends.
            guard followingLast || !waiting.isEmpty else {
                trail.steps.append(step)
                return
            }
            guard trail.links.count <= Self.linkLimit else { throw FileError("follow the link", path, code: ELOOP) }
            let target = try Self.target(of: path)
            if target.hasPrefix("/") { trail.steps = Array(trail.steps[..<1]) }
            waiting += target.split(separator: "/").reversed().map(String.init)
        }
    }

    private static func target(of link: String) throws -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { readlink(link, $0.baseAddress!, $0.count) }
        }
        guard count >= 0 else { throw FileError("follow the link", link) }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}
