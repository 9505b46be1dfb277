import Platform

/// A file of a table or partition.
package struct ScanFile: Sendable {
    /// Where the file is; for one in a Hadoop archive the archive's path and the file's in it.
    package var path: String
    package var byteCount: Int
    /// The file when somebody holds it open; nil: whoever reads it opens it by its path.
    package var reader: FileReader?
    /// Which bytes of which file it is when it stands in an archive.
    package var part: FilePart?

    package init(path: String, byteCount: Int, reader: FileReader? = nil, part: FilePart? = nil) {
        self.path = path
        self.byteCount = byteCount
        self.reader = reader
        self.part = part
    }

    /// The file's URI, as `INPUT__FILE__NAME` gives it.
    package var uri: String { part == nil ? "file:\(path)" : "\(HadoopArchive.scheme)\(path)" }

    /// The open file.
    package func open() throws -> FileReader { try reader ?? FileReader(path: path, part: part) }

    /// The file, held open.
    package func opened() throws -> ScanFile {
        ScanFile(path: path, byteCount: byteCount, reader: try open(), part: part)
    }

    /// The file for whoever keeps it beside many others: open only if somebody else holds it so.
    func openForLong() throws -> FileReader { try reader ?? FileReader(path: path, part: part, staysOpen: false) }
}

/// The files that hold a table's rows.
package enum DataFiles {
    /// Hive leaves out files and folders whose names begin so.
    package static func isHidden(_ name: some StringProtocol) -> Bool {
        name.utf8.first == UInt8(ascii: "_") || name.utf8.first == UInt8(ascii: ".")
    }

    /// Every visible file under `directory`, with those in visible folders below it, sorted by path; links are followed.
    /// A `directory` that is a file is its own list; one that does not exist has no files. In the place of a Hadoop archive
    /// stand the files that it holds; a `directory` may also be an archive, or a folder or file in one.
    /// - Throws: `FileError` naming what cannot be read: a folder, a link that leads nowhere, what is no regular file;
    ///   `TableFormatError` for an archive whose index is damaged.
    package static func list(in directory: String) throws -> [ScanFile] {
        if let (archive, inside) = HadoopArchive.split(directory), try HadoopArchive.isArchive(archive) {
            return try HadoopArchive(archive).visibleFiles(below: inside)
        }
        let files = try FileTree.files(below: directory) { !isHidden($0) }
        guard files.contains(where: { HadoopArchive.split($0.path) != nil }) else {
            return files.map { ScanFile(path: $0.path, byteCount: $0.byteCount) }
        }
        var found: [ScanFile] = []
        var known: [String: Bool] = [:]
        for file in files {
            // The parts of an archive come one behind the other: the first one stands for all its files.
            if let (archive, _) = HadoopArchive.split(file.path) {
                let isFirst = known[archive] == nil
                let isArchive = try known[archive] ?? HadoopArchive.isArchive(archive)
                known[archive] = isArchive
                if isArchive {
                    if isFirst { found += try HadoopArchive(archive).visibleFiles(below: "") }
                    continue
                }
            }
            found.append(ScanFile(path: file.path, byteCount: file.byteCount))
        }
        return found
    }
}
