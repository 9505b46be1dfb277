#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Where the system wants files that nobody needs for long.
package enum TemporaryFolder {
    package static var path: String { environmentVariable("TMPDIR") ?? "/tmp" }

    /// For files that may be larger than memory, which `/tmp` is part of on many machines.
    package static var pathForLargeFiles: String {
        if let path = environmentVariable("TMPDIR") { return path }
        return access("/var/tmp", W_OK | X_OK) == 0 ? "/var/tmp" : "/tmp"
    }
}
