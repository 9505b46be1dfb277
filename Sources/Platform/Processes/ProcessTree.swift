#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Which processes were started by which.
enum ProcessTree {
    /// The processes that `ancestor` started and that these started, as far as the system tells.
    static func descendants(of ancestor: pid_t) -> [pid_t] {
        var children: [pid_t: [pid_t]] = [:]
        for (process, parent) in parents() { children[parent, default: []].append(process) }
        var found: [pid_t] = []
        var next = children[ancestor] ?? []
        while let process = next.popLast() {
            found.append(process)
            next += children.removeValue(forKey: process) ?? []
        }
        return found
    }

    #if os(Linux)
    private static func parents() -> [(process: pid_t, parent: pid_t)] {
        guard let names = try? FolderListing.names(in: "/proc") else { return [] }
        return names.compactMap { name in
            // `1234 (name, which may have parentheses) S 1 …`
            guard let process = pid_t(name), let text = try? FileContents.bytes(of: "/proc/\(name)/stat"),
                let end = text.lastIndex(of: UInt8(ascii: ")"))
            else { return nil }
            let fields = text[(end + 1)...].split(separator: UInt8(ascii: " "))
            guard fields.count > 1, let parent = pid_t(String(decoding: fields[1], as: UTF8.self)) else { return nil }
            return (process, parent)
        }
    }
    #else
    private static func parents() -> [(process: pid_t, parent: pid_t)] { [] }
    #endif
}
