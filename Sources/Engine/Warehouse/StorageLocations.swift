import Catalog
import Platform

/// Finds the folder on this machine that a location URI means.
///
/// - `file:` means itself, and so does a path in the metastore. A relative path is one under the warehouse folder.
/// - A path that a statement gives without a scheme is one of the default file system: below the folder of
///   `hiveql.fs.root`, or of `fs.defaultFS` (`file:///folder`, or the URI of a file system that stands for a folder). Where
///   neither is set it means itself.
/// - `hdfs: wasb: wasbs: abfs: abfss: s3: s3a: …` mean a folder under the one that the setting `hiveql.fs.<scheme>.root`
///   names (`wasbs` also takes `wasb`'s, `s3a` and `s3n` take `s3`'s, `abfss` takes `abfs`'s). The authority (container,
///   bucket, host) is left out, unless the setting's value has `{authority}` or `{container}` in it, which it then
///   replaces, or a setting of its own is there: `hiveql.fs.<scheme>.<authority or container>.root`.
struct StorageLocations: Sendable {
    let warehouseFolder: String
    let settings: @Sendable (String) -> String?

    /// - Throws: `HiveError` when nothing is set for the scheme.
    func path(of location: String) throws -> String {
        guard let scheme = Self.scheme(of: location) else {
            if location.hasPrefix("/") { return Self.trimmed(location) }
            return location.isEmpty ? warehouseFolder : Self.trimmed("\(warehouseFolder)/\(location)")
        }
        var rest = location.dropFirst(scheme.count + 1)
        var authority = ""
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
        }
        if scheme == "file" { return Self.trimmed(rest.isEmpty ? "/" : String(rest)) }
        if scheme == "har" { return try path(of: Self.underlying(authority, rest)) }
        guard let root = root(of: scheme, authority) else {
            throw HiveError.semantic(
                "\(location): no folder stands for the file system '\(scheme)'; name one with "
                    + "SET hiveql.fs.\(scheme).root=/some/folder")
        }
        let named = Self.replacing("{container}", in: root, with: Self.container(of: authority))
        let folder = LocalFiles.absolute(Self.replacing("{authority}", in: named, with: authority))
        return Self.trimmed(folder + Self.withinRoot(rest))
    }

    /// What a path in a Hadoop archive is in the file system that the archive is in: `har://hdfs-name:8020/a.har/b` is
    /// `hdfs://name:8020/a.har/b`, where `localhost` stands for no name; `har:///a.har/b` is of this machine.
    private static func underlying(_ authority: String, _ path: some StringProtocol) -> String {
        let scheme = authority.prefix { $0 != "-" }
        guard !scheme.isEmpty, scheme != "file", scheme != "har" else { return "file:\(path)" }
        let host = authority.dropFirst(scheme.count + 1)
        return "\(scheme)://\(host == "localhost" ? "" : host)\(path)"
    }

    /// A path of a file system, in which nothing is above `/`, without `.` and `..`.
    private static func withinRoot(_ path: some StringProtocol) -> String {
        var parts: [Substring] = []
        for part in String(path).split(separator: "/") {
            if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// As DESCRIBE and SHOW CREATE TABLE print it: `file:/path`, or the URI of another scheme as it was given.
    func uri(of location: String) -> String {
        if let scheme = Self.scheme(of: location), scheme != "file" { return location }
        return (try? path(of: location)).map { "file:\($0)" } ?? location
    }

    /// What the metastore keeps for a location that the user wrote: from the warehouse's folder on when it is in there.
    /// - Throws: `HiveError` for one that says nothing, which would be the current folder, or the root.
    func stored(_ location: String) throws -> String {
        try Self.checkNotEmpty(location)
        let location = qualified(location)
        guard let scheme = Self.scheme(of: location) else { return stored(path: LocalFiles.absolute(location)) }
        guard scheme == "file" else { return Self.trimmed(location) }
        let path = LocalFiles.absolute(try self.path(of: location))
        return FilePath.part(of: path, below: warehouseFolder) ?? Self.trimmed(location)
    }

    /// What the metastore keeps for an absolute path of this machine: what is in the warehouse goes where the warehouse goes.
    func stored(path: String) -> String { FilePath.part(of: path, below: warehouseFolder) ?? path }

    /// A location that a statement gives, with the default file system before an absolute path.
    private func qualified(_ location: String) -> String {
        guard location.hasPrefix("/") else { return location }
        if let root = setting(Settings.fileSystemRoot.name) { return root + Self.withinRoot(location) }
        guard let system = setting(Settings.defaultFileSystem.name), let scheme = Self.scheme(of: system) else { return location }
        var base = system[...]
        while base.last == "/" { base.removeLast() }
        if scheme == "file" {
            let folder = (try? path(of: system)) ?? "/"
            return folder == "/" ? location : folder + Self.withinRoot(location)
        }
        // A file system that no folder stands for: scripts written for a cluster set it, and go on with paths of this machine.
        return (try? path(of: "\(base)/")) == nil ? location : base + location
    }

    private func setting(_ name: String) -> String? { settings(name).flatMap { $0.isEmpty ? nil : $0 } }

    /// What the metastore keeps for a partition's location: a relative one is under that of the table.
    func stored(_ location: String, in table: String) throws -> String {
        try Self.checkNotEmpty(location)
        guard Self.scheme(of: location) == nil, !location.hasPrefix("/") else { return try stored(location) }
        let below = LocalFiles.absolute("/\(location)")
        return Self.trimmed(Metastore.folder(table, String(below.dropFirst())))
    }

    /// - Throws: `HiveError`, as Hive does, when `location` is empty or nothing but `file:`.
    static func checkNotEmpty(_ location: String) throws {
        guard location.isEmpty || (scheme(of: location) == "file" && location.dropFirst("file:".count).isEmpty) else { return }
        throw HiveError(message: "FAILED: IllegalArgumentException Can not create a Path from an empty string", code: 40000)
    }

    /// The folder for a file system, which one of its containers may have for itself.
    private func root(of scheme: String, _ authority: String) -> String? {
        let related = ["wasbs": "wasb", "s3a": "s3", "s3n": "s3", "abfss": "abfs"][scheme]
        let names = [scheme, related].compactMap { $0 }
        let parts = [authority, Self.container(of: authority)].filter { !$0.isEmpty }
        let own = parts.flatMap { part in names.map { "\($0).\(part)" } }
        return (own + names).lazy.compactMap { setting("hiveql.fs.\($0).root") }.first
    }

    /// `box` of `box@account.blob.core.windows.net`; a bucket or host is its own name.
    private static func container(of authority: String) -> String {
        String(authority.prefix { $0 != "@" })
    }

    /// `hdfs` of `hdfs://host/path`, in lower case; nil for a plain path.
    static func scheme(of location: String) -> String? {
        guard !location.hasPrefix("/"), let colon = location.firstIndex(of: ":") else { return nil }
        let scheme = location[..<colon]
        guard let first = scheme.first, first.isLetter, !scheme.contains("/"),
            scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
        else { return nil }
        return scheme.lowercased()
    }

    private static func trimmed(_ path: String) -> String {
        // Most paths need nothing, and a table may have many.
        let slash = UInt8(ascii: "/")
        guard path.utf8.last == slash || zip(path.utf8, path.utf8.dropFirst()).contains(where: { $0 == slash && $1 == slash })
        else { return path }
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        while let double = path.range(ofDoubleSlashAfterScheme: ()) { path.remove(at: double) }
        return path
    }

    private static func replacing(_ part: String, in text: String, with value: String) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.indices.first(where: { rest[$0...].hasPrefix(part) }) {
            result += rest[..<start] + value
            rest = rest[start...].dropFirst(part.count)
        }
        return result + rest
    }
}

extension String {
    /// The position of a slash that follows another one, but for the two of `scheme://`.
    fileprivate func range(ofDoubleSlashAfterScheme _: Void) -> String.Index? {
        var previous: Character = " "
        var beforePrevious: Character = " "
        for index in indices {
            if self[index] == "/", previous == "/", beforePrevious != ":" { return index }
            if self[index] == "/", previous == "/", beforePrevious == ":" {
                previous = " "
                continue
            }
            beforePrevious = previous
            previous = self[index]
        }
        return nil
    }
}
