#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A file that no folder lists: its room is the file system's again when the object goes or the process ends, however that
/// happens. One thread writes at a time; any number read what was written.
package final class UnnamedFile: Sendable {
    /// Stands in errors.
    private let folder: String
    private let descriptor: Int32

    /// - Throws: `FileError` naming the folder when there can be no file in it.
    package init(in folder: String) throws {
        self.folder = folder
        let unnamed = Self.openUnnamed(folder)
        descriptor = unnamed >= 0 ? unnamed : try Self.openUnlinked(folder)
    }

    deinit { close(descriptor) }

    /// Writes at `offset`; the file grows as far as that needs.
    /// - Throws: `FileError`, as when the file system is full; a part may be written then.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        guard let start = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, start + done, bytes.count - done, off_t(offset + done))
            if count > 0 {
                done += count
            } else if count == 0 {
                throw FileError("write", folder, code: ENOSPC)
            } else if errno != EINTR {
                throw FileError("write", folder)
            }
        }
    }

    /// Fills `target` from `offset` on.
    /// - Throws: `FileError`, also when the file ends before.
    package func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) throws {
        guard let start = target.baseAddress else { return }
        var done = 0
        while done < target.count {
            let count = pread(descriptor, start + done, target.count - done, off_t(offset + done))
            if count > 0 {
                done += count
            } else if count == 0 {
                throw FileError("read", folder, reason: "a temporary file ends too early")
            } else if errno != EINTR {
                throw FileError("read", folder)
            }
        }
    }

    /// Opens a file that never had a name; negative where the system has none.
    private static func openUnnamed(_ folder: String) -> Int32 {
        #if os(Linux) && (arch(x86_64) || arch(arm64))
        // `O_TMPFILE` of fcntl.h, which Swift's module of the library leaves out.
        let unnamed = 0o20000000 | O_DIRECTORY
        return open(folder, unnamed | O_RDWR | O_EXCL | O_CLOEXEC, 0o600)
        #else
        return -1
        #endif
    }

    /// Opens a file whose name goes at once.
    private static func openUnlinked(_ folder: String) throws -> Int32 {
        for _ in 0..<100 {
            let path = FolderListing.path(folder, ".hiveql-\(getpid())-\(UInt64.random(in: 0 ... .max))")
            let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            if descriptor >= 0 {
                unlink(path)
                return descriptor
            }
            guard errno == EEXIST else { break }
        }
        throw FileError("make a temporary file in", folder)
    }
}
