/// A file that cannot be read or written as its table says. Names the file and, where there is one, the offset.
package struct TableFormatError: Error, Sendable, CustomStringConvertible {
    package var message: String
    package var path: String
    /// Byte offset in the file (in the decompressed bytes when the message says so).
    package var offset: Int?

    package init(_ message: String, path: String, offset: Int? = nil) {
        self.message = message
        self.path = path
        self.offset = offset
    }

    package var description: String {
        // What a table's properties say wrong belongs to no file.
        if path.isEmpty { return message }
        guard let offset else { return "\(message): \(path)" }
        return "\(message): \(path) at byte \(offset)"
    }
}
