#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What went wrong with a file or folder.
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    package let path: String
    package let operation: String
    /// The system's error number; 0 when `reason` says it all.
    package let code: Int32
    /// In the system's words, or the product's.
    package let reason: String

    package init(_ operation: String, _ path: String, code: Int32 = errno) {
        self.operation = operation
        self.path = path
        self.code = code
        reason = String(cString: strerror(code))
    }

    package init(_ operation: String, _ path: String, reason: String) {
        self.operation = operation
        self.path = path
        self.reason = reason
        code = 0
    }

    /// There is nothing at the path.
    package var isAbsent: Bool { code == ENOENT || code == ENOTDIR }

    /// Whether a rename failed because source and target are on different file systems.
    package var isOtherFileSystem: Bool { code == EXDEV }

    package var description: String { "cannot \(operation) \(path): \(reason)" }
}
