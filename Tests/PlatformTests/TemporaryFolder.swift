#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import Platform

/// A folder that goes when the test ends.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/hiveql-platform-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw FileError("make", "/tmp/hiveql-platform-XXXXXX") }
        path = String(cString: made)
    }

    deinit { try? FileRemoval.remove(path) }

    /// A file with a text; folders above it are made.
    @discardableResult
    func file(_ name: String, _ text: String = "x") throws -> String {
        let parts = name.split(separator: "/").dropLast()
        for count in 1..<(parts.count + 1) where !parts.isEmpty { folder(parts.prefix(count).joined(separator: "/")) }
        let path = "\(self.path)/\(name)"
        try FileReplacement.write(Array(text.utf8), to: path)
        return path
    }

    @discardableResult
    func folder(_ name: String) -> String {
        mkdir("\(path)/\(name)", 0o777)
        return "\(path)/\(name)"
    }

    @discardableResult
    func link(_ name: String, to target: String) -> String {
        symlink(target, "\(path)/\(name)")
        return "\(path)/\(name)"
    }

    @discardableResult
    func pipe(_ name: String) -> String {
        mkfifo("\(path)/\(name)", 0o666)
        return "\(path)/\(name)"
    }

    func text(_ name: String) throws -> String {
        String(decoding: try RegularFile.contents(of: "\(path)/\(name)"), as: UTF8.self)
    }
}

/// The message of the `FileError` that `body` throws; nil when it throws nothing.
func failure(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return "\(error)"
    }
}
