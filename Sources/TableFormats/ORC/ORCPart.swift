/// Which part of which file is being read: what errors name.
struct ORCPart: Sendable {
    /// `footer`, `DATA stream of column 3`.
    var name: String
    var path: String
    /// Where the part begins in the file.
    var offset: Int

    func damaged(_ reason: String, at offset: Int? = nil) -> TableFormatError {
        TableFormatError("damaged ORC file, \(name): \(reason)", path: path, offset: offset ?? self.offset)
    }
}
