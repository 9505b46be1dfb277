import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes a Hadoop archive of version 3, as `hadoop archive` and so Hive make it.
package struct HadoopArchiveWriter {
    /// Lines of the index that a line of the master index is about.
    private static let linesTogether = 1000

    private struct Line {
        /// Of the path, as Java hashes texts, without a sign: the index is in its order.
        var hash: Int32
        var text: String
    }

    private var lines: [Line] = []
    /// Names of what stands in each folder, whose path begins with a slash.
    private var children: [String: [String]] = ["/": []]

    package init() {}

    /// Makes `folder`, which is not there, and in it an archive of the files.
    /// - Parameters:
    ///   - files: with their names from the archive's root on (`000000_0`, `folder/file`), each of which is there once.
    ///   - check: called between pieces of files; what it throws ends the work.
    /// - Throws: `FileError`, `TableFormatError` for a file that cannot be read or has become shorter.
    package static func write(_ files: [(name: String, file: ScanFile)], to folder: String, check: () throws -> Void) throws {
        guard mkdir(folder, 0o777) == 0 else { throw FileError("make the folder", folder) }
        var writer = HadoopArchiveWriter()
        let part = FolderListing.path(folder, "part-0")
        let set = OutputFileSet(maximumOpen: 1, maximumBufferBytes: OutputFile.largestBuffer)
        let bytes = set.add(path: part)
        for (name, file) in files {
            let first = bytes.byteCount
            try file.append(to: bytes, check: check)
            writer.add(
                "/" + name, first: first, count: bytes.byteCount - first, properties: properties(of: file.part?.path ?? file.path))
        }
        try bytes.close()
        try writer.writeIndex(to: folder)
    }

    private mutating func add(_ path: String, first: Int, count: Int, properties: String) {
        // The folders above it, down to the first one that is known.
        var below = path
        while below != "/" {
            let (folder, name) = FilePath.parts(of: below)
            let isKnown = children[folder] != nil
            children[folder, default: []].append(name)
            if isKnown { break }
            below = folder
        }
        add(path, "\(Self.encoded(path)) file part-0 \(first) \(count) \(properties) ")
    }

    private mutating func add(_ path: String, _ text: String) {
        var hash: Int32 = 0
        for unit in path.utf16 { hash = hash &* 31 &+ Int32(unit) }
        lines.append(Line(hash: hash & .max, text: text))
    }

    private mutating func writeIndex(to folder: String) throws {
        let properties = Self.properties(of: folder)
        for (path, names) in children.sorted(by: { $0.key < $1.key }) {
            let listed = names.map { Self.encoded($0) + " " }.joined()
            add(path, "\(Self.encoded(path)) dir \(properties) 0 0 \(listed)")
        }
        lines.sort { ($0.hash, $0.text) < ($1.hash, $1.text) }
        var index: [UInt8] = []
        var master = "3 \n"
        var first = 0
        var firstHash: Int32 = 0
        for (place, line) in lines.enumerated() {
            index += line.text.utf8
            index.append(UInt8(ascii: "\n"))
            guard (place + 1) % Self.linesTogether == 0 || place == lines.count - 1 else { continue }
            master += "\(firstHash) \(line.hash) \(first) \(index.count) \n"
            first = index.count
            firstHash = line.hash
        }
        try FileReplacement.write(index, to: FolderListing.path(folder, HadoopArchive.indexName))
        try FileReplacement.write(Array(master.utf8), to: FolderListing.path(folder, HadoopArchive.masterIndexName))
    }

    /// When a file was written, its permissions, owner and group.
    private static func properties(of path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return encoded("0 420 root root") }
        let owner = getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) } ?? "\(status.st_uid)"
        let group = getgrgid(status.st_gid).map { String(cString: $0.pointee.gr_name) } ?? "\(status.st_gid)"
        return encoded("\(FileStatus(status).modified) \(status.st_mode & 0o777) \(encoded(owner)) \(encoded(group))")
    }

    /// As Java's `URLEncoder` writes it.
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "_"):
                result.append(byte)
            case UInt8(ascii: " "): result.append(UInt8(ascii: "+"))
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
