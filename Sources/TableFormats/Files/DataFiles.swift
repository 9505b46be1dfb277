import Platform

/// A file of a table or partition.
package struct ScanFile: Sendable {
    package var path: String
    package var byteCount: Int
    /// The file when somebody holds it open; nil: whoever reads it opens it by its path.
    package var reader: FileReader?

    package init(path: String, byteCount: Int, reader: FileReader? = nil) {
        self.path = path
        self.byteCount = byteCount
        self.reader = reader
    }

    /// The open file.
    func open() throws -> FileReader { try reader ?? FileReader(path: path) }

    /// The file for whoever keeps it beside many others: open only if somebody else holds it so.
    func openForLong() throws -> FileReader { try reader ?? FileReader(path: path, staysOpen: false) }
}

/// The files that hold a table's rows.
package enum DataFiles {
    /// Hive leaves out files and folders whose names begin so.
    package static func isHidden(_ name: some StringProtocol) -> Bool {
        name.utf8.first == UInt8(ascii: "_") || name.utf8.first == UInt8(ascii: ".")
    }

    /// Every visible file under `directory`, with those in visible folders below it, sorted by path; links are followed.
    /// A `directory` that is a file is its own list; one that does not exist has no files.
    /// - Throws: `FileError` naming what cannot be read: a folder, a link that leads nowhere, what is no regular file.
    package static func list(in directory: String) throws -> [ScanFile] {
        try FileTree.files(below: directory) { !isHidden($0) }.map { ScanFile(path: $0.path, byteCount: $0.byteCount) }
    }
}
