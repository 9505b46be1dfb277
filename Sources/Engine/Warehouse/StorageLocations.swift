import Catalog
import Platform

/// Finds the folder on this machine that a location URI means.
///
/// - A plain path and `file:` mean themselves. A relative path is one under the warehouse folder.
/// - `hdfs: wasb: wasbs: abfs: abfss: s3: s3a: …` mean a folder under the one that the setting `hiveql.fs.<scheme>.root`
///   names (`wasbs` also takes `wasb`'s, `s3a` and `s3n` take `s3`'s, `abfss` takes `abfs`'s). The authority (container,
///   bucket, host) is left out, unless the setting's value has `{authority}` in it, which it then replaces.
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
        guard let root = root(of: scheme) else {
            throw HiveError.semantic(
                "\(location): no folder stands for the file system '\(scheme)'; name one with "
                    + "SET hiveql.fs.\(scheme).root=/some/folder")
        }
        let folder = LocalFiles.absolute(Self.replacing("{authority}", in: root, with: authority))
        return Self.trimmed("\(folder)/\(rest)")
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
        let scheme = Self.scheme(of: location)
        guard scheme == nil || scheme == "file" else { return Self.trimmed(location) }
        let path = LocalFiles.absolute(scheme == nil ? location : try self.path(of: location))
        // What is in the warehouse goes where the warehouse goes.
        return FilePath.part(of: path, below: warehouseFolder) ?? (scheme == nil ? path : Self.trimmed(location))
    }

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

    private func root(of scheme: String) -> String? {
        let related = ["wasbs": "wasb", "s3a": "s3", "s3n": "s3", "abfss": "abfs"][scheme]
        for name in [scheme, related].compactMap({ $0 }) {
            if let root = settings("hiveql.fs.\(name).root"), !root.isEmpty { return root }
        }
        return nil
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
