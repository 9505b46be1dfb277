import HiveSyntax
import Platform

/// Files that a session was given by `ADD JAR | FILE | ARCHIVE`, in their order.
struct SessionResources: Sendable {
    private var paths: [ResourceKind: [String]] = [:]

    func of(_ kind: ResourceKind) -> [String] { paths[kind] ?? [] }

    mutating func add(_ path: String, _ kind: ResourceKind) {
        if !of(kind).contains(path) { paths[kind, default: []].append(path) }
    }

    /// - Returns: whether it was there.
    mutating func remove(_ path: String, _ kind: ResourceKind) -> Bool {
        guard let index = of(kind).firstIndex(of: path) else { return false }
        paths[kind]?.remove(at: index)
        return true
    }

    mutating func removeAll(_ kind: ResourceKind) { paths[kind] = nil }
}

extension StatementRunner {
    /// Libraries of Java need not be there: nothing is read of them.
    func addResources(_ kind: ResourceKind, _ paths: [String]) throws -> StatementResult {
        let added = try paths.map { written -> String in
            let path = try resourcePath(written, kind)
            guard kind == .jar || LocalFiles.exists(path) else { throw HiveError(message: "\(written) does not exist", code: 1) }
            return path
        }
        session.resources.update { resources in
            for path in added { resources.add(path, kind) }
        }
        if kind == .jar {
            warnings.append(
                "Classes of Java are not run: CREATE FUNCTION finds built-in functions that do the same as known classes.")
        } else {
            for path in added { warnings.append("Added resources: [\(path)]") }
        }
        return untimed
    }

    /// All of a kind, or those of the paths that the session has.
    func listResources(_ kind: ResourceKind, _ paths: [String]) throws -> StatementResult {
        let all = session.resources.value.of(kind)
        guard !paths.isEmpty else { return try lines(all) }
        let wanted = try paths.map { try resourcePath($0, kind) }
        return try lines(all.filter { wanted.contains($0) })
    }

    /// Takes them from the session; the files themselves stay.
    func deleteResources(_ kind: ResourceKind, _ paths: [String]) throws -> StatementResult {
        let removed = try paths.map { try resourcePath($0, kind) }
        session.resources.update { resources in
            if removed.isEmpty { resources.removeAll(kind) }
            for path in removed { _ = resources.remove(path, kind) }
        }
        return untimed
    }

    /// The path of this machine that an argument of ADD means: a path from the current folder, or a URI.
    private func resourcePath(_ written: String, _ kind: ResourceKind) throws -> String {
        var text = written
        if text.count >= 2, let quote = text.first, quote == "'" || quote == "\"", text.last == quote {
            text = String(text.dropFirst().dropLast())
        }
        guard let scheme = StorageLocations.scheme(of: text) else { return LocalFiles.absolute(HomeFolder.expanding(text)) }
        return kind == .jar && scheme != "file" ? text : try locations.path(of: text)
    }
}
