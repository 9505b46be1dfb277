/// Which file, folder or link a path meant when a change was planned, so that a change that is worked through again
/// after a crash acts on that one and never on another that has taken its name since.
package struct FileIdentity: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case file, folder, link, other
    }

    package var kind: Kind
    package var device: UInt64
    package var inode: UInt64
    package var byteCount: Int64
    /// Nanoseconds since 1970.
    package var modified: Int64
    /// Nanoseconds since 1970; nil where the file system does not keep it.
    package var born: Int64?

    package init(kind: Kind, device: UInt64, inode: UInt64, byteCount: Int64, modified: Int64, born: Int64?) {
        self.kind = kind
        self.device = device
        self.inode = inode
        self.byteCount = byteCount
        self.modified = modified
        self.born = born
    }

    /// Whether both are one file: also when it was renamed, or written to, since.
    ///
    /// Inode numbers are given to the next file when one is removed, and devices get other numbers when the machine
    /// starts again: the moment of birth tells files apart where it is known. Without it the device has to be the same,
    /// and a file's size and time too.
    package func isSameFile(as other: FileIdentity) -> Bool {
        guard kind == other.kind, inode == other.inode else { return false }
        if let born, let otherBorn = other.born { return born == otherBorn }
        guard device == other.device else { return false }
        return kind == .folder || hasSameContents(as: other)
    }

    /// Whether one may be a copy of the other: of one kind, size and time. Archives and some file systems keep whole
    /// seconds only.
    package func hasSameContents(as other: FileIdentity) -> Bool {
        guard kind == other.kind, kind == .folder || byteCount == other.byteCount else { return false }
        if modified == other.modified { return true }
        let second: Int64 = 1_000_000_000
        return (modified % second == 0 || other.modified % second == 0) && modified / second == other.modified / second
    }
}

/// Which folder and which metastore file a warehouse had when something was written down in it: a copy, or what was
/// restored, has others.
package struct WarehouseIdentity: Sendable, Hashable {
    package var folder: FileIdentity
    package var metastore: FileIdentity

    package init(folder: FileIdentity, metastore: FileIdentity) {
        self.folder = folder
        self.metastore = metastore
    }

    /// As the metastore keeps it.
    package var text: String { "\(folder.text)/\(metastore.text)" }

    /// nil for a text of another form.
    package init?(text: String) {
        let parts = text.split(separator: "/").map { FileIdentity(text: String($0)) }
        guard parts.count == 2, let folder = parts[0], let metastore = parts[1] else { return nil }
        self.init(folder: folder, metastore: metastore)
    }
}

extension FileIdentity {
    /// As the metastore keeps it.
    package var text: String {
        "\(kind.rawValue) \(device) \(inode) \(byteCount) \(modified) \(born.map { "\($0)" } ?? "-")"
    }

    /// nil for a text of another form.
    package init?(text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, let kind = Kind(rawValue: String(parts[0])), let device = UInt64(parts[1]),
            let inode = UInt64(parts[2]), let byteCount = Int64(parts[3]), let modified = Int64(parts[4])
        else { return nil }
        self.init(
            kind: kind, device: device, inode: inode, byteCount: byteCount, modified: modified, born: Int64(parts[5]))
    }
}
