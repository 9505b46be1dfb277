#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Everything that a file gives until its end: scripts, which may come from a pipe. Data are read by `RegularFile`.
package enum FileContents {
    /// All bytes of what is at `path`.
    /// - Throws: `FileError`, also for a folder.
    package static func bytes(of path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("read", path) }
        defer { close(descriptor) }
        return try bytes(of: descriptor, path: path)
    }

    private static let pieceBytes = 1 << 16

    /// All bytes until the end of an open file, which stays open. `path` stands in errors.
    package static func bytes(of descriptor: Int32, path: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            var (count, code): (Int, Int32) = (0, 0)
            let piece = [UInt8](unsafeUninitializedCapacity: pieceBytes) { buffer, used in
                count = read(descriptor, buffer.baseAddress, pieceBytes)
                code = errno
                used = max(count, 0)
            }
            if count == 0 { return bytes }
            if count > 0 {
                bytes += piece
            } else if code != EINTR {
                throw FileError("read", path)
            }
        }
    }
}
