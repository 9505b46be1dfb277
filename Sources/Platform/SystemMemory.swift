#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How much memory this process may come to have.
package enum SystemMemory {
    /// The least of the machine's memory, what the process's control groups allow (containers, batch systems), and its
    /// limits of address space and data (`ulimit -v`, `-d`). In bytes.
    package static func available() -> Int {
        var least = max(sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)), 0)
        if let limit = controlGroupLimit { least = min(least, limit) }
        #if canImport(Glibc)
        for resource in [RLIMIT_AS, RLIMIT_DATA] {
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur != .max else { continue }
            // Stacks and the program's own files count as well.
            least = min(least, max(Int(clamping: limit.rlim_cur) - mappedBytes(), 0))
        }
        #endif
        return least
    }

    #if canImport(Glibc)
    /// The address space that the process has taken, from Linux's `statm`.
    private static func mappedBytes() -> Int {
        guard let text = try? FileContents.bytes(of: "/proc/self/statm") else { return 0 }
        let pages = Int(String(decoding: text.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)) ?? 0
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
    #endif

    /// Bytes that the process may still map, without some that nobody asks for beforehand: under a limit of address space an
    /// allocation that fails ends the process. Without bound where there is no limit.
    package static func mappable() -> Int {
        #if canImport(Glibc)
        guard let limit = addressSpaceLimit else { return .max }
        return max(limit - mappedBytes() - max(limit / 8, addressSpaceReserve), 0)
        #else
        return .max
        #endif
    }

    /// Lets all threads allocate from one heap where the address space is limited: the system sets 64 MB apart for the heap of
    /// each, and takes twice as much while it does. To be called before there are threads.
    package static func shareHeapUnderLimit() {
        #if canImport(Glibc)
        guard addressSpaceLimit != nil, let library = DynamicLibrary(anyOf: ["libc.so.6"]),
            let option = library.symbol("mallopt", as: (@convention(c) (Int32, Int32) -> Int32).self)
        else { return }
        let mostHeaps: Int32 = -8  // M_ARENA_MAX of malloc.h, which Swift's module of the library leaves out.
        _ = option(mostHeaps, 1)
        #endif
    }

    /// From now on pieces of memory of so many bytes and more go back to the system as soon as they are freed: the heap would keep ever
    /// larger ones, as it has seen larger ones freed, for whoever needs as much again. For processes that are short of memory.
    package static func returnPieces(from bytes: Int32) {
        #if canImport(Glibc)
        guard let library = DynamicLibrary(anyOf: ["libc.so.6"]),
            let option = library.symbol("mallopt", as: (@convention(c) (Int32, Int32) -> Int32).self)
        else { return }
        let fromTheSystem: Int32 = -3  // M_MMAP_THRESHOLD of malloc.h, which Swift's module of the library leaves out.
        _ = option(fromTheSystem, bytes)
        #endif
    }

    /// Gives back to the system what the heap holds free: many threads' heaps keep what short-lived pieces took.
    package static func trimHeap() {
        #if canImport(Glibc)
        guard let library = DynamicLibrary(anyOf: ["libc.so.6"]),
            let trim = library.symbol("malloc_trim", as: (@convention(c) (Int) -> Int32).self)
        else { return }
        _ = trim(0)
        #endif
    }

    #if canImport(Glibc)
    /// `ulimit -v`, as the process began with it.
    private static let addressSpaceLimit: Int? = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != .max else { return nil }
        return Int(clamping: limit.rlim_cur)
    }()

    /// A thread's heap may take 64 MB at once.
    private static let addressSpaceReserve = 64 << 20
    #endif

    private static let controlGroupLimit: Int? = {
        #if canImport(Glibc)
        guard let groups = try? FileContents.bytes(of: "/proc/self/cgroup") else { return nil }
        return limit(groups: String(decoding: groups, as: UTF8.self)) { path in
            (try? FileContents.bytes(of: path)).map { String(decoding: $0, as: UTF8.self) }
        }
        #else
        return nil
        #endif
    }()

    /// The least memory limit of control groups, of either version, and of those around them.
    /// - Parameters:
    ///   - groups: what `/proc/self/cgroup` says.
    ///   - read: the text of a file; nil when it cannot be read.
    package static func limit(groups: String, read: (String) -> String?) -> Int? {
        var least: Int?
        for line in groups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let (root, file): (String, String)
            if fields[1].isEmpty {
                (root, file) = ("/sys/fs/cgroup", "memory.max")
            } else if fields[1].split(separator: ",").contains("memory") {
                (root, file) = ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
            } else {
                continue
            }
            // Inside a container the path may be one that only the host sees: then the root is the container's own.
            var path = String(fields[2])
            while true {
                let folder = path == "/" || path.isEmpty ? root : root + path
                if let text = read("\(folder)/\(file)"), let limit = Int(text.prefix { $0.isNumber }), limit > 0 {
                    least = min(least ?? limit, limit)
                }
                guard path != "/", !path.isEmpty, let slash = path.lastIndex(of: "/") else { break }
                path = String(path[..<slash])
            }
        }
        return least
    }
}
