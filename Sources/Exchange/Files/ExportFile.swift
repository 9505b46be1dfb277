import Platform

/// A file for another program, written from its beginning to its end and given its name when it is whole.
///
/// Formats that say in front what is known only at the end (how many rows there are) write that place again.
package final class ExportFile {
    private static let capacity = 256 << 10

    /// As the user named it.
    package let path: String
    private let replacement: FileReplacement
    private var buffer: [UInt8] = []
    private var writtenCount = 0

    /// - Throws: `ExportError` when nothing can be written there.
    package init(_ path: String) throws {
        self.path = path
        do { replacement = try FileReplacement(of: path) } catch let error as FileError {
            throw ExportError(path: path, error.reason)
        }
        buffer.reserveCapacity(Self.capacity)
    }

    /// Whether a file could be written, before the work that makes its contents.
    package static func check(_ path: String) throws {
        do { try FileReplacement.check(path) } catch let error as FileError { throw ExportError(path: path, error.reason) }
    }

    /// Bytes appended so far.
    package var byteCount: Int { writtenCount + buffer.count }

    /// The bytes stand here until `commit`, for writers that open files themselves. They append, and nobody else does.
    package var stagingPath: String { replacement.temporaryPath }

    package func append(_ bytes: UnsafeRawBufferPointer) throws {
        if bytes.count > Self.capacity - buffer.count { try flush() }
        if bytes.count >= Self.capacity {
            try located { try replacement.write(bytes) }
            writtenCount += bytes.count
        } else {
            buffer.append(contentsOf: bytes)
        }
    }

    package func append(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try append($0) } }

    package func append(repeating byte: UInt8, count: Int) throws {
        if count > 0 { try append([UInt8](repeating: byte, count: count)) }
    }

    /// Writes over what stands at `offset`, which was appended before.
    package func overwrite(_ bytes: [UInt8], at offset: Int) throws {
        try flush()
        try located { try replacement.overwrite(bytes, at: offset) }
    }

    /// Makes the bytes durable and gives them the name.
    package func commit() throws {
        try flush()
        try located { try replacement.commit() }
    }

    private func flush() throws {
        guard !buffer.isEmpty else { return }
        try located { try replacement.write(buffer) }
        writtenCount += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    private func located(_ body: () throws -> Void) throws {
        do { try body() } catch let error as FileError { throw ExportError(path: path, error.reason) }
    }
}
