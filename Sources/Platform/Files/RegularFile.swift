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

    /// Whether two files hold the same bytes.
    package static func haveSameBytes(_ path: String, _ other: String) throws -> Bool {
        let (one, two) = (try open(path), try open(other))
        defer {
            close(one)
            close(two)
        }
        let size = 1 << 18
        return try withUnsafeTemporaryAllocation(byteCount: 2 * size, alignment: 16) { buffer in
            guard let first = buffer.baseAddress else { return false }
            let second = first + size
            while true {
                let count = try fill(first, size, one, path)
                guard try fill(second, size, two, other) == count, memcmp(first, second, count) == 0 else { return false }
                if count < size { return true }
            }
        }
    }

    /// Reads until the buffer is full or the file ends; gives the number of bytes.
    private static func fill(_ buffer: UnsafeMutableRawPointer, _ size: Int, _ file: Int32, _ path: String) throws -> Int {
        var filled = 0
        while filled < size {
            let count = read(file, buffer + filled, size - filled)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("read", path)
            }
            filled += count
        }
        return filled
    }

    /// All bytes.
    package static func contents(of path: String) throws -> [UInt8] {
        let input = try open(path)
        defer { close(input) }
        return try FileContents.bytes(of: input, path: path)
    }
}
