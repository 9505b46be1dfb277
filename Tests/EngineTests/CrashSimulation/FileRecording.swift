#if os(Linux)
import FileRecorder
import Glibc
import Platform
import TestSupport

/// What a process did to some folders.
struct FileRecording {
    /// The folders before, with all that was in them.
    var initial = SimulatedDisk()
    var roots: [SimulatedDisk.Inode] = []
    var operations: [FileOperation] = [] {
        didSet { inodes = Set(initial.after(operations).nodes.keys) }
    }
    /// How the process ended.
    var end = ChildProcess.End.exit(0)
    /// All that there ever were.
    private(set) var inodes = Set<SimulatedDisk.Inode>()

    /// Reads the log of `file_recorder_start`.
    static func operations(inLog path: String) throws -> [FileOperation] {
        let bytes = try RegularFile.contents(of: path)
        var operations: [FileOperation] = []
        var position = 0
        func take(_ count: UInt32) -> ArraySlice<UInt8> {
            defer { position += Int(count) }
            return bytes[position..<position + Int(count)]
        }
        while position + MemoryLayout<file_record>.size <= bytes.count {
            let record = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: file_record.self) }
            position += MemoryLayout<file_record>.size
            let name = String(decoding: take(record.name_bytes), as: UTF8.self)
            let secondName = String(decoding: take(record.second_name_bytes), as: UTF8.self)
            let data = Array(take(record.data_bytes))
            func inode(_ number: UInt64) -> SimulatedDisk.Inode { .init(device: record.device, number: number) }
            let place = FileOperation.Place(folder: inode(record.folder), name: name)
            let modified = record.modified
            let file = inode(record.inode)
            switch record.kind {
            case UInt32(file_created):
                operations.append(.make(file, .init(rawValue: record.detail) ?? .file, place))
            case UInt32(file_linked): operations.append(.link(file, place))
            case UInt32(file_renamed):
                let second = FileOperation.Place(folder: inode(record.second_folder), name: secondName)
                operations.append(.rename(file, from: place, to: second))
            case UInt32(file_removed): operations.append(.remove(place))
            case UInt32(file_written):
                operations.append(.write(file, offset: Int(record.detail), data, modified: modified))
            case UInt32(file_truncated):
                operations.append(.truncate(file, to: Int(record.detail), modified: modified))
            case UInt32(file_times_set): operations.append(.setTimes(file, modified: modified))
            case UInt32(file_synchronized): operations.append(.synchronize(file))
            case UInt32(device_synchronized): operations.append(.synchronizeDevice(record.device))
            default: operations.append(.reportSuccess)
            }
        }
        return operations
    }

    /// Paths and contents on a disk that has the folders; not shared memory, which is not written with calls.
    func listing(_ disk: SimulatedDisk) -> [String: [UInt8]?] {
        var listing: [String: [UInt8]?] = [:]
        for (position, root) in roots.enumerated() {
            listing.merge(disk.listing(of: root, prefix: "$\(position)/")) { $1 }
        }
        return listing.filter { !$0.key.hasSuffix("-shm") }
    }

    /// Operations in words, for who has to find out what went wrong.
    func lines(_ crash: SimulatedCrash) -> [String] {
        var names: [SimulatedDisk.Inode: String] = [:]
        func name(_ disk: SimulatedDisk, _ folder: SimulatedDisk.Inode, _ path: String) {
            names[folder] = path
            for (entry, inode) in disk.entries(of: folder) { name(disk, inode, "\(path)/\(entry)") }
        }
        for (position, root) in roots.enumerated() { name(initial, root, "$\(position)") }
        func path(_ place: FileOperation.Place) -> String { "\(names[place.folder] ?? "?")/\(place.name)" }
        return operations[..<crash.point].enumerated().compactMap { position, operation -> String? in
            let text: String
            switch operation {
            case .make(let inode, let kind, let place):
                names[inode] = path(place)
                text = "make \(kind) \(path(place))"
            case .link(_, let place): text = "link \(path(place))"
            case .rename(let inode, let from, let to):
                text = "rename \(path(from)) to \(path(to))"
                names[inode] = path(to)
            case .remove(let place): text = "remove \(path(place))"
            case .write(let inode, let offset, let data, _):
                text = "write \(names[inode] ?? "?") at \(offset): \(data.count)"
            case .truncate(let inode, let size, _): text = "truncate \(names[inode] ?? "?") to \(size)"
            case .setTimes(let inode, _): text = "times of \(names[inode] ?? "?")"
            case .synchronize(let inode): return "     synchronize \(names[inode] ?? "?")"
            case .synchronizeDevice: return "     synchronize the device"
            case .reportSuccess: return "     success"
            }
            return (crash.keeps[position] ? "kept " : "LOST ") + text + (crash.torn[position].map { " torn \($0)" } ?? "")
        }
    }
}

/// Folders whose inodes are kept in vaults beside them, so that the same files, with their numbers and times of birth,
/// can stand in any order again: programs note such things to know their files by.
final class FileVault {
    let folders: [String]
    private let log: String

    /// - Parameter folders: paths of folders that are there, and stay.
    init(_ folders: [String]) throws {
        self.folders = folders
        log = folders[0] + ".log"
        for folder in folders where mkdir(folder + ".vault", 0o700) != 0 { throw FileError("make the folder", folder) }
    }

    deinit {
        for folder in folders { removeTree(folder + ".vault") }
        unlink(log)
    }

    /// Runs a statement in another process, and records what that does to the folders.
    /// - Parameter earlier: what was done before by a process that was killed, none of it being lost; the recording goes
    ///   on with it.
    func record(
        warehouse: String, _ statement: String, fault: String? = nil, after earlier: (FileRecording, count: Int)? = nil
    ) throws -> FileRecording {
        var recording = FileRecording()
        if let (before, count) = earlier {
            recording.initial = before.initial
            recording.roots = before.roots
            recording.operations = before.operations[..<count].filter { $0 != .reportSuccess }
            try restore(before.initial.after(before.operations[..<count]), of: before)
        } else {
            for folder in folders { recording.roots.append(try read(folder, into: &recording.initial)) }
        }
        recording.end = try ChildProcess.run(
            warehouse: warehouse, statement: statement, fault: fault,
            recording: (folders.joined(separator: ":"), log))
        recording.operations += try FileRecording.operations(inLog: log)
        return recording
    }

    /// What stands in the folders now.
    func read() throws -> SimulatedDisk {
        var disk = SimulatedDisk()
        for folder in folders { _ = try read(folder, into: &disk) }
        return disk
    }

    private func read(_ path: String, into disk: inout SimulatedDisk) throws -> SimulatedDisk.Inode {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw FileError("look at", path) }
        let inode = SimulatedDisk.Inode(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
        let modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            var inside: [String: SimulatedDisk.Inode] = [:]
            for name in entries(path) { inside[name] = try read("\(path)/\(name)", into: &disk) }
            disk.nodes[inode] = .folder(inside, modified: modified)
        case S_IFREG: disk.nodes[inode] = .file(try RegularFile.contents(of: path), modified: modified)
        default: disk.nodes[inode] = .link
        }
        return inode
    }

    /// Makes the folders hold what a disk holds: the same inodes under the same names.
    /// - Parameter recording: where its inodes came up.
    func restore(_ disk: SimulatedDisk, of recording: FileRecording) throws {
        for folder in folders { try clear(folder, known: recording.inodes, folder + ".vault") }
        for (folder, root) in zip(folders, recording.roots) { try fill(folder, root, disk, folder + ".vault") }
    }

    private func clear(_ folder: String, known inodes: Set<SimulatedDisk.Inode>, _ vault: String) throws {
        for name in entries(folder) {
            let path = "\(folder)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { throw FileError("look at", path) }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                if unlink(path) != 0 { throw FileError("remove", path) }
                continue
            }
            try clear(path, known: inodes, vault)
            let inode = SimulatedDisk.Inode(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
            let isDone = inodes.contains(inode) ? rename(path, "\(vault)/\(inode.number)") == 0 : rmdir(path) == 0
            if !isDone { throw FileError("put away", path) }
        }
    }

    private func fill(_ folder: String, _ inode: SimulatedDisk.Inode, _ disk: SimulatedDisk, _ vault: String) throws {
        for (name, inode) in disk.entries(of: inode) {
            let path = "\(folder)/\(name)"
            let kept = "\(vault)/\(inode.number)"
            switch disk.nodes[inode] {
            case .folder(_, let modified):
                if rename(kept, path) != 0 { throw FileError("bring back", path) }
                try fill(path, inode, disk, vault)
                try setTime(modified, of: path)
            case .file(let bytes, let modified):
                if Glibc.link(kept, path) != 0 { throw FileError("bring back", path) }
                try write(bytes, to: path)
                try setTime(modified, of: path)
            case .link, nil: if Glibc.link(kept, path) != 0 { throw FileError("bring back", path) }
            }
        }
    }

    private func setTime(_ nanoseconds: Int64, of path: String) throws {
        let time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        if utimensat(AT_FDCWD, path, [time, time], 0) != 0 { throw FileError("set the times of", path) }
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let file = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
        guard file >= 0 else { throw FileError("write", path) }
        defer { close(file) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress! + done, bytes.count - done) }
            guard count > 0 else { throw FileError("write", path) }
            done += count
        }
    }

    /// Runs `body`, which may change the folders as it likes: no inode is lost, and nothing waits for the disk.
    func keepingInodes<T>(_ body: () throws -> T) throws -> T {
        let code = file_recorder_start(folders.joined(separator: ":"), nil)
        guard code == 0 else { throw FileError("watch", folders[0], code: code) }
        defer { file_recorder_stop() }
        return try body()
    }
}
#endif
