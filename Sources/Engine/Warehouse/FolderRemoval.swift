import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Removes a folder with all that is in it, large ones by several threads: a file system may wait for the device with
/// every file or folder that goes, so that one thread would be waiting most of the time.
///
/// Files and folders that somebody else removes at the same time count as removed.
final class FolderRemoval: Sendable {
    /// Waiting costs no core, so there are more threads than cores.
    private static let mostThreads = 16
    /// Folders and lists of files that wait, for each thread that is worth starting.
    private static let piecesOfThread = 16
    /// Files that one piece of work removes.
    private static let filesOfPiece = 256

    /// A folder whose entries are being removed.
    private final class Folder: Sendable {
        let path: String
        let parent: Folder?
        /// Pieces of work on its entries that are not done, its own listing included.
        let pending = Atomic<Int>(1)

        init(path: String, parent: Folder?) {
            self.path = path
            self.parent = parent
        }
    }

    private enum Piece: Sendable {
        case folder(Folder)
        case files(Folder, [String])
    }

    private struct State: Sendable {
        var pieces: [Piece] = []
        /// Threads besides the caller's that were started, and pieces that are being worked on.
        var helpers = 0
        var busy = 0
        var failure: FileError?
    }

    private let state = Mutex(State())

    /// - Throws: `FileError` of the first file or folder that cannot be removed; others may be gone then.
    static func remove(_ path: String) throws {
        let removal = FolderRemoval()
        removal.state.withLock { $0.pieces.append(.folder(Folder(path: path, parent: nil))) }
        var threads: [pthread_t] = []
        removal.work(whenMoreHelps: { if let thread = removal.startHelper() { threads.append(thread) } })
        for thread in threads { pthread_join(thread, nil) }
        if let failure = removal.state.withLock({ $0.failure }) { throw failure }
    }

    /// Works until no piece is left or one failed.
    /// - Parameter start: called when another thread would have something to do.
    private func work(whenMoreHelps start: () -> Void = {}) {
        while true {
            let (piece, isIdle, wantsHelper) = state.withLock { state -> (Piece?, Bool, Bool) in
                guard state.failure == nil, let piece = state.pieces.popLast() else {
                    return (nil, state.busy == 0 || state.failure != nil, false)
                }
                state.busy += 1
                let wanted = min(state.pieces.count / Self.piecesOfThread, Self.mostThreads - 1)
                return (piece, false, state.helpers < wanted)
            }
            guard let piece else {
                if isIdle { return }
                // Others are listing folders that may hold more.
                usleep(100)
                continue
            }
            if wantsHelper { start() }
            do {
                try remove(piece)
                state.withLock { $0.busy -= 1 }
            } catch {
                state.withLock { state in
                    state.busy -= 1
                    if state.failure == nil { state.failure = error }
                }
            }
        }
    }

    private func startHelper() -> pthread_t? {
        let argument = Unmanaged.passRetained(self)
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        let code = pthread_create(
            &thread, nil,
            { raw in
                #if canImport(Darwin)
                Unmanaged<FolderRemoval>.fromOpaque(raw).takeRetainedValue().work()
                #else
                if let raw { Unmanaged<FolderRemoval>.fromOpaque(raw).takeRetainedValue().work() }
                #endif
                return nil
            }, argument.toOpaque())
        guard code == 0 else {
            argument.release()
            return nil
        }
        state.withLock { $0.helpers += 1 }
        return thread
    }

    private func remove(_ piece: Piece) throws(FileError) {
        switch piece {
        case .folder(let folder): try removeEntries(of: folder)
        case .files(let folder, let names):
            for name in names { try Self.unlinkFile("\(folder.path)/\(name)") }
            try finish(folder)
        }
    }

    private func removeEntries(of folder: Folder) throws(FileError) {
        guard let handle = opendir(folder.path) else {
            guard errno == ENOENT else { throw FileError("list", folder.path) }
            return try finish(folder)
        }
        // Open until the folder is gone: its blocks are given back at the close, which does not hold up removals from
        // the folder above as `rmdir` would.
        defer { closedir(handle) }
        var files: [String] = []
        var pieces: [Piece] = []
        while true {
            errno = 0
            guard let entry = readdir(handle) else {
                guard errno == 0 else { throw FileError("list", folder.path) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            let path = "\(folder.path)/\(name)"
            if try Self.isFolder(path, Int32(entry.pointee.d_type)) {
                pieces.append(.folder(Folder(path: path, parent: folder)))
            } else {
                files.append(name)
                guard files.count == Self.filesOfPiece else { continue }
                pieces.append(.files(folder, files))
                files = []
            }
        }
        folder.pending.add(pieces.count, ordering: .relaxed)
        if !pieces.isEmpty { state.withLock { $0.pieces += pieces } }
        for name in files { try Self.unlinkFile("\(folder.path)/\(name)") }
        try finish(folder)
    }

    /// One piece of work on a folder's entries is done: the folder goes with the last one, and so do those above it.
    private func finish(_ done: Folder) throws(FileError) {
        var folder = done
        while folder.pending.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
            if rmdir(folder.path) != 0, errno != ENOENT { throw FileError("remove", folder.path) }
            guard let parent = folder.parent else { return }
            folder = parent
        }
    }

    private static func isFolder(_ path: String, _ kind: Int32) throws(FileError) -> Bool {
        if kind != Int32(DT_UNKNOWN) { return kind == Int32(DT_DIR) }
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return false }
            throw FileError("remove", path)
        }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    private static func unlinkFile(_ path: String) throws(FileError) {
        if unlink(path) != 0, errno != ENOENT { throw FileError("remove", path) }
    }
}
