#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

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
}

/// The files that hold a table's rows.
package enum DataFiles {
    /// Hive leaves out files and folders whose names begin so.
    package static func isHidden(_ name: some StringProtocol) -> Bool {
        name.utf8.first == UInt8(ascii: "_") || name.utf8.first == UInt8(ascii: ".")
    }

    /// Every visible file under `directory`, with those in visible folders below it, sorted by path.
    /// A `directory` that is a file is its own list; one that does not exist has no files.
    /// - Throws: `TableFormatError` when a folder cannot be read.
    package static func list(in directory: String) throws -> [ScanFile] {
        var status = stat()
        guard stat(directory, &status) == 0 else {
            if errno == ENOENT { return [] }
            throw TableFormatError("cannot read: \(String(cString: strerror(errno)))", path: directory)
        }
        if status.st_mode & S_IFMT == S_IFREG {
            return [ScanFile(path: directory, byteCount: Int(status.st_size))]
        }
        var files: [ScanFile] = []
        try collect(directory, depth: 0, into: &files)
        return files
    }

    private static func collect(_ directory: String, depth: Int, into files: inout [ScanFile]) throws {
        guard depth < 64 else { throw TableFormatError("folders are nested too deep", path: directory) }
        guard let handle = opendir(directory) else {
            throw TableFormatError("cannot list: \(String(cString: strerror(errno)))", path: directory)
        }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !isHidden(name) { names.append(name) }
        }
        closedir(handle)
        // By bytes, as the names of Hive's bucket files order them.
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let prefix = directory.hasSuffix("/") ? directory : directory + "/"
        for name in names {
            let path = prefix + name
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFREG: files.append(ScanFile(path: path, byteCount: Int(status.st_size)))
            case S_IFDIR: try collect(path, depth: depth + 1, into: &files)
            default: continue
            }
        }
    }
}
