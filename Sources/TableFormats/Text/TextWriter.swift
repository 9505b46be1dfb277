import Columnar

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes batches as the lines of one text file, byte for byte as `LazySimpleSerDe` does. One worker's own.
package final class TextWriter {
    private static let bufferBytes = 256 << 10

    package let path: String
    /// Rows given to `write` so far.
    package private(set) var rowCount = 0
    private var writtenBytes = 0
    private let format: TextFormat
    private var descriptor: Int32
    private let buffer: UnsafeMutablePointer<UInt8>
    private var used = 0
    private let columns: [TextFieldWriter]
    /// Of the batch being written: each column's fields.
    private let fields: UnsafeMutablePointer<UnsafePointer<StringView>>

    /// Creates the file; one that is there already is emptied.
    package init(path: String, schema: [SchemaColumn], format: TextFormat) throws {
        self.path = path
        self.format = format
        columns = schema.map { TextFieldWriter(type: $0.type, format: format) }
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        buffer = .allocate(capacity: Self.bufferBytes)
        fields = .allocate(capacity: max(schema.count, 1))
        guard descriptor >= 0 else {
            throw TableFormatError("cannot create: \(String(cString: strerror(errno)))", path: path)
        }
    }

    deinit {
        if descriptor >= 0 { _ = closeDescriptor(descriptor) }
        buffer.deallocate()
        fields.deallocate()
    }

    /// Appends the batch's rows in order.
    /// - Precondition: the batch has the schema's columns.
    package func write(_ batch: Batch) throws {
        precondition(batch.columns.count == columns.count, "a batch must have the file's columns")
        for (index, column) in batch.columns.enumerated() {
            fields[index] = columns[index].fields(of: column, rows: batch.rows)
        }
        let fields = fields
        let columnCount = columns.count
        let delimiter = format.fieldDelimiter
        let rowCount = batch.rowCount
        let buffer = buffer
        var used = used
        defer { self.used = used }
        for ordinal in 0..<rowCount {
            for index in 0..<columnCount {
                let field = fields[index][ordinal]
                let size = Int(field.length)
                // A delimiter before every field but the first, and the line's end.
                if Self.bufferBytes &- used < size &+ 2 {
                    try write(buffer, used)
                    used = 0
                    if size &+ 2 > Self.bufferBytes {
                        if index > 0 { try write([delimiter], 1) }
                        try write(field.pointer, size)
                        continue
                    }
                }
                if index > 0 {
                    buffer[used] = delimiter
                    used &+= 1
                }
                memcpy(buffer + used, field.pointer, size)
                used &+= size
            }
            if used == Self.bufferBytes {
                try write(buffer, used)
                used = 0
            }
            buffer[used] = 0x0A
            used &+= 1
        }
        self.rowCount += rowCount
    }

    /// Bytes given to `write` so far.
    package var byteCount: Int { writtenBytes + used }

    /// Writes what is buffered, makes it durable and closes the file.
    package func close() throws {
        guard descriptor >= 0 else { return }
        try write(buffer, used)
        used = 0
        let open = descriptor
        descriptor = -1
        let isSynced = fsync(open) == 0
        let reason = errno
        let isClosed = closeDescriptor(open) == 0
        guard isSynced, isClosed else {
            throw TableFormatError("cannot write: \(String(cString: strerror(isSynced ? errno : reason)))", path: path)
        }
    }

    private func write(_ bytes: UnsafePointer<UInt8>, _ count: Int) throws {
        var done = 0
        while done < count {
            let wrote = systemWrite(descriptor, bytes + done, count - done)
            if wrote >= 0 {
                done += wrote
                writtenBytes += wrote
            } else if errno != EINTR {
                throw TableFormatError(
                    "cannot write: \(String(cString: strerror(errno)))", path: path, offset: writtenBytes)
            }
        }
    }
}

// The class has methods of the same names.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

private func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) }
