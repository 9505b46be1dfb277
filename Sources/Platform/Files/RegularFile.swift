#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Files as data: only regular ones are. A named pipe or a device may keep its reader waiting for ever.
package enum RegularFile {
    /// Opens for reading; the caller closes the descriptor.
    /// - Throws: `FileError` when there is none, or it is not a regular file.
    package static func open(_ path: String) throws -> Int32 {
        // Without waiting: a named pipe would not open before somebody writes into it.
        let descriptor = openForReading(path)
        guard descriptor >= 0 else { throw FileError("read", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw FileError("read", path, code: code)
        }
        let kind = FileStatus(status).kind
        guard kind == .file else {
            close(descriptor)
            throw FileError("read", path, reason: "it is \(kind.name), not a regular file")
        }
        return descriptor
    }

    private static func openForReading(_ path: String) -> Int32 {
        #if canImport(Glibc)
        Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        #else
        Darwin.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        #endif
    }

    /// All bytes.
    package static func contents(of path: String) throws -> [UInt8] {
        let input = try open(path)
        defer { close(input) }
        return try FileContents.bytes(of: input, path: path)
    }
}
