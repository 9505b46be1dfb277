import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Which bytes a file has: no two contents of one place have the same, unless the clock of the file system stands still between
/// them.
package struct FileVersion: Sendable, Hashable {
    package var node: FileNode
    package var byteCount: Int
    /// Nanoseconds since 1970 at which the bytes were written, and at which something of the file was changed at last: the first
    /// can be set to any time.
    package var modified: Int
    package var changed: Int

    init(_ status: stat) {
        let known = FileStatus(status)
        node = known.node
        byteCount = known.byteCount
        #if canImport(Darwin)
        modified = Self.nanoseconds(status.st_mtimespec)
        changed = Self.nanoseconds(status.st_ctimespec)
        #else
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
        #endif
    }

    private static func nanoseconds(_ time: timespec) -> Int { Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec) }

    /// Whether a change after `time` gives the file another version: file systems write times that are up to a tick of the
    /// kernel's clock old, some only seconds.
    func isSettled(at time: Int) -> Bool {
        let tick = changed % 1_000_000_000 == 0 ? 2_100_000_000 : 50_000_000
        return max(changed, modified) < time - tick
    }
}

/// What the footers of files say, kept for the next query that reads them. A file that was changed or replaced since is read
/// again. Any number of threads share one.
package final class FooterCache: Sendable {
    /// The process's own.
    package static let shared = FooterCache(limit: 64 << 20)

    /// What is kept of a file, by what it is: counts of rows alone, and all that a footer says.
    private struct Key: Hashable {
        var path: String
        var kind: ObjectIdentifier
    }

    private struct Entry {
        var version: FileVersion
        var footer: any AnyObject & Sendable
        var byteCount: Int
        var lastUse: Int
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var byteCount = 0
        var uses = 0
    }

    private let state = Guarded(State())
    private let limit: Int
    private let now: @Sendable () -> Int

    /// - Parameters:
    ///   - limit: bytes that footers may take, about.
    ///   - now: nanoseconds since 1970.
    package init(limit: Int, now: @escaping @Sendable () -> Int = FooterCache.wallClock) {
        self.limit = limit
        self.now = now
    }

    /// The system's time.
    package static func wallClock() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
    }

    /// Bytes of what is kept.
    package var byteCount: Int { state.withLock { $0.byteCount } }

    /// The footer of a file, from the last time or parsed now.
    /// - Parameters:
    ///   - byteCount: of the file as its reader takes it to be.
    ///   - parse: gives the footer, and how many bytes it takes about.
    package func footer<Footer: AnyObject & Sendable>(
        of file: FileReader, byteCount: Int, parse: () throws -> (footer: Footer, byteCount: Int)
    ) throws -> Footer {
        let begin = now()
        guard let version = try? file.version(), version.byteCount == byteCount else { return try parse().footer }
        let key = Key(path: file.path, kind: ObjectIdentifier(Footer.self))
        if let known: Footer = find(key, version) { return known }
        let parsed = try parse()
        // What is written while it is parsed has a later time.
        if version.isSettled(at: begin) { keep(parsed.footer, parsed.byteCount, key, version) }
        return parsed.footer
    }

    private func find<Footer: AnyObject & Sendable>(_ key: Key, _ version: FileVersion) -> Footer? {
        state.withLock { state in
            guard let entry = state.entries[key], entry.version == version else { return nil }
            state.uses += 1
            state.entries[key]?.lastUse = state.uses
            return entry.footer as? Footer
        }
    }

    private func keep(_ footer: any AnyObject & Sendable, _ byteCount: Int, _ key: Key, _ version: FileVersion) {
        let size = byteCount + key.path.utf8.count + 256
        // One file is not to drive out all others.
        guard size <= limit / 4 else { return }
        state.withLock { state in
            if let old = state.entries.removeValue(forKey: key) { state.byteCount -= old.byteCount }
            if state.byteCount + size > limit { Self.removeOldest(&state, downTo: limit / 4 * 3 - size) }
            state.uses += 1
            state.entries[key] = Entry(version: version, footer: footer, byteCount: size, lastUse: state.uses)
            state.byteCount += size
        }
    }

    private static func removeOldest(_ state: inout State, downTo wanted: Int) {
        for (key, entry) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            if state.byteCount <= wanted { return }
            state.entries[key] = nil
            state.byteCount -= entry.byteCount
        }
    }
}
