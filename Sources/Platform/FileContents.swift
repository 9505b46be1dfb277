#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Why a file could not be read.
package struct FileContentsError: Error, CustomStringConvertible {
    package let path: String
    /// The system's error number.
    package let number: Int32

    package var description: String { "File \(path): \(String(cString: strerror(number)))" }
}

/// Whole small files: scripts and the like.
package enum FileContents {
    /// All bytes of the file at `path`.
    /// - Throws: `FileContentsError`, also for a folder.
    package static func bytes(of path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileContentsError(path: path, number: errno) }
        defer { close(descriptor) }
        return try bytes(of: descriptor, path: path)
    }

    /// All bytes until the end of an open file, which stays open. `path` stands in errors.
    package static func bytes(of descriptor: Int32, path: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count == 0 { return bytes }
            if count > 0 {
                bytes.append(contentsOf: piece[..<count])
            } else if errno != EINTR {
                throw FileContentsError(path: path, number: errno)
            }
        }
    }
}
