/// The bytes of a Parquet file's footer.
struct ParquetFooterBytes {
    private let bytes: ArraySlice<UInt8>
    private let path: String
    /// Where the footer begins.
    let start: Int

    var count: Int { bytes.count }

    /// Larger footers are refused.
    private static let largestFooter = 1 << 30
    /// Bytes at the end of a file that are read first.
    private static let usualFooter = 8192

    /// - Throws: `TableFormatError` when the file is no Parquet file, or encrypted.
    init(_ reader: FileReader, byteCount: Int) throws {
        path = reader.path
        // The magic at both ends and the footer's length; most footers come with them.
        guard byteCount >= 12 else { throw TableFormatError("no Parquet file: it has \(byteCount) bytes", path: path) }
        let usual = min(byteCount, Self.usualFooter)
        let end = try Self.bytes(usual, at: byteCount - usual, of: reader)
        let tail = Array(end.suffix(8))
        let magic = Array(tail[4...])
        if magic == Array("PARE".utf8) { throw Self.encryption(path) }
        guard magic == Array("PAR1".utf8), try Self.bytes(4, at: 0, of: reader) == magic else {
            throw TableFormatError("no Parquet file: the mark PAR1 is missing", path: path, offset: byteCount - 4)
        }
        let length = tail[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= byteCount - 12, length <= Self.largestFooter else {
            throw TableFormatError("the Parquet footer has \(length) bytes", path: path, offset: byteCount - 8)
        }
        start = byteCount - 8 - length
        bytes = length + 8 <= end.count ? end.suffix(length + 8).dropLast(8) : try Self.bytes(length, at: start, of: reader)[...]
    }

    /// What `body` makes of the bytes.
    /// - Throws: `TableFormatError` for what is no footer; what `body` throws.
    func decoded<Result>(_ body: (inout ThriftCompactReader) throws -> Result) throws -> Result {
        do {
            return try bytes.withUnsafeBufferPointer { bytes in
                var reader = ThriftCompactReader(bytes)
                do { return try body(&reader) } catch is ThriftCompactReader.EndOfBytes {
                    throw CorruptParquet("it ends inside a value")
                }
            }
        } catch let error as CorruptParquet {
            throw TableFormatError("corrupt Parquet footer: \(error.reason)", path: path, offset: start)
        }
    }

    /// The error that tells of a file that is encrypted but for its footer.
    var encryption: TableFormatError { Self.encryption(path) }

    private static func encryption(_ path: String) -> TableFormatError {
        TableFormatError("encrypted Parquet files cannot be read", path: path)
    }

    private static func bytes(_ count: Int, at offset: Int, of reader: FileReader) throws -> [UInt8] {
        var got = 0
        let bytes = try [UInt8](unsafeUninitializedCapacity: max(count, 1)) { buffer, used in
            got = try buffer.baseAddress.map { try reader.read(into: $0, count: count, at: offset) } ?? 0
            used = got
        }
        guard got == count else {
            throw TableFormatError("the file became shorter while it was read", path: reader.path, offset: offset + got)
        }
        return bytes
    }
}
