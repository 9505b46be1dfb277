import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A locked file that says that this process lives. Made when the process first needs to be known, removed when it
/// ends; of a process that was killed it is removed by whoever opens the warehouse next.
final class ProcessMark: Sendable {
    private static let prefix = "process-"
    private let folder: String
    private let lock = Guarded<HeldLock?>(nil)

    init(folder: String) { self.folder = folder }

    deinit {
        lock.withLock { held in
            guard let held else { return }
            Self.made.withLock { $0[held.name] = nil }
            unlink(TableLocks.path(folder, held.name))
            held.release()
        }
    }

    /// The name of the mark, which is made when it is not there.
    func name() throws -> String {
        try lock.withLock { held in
            if let held { return held.name }
            while true {
                let name = "\(Self.prefix)\(getpid())-\(UInt32.random(in: 0 ... .max))"
                // Who cleans up may take a mark that is not locked yet for that of a dead process.
                guard let lock = try TableLocks(folder: folder).tryAcquire(name, .exclusive) else { continue }
                Self.removeAtExit(name, TableLocks.path(folder, name))
                held = lock
                return name
            }
        }
    }

    /// Runs `body` for a process that has ended, which nobody else does meanwhile; the mark goes when it succeeds.
    /// - Returns: false when the process lives, or another one cleans up after it right now.
    @discardableResult
    static func cleaningUp(after name: String, folder: String, _ body: () throws -> Void) rethrows -> Bool {
        let path = TableLocks.path(folder, name)
        guard LocalFiles.exists(path) else {
            try body()
            return true
        }
        guard let lock = try? TableLocks(folder: folder).tryAcquire(name, .exclusive, makesFile: false) else { return false }
        defer { lock.release() }
        try body()
        unlink(path)
        return true
    }

    /// Processes whose marks are there, living or not.
    static func names(in folder: String) -> [String] {
        let names = (try? LocalFiles.names(in: folder)) ?? []
        return names.compactMap { $0.hasPrefix(prefix) ? $0.droppingSuffix(".lock") : nil }
    }

    // MARK: The end of the process

    /// Paths of this process's marks, by name. A program that ends does not destroy its objects.
    private static let made = Guarded<[String: String]>([:])

    private static func removeAtExit(_ name: String, _ path: String) {
        _ = registration
        made.withLock { $0[name] = path }
    }

    private static let registration: Int32 = atexit {
        ProcessMark.made.withLock { made in made.values.forEach { unlink($0) } }
    }
}

extension String {
    /// Without `suffix`; nil when it does not end so.
    fileprivate func droppingSuffix(_ suffix: String) -> String? {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : nil
    }
}
