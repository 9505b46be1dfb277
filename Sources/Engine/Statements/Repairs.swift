import Catalog
import HiveSyntax

/// Tables whose latest change was committed and could not be finished.
extension StatementRunner {
    /// Finishes what damaged the table, then runs `body`, which looks at its partitions. A name that only the change
    /// knows, such as the old one of a renamed table, may be given too.
    func repairing(_ name: TableName, if isRepair: Bool, _ body: () throws -> StatementResult) throws -> StatementResult {
        let qualified = "\(databaseName(name)).\(name.name.name)"
        guard isRepair, catalog.temporaryTables[qualified] == nil else { return try body() }
        let missing = try warehouse.repairDamage(of: qualified, wait: lockWait) { try running.cancellation.check() }
        guard let missing else { return try body() }
        warnings += missing.map { "\($0) is nowhere to be found: \(qualified) is without it" }
        return try findTable(name) == nil ? none : try body()
    }

    func isDamaged(_ name: String) throws -> Bool { try !metastore.pendingFileChanges(table: name).isEmpty }

    /// Gives up the change that keeps a name from being used though there is no such table any more: one that dropped
    /// the table, which is tried once more.
    /// - Returns: whether there was one.
    /// - Throws: `HiveError` for the old name of a renamed table, whose files may still be where they were.
    func giveUpDamage(of name: String) throws -> Bool {
        let pending = try metastore.pendingFileChanges(table: name)
        for change in pending {
            if let other = try change.tables.first(where: { try $0 != name && warehouse.hasTable($0) }) {
                throw HiveError(damage: change, to: [name], named: other)
            }
            _ = try? warehouse.finish(change, fault: faultPoint, givesUpMissing: true)
        }
        let change = WriteTransaction(warehouse, description: "DROP TABLE \(name)", tables: [name], fault: faultPoint,
            removals: makeRemovalGuard())
        let changes = try change.giveUpChanges(of: [name], folders: [])
        // What the change did not get to remove cannot be told from what the user keeps there.
        for step in changes.flatMap(\.steps) {
            guard case .remove(let path) = step.action, let identity = step.identity,
                try FileIdentity.at(path)?.isSameFile(as: identity) == true
            else { continue }
            warnings.append("\(path) was not removed")
        }
        try change.commit {}
        return !pending.isEmpty
    }
}
