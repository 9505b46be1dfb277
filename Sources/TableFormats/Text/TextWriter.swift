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
    /// Rows and bytes given to `write` so far.
    package private(set) var rowCount = 0
    package private(set) var byteCount = 0
    private let format: TextFormat
    private var descriptor: Int32
    private let buffer: UnsafeMutablePointer<UInt8>
    private var used = 0
    private let columns: [TextFieldWriter]

    /// Creates the file; one that is there already is emptied.
    package init(path: String, schema: [SchemaColumn], format: TextFormat) throws {
        self.path = path
        self.format = format
        columns = schema.map { TextFieldWriter(type: $0.type, format: format) }
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        buffer = .allocate(capacity: Self.bufferBytes)
        guard descriptor >= 0 else {
            throw TableFormatError("cannot create: \(String(cString: strerror(errno)))", path: path)
        }
    }

    deinit {
        if descriptor >= 0 { _ = closeDescriptor(descriptor) }
        buffer.deallocate()
    }

    /// Appends the batch's rows in order.
    /// - Precondition: the batch has the schema's columns.
    package func write(_ batch: Batch) throws {
        precondition(batch.columns.count == columns.count, "a batch must have the file's columns")
        for (writer, column) in zip(columns, batch.columns) { writer.load(column, rows: batch.rows) }
        let delimiter = format.fieldDelimiter
        for ordinal in 0..<batch.rowCount {
            for (index, writer) in columns.enumerated() {
                if index > 0 { try put(delimiter) }
                let field = writer.field(ordinal)
                try put(field.pointer, Int(field.length))
            }
            try put(0x0A)
        }
        rowCount += batch.rowCount
    }

    /// Writes what is buffered, makes it durable and closes the file.
    package func close() throws {
        guard descriptor >= 0 else { return }
        try flush()
        let open = descriptor
        descriptor = -1
        let isSynced = fsync(open) == 0
        let reason = errno
        let isClosed = closeDescriptor(open) == 0
        guard isSynced, isClosed else {
            throw TableFormatError("cannot write: \(String(cString: strerror(isSynced ? errno : reason)))", path: path)
        }
    }

    @inline(__always)
    private func put(_ byte: UInt8) throws {
        if used == Self.bufferBytes { try flush() }
        buffer[used] = byte
        used &+= 1
        byteCount &+= 1
    }

    @inline(__always)
    private func put(_ bytes: UnsafePointer<UInt8>, _ count: Int) throws {
        if count > Self.bufferBytes &- used { return try putLarge(bytes, count) }
        memcpy(buffer + used, bytes, count)
        used &+= count
        byteCount &+= count
    }

    private func putLarge(_ bytes: UnsafePointer<UInt8>, _ count: Int) throws {
        try flush()
        byteCount += count
        if count > Self.bufferBytes {
            try write(bytes, count)
        } else {
            memcpy(buffer, bytes, count)
            used = count
        }
    }

    private func flush() throws {
        try write(buffer, used)
        used = 0
    }

    private func write(_ bytes: UnsafePointer<UInt8>, _ count: Int) throws {
        var done = 0
        while done < count {
            let wrote = systemWrite(descriptor, bytes + done, count - done)
            if wrote >= 0 {
                done += wrote
            } else if errno != EINTR {
                throw TableFormatError(
                    "cannot write: \(String(cString: strerror(errno)))", path: path, offset: byteCount - count + done)
            }
        }
    }
}

// The class has methods of the same names.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

private func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) }
