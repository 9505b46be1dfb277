extension Session {
    /// - Throws: `HiveError` when the file at `path` is the warehouse's or a table's, or would come to stand among theirs.
    package func checkMayReplace(_ path: String) throws {
        let removals = RemovalGuard.ofWarehouse(warehouse.metastore)
        if let refused = try removals.refusal(emptying: LocalFiles.absolute(path), owner: .namedPath) {
            throw refused.error("replace")
        }
        try removals.checkIsFree(LocalFiles.absolute(path), warehouse: warehouse.folder, action: "write")
    }
}
