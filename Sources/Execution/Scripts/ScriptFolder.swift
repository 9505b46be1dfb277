import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A folder with links to the files that a session added: where its programs run, as in a task's folder. It goes with the
/// object.
final class ScriptFolder: Sendable {
    let path: String
    private let names: [String]

    /// - Throws: `FileError`.
    init(for files: [String]) throws {
        var template = Array((TemporaryFolder.path + "/hiveql-script-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw FileError("make a folder in", TemporaryFolder.path) }
        let folder = template.withUnsafeBufferPointer { buffer in buffer.baseAddress.map { String(cString: $0) } ?? "" }
        path = folder
        // Of files of one name the last that was added counts.
        var targets: [String: String] = [:]
        for file in files { targets[String(file.split(separator: "/").last ?? "")] = file }
        targets[""] = nil
        names = targets.keys.sorted()
        for (name, target) in targets where symlink(target, FolderListing.path(folder, name)) != 0 {
            let error = FileError("link", FolderListing.path(folder, name))
            Self.remove(folder, names)
            throw error
        }
    }

    deinit { Self.remove(path, names) }

    /// Removes the links, and the folder unless a program left something in it.
    private static func remove(_ folder: String, _ names: [String]) {
        for name in names { unlink(FolderListing.path(folder, name)) }
        rmdir(folder)
    }
}
