extension Session {
    /// - Throws: `HiveError` when the file at `path` is one that the warehouse cannot be without.
    package func checkMayReplace(_ path: String) throws {
        let removals = RemovalGuard.ofWarehouse(warehouse.metastore)
        if let refused = try removals.refusal(emptying: LocalFiles.absolute(path), owner: .namedPath) {
            throw refused.error("replace")
        }
    }
}
