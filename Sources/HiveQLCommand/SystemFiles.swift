import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

enum SystemFiles {
    /// Makes a folder and those above it.
    static func makeFolder(_ path: String) throws {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += part + "/"
            if mkdir(made, 0o777) != 0, errno != EEXIST { throw FileError("make the folder", path) }
        }
    }

    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(HomeFolder.expanding(path), &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
    }
}
