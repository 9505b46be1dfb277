/// Postscript and footer: the end of a file, from which all else is found.
struct ORCTail {
    let source: ORCBlockSource
    /// nil: a file of no bytes, which Hive writes for buckets without rows.
    private(set) var postscript: ORCPostscript?
    private(set) var footer: ORCFooter?
    /// The footer.
    private(set) var part: ORCPart
    /// The statistics of stripes.
    private(set) var metadata: ORCPart
    private(set) var version = ""
    private(set) var writerName = ""

    private static let magic = "ORC"

    init(_ file: FileReader, byteCount: Int, memory: ORCMemory) throws {
        part = ORCPart(name: "footer", path: file.path, offset: 0)
        metadata = ORCPart(name: "stripe statistics", path: file.path, offset: 0)
        guard byteCount > 0 else {
            source = try ORCBlockSource(file: file, compression: .none, blockSize: 1)
            return
        }
        let postscript = try Self.readPostscript(file, byteCount)
        let end = byteCount - 1 - postscript.length
        let content = postscript.content
        guard content.footerLength <= end, content.metadataLength <= end - content.footerLength else {
            throw ORCPart(name: "postscript", path: file.path, offset: end).damaged("it names a footer longer than the file")
        }
        self.postscript = content
        part.offset = end - content.footerLength
        metadata.offset = part.offset - content.metadataLength
        version = content.version.isEmpty ? "0.11" : content.version.map { "\($0)" }.joined(separator: ".")
        let major = content.version.first ?? 0
        guard major == 0 || content.version == [1, 9999] else {
            throw TableFormatError("version \(version) of ORC files cannot be read", path: file.path)
        }
        source = try ORCBlockSource(file: file, compression: content.compression, blockSize: content.blockSize)
        let bytes = try source.bytes(from: part.offset, count: content.footerLength, part: part, memory: memory)
        let footer = try bytes.withUnsafeBytes { [part] in try ORCFooter($0, part: part) }
        guard !footer.isEncrypted else { throw TableFormatError("encrypted ORC files cannot be read", path: file.path) }
        try Self.check(footer, dataEnd: metadata.offset, part: part)
        self.footer = footer
        let writers = ["ORC Java", "ORC C++", "Presto", "Scritchley Go", "Trino", "CUDF"]
        let name = writers.indices.contains(footer.writer) ? writers[footer.writer] : "writer \(footer.writer)"
        writerName = footer.softwareVersion.isEmpty ? name : "\(name) \(footer.softwareVersion)"
    }

    private static func readPostscript(_ file: FileReader, _ byteCount: Int) throws -> (content: ORCPostscript, length: Int) {
        // The last byte is the length of what stands before it.
        let count = min(byteCount, 256)
        let part = ORCPart(name: "postscript", path: file.path, offset: byteCount - count)
        var bytes = [UInt8](repeating: 0, count: count)
        let got = try bytes.withUnsafeMutableBufferPointer { buffer in
            try buffer.baseAddress.map { try file.read(into: $0, count: count, at: byteCount - count) } ?? 0
        }
        let length = Int(bytes[count - 1])
        guard got == count, length > 0, length < count else {
            throw TableFormatError("not an ORC file: it has no postscript", path: file.path)
        }
        let content: ORCPostscript
        do {
            content = try bytes[(count - 1 - length)..<(count - 1)].withUnsafeBytes { try ORCPostscript($0, part: part) }
        } catch let error as TableFormatError {
            // What does not begin as one either is another kind of file.
            guard try begins(file) else { throw TableFormatError("not an ORC file", path: file.path) }
            throw error
        }
        // The oldest files have their mark only at the beginning.
        guard try content.magic == magic || begins(file) else {
            throw TableFormatError("not an ORC file", path: file.path)
        }
        return (content, length)
    }

    private static func begins(_ file: FileReader) throws -> Bool {
        var bytes: [UInt8] = [0, 0, 0]
        let got = try bytes.withUnsafeMutableBufferPointer { buffer in
            try buffer.baseAddress.map { try file.read(into: $0, count: 3, at: 0) } ?? 0
        }
        return got == 3 && bytes == Array(magic.utf8)
    }

    /// Data of a row cannot be smaller than this part of a byte: no run and no codec is that good.
    private static let mostRowsPerByte = 1 << 24

    private static func check(_ footer: ORCFooter, dataEnd: Int, part: ORCPart) throws {
        var rows = 0
        for (number, stripe) in footer.stripes.enumerated() {
            let lengths = [stripe.offset, stripe.indexLength, stripe.dataLength, stripe.footerLength]
            guard lengths.allSatisfy({ $0 <= dataEnd }), lengths.reduce(0, +) <= dataEnd else {
                throw part.damaged("stripe \(number) does not lie in the file")
            }
            let (sum, isTooLarge) = rows.addingReportingOverflow(stripe.rowCount)
            guard (stripe.rowCount - 1) / mostRowsPerByte <= stripe.byteCount, !isTooLarge else {
                throw part.damaged("stripe \(number) cannot have \(stripe.rowCount) rows")
            }
            rows = sum
        }
        guard rows == footer.rowCount else {
            throw part.damaged("it counts \(footer.rowCount) rows, its stripes \(rows)")
        }
    }
}
