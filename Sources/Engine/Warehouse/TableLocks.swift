import Columnar
import Platform
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What a statement wants to do with a table while it runs.
enum LockMode: Int, Comparable, Sendable {
    /// Reads; many at a time.
    case shared
    /// Changes; alone.
    case exclusive

    static func < (left: LockMode, right: LockMode) -> Bool { left.rawValue < right.rawValue }
}

/// Locks of tables (`db.table`) and databases (`db`) that hold between sessions and between processes: a lock on a file
/// in `<warehouse>/.locks`. The system gives a lock back when its process ends, however it ends.
///
/// Who may not write the folder shares the locks that he can read, and goes without those that nobody has made.
struct TableLocks: Sendable {
    let folder: String
    var isReadOnly = false

    /// Takes all locks in one fixed order, so that two statements never wait for each other.
    /// - Parameter wait: seconds until giving up.
    /// - Throws: `HiveError` when another session keeps a lock for longer; what `check` throws.
    func acquire(_ wanted: [String: LockMode], wait: Double, check: () throws -> Void) throws -> [HeldLock] {
        var held: [HeldLock] = []
        for (name, mode) in wanted.sorted(by: { $0.key < $1.key }) {
            held.append(try acquire(name, mode, wait: wait, check: check))
        }
        return held
    }

    func acquire(_ name: String, _ mode: LockMode, wait: Double, check: () throws -> Void) throws -> HeldLock {
        var pause: UInt32 = 1000
        let begin = now()
        while true {
            if let lock = try tryAcquire(name, mode) { return lock }
            try check()
            guard now() - begin < wait else {
                throw HiveError(
                    message: "FAILED: Error in acquiring locks: Locks on the underlying objects cannot be acquired. "
                        + "Another session keeps \(name); retry after some time")
            }
            usleep(pause)
            pause = min(pause * 2, 100_000)
        }
    }

    /// The lock of a folder that is no table's, whether it is there or not: as many links as may lead to it, by one name.
    static func name(ofFolder path: String) -> String {
        "folder-\(hash(of: LocalFiles.resolved(path)))"
    }

    static func path(_ folder: String, _ name: String) -> String {
        // Databases and tables may have longer names together than a file may have.
        let flat = Warehouse.folderName(ofTable: name)
        let file = flat.utf8.count <= 240 ? flat : "\(flat.prefix(60))-\(hash(of: name))"
        return "\(folder)/\(file).lock"
    }

    private static func hash(of text: String) -> String {
        let hash = Array(text.utf8).withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { Hashing.hash(StringView($0, length: bytes.count)) } ?? 0
        }
        return String(hash, radix: 16)
    }

    /// nil when another session has it, or (without `makesFile`) when there is no file to lock.
    func tryAcquire(_ name: String, _ mode: LockMode, makesFile: Bool = true) throws -> HeldLock? {
        let path = Self.path(folder, name)
        while true {
            guard let handle = try open(path, makesFile: makesFile && !isReadOnly) else {
                return isReadOnly ? HeldLock(name: name, mode: mode, handle: -1) : nil
            }
            while flock(handle, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
                let code = errno
                if code == EINTR { continue }
                close(handle)
                if code == EWOULDBLOCK { return nil }
                throw FileError("lock", path, code: code)
            }
            // Whoever held the lock before may have removed the file: what is locked then is no longer the lock.
            var held = stat()
            if fstat(handle, &held) == 0, let now = LocalFiles.status(path), now.st_ino == held.st_ino,
                now.st_dev == held.st_dev
            {
                return HeldLock(name: name, mode: mode, handle: handle)
            }
            close(handle)
        }
    }

    /// Releases a lock that is not a table's and removes its file, which nobody else would.
    func remove(_ lock: HeldLock) {
        unlink(Self.path(folder, lock.name))
        lock.release()
    }

    private func open(_ path: String, makesFile: Bool) throws -> Int32? {
        let flags = O_RDWR | O_CLOEXEC | (makesFile ? O_CREAT : 0)
        var handle = systemOpen(path, flags)
        if handle < 0, errno == ENOENT || errno == ENOTDIR {
            guard makesFile else { return nil }
            try LocalFiles.makeFolders(folder)
            handle = systemOpen(path, flags)
        }
        // Another user's file can be locked when it can be read.
        if handle < 0, errno == EACCES || errno == EPERM || errno == EROFS { handle = systemOpen(path, O_RDONLY | O_CLOEXEC) }
        if handle < 0, isReadOnly { return nil }
        guard handle >= 0 else { throw FileError("open", path) }
        return handle
    }

    private func now() -> Double { Double(monotonicNanoseconds()) / 1e9 }
}

private func systemOpen(_ path: String, _ flags: Int32) -> Int32 { open(path, flags, 0o666) }

/// A lock that is held until it is released or forgotten.
final class HeldLock: Sendable {
    let name: String
    let mode: LockMode
    /// -1 once it is released.
    private let handle: Atomic<Int32>

    fileprivate init(name: String, mode: LockMode, handle: Int32) {
        self.name = name
        self.mode = mode
        self.handle = Atomic(handle)
    }

    func release() {
        let held = handle.exchange(-1, ordering: .acquiringAndReleasing)
        guard held >= 0 else { return }
        // Not by closing alone: a process that is being started has a copy of the handle until its program is loaded.
        flock(held, LOCK_UN)
        close(held)
    }

    deinit { release() }
}

/// The locks of one statement.
final class HeldLocks: Sendable {
    private let locks: Guarded<[HeldLock]>
    /// What they lock: `db`, `db.table`.
    let names: [String]

    init(_ locks: [HeldLock]) {
        names = locks.map(\.name)
        self.locks = Guarded(locks)
    }

    /// Lets all go; a second call does nothing.
    func release() {
        for lock in locks.withLock({ locks in
            defer { locks = [] }
            return locks
        }) { lock.release() }
    }

    deinit { release() }
}
