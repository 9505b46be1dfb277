import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Bytes in order, read in large pieces.
protocol ByteSource: AnyObject {
    /// Lines that begin at or behind this many bytes are not wanted. It is known before bytes behind it are read, when the
    /// source ends a split inside a file.
    var lineLimit: Int? { get }

    /// Fills up to `count` bytes of `target`; 0 at the end.
    func read(into target: UnsafeMutablePointer<UInt8>, count: Int) throws -> Int
}

extension ByteSource {
    var lineLimit: Int? { nil }
}

/// Bytes of a file that are a file by themselves, as those in a Hadoop archive are.
package struct FilePart: Sendable, Hashable {
    /// Of the file that holds them.
    package var path: String
    package var offset: Int
    package var byteCount: Int
}

/// An open file, which any number of threads read. Reading copies: a file that shrinks under a memory map would kill the
/// process, here it is an error. Its bytes stay readable when the file is removed or another takes its name.
package final class FileReader: Sendable {
    package let path: String
    /// Which bytes of another file it is; nil: it is all of the file at `path`.
    private let part: FilePart?
    /// nil: opened for each read.
    private let descriptor: Int32?

    /// - Parameter staysOpen: false for one of more files than a process may have open: each read opens it.
    package init(path: String, part: FilePart? = nil, staysOpen: Bool = true) throws {
        self.path = path
        self.part = part
        descriptor = staysOpen ? try RegularFile.open(part?.path ?? path) : nil
    }

    deinit { if let descriptor { close(descriptor) } }

    private func withDescriptor<Result>(_ body: (Int32) throws -> Result) throws -> Result {
        if let descriptor { return try body(descriptor) }
        let own = try RegularFile.open(part?.path ?? path)
        defer { close(own) }
        return try body(own)
    }

    /// Bytes of the file now.
    func size() throws -> Int { try version().byteCount }

    /// Which bytes the file has now.
    func version() throws -> FileVersion { try withDescriptor(version) }

    private func version(_ descriptor: Int32) throws -> FileVersion {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw TableFormatError("cannot look at: \(String(cString: strerror(errno)))", path: path)
        }
        var version = FileVersion(status)
        if let part { version.byteCount = max(min(part.byteCount, version.byteCount - part.offset), 0) }
        return version
    }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(into target: UnsafeMutablePointer<UInt8>, count: Int, at offset: Int) throws -> Int {
        try withDescriptor { try read($0, into: target, count: count, at: offset) }
    }

    private func read(
        _ descriptor: Int32, into target: UnsafeMutablePointer<UInt8>, count: Int, at offset: Int
    ) throws -> Int {
        let first = part?.offset ?? 0
        let count = part.map { min(count, max($0.byteCount - offset, 0)) } ?? count
        var done = 0
        while done < count {
            let got = pread(descriptor, target + done, count - done, off_t(first + offset + done))
            if got > 0 {
                done += got
            } else if got == 0 {
                break
            } else if errno != EINTR {
                throw TableFormatError(
                    "cannot read: \(String(cString: strerror(errno)))", path: path, offset: offset + done)
            }
        }
        return done
    }
}

/// The bytes of a file between two offsets, all of which must be there.
final class FileRange: ByteSource {
    private let file: FileReader
    private var offset: Int
    private let end: Int

    init(_ file: FileReader, from start: Int, to end: Int) {
        self.file = file
        offset = start
        self.end = end
    }

    func read(into target: UnsafeMutablePointer<UInt8>, count: Int) throws -> Int {
        let wanted = min(count, end - offset)
        guard wanted > 0 else { return 0 }
        let got = try file.read(into: target, count: wanted, at: offset)
        guard got == wanted else {
            throw TableFormatError("the file became shorter while it was read", path: file.path, offset: offset + got)
        }
        offset += got
        return got
    }
}
