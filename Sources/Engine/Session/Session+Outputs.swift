import Platform

extension Session {
    /// Says which files will be replaced by what statements give, in the place of those that were said before: from now on a
    /// statement that reads one of them by its path is refused, whatever path leads to it.
    package func keepReplacedFiles(_ paths: [String]) {
        // What cannot be looked up is nothing that could be read.
        let present = paths.compactMap { (try? FileStatus.of($0)) ?? nil }
        catalog.replacedFiles = Set(present.filter { $0.kind == .file }.map(\.node))
    }

    /// - Throws: `HiveError` when the file at `path` is the warehouse's or a table's, or would come to stand among theirs.
    package func checkMayReplace(_ path: String) throws {
        let removals = RemovalGuard.ofWarehouse(warehouse.metastore)
        if let refused = try removals.refusal(emptying: LocalFiles.absolute(path), owner: .namedPath) {
            throw refused.error("replace")
        }
        try removals.checkIsFree(LocalFiles.absolute(path), warehouse: warehouse.folder, action: "write")
    }
}
