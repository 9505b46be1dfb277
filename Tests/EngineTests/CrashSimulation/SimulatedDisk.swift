#if os(Linux)
/// Files and folders by inode, as they stand on a disk, and what operations make of them.
struct SimulatedDisk: Equatable {
    struct Inode: Hashable {
        var device: UInt64
        var number: UInt64
    }

    enum Kind: Int64 {
        case file, folder, link
    }

    enum Node: Equatable {
        case file([UInt8], modified: Int64)
        case folder([String: Inode], modified: Int64)
        /// A link's text never changes.
        case link
    }

    var nodes: [Inode: Node] = [:]

    /// What a folder holds.
    func entries(of folder: Inode) -> [String: Inode] {
        if case .folder(let entries, _) = nodes[folder] { entries } else { [:] }
    }

    /// The disk after a crash.
    /// - Parameters:
    ///   - operations: those that were begun.
    ///   - keeps: which of them have got to the disk.
    ///   - torn: how many bytes of a write have, where not all did.
    func after(_ operations: some Sequence<FileOperation>, keeps: [Bool]? = nil, torn: [Int: Int] = [:]) -> SimulatedDisk {
        var disk = self
        // A file may have its bytes on the disk when its name is lost, so that it is there in any case.
        for case .make(let inode, let kind, _) in operations {
            disk.nodes[inode] =
                switch kind {
                case .file: .file([], modified: 0)
                case .folder: .folder([:], modified: 0)
                case .link: .link
                }
        }
        for (position, operation) in operations.enumerated() where keeps?[position] ?? true {
            disk.apply(operation, at: position, byteLimit: torn[position])
        }
        return disk
    }

    private mutating func apply(_ operation: FileOperation, at position: Int, byteLimit: Int?) {
        switch operation {
        case .make(let inode, _, let place), .link(let inode, let place): self[place] = inode
        case .rename(let inode, let from, let to):
            self[from] = nil
            self[to] = inode
        case .remove(let place): self[place] = nil
        case .write(let inode, let offset, let data, let modified):
            change(inode, modified) { bytes in
                let data = byteLimit.map { data.prefix($0) } ?? data[...]
                let end = offset + data.count
                if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
                bytes.replaceSubrange(offset..<end, with: data)
            }
        case .truncate(let inode, let size, let modified):
            change(inode, modified) { bytes in
                bytes = Array(bytes.prefix(size)) + [UInt8](repeating: 0, count: max(size - bytes.count, 0))
            }
        case .setTimes(let inode, let modified):
            if case .folder(let entries, _) = nodes[inode] {
                nodes[inode] = .folder(entries, modified: modified)
            } else {
                change(inode, modified) { _ in }
            }
        case .synchronize, .synchronizeDevice, .reportSuccess: break
        }
        // The moment itself does not matter, but that it is another one.
        for folder in operation.folders { nodes[folder] = .folder(entries(of: folder), modified: Int64(position + 1)) }
    }

    private subscript(place: FileOperation.Place) -> Inode? {
        get { entries(of: place.folder)[place.name] }
        set {
            var entries = entries(of: place.folder)
            entries[place.name] = newValue
            nodes[place.folder] = .folder(entries, modified: 0)
        }
    }

    private mutating func change(_ inode: Inode, _ modified: Int64, _ body: (inout [UInt8]) -> Void) {
        guard case .file(var bytes, _) = nodes[inode] else { return }
        nodes[inode] = .link
        body(&bytes)
        nodes[inode] = .file(bytes, modified: modified)
    }

    /// Every path below a folder, with the contents of files: what a program can see.
    func listing(of folder: Inode, prefix: String = "") -> [String: [UInt8]?] {
        var listing: [String: [UInt8]?] = [:]
        for (name, inode) in entries(of: folder) {
            switch nodes[inode] {
            case .file(let bytes, _): listing[prefix + name] = .some(bytes)
            case .folder:
                listing[prefix + name + "/"] = .some(nil)
                listing.merge(self.listing(of: inode, prefix: prefix + name + "/")) { $1 }
            case .link, nil: listing[prefix + name] = .some(nil)
            }
        }
        return listing
    }
}

/// What a process does to a file system.
enum FileOperation: Equatable {
    struct Place: Hashable {
        var folder: SimulatedDisk.Inode
        var name: String
    }

    case make(SimulatedDisk.Inode, SimulatedDisk.Kind, Place)
    case link(SimulatedDisk.Inode, Place)
    case rename(SimulatedDisk.Inode, from: Place, to: Place)
    case remove(Place)
    case write(SimulatedDisk.Inode, offset: Int, [UInt8], modified: Int64)
    case truncate(SimulatedDisk.Inode, to: Int, modified: Int64)
    case setTimes(SimulatedDisk.Inode, modified: Int64)
    case synchronize(SimulatedDisk.Inode)
    case synchronizeDevice(UInt64)
    /// The process has said that it is done: from now on everything has to be there.
    case reportSuccess

    /// The folders whose lists of names it changes.
    var folders: [SimulatedDisk.Inode] {
        switch self {
        case .make(_, _, let place), .link(_, let place), .remove(let place): [place.folder]
        case .rename(_, let from, let to): from.folder == to.folder ? [from.folder] : [from.folder, to.folder]
        default: []
        }
    }

    /// The file whose contents it changes.
    var file: SimulatedDisk.Inode? {
        switch self {
        case .write(let inode, _, _, _), .truncate(let inode, _, _), .setTimes(let inode, _): inode
        default: nil
        }
    }
}
#endif
