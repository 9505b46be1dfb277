#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A file that is written from its beginning to its end through a buffer that grows with what is written.
///
/// The file and the folders above it are made when the first bytes leave the buffer. Between writes the file may be
/// closed by the `OutputFileSet` that it belongs to, and opens again at its end: the number of files that are written at
/// once is bound by neither the system's limit of open files nor by memory. One worker's own.
package final class OutputFile {
    /// The largest buffer; one of a file that gets few bytes stays small.
    package static let largestBuffer = 256 << 10
    private static let smallestBuffer = 128

    package let path: String
    /// Bytes given to `append` so far.
    package var byteCount: Int { writtenBytes + used }

    private unowned let set: OutputFileSet
    private var descriptor: Int32 = -1
    private var isMade = false
    private var writtenBytes = 0
    private var buffer: UnsafeMutablePointer<UInt8>?
    private var used = 0
    fileprivate private(set) var capacity = 0
    /// Neighbours in the set's list of open files.
    fileprivate unowned(unsafe) var newer: OutputFile?
    fileprivate unowned(unsafe) var older: OutputFile?

    fileprivate init(path: String, set: OutputFileSet, isMade: Bool = false) {
        self.path = path
        self.set = set
        self.isMade = isMade
    }

    deinit {
        if descriptor >= 0 { _ = closeDescriptor(descriptor) }
        buffer?.deallocate()
    }

    /// Room for `count` more bytes, to be followed by `advance`; nil for more than a buffer takes.
    /// - Throws: `TableFormatError` when full buffers cannot be written.
    @inline(__always)
    package func room(_ count: Int) throws -> UnsafeMutablePointer<UInt8>? {
        if count > capacity &- used { try makeRoom(count) }
        return count <= capacity &- used ? buffer.map { $0 + used } : nil
    }

    @inline(__always)
    package func advance(_ count: Int) { used &+= count }

    /// - Throws: `TableFormatError` when full buffers cannot be written.
    package func append(_ bytes: UnsafePointer<UInt8>, _ count: Int) throws {
        if let place = try room(count) {
            place.update(from: bytes, count: count)
            advance(count)
        } else {
            try write(bytes, count)
        }
    }

    private func makeRoom(_ count: Int) throws {
        let wanted = used + count
        if wanted > Self.largestBuffer {
            try flush()
            guard count <= Self.largestBuffer else { return }
        }
        let needed = used + count
        guard needed > capacity else { return }
        var size = max(capacity * 2, Self.smallestBuffer)
        while size < needed { size *= 2 }
        size = min(size, Self.largestBuffer)
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        if let buffer {
            grown.update(from: buffer, count: used)
            buffer.deallocate()
        }
        set.bufferBytes += size - capacity
        buffer = grown
        capacity = size
    }

    fileprivate func flush() throws {
        guard used > 0, let buffer else { return }
        let count = used
        used = 0
        try write(buffer, count)
    }

    /// Writes what is buffered and gives the buffer back.
    fileprivate func shrink() throws {
        try flush()
        buffer?.deallocate()
        buffer = nil
        set.bufferBytes -= capacity
        capacity = 0
    }

    /// Writes what is buffered and closes the file, which is made even when nothing was ever appended. It is durable
    /// once its file system is synchronized: the caller sees to that, for all files together.
    package func close() throws {
        try shrink()
        if !isMade { try open() }
        try release()
    }

    /// Closes the descriptor; a later write opens the file again.
    fileprivate func release() throws {
        guard descriptor >= 0 else { return }
        set.forget(self)
        let open = descriptor
        descriptor = -1
        // Some file systems say only here that the bytes could not be kept.
        if closeDescriptor(open) != 0, errno != EINTR { throw error("write", errno) }
    }

    private func open() throws {
        try set.makeRoomForOne()
        // A file that is there already is somebody else's, whose rows must not be lost.
        let flags = O_WRONLY | O_CLOEXEC | (isMade ? O_APPEND : O_CREAT | O_EXCL)
        while true {
            descriptor = openDescriptor(path, flags)
            if descriptor >= 0 { break }
            let code = errno
            if code == ENOENT, !isMade {
                try Self.makeFolder(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex), for: path)
                descriptor = openDescriptor(path, flags)
                guard descriptor >= 0 else { throw error("create", errno) }
                break
            }
            // Others have so many files open that there is no room for one more of this set.
            guard code == EMFILE || code == ENFILE, try set.releaseOldest() else {
                throw error(isMade ? "open" : "create", code)
            }
        }
        isMade = true
        set.remember(self)
    }

    /// Makes a folder and those above it that are missing; others may make them at the same time.
    private static func makeFolder(_ folder: Substring, for path: String) throws {
        if mkdir(String(folder), 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = folder.lastIndex(of: "/"), slash != folder.startIndex else {
            throw TableFormatError("cannot make the folder: \(String(cString: strerror(errno)))", path: path)
        }
        try makeFolder(folder[..<slash], for: path)
        if mkdir(String(folder), 0o755) != 0, errno != EEXIST {
            throw TableFormatError("cannot make the folder: \(String(cString: strerror(errno)))", path: path)
        }
    }

    private func write(_ bytes: UnsafePointer<UInt8>, _ count: Int) throws {
        if descriptor < 0 { try open() } else { set.use(self) }
        var done = 0
        while done < count {
            let wrote = writeBytes(descriptor, bytes + done, count - done)
            if wrote >= 0 {
                done += wrote
                writtenBytes += wrote
            } else if errno != EINTR {
                throw error("write", errno)
            }
        }
    }

    private func error(_ operation: String, _ code: Int32) -> TableFormatError {
        TableFormatError("cannot \(operation): \(String(cString: strerror(code)))", path: path, offset: writtenBytes)
    }
}

/// The files that one worker writes: it bounds how many of them are open and how many bytes wait in their buffers.
package final class OutputFileSet {
    private let maximumOpen: Int
    private let maximumBufferBytes: Int
    private var files: [OutputFile] = []
    /// Bytes of all buffers.
    package fileprivate(set) var bufferBytes = 0
    private var openCount = 0
    /// Ends of the list of open files, by when they were last written to.
    private unowned(unsafe) var newest: OutputFile?
    private unowned(unsafe) var oldest: OutputFile?

    /// - Parameters:
    ///   - maximumOpen: beyond it the file that was written to longest ago is closed.
    ///   - maximumBufferBytes: beyond it all buffers are written and given back, when `settle` is called.
    package init(maximumOpen: Int, maximumBufferBytes: Int) {
        self.maximumOpen = max(maximumOpen, 1)
        self.maximumBufferBytes = maximumBufferBytes
    }

    /// A file that is made when it is first written to. There must be none at `path`.
    package func add(path: String) -> OutputFile {
        let file = OutputFile(path: path, set: self)
        files.append(file)
        return file
    }

    /// An empty file of the caller's, which it has made and watches over.
    package func add(appendingTo path: String) -> OutputFile {
        let file = OutputFile(path: path, set: self, isMade: true)
        files.append(file)
        return file
    }

    /// Keeps the bounds: called between batches.
    package func settle() throws {
        if bufferBytes > maximumBufferBytes { try flush() }
    }

    /// Writes all buffers and gives them back.
    package func flush() throws {
        for file in files where file.capacity > 0 { try file.shrink() }
    }

    // MARK: Open files

    fileprivate func makeRoomForOne() throws {
        while openCount >= maximumOpen, try releaseOldest() {}
    }

    /// Closes the file that was written to longest ago; false when none is open.
    fileprivate func releaseOldest() throws -> Bool {
        guard let oldest else { return false }
        try oldest.release()
        return true
    }

    fileprivate func remember(_ file: OutputFile) {
        openCount += 1
        file.older = newest
        file.newer = nil
        newest?.newer = file
        newest = file
        if oldest == nil { oldest = file }
    }

    fileprivate func forget(_ file: OutputFile) {
        openCount -= 1
        if let newer = file.newer { newer.older = file.older } else { newest = file.older }
        if let older = file.older { older.newer = file.newer } else { oldest = file.newer }
        file.newer = nil
        file.older = nil
    }

    fileprivate func use(_ file: OutputFile) {
        guard newest !== file else { return }
        forget(file)
        remember(file)
    }
}

// The class has methods of the same names.
private func openDescriptor(_ path: String, _ flags: Int32) -> Int32 { open(path, flags, 0o644) }

private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

private func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) }
