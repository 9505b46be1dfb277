import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Removes one folder with all that is in it, a large one by several threads: a file system may wait for the device with
/// every file and folder that goes, so that one thread would only be waiting.
///
/// Paths and names are bytes that end in 0: one that is not UTF-8 can be removed too.
final class TreeRemoval: @unchecked Sendable {
    /// Waiting takes no core: there are more threads than cores.
    private static let mostThreads = 16
    /// Pieces of work that wait, for each thread that is worth starting.
    private static let piecesOfThread = 16
    /// Files that one piece of work removes.
    private static let filesOfPiece = 256
    /// Others may put files into a folder until it is gone; not for ever.
    private static let mostTries = 100
    private static let stackBytes = 256 << 10

    /// A folder whose entries are being removed.
    private final class Folder: Sendable {
        let path: [CChar]
        let parent: Folder?
        /// Pieces of work on its entries that are not done, its own listing included.
        let pending = Atomic<Int>(1)
        let tries = Atomic<Int>(0)

        init(path: [CChar], parent: Folder?) {
            self.path = path
            self.parent = parent
        }
    }

    private enum Piece: Sendable {
        case folder(Folder)
        case files(Folder, [[CChar]])
    }

    private struct State: Sendable {
        var pieces: [Piece] = []
        /// Pieces that are being worked on.
        var busy = 0
        /// Threads besides the caller's.
        var helpers: [SystemThread] = []
        var failure: (any Error)?
    }

    private let state = Guarded(State())
    private let sparing = Guarded<Void>(())
    // Unchecked, because of the caller's closure: it is called under `sparing`, and never after `remove` has returned.
    private let isSpared: (VisitedFolder) -> Bool

    init(isSpared: @escaping (VisitedFolder) -> Bool) { self.isSpared = isSpared }

    /// - Throws: `FileError` of the first file or folder that cannot be removed.
    func remove(_ path: [CChar]) throws {
        state.withLock { $0.pieces.append(.folder(Folder(path: path, parent: nil))) }
        work()
        while let helper = state.withLock({ $0.helpers.popLast() }) { helper.join() }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Works until no piece is left, or one has failed.
    private func work() {
        while true {
            let (piece, isOver) = state.withLock { state -> (Piece?, Bool) in
                guard state.failure == nil else { return (nil, true) }
                guard let piece = state.pieces.popLast() else { return (nil, state.busy == 0) }
                state.busy += 1
                let wanted = min(state.pieces.count / Self.piecesOfThread, Self.mostThreads - 1)
                if state.helpers.count < wanted,
                    let helper = SystemThread(stackBytes: Self.stackBytes, { [self] in work() })
                {
                    state.helpers.append(helper)
                }
                return (piece, false)
            }
            guard let piece else {
                if isOver { return }
                // Others are looking into folders that may hold more.
                usleep(100)
                continue
            }
            let result = Result { try remove(piece) }
            state.withLock { state in
                state.busy -= 1
                if case .failure(let error) = result, state.failure == nil { state.failure = error }
            }
        }
    }

    private func remove(_ piece: Piece) throws {
        switch piece {
        case .folder(let folder): try removeEntries(of: folder)
        case .files(let folder, let names):
            for name in names { try Self.removeFile(Self.path(folder.path, name)) }
            try finish(folder)
        }
    }

    private func removeEntries(of folder: Folder) throws {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0, let stream = fdopendir(descriptor) else {
            let code = errno
            if descriptor >= 0 { close(descriptor) }
            guard code == ENOENT else { throw FileError("list", Self.text(folder.path), code: code) }
            return try finish(folder)
        }
        // Open until the folder is gone: then the file system gives its blocks back at the close, and not inside of
        // `rmdir`, which lets nobody else into the folder above meanwhile.
        defer { closedir(stream) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("look at", Self.text(folder.path)) }
        var entries: [(name: [CChar], isFolder: Bool)] = []
        while let entry = try Self.next(stream, in: folder.path) { entries.append(entry) }
        let visited = VisitedFolder(node: FileStatus(status).node, names: entries.map(\.name))
        guard !sparing.withLock({ _ in isSpared(visited) }) else {
            throw FileError("remove", Self.text(folder.path), reason: "it holds what does not belong to it")
        }
        var files: [[CChar]] = []
        var pieces: [Piece] = []
        for (name, isFolder) in entries {
            if isFolder {
                pieces.append(.folder(Folder(path: Self.path(folder.path, name), parent: folder)))
            } else {
                files.append(name)
                guard files.count == Self.filesOfPiece else { continue }
                pieces.append(.files(folder, files))
                files = []
            }
        }
        folder.pending.add(pieces.count, ordering: .relaxed)
        if !pieces.isEmpty { state.withLock { $0.pieces += pieces } }
        for name in files { try Self.removeFile(Self.path(folder.path, name)) }
        try finish(folder)
    }

    /// One piece of work on a folder's entries is done: the folder goes with the last one, and so do those above it.
    private func finish(_ done: Folder) throws {
        var folder = done
        while folder.pending.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
            if rmdir(folder.path) != 0, errno != ENOENT {
                let code = errno
                let tries = folder.tries.add(1, ordering: .relaxed).newValue
                guard code == ENOTEMPTY || code == EEXIST, tries < Self.mostTries else {
                    throw FileError("remove", Self.text(folder.path), code: code)
                }
                folder.pending.store(1, ordering: .releasing)
                state.withLock { [folder] in $0.pieces.append(.folder(folder)) }
                return
            }
            guard let parent = folder.parent else { return }
            folder = parent
        }
    }

    // MARK: Entries

    #if canImport(Darwin)
    private typealias FolderStream = UnsafeMutablePointer<DIR>
    #else
    private typealias FolderStream = OpaquePointer
    #endif

    /// The next name of a folder but `.` and `..`; nil behind the last.
    private static func next(_ stream: FolderStream, in folder: [CChar]) throws -> (name: [CChar], isFolder: Bool)? {
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                let code = errno
                // A folder that somebody else removes while it is read.
                if code != 0, code != ENOENT { throw FileError("list", text(folder), code: code) }
                return nil
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
                }
            }
            let dot = CChar(bitPattern: UInt8(ascii: "."))
            if name == [dot, 0] || name == [dot, dot, 0] { continue }
            return (name, try isFolder(path(folder, name), Int32(entry.pointee.d_type)))
        }
    }

    private static func isFolder(_ path: [CChar], _ kind: Int32) throws -> Bool {
        guard kind == Int32(DT_UNKNOWN) else { return kind == Int32(DT_DIR) }
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return false }
            throw FileError("remove", text(path))
        }
        return FileStatus(status).kind == .folder
    }

    /// - Throws: `FileError`; not when it is gone already.
    static func removeFile(_ path: [CChar]) throws {
        if unlink(path) != 0, errno != ENOENT { throw FileError("remove", text(path)) }
    }

    private static func path(_ folder: [CChar], _ name: [CChar]) -> [CChar] {
        folder.dropLast() + [CChar(bitPattern: UInt8(ascii: "/"))] + name
    }

    private static func text(_ path: [CChar]) -> String {
        String(decoding: path.dropLast().lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
