import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Why a file could not be read.
struct FileAccessError: Error, CustomStringConvertible {
    let path: String
    let number: Int32

    var description: String { "File \(path): \(String(cString: strerror(number)))" }
}

enum SystemFiles {
    /// All bytes of a file; `-` is standard input.
    static func contents(of path: String) throws -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(expandingHome(path), O_RDONLY)
        guard descriptor >= 0 else { throw FileAccessError(path: path, number: errno) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count == 0 { return bytes }
            if count > 0 {
                bytes.append(contentsOf: piece[..<count])
            } else if errno != EINTR {
                throw FileAccessError(path: path, number: errno)
            }
        }
    }

    /// Makes a folder and those above it.
    static func makeFolder(_ path: String) throws {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += part + "/"
            if mkdir(made, 0o777) != 0, errno != EEXIST { throw FileAccessError(path: path, number: errno) }
        }
    }

    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(expandingHome(path), &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
    }

    static var homeFolder: String? { environmentVariable("HOME") }

    /// `~/name` stands for a file of the user's home folder.
    static func expandingHome(_ path: String) -> String {
        guard path.hasPrefix("~/"), let home = homeFolder else { return path }
        return home + path.dropFirst()
    }
}
