import HiveQL

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A warehouse in a folder of its own that goes when the test ends.
package final class TemporaryWarehouse {
    /// Holds the warehouse and whatever files a test makes.
    package let root: String
    package let warehouse: Warehouse

    package init() throws {
        root = try makeTemporaryFolder(for: "engine")
        warehouse = try Warehouse(at: "\(root)/warehouse")
    }

    deinit { removeTree(root) }

    package func session(_ settings: [String: String] = [:]) throws -> Session {
        try Session(warehouse: warehouse, settings: settings)
    }

    /// Writes a text file below `root` and gives its path.
    package func file(_ name: String, _ text: String) -> String {
        let path = "\(root)/\(name)"
        let file = fopen(path, "w")
        fputs(text, file)
        fclose(file)
        return path
    }

    /// Every visible and hidden file below a folder, relative and sorted, without locks and the metastore.
    package func files(under folder: String = "warehouse") -> [String] {
        listTree("\(root)/\(folder)").filter { !$0.hasPrefix(".locks") && !$0.hasPrefix("metastore.db") }
    }
}

/// A new folder with a name of its own.
package func makeTemporaryFolder(for purpose: String, in folder: String = "/tmp") throws -> String {
    // `mkdtemp` replaces the last six characters.
    var path = Array("\(folder)/hiveql-\(purpose)-XXXXXX".utf8CString)
    guard let made = mkdtemp(&path) else { throw HiveError(message: "no temporary folder in \(folder)") }
    return String(cString: made)
}

package func entries(_ folder: String) -> [String] {
    guard let handle = opendir(folder) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

private func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

package func listTree(_ folder: String, prefix: String = "") -> [String] {
    entries(folder).flatMap { name -> [String] in
        let path = "\(folder)/\(name)"
        return isFolder(path) ? listTree(path, prefix: "\(prefix)\(name)/") : ["\(prefix)\(name)"]
    }
}

package func removeTree(_ path: String) {
    if isFolder(path) {
        for name in entries(path) { removeTree("\(path)/\(name)") }
        rmdir(path)
    } else {
        unlink(path)
    }
}

extension Session {
    /// Rows as the command line prints them.
    package func lines(_ sql: String) throws -> [String] { try execute(sql).rows?.lines() ?? [] }

    package func sorted(_ sql: String) throws -> [String] { try lines(sql).sorted() }

    /// The first line of the error that a statement gives; nil when it runs.
    package func failure(_ sql: String) -> String? {
        do {
            try execute(sql)
            return nil
        } catch let error as HiveError {
            return error.message
        } catch {
            return "\(error)"
        }
    }
}

/// A whole number in the environment.
package func environmentNumber(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }
