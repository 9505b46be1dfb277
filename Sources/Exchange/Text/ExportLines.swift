import Columnar

/// Lines of text on their way into a file, some of them at a time.
struct ExportLines {
    private static let pieceSize = 1 << 16

    /// Where a line's text is appended.
    let text = ByteBuffer(capacity: 80_000)
    private let file: ExportFile

    init(_ file: ExportFile) { self.file = file }

    /// Ends a line.
    /// - Parameter check: called now and then; throws when the user gave up.
    func endLine(check: () throws -> Void = {}) throws {
        text.append(10)
        guard text.count > Self.pieceSize else { return }
        try check()
        try flush()
    }

    /// Hands what there is to the file.
    func flush() throws {
        try file.append(UnsafeRawBufferPointer(text.bytes))
        text.removeAll()
    }
}
