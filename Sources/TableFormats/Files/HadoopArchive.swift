import Platform

/// A Hadoop archive, such as `ALTER TABLE … ARCHIVE` makes: a folder whose name ends with `.har`, with files put together in
/// `part-0`, `part-1` …, and a text, `_index`, that says which bytes of which part each one is.
///
/// A line of the index is a path from the archive's root on, `dir` or `file`, and what is known of it, apart by blanks; a blank
/// in a path is percent-encoded (since version 2). `_masterindex` begins with the version; what follows, where in the index the
/// hashes of paths are, only saves a look at the whole index.
package struct HadoopArchive {
    /// What the URI of a file in an archive of this machine begins with.
    package static let scheme = "har://file-localhost"
    /// What Hive calls the archive of a partition.
    package static let usualName = "data.har"
    static let suffix = ".har"
    static let indexName = "_index"
    static let masterIndexName = "_masterindex"

    package struct Member: Sendable {
        /// From the archive's root on: `000000_0`, `folder/file`.
        package var name: String
        package var file: ScanFile
    }

    /// All files that it holds, sorted by their names.
    package let members: [Member]

    /// Takes a path apart that leads into an archive, or to one: the archive, and the path in it (empty: the archive itself).
    /// Of several names that end with `.har` it is the first.
    static func split(_ path: String) -> (archive: String, inside: String)? {
        guard path.utf8.count > suffix.utf8.count, path.contains(suffix) else { return nil }
        var end = path.startIndex
        while let slash = path[end...].dropFirst().firstIndex(of: "/") {
            if path[..<slash].hasSuffix(suffix) { return (String(path[..<slash]), String(path[path.index(after: slash)...])) }
            end = slash
        }
        return path.hasSuffix(suffix) ? (path, "") : nil
    }

    /// Whether the folder has what an archive has.
    package static func isArchive(_ folder: String) throws -> Bool {
        for name in [indexName, masterIndexName] {
            guard try FileStatus.of(FolderListing.path(folder, name))?.kind == .file else { return false }
        }
        return true
    }

    /// The archive that a path is, or leads into; nil: none.
    package static func holding(_ path: String) throws -> String? {
        guard let (archive, _) = split(path), try isArchive(archive) else { return nil }
        return archive
    }

    /// Reads the index.
    /// - Throws: `FileError` when it cannot be read, `TableFormatError` when it is damaged, or names bytes that are not there.
    package init(_ folder: String) throws {
        let master = FolderListing.path(folder, Self.masterIndexName)
        let head = try RegularFile.contents(of: master).prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: " ") }
        guard let version = Int(String(decoding: head, as: UTF8.self)), (1...3).contains(version) else {
            throw TableFormatError("not a Hadoop archive of version 1, 2 or 3", path: master, offset: 0)
        }
        let index = FolderListing.path(folder, Self.indexName)
        var partSizes: [String: Int] = [:]
        var offset = 0
        var members: [Member] = []
        func damaged(_ reason: String) -> TableFormatError {
            TableFormatError("damaged index of a Hadoop archive: \(reason)", path: index, offset: offset)
        }
        for line in try RegularFile.contents(of: index).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            defer { offset += line.count + 1 }
            if line.isEmpty { continue }
            let fields = line.split(separator: UInt8(ascii: " "))
            guard fields.count >= 5 else { throw damaged("a line of \(fields.count) fields") }
            guard let path = Self.decoded(fields[0], isEncoded: version > 1), let name = Self.name(path) else {
                throw damaged("a path that leads nowhere in it")
            }
            let kind = String(decoding: fields[1], as: UTF8.self)
            if kind == "dir" { continue }
            let part = String(decoding: fields[2], as: UTF8.self)
            guard kind == "file", part.hasPrefix("part-"), !part.contains("/"), !name.isEmpty else {
                throw damaged("what is neither a file in a part nor a folder")
            }
            guard let first = Int(String(decoding: fields[3], as: UTF8.self)), first >= 0,
                let count = Int(String(decoding: fields[4], as: UTF8.self)), count >= 0
            else { throw damaged("no place of '\(name)'") }
            let partPath = FolderListing.path(folder, part)
            let size = try partSizes[part] ?? FileStatus.of(partPath).map(\.byteCount) ?? 0
            partSizes[part] = size
            let (end, isTooLarge) = first.addingReportingOverflow(count)
            guard !isTooLarge, end <= size else { throw damaged("'\(name)' ends behind the end of \(part)") }
            members.append(
                Member(
                    name: name,
                    file: ScanFile(
                        path: FolderListing.path(folder, name), byteCount: count,
                        part: FilePart(path: partPath, offset: first, byteCount: count))))
        }
        self.members = members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for (one, next) in zip(self.members, self.members.dropFirst()) where one.name == next.name {
            throw TableFormatError("damaged index of a Hadoop archive: it has '\(one.name)' twice", path: index)
        }
    }

    /// Its files that hold rows.
    /// - Parameter inside: the folder or file of the archive that is meant; empty: all.
    func visibleFiles(below inside: String) -> [ScanFile] {
        let wanted = inside.split(separator: "/").joined(separator: "/")
        return members.compactMap { member in
            if member.name == wanted { return member.file }
            guard wanted.isEmpty || member.name.hasPrefix(wanted + "/") else { return nil }
            let rest = member.name.dropFirst(wanted.count).split(separator: "/")
            return rest.contains(where: DataFiles.isHidden) ? nil : member.file
        }
    }

    /// A path of the index without the slash that it begins with; nil for one that leads out of the archive.
    private static func name(_ path: String) -> String? {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { return nil }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        if path == "/" { return "" }
        return parts.contains { $0.isEmpty || $0 == "." || $0 == ".." } ? nil : parts.joined(separator: "/")
    }

    /// What Java's `URLEncoder` made the bytes of; nil when it made no such bytes.
    private static func decoded(_ bytes: some Collection<UInt8>, isEncoded: Bool) -> String? {
        guard isEncoded else { return String(validating: bytes, as: UTF8.self) }
        var plain: [UInt8] = []
        var place = bytes.startIndex
        while place < bytes.endIndex {
            let byte = bytes[place]
            bytes.formIndex(after: &place)
            switch byte {
            case UInt8(ascii: "+"): plain.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let end = bytes.index(place, offsetBy: 2, limitedBy: bytes.endIndex),
                    let code = UInt8(String(decoding: bytes[place..<end], as: UTF8.self), radix: 16)
                else { return nil }
                plain.append(code)
                place = end
            default: plain.append(byte)
            }
        }
        return String(validating: plain, as: UTF8.self)
    }
}

extension ScanFile {
    /// Its path below a folder: that of a file in an archive is without the archive's name.
    package func name(below folder: String) -> String {
        let path = String(path.dropFirst(folder.count).drop { $0 == "/" })
        guard part != nil, let (archive, inside) = HadoopArchive.split(path), !inside.isEmpty else { return path }
        let above = FilePath.folder(of: archive)
        return above == "." ? inside : FolderListing.path(above, inside)
    }

    /// Writes its bytes into a new file; the folder is there. Durable it is once its file system is synchronized.
    /// - Parameter check: called between pieces; what it throws ends the copy.
    package func write(to path: String, check: () throws -> Void) throws {
        let set = OutputFileSet(maximumOpen: 1, maximumBufferBytes: OutputFile.largestBuffer)
        let output = set.add(path: path)
        try append(to: output, check: check)
        try output.close()
    }

    func append(to output: OutputFile, check: () throws -> Void) throws {
        let reader = try open()
        let size = 1 << 20
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        defer { buffer.deallocate() }
        var done = 0
        while done < byteCount {
            try check()
            let count = try reader.read(into: buffer, count: min(size, byteCount - done), at: done)
            guard count > 0 else {
                throw TableFormatError("the file became shorter while it was read", path: path, offset: done)
            }
            try output.append(buffer, count)
            done += count
        }
    }
}
