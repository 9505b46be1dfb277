/// A morsel of a text file: the lines that begin in `range`.
package struct TextSplit: Sendable, Hashable {
    package var path: String
    /// Bytes of the file; for a compressed file all of it, and the rest of this value speaks of decompressed bytes.
    package var range: Range<Int>
    package var fileSize: Int
    package var compression: TextCompression
    /// No line begins at or after this offset: where the footer begins, or the file's end.
    package var dataEnd: Int
    /// Lines to skip first: only a compressed file's, others begin behind their header.
    package var skipLines: Int
    /// Lines to leave out at the end: only a compressed file's.
    package var skipFooterLines: Int
}

/// By a file's extension, as Hadoop's codecs are chosen.
package enum TextCompression: Sendable, Hashable {
    case none
    /// `.gz`: any number of members.
    case gzip
    /// `.deflate`: one zlib stream.
    case deflate

    package init(path: String) throws {
        let name = path.split(separator: "/").last ?? ""
        let parts = name.split(separator: ".")
        switch parts.count > 1 ? parts.last.map(String.init) : nil {
        case "gz": self = .gzip
        case "deflate": self = .deflate
        case let codec? where ["bz2", "snappy", "lz4", "lzo", "zst", "zstd"].contains(codec):
            throw TableFormatError("text files compressed as .\(codec) cannot be read yet", path: path)
        default: self = .none
        }
    }
}

/// Cuts files into splits.
package enum TextSplitter {
    /// Bytes a split has at most. Small enough that the last worker's last split is short, large enough that opening
    /// and lining up cost nothing.
    package static let defaultSplitBytes = 4 << 20
}
